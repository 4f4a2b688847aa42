//! Runs approved operations and reports each. Makes no choice: what is done, and in which order, is the plan's. It only
//! stops where going on could do harm, and never creates twice what may have been created.

pub mod journal;

mod cancel;
mod create;
mod outcome;
mod recover;
mod update;
mod verify;

pub use crate::apply::cancel::CancelFlag;
pub use crate::apply::outcome::{
    Deviation, OperationError, OperationResult, Outcome, SkipReason, StopReason,
};
pub use crate::apply::recover::{JournalState, TakenUp, take_up};
pub use crate::apply::verify::{VerifyInput, verify};

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::apply::journal::{Journal, JournalEvent};
use crate::domain::clock::Clock;
use crate::domain::field::Key;
use crate::domain::{Id, MaintenanceWindows, Snapshot};
use crate::onefile::{Client, ClientError, Outgoing};
use crate::plan::{Action, Operation, ReferenceTarget, ResolvedValue};
use crate::review::Approved;

/// What an apply works with.
pub struct ApplyContext<'s> {
    pub client: &'s Client,
    pub clock: Clock,
    pub journal: &'s Mutex<Journal>,
    /// What the plan was made on, and when that was read.
    pub snapshot: &'s Snapshot,
    pub read_at: Timestamp,
    /// When the service is known to be away.
    pub windows: &'s MaintenanceWindows,
    pub stop: &'s CancelFlag,
}

/// Creates go one by one, in the plan's order; then the updates, which depend on no update, side by side. `on_fate` hears
/// of each in the plan's order of creates and of updates.
pub async fn apply(
    approved: &Approved,
    setting: &ApplyContext<'_>,
    mut on_fate: impl FnMut(&Operation, &OperationResult),
) -> Outcome {
    let plan = approved.plan();
    let (creates, updates): (Vec<_>, Vec<_>) = plan
        .operations
        .iter()
        .partition(|operation| operation.action == Action::Create);
    let mut run = Run::new(setting, plan.organisation.id);
    let mut results = Vec::with_capacity(plan.operations.len());
    run.creates(&creates, &plan.organisation, &mut |operation, fate| {
        on_fate(operation, &fate);
        results.push((operation.clone(), fate));
    })
    .await;
    run.updates(&updates, &mut |operation, fate| {
        on_fate(operation, &fate);
        results.push((operation.clone(), fate));
    })
    .await;
    Outcome {
        results,
        halt: run.brake.into_halt(),
    }
}

/// An apply under way.
struct Run<'s> {
    setting: &'s ApplyContext<'s>,
    organisation: Id,
    /// The accounts that this run made, by MIS value.
    created: HashMap<String, Id>,
    brake: CircuitBreaker,
}

/// Whether the run goes on.
#[derive(Default)]
struct CircuitBreaker(Mutex<BreakerState>);

#[derive(Default)]
struct BreakerState {
    halt: Option<StopReason>,
    /// The kind of the last failures, and how many there were in a row.
    row: Option<(FailureKind, usize)>,
}

type FailureKind = (std::mem::Discriminant<ClientError>, u16);

/// So many failures of one kind in a row aren't about the operations.
const MOST_IN_A_ROW: usize = 5;

impl<'s> Run<'s> {
    fn new(setting: &'s ApplyContext<'s>, organisation: Id) -> Self {
        Self {
            setting,
            organisation,
            created: HashMap::new(),
            brake: CircuitBreaker::default(),
        }
    }

    fn client(&self) -> &'s Client {
        self.setting.client
    }

    /// Why nothing more is begun, if so.
    fn halted(&self) -> Option<StopReason> {
        if self.setting.stop.is_asked_for() {
            self.brake.halt(StopReason::Asked);
        }
        if let Some(window) = self
            .setting
            .windows
            .next(self.setting.clock.now())
            .filter(|next| next.is_near)
        {
            self.brake.halt(StopReason::Window(window.end));
        }
        self.brake.halted()
    }

    /// Puts a line into the journal. A run whose journal can't be written stops.
    fn note(&self, event: JournalEvent) -> Result<(), SkipReason> {
        let mut journal = self
            .setting
            .journal
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        journal.note(event).map_err(|error| {
            let halt = StopReason::Journal(error.to_string());
            self.brake.halt(halt.clone());
            SkipReason::Halted(halt)
        })
    }

    /// A failed call as an operation's fate. What no other call would survive ends the run.
    fn failed(&self, error: ClientError) -> OperationResult {
        self.brake.fail(&error);
        OperationResult::Failed(OperationError::Call(error))
    }

    /// The values to send, with the numbers of the accounts that this run has made by now.
    fn fields<'o>(&self, operation: &'o Operation) -> Result<Vec<(Key, Outgoing<'o>)>, SkipReason> {
        operation
            .changes
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
                target: ReferenceTarget::AfterApply(mis_id),
                ..
            } => self
                .created
                .get(mis_id)
                .map(|id| Outgoing::Id(*id))
                .ok_or_else(|| SkipReason::Needs(mis_id.clone())),
        }
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

    /// The first reason stays.
    fn halt(&self, halt: StopReason) {
        self.state().halt.get_or_insert(halt);
    }

    fn fail(&self, error: &ClientError) {
        if error.ends_run() {
            self.halt(StopReason::of(error));
        }
        let mut state = self.state();
        let kind = error.kind();
        let number = state
            .row
            .filter(|(known, _)| *known == kind)
            .map_or(0, |(_, number)| number)
            + 1;
        state.row = Some((kind, number));
        if number >= MOST_IN_A_ROW {
            state.halt.get_or_insert(StopReason::SameFailure(number));
        }
    }

    fn succeed(&self) {
        self.state().row = None;
    }

    fn state(&self) -> std::sync::MutexGuard<'_, BreakerState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
