//! `similar-keys`: two MIS values that differ only by case, blanks or leading zeros.

use crate::domain::IdentityMark;
use crate::domain::field::Key;
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::duplicate_pairs::DuplicatePair;

pub static RULE: Rule = Rule {
    name: "similar-keys",
    severity: Severity::Warning,
    is_adjustable: true,
    meaning: "Two MIS values that differ only by case, blanks or leading zeros.",
    explanation: "Mostly one person, whose key was typed twice: `L-0101` and `l-101`. `plan` holds the one who has no account yet. Where \
the MIS does tell such keys apart, create one first, and write its `distinctFrom: [ID]` with the other.",
};

/// Equal MIS values are another finding: `duplicate-user`.
pub(crate) fn check(pair: &DuplicatePair<'_>) -> Option<Finding> {
    let differs = pair.first.mis_id() != pair.later.mis_id();
    (pair.mark == IdentityMark::MisId && differs)
        .then(|| pair.finding(&RULE, Key::MisId, "two users with nearly the same `misId`"))
}
