//! What became of an apply, as text.

use std::fmt::Write;

use crate::apply::{Fate, Outcome, Why};
use crate::client::ClientError;
use crate::field::{Class, Key};
use crate::plan::{Action, Operation};
use crate::redact::Reveal;
use crate::review::Objection;
use crate::source::Place;
use crate::view::totals::past;
use crate::view::words::{GREEN, RED, YELLOW, count, listed, shown, who};

/// One line on one operation.
pub fn result_line(operation: &Operation, fate: &Fate, reveal: Reveal) -> String {
    let (verb, to) = match operation.action {
        Action::Create => ("created", "create"),
        Action::Update(_) => ("updated", "update"),
    };
    let whom = |id| who(&operation.who, id, reveal);
    let id = match operation.action {
        Action::Create => None,
        Action::Update(id) => Some(id),
    };
    match fate {
        Fate::Done(id) => format!("{GREEN}{verb}{GREEN:#} {}", whom(Some(*id))),
        Fate::Failed(error) => format!("{RED}failed{RED:#} to {to} {}: {}", whom(id), failure(error, reveal)),
        Fate::NotAttempted(why) => format!("{YELLOW}not attempted{YELLOW:#}: {to} {}: {}", whom(id), because(why)),
        Fate::Unclear(error) => format!(
            "{RED}unclear{RED:#} whether {} was created, and may have been e-mailed: {}",
            whom(id),
            failure(error, reveal)
        ),
    }
}

/// An error, and the fields that the server's message names: those that may be named.
fn failure(error: &ClientError, reveal: Reveal) -> String {
    let may_name = |key: &&Key| key.row().class < Class::Special || reveal > Reveal::Public;
    let names: Vec<_> = error.names().iter().filter(may_name).map(|key| format!("`{}`", key.name())).collect();
    let naming = if names.is_empty() { String::new() } else { format!(", and names {}", names.join(", ")) };
    shown(&error.to_string()) + &naming
}

fn because(why: &Why) -> String {
    match why {
        Why::Needs(mis_id) => format!("needs {}, who wasn't created", shown(mis_id)),
        Why::UnclearCreate => "an earlier create is unclear".to_owned(),
    }
}

/// The closing count, and what to do about what isn't done.
pub fn outcome_totals(outcome: &Outcome, held: usize) -> String {
    let number = |wanted: fn(&Fate) -> bool| outcome.results.iter().filter(|(_, fate)| wanted(fate)).count();
    let done = |create: bool| {
        let of_kind = |operation: &Operation| (operation.action == Action::Create) == create;
        outcome.results.iter().filter(|(operation, fate)| of_kind(operation) && matches!(fate, Fate::Done(_))).count()
    };
    let unclear = number(|fate| matches!(fate, Fate::Unclear(_)));
    let mut text = format!("Applied: {} created, {} updated", done(true), done(false));
    let others = [
        (number(|fate| matches!(fate, Fate::Failed(_))), "failed"),
        (number(|fate| matches!(fate, Fate::NotAttempted(_))), "not attempted"),
        (unclear, "unclear"),
        (held, "held"),
    ];
    for (number, what) in others.into_iter().filter(|(number, _)| *number > 0) {
        let _ = write!(text, ", {number} {what}");
    }
    text.push_str(".\n");
    if unclear > 0 {
        let creates = count(unclear, "create is", "creates are");
        let help = "look in OneFile whether the account is there before you apply again";
        let _ = writeln!(text, "{creates} unclear: {help}.");
    }
    text
}

/// What is said in the place of a plan that holds nothing but what nobody has reviewed.
pub fn nothing_reviewed_left() -> String {
    "Nothing that was reviewed is left to do.\n".to_owned()
}

/// What was left out because nobody has reviewed it.
pub fn skipped(places: &[Place]) -> String {
    if places.is_empty() {
        return String::new();
    }
    let operations = count(places.len(), "operation", "operations");
    format!("{operations} skipped, not reviewed: {}.\n", shown(&listed(places)))
}

/// Why a plan isn't applied, and what to type.
pub fn objections(objections: &[Objection]) -> String {
    let line = |objection: &Objection| match objection {
        Objection::Limit(excess) => past(excess),
        Objection::Unreviewed(places) => format!(
            "{} not reviewed: {}.\nPlan and review anew, or leave them out with `--skip-unreviewed`.",
            count(places.len(), "operation was", "operations were"),
            shown(&listed(places))
        ),
        Objection::Withheld => "The answer wasn't `yes`.".to_owned(),
        Objection::Unasked => "There is nobody to ask here: `--auto-approve` applies without asking.".to_owned(),
    };
    objections.iter().map(|objection| line(objection) + "\n").collect()
}
