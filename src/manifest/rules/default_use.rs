//! A default that nobody uses is a leftover, or a sign that something else isn't as people think.

use crate::domain::field::Key;
use crate::findings::{Code, Finding};
use crate::manifest::tree::document::{defaults, users};
use crate::manifest::tree::node::Node;
use crate::manifest::unchecked_user::UncheckedUser;

pub(crate) fn check(document: &Node, candidates: &[UncheckedUser]) -> Vec<Finding> {
    // What fills the blank cells of a CSV may have none to fill today.
    if document.get("fromCsv").is_some() {
        return Vec::new();
    }
    let written = defaults(document).map_or(&[][..], Node::entries).iter();
    // Those of the project stand in another file, and count for many.
    let own = written.filter(|entry| entry.key.span.file == document.span.file);
    let users = || users(document).iter().zip(candidates);
    let unused = own.filter(|entry| {
        let field = Key::named(&entry.key.value).filter(|key| key.row().may_be_default());
        field.is_some_and(|key| {
            !users().any(|(written, user)| written.get(key.name()).is_none() && has(user, key))
        })
    });
    let finding = |key: &str, span| {
        let message = format!("no user of this file uses the default `{key}`");
        Finding::new(Code::UnusedDefault, span, message, "take it away")
    };
    unused
        .map(|entry| finding(&entry.key.value, entry.key.span))
        .collect()
}

fn has(user: &UncheckedUser, key: Key) -> bool {
    user.role.is_none_or(|role| key.row().is_of(role))
}
