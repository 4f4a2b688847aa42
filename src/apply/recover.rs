//! What earlier runs left open, taken up before anything is planned.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::SignedDuration;

use crate::apply::journal::{Created, JournalKnowledge};
use crate::domain::clock::Clock;
use crate::domain::{
    Account, AccountId, DeclaredUser, ResolvedCreate, Roster, Snapshot, UnclearCreate, UnclearKind,
};
use crate::onefile::{Client, ClientError, fetch_created};

/// What earlier runs left open, and for how long that is left alone.
pub struct JournalState<'k> {
    pub known: &'k JournalKnowledge,
    pub settle_after: SignedDuration,
}

/// What became of it.
pub struct TakenUp {
    /// The unclear creates that are clear by now: the account is there, or it has been long enough.
    pub taken: Vec<ResolvedCreate>,
    /// The created accounts that lists show for the first time.
    pub listed: Vec<AccountId>,
}

/// Adds to a snapshot what the journal knows: accounts that no list shows yet, and creates that may have made an account.
pub async fn take_up(
    client: &Client,
    clock: Clock,
    earlier: &JournalState<'_>,
    roster: &Roster,
    snapshot: &mut Snapshot,
) -> Result<TakenUp, ClientError> {
    let known = earlier.known;
    let declared = Keys::of(roster);
    let listed = newly_listed(known, snapshot);
    fetch_created(
        client,
        unlisted(known, roster, &declared, snapshot),
        snapshot,
    )
    .await?;
    let (taken, mut unclear) = opened(clock, earlier, &declared, snapshot);
    for (mis_id, created) in &known.created {
        let is_over = clock.since(created.at) >= earlier.settle_after;
        match doubt(mis_id, created, &declared, snapshot) {
            Some(UnclearKind::NotShownYet(id)) if is_over => {
                add(&mut unclear, mis_id, created, UnclearKind::NotShown(id));
            }
            Some(doubt) => add(&mut unclear, mis_id, created, doubt),
            None => {}
        }
    }
    let damaged = known
        .damaged
        .iter()
        .filter(|(mis_id, _)| snapshot.with_mis_id(mis_id).next().is_none());
    for (mis_id, damage) in damaged {
        unclear.insert(
            mis_id.clone(),
            UnclearCreate {
                since: damage.at,
                doubt: UnclearKind::Damaged(damage.id),
            },
        );
    }
    snapshot.unclear = unclear;
    Ok(TakenUp { taken, listed })
}

/// What manifests name users by.
struct Keys<'r> {
    mis_ids: HashSet<&'r str>,
    pins: HashSet<AccountId>,
}

impl<'r> Keys<'r> {
    fn of(roster: &'r Roster) -> Self {
        let users = roster.users();
        Self {
            mis_ids: users.iter().filter_map(DeclaredUser::mis_id).collect(),
            pins: users.iter().filter_map(|user| user.id).collect(),
        }
    }
}

/// What a person has said, or what is open, stays, unless the account itself can be pointed to.
fn add(
    unclear: &mut BTreeMap<String, UnclearCreate>,
    mis_id: &str,
    created: &Created,
    doubt: UnclearKind,
) {
    let create = UnclearCreate {
        since: created.at,
        doubt,
    };
    if matches!(doubt, UnclearKind::OtherMisId(_)) {
        unclear.insert(mis_id.to_owned(), create);
    } else {
        unclear.entry(mis_id.to_owned()).or_insert(create);
    }
}

fn newly_listed(known: &JournalKnowledge, snapshot: &Snapshot) -> Vec<AccountId> {
    let is_listed = |id: &AccountId| {
        !snapshot.unlisted.contains(id) && snapshot.account(*id).is_some_and(Account::has_name)
    };
    let unseen = known
        .created
        .values()
        .filter(|created| !created.is_listed)
        .map(|created| created.id);
    unseen.filter(is_listed).collect()
}

/// The created accounts to look at: those that may belong to a user who would be created. Accounts that lists have shown and
/// show no longer were archived or deleted, as a rule: there may be many, so that only the latest are looked at.
fn unlisted(
    known: &JournalKnowledge,
    roster: &Roster,
    declared: &Keys<'_>,
    snapshot: &Snapshot,
) -> BTreeSet<AccountId> {
    let is_absent = |user: &DeclaredUser| user.id.is_none() && snapshot.candidates(user).is_empty();
    if !roster.users().iter().any(is_absent) {
        return BTreeSet::new();
    }
    let (mut ids, mut others) = (BTreeSet::new(), Vec::new());
    for (mis_id, created) in known
        .created
        .iter()
        .filter(|(_, created)| snapshot.account(created.id).is_none())
    {
        if !created.is_listed || declared.mis_ids.contains(mis_id.as_str()) {
            ids.insert(created.id);
        } else {
            others.push((created.at, created.id));
        }
    }
    others.sort_unstable();
    ids.extend(others.into_iter().rev().take(MOST_OTHERS).map(|(_, id)| id));
    ids
}

/// So many calls more for a plan that creates somebody are soon made.
const MOST_OTHERS: usize = 100;

/// The unclear creates that are clear by now, and those that aren't. A create that no manifest declares any more stays unclear
/// until a person has said what became of it: its person may be declared under another MIS value.
fn opened(
    clock: Clock,
    JournalState {
        known,
        settle_after,
    }: &JournalState<'_>,
    declared: &Keys<'_>,
    snapshot: &Snapshot,
) -> (Vec<ResolvedCreate>, BTreeMap<String, UnclearCreate>) {
    let (mut taken, mut unclear) = (Vec::new(), BTreeMap::new());
    for (mis_id, open) in &known.open {
        let found = snapshot
            .with_mis_id(mis_id)
            .next()
            .map(|account| account.id);
        let may_end = !open.said_created && declared.mis_ids.contains(mis_id.as_str());
        if found.is_some() || (may_end && clock.since(open.since) >= *settle_after) {
            taken.push(ResolvedCreate {
                mis_id: mis_id.clone(),
                since: open.since,
                found,
            });
        } else {
            let doubt = if open.said_created {
                UnclearKind::SaidCreated
            } else {
                UnclearKind::Create
            };
            unclear.insert(
                mis_id.clone(),
                UnclearCreate {
                    since: open.since,
                    doubt,
                },
            );
        }
    }
    (taken, unclear)
}

/// What is in doubt about a created account. One that nobody declares any more is only in doubt until OneFile has shown whose it
/// is; whoever else is declared can be compared with it then.
fn doubt(
    mis_id: &str,
    created: &Created,
    declared: &Keys<'_>,
    snapshot: &Snapshot,
) -> Option<UnclearKind> {
    let shown = snapshot.account(created.id);
    let mut with_mis_id = snapshot.with_mis_id(mis_id);
    if declared.mis_ids.contains(mis_id) {
        let missing = || {
            shown.map_or(UnclearKind::NotShownYet(created.id), |_| {
                UnclearKind::OtherMisId(created.id)
            })
        };
        return with_mis_id.next().is_none().then(missing);
    }
    let is_known = created.is_listed
        || declared.pins.contains(&created.id)
        || shown.into_iter().chain(with_mis_id).any(Account::has_name);
    (!is_known).then_some(UnclearKind::NotShownYet(created.id))
}
