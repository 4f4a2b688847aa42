//! Pairs of declared users who may be one person.

use crate::domain::field::Key;
use crate::domain::{IdentityMark, shared_marks};
use crate::findings::{Finding, Rule};
use crate::manifest::unchecked_user::UncheckedUser;

/// Two users who have the same value, or nearly, in what identifies a person.
pub(crate) struct DuplicatePair<'u> {
    pub(crate) mark: IdentityMark,
    pub(crate) first: &'u UncheckedUser,
    pub(crate) later: &'u UncheckedUser,
}

/// The first user of each group of alike ones, paired with each later one. A user with `distinctFrom` is in no pair:
/// somebody has looked at that user already.
pub(crate) fn duplicate_pairs<'u>(users: &[&'u UncheckedUser]) -> Vec<DuplicatePair<'u>> {
    let values: Vec<_> = users.iter().map(|user| &user.values).collect();
    let mut pairs = Vec::new();
    for shared in shared_marks(&values) {
        let first = users[shared.users[0]];
        for later in &shared.users[1..] {
            let later = users[*later];
            if first.distinct_from.is_empty() && later.distinct_from.is_empty() {
                pairs.push(DuplicatePair {
                    mark: shared.mark,
                    first,
                    later,
                });
            }
        }
    }
    pairs
}

impl DuplicatePair<'_> {
    /// A finding at the later user's `key`.
    pub(crate) fn finding(&self, rule: &'static Rule, key: Key, message: &str) -> Finding {
        let help = "fix one of the two; `plan` creates neither while they are alike";
        let finding = Finding::new(rule, self.later.span(key), message, help);
        finding.label(self.first.span(key), "first here")
    }
}
