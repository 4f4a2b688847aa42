//! `bad-instant`: a time in another form than `YYYY-MM-DDTHH:MM:SSZ`, or one that the calendar doesn't have. The schema
//! finds the first, and `check` the second.

use jiff::Timestamp;

use crate::domain::field::{Field, ValueKind};
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::node_value::has_form;
use crate::manifest::rules::{not_in_calendar, wrong_form};
use crate::manifest::tree::fault_place::FaultPlace;
use crate::manifest::tree::node::Node;

pub static RULE: Rule = Rule {
    name: "bad-instant",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "A time that isn't written `YYYY-MM-DDTHH:MM:SSZ`.",
    explanation: "`createdOn` is a point in time, in UTC: `2026-09-01T09:00:00Z`.",
};

/// Checks only texts of the right form: the schema has found the others.
pub(crate) fn check(field: &Field, node: &Node) -> Option<Finding> {
    let text = node.text()?;
    let is_wrong = field.kind == ValueKind::Instant
        && has_form(text, "2026-09-01T09:00:00Z")
        && text.parse::<Timestamp>().is_err();
    is_wrong.then(|| not_in_calendar(&RULE, "time", field, node.span))
}

pub(crate) fn finding(place: &FaultPlace<'_>) -> Finding {
    wrong_form(&RULE, place, "isn't a point in time")
}
