//! `validate`: every finding of every file.

use std::path::Path;

use crate::cli::args::{FindingsFormat, ValidateArgs};
use crate::cli::commands::error::CommandError;
use crate::cli::commands::load_project::{check, find_project, load_project};
use crate::cli::commands::{CommandResult, Context};
use crate::cli::exit::Exit;
use crate::cli::terminal::report;
use crate::findings::source::Sources;
use crate::findings::tally;
use crate::manifest::validate::{Checked, Declarations};
use crate::project::files::{read_named, read_project};
use crate::render::{self, CheckedFindings};

pub(crate) fn run(context: &Context<'_>, args: &ValidateArgs) -> CommandResult {
    let mut sources = Sources::default();
    let (checked, files) = match checked(context, args, &mut sources) {
        Ok(read) => read,
        Err(CommandError::Invalid {
            findings,
            sources: of_project,
        }) => {
            sources = of_project;
            (
                Checked {
                    findings,
                    declared: None,
                },
                0,
            )
        }
        Err(failure) => return Err(failure),
    };
    let verdict = CheckedFindings {
        findings: &checked.findings,
        sources: &sources,
        users: checked.declared.as_ref().map(Declarations::len),
        files,
        folder: if args.paths.is_empty() {
            context.dir
        } else {
            Path::new("")
        },
    };
    let (errors, warnings) = tally(&checked.findings);
    let is_denied = warnings > 0 && !args.deny.is_empty();
    match args.format {
        FindingsFormat::Human => {
            context
                .ui
                .print(&report(&checked.findings, &sources, context.ui.reveal))?;
            context.ui.print(&render::summary(&verdict, is_denied))?;
        }
        FindingsFormat::Json => context.ui.print(&render::findings_json(&verdict))?,
        FindingsFormat::Github => context.ui.print(&render::findings_github(&verdict))?,
    }
    Ok(if errors > 0 || is_denied {
        Exit::Invalid
    } else {
        Exit::Done
    })
}

/// What became of the files that were asked for, and how many they are. Paths of a project are checked with its defaults.
fn checked(
    context: &Context<'_>,
    args: &ValidateArgs,
    sources: &mut Sources,
) -> Result<(Checked, usize), CommandError> {
    let (project, manifests, wanted) = if args.paths.is_empty() {
        let project = load_project(context.dir, sources)?;
        let manifests = read_project(context.dir, &project.manifests, sources);
        let wanted = project.manifests.join(", ");
        (Some(project), manifests, wanted)
    } else {
        let project = find_project(context.dir, sources)?;
        let wanted: Vec<_> = args
            .paths
            .iter()
            .map(|path| path.to_string_lossy())
            .collect();
        (project, read_named(&args.paths, sources), wanted.join(", "))
    };
    let files = manifests.files.len();
    Ok((
        check(context, project.as_ref(), manifests, sources, &wanted),
        files,
    ))
}
