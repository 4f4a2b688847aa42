//! Pairs of declared users who may be one person.

use crate::domain::field::Key;
use crate::domain::{
    IdentityMark, Particulars, People, PersonClues, SharedMark, declared_text, shared_marks,
};
use crate::findings::{Finding, Rule};
use crate::manifest::unchecked_user::UncheckedUser;

/// Two users who have the same value, or nearly, in what identifies a person.
pub(crate) struct DuplicatePair<'u> {
    pub(crate) mark: IdentityMark,
    pub(crate) first: &'u UncheckedUser,
    pub(crate) later: &'u UncheckedUser,
}

/// The first user of each group of alike ones, paired with each later one. A user with `distinctFrom` is in no pair:
/// somebody has looked at that user already. Nor is a pair that is known to be one person with two accounts.
pub(crate) fn duplicate_pairs<'u>(users: &[&'u UncheckedUser]) -> Vec<DuplicatePair<'u>> {
    let values: Vec<_> = users.iter().map(|user| &user.values).collect();
    let mut pairs = Vec::new();
    let shared_by: Vec<SharedMark> = shared_marks(&values);
    if shared_by.is_empty() {
        return pairs;
    }
    let people = people_of(users);
    for shared in shared_by {
        let first_index = shared.users[0];
        let first = users[first_index];
        for index in &shared.users[1..] {
            let later = users[*index];
            let is_answered = !first.distinct_from.is_empty()
                || !later.distinct_from.is_empty()
                || people.are_one(first_index, *index);
            if !is_answered && !is_contradicted(shared.mark, first, later) {
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

/// Who is one person, as far as the files say. Which accounts exist isn't known here.
fn people_of(users: &[&UncheckedUser]) -> People {
    let mut clues = Vec::with_capacity(users.len());
    for user in users {
        clues.push(PersonClues {
            role: user.role,
            mis_id: user.mis_id(),
            account: user.id.as_ref().map(|id| id.value),
            also_has: user.also_has.iter().map(|other| &other.value).collect(),
        });
    }
    People::of(&clues, |_| Vec::new())
}

/// Whether a ULN or a national insurance number shows that two namesakes with one birthday are two people.
fn is_contradicted(mark: IdentityMark, first: &UncheckedUser, later: &UncheckedUser) -> bool {
    let particulars =
        |user: &UncheckedUser| Particulars::of(|key| declared_text(&user.values, key));
    let against = mark.against();
    !against.is_empty()
        && !particulars(first)
            .differing(&particulars(later), against)
            .is_empty()
}

impl DuplicatePair<'_> {
    /// A finding at the later user's `key`.
    pub(crate) fn finding(&self, rule: &'static Rule, key: Key, message: &str) -> Finding {
        let help = "fix one of the two; `plan` creates neither while they are alike";
        let finding = Finding::new(rule, self.later.span(key), message, help);
        finding.label(self.first.span(key), "first here")
    }
}
