//! `validate`: shows every finding in every file.

use std::collections::HashMap;
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
use crate::project::fix::fix;
use crate::project::unsaved_texts::UnsavedTexts;
use crate::render::{self, CheckedFindings};

pub(crate) fn run(context: &Context<'_>, args: &ValidateArgs) -> CommandResult {
    let checked = if args.fix {
        fixed(context, args)?
    } else {
        check(context, args, &UnsavedTexts::default())?
    };
    let (errors, warnings) = tally(&checked.findings);
    let is_denied = warnings > 0 && !args.deny.is_empty();
    let findings = CheckedFindings {
        findings: &checked.findings,
        sources: &checked.sources,
        users: checked.declared.as_ref().map(Declarations::len),
        entries: entries(checked.declared.as_ref()),
        files: checked.manifests.len(),
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

/// Applies the fixes, says how many, and gives what is left.
fn fixed(context: &Context<'_>, args: &ValidateArgs) -> Result<CheckedManifests, ProjectError> {
    let fixed = fix(&|edited| check(context, args, edited))?;
    fixed.write()?;
    let findings = render::count(fixed.fixed, "finding", "findings");
    let files = render::count(fixed.edited.len(), "file", "files");
    context.ui.say(&match fixed.fixed {
        0 => "Nothing was fixed: what is left wants a person's decision.".to_owned(),
        _ => format!("Fixed {findings} in {files}."),
    });
    Ok(fixed.checked)
}

/// The manifests with every finding. If `rosterctl.yaml` has errors, its findings instead.
fn check(
    context: &Context<'_>,
    args: &ValidateArgs,
    edited: &UnsavedTexts,
) -> Result<CheckedManifests, ProjectError> {
    let folder = context.project_folder();
    let checked = if args.paths.is_empty() {
        folder.check_edited(edited).map(|(_, checked)| checked)
    } else {
        folder.check_paths(&args.paths, edited)
    };
    match checked {
        Err(ProjectError::Invalid { findings, sources }) => Ok(CheckedManifests {
            findings,
            declared: None,
            in_error: None,
            sources,
            manifests: HashMap::new(),
            fields: FieldPolicy::default(),
        }),
        checked => checked,
    }
}
