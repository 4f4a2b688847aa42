//! The parts of one manifest: its defaults and its lists of users, placements and classrooms.

use crate::domain::EntryKind;
use crate::manifest::tree::node::Node;

/// The key under which a document says what its users share.
pub(crate) const DEFAULTS: &str = "defaults";
/// The key under which a document lists its users.
pub(crate) const USERS: &str = "users";

/// What the users of a document share.
pub(crate) fn defaults<'n>(document: &'n Node<'n>) -> Option<&'n Node<'n>> {
    document.get(DEFAULTS).map(|entry| &entry.value)
}

/// The users that a document lists; none if it has no list.
pub(crate) fn users<'n>(document: &'n Node<'n>) -> &'n [Node<'n>] {
    document.get(USERS).map_or(&[], |entry| entry.value.items())
}

/// Every mapping of fields in a document: the defaults and each user.
pub(crate) fn field_groups<'n>(document: &'n Node<'n>) -> impl Iterator<Item = &'n Node<'n>> {
    defaults(document).into_iter().chain(users(document))
}

/// The placements and classrooms that a document lists.
pub(crate) fn entries<'n>(document: &'n Node<'n>) -> Vec<(EntryKind, &'n Node<'n>)> {
    let mut entries = Vec::new();
    for kind in EntryKind::ALL {
        let list = document.get(kind.list());
        let items = list.map_or(&[][..], |entry| entry.value.items());
        entries.extend(items.iter().map(|item| (kind, item)));
    }
    entries
}
