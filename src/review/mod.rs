//! Decides whether a plan may be applied. Only an [`Approved`] plan can be, and only [`approve`] makes one. Owns the file of a
//! reviewed plan and its digests.

mod digest;
mod ids;
pub(crate) mod json;
mod json_names;
mod json_types;
mod plan_file;
mod reviewed;
mod totals;

pub use crate::review::json_names::{ActionName, EffectName, EntryHoldName, HoldReasonName};
pub use crate::review::json_types::{JsonFieldName, JsonNumber};
pub use crate::review::plan_file::{NotReviewed, PlanFile, PlanTarget};
pub use crate::review::reviewed::Review;

use std::collections::HashSet;

use crate::domain::{AccountId, Policy, UserIdentity};
use crate::findings::source::Place;
use crate::plan::{LimitExcess, LimitKind, NewEntry, OperationKind, Plan, excesses};

/// Limits that flags raise for one run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Allowance {
    pub creates: Option<usize>,
    pub updates: Option<usize>,
    pub archives: Option<usize>,
    pub removals: Option<usize>,
    pub assignments: Option<usize>,
    pub entries: Option<usize>,
}

/// Whether a person, or a flag in their place, has agreed to the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    Given,
    /// The answer wasn't `yes`.
    Withheld,
    /// Nobody could be asked.
    Unasked,
}

/// Why a plan may not be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Objection {
    Limit(LimitExcess),
    /// Nobody has reviewed the operations for the users declared at these places.
    Unreviewed(Vec<Place>),
    /// This many users are on hold, and `--strict` asks for all or nothing.
    Held(usize),
    /// The same for placements and classrooms.
    HeldEntries(usize),
    Withheld,
    Unasked,
}

/// A plan that may be applied.
#[derive(Debug)]
pub struct Approved(Plan);

impl Approved {
    pub fn plan(&self) -> &Plan {
        &self.0
    }

    pub fn into_plan(self) -> Plan {
        self.0
    }
}

/// Approves a plan within its limits that a person has agreed to.
pub fn approve(
    plan: Plan,
    allowance: Allowance,
    consent: Consent,
) -> Result<Approved, Vec<Objection>> {
    let mut objections = past_limits(&plan, allowance);
    match consent {
        Consent::Given => {}
        Consent::Withheld => objections.push(Objection::Withheld),
        Consent::Unasked => objections.push(Objection::Unasked),
    }
    if objections.is_empty() {
        Ok(Approved(plan))
    } else {
        Err(objections)
    }
}

/// The part of a plan that was reviewed, and the places of the users whose other operations are left out.
pub fn reviewed_part(plan: Plan, review: &Review, policy: &Policy) -> (Plan, Vec<Place>) {
    let mut operations = Vec::new();
    let mut skipped_places: Vec<Place> = Vec::new();
    let mut uncreated: HashSet<UserIdentity> = HashSet::new();
    let mut unmade: HashSet<NewEntry> = HashSet::new();
    let mut untouched: HashSet<AccountId> = HashSet::new();
    // An operation stands after those that it depends on, so one pass finds all that depend on a create that is left out.
    for operation in plan.operations {
        let depends = operation.awaits().any(|user| uncreated.contains(user))
            || operation
                .awaits_entries()
                .any(|entry| unmade.contains(entry))
            || operation
                .follows()
                .any(|account| untouched.contains(&account));
        if !depends && review.covers(&operation) {
            operations.push(operation);
        } else {
            uncreated.extend(operation.created_user());
            unmade.extend(operation.created_entry());
            // One assignment needs no other of the same learner.
            if operation.kind() != OperationKind::Assign {
                untouched.extend(operation.account());
            }
            skipped_places.push(operation.place().clone());
        }
    }
    skipped_places.sort();
    let mut reviewed = Plan { operations, ..plan };
    reviewed.excesses = excesses(&reviewed, policy);
    (reviewed, skipped_places)
}

/// The limits that no flag raises far enough. They are known before a person is asked.
pub fn past_limits(plan: &Plan, allowance: Allowance) -> Vec<Objection> {
    let exceeded = plan
        .excesses
        .iter()
        .filter(|excess| !is_raised(excess, allowance));
    exceeded.cloned().map(Objection::Limit).collect()
}

fn is_raised(excess: &LimitExcess, allowance: Allowance) -> bool {
    let allowed = match excess.kind {
        LimitKind::Creates => allowance.creates,
        LimitKind::Updates => allowance.updates,
        LimitKind::Archives => allowance.archives,
        LimitKind::Removals => allowance.removals,
        LimitKind::Assignments => allowance.assignments,
        LimitKind::Entries => allowance.entries,
        LimitKind::CreatesForbidden => None,
    };
    allowed.is_some_and(|allowed| excess.planned <= allowed)
}

#[cfg(test)]
mod tests {
    use super::{Allowance, Consent, Objection, approve};
    use crate::domain::{Organisation, OrganisationId};
    use crate::plan::{LimitExcess, LimitKind, Plan};

    fn plan(excesses: Vec<LimitExcess>) -> Plan {
        let organisation = Organisation {
            id: OrganisationId::new(5740),
            name: "Example College".to_owned(),
            keychain_creation: None,
            email_suppression: None,
        };
        Plan {
            excesses,
            ..Plan::empty(organisation)
        }
    }

    fn excess(kind: LimitKind) -> LimitExcess {
        LimitExcess {
            kind,
            planned: 11,
            allowed: 10,
            line: None,
            few: None,
        }
    }

    /// What raises each limit to a number, and nothing else.
    type Raise = fn(usize) -> Allowance;

    const RAISES: &[(LimitKind, Raise)] = &[
        (LimitKind::Creates, |to| Allowance {
            creates: Some(to),
            ..Allowance::default()
        }),
        (LimitKind::Updates, |to| Allowance {
            updates: Some(to),
            ..Allowance::default()
        }),
        (LimitKind::Archives, |to| Allowance {
            archives: Some(to),
            ..Allowance::default()
        }),
        (LimitKind::Removals, |to| Allowance {
            removals: Some(to),
            ..Allowance::default()
        }),
        (LimitKind::Assignments, |to| Allowance {
            assignments: Some(to),
            ..Allowance::default()
        }),
        (LimitKind::Entries, |to| Allowance {
            entries: Some(to),
            ..Allowance::default()
        }),
    ];

    fn is_approved(kind: LimitKind, allowance: Allowance) -> bool {
        approve(plan(vec![excess(kind)]), allowance, Consent::Given).is_ok()
    }

    #[test]
    fn a_limit_is_raised_by_its_own_flag_alone_and_as_far_as_it_says() {
        for (kind, _) in RAISES {
            assert!(!is_approved(*kind, Allowance::default()), "{kind:?}");
            for (raised, raise) in RAISES {
                for (to, is_enough) in [(10, false), (11, true), (12, true)] {
                    let expected = is_enough && kind == raised;
                    assert_eq!(
                        is_approved(*kind, raise(to)),
                        expected,
                        "{kind:?} {raised:?} {to}"
                    );
                }
            }
        }
    }

    #[test]
    fn no_flag_allows_creates_where_the_policy_forbids_them() {
        for (_, raise) in RAISES {
            assert!(!is_approved(LimitKind::CreatesForbidden, raise(99)));
        }
    }

    #[test]
    fn a_plan_is_approved_by_consent_alone_and_each_objection_is_said() {
        for (consent, objection) in [
            (Consent::Given, None),
            (Consent::Withheld, Some(Objection::Withheld)),
            (Consent::Unasked, Some(Objection::Unasked)),
        ] {
            let none = approve(plan(Vec::new()), Allowance::default(), consent);
            let said = none.err().unwrap_or_default();
            assert_eq!(said, Vec::from_iter(objection.clone()));
            let excesses = vec![excess(LimitKind::Updates)];
            let both = approve(plan(excesses), Allowance::default(), consent);
            let limit = Objection::Limit(excess(LimitKind::Updates));
            let expected = [Some(limit), objection];
            let expected: Vec<Objection> = expected.into_iter().flatten().collect();
            assert_eq!(both.unwrap_err(), expected);
        }
    }
}
