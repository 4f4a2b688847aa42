//! What records say about assignments, placements and classrooms: what the next run has to know, and the lines that a new journal
//! starts with.

use std::collections::{BTreeMap, BTreeSet};

use crate::apply::journal::{
    AssignStep, EntryStep, JournalAssignment, JournalEntry, JournalEvent, JournalRecord, RecordTime,
};
use crate::domain::field::Key;
use crate::domain::{AccountId, EntryId, EntryKind, OrganisationId, RecordedUser, SentAssignment};

/// What the journal knows about one organisation on one server, besides its users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssignmentKnowledge {
    pub sent: BTreeMap<SentAssignment, SentState>,
    /// The learners of `sent` by MIS value, as far as they are known.
    pub users: BTreeMap<AccountId, RecordedUser>,
    pub due: Vec<DueAssignment>,
    /// Placements and classrooms that were created, or may have been, by kind and name.
    pub entries: BTreeMap<(EntryKind, String), SentEntry>,
}

/// Whether OneFile has confirmed something that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SentState {
    Confirmed(RecordTime),
    /// A person has said that the learner has it.
    Said,
    Unclear(RecordTime),
}

/// A field that a learner was to get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueAssignment {
    pub key: Key,
    /// `None` if the run was to create the learner.
    pub learner: Option<AccountId>,
    pub user: Option<RecordedUser>,
}

/// A placement or classroom that was created, or may have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentEntry {
    pub at: RecordTime,
    /// `None` if the answer was lost.
    pub id: Option<EntryId>,
    /// Whether a person has said that it exists.
    pub said_created: bool,
}

/// A server and an organisation.
type RecordPlace<'r> = (&'r str, OrganisationId);

/// The last record about each assignment, placement and classroom.
#[derive(Default)]
pub(super) struct AssignmentMemory<'r> {
    sent: BTreeMap<(RecordPlace<'r>, SentAssignment), &'r JournalRecord>,
    due: BTreeMap<(RecordPlace<'r>, DueSubject<'r>), &'r JournalRecord>,
    entries: BTreeMap<(RecordPlace<'r>, (EntryKind, &'r str)), &'r JournalRecord>,
}

/// A field, and the learner who was to get it.
type DueSubject<'r> = (&'r str, Option<AccountId>, Option<&'r RecordedUser>);

impl<'r> AssignmentMemory<'r> {
    /// Takes in a record. Others than those about assignments, placements and classrooms are passed over.
    pub(super) fn hear(&mut self, record: &'r JournalRecord) {
        let place = (record.target.as_str(), record.organisation);
        match &record.event {
            JournalEvent::Reset => self.forget(place),
            JournalEvent::Assign { what, step } => self.hear_assign(place, record, (what, step)),
            JournalEvent::Entry { entry, step } => self.hear_entry(place, record, (entry, step)),
            JournalEvent::AssignDue {
                field,
                learner,
                user,
            } => {
                let user = user.as_ref().map(|user| &user.0);
                self.due
                    .insert((place, (field.as_str(), *learner, user)), record);
            }
            _ => {}
        }
    }

    /// The sandbox was reset.
    fn forget(&mut self, place: RecordPlace<'r>) {
        self.sent.retain(|(of, _), _| *of != place);
        self.due.retain(|(of, _), _| *of != place);
        self.entries.retain(|(of, _), _| *of != place);
    }

    fn hear_assign(
        &mut self,
        place: RecordPlace<'r>,
        record: &'r JournalRecord,
        (what, step): (&JournalAssignment, &AssignStep),
    ) {
        let Some(sent) = what.sent() else {
            return;
        };
        match step {
            AssignStep::Intent
            | AssignStep::Done
            | AssignStep::Unclear { .. }
            | AssignStep::Settled { assigned: true, .. } => {
                self.sent.insert((place, sent), record);
            }
            AssignStep::NotDone { .. }
            | AssignStep::Settled {
                assigned: false, ..
            } => {
                self.sent.remove(&(place, sent));
            }
        }
    }

    fn hear_entry(
        &mut self,
        place: RecordPlace<'r>,
        record: &'r JournalRecord,
        (entry, step): (&'r JournalEntry, &EntryStep),
    ) {
        let key = (place, (entry.kind(), entry.name.as_str()));
        match step {
            EntryStep::Intent
            | EntryStep::Created { .. }
            | EntryStep::Found { .. }
            | EntryStep::Unclear { .. }
            | EntryStep::Settled { created: true, .. } => {
                self.entries.insert(key, record);
            }
            EntryStep::NotCreated { .. } | EntryStep::Settled { created: false, .. } => {
                self.entries.remove(&key);
            }
            EntryStep::Updated { .. }
            | EntryStep::NotUpdated { .. }
            | EntryStep::Damaged { .. } => {}
        }
    }

    /// The records that a new journal needs.
    pub(super) fn carried(&self) -> Vec<&'r JournalRecord> {
        let mut records: Vec<&JournalRecord> = Vec::new();
        records.extend(self.due.values());
        records.extend(self.sent.values());
        records.extend(self.entries.values());
        records
    }

    /// What the next run has to know. The records must be about one organisation on one server.
    pub(super) fn knowledge(&self) -> AssignmentKnowledge {
        let mut known = AssignmentKnowledge::default();
        for ((_, sent), record) in &self.sent {
            known
                .sent
                .extend(sent_state(record).map(|state| (*sent, state)));
            if let Some(user) = record.event.user() {
                known.users.insert(sent.learner, user.clone());
            }
        }
        for (_, (field, learner, user)) in self.due.keys() {
            known.due.extend(Key::named(field).map(|key| DueAssignment {
                key,
                learner: *learner,
                user: user.cloned(),
            }));
        }
        for ((_, (kind, name)), record) in &self.entries {
            let sent = sent_entry(record);
            known
                .entries
                .extend(sent.map(|sent| ((*kind, (*name).to_owned()), sent)));
        }
        known
    }
}

/// `None` for a record about something else.
fn sent_state(record: &JournalRecord) -> Option<SentState> {
    let JournalEvent::Assign { step, .. } = &record.event else {
        return None;
    };
    match step {
        AssignStep::Intent | AssignStep::Unclear { .. } => Some(SentState::Unclear(record.time())),
        AssignStep::Done => Some(SentState::Confirmed(record.time())),
        AssignStep::Settled { assigned: true, .. } => Some(SentState::Said),
        AssignStep::NotDone { .. }
        | AssignStep::Settled {
            assigned: false, ..
        } => None,
    }
}

/// `None` for a record about something else.
fn sent_entry(record: &JournalRecord) -> Option<SentEntry> {
    let JournalEvent::Entry { step, .. } = &record.event else {
        return None;
    };
    let (id, said_created) = match step {
        EntryStep::Created { id } | EntryStep::Found { id } => (Some(*id), false),
        EntryStep::Intent | EntryStep::Unclear { .. } => (None, false),
        EntryStep::Settled { created: true, .. } => (None, true),
        EntryStep::Settled { created: false, .. }
        | EntryStep::NotCreated { .. }
        | EntryStep::Updated { .. }
        | EntryStep::NotUpdated { .. }
        | EntryStep::Damaged { .. } => return None,
    };
    Some(SentEntry {
        at: record.time(),
        id,
        said_created,
    })
}

impl AssignmentKnowledge {
    /// The users of the learners for whom something is unclear.
    pub fn unclear_users(&self) -> BTreeSet<&RecordedUser> {
        let unclear = self.sent.iter();
        let unclear = unclear.filter(|(_, state)| matches!(state, SentState::Unclear(_)));
        unclear
            .filter_map(|(sent, _)| self.users.get(&sent.learner))
            .collect()
    }
}
