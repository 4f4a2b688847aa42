//! Explains the plan for one user: how the account was found, and each field on both sides.

use crate::domain::field::{Key, SettableWhen};
use crate::domain::role::Role;
use crate::domain::{
    Account, AccountId, DeclaredUser, FieldPolicy, FieldRule, FieldTreatment, KeptValues, LeftOut,
    Roster, Scope, Snapshot, UserName, Value, nfc,
};
use crate::findings::Rule;
use crate::findings::source::Place;
use crate::plan::assignments::{AssignmentState, LearnerFacts, declared_assignments};
use crate::plan::compare;
use crate::plan::coverage::FieldCoverage;
use crate::plan::entries::{DeclaredEntries, decide_entries};
use crate::plan::hold::HoldReason;
use crate::plan::matching::{Match, match_all};
use crate::plan::operation::{LiveValue, Operation, ResolvedValue, UserLabel};
use crate::plan::planned::Plan;
use crate::plan::references::Resolver;
use crate::plan::renumbered::is_renumbered;

/// How one declared user was matched and compared, and the result.
#[derive(Debug)]
pub struct Explanation<'p> {
    pub who: UserLabel,
    pub place: Place,
    pub found: HowMatched,
    /// In the order of the table of fields.
    pub fields: Vec<ComparedField>,
    /// What the learner is declared to get by calls of its own, in the order of assigning.
    pub assignments: Vec<ComparedAssignment>,
    /// The fields that aren't managed because what is declared can't be meant, with the rule that says so.
    pub unfit: Vec<(Key, &'static Rule)>,
    pub outcome: PlannedOutcome<'p>,
}

/// How the account was found.
#[derive(Debug)]
pub enum HowMatched {
    Pinned(AccountId, Role),
    ByMisId(AccountId, Role),
    /// It has the MIS value that `formerMisId` names, and gets the new one.
    ByFormerMisId(AccountId, Role),
    Nobody,
    Undecided,
}

/// A declared field beside what is live.
#[derive(Debug)]
pub struct ComparedField {
    pub key: Key,
    /// `None` if it refers to something that can't be resolved.
    pub declared: Option<ResolvedValue>,
    pub live: Option<LiveValue>,
    pub state: FieldState,
}

/// Something that a learner is declared to get.
#[derive(Debug)]
pub struct ComparedAssignment {
    pub key: Key,
    /// `None` if it isn't known what is meant.
    pub declared: Option<ResolvedValue>,
    /// `None` if it isn't known what is meant.
    pub state: Option<AssignmentState>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldState {
    Equal,
    Differs,
    /// It differs, because OneFile keeps the value in a form of its own.
    Kept,
    /// No account of the role shows the field, or the live value can't be read.
    NotCompared,
    /// The account was only seen in a list, which doesn't show the field.
    NotRead,
    /// The project leaves it alone: no update sends it, or capitals alone differ.
    LeftAlone(FieldRule),
    /// There is no account yet, and the project doesn't send it with the create.
    NotSent(FieldRule),
    /// Only a create sends it.
    OnCreate,
    /// There is no account to compare it with.
    New,
    Unresolved,
}

/// What the plan does for the user.
#[derive(Debug)]
pub enum PlannedOutcome<'p> {
    /// At least one.
    Operations(Vec<&'p Operation>),
    Held(&'p [HoldReason]),
    Unchanged,
    NotPlanned(LeftOut),
}

/// The declared users that a text may mean: by MIS value, as `assessor:S-1`, or else by the account number that they are pinned
/// to. More than one if several roles have the MIS value.
pub fn declared_as(roster: &Roster, wanted: &str) -> Vec<usize> {
    let users = roster.users();
    let written = nfc(wanted);
    let name = UserName::of(&written);
    let is_named = |user: &DeclaredUser| {
        let mis_id = user.mis_id();
        mis_id.is_some_and(|mis_id| name.means(user.role, mis_id))
    };
    let is_pinned = |user: &DeclaredUser| user.id.is_some_and(|id| id.to_string() == wanted);
    let mut found: Vec<usize> = (0..users.len())
        .filter(|at| is_named(&users[*at]))
        .collect();
    if found.is_empty() {
        found.extend((0..users.len()).find(|at| is_pinned(&users[*at])));
    }
    found
}

/// Explains the declared user with this index.
pub fn explain<'p>(
    roster: &Roster,
    snapshot: &Snapshot,
    scope: &Scope,
    plan: &'p Plan,
    index: usize,
) -> Explanation<'p> {
    let user = &roster.users()[index];
    let matches = match_all(roster, snapshot);
    let account = matches[index].account();
    let entries = decide_entries(roster, snapshot, scope);
    let mut resolver = Resolver::new(roster, snapshot, &matches);
    resolver.know_entries(DeclaredEntries::new(roster, &entries.fates));
    let comparison = Comparison {
        resolver,
        coverage: FieldCoverage::of(snapshot),
        kept: &snapshot.kept,
        fields: roster.fields(),
        role: user.role,
        account,
    };
    let resolver = &comparison.resolver;
    let who = UserLabel::of(user, account, resolver.names());
    let facts = LearnerFacts::of(resolver, &snapshot.assignments, (scope, index), account);
    Explanation {
        found: how_matched(user, &matches[index]),
        fields: user
            .values
            .iter()
            .map(|(key, value)| comparison.field(key, value))
            .collect(),
        assignments: compared_assignments(user, resolver, &facts),
        unfit: user.unfit.iter().map(|(key, rule)| (key, *rule)).collect(),
        outcome: match scope.leaves_out(index) {
            Some(why) => PlannedOutcome::NotPlanned(why),
            None => outcome(plan, &who, &user.place),
        },
        who,
        place: user.place.clone(),
    }
}

fn compared_assignments(
    user: &DeclaredUser,
    resolver: &Resolver<'_>,
    facts: &LearnerFacts<'_>,
) -> Vec<ComparedAssignment> {
    let Some(assignments) = user.assigned() else {
        return Vec::new();
    };
    let mut compared = Vec::new();
    for (key, value) in declared_assignments(resolver, assignments) {
        let declared = value.ok();
        let state = match &declared {
            Some(ResolvedValue::Reference { target, .. }) => Some(facts.state(key, target)),
            Some(ResolvedValue::Value(_)) | None => None,
        };
        compared.push(ComparedAssignment {
            key,
            declared,
            state,
        });
    }
    compared
}

fn how_matched(user: &DeclaredUser, matched: &Match<'_>) -> HowMatched {
    match (matched, user.id) {
        (Match::Account(account), Some(_)) => HowMatched::Pinned(account.id, account.role),
        (Match::Account(account), None) if is_renumbered(user, account) => {
            HowMatched::ByFormerMisId(account.id, account.role)
        }
        (Match::Account(account), None) => HowMatched::ByMisId(account.id, account.role),
        (Match::Nobody, _) => HowMatched::Nobody,
        (Match::Held(_), _) => HowMatched::Undecided,
    }
}

/// What the fields of one user are compared with.
struct Comparison<'p> {
    resolver: Resolver<'p>,
    coverage: FieldCoverage,
    kept: &'p KeptValues,
    fields: &'p FieldPolicy,
    role: Role,
    account: Option<&'p Account>,
}

impl Comparison<'_> {
    fn field(&self, key: Key, value: &Value) -> ComparedField {
        let declared = self.resolver.value(key, value).ok();
        let live = self.account.and_then(|account| account.shown.get(key));
        ComparedField {
            key,
            state: self.state(key, declared.as_ref()),
            declared,
            live: live.map(|live| self.resolver.former(key, live)),
        }
    }

    fn state(&self, key: Key, declared: Option<&ResolvedValue>) -> FieldState {
        if let Some(rule) = self.unsent(key) {
            return match self.account {
                Some(_) => FieldState::LeftAlone(rule),
                None => FieldState::NotSent(rule),
            };
        }
        let Some(declared) = declared else {
            return FieldState::Unresolved;
        };
        let Some(account) = self.account else {
            return FieldState::New;
        };
        let live = account.shown.get(key);
        if key.row().settable != SettableWhen::Always {
            FieldState::OnCreate
        } else if !self.coverage.holds(account.role, key) {
            FieldState::NotCompared
        } else if !account.shown.contains(key) {
            FieldState::NotRead
        } else if live.is_some_and(|live| !live.is_readable()) {
            FieldState::NotCompared
        } else if compare::equal(declared, live) {
            FieldState::Equal
        } else if let Some(rule) = self.but_for_case(key, declared) {
            FieldState::LeftAlone(rule)
        } else if compare::is_kept(self.kept, account, key, declared) {
            FieldState::Kept
        } else {
            FieldState::Differs
        }
    }
}

impl Comparison<'_> {
    /// What the project says about a field that isn't sent in this case.
    fn unsent(&self, key: Key) -> Option<FieldRule> {
        let rule = self.fields.rule(self.role, key)?;
        let is_left = match rule.treatment {
            FieldTreatment::Always | FieldTreatment::IgnoreCase => false,
            FieldTreatment::OnCreate => self.account.is_some(),
            FieldTreatment::Never => true,
        };
        is_left.then_some(rule)
    }

    /// What the project says about a field that differs in capitals only.
    fn but_for_case(&self, key: Key, declared: &ResolvedValue) -> Option<FieldRule> {
        let rule = self.fields.rule(self.role, key)?;
        let live = self.account?.shown.get(key);
        let is_left = self.fields.ignores_case(self.role, key);
        (is_left && compare::equal_but_for_case(declared, live)).then_some(rule)
    }
}

impl Explanation<'_> {
    /// Whether nothing is left to do or to decide for this user.
    pub fn is_settled(&self) -> bool {
        match self.outcome {
            PlannedOutcome::Unchanged | PlannedOutcome::NotPlanned(_) => true,
            PlannedOutcome::Operations(_) | PlannedOutcome::Held(_) => false,
        }
    }
}

fn outcome<'p>(plan: &'p Plan, who: &UserLabel, place: &Place) -> PlannedOutcome<'p> {
    let operations: Vec<&Operation> = plan
        .operations
        .iter()
        .filter(|operation| operation.user() == Some(who) && operation.place() == place)
        .collect();
    if !operations.is_empty() {
        return PlannedOutcome::Operations(operations);
    }
    let held = plan
        .held
        .iter()
        .find(|held| held.who == *who && held.place == *place);
    match held {
        Some(held) => PlannedOutcome::Held(&held.reasons),
        None => PlannedOutcome::Unchanged,
    }
}
