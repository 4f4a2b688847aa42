//! The limits that a plan passes, and changes to them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::domain::{Archived, Archives, AssignPath, Creates, FieldPolicy, Limit, Policy};
use crate::manifest::sealed::RecipientChanges;
use crate::plan::{FewMatched, LimitExcess, LimitKind};
use crate::render::words::{count, shown};

/// The flag that raises a limit for this plan. `None` if the policy forbids creates, or if so few users have an account
/// that their keys are likely to be wrong.
pub fn limit_flag(excess: &LimitExcess) -> Option<String> {
    let flag = match excess.kind {
        LimitKind::Creates => "--allow-creates",
        LimitKind::Updates => "--allow-updates",
        LimitKind::Archives => "--allow-archives",
        LimitKind::Removals => "--allow-removals",
        LimitKind::Assignments => "--allow-assignments",
        LimitKind::Entries => "--allow-entries",
        LimitKind::CreatesForbidden => return None,
    };
    match excess.few {
        Some(_) => None,
        None => Some(format!("{flag} {}", excess.planned)),
    }
}

/// A limit that the plan passes, where it is set, and what raises it.
pub(crate) fn limit_message(excess: &LimitExcess) -> String {
    let LimitExcess {
        planned, allowed, ..
    } = excess;
    let what = match excess.kind {
        LimitKind::Creates => count(*planned, "create", "creates"),
        LimitKind::Updates => count(*planned, "update", "updates"),
        LimitKind::Archives => count(
            *planned,
            "account is archived or brought back",
            "accounts are archived or brought back",
        ),
        LimitKind::Removals => count(
            *planned,
            "user is no longer managed",
            "users are no longer managed",
        ),
        LimitKind::Assignments => count(*planned, "assignment", "assignments"),
        LimitKind::Entries => count(
            *planned,
            "placement or classroom is created or updated",
            "placements and classrooms are created or updated",
        ),
        LimitKind::CreatesForbidden => return creates_forbidden(excess),
    };
    let limit = excess.kind.key();
    let place = excess
        .line
        .map(|line| format!(" ({FILE} line {line})"))
        .unwrap_or_default();
    let limit_is = format!("{what}, and `{limit}` is {allowed}{place}");
    if let Some(FewMatched { matched, declared }) = excess.few {
        return format!(
            "{limit_is}: `apply` refuses.\nOnly {matched} of {declared} declared users have an \
             account. Are the `misId`s those that OneFile holds?"
        );
    }
    let edit = match excess.line {
        Some(_) => format!("`{limit}: {planned}` there"),
        None => format!("`{limit}: {planned}` below `policy:` in {FILE}"),
    };
    match limit_flag(excess) {
        Some(flag) => format!("{limit_is}: `apply` needs `{flag}`, or {edit}."),
        None => format!("{limit_is}: `apply` refuses."),
    }
}

/// No flag allows it, so that only a reviewed edit does.
fn creates_forbidden(excess: &LimitExcess) -> String {
    let accounts = count(excess.planned, "account", "accounts");
    let place = excess
        .line
        .map(|line| format!(" line {line}"))
        .unwrap_or_default();
    format!(
        "This plan creates {accounts}, and {FILE}{place} says `creates: never`: `apply` refuses.\n\
         To allow it, write `creates: allowed` there."
    )
}

const FILE: &str = "rosterctl.yaml";

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

/// What this change to `rosterctl.yaml` edits below `fields`. A field that isn't sent any more, or is sent again, changes what
/// many accounts get. Empty if there is nothing.
pub fn field_edits(former: &FieldPolicy, policy: &FieldPolicy) -> String {
    let former: BTreeMap<_, _> = former.sayings().into_iter().collect();
    let policy: BTreeMap<_, _> = policy.sayings().into_iter().collect();
    let mut lines = String::new();
    let names: BTreeSet<&String> = former.keys().chain(policy.keys()).collect();
    for name in names {
        let word =
            |side: &BTreeMap<String, &'static str>| side.get(name).copied().unwrap_or("always");
        let (from, to) = (word(&former), word(&policy));
        if from != to {
            let _ = writeln!(lines, "  {name}: {from} -> {to}");
        }
    }
    if lines.is_empty() {
        return lines;
    }
    format!("This change edits `fields`:\n{lines}\n")
}

/// Who can open sealed overlays by this change, and who can't any longer. Empty if nobody changes.
pub fn recipient_edits(changes: &RecipientChanges) -> String {
    let mut lines = String::new();
    for name in &changes.added {
        let _ = writeln!(lines, "  + {}", shown(name));
    }
    for name in &changes.removed {
        let _ = writeln!(
            lines,
            "  - {}: what was sealed before can still be opened",
            shown(name)
        );
    }
    if lines.is_empty() {
        return lines;
    }
    format!("This change edits who can open sealed overlays:\n{lines}\n")
}

/// What a reviewer has to know where a sealed overlay can't be compared with the base.
pub fn unseen_at_base(overlay: &str) -> String {
    format!(
        "No key of this run opens {} as it was before this change, so everybody counts as changed.\nA run with the old key and the new one, a line each, sees what this change edits.\n\n",
        shown(overlay)
    )
}

/// A value of the policy as the manifest writes it.
type PolicyValue = fn(&Policy) -> String;

const POLICY_KEYS: &[(&str, PolicyValue)] = &[
    ("creates", |policy| creates_words(policy).to_owned()),
    ("maxCreates", |policy| limit_words(policy.max_creates)),
    ("maxUpdates", |policy| limit_words(policy.max_updates)),
    ("archives", |policy| archives_words(policy).to_owned()),
    ("maxArchives", |policy| limit_words(policy.max_archives)),
    ("maxRemovals", |policy| limit_words(policy.max_removals)),
    ("maxAssignments", |policy| {
        limit_words(policy.max_assignments)
    }),
    ("maxEntries", |policy| limit_words(policy.max_entries)),
    ("assignPath", |policy| assign_path_word(policy).to_owned()),
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

fn archives_words(policy: &Policy) -> &'static str {
    match policy.archives {
        Archives::Off => "never",
        Archives::Allowed => "allowed",
    }
}

fn assign_path_word(policy: &Policy) -> &'static str {
    match policy.assign_path {
        AssignPath::Unknown => "unknown",
        AssignPath::Assignee => "assignee",
        AssignPath::Learner => "learner",
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
