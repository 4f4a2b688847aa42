//! Whether a plan may be applied. Only an [`Approved`] can be, and only [`approve`] makes one. Owns the file of a reviewed
//! plan and the digests in it.

mod digest;
mod plan_file;
mod totals;

pub use crate::review::plan_file::{NotReviewed, PlanFile, PlanTarget, Review};

use std::collections::HashSet;

use crate::domain::Policy;
use crate::findings::source::Place;
use crate::plan::{Action, LimitExcess, LimitKind, Plan, excesses};

/// Limits that flags raise for one run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Allowance {
    pub creates: Option<usize>,
    pub updates: Option<usize>,
}

/// A person's word, or the flag that stands for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    Given,
    /// The answer wasn't `yes`.
    Withheld,
    /// There was nobody to ask.
    Unasked,
}

/// What stands against applying a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Objection {
    Limit(LimitExcess),
    /// What wasn't reviewed: who, as people know them, and where they are declared.
    Unreviewed(Vec<Place>),
    /// So many users are held, and all or nothing was asked for.
    Held(usize),
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
}

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

/// Takes out of a plan what wasn't reviewed, and says where that is declared.
pub fn reviewed_part(plan: Plan, review: &Review, policy: &Policy) -> (Plan, Vec<Place>) {
    let (mut operations, mut odd) = (Vec::new(), Vec::new());
    let mut uncreated: HashSet<String> = HashSet::new();
    // Who is referred to comes before who refers, so that one pass finds all who depend on what is left out.
    for operation in plan.operations {
        let depends = operation.awaits().any(|mis_id| uncreated.contains(mis_id));
        if !depends && review.covers(&operation) {
            operations.push(operation);
        } else {
            uncreated.extend(
                operation
                    .who
                    .mis_id
                    .clone()
                    .filter(|_| operation.action == Action::Create),
            );
            odd.push(operation);
        }
    }
    let mut places: Vec<Place> = odd.into_iter().map(|operation| operation.place).collect();
    places.sort();
    let rest = Plan {
        operations,
        excesses: Vec::new(),
        ..plan
    };
    (
        Plan {
            excesses: excesses(&rest, policy),
            ..rest
        },
        places,
    )
}

/// The limits that no flag raises far enough: known before anybody is asked.
pub fn past_limits(plan: &Plan, allowance: Allowance) -> Vec<Objection> {
    let standing = plan
        .excesses
        .iter()
        .filter(|excess| !raised(excess, allowance));
    standing.cloned().map(Objection::Limit).collect()
}

fn raised(excess: &LimitExcess, allowance: Allowance) -> bool {
    let allowed = match excess.kind {
        LimitKind::Creates => allowance.creates,
        LimitKind::Updates => allowance.updates,
        LimitKind::CreatesForbidden => None,
    };
    allowed.is_some_and(|allowed| excess.planned <= allowed)
}
