//! `contradiction`: a user who is pinned to an account and declared to be distinct from it.

use jiff::civil::Date;

use crate::findings::{Finding, Rule, Severity};
use crate::manifest::unchecked_user::UncheckedUser;

pub static RULE: Rule = Rule {
    name: "contradiction",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "A user who is pinned to an account and declared to be distinct from it.",
    explanation: "`id: 137945` says that the user is this account, `distinctFrom: [137945]` that it is somebody else's.",
};

pub(crate) fn check(user: &UncheckedUser, _today: Date) -> Vec<Finding> {
    let Some(id) = &user.id else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for other in &user.distinct_from {
        if other.value == id.value {
            let message = "this user is the account, and distinct from it";
            let finding = Finding::new(&RULE, id.span, message, "keep `id` or `distinctFrom`");
            findings.push(finding.label(other.span, "and here"));
        }
    }
    findings
}
