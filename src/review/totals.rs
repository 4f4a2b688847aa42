//! How much of what a kept plan holds, for whoever reads it without counting.

use serde::{Deserialize, Serialize};

use crate::plan::{Effect, LimitExcess, LimitKind, OperationCounts, Plan};

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Totals {
    create: usize,
    update: usize,
    unchanged: usize,
    held: usize,
    /// Live accounts that no declared user names.
    #[serde(default)]
    undeclared: usize,
    /// Declared values that no account of their role shows.
    #[serde(default)]
    not_compared: usize,
    /// Fields of an overlay that isn't there.
    #[serde(default)]
    not_managed: usize,
    /// Users that the change doesn't edit, where only those are planned.
    #[serde(default)]
    not_planned: usize,
    #[serde(default)]
    effects: Effects,
    /// The limits of the policy that the plan passes.
    #[serde(default)]
    limits: Vec<PassedLimit>,
}

/// How many operations have an effect.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Effects {
    emails_person: usize,
    may_email_person: usize,
    keychain_stays: usize,
    assessor_changes: usize,
}

#[derive(Debug, Serialize, Deserialize)]
struct PassedLimit {
    limit: String,
    planned: usize,
    allowed: usize,
}

impl Totals {
    pub(super) fn of(plan: &Plan) -> Self {
        let OperationCounts { creates, updates } = plan.counts();
        let effects = Effects {
            emails_person: plan.count_having(Effect::EmailsPerson),
            may_email_person: plan.count_having(Effect::MayEmailPerson),
            keychain_stays: plan.count_having(Effect::KeychainStays),
            assessor_changes: plan.count_having(Effect::AssessorChanges),
        };
        Self {
            create: creates,
            update: updates,
            unchanged: plan.unchanged,
            held: plan.held.len(),
            undeclared: plan.undeclared.len(),
            not_compared: plan.not_compared,
            not_managed: plan.unmanaged,
            not_planned: plan.left_out,
            effects,
            limits: plan.excesses.iter().map(passed).collect(),
        }
    }
}

fn passed(excess: &LimitExcess) -> PassedLimit {
    let limit = match excess.kind {
        LimitKind::Creates => "maxCreates",
        LimitKind::Updates => "maxUpdates",
        LimitKind::CreatesForbidden => "creates",
    };
    PassedLimit {
        limit: limit.to_owned(),
        planned: excess.planned,
        allowed: excess.allowed,
    }
}
