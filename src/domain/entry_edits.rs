//! What a change to the manifests edits about placements and classrooms.

use std::collections::BTreeSet;

use crate::domain::field::Key;
use crate::domain::{DeclaredEntry, Roster};

/// The effect of a change on one placement or classroom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryEdit {
    /// Whether anything about it is edited.
    pub is_edited: bool,
    /// The fields that are new or have another value.
    pub keys: BTreeSet<Key>,
}

/// Compares the placements and classrooms of a roster with those of its base. Without a base that can be read, all of them
/// count as edited.
pub(crate) fn entry_edits(roster: &Roster, base: Option<&Roster>) -> Vec<EntryEdit> {
    let before = base.map_or(&[][..], Roster::entries);
    let mut edits = Vec::with_capacity(roster.entries().len());
    for entry in roster.entries() {
        edits.push(match before.iter().find(|was| is_same(entry, was)) {
            Some(was) => edit_of(entry, was),
            None => EntryEdit {
                is_edited: true,
                keys: entry.values.keys().collect(),
            },
        });
    }
    edits
}

/// Whether both are the same one: by number, or else by MIS value, or else by name.
fn is_same(entry: &DeclaredEntry, was: &DeclaredEntry) -> bool {
    let is_known = |one: Option<&str>, other: Option<&str>| one.is_some() && one == other;
    entry.kind == was.kind
        && match (entry.id, was.id) {
            (Some(id), Some(was)) => id == was,
            (_, None) | (None, _) => {
                is_known(entry.mis_id(), was.mis_id()) || is_known(entry.name(), was.name())
            }
        }
}

fn edit_of(entry: &DeclaredEntry, was: &DeclaredEntry) -> EntryEdit {
    let mut keys = BTreeSet::new();
    for (key, value) in entry.values.iter() {
        let former = was.values.get(key);
        if !former.is_some_and(|former| former.is_written_as(value)) {
            keys.insert(key);
        }
    }
    let has_lost = was.values.keys().any(|key| !entry.values.contains(key));
    EntryEdit {
        is_edited: !keys.is_empty() || has_lost || entry.id != was.id,
        keys,
    }
}
