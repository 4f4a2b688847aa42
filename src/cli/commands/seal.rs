//! `seal`: makes and checks sealed overlays. It sends no request.

use std::collections::BTreeSet;
use std::path::{Component, Path};

use secrecy::ExposeSecret;

use crate::cli::args::SealArgs;
use crate::cli::context::{CommandResult, Context};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::terminal::report;
use crate::domain::redact::{Reveal, open_key};
use crate::findings::{Finding, Rule};
use crate::manifest::rules::{unknown_column, unreadable_file};
use crate::manifest::sealed::{NewKey, SealedFile};
use crate::project::atomic_write::{write_in_new_folder, write_over, write_private_in_new_folder};
use crate::project::files::GitSees;
use crate::project::git_ignore::keep_out_of_git;
use crate::project::keyring::seen_by_git;
use crate::project::load::ProjectFolder;
use crate::project::paths::{below, refuse_links_out_of, relative_to, with_slashes};
use crate::project::seal::{
    SealedOverlay, beside, open_sealed, project_sealing, read_plain, read_sealed, sealed_overlays,
    target_of,
};
use crate::project::settings::Project;
use crate::render;

pub(crate) fn run(context: &Context<'_>, args: &SealArgs) -> CommandResult {
    if args.keygen {
        return keygen(context, args.file.as_deref());
    }
    let project = context.project_folder().settings()?;
    match &args.open {
        Some(mis_id) => open(context, &project, mis_id),
        None if args.check => check(context, &project, args.file.as_deref()),
        None if args.rotate => rotate(context, &project, args.file.as_deref()),
        None => seal(context, &project, args),
    }
}

/// Makes a key. Into a file it goes for its owner alone.
fn keygen(context: &Context<'_>, file: Option<&Path>) -> CommandResult {
    let key = NewKey::generate(context.clock.now())
        .map_err(|error| CommandError::Misused(format!("a key {}; {}", error.why, error.help)))?;
    let Some(file) = file else {
        context.ui.print(key.text.expose_secret())?;
        context.ui.hint(KEEP_IT);
        return Ok(Exit::Done);
    };
    if file.symlink_metadata().is_ok() {
        let name = render::shown(&file.display().to_string());
        return Err(CommandError::Refused(format!(
            "Nothing was written.\n{name} is there already, and a key that is written over is lost."
        )));
    }
    keep_out_of_git(context.dir, file)?;
    refuse_if_git_keeps(file)?;
    write_private_in_new_folder(file, key.text.expose_secret())?;
    let name = render::shown(&file.display().to_string());
    context.ui.print(&format!(
        "Wrote a key to {name}. Its public key, for `seal.recipients` in rosterctl.yaml:\n{}\n",
        key.public
    ))?;
    context.ui.hint(KEEP_IT);
    Ok(Exit::Done)
}

const KEEP_IT: &str = "\nKeep the key where you keep passwords, and never in git. Who has it can read every row that is sealed for it.";

/// Makes or updates a sealed file from a plain one.
fn seal(context: &Context<'_>, project: &Project, args: &SealArgs) -> CommandResult {
    let plain_path = args.file.as_deref().unwrap_or(Path::new(""));
    let folder = context.project_folder();
    let sealing = project_sealing(folder, project)?;
    if plain_path.is_symlink() {
        let words = "FILE is a link; name the file itself, so that git can be told to pass over it";
        return Err(CommandError::Misused(words.to_owned()));
    }
    if plain_path.is_file() {
        keep_out_of_git(context.dir, plain_path)?;
        refuse_if_git_keeps(plain_path)?;
    }
    let plain = read_plain(plain_path, &args.mis_id)?;
    if plain.rows.is_empty() {
        let words =
            "FILE has no rows, so that nothing was sealed; look whether the export went wrong";
        return Err(CommandError::Misused(words.to_owned()));
    }
    refuse_broken_manifests(folder)?;
    let overlays = sealed_overlays(folder, project);
    let target = match &args.to {
        Some(target) => name_in_project(context, target)?,
        None => usual_target(context, &overlays, plain_path)?,
    };
    let opened = open_sealed(folder, &target, sealing)?;
    let before = opened.as_ref().map(SealedFile::text);
    let mut sealed = opened.unwrap_or_default();
    let names: BTreeSet<String> = plain.rows.iter().map(|row| row.name.clone()).collect();
    let columns = plain.headers.clone();
    let mut update = sealed
        .update(
            &plain.headers,
            plain.rows,
            (project.organisation, &project.recipients),
        )
        .map_err(|error| CommandError::Misused(format!("{target}: {error}")))?;
    let mut pruned = 0;
    if args.prune {
        pruned = sealed.keep_only(&names);
        update.others -= pruned;
    }
    let text = sealed.text();
    let path = below(context.dir, &target);
    match before {
        Some(before) if before == text => {}
        Some(_) => write_over(&path, text.as_bytes())?,
        None => write_in_new_folder(&path, &text)?,
    }
    let said = render::sealed(&target, update, pruned);
    context.ui.print(&render::prose(&said, context.ui.width))?;
    match overlays.iter().find(|overlay| overlay.name == target) {
        None => context
            .ui
            .print(&render::joining_sealed(&target, &columns))?,
        Some(overlay) => {
            let mut unread: Vec<&String> = columns.iter().collect();
            unread.retain(|title| !overlay.columns.contains(*title));
            let said = render::unread_columns(&unread);
            context.ui.print(&render::prose(&said, context.ui.width))?;
        }
    }
    Ok(Exit::Done)
}

/// Refuses a file that a repository of git has or would take, be it of the project or another one.
fn refuse_if_git_keeps(file: &Path) -> Result<(), CommandError> {
    match seen_by_git(file) {
        Some(GitSees::Tracked | GitSees::Untracked) => Err(CommandError::Refused(format!(
            "Nothing was written.
{} lies in a repository of git that doesn't ignore it. Name it in .gitignore there, or put it elsewhere.",
            render::shown(&file.display().to_string())
        ))),
        Some(GitSees::Nothing) | None => Ok(()),
    }
}

/// What is wrong with a manifest because of its table: a file or a column that isn't there yet is what `seal` is for.
static ABOUT_TABLES: &[&Rule] = &[&unreadable_file::RULE, &unknown_column::RULE];

/// Refuses if a manifest has an error: then nobody knows which sealed files there are.
fn refuse_broken_manifests(folder: ProjectFolder<'_>) -> Result<(), CommandError> {
    let (_, mut checked) = folder.check()?;
    let manifests = checked.manifests;
    checked.findings.retain(|finding| {
        finding.is_error()
            && manifests.contains_key(&finding.span().file)
            && !ABOUT_TABLES.contains(&finding.rule)
    });
    if checked.findings.is_empty() {
        return Ok(());
    }
    Err(CommandError::Invalid {
        findings: checked.findings,
        sources: checked.sources,
    })
}

/// The sealed file that the manifests name for a plain one, or else one beside it.
fn usual_target(
    context: &Context<'_>,
    overlays: &[SealedOverlay],
    plain: &Path,
) -> Result<String, CommandError> {
    match target_of(plain, overlays)? {
        Some(overlay) => Ok(overlay.name.clone()),
        None => name_in_project(context, &beside(plain)),
    }
}

/// Checks sealed files: their form without a key, what is in them with one.
fn check(context: &Context<'_>, project: &Project, file: Option<&Path>) -> CommandResult {
    let folder = context.project_folder();
    let sealing = project_sealing(folder, project)?;
    let mut has_errors = false;
    for name in files(context, project, file)? {
        let Some(read) = read_sealed(folder, &name, sealing)? else {
            return Err(missing(&name));
        };
        let ui = context.ui;
        ui.print(&report(&read.findings, &read.sources, ui.reveal))?;
        has_errors |= read.findings.iter().any(Finding::is_error);
        let said = render::sealed_checked(&name, &read.findings, &read.table);
        ui.print(&render::prose(&said, ui.width))?;
    }
    Ok(if has_errors {
        Exit::Invalid
    } else {
        Exit::Done
    })
}

/// Seals every row again, for the recipients of today.
fn rotate(context: &Context<'_>, project: &Project, file: Option<&Path>) -> CommandResult {
    let folder = context.project_folder();
    let mut sealing = project_sealing(folder, project)?;
    // The rows are sealed for those who were recipients before.
    sealing.recipients = None;
    refuse_broken_manifests(folder)?;
    let mut rotated = Vec::new();
    for name in files(context, project, file)? {
        let mut rows = open_sealed(folder, &name, sealing)?.ok_or_else(|| missing(&name))?;
        rows.rotate(&project.recipients)
            .map_err(|error| CommandError::Misused(format!("{name}: {error}")))?;
        rotated.push((name, rows));
    }
    for (name, rows) in rotated {
        write_over(&below(context.dir, &name), rows.text().as_bytes())?;
        let said = render::rotated(&name, rows.len(), &project.recipients);
        context.ui.print(&render::prose(&said, context.ui.width))?;
    }
    Ok(Exit::Done)
}

/// Shows the row of one user, where nobody but the person at the terminal sees it.
fn open(context: &Context<'_>, project: &Project, mis_id: &str) -> CommandResult {
    if !context.ui.prints_on_terminal || context.environment.ci {
        let words =
            "Nothing was shown.\nA sealed row is shown on a terminal only, and never in CI.";
        return Err(CommandError::Refused(words.to_owned()));
    }
    let folder = context.project_folder();
    let sealing = project_sealing(folder, project)?;
    let mut is_found = false;
    for name in files(context, project, None)? {
        let rows = open_sealed(folder, &name, sealing)?.ok_or_else(|| missing(&name))?;
        if let Some(row) = rows.row(mis_id) {
            is_found = true;
            context.ui.print(&render::opened(&name, row))?;
        }
    }
    if is_found {
        return Ok(Exit::Done);
    }
    let mis_id = open_key(mis_id, Reveal::Public).unwrap_or("this user");
    Err(CommandError::Misused(format!(
        "no sealed overlay has a row for {}",
        render::shown(mis_id)
    )))
}

/// The sealed files that are meant: the one that is named, or all that the manifests name.
fn files(
    context: &Context<'_>,
    project: &Project,
    file: Option<&Path>,
) -> Result<Vec<String>, CommandError> {
    if let Some(file) = file {
        return Ok(vec![name_in_project(context, file)?]);
    }
    let overlays = sealed_overlays(context.project_folder(), project);
    let mut names: Vec<String> = overlays.into_iter().map(|overlay| overlay.name).collect();
    names.retain(|name| below(context.dir, name).symlink_metadata().is_ok());
    if names.is_empty() {
        let words =
            "no manifest names a sealed overlay that is there; `rosterctl seal FILE.csv` makes one";
        return Err(CommandError::Misused(words.to_owned()));
    }
    Ok(names)
}

/// The path of a file from the project's folder.
fn name_in_project(context: &Context<'_>, file: &Path) -> Result<String, CommandError> {
    let Some(name) = relative_to(context.dir, file)? else {
        let words = "a sealed file has to lie below the project's folder";
        return Err(CommandError::Misused(words.to_owned()));
    };
    let is_hidden = |part: Component<'_>| part.as_os_str().to_string_lossy().starts_with('.');
    let is_csv = name.extension().is_some_and(|end| end == "csv");
    if !is_csv || name.components().any(is_hidden) {
        let words = "a sealed file is a CSV, such as users/personal.sealed.csv";
        return Err(CommandError::Misused(words.to_owned()));
    }
    refuse_links_out_of(context.dir, file)?;
    Ok(with_slashes(&name))
}

fn missing(name: &str) -> CommandError {
    CommandError::Misused(format!("{} isn't there", render::shown(name)))
}
