//! What `doctor` found, as lines or as JSON.

use serde_json::json;

use crate::onboarding::doctor::{Check, CheckLevel, Fact, FactResult, Reliance};
use crate::render::words::{GREEN, RED, YELLOW, count, shown, wrapped};

/// A line each, with what to do below it; what several want done is said below the last of them.
pub fn diagnosis(checks: &[Check], width: usize) -> String {
    let line = |(at, check): (usize, &Check)| {
        let (word, style) = match check.level {
            CheckLevel::Ok => ("ok  ", GREEN),
            CheckLevel::Warn => ("warn", YELLOW),
            CheckLevel::Fail => ("fail", RED),
        };
        let is_said_later = |help: &&str| {
            checks[at + 1..]
                .iter()
                .any(|later| later.help == Some(*help))
        };
        let help = check
            .help
            .filter(|help| !is_said_later(help))
            .map(|help| wrapped(help, "      ", 6, width))
            .unwrap_or_default();
        let says = wrapped(&shown(&check.says), "", 6, width.saturating_sub(6));
        format!("{style}{word}{style:#}  {says}{help}")
    };
    checks.iter().enumerate().map(line).collect()
}

/// The same for machines; minor versions add checks.
pub fn diagnosis_json(checks: &[Check]) -> String {
    let level = |level: CheckLevel| match level {
        CheckLevel::Ok => "ok",
        CheckLevel::Warn => "warn",
        CheckLevel::Fail => "fail",
    };
    let checks: Vec<_> = checks
        .iter()
        .map(
            |check| json!({ "check": check.name, "level": level(check.level), "says": check.says, "help": check.help }),
        )
        .collect();
    let document = json!({ "formatVersion": "1.0", "checks": checks });
    serde_json::to_string_pretty(&document).expect("no map has keys that aren't text") + "\n"
}

/// What is known of the API, and what was found: a heading, and a line or two for each fact.
pub fn contract(facts: &[Fact], heading: &str, width: usize) -> String {
    let line = |fact: &Fact| {
        let (word, style) = match fact.found {
            FactResult::Holds => ("holds    ", GREEN),
            FactResult::Differs => ("differs  ", RED),
            FactResult::NotTried => ("not tried", YELLOW),
        };
        let claim = wrapped(fact.claim, "", 11, width.saturating_sub(11));
        format!(
            "{style}{word}{style:#}  {claim}{}",
            wrapped(&shown(&fact.says), "           ", 11, width)
        )
    };
    let number = |found: FactResult| {
        facts
            .iter()
            .filter(|fact| fact.found == found && fact.rests == Reliance::On)
            .count()
    };
    let verdict = match (number(FactResult::Differs), number(FactResult::NotTried)) {
        (0, 0) => "Nothing that rosterctl rests on differs.".to_owned(),
        (0, untried) => format!(
            "Nothing that rosterctl rests on differs; {} that it rests on couldn't be tried.",
            count(untried, "fact", "facts")
        ),
        (number, _) => format!(
            "{} that rosterctl rests on. Apply nothing before that is cleared up; this text, sent to its developers, helps.",
            count(number, "fact differs", "facts differ")
        ),
    };
    let facts = facts.iter().map(line).collect::<String>();
    format!(
        "{}\n\n{facts}\n{}",
        shown(heading),
        wrapped(&verdict, "", 2, width)
    )
}

/// The same for machines; minor versions add facts.
pub fn contract_json(facts: &[Fact], heading: &str) -> String {
    let found = |found: FactResult| match found {
        FactResult::Holds => "holds",
        FactResult::Differs => "differs",
        FactResult::NotTried => "notTried",
    };
    let facts: Vec<_> = facts
        .iter()
        .map(|fact| json!({ "fact": fact.name, "claim": fact.claim, "found": found(fact.found), "restsOn": fact.rests == Reliance::On, "says": fact.says }))
        .collect();
    let document = json!({ "formatVersion": "1.0", "of": heading, "facts": facts });
    serde_json::to_string_pretty(&document).expect("no map has keys that aren't text") + "\n"
}
