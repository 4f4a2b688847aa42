//! Whether the accounts that were touched are as declared: they are read again, and the plan made anew has nothing for them. Where
//! rows of searches show all that is declared, one search of a role reads many; whatever a row doesn't bear out is looked at by itself.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};

use crate::apply::{Deviation, Outcome};
use crate::domain::field::{Key, Role};
use crate::domain::{Id, Policy, Roster, Scope, Snapshot};
use crate::findings::source::Place;
use crate::onefile::{Client, ClientError};
use crate::plan::{Action, Operation, UserLabel, plan};

/// What is verified, and against what.
pub struct VerifyInput<'v> {
    pub roster: &'v Roster,
    pub policy: &'v Policy,
    pub scope: &'v Scope,
    pub outcome: &'v Outcome,
    /// When the accounts of the snapshot were read, by this clock.
    pub since: Timestamp,
}

/// How much earlier searches ask for: clocks differ.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);
/// How many rows a page of a search has at least, as a rule.
const ROWS: usize = 100;

/// Reads the touched accounts again, and says what doesn't hold. The snapshot is that of the plan.
pub async fn verify(
    client: &Client,
    mut snapshot: Snapshot,
    verifying: &VerifyInput<'_>,
) -> Result<Vec<Deviation>, ClientError> {
    let touched: HashMap<Id, &Operation> = touched(verifying.outcome).collect();
    let shown = by_search(client, &mut snapshot, &touched, verifying.since).await?;
    let by_user: HashMap<_, Id> = touched
        .iter()
        .map(|(id, operation)| (user(&operation.place, &operation.who), *id))
        .collect();
    let borne_out = if shown.is_empty() {
        shown
    } else {
        borne_out(&snapshot, verifying, &by_user, shown)
    };
    let ids: BTreeSet<Id> = touched
        .keys()
        .copied()
        .filter(|id| !borne_out.contains(id))
        .collect();
    let mut deviations = Vec::new();
    for (id, account) in client.accounts(snapshot.organisation.id, ids).await? {
        match account {
            Some(account) => snapshot.replace(account),
            None => deviations.push(deviation(touched[&id], id, Vec::new())),
        }
    }
    let anew = plan(
        verifying.roster,
        &snapshot,
        verifying.policy,
        verifying.scope,
    );
    for operation in &anew.operations {
        let Action::Update(id) = operation.action else {
            continue;
        };
        let keys: Vec<Key> = operation
            .changes
            .iter()
            .filter(|change| change.is_verifiable)
            .map(|change| change.key)
            .collect();
        if let Some(touched) = touched.get(&id).filter(|_| !keys.is_empty()) {
            deviations.push(deviation(touched, id, keys));
        }
    }
    let told: BTreeSet<Id> = deviations.iter().map(|deviation| deviation.id).collect();
    for held in &anew.held {
        if let Some(id) = by_user
            .get(&user(&held.place, &held.who))
            .filter(|id| !told.contains(id))
        {
            let keys = touched[id]
                .changes
                .iter()
                .map(|change| change.key)
                .collect();
            deviations.push(deviation(touched[id], *id, keys));
        }
    }
    deviations.sort_by(|one, other| one.place.cmp(&other.place));
    Ok(deviations)
}

/// Takes into the snapshot what searches show of the touched accounts of roles of which many were touched, and says of which. A row
/// counts if it shows all that the account has been seen to show. Where the server doesn't obey the filter, there are not more pages
/// than there would have been looks.
async fn by_search(
    client: &Client,
    snapshot: &mut Snapshot,
    touched: &HashMap<Id, &Operation>,
    since: Timestamp,
) -> Result<BTreeSet<Id>, ClientError> {
    let mut by_role: BTreeMap<Role, usize> = BTreeMap::new();
    for account in touched.keys().filter_map(|id| snapshot.account(*id)) {
        if account
            .shown
            .keys()
            .all(|key| snapshot.listed.contains(&key))
        {
            *by_role.entry(account.role).or_default() += 1;
        }
    }
    let since = since
        .saturating_sub(
            MARGIN + SignedDuration::from_secs(client.skew().unwrap_or_default().max(0)),
        )
        .unwrap_or(since);
    let mut shown = BTreeSet::new();
    for (role, number) in by_role {
        let pages = snapshot
            .accounts()
            .filter(|account| account.role == role)
            .count()
            / ROWS
            + 2;
        if number <= pages {
            continue;
        }
        for account in client
            .modified_since(snapshot.organisation.id, role, since)
            .await?
        {
            let before = snapshot
                .account(account.id)
                .filter(|_| touched.contains_key(&account.id));
            if before
                .is_some_and(|before| before.shown.keys().all(|key| account.shown.contains(key)))
            {
                shown.insert(account.id);
                snapshot.replace(account);
            }
        }
    }
    Ok(shown)
}

/// The accounts of which a plan made anew wants nothing.
fn borne_out(
    snapshot: &Snapshot,
    verifying: &VerifyInput<'_>,
    by_user: &HashMap<TouchedUser<'_>, Id>,
    mut ids: BTreeSet<Id>,
) -> BTreeSet<Id> {
    let anew = plan(
        verifying.roster,
        snapshot,
        verifying.policy,
        verifying.scope,
    );
    for operation in &anew.operations {
        if let Action::Update(id) = operation.action {
            ids.remove(&id);
        }
    }
    for id in anew
        .held
        .iter()
        .filter_map(|held| by_user.get(&user(&held.place, &held.who)))
    {
        ids.remove(id);
    }
    ids
}

type TouchedUser<'p> = (&'p Place, Option<&'p str>, Option<Id>);

fn user<'p>(place: &'p Place, who: &'p UserLabel) -> TouchedUser<'p> {
    (place, who.mis_id.as_deref(), who.id)
}

fn touched(outcome: &Outcome) -> impl Iterator<Item = (Id, &Operation)> {
    outcome
        .results
        .iter()
        .filter_map(|(operation, fate)| Some((fate.account()?, operation)))
}

fn deviation(operation: &Operation, id: Id, keys: Vec<Key>) -> Deviation {
    Deviation {
        who: operation.who.clone(),
        place: operation.place.clone(),
        id,
        keys,
    }
}
