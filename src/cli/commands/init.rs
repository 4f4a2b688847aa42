//! `init`: creates a valid project. On a terminal it asks for missing flags before it writes a file.

use std::fmt::Write;
use std::path::Path;

use crate::cli::all_accounts;
use crate::cli::args::{self, CiName, standard};
use crate::cli::commands::dispatch;
use crate::cli::connection::wait_for;
use crate::cli::context::{CommandResult, Context};
use crate::cli::error::{CommandError, advice};
use crate::cli::exit::Exit;
use crate::domain::{Organisation, OrganisationId};
use crate::findings::suggest::nearest;
use crate::manifest::schema::{ProjectDefaults, TARGETS, pretty, project, users};
use crate::onboarding::init::{Ci, InitAnswers, files};
use crate::onefile::in_words;
use crate::project::atomic_write::write_in_new_folder;
use crate::project::paths::refuse_links_out_of;
use crate::project::settings::{ChosenServer, PROJECT_FILE, ServerFlags, choose};
use crate::render;

pub(crate) fn run(context: &Context<'_>, args: &args::InitArgs) -> CommandResult {
    let folder = args.folder.as_deref().unwrap_or(context.dir);
    if folder.join(PROJECT_FILE).symlink_metadata().is_ok() {
        let place = render::shown(&folder.display().to_string());
        return Err(CommandError::Refused(format!(
            "Nothing was written.\n{place} is a project already; `rosterctl doctor` looks at its accounts, `rosterctl export` writes manifests for them."
        )));
    }
    let answers = answers(context, args)?;
    if args.export && remote(context, &answers.target).is_none() {
        return Err(CommandError::Misused(
            "`--export` reads a server: it needs one, and ONEFILE_CUSTOMER_TOKEN".to_owned(),
        ));
    }
    let files = files(
        &answers,
        pretty(&users(&ProjectDefaults::default())),
        pretty(&project()),
    );
    let written = write_missing(folder, &files)?;
    context.ui.print(&written)?;
    let inside = Context {
        dir: folder,
        environment: context.environment.clone(),
        ..*context
    };
    if remote(context, &answers.target).is_some() {
        return go_on(&inside, args);
    }
    context.ui.hint("\nNext: `rosterctl validate`, `rosterctl plan --sandbox`; with the customer token in ONEFILE_CUSTOMER_TOKEN `rosterctl doctor` and `rosterctl export`.");
    Ok(Exit::Done)
}

/// Writes the files that don't exist yet, after every check. Returns what was done with each, a line a file.
fn write_missing(folder: &Path, files: &[(&str, String)]) -> Result<String, CommandError> {
    refuse_files_for_folders(folder, files.iter().map(|(name, _)| *name))?;
    for (name, _) in files {
        refuse_links_out_of(folder, &folder.join(name))?;
    }
    let mut missing = Vec::new();
    let mut text = String::new();
    let mut left = Vec::new();
    for (name, content) in files {
        let path = folder.join(name);
        if path.symlink_metadata().is_ok() {
            let _ = writeln!(text, "left as it is: {name}");
            left.push(*name);
        } else {
            let _ = writeln!(text, "wrote {name}");
            missing.push((path, content));
        }
    }
    // rosterctl.yaml comes first in the list and makes the folder a project, so it is written last.
    for (path, content) in missing.iter().rev() {
        write_in_new_folder(path, content)?;
    }
    if left.contains(&".gitignore") {
        text += "See that .gitignore names private/, plan.json, plan.md and doubtful.csv.\n";
    }
    Ok(text)
}

/// Refuses before anything is written if a file is where a folder is needed.
fn refuse_files_for_folders<'n>(
    folder: &Path,
    names: impl Iterator<Item = &'n str>,
) -> Result<(), CommandError> {
    for name in names {
        let path = folder.join(name);
        let file = path
            .ancestors()
            .skip(1)
            .find(|path| path.exists())
            .filter(|path| !path.is_dir());
        if let Some(file) = file {
            let file = render::shown(&file.display().to_string());
            return Err(CommandError::Refused(format!(
                "Nothing was written.\n{file} is a file where a folder is due."
            )));
        }
    }
    Ok(())
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
        context.ui.hint("\nNext: `rosterctl export` (with `--overlay private/personal.csv` personal data stay out of git), or `rosterctl adopt FILE` with an extract of the MIS. Both take the place of users/example.yaml.");
        return Ok(Exit::Done);
    }
    // `export` ends with a comparison. A separate `plan` would read all accounts again, and take as long again.
    dispatch(context, &standard("export"))
}

/// The target's server, if it is a remote one and the token is set.
fn remote(context: &Context<'_>, target: &str) -> Option<ChosenServer> {
    let server = choose(&ServerFlags::default(), &context.environment, Some(target)).ok()?;
    matches!(server, ChosenServer::Remote { .. }).then_some(server)
}

fn answers(context: &Context<'_>, args: &args::InitArgs) -> Result<InitAnswers, CommandError> {
    let missing = [
        (args.target.is_none(), "`--target NAME`"),
        (args.organisation.is_none(), "`--organisation ID`"),
    ];
    let missing: Vec<&str> = missing
        .into_iter()
        .filter(|(is_missing, _)| *is_missing)
        .map(|(_, flag)| flag)
        .collect();
    let is_asked = !missing.is_empty();
    if is_asked && !context.ui.asks() {
        return Err(CommandError::Misused(format!(
            "there is nobody to ask here: give {}",
            missing.join(" and ")
        )));
    }
    let target = match &args.target {
        Some(target) => target.clone(),
        None => ask(
            context,
            &format!("The server: {}", TARGETS.join(", ")),
            |text| one_of(text, TARGETS).map(str::to_owned),
        )?,
    };
    let organisation = if let Some(id) = args.organisation.map(OrganisationId::new) {
        id
    } else {
        let seen = organisations(context, &target);
        ask(context, "The organisation's ID in OneFile", |text| {
            let id: Option<OrganisationId> = text
                .parse()
                .ok()
                .filter(|id: &OrganisationId| id.is_possible());
            let is_seen =
                |id: &OrganisationId| seen.is_empty() || seen.iter().any(|one| one.id == *id);
            let help = if seen.is_empty() {
                "a number such as 5740"
            } else {
                "one of the numbers above"
            };
            id.filter(is_seen).ok_or(help.to_owned())
        })?
    };
    let mut ci = args.ci.map(|ci| match ci {
        CiName::Github => Ci::Github,
        CiName::Gitlab => Ci::Gitlab,
    });
    if ci.is_none() && is_asked {
        ci = ask(
            context,
            "Workflows for CI: github, gitlab, none",
            |text| match one_of(text, CI)? {
                "github" => Ok(Some(Ci::Github)),
                "gitlab" => Ok(Some(Ci::Gitlab)),
                _ => Ok(None),
            },
        )?;
    }
    Ok(InitAnswers {
        organisation,
        target,
        ci,
    })
}

const CI: &[&str] = &["github", "gitlab", "none"];

fn one_of<'w>(text: &str, words: &[&'w str]) -> Result<&'w str, String> {
    let near = || nearest(text, words.iter().copied());
    let help = || {
        near().map_or_else(
            || format!("one of {}", words.join(", ")),
            |near| format!("`{near}`?"),
        )
    };
    words
        .iter()
        .find(|word| **word == text)
        .copied()
        .ok_or_else(help)
}

/// The organisations that the token can see. Empty if they can't be read; the person then types the number without this
/// help.
fn organisations(context: &Context<'_>, target: &str) -> Vec<Organisation> {
    let Some(server) = remote(context, target) else {
        return Vec::new();
    };
    wait_for(all_accounts::organisations(context, server)).unwrap_or_else(|failure| {
        let advice = if let CommandError::Client(error) = &failure {
            advice(error)
        } else {
            None
        };
        let advice = advice
            .map(|advice| format!("; {advice}"))
            .unwrap_or_default();
        context.ui.complain(&format!(
            "note: {}{advice}",
            render::shown(&in_words(&failure))
        ));
        Vec::new()
    })
}

/// Asks until the answer is valid. Fails at the end of input, before anything is written.
fn ask<T>(
    context: &Context<'_>,
    question: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<T, CommandError> {
    loop {
        let Some(answer) = context.ui.ask(question) else {
            return Err(CommandError::Refused("Nothing was written.".to_owned()));
        };
        match read(&answer) {
            Ok(value) => return Ok(value),
            Err(help) => context.ui.say(&format!("  write {help}")),
        }
    }
}
