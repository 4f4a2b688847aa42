//! How much one apply may do. A plan that exceeds a limit is still shown in full; only applying it is refused.

use crate::domain::{Creates, Limit, Policy};
use crate::plan::planned::{FewMatched, LimitExcess, LimitKind, OperationCounts, Plan};

/// The least that a percentage allows. A share of a handful of accounts would come to nothing, and a new project has none
/// to take a share of: 25 is the default limit of creates, about a class of new learners.
const CREATES_FLOOR: usize = 25;
/// Twice as much, because an update e-mails nobody and can be undone.
const UPDATES_FLOOR: usize = 50;
/// The default limit: an archive shuts a person out of the lists, and can be undone.
const ARCHIVES_FLOOR: usize = 10;
/// The default limit: a removal changes no account, and a person has to look all the same.
const REMOVALS_FLOOR: usize = 10;

/// The default limit: nothing takes an assignment away again.
const ASSIGNMENTS_FLOOR: usize = 50;
/// The default limit: a college rarely gets more employers in a week.
const ENTRIES_FLOOR: usize = 5;

/// The limits of a policy that a plan exceeds.
pub fn excesses(plan: &Plan, policy: &Policy) -> Vec<LimitExcess> {
    let OperationCounts {
        new_entries,
        changed_entries,
        assignments,
        unarchives,
        creates,
        updates,
        archives,
    } = plan.counts();
    let most_creates = allowed(policy.max_creates, plan.matched, CREATES_FLOOR);
    let most_updates = allowed(policy.max_updates, plan.matched, UPDATES_FLOOR);
    let most_archives = allowed(policy.max_archives, plan.matched, ARCHIVES_FLOOR);
    let most_removals = allowed(policy.max_removals, plan.matched, REMOVALS_FLOOR);
    let most_assignments = allowed(policy.max_assignments, plan.matched, ASSIGNMENTS_FLOOR);
    let most_entries = allowed(policy.max_entries, plan.matched, ENTRIES_FLOOR);
    let limits = [
        match policy.creates {
            Creates::Allowed => (LimitKind::Creates, creates, most_creates),
            Creates::Never => (LimitKind::CreatesForbidden, creates, 0),
        },
        (LimitKind::Updates, updates, most_updates),
        (LimitKind::Archives, archives + unarchives, most_archives),
        (LimitKind::Removals, plan.removed.len(), most_removals),
        (LimitKind::Assignments, assignments, most_assignments),
        (
            LimitKind::Entries,
            new_entries + changed_entries,
            most_entries,
        ),
    ];
    let mut excesses = Vec::new();
    for (kind, planned, allowed) in limits {
        if planned > allowed {
            excesses.push(LimitExcess {
                kind,
                planned,
                allowed,
                line: policy.lines.of(kind.key()),
                few: few_matched(plan, kind),
            });
        }
    }
    excesses
}

/// A percentage is a share of the declared users whose account was found.
fn allowed(limit: Limit, matched: usize, floor: usize) -> usize {
    match limit {
        Limit::Count(number) => number,
        Limit::PerCent(share) => (matched * share / 100).max(floor),
    }
}

/// Fewer than half of the declared users have an account. That says nothing about those who aren't declared any more.
fn few_matched(plan: &Plan, kind: LimitKind) -> Option<FewMatched> {
    let is_few = match kind {
        LimitKind::Creates | LimitKind::Updates | LimitKind::CreatesForbidden => {
            plan.matched * 2 < plan.declared - plan.leavers_gone
        }
        LimitKind::Archives | LimitKind::Removals | LimitKind::Assignments | LimitKind::Entries => {
            false
        }
    };
    is_few.then_some(FewMatched {
        matched: plan.matched,
        declared: plan.declared,
    })
}
