//! The totals of a plan in its file, for readers who don't count the operations themselves.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::redact::open_name;
use crate::plan::{Effect, LeftAlone, LimitExcess, LimitKind, OperationCounts, Plan};

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Totals {
    /// Accounts to be created.
    create: usize,
    /// Accounts to be updated.
    update: usize,
    /// Placements and classrooms to be created; since 1.2, as the next ones.
    #[serde(default)]
    create_entry: usize,
    /// Placements and classrooms to be updated.
    #[serde(default)]
    update_entry: usize,
    /// Standards, units, templates and further staff that learners get.
    #[serde(default)]
    assign: usize,
    /// Declared placements and classrooms for which nothing is done until a person decides.
    #[serde(default)]
    held_entries: usize,
    /// Accounts to be archived; since 1.2, as the next three.
    #[serde(default)]
    archive: usize,
    /// Accounts to be brought back from the archive.
    #[serde(default)]
    unarchive: usize,
    /// Declared leavers without an account that OneFile shows.
    #[serde(default)]
    leavers_gone: usize,
    /// Declared leavers whose last day isn't over.
    #[serde(default)]
    leavers_to_come: usize,
    /// Declared users whose account is as declared, in what was compared.
    unchanged: usize,
    /// Declared users who are on hold until a person decides.
    held: usize,
    /// Live accounts that no declared user names; since 1.1, as what follows.
    #[serde(default)]
    undeclared: usize,
    /// Declared values that no account of their role shows.
    #[serde(default)]
    not_compared: usize,
    /// Standards of planned learners that aren't declared; since 1.2, as the next one.
    #[serde(default, skip_serializing_if = "is_zero")]
    undeclared_standards: usize,
    /// Declared assignments that nothing shows and that this run doesn't send.
    #[serde(default, skip_serializing_if = "is_zero")]
    assignments_not_compared: usize,
    /// Framework templates that the change adds to learners who have accounts already. They aren't sent.
    #[serde(default, skip_serializing_if = "is_zero")]
    late_templates: usize,
    /// Fields of an overlay that isn't there.
    #[serde(default)]
    not_managed: usize,
    /// Declared values that aren't managed because of a finding, by the finding's code. Since 1.2.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    not_managed_values: BTreeMap<String, usize>,
    /// Users with values that `fields` in `rosterctl.yaml` leaves alone and that the accounts don't have. Since 1.2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    left_alone: Option<LeftAloneCounts>,
    /// Users who are left out: the change doesn't edit them, or the selection doesn't name them.
    #[serde(default)]
    not_planned: usize,
    /// Those of them that the selection doesn't name. Since 1.2.
    #[serde(default, skip_serializing_if = "is_zero")]
    not_selected: usize,
    /// Users that the manifests don't declare any more; since 1.2.
    #[serde(default)]
    removed: usize,
    /// Accounts that weren't read again, because an earlier reading has seen them. Since 1.2, as the next two.
    #[serde(default, skip_serializing_if = "is_zero")]
    remembered: usize,
    /// Remembered accounts that were read all the same, as a sample.
    #[serde(default, skip_serializing_if = "is_zero")]
    sampled: usize,
    /// When the one that wasn't read for the longest time was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    remembered_since: Option<Timestamp>,
    #[serde(default)]
    effects: EffectCounts,
    /// The limits of the policy that the plan passes.
    #[serde(default)]
    limits: Vec<PassedLimit>,
}

/// How many operations have each effect.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
struct EffectCounts {
    emails_person: usize,
    may_email_person: usize,
    keychain_stays: usize,
    assessor_changes: usize,
    archives: usize,
    comes_back: usize,
    /// No call takes it away again.
    stays: usize,
}

/// How many users have such values, and how many for each field; `special` in the place of those of that class.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(description = "")]
struct LeftAloneCounts {
    users: usize,
    fields: BTreeMap<String, usize>,
}

impl LeftAloneCounts {
    fn of(left_alone: &LeftAlone) -> Option<Self> {
        let mut fields: BTreeMap<String, usize> = BTreeMap::new();
        for (key, number) in &left_alone.fields {
            *fields.entry(open_name(*key).to_owned()).or_default() += number;
        }
        (left_alone.users > 0).then_some(Self {
            users: left_alone.users,
            fields,
        })
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct PassedLimit {
    limit: LimitName,
    /// What the plan does.
    planned: usize,
    /// What the policy allows.
    allowed: usize,
}

/// The key of a limit in `policy`.
// A reader takes a key of a later minor version for `Later`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum LimitName {
    MaxCreates,
    MaxUpdates,
    MaxArchives,
    MaxRemovals,
    MaxAssignments,
    MaxEntries,
    Creates,
    #[schemars(skip)]
    #[serde(other, skip_serializing)]
    Later,
}

impl Totals {
    pub(super) fn not_managed(&self) -> usize {
        self.not_managed
    }

    pub(super) fn of(plan: &Plan) -> Self {
        let OperationCounts {
            new_entries,
            changed_entries,
            assignments,
            unarchives,
            creates,
            updates,
            archives,
        } = plan.counts();
        let effects = EffectCounts {
            emails_person: plan.count_having(Effect::EmailsPerson),
            may_email_person: plan.count_having(Effect::MayEmailPerson),
            keychain_stays: plan.count_having(Effect::KeychainStays),
            assessor_changes: plan.count_having(Effect::AssessorChanges),
            archives: plan.count_having(Effect::Archives),
            comes_back: plan.count_having(Effect::ComesBack),
            stays: plan.count_having(Effect::Stays),
        };
        Self {
            create: creates,
            update: updates,
            create_entry: new_entries,
            update_entry: changed_entries,
            assign: assignments,
            held_entries: plan.held_entries.len(),
            archive: archives,
            unarchive: unarchives,
            leavers_gone: plan.leavers_gone,
            leavers_to_come: plan.leavers_to_come,
            unchanged: plan.unchanged,
            held: plan.held.len(),
            undeclared: plan.undeclared.len(),
            not_compared: plan.not_compared,
            undeclared_standards: plan.undeclared_aims,
            assignments_not_compared: plan.assignments_not_compared,
            late_templates: plan.late_templates,
            not_managed: plan.unmanaged,
            not_managed_values: plan
                .unfit
                .iter()
                .map(|(rule, number)| (rule.name.to_owned(), *number))
                .collect(),
            left_alone: LeftAloneCounts::of(&plan.left_alone),
            not_planned: plan.left_out,
            not_selected: plan.unselected,
            removed: plan.removed.len(),
            remembered: plan.remembered.number,
            sampled: plan.remembered.sampled,
            remembered_since: plan.remembered.since,
            effects,
            limits: plan.excesses.iter().map(passed).collect(),
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

fn passed(excess: &LimitExcess) -> PassedLimit {
    let limit = match excess.kind {
        LimitKind::Creates => LimitName::MaxCreates,
        LimitKind::Updates => LimitName::MaxUpdates,
        LimitKind::Archives => LimitName::MaxArchives,
        LimitKind::Removals => LimitName::MaxRemovals,
        LimitKind::Assignments => LimitName::MaxAssignments,
        LimitKind::Entries => LimitName::MaxEntries,
        LimitKind::CreatesForbidden => LimitName::Creates,
    };
    PassedLimit {
        limit,
        planned: excess.planned,
        allowed: excess.allowed,
    }
}
