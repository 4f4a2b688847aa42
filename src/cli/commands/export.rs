//! `export`: writes live accounts as manifests. It validates them first, and compares them with the accounts afterwards.

use std::path::{Path, PathBuf};

use crate::cli::all_accounts::{self, LearnerStandards, MoreToRead};
use crate::cli::args::{self, GroupFlag, RevealClass};
use crate::cli::context::{CommandResult, Context};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::domain::Scope;
use crate::domain::field::Class;
use crate::manifest::sealed::PlainTable;
use crate::onboarding::export::{Choice, Draft, GroupBy, OverlayKind, PrivateValues, export};
use crate::onefile::lacking_any;
use crate::plan::plan;
use crate::project::atomic_write::{write_in_new_folder, write_private_in_new_folder};
use crate::project::draft::{JOINING, ValidDraft};
use crate::project::git_ignore::keep_out_of_git;
use crate::project::output_folder::{OutputFolder, OverwriteAdvice};
use crate::project::paths::{refuse_links_out_of, relative_to, with_slashes};
use crate::project::seal::{open_sealed, project_sealing};
use crate::project::settings::Project;
use crate::render;

pub(crate) async fn run(context: &Context<'_>, args: &args::ExportArgs) -> CommandResult {
    let project = context.project_folder().settings()?;
    let place = OutputFolder::of(context.dir, &project, &args.output.request(EXPORTING))?;
    let overlay = args
        .overlay
        .as_deref()
        .map(|file| Overlay::of(context, (file, args.sealed), &place))
        .transpose()?;
    if args.sealed {
        // Before anything is read: without recipients nothing could be written.
        project_sealing(context.project_folder(), &project)?;
    }
    let more = MoreToRead {
        standards: if args.with_standards {
            LearnerStandards::Read
        } else {
            LearnerStandards::LeftOut
        },
        entries: args.entries(),
    };
    let server = (&args.server, &project);
    let snapshot = all_accounts::read(context, server, more, lacking_any).await?;
    let mut draft = export(&snapshot, choice(context, args));
    if draft.files.is_empty() {
        context.ui.print("There is no account to export.\n")?;
        return Ok(Exit::Done);
    }
    let ValidDraft { roster, warnings } =
        ValidDraft::of(&mut draft, context.project_folder(), &project)?;
    let overlay = overlay.filter(|_| !draft.apart.is_empty());
    let others: Vec<PathBuf> = overlay.iter().flat_map(Overlay::files).collect();
    place.check(&draft, &others)?;
    if let Some(overlay) = &overlay {
        overlay.write(context, &project, &draft)?;
    }
    let replaced = place.write(&draft)?;
    let compared = plan(&roster, &snapshot, &project.policy, &Scope::whole());
    let said = render::example_replaced(replaced)
        + &render::exported(&draft, &place.folder.display().to_string(), &compared)
        + &render::warned(&warnings);
    context.ui.print(&render::prose(&said, context.ui.width))?;
    if !compared.operations.is_empty() {
        context
            .ui
            .print(&render::prose(DEFAULTS_DIFFER, context.ui.width))?;
    }
    context.ui.hint(&next_step(overlay.as_ref()));
    Ok(Exit::Done)
}

/// What to export, and into which files.
fn choice(context: &Context<'_>, args: &args::ExportArgs) -> Choice {
    let reveals = matches!(args.reveal, Some(RevealClass::Special)) && !context.environment.ci;
    Choice {
        by: match args.by {
            GroupFlag::Classroom => GroupBy::Classroom,
            GroupFlag::Role => GroupBy::Role,
        },
        highest: if reveals {
            Class::Special
        } else {
            Class::Personal
        },
        personal: match args.overlay {
            Some(_) => PrivateValues::Apart,
            None => PrivateValues::Manifests,
        },
        entries: args.entries(),
    }
}

fn next_step(overlay: Option<&Overlay>) -> String {
    let advice = match overlay {
        Some(overlay) if overlay.kind == OverlayKind::Sealed => format!(
            "{} may lie in git: only holders of a key can read it.",
            overlay.csv.display()
        ),
        Some(overlay) => format!(
            "{} holds personal data; `.gitignore` names it.",
            overlay.csv.display()
        ),
        None => "These files hold personal data: keep the repository private.".to_owned(),
    };
    format!("\n{advice} `rosterctl plan` compares them.")
}

const DEFAULTS_DIFFER: &str = "\nThe `defaults` of rosterctl.yaml give accounts values that they don't have, and an apply would set them: take those defaults away, or put them into the manifests that they are meant for.\n";
const EXPORTING: OverwriteAdvice = OverwriteAdvice {
    elsewhere: "`--dir` writes manifests elsewhere, `--overlay` the CSV",
    first: "Take them away first (git keeps them).",
};

/// Whether a path has a character that a manifest can't name plainly.
fn has_odd_name(path: &Path) -> bool {
    path.iter()
        .any(|part| part.to_string_lossy().contains(['\\', '\n']))
}

/// A CSV for personal data, and the manifest that joins it.
struct Overlay {
    csv: PathBuf,
    manifest: PathBuf,
    /// The path of the CSV, relative to the manifest's folder.
    from_manifest: String,
    /// The path of the CSV from the project's folder.
    from_project: String,
    kind: OverlayKind,
}

impl Overlay {
    fn of(
        context: &Context<'_>,
        (csv, is_sealed): (&Path, bool),
        place: &OutputFolder<'_>,
    ) -> Result<Self, CommandError> {
        let folder = &place.folder;
        let (Some(own), Some(manifests)) = (
            relative_to(context.dir, csv)?,
            relative_to(context.dir, folder)?,
        ) else {
            let words = "`--overlay` and the manifests have to lie below the project's folder";
            return Err(CommandError::Misused(words.to_owned()));
        };
        if own.extension().is_none_or(|end| end != "csv") || has_odd_name(&own) {
            return Err(CommandError::Misused(
                "`--overlay` names a CSV, such as private/personal.csv".to_owned(),
            ));
        }
        refuse_links_out_of(context.dir, csv)?;
        let from_project = with_slashes(&own);
        let from_manifest = "../".repeat(manifests.components().count()) + &from_project;
        Ok(Self {
            csv: csv.to_owned(),
            manifest: folder.join(JOINING),
            from_manifest,
            from_project,
            kind: if is_sealed {
                OverlayKind::Sealed
            } else {
                OverlayKind::Plain
            },
        })
    }

    fn files(&self) -> [PathBuf; 2] {
        [self.csv.clone(), self.manifest.clone()]
    }

    /// Makes git ignore a plain CSV before the CSV exists.
    fn write(
        &self,
        context: &Context<'_>,
        project: &Project,
        draft: &Draft,
    ) -> Result<(), CommandError> {
        match self.kind {
            OverlayKind::Plain => {
                keep_out_of_git(context.dir, &self.csv)?;
                write_private_in_new_folder(&self.csv, &draft.csv())?;
            }
            OverlayKind::Sealed => {
                write_in_new_folder(&self.csv, &self.sealed(context, project, draft)?)?;
            }
        }
        Ok(write_in_new_folder(
            &self.manifest,
            &draft.joining(&self.from_manifest, self.kind),
        )?)
    }

    /// The text of a sealed overlay. Rows of a file that is there already stay as they are, if their values do.
    fn sealed(
        &self,
        context: &Context<'_>,
        project: &Project,
        draft: &Draft,
    ) -> Result<String, CommandError> {
        let folder = context.project_folder();
        let sealing = project_sealing(folder, project)?;
        let PlainTable { headers, rows, .. } = draft.plain();
        let mut sealed = open_sealed(folder, &self.from_project, sealing)?.unwrap_or_default();
        sealed.keep_only(&rows.iter().map(|row| row.name.clone()).collect());
        let whom = (project.organisation, &project.recipients);
        sealed
            .update(&headers, rows, whom)
            .map_err(|error| CommandError::Misused(format!("{}: {error}", self.from_project)))?;
        Ok(sealed.text())
    }
}
