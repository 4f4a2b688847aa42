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
    let ((files, findings), wanted) = if args.paths.is_empty() {
        let project = load_project(context.dir, &mut sources)?;
        let read = read_project(context.dir, &project.manifests, &mut sources);
        (read, project.manifests.join(", "))
    } else {
        let wanted: Vec<_> = args.paths.iter().map(|path| path.to_string_lossy()).collect();
        (read_named(&args.paths, &mut sources), wanted.join(", "))
    };
    match roster(&files, findings, &mut sources, &wanted) {
        Ok(roster) => {
            let users = count(roster.users().len(), "user", "users");
            context.ui.print(&format!("Valid: {users} in {}.\n", count(files.len(), "file", "files")))?;
            Ok(Exit::Done)
        }
        Err(findings) => {
            context.ui.print(&report(&findings, &sources, context.ui.reveal))?;
            context.ui.print(&format!("\n{}.\n", count(findings.len(), "finding", "findings")))?;
            Ok(Exit::Invalid)
        }
    }
}
