//! `init`: creates a valid project, or adds to one that exists what is missing. On a terminal it asks for missing flags before
//! it writes a file.

mod questions;
mod written_files;

use std::path::Path;

use crate::cli::args::{self, standard};
use crate::cli::commands::dispatch;
use crate::cli::commands::init::questions::{answers, ci_of, remote};
use crate::cli::commands::init::written_files::{Existing, write_files};
use crate::cli::context::{CommandResult, Context};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::manifest::schema::{ProjectDefaults, pretty, project, users};
use crate::onboarding::init::{InitAnswers, InitFile, added_files, files};
use crate::project::discover::find_project;
use crate::project::intake::intake;
use crate::project::settings::{PROJECT_FILE, Project, SANDBOX};
use crate::render;

pub(crate) fn run(context: &Context<'_>, args: &args::InitArgs) -> CommandResult {
    let folder = args.folder.as_deref().unwrap_or(context.dir);
    let inside = Context {
        dir: folder,
        named_dir: Some(folder),
        environment: context.environment.clone(),
        ..*context
    };
    if folder.join(PROJECT_FILE).symlink_metadata().is_ok() {
        return add_to_project(&inside, args);
    }
    if args.folder.is_none() && context.named_dir.is_none() {
        refuse_inside_another(context)?;
    }
    let manifest = intake_manifest(folder, USERS, args)?;
    let answers = answers(context, args)?;
    if args.export && remote(context, &answers.target).is_none() {
        return Err(CommandError::Misused(
            "`--export` reads a server: it needs one, and ONEFILE_CUSTOMER_TOKEN".to_owned(),
        ));
    }
    let files = files(
        &answers,
        manifest,
        pretty(&users(&ProjectDefaults::default())),
        pretty(&project()),
    );
    let written = write_files(folder, &files, Existing::Stays)?;
    context.ui.print(&written)?;
    if remote(context, &answers.target).is_some() {
        return go_on(&inside, args);
    }
    context.ui.hint("\nNext: `rosterctl validate`, `rosterctl plan --sandbox`; with the customer token in ONEFILE_CUSTOMER_TOKEN `rosterctl doctor` and `rosterctl export`.");
    Ok(Exit::Done)
}

/// Writes what a project lacks, and its schemas as they are for its defaults now. No manifest or setting is touched.
fn add_to_project(context: &Context<'_>, args: &args::InitArgs) -> CommandResult {
    let folder = context.project_folder();
    let settings = folder.settings()?;
    refuse_other_answers(context.dir, args, &settings)?;
    let answers = InitAnswers {
        organisation: settings.organisation,
        target: settings
            .target
            .clone()
            .unwrap_or_else(|| SANDBOX.to_owned()),
        ci: args.ci.map(ci_of),
    };
    let manifests = settings.manifests.first().map_or(USERS, String::as_str);
    let manifest = intake_manifest(context.dir, manifests, args)?;
    let mut files = added_files(
        &answers,
        pretty(&users(&folder.defaults(&settings))),
        pretty(&project()),
    );
    files.splice(0..0, manifest);
    let written = write_files(context.dir, &files, Existing::IsRefreshed)?;
    context.ui.print(&written)?;
    if args.ci.is_none() {
        context
            .ui
            .hint("\n`rosterctl init --ci github` (or `gitlab`) adds the workflows for CI.");
    }
    Ok(Exit::Done)
}

/// The folder of manifests of a new project.
const USERS: &str = "users";

/// The manifest for the table that `--from` names.
fn intake_manifest(
    root: &Path,
    manifests: &str,
    args: &args::InitArgs,
) -> Result<Option<InitFile>, CommandError> {
    let Some(file) = &args.from else {
        return Ok(None);
    };
    let intake = intake(root, manifests, (file, args.sheet.as_deref()))?;
    Ok(Some(intake.manifest(manifests)))
}

/// Refuses flags that a project contradicts, before anything is written.
fn refuse_other_answers(
    folder: &Path,
    args: &args::InitArgs,
    settings: &Project,
) -> Result<(), CommandError> {
    let place = render::shown(&folder.display().to_string());
    let refused = |words: String| {
        Err(CommandError::Refused(format!(
            "Nothing was written.\n{place} is a project already. {words}"
        )))
    };
    if args.export {
        return refused("`rosterctl export` writes manifests for its live accounts.".to_owned());
    }
    let organisation = settings.organisation;
    if args
        .organisation
        .is_some_and(|id| organisation != id.into())
    {
        return refused(format!(
            "Its {PROJECT_FILE} says `organisation: {organisation}`: leave `--organisation` out, or name another folder."
        ));
    }
    let target = settings.target.as_deref();
    if args.target.is_some() && args.target.as_deref() != target {
        return refused(format!(
            "Its server is {}: leave `--target` out, and edit `target` in {PROJECT_FILE} to change it.",
            target.unwrap_or("not named")
        ));
    }
    Ok(())
}

/// Refuses a project within the folder of another one, where nobody has named that folder.
fn refuse_inside_another(context: &Context<'_>) -> Result<(), CommandError> {
    let Ok(current) = std::env::current_dir() else {
        return Ok(());
    };
    match find_project(&current, &context.environment) {
        Ok(found) if found != Path::new(".") => {
            let found = render::shown(&found.display().to_string());
            Err(CommandError::Refused(format!(
                "Nothing was written.\nThis folder belongs to the project in {found}: `rosterctl init {found}` adds to that one, and `rosterctl init .` makes a project of its own here."
            )))
        }
        // A project that belongs to somebody else isn't used from here.
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Runs `doctor`, and then `export` if it is wanted.
fn go_on(context: &Context<'_>, args: &args::InitArgs) -> CommandResult {
    context.ui.print("\n")?;
    let exit = dispatch(context, &standard("doctor"))?;
    if exit != Exit::Done {
        return Ok(exit);
    }
    let question = "\nWrite manifests for what is live? OneFile is only read.\nThey hold names, e-mail addresses and dates of birth, which\n`rosterctl export --overlay private/personal.csv` keeps out of git.\nMany accounts without MIS values? Then no, and `rosterctl adopt FILE` first.";
    let is_wanted = args.export || (context.ui.asks() && context.ui.confirm(question));
    if !is_wanted {
        context.ui.hint("\nNext: `rosterctl export` (with `--overlay private/personal.csv` personal data stay out of git; with `--overlay users/personal.csv --sealed` they lie in it, sealed), or `rosterctl adopt FILE` with an extract of the MIS. Both take the place of users/example.yaml.");
        return Ok(Exit::Done);
    }
    // `export` ends with a comparison. A separate `plan` would read all accounts again, and take as long again.
    dispatch(context, &standard("export"))
}
