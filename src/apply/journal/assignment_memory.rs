//! What records say about assignments, placements and classrooms: what the next run has to know, and the lines that a new journal
//! starts with.

use std::collections::{BTreeMap, BTreeSet};

use crate::apply::journal::{
    AssignStep, EntryStep, JournalAssignment, JournalDue, JournalEntry, JournalEvent,
    JournalRecord, RecordTime,
};
use crate::domain::{AccountId, EntryId, EntryKind, OrganisationId, RecordedUser, SentAssignment};

/// What the journal knows about one organisation on one server, besides its users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssignmentKnowledge {
    pub sent: BTreeMap<SentAssignment, SentState>,
    /// The learners of `sent` by MIS value, as far as they are known.
    pub users: BTreeMap<AccountId, RecordedUser>,
    /// What runs meant to give to learners, sent or not.
    pub due: Vec<JournalDue>,
    /// Placements and classrooms that were created, or may have been, by kind and name.
    pub entries: BTreeMap<(EntryKind, String), SentEntry>,
}

/// Whether OneFile has confirmed something that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SentState {
    Confirmed(RecordTime),
    /// A reading has shown it, or a person has said that the learner has it.
    Sure,
    Unclear(RecordTime),
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
    due: BTreeMap<(RecordPlace<'r>, &'r JournalDue), &'r JournalRecord>,
    entries: BTreeMap<(RecordPlace<'r>, (EntryKind, &'r str)), &'r JournalRecord>,
}

impl<'r> AssignmentMemory<'r> {
    /// Takes in a record. Others than those about assignments, placements and classrooms are passed over.
    pub(super) fn hear(&mut self, record: &'r JournalRecord) {
        let place = (record.target.as_str(), record.organisation);
        match &record.event {
            JournalEvent::Reset => self.forget(place),
            JournalEvent::Assign { what, step } => self.hear_assign(place, record, (what, step)),
            JournalEvent::Entry { entry, step } => self.hear_entry(place, record, (entry, step)),
            JournalEvent::AssignDue { due } => drop(self.due.insert((place, due), record)),
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
            | AssignStep::Shown
            | AssignStep::NotShown
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
            | EntryStep::Damaged { .. }
            | EntryStep::Deviates { .. } => {}
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
        let due = self.due.keys().map(|(_, due)| (*due).clone());
        known.due.extend(due);
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
        AssignStep::Intent | AssignStep::Unclear { .. } | AssignStep::NotShown => {
            Some(SentState::Unclear(record.time()))
        }
        AssignStep::Done => Some(SentState::Confirmed(record.time())),
        AssignStep::Shown | AssignStep::Settled { assigned: true, .. } => Some(SentState::Sure),
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
        | EntryStep::Damaged { .. }
        | EntryStep::Deviates { .. } => return None,
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

#[cfg(test)]
mod tests {
    use super::{AssignmentKnowledge, AssignmentMemory, SentState};
    use crate::apply::journal::JournalRecord;
    use crate::domain::EntryKind;

    fn record(event: &str) -> JournalRecord {
        let line = format!(
            r#"{{"at":"2026-01-05T12:00:00Z","run":"r","target":"sandbox","organisation":5740,{event}}}"#
        );
        serde_json::from_str(&line).unwrap()
    }

    fn assign(what: i64, step: &str) -> JournalRecord {
        record(&format!(
            r#""event":"assign","field":"standards","learner":7,"what":{what},"misId":"L-1","role":"learner",{step}"#
        ))
    }

    fn entry(name: &str, step: &str) -> JournalRecord {
        record(&format!(
            r#""event":"entry","entry":"placement","name":"{name}",{step}"#
        ))
    }

    fn known(records: &[JournalRecord]) -> AssignmentKnowledge {
        let mut memory = AssignmentMemory::default();
        for record in records {
            memory.hear(record);
        }
        memory.knowledge()
    }

    #[test]
    fn the_last_word_about_an_assignment_counts() {
        let records = [
            assign(1, r#""step":"intent""#),
            assign(2, r#""step":"intent""#),
            assign(2, r#""step":"done""#),
            assign(3, r#""step":"intent""#),
            assign(3, r#""step":"notDone","why":"refused""#),
            assign(4, r#""step":"unclear","why":"no answer""#),
            assign(4, r#""step":"settled","assigned":true"#),
            assign(5, r#""step":"unclear","why":"no answer""#),
            assign(5, r#""step":"settled","assigned":false"#),
        ];
        let known = known(&records);
        let states: Vec<(i64, SentState)> = known
            .sent
            .iter()
            .map(|(sent, state)| (sent.what.get(), *state))
            .collect();
        let at = records[0].time();
        assert_eq!(
            states,
            [
                (1, SentState::Unclear(at)),
                (2, SentState::Confirmed(at)),
                (4, SentState::Sure)
            ]
        );
    }

    #[test]
    fn a_new_journal_starts_with_what_still_counts() {
        let records = [
            record(
                r#""event":"assignDue","field":"frameworkTemplate","what":4,"misId":"L-1","role":"learner""#,
            ),
            assign(1, r#""step":"intent""#),
            assign(1, r#""step":"done""#),
            assign(2, r#""step":"intent""#),
            entry("Riverside", r#""step":"intent""#),
            entry("Hillside", r#""step":"intent""#),
            entry("Hillside", r#""step":"created","id":12"#),
        ];
        let mut memory = AssignmentMemory::default();
        for record in &records {
            memory.hear(record);
        }
        let carried: Vec<JournalRecord> = memory.carried().into_iter().cloned().collect();
        let known = known(&carried);
        assert_eq!(known, memory.knowledge());
        assert_eq!(known.due[0].field, "frameworkTemplate");
        let riverside = &known.entries[&(EntryKind::Placement, "Riverside".to_owned())];
        assert_eq!(riverside.id, None);
        assert_eq!(known.entries.len(), 2);
    }

    #[test]
    fn a_sandbox_that_was_reset_has_none_of_it() {
        let records = [
            assign(1, r#""step":"done""#),
            entry("Riverside", r#""step":"intent""#),
            record(r#""event":"reset""#),
        ];
        assert_eq!(known(&records), AssignmentKnowledge::default());
    }
}
