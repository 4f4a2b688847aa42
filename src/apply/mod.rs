//! Runs approved operations and reports each. Makes no choice: what is done, and in which order, is the plan's. It only
//! stops where going on could do harm, and never creates twice what may have been created.

mod create;
mod earlier;
mod outcome;
mod stop;
mod update;
mod verify;

pub use crate::apply::earlier::{Earlier, TakenUp, take_up};
pub use crate::apply::outcome::{Deviation, Failure, Fate, Halt, Outcome, Why};
pub use crate::apply::stop::Stop;
pub use crate::apply::verify::{Verifying, verify};

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::client::{Client, ClientError, Outgoing};
use crate::clock::Clock;
use crate::field::Key;
use crate::journal::{Event, Journal};
use crate::model::{Id, Snapshot, Windows};
use crate::plan::{Action, Operation, Planned, Target};
use crate::review::Approved;

/// What an apply works with.
pub struct Setting<'s> {
    pub client: &'s Client,
    pub clock: Clock,
    pub journal: &'s Mutex<Journal>,
    /// What the plan was made on, and when that was read.
    pub snapshot: &'s Snapshot,
    pub read_at: Timestamp,
    /// When the service is known to be away.
    pub windows: &'s Windows,
    pub stop: &'s Stop,
}

/// Creates go one by one, in the plan's order; then the updates, which depend on no update, side by side. `on_fate` hears
/// of each in the plan's order of creates and of updates.
pub async fn apply(
    approved: &Approved,
    setting: &Setting<'_>,
    mut on_fate: impl FnMut(&Operation, &Fate),
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
    setting: &'s Setting<'s>,
    organisation: Id,
    /// The accounts that this run made, by MIS value.
    created: HashMap<String, Id>,
    brake: Brake,
}

/// Whether the run goes on.
#[derive(Default)]
struct Brake(Mutex<BrakeState>);

#[derive(Default)]
struct BrakeState {
    halt: Option<Halt>,
    /// The kind of the last failures, and how many there were in a row.
    row: Option<(FailureKind, usize)>,
}

type FailureKind = (std::mem::Discriminant<ClientError>, u16);

/// So many failures of one kind in a row aren't about the operations.
const MOST_IN_A_ROW: usize = 5;

impl<'s> Run<'s> {
    fn new(setting: &'s Setting<'s>, organisation: Id) -> Self {
        Self {
            setting,
            organisation,
            created: HashMap::new(),
            brake: Brake::default(),
        }
    }

    fn client(&self) -> &'s Client {
        self.setting.client
    }

    /// Why nothing more is begun, if so.
    fn halted(&self) -> Option<Halt> {
        if self.setting.stop.is_asked_for() {
            self.brake.halt(Halt::Asked);
        }
        if let Some(window) = self
            .setting
            .windows
            .next(self.setting.clock.now())
            .filter(|next| next.is_near)
        {
            self.brake.halt(Halt::Window(window.end));
        }
        self.brake.halted()
    }

    /// Puts a line into the journal. A run whose journal can't be written stops.
    fn note(&self, event: Event) -> Result<(), Why> {
        let mut journal = self
            .setting
            .journal
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        journal.note(event).map_err(|error| {
            let halt = Halt::Journal(error.to_string());
            self.brake.halt(halt.clone());
            Why::Halted(halt)
        })
    }

    /// A failed call as an operation's fate. What no other call would survive ends the run.
    fn failed(&self, error: ClientError) -> Fate {
        self.brake.fail(&error);
        Fate::Failed(Failure::Call(error))
    }

    /// The values to send, with the numbers of the accounts that this run has made by now.
    fn fields<'o>(&self, operation: &'o Operation) -> Result<Vec<(Key, Outgoing<'o>)>, Why> {
        operation
            .changes
            .iter()
            .map(|change| Ok((change.key, self.outgoing(&change.to)?)))
            .collect()
    }

    fn outgoing<'o>(&self, planned: &'o Planned) -> Result<Outgoing<'o>, Why> {
        match planned {
            Planned::Value(value) => Ok(Outgoing::Value(value)),
            Planned::Reference {
                target: Target::Known(id),
                ..
            } => Ok(Outgoing::Id(*id)),
            Planned::Reference {
                target: Target::AfterApply(mis_id),
                ..
            } => self
                .created
                .get(mis_id)
                .map(|id| Outgoing::Id(*id))
                .ok_or_else(|| Why::Needs(mis_id.clone())),
        }
    }
}

impl Brake {
    fn halted(&self) -> Option<Halt> {
        self.state().halt.clone()
    }

    fn into_halt(self) -> Option<Halt> {
        self.0
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .halt
    }

    /// The first reason stays.
    fn halt(&self, halt: Halt) {
        self.state().halt.get_or_insert(halt);
    }

    fn fail(&self, error: &ClientError) {
        if error.ends_run() {
            self.halt(Halt::of(error));
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
            state.halt.get_or_insert(Halt::SameFailure(number));
        }
    }

    fn succeed(&self) {
        self.state().row = None;
    }

    fn state(&self) -> std::sync::MutexGuard<'_, BrakeState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
