//! `bad-number`: a number that is too small for its key. The schema finds it.

use crate::findings::{Finding, Rule, Severity};
use crate::manifest::tree::fault_place::FaultPlace;

pub static RULE: Rule = Rule {
    name: "bad-number",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "A number that is too small for its key.",
    explanation: "Accounts, organisations and whatever else OneFile numbers are counted from 1; limits from 0.",
};

/// `limit` is the smallest number that its key takes.
pub(crate) fn finding(place: &FaultPlace<'_>, limit: &str) -> Finding {
    let message = format!("{} is too small", place.name());
    let help = format!("write a whole number from {limit} up");
    Finding::new(&RULE, place.span(), message, help)
}
