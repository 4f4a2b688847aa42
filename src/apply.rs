//! Runs approved operations and reports each. Makes no choice: what is done, and in which order, is the plan's.

use std::collections::HashMap;

use futures_util::stream::{self, StreamExt};

use crate::client::{Client, ClientError, CreateFailure, Outgoing};
use crate::field::Key;
use crate::model::Id;
use crate::plan::{Action, Operation, Planned, Target};
use crate::review::Approved;

/// What became of an operation.
#[derive(Debug)]
pub enum Fate {
    Done(Id),
    Failed(ClientError),
    /// It needed what didn't come about.
    NotAttempted(Why),
    /// A create whose answer was lost: the account may exist, and its person may have been e-mailed.
    Unclear(ClientError),
}

#[derive(Clone, Debug)]
pub enum Why {
    /// The user with this MIS value wasn't created.
    Needs(String),
    /// A create of this run is unclear, so that no more are made.
    UnclearCreate,
}

/// What became of each operation, in the order of the plan.
#[derive(Debug)]
pub struct Outcome {
    pub results: Vec<(Operation, Fate)>,
}

/// How many updates are under way at once.
const CONCURRENCY: usize = 8;

/// Creates go one by one, in the plan's order; then the updates, which depend on no update, side by side. `on_fate` hears
/// of each as it ends, in the plan's order of creates and of updates.
pub async fn apply(approved: &Approved, client: &Client, mut on_fate: impl FnMut(&Operation, &Fate)) -> Outcome {
    let plan = approved.plan();
    let (creates, updates): (Vec<_>, Vec<_>) =
        plan.operations.iter().partition(|operation| operation.action == Action::Create);
    let mut run = Run { client, organisation: plan.organisation.id, created: HashMap::new(), unclear: false };
    let mut results = Vec::with_capacity(plan.operations.len());
    for operation in creates {
        let fate = run.create(operation).await;
        on_fate(operation, &fate);
        results.push((operation.clone(), fate));
    }
    let run = &run;
    let mut fates = stream::iter(updates)
        .map(|operation| async move { (operation, run.update(operation).await) })
        .buffered(CONCURRENCY);
    while let Some((operation, fate)) = fates.next().await {
        on_fate(operation, &fate);
        results.push((operation.clone(), fate));
    }
    Outcome { results }
}

struct Run<'c> {
    client: &'c Client,
    organisation: Id,
    /// The accounts that this run made, by MIS value.
    created: HashMap<String, Id>,
    unclear: bool,
}

impl Run<'_> {
    async fn create(&mut self, operation: &Operation) -> Fate {
        if self.unclear {
            return Fate::NotAttempted(Why::UnclearCreate);
        }
        let fields = match self.fields(operation) {
            Ok(fields) => fields,
            Err(why) => return Fate::NotAttempted(why),
        };
        match self.client.create(self.organisation, operation.who.role, &fields).await {
            Ok(id) => {
                self.created.extend(operation.who.mis_id.clone().map(|mis_id| (mis_id, id)));
                Fate::Done(id)
            }
            Err(CreateFailure::NotCreated(error)) => Fate::Failed(error),
            Err(CreateFailure::Unclear(error)) => {
                self.unclear = true;
                Fate::Unclear(error)
            }
        }
    }

    async fn update(&self, operation: &Operation) -> Fate {
        let Action::Update(id) = operation.action else {
            unreachable!("creates were told apart");
        };
        match self.fields(operation) {
            Ok(fields) => match self.client.update(id, &fields).await {
                Ok(()) => Fate::Done(id),
                Err(error) => Fate::Failed(error),
            },
            Err(why) => Fate::NotAttempted(why),
        }
    }

    /// The values to send, with the numbers of the accounts that this run has made by now.
    fn fields<'o>(&self, operation: &'o Operation) -> Result<Vec<(Key, Outgoing<'o>)>, Why> {
        let outgoing = |planned: &'o Planned| match planned {
            Planned::Value(value) => Ok(Outgoing::Value(value)),
            Planned::Reference { target: Target::Known(id), .. } => Ok(Outgoing::Id(*id)),
            Planned::Reference { target: Target::AfterApply(mis_id), .. } => {
                self.created.get(mis_id).map(|id| Outgoing::Id(*id)).ok_or_else(|| Why::Needs(mis_id.clone()))
            }
        };
        operation.changes.iter().map(|change| Ok((change.key, outgoing(&change.to)?))).collect()
    }
}
