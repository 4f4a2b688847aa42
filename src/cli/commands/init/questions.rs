//! What `init` asks on a terminal, and what flags and the environment answer already.

use crate::cli::all_accounts;
use crate::cli::args::{self, CiName};
use crate::cli::connection::wait_for;
use crate::cli::context::Context;
use crate::cli::error::{CommandError, advice};
use crate::domain::{Organisation, OrganisationId};
use crate::findings::suggest::nearest;
use crate::onboarding::init::{Ci, InitAnswers, SERVERS};
use crate::onefile::in_words;
use crate::project::settings::{ChosenServer, ServerFlags, choose, target_of_base_url};
use crate::render;

/// A question, and the answer that Enter gives.
struct Question {
    words: String,
    default: Option<String>,
}

/// The target's server, if it is a remote one and the token is set.
pub(super) fn remote(context: &Context<'_>, target: &str) -> Option<ChosenServer> {
    let server = choose(&ServerFlags::default(), &context.environment, Some(target)).ok()?;
    matches!(server, ChosenServer::Remote { .. }).then_some(server)
}

pub(super) fn ci_of(name: CiName) -> Ci {
    match name {
        CiName::Github => Ci::Github,
        CiName::Gitlab => Ci::Gitlab,
    }
}

pub(super) fn answers(
    context: &Context<'_>,
    args: &args::InitArgs,
) -> Result<InitAnswers, CommandError> {
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
        None => target(context)?,
    };
    let organisation = match args.organisation {
        Some(id) => OrganisationId::new(id),
        None => organisation(context, &target)?,
    };
    let ci = match args.ci {
        Some(ci) => Some(ci_of(ci)),
        None if is_asked => ci(context)?,
        None => None,
    };
    Ok(InitAnswers {
        organisation,
        target,
        ci,
    })
}

/// The server, unless the environment names one of the vendor's. Without a token only the sandbox can be used.
fn target(context: &Context<'_>) -> Result<String, CommandError> {
    let environment = &context.environment;
    if let Some(target) = environment.base_url.as_deref().and_then(target_of_base_url) {
        context.ui.say(&format!(
            "The server is {target}, as ONEFILE_BASE_URL says."
        ));
        return Ok(target.to_owned());
    }
    context.ui.say("The server that the project is for:");
    for (name, meaning) in SERVERS {
        context.ui.say(&format!("  {name:9} {meaning}"));
    }
    let default = if environment.token.is_some() {
        "practice"
    } else {
        "sandbox"
    };
    let question = Question {
        words: "The server".to_owned(),
        default: Some(default.to_owned()),
    };
    let names: Vec<&str> = SERVERS.iter().map(|(name, _)| *name).collect();
    ask(context, &question, |text| {
        one_of(text, &names).map(str::to_owned)
    })
}

fn organisation(context: &Context<'_>, target: &str) -> Result<OrganisationId, CommandError> {
    let seen = organisations(context, target);
    let question = Question {
        words: "The organisation's ID in OneFile".to_owned(),
        default: match seen.as_slice() {
            [only] => Some(only.id.to_string()),
            _ => None,
        },
    };
    ask(context, &question, |text| organisation_of(text, &seen))
}

fn organisation_of(text: &str, seen: &[Organisation]) -> Result<OrganisationId, String> {
    let is_seen = |id: &OrganisationId| seen.is_empty() || seen.iter().any(|one| one.id == *id);
    let id = text.parse::<OrganisationId>().ok();
    let help = if seen.is_empty() {
        "a number such as 5740; OneFile's support knows it"
    } else {
        "one of the numbers above"
    };
    id.filter(|id| id.is_possible())
        .filter(is_seen)
        .ok_or(help.to_owned())
}

fn ci(context: &Context<'_>) -> Result<Option<Ci>, CommandError> {
    let question = Question {
        words: "Workflows for CI: github, gitlab, none".to_owned(),
        default: Some("none".to_owned()),
    };
    ask(context, &question, |text| match one_of(text, CI)? {
        "github" => Ok(Some(Ci::Github)),
        "gitlab" => Ok(Some(Ci::Gitlab)),
        _ => Ok(None),
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
        .find(|word| word.eq_ignore_ascii_case(text))
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
    question: &Question,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<T, CommandError> {
    let words = match &question.default {
        Some(default) => format!("{} [{default}]", question.words),
        None => question.words.clone(),
    };
    loop {
        let Some(answer) = context.ui.ask(&words) else {
            return Err(CommandError::Refused("Nothing was written.".to_owned()));
        };
        let answer = match &question.default {
            Some(default) if answer.is_empty() => default,
            Some(_) | None => &answer,
        };
        match read(answer) {
            Ok(value) => return Ok(value),
            Err(help) => context.ui.say(&format!("  write {help}")),
        }
    }
}
