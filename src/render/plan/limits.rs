//! The limits that a plan passes, and changes to them.

use std::fmt::Write;

use crate::domain::{Archived, Creates, Limit, Policy};
use crate::plan::{FewMatched, LimitExcess, LimitKind};
use crate::render::words::count;

/// The flag that raises a limit for this plan. `None` if the policy forbids creates, or if so few users have an account
/// that their keys are likely to be wrong.
pub fn limit_flag(excess: &LimitExcess) -> Option<String> {
    let flag = match excess.kind {
        LimitKind::Creates => "--allow-creates",
        LimitKind::Updates => "--allow-updates",
        LimitKind::Removals => "--allow-removals",
        LimitKind::CreatesForbidden => return None,
    };
    match excess.few {
        Some(_) => None,
        None => Some(format!("{flag} {}", excess.planned)),
    }
}

/// A limit that the plan passes, and the flag that raises it, if there is one.
pub(crate) fn limit_message(excess: &LimitExcess) -> String {
    let LimitExcess {
        planned, allowed, ..
    } = excess;
    let (what, limit) = match excess.kind {
        LimitKind::Creates => (count(*planned, "create", "creates"), "maxCreates"),
        LimitKind::Updates => (count(*planned, "update", "updates"), "maxUpdates"),
        LimitKind::Removals => (
            count(
                *planned,
                "user is no longer managed",
                "users are no longer managed",
            ),
            "maxRemovals",
        ),
        LimitKind::CreatesForbidden => {
            let what = count(*planned, "create", "creates");
            return format!("{what}, and the policy says `creates: never`: `apply` refuses.");
        }
    };
    if let Some(FewMatched { matched, declared }) = excess.few {
        return format!(
            "{what}, and `{limit}` is {allowed}: `apply` refuses.\nOnly {matched} of {declared} declared users have an \
             account. Are the `misId`s those that OneFile holds?"
        );
    }
    match limit_flag(excess) {
        Some(flag) => format!("{what}, and `{limit}` is {allowed}: `apply` needs `{flag}`."),
        None => format!("{what}, and `{limit}` is {allowed}: `apply` refuses."),
    }
}

/// The limits that this change to `rosterctl.yaml` edits, so that no reviewer overlooks them. Empty if there is none.
pub fn policy_edits(former: &Policy, policy: &Policy) -> String {
    let mut lines = String::new();
    for (key, value) in POLICY_KEYS {
        let (from, to) = (value(former), value(policy));
        if from != to {
            let _ = writeln!(lines, "  {key}: {from} -> {to}");
        }
    }
    if lines.is_empty() {
        return lines;
    }
    format!("This change edits the policy:\n{lines}\n")
}

/// A value of the policy as the manifest writes it.
type PolicyValue = fn(&Policy) -> String;

const POLICY_KEYS: &[(&str, PolicyValue)] = &[
    ("creates", |policy| creates_words(policy).to_owned()),
    ("maxCreates", |policy| limit_words(policy.max_creates)),
    ("maxUpdates", |policy| limit_words(policy.max_updates)),
    ("maxRemovals", |policy| limit_words(policy.max_removals)),
    ("keepKnown", |policy| policy.keep_known.years.to_string()),
    ("archivedAccounts", |policy| {
        archived_words(policy).to_owned()
    }),
];

fn creates_words(policy: &Policy) -> &'static str {
    match policy.creates {
        Creates::Allowed => "allowed",
        Creates::Never => "never",
    }
}

fn archived_words(policy: &Policy) -> &'static str {
    match policy.archived {
        Archived::Unknown => "unknown",
        Archived::Hidden => "hidden",
    }
}

fn limit_words(limit: Limit) -> String {
    match limit {
        Limit::Count(number) => number.to_string(),
        Limit::PerCent(share) => format!("{share} %"),
    }
}
