//! The planner: the smallest set of operations that turns the snapshot into the roster. Pure, total and deterministic: it
//! matches, resolves, compares, orders and counts. It must not know a clock, the environment or a file.

mod another_person;
mod archive_hold;
mod assignment_hold;
mod assignments;
mod column_moved;
mod compare;
mod coverage;
mod decide;
mod declared_duplicates;
mod differences;
mod directory_index;
mod earlier;
mod entries;
mod entry_hold;
mod explain;
mod find;
mod hold;
mod leavers;
mod limits;
mod matching;
mod operation;
mod planned;
mod possible_duplicates;
mod references;
mod removed;
mod renumbered;
mod same_person;
mod side_effect;
mod still_named;
mod taken_values;
mod unneeded_answers;
mod user_groups;

pub use crate::plan::archive_hold::{ArchiveHold, RemainingLearner};
pub use crate::plan::assignment_hold::AssignmentHold;
pub use crate::plan::assignments::AssignmentState;
pub use crate::plan::compare::equal;
pub(crate) use crate::plan::compare::{equal_but_for_case, same_live};
pub(crate) use crate::plan::coverage::FieldCoverage;
pub use crate::plan::earlier::{PlanPurpose, managed, waiting};
pub use crate::plan::entry_hold::EntryHold;
pub use crate::plan::explain::{
    ComparedAssignment, ComparedField, Explanation, FieldState, HowMatched, PlannedOutcome,
    declared_as, explain,
};
pub use crate::plan::find::{Found, FoundAccount, FoundOnly, FoundUser, SearchBy, find};
pub use crate::plan::hold::{FormerAccount, HoldReason, LikelyAccount, RoleAccount, ShownNow};
pub use crate::plan::leavers::accounts_coming_back;
pub use crate::plan::limits::excesses;
pub(crate) use crate::plan::matching::is_promotion;
pub use crate::plan::operation::{
    Archive, Assign, AssignedLearner, Change, Create, CreateEntry, Effect, EntryLabel, LiveValue,
    NewEntry, Operation, OperationKind, OperationSubject, Origin, ReferenceTarget, ResolvedValue,
    Unarchive, Update, UpdateEntry, UserLabel,
};
pub use crate::plan::planned::{
    FewMatched, HeldEntry, HeldUser, KeptUser, LeftAlone, LimitExcess, LimitKind, OperationCounts,
    Plan, Service,
};
pub use crate::plan::side_effect::email_effect;
pub use crate::plan::still_named::StillNamed;
pub use crate::plan::taken_values::values_of_others;
pub use crate::plan::unneeded_answers::UnneededAnswer;
pub use crate::plan::user_groups::{GroupLabel, GroupedBy, UserGroups};

use std::collections::BTreeMap;

use crate::domain::field::{FIELDS, Key, Referent};
use crate::domain::role::{ROLES, Role};
use crate::domain::{AccountId, LeftOut, Policy, Roster, Scope, Snapshot};
use crate::plan::decide::{Decision, MatchedSides, PlanContext};
use crate::plan::entries::{DeclaredEntries, decide_entries};
use crate::plan::leavers::settle_archives;
use crate::plan::matching::{Match, match_all};
use crate::plan::references::MissingReferent;
use crate::plan::removed::removed;
use crate::plan::still_named::Leavers;
use crate::plan::taken_values::GUARDED;

/// The plan for this roster on this snapshot, within the scope.
pub fn plan(roster: &Roster, snapshot: &Snapshot, policy: &Policy, scope: &Scope) -> Plan {
    let matches = match_all(roster, snapshot);
    let sides = MatchedSides {
        roster,
        snapshot,
        matches: &matches,
    };
    let removed = removed(&sides, scope);
    let leavers = Leavers::of(&removed, snapshot);
    let entries = decide_entries(roster, snapshot, scope);
    let mut context = PlanContext::new(&sides, policy, scope);
    context.resolver.leave(&leavers);
    let declared_entries = DeclaredEntries::new(roster, &entries.fates);
    context.resolver.know_entries(declared_entries);
    let order = RoleOrder::new();
    let undeclared = undeclared(roster, snapshot, &matches);
    let mut plan = Plan {
        declared: roster.users().len(),
        unseen: count_without_email(&undeclared, snapshot),
        undeclared,
        unmanaged: roster.unmanaged().keys.len(),
        locked: roster.unmanaged().locked.len(),
        still_named: leavers.still_named(roster, &context.resolver),
        removed: removed.clone(),
        known: snapshot.known.seen(),
        selection: scope.selection().clone(),
        operations: entries.operations,
        held_entries: entries.held,
        unchanged_entries: entries.unchanged,
        remembered: snapshot.remembered,
        not_compared: entries.not_compared,
        ..Plan::empty(snapshot.organisation.clone())
    };
    for index in order.of_roster(roster) {
        let user = &roster.users()[index];
        let account = matches[index].account();
        plan.matched += usize::from(account.is_some());
        if let Some(why) = scope.leaves_out(index) {
            plan.left_out += 1;
            plan.unselected += usize::from(why == LeftOut::BySelection);
            // Others can't refer to a user who has no account and gets none in this run.
            if account.is_none() {
                context
                    .resolver
                    .miss(index, MissingReferent::Unplanned(why));
            }
            continue;
        }
        for (_, rule) in user.unfit.iter() {
            *plan.unfit.entry(rule).or_default() += 1;
        }
        let verdict = context.decide(index, user, &matches[index]);
        plan.not_compared += verdict.not_compared;
        plan.undeclared_aims += verdict.undeclared_aims;
        plan.assignments_not_compared += verdict.assignments_not_compared;
        plan.late_templates += verdict.late_templates;
        for key in verdict.unneeded {
            plan.unneeded.push(UnneededAnswer {
                who: UserLabel::of(user, account, context.resolver.names()),
                place: user.place.clone(),
                key,
            });
        }
        plan.kept.extend(verdict.kept);
        plan.left_alone.add(&verdict.left_alone);
        match verdict.decision {
            Decision::Hold(reasons) => {
                context.resolver.miss(index, MissingReferent::Held);
                plan.held.push(HeldUser {
                    who: UserLabel::of(user, account, context.resolver.names()),
                    place: user.place.clone(),
                    reasons,
                    origin: Origin::of_user(scope, index),
                });
            }
            Decision::Gone => plan.leavers_gone += 1,
            Decision::ToCome => plan.leavers_to_come += 1,
            Decision::Operate(operations) => {
                plan.unchanged += usize::from(operations.is_empty());
                plan.operations.extend(operations);
            }
        }
    }
    settle_archives(&mut plan, snapshot);
    plan.not_showing = not_showing(&plan, &context.coverage);
    order.sort(&mut plan);
    plan.excesses = excesses(&plan, policy);
    plan
}

/// What users are sorted by.
type UserOrder<'u> = ((bool, Role), Option<&'u str>, Option<AccountId>);

/// What operations of one kind are sorted by.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum OperationOrder<'o> {
    Entry(&'o EntryLabel),
    User(bool, UserOrder<'o>),
}

/// The order of users: by role, those first to whom others refer. The table of fields says which roles refer to users.
struct RoleOrder([(bool, Role); ROLES.len()]);

impl RoleOrder {
    fn new() -> Self {
        Self(std::array::from_fn(|index| {
            let role = ROLES[index].role;
            (refers_to_users(role), role)
        }))
    }

    fn rank(&self, role: Role) -> (bool, Role) {
        self.0[role as usize]
    }

    /// The indexes of the users in the order in which they are decided.
    fn of_roster(&self, roster: &Roster) -> Vec<usize> {
        let mut indexes: Vec<usize> = (0..roster.users().len()).collect();
        indexes.sort_by_key(|index| self.rank(roster.users()[*index].role));
        indexes
    }

    /// Operations by kind, then by user: an update may refer to a created account, and no create waits for an update. Learners
    /// are archived before those to whom they refer. The order of manifests changes nothing.
    fn sort(&self, plan: &mut Plan) {
        plan.operations.sort_by(|one, other| {
            let kinds = one.kind().cmp(&other.kind());
            kinds.then_with(|| self.operation_key(one).cmp(&self.operation_key(other)))
        });
        plan.unneeded.sort_by(|one, other| {
            (self.key(&one.who), one.key).cmp(&(self.key(&other.who), other.key))
        });
        plan.held
            .sort_by(|one, other| self.key(&one.who).cmp(&self.key(&other.who)));
        let entries = &mut plan.held_entries;
        entries.sort_by(|one, other| (&one.entry, &one.place).cmp(&(&other.entry, &other.place)));
    }

    fn operation_key<'o>(&self, operation: &'o Operation) -> OperationOrder<'o> {
        let user = match operation.subject() {
            OperationSubject::User(user) => user,
            OperationSubject::Entry(entry) => return OperationOrder::Entry(entry),
        };
        let key = self.key(user);
        let comes_late = match operation {
            Operation::Archive(_) => !key.0.0,
            Operation::CreateEntry(_)
            | Operation::UpdateEntry(_)
            | Operation::Unarchive(_)
            | Operation::Create(_)
            | Operation::Update(_)
            | Operation::Assign(_) => false,
        };
        OperationOrder::User(comes_late, key)
    }

    fn key<'u>(&self, user: &'u UserLabel) -> UserOrder<'u> {
        (self.rank(user.role), user.mis_id.as_deref(), user.id)
    }
}

fn refers_to_users(role: Role) -> bool {
    FIELDS
        .iter()
        .any(|field| field.is_of(role) && field.referent().is_some_and(Referent::is_user))
}

/// The guarded fields that updates set and that some accounts don't show, with the number of those accounts.
fn not_showing(plan: &Plan, coverage: &FieldCoverage) -> BTreeMap<Key, usize> {
    let mut counts = BTreeMap::new();
    for (key, _) in GUARDED {
        let is_set = |update: &Update| update.changes.iter().any(|change| change.key == key);
        if !coverage.is_complete(key) && plan.updates().any(is_set) {
            counts.insert(key, coverage.not_showing(key));
        }
    }
    counts
}

fn count_without_email(accounts: &[AccountId], snapshot: &Snapshot) -> usize {
    accounts
        .iter()
        .filter_map(|id| snapshot.account(*id))
        .filter(|account| !account.shown.contains(Key::Email))
        .count()
}

/// Live accounts that no declared user names by number or MIS value, in order.
fn undeclared(roster: &Roster, snapshot: &Snapshot, matches: &[Match<'_>]) -> Vec<AccountId> {
    let mut named: Vec<AccountId> = Vec::with_capacity(matches.len());
    for (user, matched) in roster.users().iter().zip(matches) {
        match matched.account() {
            Some(account) => named.push(account.id),
            None => named.extend(snapshot.candidates(user).iter().map(|account| account.id)),
        }
    }
    named.sort_unstable();
    let mut ids: Vec<AccountId> = snapshot.accounts().map(|account| account.id).collect();
    ids.sort_unstable();
    ids.retain(|id| named.binary_search(id).is_err());
    ids
}
