//! Verification: reads the touched accounts again and makes a new plan. Accounts for which the new plan has nothing to do are
//! as declared. If search rows show every declared field, one search of a role reads many accounts. If a row isn't as
//! declared, its account is then read by itself.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};

use crate::apply::{Deviation, Outcome};
use crate::domain::field::Key;
use crate::domain::role::Role;
use crate::domain::{AccountId, Policy, Roster, Scope, Snapshot};
use crate::findings::source::Place;
use crate::onefile::{Client, ClientError};
use crate::plan::{Operation, Plan, UserLabel, plan};

/// The outcome to verify, and what to verify it against.
pub struct VerifyInput<'v> {
    pub roster: &'v Roster,
    pub policy: &'v Policy,
    pub scope: &'v Scope,
    pub outcome: &'v Outcome,
    /// When the accounts of the snapshot were read, by the clock of this machine.
    pub since: Timestamp,
}

/// Searches ask for changes since this much earlier, because the server's clock may differ from ours.
const CLOCK_MARGIN: SignedDuration = SignedDuration::from_mins(5);
/// The number of rows that a search page usually has at least.
const PAGE_ROWS: usize = 100;

/// Reads the touched accounts again, and returns those that aren't as declared, in the order of their places. The plan must
/// have been made from this snapshot.
pub async fn verify(
    client: &Client,
    mut snapshot: Snapshot,
    verifying: &VerifyInput<'_>,
) -> Result<Vec<Deviation>, ClientError> {
    let touched = TouchedAccounts::of(verifying.outcome);
    let mut seen = read_by_search(client, &mut snapshot, &touched, verifying.since).await?;
    if !seen.is_empty() {
        keep_as_declared(&mut seen, &touched, &verifying.plan(&snapshot));
    }
    let ids: BTreeSet<AccountId> = touched.ids().filter(|id| !seen.contains(id)).collect();
    let mut deviations = Vec::new();
    for (id, account) in client.accounts(snapshot.organisation.id, ids).await? {
        match account {
            Some(account) => snapshot.replace(account),
            None => deviations.extend(touched.deviation(id, Vec::new())),
        }
    }
    touched.compare(&verifying.plan(&snapshot), &mut deviations);
    deviations.sort_by(|one, other| one.place.cmp(&other.place));
    Ok(deviations)
}

impl VerifyInput<'_> {
    fn plan(&self, snapshot: &Snapshot) -> Plan {
        plan(self.roster, snapshot, self.policy, self.scope)
    }
}

/// The accounts that a run created or changed, and the operations that did so.
struct TouchedAccounts<'o> {
    operations: HashMap<AccountId, Vec<&'o Operation>>,
    by_user: HashMap<UserKey<'o>, AccountId>,
}

type UserKey<'o> = (&'o Place, Option<&'o str>, Option<AccountId>);

fn user_key<'o>(place: &'o Place, user: &'o UserLabel) -> UserKey<'o> {
    (place, user.mis_id.as_deref(), user.id)
}

impl<'o> TouchedAccounts<'o> {
    fn of(outcome: &'o Outcome) -> Self {
        let mut touched = Self {
            operations: HashMap::new(),
            by_user: HashMap::new(),
        };
        for (operation, result) in &outcome.results {
            if let Some(id) = result.account() {
                let user = user_key(operation.place(), operation.user());
                touched.by_user.insert(user, id);
                touched.operations.entry(id).or_default().push(operation);
            }
        }
        touched
    }

    fn ids(&self) -> impl Iterator<Item = AccountId> {
        self.operations.keys().copied()
    }

    fn has(&self, id: AccountId) -> bool {
        self.operations.contains_key(&id)
    }

    /// The touched account of a declared user.
    fn account_of(&self, place: &Place, user: &UserLabel) -> Option<AccountId> {
        self.by_user.get(&user_key(place, user)).copied()
    }

    /// `None` if the account wasn't touched.
    fn deviation(&self, id: AccountId, keys: Vec<Key>) -> Option<Deviation> {
        let operation = self.operations.get(&id)?.first()?;
        Some(Deviation {
            who: operation.user().clone(),
            place: operation.place().clone(),
            id,
            keys,
        })
    }

    /// Adds the touched accounts that a new plan would update, or whose users it puts on hold.
    fn compare(&self, anew: &Plan, deviations: &mut Vec<Deviation>) {
        for operation in &anew.operations {
            let update = match operation {
                Operation::Create(_) => continue,
                Operation::Update(update) => update,
            };
            let verifiable = update.changes.iter().filter(|change| change.is_verifiable);
            let keys: Vec<Key> = verifiable.map(|change| change.key).collect();
            if !keys.is_empty() {
                deviations.extend(self.deviation(update.account, keys));
            }
        }
        let known: BTreeSet<AccountId> = deviations.iter().map(|deviation| deviation.id).collect();
        for held in &anew.held {
            let Some(id) = self.account_of(&held.place, &held.who) else {
                continue;
            };
            if !known.contains(&id) {
                deviations.extend(self.deviation(id, self.sent_keys(id)));
            }
        }
    }

    /// The fields that the run sent to an account.
    fn sent_keys(&self, id: AccountId) -> Vec<Key> {
        let operations = self.operations.get(&id).into_iter().flatten();
        operations.flat_map(|operation| operation.keys()).collect()
    }
}

/// Reads touched accounts by searching, for the roles in which that takes fewer calls, and puts them into the snapshot.
/// Returns the accounts whose row shows every field that the snapshot shows.
async fn read_by_search(
    client: &Client,
    snapshot: &mut Snapshot,
    touched: &TouchedAccounts<'_>,
    since: Timestamp,
) -> Result<BTreeSet<AccountId>, ClientError> {
    let since = search_start(client, since);
    let mut seen = BTreeSet::new();
    for role in searched_roles(snapshot, touched) {
        let changed = client
            .modified_since(snapshot.organisation.id, role, since)
            .await?;
        for account in changed {
            let Some(before) = snapshot.account(account.id) else {
                continue;
            };
            let shows_all = before.shown.keys().all(|key| account.shown.contains(key));
            if shows_all && touched.has(account.id) {
                seen.insert(account.id);
                snapshot.replace(account);
            }
        }
    }
    Ok(seen)
}

/// The roles in which searching takes fewer calls than reading each touched account, even if the server ignores the time
/// filter.
fn searched_roles(snapshot: &Snapshot, touched: &TouchedAccounts<'_>) -> Vec<Role> {
    let mut searchable: BTreeMap<Role, usize> = BTreeMap::new();
    for account in touched.ids().filter_map(|id| snapshot.account(id)) {
        let mut shown = account.shown.keys();
        if shown.all(|key| snapshot.listed.contains(&key)) {
            *searchable.entry(account.role).or_default() += 1;
        }
    }
    searchable.retain(|role, number| {
        let accounts = snapshot.accounts().filter(|account| account.role == *role);
        // Two more pages: one for the remainder, and an empty one.
        *number > accounts.count() / PAGE_ROWS + 2
    });
    searchable.into_keys().collect()
}

fn search_start(client: &Client, since: Timestamp) -> Timestamp {
    let behind = SignedDuration::from_secs(client.skew().unwrap_or_default().max(0));
    since.saturating_sub(CLOCK_MARGIN + behind).unwrap_or(since)
}

/// Keeps the accounts for which a new plan has nothing to do.
fn keep_as_declared(ids: &mut BTreeSet<AccountId>, touched: &TouchedAccounts<'_>, anew: &Plan) {
    for account in anew.operations.iter().filter_map(Operation::account) {
        ids.remove(&account);
    }
    for held in &anew.held {
        if let Some(id) = touched.account_of(&held.place, &held.who) {
            ids.remove(&id);
        }
    }
}
