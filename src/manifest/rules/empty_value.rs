//! `empty-value`: `null` or blank text. The schema finds it.

use crate::findings::{Finding, FixKind, Rule, Severity};
use crate::manifest::tree::fault_place::FaultPlace;
use crate::manifest::tree::node::NodeData;

pub static RULE: Rule = Rule {
    name: "empty-value",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "`null`, blank text or a list without items. Nothing is ever cleared; a key that isn't managed is left out.",
    explanation: "OneFile documents no way to clear a field, so an empty value could only be ignored. To stop managing a field, take \
its key away; to clear it, do so in OneFile.",
};

/// A list without items. An empty list of assignments could only mean that some go, and nothing takes them away.
pub(crate) fn of_list(place: &FaultPlace<'_>) -> Finding {
    let message = format!("the list of {} is empty", place.name());
    let help = match place.field() {
        Some(_) => {
            "write items, or take the key away: what isn't declared isn't managed, and nothing is ever taken away"
        }
        None => "write items, or take the key away",
    };
    Finding::new(&RULE, place.span(), message, help)
}

pub(crate) fn finding(place: &FaultPlace<'_>) -> Finding {
    let span = place.span();
    let is_word = place.node().data == NodeData::Null && span == place.node().span;
    let help = if is_word {
        "quote it if it is text; YAML takes the plain word for nothing"
    } else if place.field().is_some() {
        "write a value, or take the key away: what isn't declared isn't managed, and nothing is ever cleared"
    } else {
        "write a value, or take the key away"
    };
    let finding = Finding::new(&RULE, span, format!("{} is empty", place.name()), help);
    match place.entry() {
        Some(entry) if !is_word => finding.suggests(entry, FixKind::RemoveEntry),
        Some(_) | None => finding,
    }
}
