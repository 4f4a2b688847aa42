//! A day or a time has to be one that the calendar has.

use jiff::Timestamp;

use crate::diagnostic::{Code, Finding};
use crate::field::{FIELDS, Field, Kind};
use crate::manifest::tree::Node;
use crate::validate::candidate::day;

pub(crate) fn check(fields: &Node) -> Vec<Finding> {
    FIELDS.iter().filter_map(|field| check_field(field, &fields.get(field.name)?.value)).collect()
}

/// Only of texts that have the form already: the schema has found the others.
fn check_field(field: &Field, node: &Node) -> Option<Finding> {
    let text = node.text()?;
    let finding = |code, what: &str| {
        let message = format!("the calendar has no such {what} as `{}` says", field.name);
        Finding::new(code, node.span, message, format!("write a {what} that exists"))
    };
    match field.kind {
        Kind::Day if text.len() == "2026-09-01".len() => {
            let has_form = text.bytes().filter(|byte| *byte == b'-').count() == 2;
            (has_form && day(text).is_none()).then(|| finding(Code::BadDay, "day"))
        }
        Kind::Instant if text.len() == "2026-09-01T09:00:00Z".len() && text.ends_with('Z') => {
            text.parse::<Timestamp>().is_err().then(|| finding(Code::BadInstant, "time"))
        }
        _ => None,
    }
}
