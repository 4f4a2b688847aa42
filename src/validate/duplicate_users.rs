//! Who a user is, is said once: no two users with one `misId`, and no two with one `id`.

use std::hash::Hash;

use foldhash::HashMap;

use crate::diagnostic::{Code, Finding};
use crate::source::{Span, Spanned};
use crate::validate::candidate::Candidate;

pub(crate) fn check(candidates: &[Candidate<'_>]) -> Vec<Finding> {
    let mut findings = repeated("misId", candidates.iter().filter_map(|candidate| candidate.mis_id.as_ref()));
    findings.extend(repeated("id", candidates.iter().filter_map(|candidate| candidate.id.as_ref())));
    findings
}

fn repeated<'c, T>(key: &str, all: impl Iterator<Item = &'c Spanned<T>>) -> Vec<Finding>
where
    T: Eq + Hash + 'c,
{
    let mut first: HashMap<&T, Span> = HashMap::default();
    let mut findings = Vec::new();
    for Spanned { value, span } in all {
        match first.get(value) {
            None => {
                first.insert(value, *span);
            }
            Some(earlier) => {
                let message = format!("two users with one `{key}`");
                let help = "keep one of the two, or mend the key of one of them";
                findings.push(Finding::new(Code::DuplicateUser, *span, message, help).label(*earlier, "first here"));
            }
        }
    }
    findings
}
