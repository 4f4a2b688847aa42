//! Runs approved operations and reports each. The plan decides what is done, and in which order. An apply stops early only if
//! going on could do harm. It never creates an account twice.

pub mod checked_plans;
pub mod journal;
pub mod ledger;
pub(crate) mod platform;
pub(crate) mod private_files;

mod aim_readings;
mod archive;
mod assign;
mod assign_canary;
mod create;
mod earlier_assignments;
mod entries;
mod outcome;
mod recover;
mod update;
mod verify;
mod verify_assignments;

pub use crate::apply::outcome::{
    DeviatingThing, Deviation, OperationError, OperationResult, Outcome, RewrittenValue,
    SkipReason, StopReason, Tally, shown_event,
};
pub use crate::apply::recover::{JournalState, TakenUp, take_up, take_up_sent};
pub use crate::apply::verify::{VerifyInput, verify};

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use crate::apply::archive::AccountMove;
use crate::apply::entries::EntryOperation;
use crate::apply::journal::{Journal, JournalEvent};
use crate::domain::clock::{Clock, ReadingTime};
use crate::domain::field::Key;
use crate::domain::{
    AccountId, AssignPath, EntryId, MaintenanceWindows, OrganisationId, Snapshot, UserIdentity,
};
use crate::onefile::{Client, ClientError, Outgoing};
use crate::plan::{
    Assign, Change, Create, NewEntry, Operation, Plan, ReferenceTarget, ResolvedValue, Update,
};
use crate::review::Approved;

/// The inputs of an apply.
pub struct ApplyContext<'s> {
    pub client: &'s Client,
    pub clock: Clock,
    pub journal: &'s Mutex<Journal>,
    /// The accounts that the plan was made from.
    pub snapshot: &'s Snapshot,
    /// When they were read.
    pub read_at: ReadingTime,
    /// When the service is known to be closed.
    pub windows: &'s MaintenanceWindows,
    /// Whose number the path of a call for further staff has.
    pub assign_path: AssignPath,
}

/// Sees to placements and classrooms, brings accounts back and creates others, one by one, in the plan's order; then sends the
/// updates in parallel, because no update depends on another; then assigns and archives, one by one. Calls `on_result` for each
/// operation, in the plan's order, except that templates are assigned before anything else is.
pub async fn apply(
    approved: Approved,
    setting: &ApplyContext<'_>,
    mut on_result: impl FnMut(&Operation, &OperationResult),
) -> Outcome {
    let Plan {
        operations,
        organisation,
        service,
        ..
    } = approved.into_plan();
    let phases = OperationPhases::of(&operations);
    let mut run = Run::new(setting, organisation.id);
    let mut results: BTreeMap<usize, OperationResult> = BTreeMap::new();
    let mut take = |index: usize, result: OperationResult| {
        on_result(&operations[index], &result);
        results.insert(index, result);
    };
    run.note_due(&phases.assigns);
    run.entries(&phases.entries, &mut take).await;
    run.moves(&phases.unarchives, &mut take).await;
    run.creates(&phases.creates, &organisation, &mut take).await;
    run.updates(&phases.updates, &mut take).await;
    run.assigns(&phases.assigns, &mut take).await;
    run.moves(&phases.archives, &mut take).await;
    Outcome {
        service,
        results: operations.into_iter().zip(results.into_values()).collect(),
        halt: run.brake.into_halt(),
    }
}

/// The operations of each kind, with their places in the plan.
#[derive(Default)]
struct OperationPhases<'o> {
    entries: Vec<(usize, EntryOperation<'o>)>,
    unarchives: Vec<(usize, AccountMove<'o>)>,
    creates: Vec<(usize, &'o Create)>,
    updates: Vec<(usize, &'o Update)>,
    assigns: Vec<(usize, &'o Assign)>,
    archives: Vec<(usize, AccountMove<'o>)>,
}

impl<'o> OperationPhases<'o> {
    fn of(operations: &'o [Operation]) -> Self {
        let mut phases = Self::default();
        for (index, operation) in operations.iter().enumerate() {
            match operation {
                Operation::CreateEntry(create) => {
                    phases.entries.push((index, EntryOperation::Create(create)));
                }
                Operation::UpdateEntry(update) => {
                    phases.entries.push((index, EntryOperation::Update(update)));
                }
                Operation::Assign(assign) => phases.assigns.push((index, assign)),
                Operation::Unarchive(unarchive) => {
                    phases.unarchives.push((index, unarchive.into()));
                }
                Operation::Create(create) => phases.creates.push((index, create)),
                Operation::Update(update) => phases.updates.push((index, update)),
                Operation::Archive(archive) => phases.archives.push((index, archive.into())),
            }
        }
        phases
    }
}

/// An apply under way.
struct Run<'s> {
    setting: &'s ApplyContext<'s>,
    organisation: OrganisationId,
    /// The accounts that this run has created.
    created: HashMap<UserIdentity, AccountId>,
    /// The placements and classrooms that this run has created.
    new_entries: HashMap<NewEntry, EntryId>,
    /// The accounts of which an operation wasn't done.
    undone: Mutex<HashSet<AccountId>>,
    brake: CircuitBreaker,
}

/// Whether the run goes on.
#[derive(Default)]
struct CircuitBreaker(Mutex<BreakerState>);

#[derive(Default)]
struct BreakerState {
    halt: Option<StopReason>,
    row: Option<FailureRow>,
}

/// Failures of one kind without a success between them.
struct FailureRow {
    kind: FailureKind,
    length: usize,
}

type FailureKind = (std::mem::Discriminant<ClientError>, u16);

/// After this many failures of one kind in a row the fault is assumed to lie with the service, not with the operations: two
/// or three bad users may well follow one another.
const MOST_IN_A_ROW: usize = 5;

impl<'s> Run<'s> {
    fn new(setting: &'s ApplyContext<'s>, organisation: OrganisationId) -> Self {
        Self {
            setting,
            organisation,
            created: HashMap::new(),
            new_entries: HashMap::new(),
            undone: Mutex::default(),
            brake: CircuitBreaker::default(),
        }
    }

    fn client(&self) -> &'s Client {
        self.setting.client
    }

    /// Why the run begins nothing more; `None` while it goes on.
    fn halted(&self) -> Option<StopReason> {
        if self.is_stopped() {
            self.brake.halt(StopReason::Asked);
        }
        let next_window = self.setting.windows.next(self.setting.clock.now());
        if let Some(window) = next_window.filter(|next| next.is_near) {
            self.brake.halt(StopReason::Window(window.end));
        }
        self.brake.halted()
    }

    /// Notes an account of which an operation wasn't done, for the operations that follow.
    fn note_undone(&self, account: AccountId, result: &OperationResult) {
        if result.account().is_none() {
            self.undone().insert(account);
        }
    }

    fn undone(&self) -> std::sync::MutexGuard<'_, HashSet<AccountId>> {
        self.undone.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a line into the journal. If it can't be written, the run stops.
    fn note(&self, event: JournalEvent) -> Result<(), SkipReason> {
        let mut journal = self
            .setting
            .journal
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        journal.measure(self.client().skew());
        journal.note(event).map_err(|error| {
            let halt = StopReason::Journal(error.to_string());
            self.brake.halt(halt.clone());
            SkipReason::Halted(halt)
        })
    }

    /// A failed call as the result of an operation. A failure that every other call would meet ends the run. If somebody has
    /// stopped the run, what it didn't send isn't a failure.
    fn failed(&self, error: ClientError) -> OperationResult {
        self.record_failure(&error);
        if self.is_stopped() && was_given_up(&error) {
            return OperationResult::NotAttempted(SkipReason::Halted(StopReason::Asked));
        }
        OperationResult::Failed(OperationError::Call(error))
    }

    /// The same for a look that comes before the first write, so that nothing can have been done.
    fn failed_before_write(&self, error: ClientError) -> OperationResult {
        self.record_failure(&error);
        if self.is_stopped() {
            return OperationResult::NotAttempted(SkipReason::Halted(StopReason::Asked));
        }
        OperationResult::Failed(OperationError::Call(error))
    }

    fn record_failure(&self, error: &ClientError) {
        // The wish to stop comes first: a call that ends early because of it says nothing about the service.
        if self.is_stopped() {
            self.brake.halt(StopReason::Asked);
        }
        self.brake.fail(error);
    }

    fn is_stopped(&self) -> bool {
        self.client().cancel_token().is_cancelled()
    }

    /// The values to send, with the numbers of the accounts, placements and classrooms that this run has created.
    fn fields<'o>(&self, changes: &'o [Change]) -> Result<Vec<(Key, Outgoing<'o>)>, SkipReason> {
        changes
            .iter()
            .map(|change| Ok((change.key, self.outgoing(&change.to)?)))
            .collect()
    }

    fn outgoing<'o>(&self, planned: &'o ResolvedValue) -> Result<Outgoing<'o>, SkipReason> {
        match planned {
            ResolvedValue::Value(value) => Ok(Outgoing::Value(value)),
            ResolvedValue::Reference {
                target: ReferenceTarget::Known(id),
                ..
            } => Ok(Outgoing::Id(*id)),
            ResolvedValue::Reference {
                label,
                target: ReferenceTarget::Unit { .. },
            } => Err(SkipReason::Needs(label.clone())),
            ResolvedValue::Reference {
                label,
                target: ReferenceTarget::AfterEntry(entry),
            } => self
                .new_entries
                .get(entry)
                .map(|id| Outgoing::Id(*id))
                .ok_or_else(|| SkipReason::NeedsEntry(label.clone())),
            ResolvedValue::Reference {
                label,
                target: ReferenceTarget::AfterApply(user),
            } => self
                .created
                .get(user)
                .map(|id| Outgoing::Id((*id).into()))
                .ok_or_else(|| SkipReason::Needs(label.clone())),
        }
    }
}

/// Whether a call ended before the server can have carried it out.
fn was_given_up(error: &ClientError) -> bool {
    match error {
        ClientError::Away(Some(last)) => !last.may_have_been_done(),
        error => matches!(
            error,
            ClientError::Stopped { .. }
                | ClientError::Away(None)
                | ClientError::TooLate { .. }
                | ClientError::NoSession(_)
        ),
    }
}

impl CircuitBreaker {
    fn halted(&self) -> Option<StopReason> {
        self.state().halt.clone()
    }

    fn into_halt(self) -> Option<StopReason> {
        self.0
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .halt
    }

    /// Stops the run, and returns why it stopped. If it has stopped already, the first reason stays.
    fn halt(&self, halt: StopReason) -> StopReason {
        self.state().halt.get_or_insert(halt).clone()
    }

    fn fail(&self, error: &ClientError) {
        if error.ends_run() {
            self.halt(StopReason::of(error));
        }
        let mut state = self.state();
        let kind = error.kind();
        let length = match &state.row {
            Some(row) if row.kind == kind => row.length + 1,
            Some(_) | None => 1,
        };
        state.row = Some(FailureRow { kind, length });
        if length >= MOST_IN_A_ROW {
            state.halt.get_or_insert(StopReason::SameFailure(length));
        }
    }

    fn succeed(&self) {
        self.state().row = None;
    }

    fn state(&self) -> std::sync::MutexGuard<'_, BreakerState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
