//! What `doctor` found, as lines for people.

use std::fmt::Write;

use crate::onboarding::doctor::{CheckLevel, Diagnosis, Fact, FactResult, Reliance};
use crate::render::words::{GREEN, RED, YELLOW, count, shown};
use crate::render::wrap::wrapped;

/// One line a check, with what to do below it. If several checks need the same, only the last one says so.
pub fn diagnosis(diagnosis: &Diagnosis, width: usize) -> String {
    let checks = &diagnosis.checks;
    let mut text = String::new();
    for (index, check) in checks.iter().enumerate() {
        let (word, style) = match check.level {
            CheckLevel::Ok => ("ok  ", GREEN),
            CheckLevel::Warn => ("warn", YELLOW),
            CheckLevel::Fail => ("fail", RED),
        };
        let says = wrapped(&shown(&check.says), "", 6, width.saturating_sub(6));
        let _ = write!(text, "{style}{word}{style:#}  {says}");
        let is_repeated = checks[index + 1..]
            .iter()
            .any(|later| later.help == check.help);
        if let Some(help) = check.help
            && !is_repeated
        {
            text += &wrapped(help, "      ", 6, width);
        }
    }
    text
}

/// A heading, a line or two for each fact about the API, and the verdict.
pub fn contract(facts: &[Fact], heading: &str, width: usize) -> String {
    let mut text = format!("{}\n\n", shown(heading));
    for fact in facts {
        let (word, style) = match fact.found {
            FactResult::Holds => ("holds    ", GREEN),
            FactResult::Differs => ("differs  ", RED),
            FactResult::NotTried => ("not tried", YELLOW),
        };
        let claim = wrapped(fact.claim, "", 11, width.saturating_sub(11));
        let says = wrapped(&shown(&fact.says), "           ", 11, width);
        let _ = write!(text, "{style}{word}{style:#}  {claim}{says}");
    }
    text + "\n" + &wrapped(&verdict(facts), "", 2, width)
}

fn verdict(facts: &[Fact]) -> String {
    match (
        relied_on(facts, FactResult::Differs),
        relied_on(facts, FactResult::NotTried),
    ) {
        (0, 0) => "Nothing that rosterctl rests on differs.".to_owned(),
        (0, untried) => format!(
            "Nothing that rosterctl rests on differs; {} that it rests on couldn't be tried.",
            count(untried, "fact", "facts")
        ),
        (differing, _) => format!(
            "{} that rosterctl rests on. Apply nothing before that is cleared up; this text, sent to its developers, helps.",
            count(differing, "fact differs", "facts differ")
        ),
    }
}

/// How many facts that the program relies on have this result.
fn relied_on(facts: &[Fact], found: FactResult) -> usize {
    facts
        .iter()
        .filter(|fact| fact.found == found && fact.rests == Reliance::On)
        .count()
}
