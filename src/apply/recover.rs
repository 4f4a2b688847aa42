//! Looks into what earlier runs left open, before anything is planned.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::SignedDuration;

use crate::apply::earlier_assignments::add_sent;
use crate::apply::journal::{Created, JournalKnowledge, RecordTime};
use crate::domain::clock::Clock;
use crate::domain::role::Role;
use crate::domain::{
    Account, AccountId, DeclaredNames, DeclaredUser, RecordedUser, ResolvedCreate, Roster,
    SentAssignment, Snapshot, UnclearCreate, UnclearKind,
};
use crate::onefile::{Client, ClientError, fetch_created};

/// The journal's knowledge, and how long an unclear create keeps its user from being planned.
pub struct JournalState<'k> {
    pub known: &'k JournalKnowledge,
    pub settle_after: SignedDuration,
}

/// What has become clear since the earlier runs.
pub struct TakenUp {
    /// Creates that are no longer unclear: the account was found, or `settle_after` has passed.
    pub taken: Vec<ResolvedCreate>,
    /// Created accounts that lists show for the first time.
    pub listed: Vec<AccountId>,
}

/// Adds the journal's knowledge to a snapshot: accounts that no list shows yet, and creates that may have made an account.
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
    let wait = GracePeriod::of(client, clock, earlier);
    let (taken, mut unclear) = opened(wait, known, &declared, snapshot);
    for (user, created) in &known.created {
        let is_over = wait.is_over(created.at);
        match doubt(user, created, &declared, snapshot) {
            Some(UnclearKind::NotShownYet(id)) if is_over => {
                add(&mut unclear, user, created, UnclearKind::NotShown(id));
            }
            Some(doubt) => add(&mut unclear, user, created, doubt),
            None => {}
        }
    }
    let damaged = known
        .damaged
        .iter()
        .filter(|(user, _)| snapshot.of_recorded(user).next().is_none());
    for (user, damage) in damaged {
        unclear.insert(
            user.clone(),
            UnclearCreate {
                since: damage.at,
                doubt: UnclearKind::Damaged(damage.id),
            },
        );
    }
    snapshot.unclear = unclear;
    Ok(TakenUp { taken, listed })
}

/// Adds to a snapshot what earlier runs sent besides accounts. What learners have has been read before: where it is shown, the
/// reading decides. Returns the templates that readings show for the first time.
pub async fn take_up_sent(
    client: &Client,
    clock: Clock,
    earlier: &JournalState<'_>,
    snapshot: &mut Snapshot,
) -> Result<Vec<SentAssignment>, ClientError> {
    let wait = GracePeriod::of(client, clock, earlier);
    add_sent(client, earlier.known, wait, snapshot).await
}

/// How long an unclear create keeps its user from being planned.
#[derive(Clone, Copy)]
pub(super) struct GracePeriod {
    clock: Clock,
    /// How many seconds the clock is ahead of the server's, if known.
    skew: Option<i64>,
    length: SignedDuration,
}

impl GracePeriod {
    fn of(client: &Client, clock: Clock, earlier: &JournalState<'_>) -> Self {
        Self {
            clock,
            skew: client.skew(),
            length: earlier.settle_after,
        }
    }

    pub(super) fn is_over(self, since: RecordTime) -> bool {
        since.age(self.clock, self.skew) >= self.length
    }
}

/// The MIS values and account numbers by which manifests name users.
struct Keys<'r> {
    names: DeclaredNames<'r>,
    pins: HashSet<AccountId>,
}

impl<'r> Keys<'r> {
    fn of(roster: &'r Roster) -> Self {
        let users = roster.users();
        Self {
            names: DeclaredNames::of(users.iter().map(|user| (Some(user.role), user.mis_id()))),
            pins: users.iter().filter_map(|user| user.id).collect(),
        }
    }

    /// `S-1`, or `assessor:S-1` if another role has the MIS value as well.
    fn name(&self, user: &RecordedUser, snapshot: &Snapshot) -> String {
        let mut declared = self.names.with_mis_id(&user.mis_id).iter();
        let mut live = snapshot.with_mis_id(&user.mis_id);
        let is_other = |role: Role| user.role.is_some_and(|own| own != role);
        if declared.any(|(_, role)| is_other(*role)) || live.any(|account| is_other(account.role)) {
            user.to_string()
        } else {
            user.mis_id.clone()
        }
    }

    /// Whether a manifest declares a user whom the journal knows.
    fn has(&self, user: &RecordedUser) -> bool {
        let mut users = self.names.with_mis_id(&user.mis_id).iter();
        users.any(|(_, role)| user.may_be(*role, &user.mis_id))
    }
}

/// Adds a doubt about a created account. An open create, or a person's answer about it, takes precedence unless the account is
/// known to show another MIS value.
fn add(
    unclear: &mut BTreeMap<RecordedUser, UnclearCreate>,
    user: &RecordedUser,
    created: &Created,
    doubt: UnclearKind,
) {
    let create = UnclearCreate {
        since: created.at.at,
        doubt,
    };
    if matches!(doubt, UnclearKind::OtherMisId(_)) {
        unclear.insert(user.clone(), create);
    } else {
        unclear.entry(user.clone()).or_insert(create);
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

/// The created accounts to read, because they may belong to a user who would be created. If lists once showed an account and
/// no longer do, it was probably archived or deleted. There may be many of these, so only the latest are read.
fn unlisted(
    known: &JournalKnowledge,
    roster: &Roster,
    declared: &Keys<'_>,
    snapshot: &Snapshot,
) -> BTreeSet<AccountId> {
    let is_absent = |user: &DeclaredUser| {
        user.id.is_none() && !user.has_left() && !snapshot.has_candidate(user)
    };
    if !roster.users().iter().any(is_absent) {
        return BTreeSet::new();
    }
    let (mut ids, mut others) = (BTreeSet::new(), Vec::new());
    for (user, created) in known
        .created
        .iter()
        .filter(|(_, created)| snapshot.account(created.id).is_none())
    {
        if !created.is_listed || declared.has(user) {
            ids.insert(created.id);
        } else {
            others.push((created.at.at, created.id));
        }
    }
    others.sort_unstable();
    ids.extend(others.into_iter().rev().take(MOST_OTHERS).map(|(_, id)| id));
    ids
}

/// Maximum number of formerly listed accounts to read: less than half of the requests that the default limit allows a minute.
const MOST_OTHERS: usize = 100;

/// The open creates that are clear by now, and those that aren't. If no manifest declares the user any more, waiting doesn't
/// help, because the person may now be declared under another MIS value. Then the account must be found, or a person must say
/// whether it exists.
fn opened(
    wait: GracePeriod,
    known: &JournalKnowledge,
    declared: &Keys<'_>,
    snapshot: &Snapshot,
) -> (Vec<ResolvedCreate>, BTreeMap<RecordedUser, UnclearCreate>) {
    let (mut taken, mut unclear) = (Vec::new(), BTreeMap::new());
    for (user, open) in &known.open {
        let found = snapshot.of_recorded(user).next().map(|account| account.id);
        let may_end = !open.said_created && declared.has(user);
        if found.is_some() || (may_end && wait.is_over(open.since)) {
            taken.push(ResolvedCreate {
                user: user.clone(),
                name: declared.name(user, snapshot),
                since: open.since.at,
                found,
            });
        } else {
            let doubt = if open.said_created {
                UnclearKind::SaidCreated
            } else {
                UnclearKind::Create
            };
            unclear.insert(
                user.clone(),
                UnclearCreate {
                    since: open.since.at,
                    doubt,
                },
            );
        }
    }
    (taken, unclear)
}

/// What is unclear about a created account. If no manifest declares its user any more, it is unclear only until OneFile has
/// shown its name. From then on, declared users can be compared with it.
fn doubt(
    user: &RecordedUser,
    created: &Created,
    declared: &Keys<'_>,
    snapshot: &Snapshot,
) -> Option<UnclearKind> {
    let shown = snapshot.account(created.id);
    let mut of_user = snapshot.of_recorded(user);
    if declared.has(user) {
        // A trainee assessor who was promoted still has the MIS value, in another role.
        let is_promoted = shown.is_some_and(|account| account.mis_id() == Some(&user.mis_id));
        let missing = || {
            shown.map_or(UnclearKind::NotShownYet(created.id), |_| {
                UnclearKind::OtherMisId(created.id)
            })
        };
        return (of_user.next().is_none() && !is_promoted).then(missing);
    }
    let is_known = created.is_listed
        || declared.pins.contains(&created.id)
        || shown.into_iter().chain(of_user).any(Account::has_name);
    (!is_known).then_some(UnclearKind::NotShownYet(created.id))
}
