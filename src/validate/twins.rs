//! Users who share an e-mail address, or look like one person with two keys.

use crate::diagnostic::{Code, Finding};
use crate::field::Key;
use crate::model::{Sameness, twins};
use crate::validate::candidate::Candidate;

pub(crate) fn check(candidates: &[Candidate<'_>]) -> Vec<Finding> {
    let groups = twins(candidates.iter().map(|candidate| &candidate.values));
    let pairs = groups.iter().flat_map(|(same, group)| group[1..].iter().map(move |later| (*same, group[0], *later)));
    pairs.map(|(same, first, later)| alike(same, &candidates[first], &candidates[later])).collect()
}

fn alike(same: Sameness, first: &Candidate<'_>, later: &Candidate<'_>) -> Finding {
    let (code, key, message) = match same {
        Sameness::Email => (Code::SharedEmail, Key::Email, "two users with one e-mail address"),
        Sameness::Uln => (Code::SamePerson, Key::Uln, "two users with one ULN: one person, it seems"),
        Sameness::NameAndBirth => {
            (Code::SamePerson, Key::Dob, "two users with one name and day of birth: one person, it seems")
        }
    };
    let help = "mend one of the two; `plan` creates neither while they are alike";
    Finding::new(code, later.span(key), message, help).label(first.span(key), "first here")
}
