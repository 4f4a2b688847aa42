//! `validate`: every finding of every file.

use crate::cli::Validate;
use crate::commands::loaded::{load_project, roster};
use crate::commands::{Context, Done};
use crate::exit::Exit;
use crate::files::{read_named, read_project};
use crate::source::Sources;
use crate::ui::report;
use crate::view::count;

pub(crate) fn run(context: &Context<'_>, args: &Validate) -> Done {
    let mut sources = Sources::default();
    let (files, findings) = if args.paths.is_empty() {
        let project = load_project(context.dir, &mut sources)?;
        read_project(context.dir, &project.manifests, &mut sources)
    } else {
        read_named(&args.paths, &mut sources)
    };
    let in_files = count(sources.len(), "file", "files");
    match roster(&files, findings, &sources) {
        Ok(roster) => {
            let users = count(roster.users().len(), "user", "users");
            context.ui.print(&format!("Valid: {users} in {in_files}.\n"))?;
            Ok(Exit::Done)
        }
        Err(findings) => {
            context.ui.print(&report(&findings, &sources, context.ui.reveal))?;
            let number = count(findings.len(), "finding", "findings");
            context.ui.print(&format!("\n{number} in {in_files}.\n"))?;
            Ok(Exit::Invalid)
        }
    }
}
