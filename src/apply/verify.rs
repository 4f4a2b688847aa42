//! Verification: reads the touched accounts again, and compares what they hold with what was sent. `verify_assignments` reads what
//! isn't a field of an account. If search rows show every
//! field that the snapshot shows, one search of a role reads many accounts. If a row doesn't hold what was sent, its account is
//! then read by itself.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use crate::apply::verify_assignments::{deviating_entries, missing_assignments};
use crate::apply::{DeviatingThing, Deviation, OperationResult, Outcome, RewrittenValue};
use crate::domain::clock::Clock;
use crate::domain::field::{Key, SettableWhen};
use crate::domain::role::Role;
use crate::domain::{
    Account, AccountId, ArchiveMove, Archived, EntryId, FieldPolicy, ObservedValue, ShownArchive,
    Snapshot, UserIdentity, Value, is_rewriting,
};
use crate::onefile::{Client, ClientError};
use crate::plan::{
    Change, FieldCoverage, NewEntry, Operation, OperationKind, ReferenceTarget, ResolvedValue,
    equal, equal_but_for_case, same_live,
};

/// The outcome to verify.
pub struct VerifyInput<'v> {
    pub outcome: &'v Outcome,
    /// What the project says about its fields.
    pub fields: &'v FieldPolicy,
    /// Whether lists are known to leave out archived accounts.
    pub lists: Archived,
    /// When the accounts of the snapshot were read, by the clock of this machine.
    pub since: Timestamp,
    pub clock: Clock,
}

/// The number of rows that a search page usually has at least.
const PAGE_ROWS: usize = 100;

/// Reads again what was touched, and returns what doesn't hold what was sent, in the order of the places. The plan must have been
/// made from this snapshot.
pub async fn verify(
    client: &Client,
    mut snapshot: Snapshot,
    verifying: &VerifyInput<'_>,
) -> Result<Vec<Deviation>, ClientError> {
    let touched = TouchedAccounts::of(verifying);
    let mut seen = read_by_search(client, &mut snapshot, &touched, verifying.since).await?;
    if !seen.is_empty() {
        for deviation in touched.deviations(&snapshot) {
            deviation.account().map(|id| seen.remove(&id));
        }
    }
    let ids: BTreeSet<AccountId> = touched.ids().filter(|id| !seen.contains(id)).collect();
    let mut unread = Vec::new();
    for (id, account) in client.accounts(snapshot.organisation.id, ids).await? {
        match account {
            Some(account) => snapshot.replace(account),
            None => unread.push(id),
        }
    }
    let mut deviations = touched.deviations(&snapshot);
    if verifying.lists == Archived::Hidden {
        deviations.extend(touched.listed_otherwise(client, &snapshot).await?);
    }
    let is_read = |id: AccountId| !unread.contains(&id);
    deviations.retain(|deviation| deviation.account().is_none_or(is_read));
    deviations.extend(unread.iter().filter_map(|id| touched.unreadable(*id)));
    deviations.extend(missing_assignments(client, verifying).await?);
    deviations.extend(deviating_entries(client, snapshot.organisation.id, verifying).await?);
    deviations.sort_by(|one, other| one.place.cmp(&other.place));
    Ok(deviations)
}

/// The accounts that a run created or changed, and the operations that did so.
struct TouchedAccounts<'o> {
    operations: BTreeMap<AccountId, Vec<&'o Operation>>,
    /// The accounts that the run created.
    created: HashMap<UserIdentity, AccountId>,
    /// The placements and classrooms that the run created.
    new_entries: HashMap<NewEntry, EntryId>,
    fields: &'o FieldPolicy,
}

impl<'o> TouchedAccounts<'o> {
    fn of(verifying: &VerifyInput<'o>) -> Self {
        let mut touched = Self {
            operations: BTreeMap::new(),
            created: HashMap::new(),
            new_entries: HashMap::new(),
            fields: verifying.fields,
        };
        for (operation, result) in &verifying.outcome.results {
            if let (Some(entry), OperationResult::EntryDone(id)) =
                (operation.created_entry(), result)
            {
                touched.new_entries.insert(entry, *id);
            }
            // The account of a learner doesn't show what the learner was assigned.
            if operation.kind() == OperationKind::Assign {
                continue;
            }
            if let Some(id) = result.account() {
                let created = operation.created_user().map(|user| (user, id));
                touched.created.extend(created);
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

    /// `None` if the account wasn't touched.
    fn unreadable(&self, id: AccountId) -> Option<Deviation> {
        let operation = self.operations.get(&id)?.first()?;
        deviation(operation, id)
    }

    /// The touched accounts of a snapshot that don't hold what was sent.
    fn deviations(&self, snapshot: &Snapshot) -> Vec<Deviation> {
        let coverage = FieldCoverage::of(snapshot);
        let mut deviations = Vec::new();
        for (id, operations) in &self.operations {
            let Some(account) = snapshot.account(*id) else {
                continue;
            };
            for operation in operations {
                if operation
                    .user()
                    .is_some_and(|user| user.role != account.role)
                {
                    deviations.extend(deviation(operation, *id));
                    continue;
                }
                let Some(mut differing) = deviation(operation, *id) else {
                    continue;
                };
                let is_elsewhere = operation
                    .archive_move()
                    .is_some_and(|step| shows_otherwise(step, account.archive));
                differing.keys.extend(is_elsewhere.then_some(Key::Archived));
                for change in operation.changes() {
                    if !is_comparable(change, account, &coverage) || self.holds(change, account) {
                        continue;
                    }
                    differing.keys.push(change.key);
                    differing
                        .rewritten
                        .extend(rewritten(change, account, snapshot));
                }
                if !differing.keys.is_empty() {
                    deviations.push(differing);
                }
            }
        }
        deviations
    }

    /// The accounts that were archived and that lists still show, or that were brought back and that they don't show, if the
    /// accounts themselves say nothing.
    async fn listed_otherwise(
        &self,
        client: &Client,
        snapshot: &Snapshot,
    ) -> Result<Vec<Deviation>, ClientError> {
        let mut lists = BTreeMap::new();
        let mut deviations = Vec::new();
        for (id, operation, step) in self.moved_in_silence(snapshot) {
            let Some(role) = operation.user().map(|user| user.role) else {
                continue;
            };
            let list = match lists.entry(role) {
                Entry::Occupied(list) => list.into_mut(),
                Entry::Vacant(free) => {
                    free.insert(client.listed_ids(snapshot.organisation.id, role).await?)
                }
            };
            let differs = match step {
                ArchiveMove::Archive => list.ids.contains(&id),
                ArchiveMove::Unarchive => list.is_whole && !list.ids.contains(&id),
            };
            if differs {
                let keys = vec![Key::Archived];
                let found = deviation(operation, id);
                deviations.extend(found.map(|found| Deviation { keys, ..found }));
            }
        }
        Ok(deviations)
    }

    /// The moved accounts that don't show whether they are archived.
    fn moved_in_silence(
        &self,
        snapshot: &Snapshot,
    ) -> Vec<(AccountId, &'o Operation, ArchiveMove)> {
        let mut moved = Vec::new();
        for (id, operations) in &self.operations {
            let account = snapshot.account(*id);
            if account.is_none_or(|account| account.archive != ShownArchive::NotShown) {
                continue;
            }
            for operation in operations {
                moved.extend(operation.archive_move().map(|step| (*id, *operation, step)));
            }
        }
        moved
    }

    fn holds(&self, change: &Change, account: &Account) -> bool {
        let live = account.shown.get(change.key);
        match &change.to {
            ResolvedValue::Reference {
                target: ReferenceTarget::AfterApply(user),
                ..
            } => self.created.get(user).is_some_and(|id| {
                live.and_then(ObservedValue::reference) == Some(EntryId::from(*id))
            }),
            ResolvedValue::Reference {
                target: ReferenceTarget::AfterEntry(entry),
                ..
            } => self
                .new_entries
                .get(entry)
                .is_some_and(|id| live.and_then(ObservedValue::reference) == Some(*id)),
            ResolvedValue::Reference {
                target: ReferenceTarget::Known(_) | ReferenceTarget::Unit { .. },
                ..
            }
            | ResolvedValue::Value(_) => {
                let ignores_case = self.fields.ignores_case(account.role, change.key);
                equal(&change.to, live) || (ignores_case && equal_but_for_case(&change.to, live))
            }
        }
    }
}

/// Whether an account shows that it isn't where it was moved to.
fn shows_otherwise(step: ArchiveMove, shown: ShownArchive) -> bool {
    match step {
        ArchiveMove::Archive => shown == ShownArchive::Current,
        ArchiveMove::Unarchive => shown == ShownArchive::Archived,
    }
}

/// `None` for an operation that isn't about a user.
fn deviation(operation: &Operation, id: AccountId) -> Option<Deviation> {
    Some(Deviation {
        what: DeviatingThing::Account(operation.user()?.clone(), id),
        place: operation.place().clone(),
        keys: Vec::new(),
        rewritten: Vec::new(),
        missing: Vec::new(),
    })
}

/// Whether the account can show that a field was set.
fn is_comparable(change: &Change, account: &Account, coverage: &FieldCoverage) -> bool {
    let live = account.shown.get(change.key);
    change.is_verifiable
        && change.key.row().settable == SettableWhen::Always
        && coverage.holds(account.role, change.key)
        && live.is_none_or(ObservedValue::is_readable)
}

/// The text that the account shows in the place of the one that was sent. `None` if it shows none.
fn rewritten(change: &Change, account: &Account, snapshot: &Snapshot) -> Option<RewrittenValue> {
    let ResolvedValue::Value(Value::Text(sent)) = &change.to else {
        return None;
    };
    let live = account
        .shown
        .get(change.key)
        .filter(|live| !live.is_empty())?;
    let former = change.from.as_ref().map(|former| &former.live);
    let shown = live.canonical()?;
    Some(RewrittenValue {
        key: change.key,
        digest: snapshot
            .kept
            .digest(account.id, change.key, sent.canonical(), &shown),
        is_sure: !same_live(Some(live), former) && is_rewriting(sent.canonical(), &shown),
    })
}

/// Reads touched accounts by searching, for the roles in which that takes fewer calls, and puts them into the snapshot.
/// Returns the accounts whose row shows every field that the snapshot shows.
async fn read_by_search(
    client: &Client,
    snapshot: &mut Snapshot,
    touched: &TouchedAccounts<'_>,
    since: Timestamp,
) -> Result<BTreeSet<AccountId>, ClientError> {
    let since = client.search_start(since);
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
