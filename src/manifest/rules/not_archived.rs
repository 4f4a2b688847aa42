//! `not-archived`: a user with the last day or the reason of a leaver who isn't declared as one.

use jiff::civil::Date;

use crate::domain::DeclaredArchive;
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::unchecked_user::UncheckedUser;

pub static RULE: Rule = Rule {
    name: "not-archived",
    severity: Severity::Warning,
    is_adjustable: true,
    meaning: "`lastDay` or `reason` without `archived: true`, so that they have no effect.",
    explanation: "A leaver is declared like this:

  - misId: L-0041
    role: learner
    archived: true
    lastDay: 2026-07-31
    reason: completed

`lastDay` and `reason` are for the people who read the file, and `lastDay` also keeps the account from being archived too early. \
Neither archives an account without `archived: true`. Nobody is ever archived because a line is missing.",
};

pub(crate) fn check(user: &UncheckedUser, _today: Date) -> Vec<Finding> {
    match user.archive {
        DeclaredArchive::Archived => Vec::new(),
        DeclaredArchive::Undeclared => findings(user, "add `archived: true`, or delete it"),
        DeclaredArchive::Current => findings(user, "delete it, or write `archived: true`"),
    }
}

fn findings(user: &UncheckedUser, help: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (key, span) in user.leaver_spans() {
        let message = format!("`{}` has no effect without `archived: true`", key.name());
        findings.push(Finding::new(&RULE, span, message, help));
    }
    findings
}
