//! `former-mis-id`: a `formerMisId` that a declared user still has, or that two users name.

use foldhash::HashMap;

use crate::domain::field::Key;
use crate::domain::role::Role;
use crate::findings::source::Span;
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::unchecked_user::UncheckedUser;

pub static RULE: Rule = Rule {
    name: "former-mis-id",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "A `formerMisId` that another user of that role still has as `misId`, or that two users name.",
    explanation: "`formerMisId: L-1` says that the account with L-1 gets this user's `misId`. While another user is declared as L-1, \
the account can't be both people's. If it is one person, delete the user with the former `misId`.\n\nIf that user gets a new \
`misId` too, L-1 isn't free before that update is applied. Make two changes: first the user who has L-1 now, then this one.",
};

pub(crate) fn check(users: &[&UncheckedUser]) -> Vec<Finding> {
    let renumbered: Vec<_> = users.iter().filter_map(|user| former(user)).collect();
    let mut findings = Vec::new();
    if renumbered.is_empty() {
        return findings;
    }
    let mut declared: HashMap<(Role, &str), &UncheckedUser> = HashMap::default();
    for user in users {
        if let (Some(role), Some(mis_id)) = (user.role, user.mis_id()) {
            declared.insert((role, mis_id), user);
        }
    }
    let mut claims: HashMap<(Role, &str), Span> = HashMap::default();
    for (user, value, span) in renumbered {
        let Some(role) = user.role else {
            continue;
        };
        let other = declared.get(&(role, value));
        findings.extend(still_declared(user, other.copied(), span));
        let first = *claims.entry((role, value)).or_insert(span);
        if first != span {
            let message = "two users with one `formerMisId`";
            let help = "keep it for the user who had that MIS value";
            findings.push(Finding::new(&RULE, span, message, help).label(first, "first here"));
        }
    }
    findings
}

fn former(user: &UncheckedUser) -> Option<(&UncheckedUser, &str, Span)> {
    let former = user.former_mis_id.as_ref()?;
    Some((user, &former.value, former.span))
}

/// `other` is the user who is declared with the former value.
fn still_declared(
    user: &UncheckedUser,
    other: Option<&UncheckedUser>,
    span: Span,
) -> Option<Finding> {
    // `no-longer-needed` says so if it is this user's own.
    let other = other.filter(|other| !std::ptr::eq(*other, user))?;
    let message = "another user of this role still has this `misId`";
    let help = if other.former_mis_id.is_some() {
        "make two changes: apply the new `misId` of that user first"
    } else {
        "delete the user with the former `misId` if it is the same person, or fix this value"
    };
    Some(Finding::new(&RULE, span, message, help).label(other.span(Key::MisId), "declared here"))
}
