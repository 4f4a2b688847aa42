//! Whether the accounts that were touched are as declared: they are read again, and the plan made anew has nothing for them.

use std::collections::{BTreeSet, HashMap};

use crate::apply::{Deviation, Outcome};
use crate::client::{Client, ClientError};
use crate::field::Key;
use crate::model::{Id, Policy, Roster, Scope, Snapshot};
use crate::plan::{Action, Operation, Who, plan};
use crate::source::Place;

/// What is verified, and against what.
pub struct Verifying<'v> {
    pub roster: &'v Roster,
    pub policy: &'v Policy,
    pub scope: &'v Scope,
    pub outcome: &'v Outcome,
}

/// Reads the touched accounts again, and says what doesn't hold. The snapshot is that of the plan.
pub async fn verify(
    client: &Client,
    mut snapshot: Snapshot,
    verifying: &Verifying<'_>,
) -> Result<Vec<Deviation>, ClientError> {
    let touched: HashMap<Id, &Operation> = touched(verifying.outcome).collect();
    let ids: BTreeSet<Id> = touched.keys().copied().collect();
    let mut deviations = Vec::new();
    for (id, account) in client.accounts(snapshot.organisation.id, ids).await? {
        match account {
            Some(account) => snapshot.replace(account),
            None => deviations.push(deviation(touched[&id], id, Vec::new())),
        }
    }
    let anew = plan(verifying.roster, &snapshot, verifying.policy, verifying.scope);
    let by_user: HashMap<_, Id> =
        touched.iter().map(|(id, operation)| (user(&operation.place, &operation.who), *id)).collect();
    for operation in &anew.operations {
        let Action::Update(id) = operation.action else {
            continue;
        };
        let keys: Vec<Key> =
            operation.changes.iter().filter(|change| change.is_verifiable).map(|change| change.key).collect();
        if let Some(touched) = touched.get(&id).filter(|_| !keys.is_empty()) {
            deviations.push(deviation(touched, id, keys));
        }
    }
    let told: BTreeSet<Id> = deviations.iter().map(|deviation| deviation.id).collect();
    for held in &anew.held {
        if let Some(id) = by_user.get(&user(&held.place, &held.who)).filter(|id| !told.contains(id)) {
            let keys = touched[id].changes.iter().map(|change| change.key).collect();
            deviations.push(deviation(touched[id], *id, keys));
        }
    }
    deviations.sort_by(|one, other| one.place.cmp(&other.place));
    Ok(deviations)
}

type User<'p> = (&'p Place, Option<&'p str>, Option<Id>);

fn user<'p>(place: &'p Place, who: &'p Who) -> User<'p> {
    (place, who.mis_id.as_deref(), who.id)
}

fn touched(outcome: &Outcome) -> impl Iterator<Item = (Id, &Operation)> {
    outcome.results.iter().filter_map(|(operation, fate)| Some((fate.account()?, operation)))
}

fn deviation(operation: &Operation, id: Id, keys: Vec<Key>) -> Deviation {
    Deviation { who: operation.who.clone(), place: operation.place.clone(), id, keys }
}
