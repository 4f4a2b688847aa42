//! `init`: a new project that validates. What isn't said by flags is asked on a terminal, all of it before a file is written.

use std::fmt::Write;
use std::fs;

use crate::cli::{self, CiName, standard};
use crate::client::in_words;
use crate::commands::draft::put;
use crate::commands::failure::Failure;
use crate::commands::session::{io, wait_for};
use crate::commands::{Context, Done, dispatch, live};
use crate::exit::Exit;
use crate::init::{Answers, Ci, EXAMPLE, MANIFEST, files};
use crate::model::Id;
use crate::schema::{Given, TARGETS, pretty, project, users};
use crate::settings::{PROJECT_FILE, Server, ServerFlags, choose};
use crate::suggest::nearest;
use crate::view;

pub(crate) fn run(context: &Context<'_>, args: &cli::Init) -> Done {
    let folder = args.folder.as_deref().unwrap_or(context.dir);
    if folder.join(PROJECT_FILE).symlink_metadata().is_ok() {
        let place = view::shown(&folder.display().to_string());
        return Err(Failure::Refused(format!("Nothing was written.\n{place} is a project already.")));
    }
    let answers = answers(context, args)?;
    let files = files(&answers, pretty(&users(&Given::default())), pretty(&project()));
    let there: Vec<bool> = files.iter().map(|(name, _)| folder.join(name).symlink_metadata().is_ok()).collect();
    // rosterctl.yaml is the first and makes it a project, so that it is written last.
    for ((name, content), _) in files.iter().zip(&there).rev().filter(|(_, is_there)| !**is_there) {
        put(&folder.join(name), content)?;
    }
    let mut text = String::new();
    for ((name, _), is_there) in files.iter().zip(&there) {
        let _ = writeln!(text, "{} {name}", if *is_there { "left as it is:" } else { "wrote" });
    }
    context.ui.print(&text)?;
    let inside = Context { dir: folder, environment: context.environment.clone(), ..*context };
    if remote(context, &answers.target).is_some() {
        return go_on(&inside, args);
    }
    context.ui.hint("\nNext: `rosterctl validate`, `rosterctl plan --sandbox`; with the customer token in ONEFILE_CUSTOMER_TOKEN `rosterctl doctor`, and without users/example.yaml `rosterctl export`.");
    Ok(Exit::Done)
}

/// Looks at what is live, and writes it down if that is wanted.
fn go_on(context: &Context<'_>, args: &cli::Init) -> Done {
    context.ui.print("\n")?;
    let exit = dispatch(context, &standard("doctor"))?;
    if exit != Exit::Done {
        return Ok(exit);
    }
    let question = "\nWrite manifests for what is live, in the place of users/example.yaml?\nOneFile is only read.";
    let is_wanted = args.export || (context.ui.asks() && context.ui.confirm(question));
    if !is_wanted {
        context.ui.hint("\nNext, without users/example.yaml: `rosterctl export`, or `rosterctl adopt FILE` with an extract of the MIS.");
        return Ok(Exit::Done);
    }
    let example = context.dir.join(EXAMPLE);
    let text = fs::read_to_string(&example).unwrap_or_default();
    let is_ours = text == MANIFEST;
    if is_ours {
        fs::remove_file(&example).map_err(|source| io(&format!("{} can't be removed", example.display()), source))?;
    }
    let exported = dispatch(context, &standard("export"));
    if is_ours && exported.is_err() {
        put(&example, MANIFEST)?;
    }
    // It ends with what a plan says; to read all accounts once more would take as long again.
    exported
}

/// The server that is meant, if it is one that a token is needed for, and is there.
fn remote(context: &Context<'_>, target: &str) -> Option<Server> {
    let server = choose(&ServerFlags::default(), &context.environment, Some(target)).ok()?;
    matches!(server, Server::Remote { .. }).then_some(server)
}

fn answers(context: &Context<'_>, args: &cli::Init) -> Result<Answers, Failure> {
    let missing = [(args.target.is_none(), "`--target NAME`"), (args.organisation.is_none(), "`--organisation ID`")];
    let missing: Vec<&str> = missing.into_iter().filter(|(is_missing, _)| *is_missing).map(|(_, flag)| flag).collect();
    let is_asked = !missing.is_empty();
    if is_asked && !context.ui.asks() {
        return Err(Failure::Misused(format!("there is nobody to ask here: give {}", missing.join(" and "))));
    }
    let target = match &args.target {
        Some(target) => target.clone(),
        None => ask(context, &format!("The server: {}", TARGETS.join(", ")), |text| {
            one_of(text, TARGETS).map(str::to_owned)
        })?,
    };
    let organisation = if let Some(id) = args.organisation {
        id
    } else {
        if let Some(seen) = organisations(context, &target) {
            context.ui.say(&seen);
        }
        ask(context, "The organisation's ID in OneFile", |text| {
            text.parse().ok().filter(|id: &Id| *id > 0).ok_or("a number such as 5740".to_owned())
        })?
    };
    let mut ci = args.ci.map(|ci| match ci {
        CiName::Github => Ci::Github,
        CiName::Gitlab => Ci::Gitlab,
    });
    if ci.is_none() && is_asked {
        ci = ask(context, "Workflows for CI: github, gitlab, none", |text| match one_of(text, CI)? {
            "github" => Ok(Some(Ci::Github)),
            "gitlab" => Ok(Some(Ci::Gitlab)),
            _ => Ok(None),
        })?;
    }
    Ok(Answers { organisation, target, ci })
}

const CI: &[&str] = &["github", "gitlab", "none"];

fn one_of<'w>(text: &str, words: &[&'w str]) -> Result<&'w str, String> {
    let near = || nearest(text, words.iter().copied());
    let help = || near().map_or_else(|| format!("one of {}", words.join(", ")), |near| format!("`{near}`?"));
    words.iter().find(|word| **word == text).copied().ok_or_else(help)
}

/// The organisations that the token sees. Whoever isn't told them knows the number or asks for it.
fn organisations(context: &Context<'_>, target: &str) -> Option<String> {
    let server = remote(context, target)?;
    match wait_for(live::organisations(context, server)) {
        Ok(seen) => Some(format!("This token sees:\n{seen}")),
        Err(failure) => Some(format!("note: {}", view::shown(&in_words(&failure)))),
    }
}

/// Asks until the answer will do; where none comes, nothing is begun.
fn ask<T>(context: &Context<'_>, question: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<T, Failure> {
    loop {
        let Some(answer) = context.ui.ask(question) else {
            return Err(Failure::Refused("Nothing was written.".to_owned()));
        };
        match read(&answer) {
            Ok(value) => return Ok(value),
            Err(help) => context.ui.say(&format!("  write {help}")),
        }
    }
}
