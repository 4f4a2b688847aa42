//! Users who share an e-mail address, or look like one person with two keys.

use crate::domain::field::Key;
use crate::domain::{IdentityMark, shared_marks};
use crate::findings::{Code, Finding};
use crate::manifest::unchecked_user::UncheckedUser;

pub(crate) fn check(candidates: &[&UncheckedUser]) -> Vec<Finding> {
    let values: Vec<_> = candidates
        .iter()
        .map(|candidate| &candidate.values)
        .collect();
    let mut findings = Vec::new();
    for shared in shared_marks(&values) {
        let first = candidates[shared.users[0]];
        for later in &shared.users[1..] {
            let later = candidates[*later];
            if is_open(shared.mark, first, later) {
                findings.push(alike(shared.mark, first, later));
            }
        }
    }
    findings
}

/// If one of them has `distinctFrom`, a person has looked. Two users with exactly one key are another finding.
fn is_open(mark: IdentityMark, first: &UncheckedUser, later: &UncheckedUser) -> bool {
    let is_looked_at = !first.distinct_from.is_empty() || !later.distinct_from.is_empty();
    !is_looked_at
        && (mark != IdentityMark::MisId || first.text(Key::MisId) != later.text(Key::MisId))
}

fn alike(mark: IdentityMark, first: &UncheckedUser, later: &UncheckedUser) -> Finding {
    let (code, key, message) = match mark {
        IdentityMark::MisId => (
            Code::SimilarKeys,
            Key::MisId,
            "two users with nearly the same `misId`",
        ),
        IdentityMark::Email => (
            Code::SharedEmail,
            Key::Email,
            "two users with one e-mail address",
        ),
        IdentityMark::Uln => (
            Code::SamePerson,
            Key::Uln,
            "two users with one ULN: one person, it seems",
        ),
        IdentityMark::Nino => (
            Code::SamePerson,
            Key::Nino,
            "two users with one national insurance number: one person, it seems",
        ),
        IdentityMark::NameAndBirth
        | IdentityMark::Name
        | IdentityMark::FirstNameAndBirth
        | IdentityMark::LastNameAndBirth
        | IdentityMark::FirstName
        | IdentityMark::Birth => (
            Code::SamePerson,
            Key::Dob,
            "two users with one name and day of birth: one person, it seems",
        ),
    };
    let help = "mend one of the two; `plan` creates neither while they are alike";
    Finding::new(code, later.span(key), message, help).label(first.span(key), "first here")
}
