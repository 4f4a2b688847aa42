//! `unknown-word`: a value outside of the list that its key takes. The schema finds it.

use crate::findings::suggest::nearest;
use crate::findings::{Finding, FixKind, Rule, Severity};
use crate::manifest::rules::in_backticks;
use crate::manifest::tree::fault_place::FaultPlace;

pub static RULE: Rule = Rule {
    name: "unknown-word",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "A value outside the list that its key takes.",
    explanation: "Roles, targets, encodings and the like are words of a list, and the help of the finding has the list.",
};

/// `allowed` are the words that may stand there.
pub(crate) fn finding(place: &FaultPlace<'_>, allowed: &[String]) -> Finding {
    let words: Vec<&str> = allowed.iter().map(String::as_str).collect();
    let text = place.node().text();
    let near = text.and_then(|text| nearest(text, words.iter().copied()));
    let all = in_backticks(&words).join(", ");
    let help = match near {
        Some(word) => format!("write `{word}`; the words are {all}"),
        None if words.len() == 1 => format!("only {all} may stand here"),
        None => format!("write one of {all}"),
    };
    let message = format!("{} takes one of a few words", place.name());
    let finding = Finding::new(&RULE, place.span(), message, help);
    match near {
        Some(word) => finding.fixed_by(FixKind::Write(word.to_owned())),
        None => finding,
    }
}
