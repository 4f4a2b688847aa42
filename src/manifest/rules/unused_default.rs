//! `unused-default`: a default that no user of its file uses. It is a leftover, or a sign of another mistake.

use crate::domain::field::Key;
use crate::findings::source::Span;
use crate::findings::{Finding, FixKind, Rule, Severity};
use crate::manifest::csv_format::names_table;
use crate::manifest::tree::document::{defaults, users};
use crate::manifest::tree::node::Node;
use crate::manifest::unchecked_user::UncheckedUser;

pub static RULE: Rule = Rule {
    name: "unused-default",
    severity: Severity::Warning,
    is_adjustable: true,
    meaning: "A default that no user of its file uses.",
    explanation: "All users say otherwise, or none is of a role that has the field. Mostly a leftover: take it away, or look why it \
isn't used.",
};

/// `checked` are the users of this document, in its order.
pub(crate) fn check(document: &Node, checked: &[UncheckedUser]) -> Vec<Finding> {
    // A default may fill the blank cells of a table, even if today's table has none.
    if names_table(document) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for entry in defaults(document).map_or(&[][..], Node::entries) {
        let Some(key) = Key::named(&entry.key.value) else {
            continue;
        };
        // The project's defaults stand in another file, and count for many files.
        let is_own = entry.key.span.file == document.span.file;
        if is_own && key.row().may_be_default() && !is_used(key, users(document), checked) {
            let message = format!("no user of this file uses the default `{}`", key.name());
            let whole = Span {
                end: entry.value.span.end,
                ..entry.key.span
            };
            let finding = Finding::new(&RULE, entry.key.span, message, "take it away");
            findings.push(finding.fixed_at(whole, FixKind::RemoveEntry));
        }
    }
    findings
}

/// Whether some user takes this field from the defaults.
fn is_used(key: Key, written: &[Node], checked: &[UncheckedUser]) -> bool {
    written.iter().zip(checked).any(|(written, user)| {
        let has_field = user.role.is_none_or(|role| key.row().is_of(role));
        has_field && written.get(key.name()).is_none()
    })
}
