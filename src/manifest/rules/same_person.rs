//! `same-person`: two declared users who look like one person.

use crate::domain::IdentityMark;
use crate::domain::field::Key;
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::duplicate_pairs::DuplicatePair;

pub static RULE: Rule = Rule {
    name: "same-person",
    severity: Severity::Warning,
    is_adjustable: true,
    meaning: "Two declared users who look like one person: the same name and date of birth, or the same ULN.",
    explanation: "The MIS may have given a person two keys, which would be two accounts. `plan` holds the one who has no account yet. \
If one of them is a mistake, delete it; of two people who do share all that, create one first, and write its `distinctFrom: [ID]` with \
the other.",
};

pub(crate) fn check(pair: &DuplicatePair<'_>) -> Option<Finding> {
    let (key, message) = match pair.mark {
        IdentityMark::Uln => (Key::Uln, "two users with one ULN: one person, it seems"),
        IdentityMark::Nino => (
            Key::Nino,
            "two users with one national insurance number: one person, it seems",
        ),
        IdentityMark::NameAndBirth => (
            Key::Dob,
            "two users with one name and date of birth: one person, it seems",
        ),
        IdentityMark::MisId
        | IdentityMark::Email
        | IdentityMark::Name
        | IdentityMark::FirstNameBirthAndMobile
        | IdentityMark::FirstNameBirthAndAddress
        | IdentityMark::FirstNameBirthAndMailbox
        | IdentityMark::FirstNameAndBirth
        | IdentityMark::LastNameAndBirth
        | IdentityMark::FirstName
        | IdentityMark::Birth => return None,
    };
    Some(pair.finding(&RULE, key, message))
}
