//! `validate`: shows every finding in every file.

use std::path::Path;

use crate::cli::args::{FindingsFormat, ValidateArgs};
use crate::cli::context::{CommandResult, Context};
use crate::cli::exit::Exit;
use crate::cli::terminal::report;
use crate::domain::{EntryKind, FieldPolicy};
use crate::findings::tally;
use crate::manifest::validate::Declarations;
use crate::project::check::CheckedManifests;
use crate::project::error::ProjectError;
use crate::render::{self, CheckedFindings};

pub(crate) fn run(context: &Context<'_>, args: &ValidateArgs) -> CommandResult {
    let checked = check(context, args)?;
    let (errors, warnings) = tally(&checked.findings);
    let is_denied = warnings > 0 && !args.deny.is_empty();
    let findings = CheckedFindings {
        findings: &checked.findings,
        sources: &checked.sources,
        users: checked.declared.as_ref().map(Declarations::len),
        entries: entries(checked.declared.as_ref()),
        files: checked.files,
        folder: if args.paths.is_empty() {
            context.dir
        } else {
            Path::new("")
        },
    };
    let ui = context.ui;
    match args.format {
        FindingsFormat::Human => {
            ui.print(&report(&checked.findings, &checked.sources, ui.reveal))?;
            ui.print(&render::summary(&findings, is_denied))?;
        }
        FindingsFormat::Json => ui.print(&render::findings_json(&findings))?,
        FindingsFormat::Github => ui.print(&render::findings_github(&findings))?,
        FindingsFormat::Short => ui.print(&render::findings_short(&findings))?,
        FindingsFormat::Sarif => ui.print(&render::findings_sarif(&findings))?,
    }
    Ok(if errors > 0 || is_denied {
        Exit::Invalid
    } else {
        Exit::Done
    })
}

fn entries(declared: Option<&Declarations>) -> Vec<(EntryKind, usize)> {
    let number = |kind| declared.map_or(0, |declared| declared.number_of(kind));
    EntryKind::ALL.map(|kind| (kind, number(kind))).to_vec()
}

/// The manifests with every finding. If `rosterctl.yaml` has errors, its findings instead.
fn check(context: &Context<'_>, args: &ValidateArgs) -> Result<CheckedManifests, ProjectError> {
    let folder = context.project_folder();
    let checked = if args.paths.is_empty() {
        folder.check().map(|(_, checked)| checked)
    } else {
        folder.check_paths(&args.paths)
    };
    match checked {
        Err(ProjectError::Invalid { findings, sources }) => Ok(CheckedManifests {
            findings,
            declared: None,
            sources,
            files: 0,
            fields: FieldPolicy::default(),
        }),
        checked => checked,
    }
}
