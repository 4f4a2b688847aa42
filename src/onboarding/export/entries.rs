//! Placements and classrooms as a manifest.

use std::collections::BTreeSet;

use crate::domain::{DirectoryEntry, EntryKind, Snapshot};
use crate::onboarding::export::{ReferenceNames, flow_scalar};

/// The manifest of all placements, or of all classrooms: one line each.
#[derive(Debug)]
pub struct EntryFile {
    kind: EntryKind,
    lines: Vec<String>,
}

/// The key of the list stands before the first line.
const HEAD: usize = 1;

impl EntryFile {
    /// `None` if there is none of this kind.
    pub(crate) fn of(snapshot: &Snapshot, kind: EntryKind) -> Option<Self> {
        let names = ReferenceNames::of(snapshot);
        let mut entries: Vec<&DirectoryEntry> =
            snapshot.directory.of(kind.referent()).iter().collect();
        entries.sort_by_key(|entry| (entry.name.to_lowercase(), entry.id));
        let mut lines = Vec::new();
        for entry in entries {
            lines.push(line(entry, kind, &names));
        }
        (!lines.is_empty()).then_some(Self { kind, lines })
    }

    /// `placements.yaml` or `classrooms.yaml`.
    pub(crate) fn path(&self) -> String {
        format!("{}.yaml", self.kind.list())
    }

    pub(crate) fn text(&self) -> String {
        format!("{}:\n{}\n", self.kind.list(), self.lines.join("\n"))
    }

    /// Removes these lines, counted from 1. Returns how many were removed.
    pub(crate) fn without(&mut self, wrong: &BTreeSet<usize>) -> usize {
        let before = self.lines.len();
        let mut number = HEAD;
        self.lines.retain(|_| {
            number += 1;
            !wrong.contains(&number)
        });
        before - self.lines.len()
    }
}

/// The number stands there only if the name doesn't say which one is meant.
fn line(entry: &DirectoryEntry, kind: EntryKind, names: &ReferenceNames<'_>) -> String {
    let referent = kind.referent();
    let mut fields = Vec::new();
    if names.own_word(referent, &entry.name).is_none() {
        fields.push(format!("id: {}", entry.id));
    }
    fields.push(format!("name: {}", flow_scalar(entry.name.trim())));
    let mis_id = entry
        .mis_id
        .as_deref()
        .filter(|_| kind.key("misId").is_some());
    if let Some(mis_id) = mis_id.and_then(|mis_id| names.own_word(referent, mis_id)) {
        fields.push(format!("misId: {}", flow_scalar(mis_id)));
    }
    format!("  - {{ {} }}", fields.join(", "))
}
