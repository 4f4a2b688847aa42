//! `missing-field`: a field that a new account needs, and that neither the user nor a default gives. The schema finds it.

use crate::domain::field::Key;
use crate::findings::source::Span;
use crate::findings::suggest::nearest;
use crate::findings::{Finding, FixKind, Rule, Severity};
use crate::manifest::rules::unknown_key::also_called;
use crate::manifest::tree::fault_place::FaultPlace;
use crate::manifest::tree::node::Node;
use crate::manifest::unchecked_user::UncheckedUser;

pub static RULE: Rule = Rule {
    name: "missing-field",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "A field that a create needs for this role, and that no default gives.",
    explanation: "Nobody knows beforehand who has an account, so every user has what a create needs; `rosterctl explain learner` lists \
it. It may come from `defaults` of the file or of rosterctl.yaml, or from an overlay. A user pinned by `id` needs `role` \
alone, and a user with `archived: true` needs `misId` or `id`, and `role`.",
};

/// `key` is missing in the mapping at this place.
pub(crate) fn finding(place: &FaultPlace<'_>, key: &str) -> Finding {
    let node = place.node();
    let first = node.entries().first();
    let span = first.map_or(node.span, |entry| entry.key.span);
    let (message, help) = match Key::named(key) {
        Some(Key::MisId) => (
            "this user has neither `misId` nor `id`".to_owned(),
            "add `misId`, the person's key in the MIS; `id: NUMBER` pins an account that has none"
                .to_owned(),
        ),
        Some(_) => (
            format!("`{key}` is missing"),
            format!("add `{key}` here, or to `defaults` if the users of this file share it"),
        ),
        None if key == "overlay" => (
            format!("`{key}` is missing"),
            "add `overlay: true`: only an overlay may be missing".to_owned(),
        ),
        None => (format!("`{key}` is missing"), format!("add `{key}`")),
    };
    let finding = Finding::new(&RULE, span, message, help);
    match Key::named(key) {
        Some(key) if !node.entries().is_empty() => {
            finding.suggests(span, FixKind::AddKey(key.name()))
        }
        Some(_) | None => finding,
    }
}

/// Whether a mapping that lacks `key` has it misspelt, which is a finding of its own.
pub(crate) fn is_misspelt(mapping: &Node, key: &str, known: &[String]) -> bool {
    for entry in mapping.entries() {
        let written = entry.key.value.as_str();
        let is_known = known.iter().any(|name| name == written);
        if !is_known && meant_by(written, known) == Some(key) {
            return true;
        }
    }
    false
}

fn meant_by<'k>(written: &str, known: &'k [String]) -> Option<&'k str> {
    also_called(written).or_else(|| nearest(written, known.iter().map(String::as_str)))
}

/// A row of a CSV that doesn't say whose it is.
pub(crate) fn row_without_mis_id(row: Span) -> Finding {
    let help = "write whose it is, or delete it";
    Finding::new(&RULE, row, "a row without `misId`", help)
}

/// A user whose role nobody gives.
pub(crate) fn without_role(user: &UncheckedUser) -> Finding {
    Finding::new(&RULE, user.place, "a user without a role", "add `role`")
}
