//! Why the plan has what it has for one user: how the account was found, and each field on both sides.

use crate::domain::field::{Key, Role, SettableWhen};
use crate::domain::{Id, Roster, Scope, Snapshot};
use crate::findings::source::Place;
use crate::plan::compare::{self, is_readable};
use crate::plan::coverage::FieldCoverage;
use crate::plan::hold::HoldReason;
use crate::plan::matching::{Match, match_all};
use crate::plan::operation::{LiveValue, Operation, Plan, ResolvedValue, UserLabel};
use crate::plan::references::Resolver;

/// What is known of one declared user.
#[derive(Debug)]
pub struct Explanation<'p> {
    pub who: UserLabel,
    pub place: Place,
    pub found: HowMatched,
    /// In the order of the table of fields.
    pub fields: Vec<ComparedField>,
    pub outcome: PlannedOutcome<'p>,
}

/// How the account was found.
#[derive(Debug)]
pub enum HowMatched {
    Pinned(Id, Role),
    ByMisId(Id, Role),
    Nobody,
    Undecided,
}

/// A declared field beside what is live.
#[derive(Debug)]
pub struct ComparedField {
    pub key: Key,
    /// `None`: it refers to something that isn't known.
    pub declared: Option<ResolvedValue>,
    pub live: Option<LiveValue>,
    pub state: FieldState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldState {
    Equal,
    Differs,
    /// No account of the role shows it, or what is shown can't be read.
    NotCompared,
    /// The account wasn't looked at.
    NotRead,
    /// It is sent with a create alone.
    OnCreate,
    /// There is no account to compare it with.
    New,
    Unresolved,
}

/// What the plan makes of the user.
#[derive(Debug)]
pub enum PlannedOutcome<'p> {
    Operation(&'p Operation),
    Held(&'p [HoldReason]),
    Unchanged,
    /// Outside of the scope.
    NotPlanned,
}

/// The declared user with this MIS value, or else pinned to this number; `None` if there is none.
pub fn explain<'p>(
    roster: &Roster,
    snapshot: &Snapshot,
    scope: &Scope,
    plan: &'p Plan,
    whom: &str,
) -> Option<Explanation<'p>> {
    let is_meant = |at: &usize| roster.users()[*at].mis_id() == Some(whom);
    let is_pinned = |at: &usize| {
        roster.users()[*at]
            .id
            .is_some_and(|id| id.to_string() == whom)
    };
    let all = || 0..roster.users().len();
    let at = all().find(is_meant).or_else(|| all().find(is_pinned))?;
    let user = &roster.users()[at];
    let matches = match_all(roster, snapshot);
    let resolver = Resolver::new(roster, snapshot, &matches);
    let shown = FieldCoverage::of(snapshot);
    let account = matches[at].account();
    let fields = user.values.iter().map(|(key, value)| {
        let declared = resolver.value(key, value).ok();
        let live = account.and_then(|account| account.shown.get(key));
        let state = match (&declared, account) {
            (None, _) => FieldState::Unresolved,
            (Some(_), None) => FieldState::New,
            (Some(_), Some(_)) if key.row().settable != SettableWhen::Always => {
                FieldState::OnCreate
            }
            (Some(_), Some(account)) if !shown.holds(account.role, key) => FieldState::NotCompared,
            (Some(_), Some(account)) if !account.shown.contains(key) => FieldState::NotRead,
            _ if live.is_some_and(|live| !is_readable(key, live)) => FieldState::NotCompared,
            (Some(declared), _) if compare::equal(key, declared, live) => FieldState::Equal,
            _ => FieldState::Differs,
        };
        ComparedField {
            key,
            declared,
            live: live.map(|live| resolver.former(key, live)),
            state,
        }
    });
    let who = UserLabel::of(user, account);
    Some(Explanation {
        outcome: if scope.includes(at) {
            outcome(plan, &who, &user.place)
        } else {
            PlannedOutcome::NotPlanned
        },
        who,
        place: user.place.clone(),
        found: match (&matches[at], user.id) {
            (Match::Account(account), Some(_)) => HowMatched::Pinned(account.id, account.role),
            (Match::Account(account), None) => HowMatched::ByMisId(account.id, account.role),
            (Match::Nobody, _) => HowMatched::Nobody,
            (Match::Held(_), _) => HowMatched::Undecided,
        },
        fields: fields.collect(),
    })
}

impl Explanation<'_> {
    /// Whether nothing is left to do or to decide for this user.
    pub fn is_settled(&self) -> bool {
        matches!(
            self.outcome,
            PlannedOutcome::Unchanged | PlannedOutcome::NotPlanned
        )
    }
}

fn outcome<'p>(plan: &'p Plan, who: &UserLabel, place: &Place) -> PlannedOutcome<'p> {
    let operation = plan
        .operations
        .iter()
        .find(|operation| operation.who == *who && operation.place == *place);
    let held = plan
        .held
        .iter()
        .find(|held| held.who == *who && held.place == *place);
    match (operation, held) {
        (Some(operation), _) => PlannedOutcome::Operation(operation),
        (None, Some(held)) => PlannedOutcome::Held(&held.reasons),
        (None, None) => PlannedOutcome::Unchanged,
    }
}
