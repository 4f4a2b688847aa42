//! Who a user is, is said once: no two users with one `misId`, and no two with one `id`.

use std::hash::Hash;

use foldhash::HashMap;
use foldhash::fast::RandomState;

use crate::domain::field::Key;
use crate::findings::source::Span;
use crate::findings::{Code, Finding};
use crate::manifest::unchecked_user::UncheckedUser;

pub(crate) fn check(candidates: &[&UncheckedUser]) -> Vec<Finding> {
    let number = candidates.len();
    let mis_ids = candidates
        .iter()
        .filter_map(|user| Some((user.mis_id()?, user.span(Key::MisId))));
    let ids = candidates
        .iter()
        .filter_map(|user| user.id.as_ref())
        .map(|id| (id.value, id.span));
    let mut findings = repeated("misId", number, mis_ids);
    findings.extend(repeated("id", 0, ids));
    findings
}

/// `expected` is how many there are, as far as that is known.
fn repeated<T: Eq + Hash>(
    key: &str,
    expected: usize,
    all: impl Iterator<Item = (T, Span)>,
) -> Vec<Finding> {
    let mut first: HashMap<T, Span> =
        HashMap::with_capacity_and_hasher(expected, RandomState::default());
    let mut findings = Vec::new();
    for (value, span) in all {
        match first.get(&value) {
            None => {
                first.insert(value, span);
            }
            Some(earlier) => {
                let message = format!("two users with one `{key}`");
                let help = "keep one of the two, or mend the key of one of them";
                findings.push(
                    Finding::new(Code::DuplicateUser, span, message, help)
                        .label(*earlier, "first here"),
                );
            }
        }
    }
    findings
}
