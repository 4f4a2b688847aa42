//! `init`: a new project that validates. What isn't said by flags is asked on a terminal, all of it before a file is written.

use std::fmt::Write;

use crate::cli::{self, CiName};
use crate::commands::draft::put;
use crate::commands::failure::Failure;
use crate::commands::{Context, Done};
use crate::exit::Exit;
use crate::init::{Answers, Ci, files};
use crate::model::Id;
use crate::schema::{Given, TARGETS, pretty, project, users};
use crate::settings::PROJECT_FILE;
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
    let mut text = String::new();
    for (name, content) in files {
        let path = folder.join(name);
        let is_there = path.symlink_metadata().is_ok();
        if !is_there {
            put(&path, &content)?;
        }
        let _ = writeln!(text, "{} {name}", if is_there { "left as it is:" } else { "wrote" });
    }
    context.ui.print(&text)?;
    context.ui.hint("\nNext: `rosterctl validate`, `rosterctl plan --sandbox`; with the customer token in ONEFILE_CUSTOMER_TOKEN `rosterctl\ndoctor`, and without users/example.yaml `rosterctl export`.");
    Ok(Exit::Done)
}

fn answers(context: &Context<'_>, args: &cli::Init) -> Result<Answers, Failure> {
    let organisation = match args.organisation {
        Some(id) => id,
        None => ask(context, "The organisation's ID in OneFile", "--organisation ID", |text| {
            text.parse().ok().filter(|id: &Id| *id > 0).ok_or("a number such as 5740".to_owned())
        })?,
    };
    let target = match &args.target {
        Some(target) => target.clone(),
        None => ask(context, &format!("The server: {}", TARGETS.join(", ")), "--target NAME", |text| {
            let near = nearest(text, TARGETS.iter().copied());
            let help = near.map_or_else(|| format!("one of {}", TARGETS.join(", ")), |near| format!("`{near}`?"));
            TARGETS.contains(&text).then(|| text.to_owned()).ok_or(help)
        })?,
    };
    let ci = args.ci.map(|ci| match ci {
        CiName::Github => Ci::Github,
        CiName::Gitlab => Ci::Gitlab,
    });
    Ok(Answers { organisation, target, ci })
}

/// Asks until the answer will do; where there is nobody to ask, or no answer comes, nothing is begun.
fn ask<T>(
    context: &Context<'_>,
    question: &str,
    flag: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<T, Failure> {
    if !context.ui.asks() {
        return Err(Failure::Misused(format!("there is nobody to ask here: give `{flag}`")));
    }
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
