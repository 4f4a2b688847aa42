//! `shared-email`: two declared users with one e-mail address.

use crate::domain::IdentityMark;
use crate::domain::field::Key;
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::duplicate_pairs::DuplicatePair;

pub static RULE: Rule = Rule {
    name: "shared-email",
    severity: Severity::Warning,
    is_adjustable: true,
    meaning: "Two declared users with one e-mail address.",
    explanation: "OneFile joins accounts with one e-mail address in a keychain, which is right for one person with two roles and wrong \
for two people. `plan` holds the one who has no account yet, since a second account can't be taken back: pin it by `id` if \
it exists.",
};

pub(crate) fn check(pair: &DuplicatePair<'_>) -> Option<Finding> {
    (pair.mark == IdentityMark::Email)
        .then(|| pair.finding(&RULE, Key::Email, "two users with one e-mail address"))
}
