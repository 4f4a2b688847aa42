//! How much one apply may do. A plan past a limit is still shown whole; only applying it is refused.

use crate::domain::{Creates, Limit, Policy};
use crate::plan::operation::Plan;

/// A limit that a plan passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitExcess {
    pub kind: LimitKind,
    pub planned: usize,
    pub allowed: usize,
    /// Set where fewer than half of the declared users have an account: their keys are wrong, more likely than the limit.
    pub few: Option<FewMatched>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FewMatched {
    pub matched: usize,
    pub declared: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitKind {
    Creates,
    Updates,
    /// The policy says `creates: never`, which no flag raises.
    CreatesForbidden,
}

/// How many a percentage allows in any case.
const CREATES_FLOOR: usize = 25;
const UPDATES_FLOOR: usize = 50;

/// The limits of a policy that a plan passes.
pub fn excesses(plan: &Plan, policy: &Policy) -> Vec<LimitExcess> {
    let number = |limit: Limit, floor: usize| match limit {
        Limit::Count(number) => number,
        Limit::PerCent(share) => (plan.matched * share / 100).max(floor),
    };
    let creates = match policy.creates {
        Creates::Allowed => (
            LimitKind::Creates,
            plan.creates(),
            number(policy.max_creates, CREATES_FLOOR),
        ),
        Creates::Never => (LimitKind::CreatesForbidden, plan.creates(), 0),
    };
    let updates = (
        LimitKind::Updates,
        plan.updates(),
        number(policy.max_updates, UPDATES_FLOOR),
    );
    let declared = plan.operations.len() + plan.held.len() + plan.unchanged + plan.left_out;
    let few = (plan.matched * 2 < declared).then_some(FewMatched {
        matched: plan.matched,
        declared,
    });
    let checked = [creates, updates].into_iter();
    checked
        .filter(|(_, planned, allowed)| planned > allowed)
        .map(|(kind, planned, allowed)| LimitExcess {
            kind,
            planned,
            allowed,
            few,
        })
        .collect()
}
