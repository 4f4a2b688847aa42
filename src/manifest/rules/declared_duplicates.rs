//! Users who share an e-mail address, or look like one person with two keys.

use crate::domain::field::Key;
use crate::domain::{Sameness, twins};
use crate::findings::{Code, Finding};
use crate::manifest::rules::unchecked_user::UncheckedUser;

pub(crate) fn check(candidates: &[&UncheckedUser]) -> Vec<Finding> {
    let values: Vec<_> = candidates
        .iter()
        .map(|candidate| &candidate.values)
        .collect();
    let groups = twins(&values);
    let pairs = groups.iter().flat_map(|(same, group)| {
        group[1..]
            .iter()
            .map(move |later| (*same, group[0], *later))
    });
    let pairs = pairs.map(|(same, first, later)| (same, &candidates[first], &candidates[later]));
    pairs
        .filter(|(same, first, later)| is_open(*same, first, later))
        .map(|(same, first, later)| alike(same, first, later))
        .collect()
}

/// Where somebody has said of one of them whose account isn't theirs, a person has looked. One key twice is another finding.
fn is_open(same: Sameness, first: &UncheckedUser, later: &UncheckedUser) -> bool {
    let is_looked_at = !first.distinct_from.is_empty() || !later.distinct_from.is_empty();
    !is_looked_at && (same != Sameness::MisId || first.text(Key::MisId) != later.text(Key::MisId))
}

fn alike(same: Sameness, first: &UncheckedUser, later: &UncheckedUser) -> Finding {
    let (code, key, message) = match same {
        Sameness::MisId => (
            Code::SimilarKeys,
            Key::MisId,
            "two users with nearly the same `misId`",
        ),
        Sameness::Email => (
            Code::SharedEmail,
            Key::Email,
            "two users with one e-mail address",
        ),
        Sameness::Uln => (
            Code::SamePerson,
            Key::Uln,
            "two users with one ULN: one person, it seems",
        ),
        Sameness::Nino => (
            Code::SamePerson,
            Key::Nino,
            "two users with one national insurance number: one person, it seems",
        ),
        Sameness::NameAndBirth => (
            Code::SamePerson,
            Key::Dob,
            "two users with one name and day of birth: one person, it seems",
        ),
    };
    let help = "mend one of the two; `plan` creates neither while they are alike";
    Finding::new(code, later.span(key), message, help).label(first.span(key), "first here")
}
