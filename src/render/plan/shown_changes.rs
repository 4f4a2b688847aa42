//! What a table shows of a step: which changes with their values, which by name alone, and what is said besides. The comment of a
//! pull request and the page go by it, so that no format shows more than another.

use crate::domain::field::Key;
use crate::domain::redact::{Reveal, hides_name};
use crate::plan::{Change, Operation, OperationKind};
use crate::render::plan::field_diff::{hidden_words, hides_address};
use crate::render::plan::step::Step;
use crate::render::words::{marks, note_words};

/// The changes of a step, as far as they may be shown.
pub(crate) struct ShownChanges<'p> {
    pub(crate) by_name: Vec<&'p Change>,
    pub(crate) with_value: Vec<&'p Change>,
    /// What stands in place of the fields whose name is hidden.
    pub(crate) hidden: Option<String>,
    /// What was compared, who looks alike, and whom a create replaces.
    pub(crate) remarks: Vec<String>,
}

impl<'p> ShownChanges<'p> {
    pub(crate) fn of(step: &Step<'p>, reveal: Reveal) -> Self {
        let operation = step.first();
        let mut shown = Self {
            by_name: Vec::new(),
            with_value: Vec::new(),
            hidden: None,
            remarks: remarks(operation, reveal),
        };
        for change in step.changes() {
            if in_head(operation.kind(), reveal).contains(&change.key) {
                continue;
            }
            if hides_name(change.key, reveal) {
                shown.hidden = Some(hidden_words(operation.kind()));
            } else if shows_value(change, reveal) {
                shown.with_value.push(change);
            } else {
                shown.by_name.push(change);
            }
        }
        shown
    }
}

impl ShownChanges<'_> {
    /// Keeps what another step shows, too.
    pub(crate) fn keep_shared(&mut self, other: &Self) {
        self.with_value
            .retain(|change| other.with_value.contains(change));
        if !self.names_the_fields_of(other) {
            self.by_name.clear();
        }
        if self.hidden != other.hidden {
            self.hidden = None;
        }
        self.remarks.retain(|remark| other.remarks.contains(remark));
    }

    fn names_the_fields_of(&self, other: &Self) -> bool {
        let [ours, others] = [self, other].map(|shown| {
            let fields = shown.by_name.iter();
            fields.map(|change| (change.key, change.is_verifiable))
        });
        ours.eq(others)
    }

    /// Leaves out what is shown elsewhere for several steps.
    pub(crate) fn leave_out(&mut self, shared: &Self) {
        self.with_value
            .retain(|change| !shared.with_value.contains(change));
        if !shared.by_name.is_empty() {
            self.by_name.clear();
        }
        if shared.hidden.is_some() {
            self.hidden = None;
        }
        self.remarks
            .retain(|remark| !shared.remarks.contains(remark));
    }
}

/// Whether both values of a change may be shown.
pub(crate) fn shows_value(change: &Change, reveal: Reveal) -> bool {
    reveal.shows(change.key.row().class) && !hides_address(change, reveal)
}

/// The fields that stand beside the sign of an operation already.
fn in_head(kind: OperationKind, reveal: Reveal) -> &'static [Key] {
    match kind {
        OperationKind::Create if reveal >= Reveal::Personal => {
            &[Key::MisId, Key::FirstName, Key::LastName]
        }
        OperationKind::Create => &[Key::MisId],
        OperationKind::CreateEntry => &[Key::Name],
        OperationKind::UpdateEntry
        | OperationKind::Unarchive
        | OperationKind::Update
        | OperationKind::Assign
        | OperationKind::Archive => &[],
    }
}

fn remarks(operation: &Operation, reveal: Reveal) -> Vec<String> {
    let mut remarks = Vec::new();
    if !operation.checked_by().is_empty() {
        let marks = marks(operation.checked_by(), reveal);
        remarks.push(format!("checked by {marks}"));
    }
    for note in operation.notes() {
        remarks.push(format!("note: {}", note_words(note, reveal)));
    }
    for id in operation.replaces() {
        remarks.push(format!("replaces account {id}"));
    }
    remarks
}
