//! A day or a time has to be one that the calendar has.

use jiff::Timestamp;

use crate::domain::field::{Field, ValueKind};
use crate::findings::{Code, Finding};
use crate::manifest::tree::node::Node;
use crate::manifest::unchecked_user::{day, has_form};

/// Only of texts that have the form already: the schema has found the others.
pub(crate) fn check(field: &Field, node: &Node) -> Option<Finding> {
    let text = node.text()?;
    let (code, what, is_there) = match field.kind {
        ValueKind::Day if has_form(text, "2026-09-01") => {
            (Code::BadDay, "day", day(text).is_some())
        }
        ValueKind::Instant if has_form(text, "2026-09-01T09:00:00Z") => {
            (Code::BadInstant, "time", text.parse::<Timestamp>().is_ok())
        }
        _ => return None,
    };
    if is_there {
        return None;
    }
    let message = format!("the calendar has no such {what} as `{}` says", field.name);
    Some(Finding::new(
        code,
        node.span,
        message,
        format!("write a {what} that exists"),
    ))
}
