//! The planner: the smallest set of operations that turns the snapshot into the roster. Pure, total and deterministic:
//! it matches, resolves, compares, orders and counts, and knows no clock, environment or file.

mod compare;
mod coverage;
mod declared_duplicates;
mod explain;
mod hold;
mod limits;
mod matching;
mod operation;
mod possible_duplicates;
mod references;
mod side_effect;

pub use crate::plan::compare::{canonical, day_of, equal, is_readable};
pub use crate::plan::explain::{
    ComparedField, Explanation, FieldState, HowMatched, PlannedOutcome, explain,
};
pub use crate::plan::hold::{HoldReason, LikelyAccount};
pub use crate::plan::limits::{FewMatched, LimitExcess, LimitKind, excesses};
pub use crate::plan::operation::{
    Action, Change, Effect, HeldUser, LiveValue, Operation, Origin, Plan, ReferenceTarget,
    ResolvedValue, UserLabel,
};
pub use crate::plan::side_effect::emailing;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::domain::field::{FIELDS, Key, ROLES, Referent, Role, SettableWhen, UNKNOWN_ULN};
use crate::domain::{
    Account, Archived, DeclaredUser, Id, Organisation, Policy, Roster, STAYS_WITH_A_PERSON, Scope,
    Snapshot, TELLS_DUPLICATES, UnclearCreate, UnclearKind, Value,
};
use crate::plan::coverage::FieldCoverage;
use crate::plan::declared_duplicates::DeclaredDuplicates;
use crate::plan::matching::{Match, match_all};
use crate::plan::possible_duplicates::PossibleDuplicates;
use crate::plan::references::{MissingReferent, Resolver};
use crate::plan::side_effect::effects;

/// The plan for this roster on this snapshot, as far as the scope goes.
pub fn plan(roster: &Roster, snapshot: &Snapshot, policy: &Policy, scope: &Scope) -> Plan {
    let matches = match_all(roster, snapshot);
    let shown = FieldCoverage::of(snapshot);
    let mut evidence = PlanContext {
        organisation: &snapshot.organisation,
        gaps: picture_gaps(snapshot, &shown, policy),
        likeness: PossibleDuplicates::of(roster, snapshot, &matches, &shown),
        shown,
        declared_duplicates: DeclaredDuplicates::of(roster, &matches),
        unmanaged: roster.unmanaged(),
        unclear: &snapshot.unclear,
        undeclared_creates: undeclared_creates(roster, snapshot),
        scope,
        resolver: Resolver::new(roster, snapshot, &matches),
    };
    let undeclared = undeclared(roster, snapshot, &matches);
    let is_unseen = |id: &&Id| {
        snapshot
            .account(**id)
            .is_some_and(|account| !account.shown.contains(Key::Email))
    };
    let mut plan = Plan {
        unseen: undeclared.iter().filter(is_unseen).count(),
        undeclared,
        unmanaged: roster.unmanaged().len(),
        ..Plan::empty(snapshot.organisation.clone())
    };
    let groups: Groups = std::array::from_fn(|at| group(ROLES[at].role));
    for at in by_role(roster, &groups) {
        let user = &roster.users()[at];
        plan.matched += usize::from(matches[at].account().is_some());
        if !scope.includes(at) {
            plan.left_out += 1;
            // Whoever has no account and isn't planned can't be referred to.
            if matches[at].account().is_none() {
                evidence.resolver.miss(at, MissingReferent::Unplanned);
            }
            continue;
        }
        let verdict = evidence.decide(at, user, &matches[at]);
        plan.not_compared += verdict.not_compared;
        match verdict.decision {
            Decision::Hold(reasons) => {
                evidence.resolver.miss(at, MissingReferent::Held);
                plan.held.push(HeldUser {
                    who: UserLabel::of(user, matches[at].account()),
                    place: user.place.clone(),
                    reasons,
                    origin: scope.edit(at).map(|edit| Origin::of(edit.is_edited)),
                });
            }
            Decision::Operate(operation) => plan.operations.push(operation),
            Decision::Leave => plan.unchanged += 1,
        }
    }
    plan.operations
        .sort_by(|one, other| in_order(&one.who, &other.who, &groups));
    plan.held
        .sort_by(|one, other| in_order(&one.who, &other.who, &groups));
    plan.excesses = excesses(&plan, policy);
    plan
}

/// The users in the order in which they are decided: who is referred to comes before who refers, which the table of fields
/// makes a matter of roles.
fn by_role(roster: &Roster, groups: &Groups) -> Vec<usize> {
    let mut order: Vec<usize> = (0..roster.users().len()).collect();
    order.sort_by_key(|at| groups[roster.users()[*at].role as usize]);
    order
}

/// The order of operations: by role as above, then by identity, so that the order of files changes nothing.
fn in_order(one: &UserLabel, other: &UserLabel, groups: &Groups) -> Ordering {
    let group = |who: &UserLabel| groups[who.role as usize];
    group(one)
        .cmp(&group(other))
        .then_with(|| one.mis_id.cmp(&other.mis_id))
        .then(one.id.cmp(&other.id))
}

type Group = (bool, Role);
/// The group of each role.
type Groups = [Group; ROLES.len()];

fn group(role: Role) -> Group {
    (refers_to_users(role), role)
}

fn refers_to_users(role: Role) -> bool {
    FIELDS
        .iter()
        .any(|field| field.is_of(role) && field.referent().is_some_and(Referent::is_user))
}

struct UserDecision {
    decision: Decision,
    not_compared: usize,
}

enum Decision {
    Hold(Vec<HoldReason>),
    Operate(Operation),
    Leave,
}

/// What the decision on a user rests on.
struct PlanContext<'p> {
    organisation: &'p Organisation,
    /// Why nobody can be created, if the picture doesn't allow it.
    gaps: Vec<HoldReason>,
    shown: FieldCoverage,
    likeness: PossibleDuplicates<'p>,
    declared_duplicates: DeclaredDuplicates,
    unmanaged: &'p BTreeSet<Key>,
    unclear: &'p BTreeMap<String, UnclearCreate>,
    /// Those of them that nobody declares any more.
    undeclared_creates: Vec<(&'p String, &'p UnclearCreate)>,
    scope: &'p Scope,
    resolver: Resolver<'p>,
}

impl PlanContext<'_> {
    fn decide(&self, at: usize, user: &DeclaredUser, matched: &Match<'_>) -> UserDecision {
        let (action, changes, not_compared, reasons) = match matched {
            Match::Held(reason) => {
                let unresolved = self.resolver.resolve(user).err().unwrap_or_default();
                return UserDecision::hold(
                    std::iter::once(reason.clone()).chain(unresolved).collect(),
                );
            }
            Match::Nobody => {
                let (planned, mut reasons) = match self.resolver.resolve(user) {
                    Ok(planned) => (planned, Vec::new()),
                    Err(reasons) => (Vec::new(), reasons),
                };
                reasons.extend(self.unclear(user));
                reasons.extend(self.earlier_creates(at, user));
                reasons.extend_from_slice(&self.gaps);
                reasons.extend(self.likeness.objection(user));
                reasons.extend(self.rekeyed(at, user));
                reasons.extend(self.declared_duplicates.objections(at));
                reasons.extend(awaited(user, self.unmanaged));
                (
                    Action::Create,
                    planned.into_iter().map(Change::set).collect(),
                    0,
                    reasons,
                )
            }
            Match::Account(account) => {
                let Differences {
                    changes,
                    not_compared,
                    mut reasons,
                } = self.differences(at, user, account);
                reasons.extend(another_person(user, &changes));
                // The new MIS value is somebody's already.
                reasons.extend(self.rekeyed(at, user).filter(|_| user.id.is_none()));
                (Action::Update(account.id), changes, not_compared, reasons)
            }
        };
        if !reasons.is_empty() {
            return UserDecision::hold(reasons);
        }
        let decision = if changes.is_empty() {
            Decision::Leave
        } else {
            let is_create = action == Action::Create;
            Decision::Operate(Operation {
                effects: effects(&action, &changes, self.organisation),
                origin: self.origin(at, &changes),
                action,
                who: UserLabel::of(user, matched.account()),
                place: user.place.clone(),
                distinct_from: user.distinct_from.clone(),
                changes,
                checked_by: if is_create {
                    self.likeness.checked_by(user)
                } else {
                    Vec::new()
                },
            })
        };
        UserDecision {
            decision,
            not_compared,
        }
    }

    /// Whether the change to the manifests brings an operation about, or something else has.
    fn origin(&self, at: usize, changes: &[Change]) -> Option<Origin> {
        let edit = self.scope.edit(at)?;
        let is_edited = changes.iter().any(|change| edit.keys.contains(&change.key));
        Some(Origin::of(is_edited))
    }

    /// An earlier run may have created the account.
    fn unclear(&self, user: &DeclaredUser) -> Option<HoldReason> {
        let (mis_id, create) = self.unclear.get_key_value(user.mis_id()?)?;
        // Of an account that is shown a person can say that it is somebody else's.
        let is_other =
            matches!(create.doubt, UnclearKind::OtherMisId(id) if user.distinct_from.contains(&id));
        (!is_other).then(|| HoldReason::Unclear {
            mis_id: mis_id.clone(),
            create: *create,
        })
    }

    /// An earlier run may have created the account under a MIS value that was edited since.
    fn earlier_creates(&self, at: usize, user: &DeclaredUser) -> Option<HoldReason> {
        let edit = self.scope.edit(at);
        let formerly = edit.and_then(|edit| self.unclear.get_key_value(edit.formerly.as_ref()?));
        let all: BTreeMap<_, _> = self
            .undeclared_creates
            .iter()
            .copied()
            .chain(formerly)
            .collect();
        let is_answered = |create: &UnclearCreate| {
            create
                .doubt
                .account()
                .is_some_and(|id| user.distinct_from.contains(&id))
        };
        let open = all.into_iter().filter(|(_, create)| !is_answered(create));
        let creates: Vec<_> = open
            .map(|(mis_id, create)| (mis_id.clone(), *create))
            .collect();
        (!creates.is_empty()).then_some(HoldReason::EarlierCreates(creates))
    }

    /// A person whose MIS value was edited has an account by the former one.
    fn rekeyed(&self, at: usize, user: &DeclaredUser) -> Option<HoldReason> {
        let from = self.scope.edit(at)?.formerly.clone()?;
        let mut accounts = self.resolver.accounts_of(&from);
        accounts.retain(|id| !user.distinct_from.contains(id));
        (!accounts.is_empty()).then_some(HoldReason::ReKeyed { from, accounts })
    }

    /// Each declared field beside the account's. Nothing is copied but what differs: most fields of most users don't.
    fn differences(&self, at: usize, user: &DeclaredUser, account: &Account) -> Differences {
        let mut differences = Differences::default();
        for (key, value) in user.values.iter() {
            match self.difference(at, key, value, account) {
                Ok(Difference::None) => {}
                Ok(Difference::NotCompared) => differences.not_compared += 1,
                Ok(Difference::Change(change)) => differences.changes.push(change),
                Err(reason) => differences.reasons.push(reason),
            }
        }
        differences
    }

    fn difference(
        &self,
        at: usize,
        key: Key,
        value: &Value,
        account: &Account,
    ) -> Result<Difference, HoldReason> {
        let live = account.shown.get(key);
        let is_shown = self.shown.holds(account.role, key);
        let is_updated = key.row().settable == SettableWhen::Always;
        if is_shown
            && is_updated
            && !matches!(value, Value::Reference(_))
            && compare::equal_value(key, value, live)
        {
            return Ok(Difference::None);
        }
        let to = self.resolver.value(key, value)?;
        let is_comparable = is_shown && live.is_none_or(|live| is_readable(key, live));
        Ok(
            if !is_updated || (is_comparable && compare::equal(key, &to, live)) {
                Difference::None
            } else if is_comparable {
                let from = live.map(|live| self.resolver.former(key, live));
                Difference::Change(Change {
                    key,
                    from,
                    to,
                    is_verifiable: true,
                })
            } else if self
                .scope
                .edit(at)
                .is_some_and(|edit| edit.keys.contains(&key))
            {
                // Nobody can tell whether it differs; who has just edited it wants it sent, once.
                Difference::Change(Change {
                    key,
                    from: None,
                    to,
                    is_verifiable: false,
                })
            } else {
                Difference::NotCompared
            },
        )
    }
}

/// How an account differs from what is declared.
#[derive(Default)]
struct Differences {
    changes: Vec<Change>,
    /// No account of the role ever shows these, or what is shown can't be read.
    not_compared: usize,
    /// What is wrong with references.
    reasons: Vec<HoldReason>,
}

enum Difference {
    None,
    NotCompared,
    Change(Change),
}

/// What an overlay that isn't there in this run would give, and a create needs: to be made, or to be told from others.
fn awaited(user: &DeclaredUser, unmanaged: &BTreeSet<Key>) -> Option<HoldReason> {
    let compared = TELLS_DUPLICATES
        .iter()
        .filter(|key| unmanaged.contains(key) && key.row().is_of(user.role));
    let absent = compared.copied().filter(|key| !user.values.contains(*key));
    let keys: BTreeSet<Key> = absent.chain(user.lacking()).collect();
    (!keys.is_empty()).then(|| HoldReason::AwaitsOverlay(keys.into_iter().collect()))
}

/// An update that changes two of them looks like a spreadsheet whose column has shifted.
fn another_person(user: &DeclaredUser, changes: &[Change]) -> Option<HoldReason> {
    let replaced = |change: &&Change| {
        let former = change
            .from
            .as_ref()
            .and_then(|former| canonical(change.key, &former.live));
        STAYS_WITH_A_PERSON.contains(&change.key)
            && former.is_some_and(|former| former != UNKNOWN_ULN)
    };
    let keys: Vec<Key> = changes
        .iter()
        .filter(replaced)
        .map(|change| change.key)
        .collect();
    (keys.len() > 1 && !user.same_person).then_some(HoldReason::AnotherPerson(keys))
}

impl UserDecision {
    fn hold(reasons: Vec<HoldReason>) -> Self {
        Self {
            decision: Decision::Hold(reasons),
            not_compared: 0,
        }
    }
}

/// Whoever isn't in a list that is incomplete may exist all the same, in any role; and so may everybody where no row
/// shows a MIS value, not even an empty one (`onefile-api.md`, Finding things: it may be missing).
fn picture_gaps(snapshot: &Snapshot, shown: &FieldCoverage, policy: &Policy) -> Vec<HoldReason> {
    let gaps: Vec<Role> = Role::all()
        .filter(|role| !snapshot.whole.contains(role))
        .collect();
    let blind =
        snapshot.accounts().len() > 0 && !Role::all().any(|role| shown.holds(role, Key::MisId));
    let not_whole = (!gaps.is_empty()).then_some(HoldReason::PictureNotWhole(gaps));
    let hides = !snapshot.unlisted.is_empty() && policy.archived == Archived::Unknown;
    let hidden = hides.then(|| HoldReason::ListsHide(snapshot.unlisted.iter().copied().collect()));
    not_whole
        .into_iter()
        .chain(hidden)
        .chain(blind.then_some(HoldReason::MisValuesNotShown))
        .collect()
}

/// The earlier creates by MIS values that nobody declares, whose accounts aren't shown: they may belong to anybody who would be
/// created.
fn undeclared_creates<'s>(
    roster: &Roster,
    snapshot: &'s Snapshot,
) -> Vec<(&'s String, &'s UnclearCreate)> {
    if snapshot.unclear.is_empty() {
        return Vec::new();
    }
    let declared: HashSet<&str> = roster
        .users()
        .iter()
        .filter_map(DeclaredUser::mis_id)
        .collect();
    let creates = snapshot
        .unclear
        .iter()
        .filter(|(mis_id, _)| !declared.contains(mis_id.as_str()));
    creates
        .filter(|(_, create)| !matches!(create.doubt, UnclearKind::Damaged(_)))
        .collect()
}

/// Live accounts that no declared user names, by id or by MIS value.
fn undeclared(roster: &Roster, snapshot: &Snapshot, matches: &[Match<'_>]) -> Vec<Id> {
    let mut named: Vec<Id> = Vec::with_capacity(matches.len());
    for (user, matched) in roster.users().iter().zip(matches) {
        match matched.account() {
            Some(account) => named.push(account.id),
            None => named.extend(snapshot.candidates(user).iter().map(|account| account.id)),
        }
    }
    named.sort_unstable();
    let mut ids: Vec<Id> = snapshot.accounts().map(|account| account.id).collect();
    ids.sort_unstable();
    ids.retain(|id| named.binary_search(id).is_err());
    ids
}
