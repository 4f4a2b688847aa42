//! The results of an apply, as data.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::apply::journal::{AssignStep, JournalAssignment, JournalEvent, JournalUser};
use crate::domain::field::Key;
use crate::domain::{
    AccountId, EntryCounts, EntryId, RecordedUser, SentAssignment, StandardId, UserIdentity,
};
use crate::findings::source::Place;
use crate::onefile::{ClientError, in_words};
use crate::plan::{Effect, EntryLabel, Operation, Service, UserLabel};

/// The result of one operation.
#[derive(Debug)]
pub enum OperationResult {
    Done(AccountId),
    /// A placement or classroom was created or updated.
    EntryDone(EntryId),
    /// The answer to a create was lost, but the account exists: this run or somebody else created it.
    Found(AccountId),
    Failed(OperationError),
    /// Nothing was sent.
    NotAttempted(SkipReason),
    /// The answer to a create or an assignment was lost, so that it may have been done. A create may have e-mailed the person.
    Unclear(ClientError),
}

impl OperationResult {
    /// Whether the operation was done, by this run or by somebody else.
    pub fn is_done(&self) -> bool {
        match self {
            Self::Done(_) | Self::EntryDone(_) | Self::Found(_) => true,
            Self::Failed(_) | Self::NotAttempted(_) | Self::Unclear(_) => false,
        }
    }

    /// The account that the operation created or changed.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Done(id) | Self::Found(id) => Some(*id),
            Self::EntryDone(_) | Self::Failed(_) | Self::NotAttempted(_) | Self::Unclear(_) => None,
        }
    }
}

#[derive(Debug)]
pub enum OperationError {
    Call(ClientError),
    /// Somebody has changed these fields since the plan was made, so nothing was sent.
    ChangedMeanwhile(Vec<Key>),
    /// The update changed fields that weren't sent: their names in the API.
    TouchedOthers(Vec<String>),
    /// An archive, or its opposite, changed fields of the person: their names in the API.
    MoveTouchedOthers(Vec<String>),
    /// The first standard of the run made other aims than one of its own (the standards of the new ones), or changed the
    /// account: the names of its fields in the API.
    AssignedOtherwise {
        new: Vec<StandardId>,
        touched: Vec<String>,
    },
    /// What the learner has can't be read, so nothing was sent.
    AimsUnreadable,
    /// The account, placement or classroom no longer exists, so nothing was sent.
    Gone,
}

/// Why an operation wasn't begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SkipReason {
    /// The user of this name wasn't created.
    Needs(String),
    /// The placement or classroom of this name wasn't created.
    NeedsEntry(String),
    /// The account wasn't brought back from the archive.
    NotBroughtBack,
    /// The create or an update of the learner wasn't done.
    LearnerNotDone,
    /// The learner didn't get the standard of the unit.
    StandardNotAssigned,
    /// Readings don't show what this run assigned first, so that another one might be assigned twice.
    AimsNotShown,
    /// This many learners still have the account as assessor or employer.
    LearnersRemain(usize),
    /// A create of this run is unclear, so no more are sent.
    UnclearCreate,
    /// Searches don't show the first created account, so no more creates are sent.
    NotFindable,
    /// The organisation's keychain settings have changed since the plan was made.
    SettingsChanged,
    /// Somebody else has created the account since the plan was made.
    Exists(AccountId),
    /// Somebody else has created the placement or classroom since the plan was made.
    EntryExists(EntryId),
    /// There is an account with the same name that the plan didn't know.
    SameName(AccountId),
    /// The run had stopped before.
    Halted(StopReason),
}

/// Why a run stopped before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// A person or the system asked for it.
    Asked,
    /// The service can't be reached, or refuses every call with this token.
    Client { message: String, is_outage: bool },
    /// This many failures of one kind in a row.
    SameFailure(usize),
    /// An update changed fields that weren't sent.
    TouchedOthers,
    /// An archive, or its opposite, changed fields of the person.
    MoveTouchedOthers,
    /// The first standard that was assigned did something else than make one learning aim.
    AssignedOtherwise,
    /// A maintenance window is about to begin. Holds the time when it ends.
    Window(Timestamp),
    /// The journal can't be written.
    Journal(String),
}

impl StopReason {
    pub(super) fn of(error: &ClientError) -> Self {
        if let ClientError::Stopped { .. } = error {
            return Self::Asked;
        }
        Self::Client {
            message: in_words(error),
            is_outage: error.is_outage(),
        }
    }
}

/// The result of each operation, in the order of the plan, and why the run stopped early, if it did.
#[derive(Debug, Default)]
pub struct Outcome {
    pub service: Service,
    pub results: Vec<(Operation, OperationResult)>,
    pub halt: Option<StopReason>,
}

/// The number of operations by result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Accounts that exist now, whether this run created them or somebody else did at the same time.
    pub created: usize,
    /// Placements and classrooms that exist now.
    pub new_entries: EntryCounts,
    pub changed_entries: EntryCounts,
    pub assigned: usize,
    pub updated: usize,
    pub archived: usize,
    pub brought_back: usize,
    /// Archives, returns and assignments that OneFile doesn't show.
    pub unconfirmed: usize,
    pub failed: usize,
    pub not_attempted: usize,
    pub unclear: usize,
    /// The number of people that OneFile e-mails.
    pub e_mailed: usize,
    /// The number of people that it may e-mail, because the settings don't say or the create is unclear.
    pub may_have_e_mailed: usize,
}

impl Tally {
    /// How many operations were done, and how many were not, for any reason.
    fn done_and_undone(&self) -> (usize, usize) {
        let Self {
            created,
            new_entries,
            changed_entries,
            assigned,
            updated,
            archived,
            brought_back,
            unconfirmed: _,
            failed,
            not_attempted,
            unclear,
            e_mailed: _,
            may_have_e_mailed: _,
        } = self;
        (
            created
                + new_entries.total()
                + changed_entries.total()
                + assigned
                + updated
                + archived
                + brought_back,
            failed + not_attempted + unclear,
        )
    }

    pub fn done(&self) -> usize {
        self.done_and_undone().0
    }

    pub fn undone(&self) -> usize {
        self.done_and_undone().1
    }

    fn count(&mut self, operation: &Operation, result: &OperationResult) {
        match result {
            OperationResult::Done(_)
            | OperationResult::EntryDone(_)
            | OperationResult::Found(_) => {
                match operation {
                    Operation::CreateEntry(create) => self.new_entries.add(create.entry.kind),
                    Operation::UpdateEntry(update) => self.changed_entries.add(update.entry.kind),
                    Operation::Assign(_) => self.assigned += 1,
                    Operation::Unarchive(_) => self.brought_back += 1,
                    Operation::Create(_) => self.created += 1,
                    Operation::Update(_) => self.updated += 1,
                    Operation::Archive(_) => self.archived += 1,
                }
                self.unconfirmed += usize::from(operation.is_unconfirmed());
                self.count_e_mails(operation.effects());
            }
            OperationResult::Failed(_) => self.failed += 1,
            OperationResult::NotAttempted(_) => self.not_attempted += 1,
            OperationResult::Unclear(_) => {
                self.unclear += 1;
                if operation.effects().iter().any(Effect::is_e_mail) {
                    self.may_have_e_mailed += 1;
                }
            }
        }
    }

    fn count_e_mails(&mut self, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::EmailsPerson => self.e_mailed += 1,
                Effect::MayEmailPerson => self.may_have_e_mailed += 1,
                Effect::KeychainStays
                | Effect::AssessorChanges
                | Effect::Archives
                | Effect::ComesBack
                | Effect::Stays => {}
            }
        }
    }
}

impl Outcome {
    /// The accounts that the search before a create has found, although the plan didn't know them.
    pub fn found_before_create(&self) -> Vec<(UserIdentity, AccountId)> {
        let mut found = Vec::new();
        for (operation, result) in &self.results {
            if let (Some(user), OperationResult::NotAttempted(SkipReason::Exists(id))) =
                (operation.created_user(), result)
            {
                found.push((user, *id));
            }
        }
        found
    }

    /// What the journal keeps of assigned templates whose aims show, if the learners were read again. A learner who couldn't be
    /// read shows nothing.
    pub fn shown_templates(&self, deviations: &[Deviation]) -> Vec<JournalEvent> {
        let (mut missing, mut unread) = (BTreeSet::new(), BTreeSet::new());
        for deviation in deviations {
            missing.extend(deviation.missing.iter().copied());
            unread.extend(deviation.account().filter(|_| deviation.keys.is_empty()));
        }
        let mut events = Vec::new();
        for (operation, result) in &self.results {
            let (Operation::Assign(assign), Some(learner)) = (operation, result.account()) else {
                continue;
            };
            let template = assign.template_for(learner);
            let is_shown =
                |sent: &SentAssignment| !missing.contains(sent) && !unread.contains(&learner);
            if let Some(sent) = template.filter(is_shown) {
                events.push(shown_event(sent));
            }
        }
        events
    }

    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for (operation, result) in &self.results {
            tally.count(operation, result);
        }
        tally
    }
}

/// Says that what a learner was assigned shows.
pub fn shown_event(sent: SentAssignment) -> JournalEvent {
    JournalEvent::Assign {
        step: AssignStep::Shown,
        what: JournalAssignment::new(sent, None),
    }
}

/// Something that this run touched and that isn't as declared afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    pub what: DeviatingThing,
    pub place: Place,
    /// The fields that differ; empty if it can't be read.
    pub keys: Vec<Key>,
    /// The texts among them in whose place the account shows another text.
    pub rewritten: Vec<RewrittenValue>,
    /// What a learner was assigned and doesn't show.
    pub missing: Vec<SentAssignment>,
}

/// What isn't as declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviatingThing {
    Account(UserLabel, AccountId),
    Entry(EntryLabel, EntryId),
}

impl Deviation {
    /// The user whose account it is about, if it isn't about a placement or a classroom.
    pub fn user(&self) -> Option<&UserLabel> {
        match &self.what {
            DeviatingThing::Account(user, _) => Some(user),
            DeviatingThing::Entry(..) => None,
        }
    }

    /// What the journal keeps of the assignments that don't show: the next plan reads again whether they are there.
    pub fn missing_events(&self) -> Vec<JournalEvent> {
        let user = self.user();
        let recorded = user.and_then(|user| {
            let mis_id = user.mis_id.as_deref()?;
            Some(JournalUser(RecordedUser::new(user.role, mis_id)))
        });
        let event = |sent: &SentAssignment| JournalEvent::Assign {
            step: AssignStep::NotShown,
            what: JournalAssignment::new(*sent, recorded.clone()),
        };
        self.missing.iter().map(event).collect()
    }

    /// The account that it is about, if it isn't about a placement or a classroom.
    pub fn account(&self) -> Option<AccountId> {
        match &self.what {
            DeviatingThing::Account(_, id) => Some(*id),
            DeviatingThing::Entry(..) => None,
        }
    }
}

/// A text that OneFile keeps in another form than it was sent in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RewrittenValue {
    pub key: Key,
    /// Of both texts, keyed by the token.
    pub digest: String,
    /// Whether OneFile itself must have made it, out of what was sent. If not, the second time proves it: until then the write
    /// may have been lost, or a person may have changed the value.
    pub is_sure: bool,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use super::{OperationError, OperationResult, Outcome, SkipReason, Tally};
    use crate::domain::role::Role;
    use crate::domain::{AccountId, EntryCounts};
    use crate::findings::source::Place;
    use crate::plan::{Create, Effect, Operation, Update, UserLabel};

    fn user() -> UserLabel {
        UserLabel {
            role: Role::Learner,
            mis_id: Some("L-1".to_owned()),
            is_shared: false,
            id: None,
            name: None,
        }
    }

    fn create(effects: Vec<Effect>) -> Operation {
        Operation::Create(Create {
            user: user(),
            place: place(),
            origin: None,
            mis_id: "L-1".to_owned(),
            changes: Vec::new(),
            effects,
            checked_by: Vec::new(),
            notes: Vec::new(),
            distinct_from: BTreeSet::new(),
            replaces: BTreeSet::new(),
        })
    }

    fn update() -> Operation {
        Operation::Update(Update {
            user: user(),
            place: place(),
            origin: None,
            account: AccountId::new(7),
            changes: Vec::new(),
            effects: vec![Effect::KeychainStays],
            checked_by: Vec::new(),
        })
    }

    fn place() -> Place {
        Place {
            file: Arc::from("users.yaml"),
            line: 2,
        }
    }

    #[test]
    fn an_account_that_was_found_counts_as_created_and_its_person_as_e_mailed() {
        let outcome = Outcome {
            results: vec![
                (
                    create(vec![Effect::EmailsPerson]),
                    OperationResult::Found(AccountId::new(7)),
                ),
                (
                    create(vec![Effect::MayEmailPerson]),
                    OperationResult::Done(AccountId::new(8)),
                ),
                (create(Vec::new()), OperationResult::Done(AccountId::new(9))),
                (update(), OperationResult::Done(AccountId::new(7))),
                (update(), OperationResult::Failed(OperationError::Gone)),
                (
                    update(),
                    OperationResult::NotAttempted(SkipReason::NotFindable),
                ),
            ],
            ..Outcome::default()
        };
        let tally = Tally {
            created: 3,
            new_entries: EntryCounts::default(),
            changed_entries: EntryCounts::default(),
            assigned: 0,
            updated: 1,
            archived: 0,
            brought_back: 0,
            unconfirmed: 0,
            failed: 1,
            not_attempted: 1,
            unclear: 0,
            e_mailed: 1,
            may_have_e_mailed: 1,
        };
        assert_eq!(outcome.tally(), tally);
        assert_eq!((tally.done(), tally.undone()), (4, 2));
    }
}
