//! Declared users who look like one person. None of them is created until somebody says that they are different people, or
//! that they are one.

use foldhash::HashMap;

use crate::domain::{People, Roster, shared_marks_of};
use crate::plan::hold::HoldReason;
use crate::plan::matching::Match;

/// Why users are not created, by their index in the roster.
pub(crate) struct DeclaredDuplicates(HashMap<usize, Vec<HoldReason>>);

impl DeclaredDuplicates {
    /// Matched users are never created, so only unmatched ones need checking. This keeps large groups linear.
    pub(crate) fn of(roster: &Roster, matches: &[Match<'_>], people: &People) -> Self {
        let users = roster.users();
        let values: Vec<_> = users.iter().map(|user| &user.values).collect();
        let is_unmatched = |index: &usize| matches[*index].account().is_none();
        let unmatched: Vec<usize> = (0..users.len()).filter(is_unmatched).collect();
        let mut objections: HashMap<usize, Vec<HoldReason>> = HashMap::default();
        for shared in shared_marks_of(&values, &unmatched) {
            for index in shared.users.iter().copied().filter(is_unmatched) {
                let is_another = |other: &usize| {
                    let account = matches[*other].account();
                    let is_distinct = account
                        .is_some_and(|account| users[index].distinct_from.contains(&account.id));
                    *other != index && !is_distinct && !people.are_one(index, *other)
                };
                let others = shared.users.iter().copied().filter(is_another);
                let others: Vec<usize> = others.take(MOST_NAMED).collect();
                if others.is_empty() {
                    continue;
                }
                let accounts = others.iter().filter_map(|other| matches[*other].account());
                let places = others.iter().map(|other| users[*other].place.clone());
                objections
                    .entry(index)
                    .or_default()
                    .push(HoldReason::AlsoDeclared {
                        same: shared.mark,
                        accounts: accounts.map(|account| account.id).collect(),
                        others: places.collect(),
                    });
            }
        }
        Self(objections)
    }

    /// Why this user isn't created.
    pub(crate) fn objections(&self, index: usize) -> impl Iterator<Item = HoldReason> {
        self.0.get(&index).into_iter().flatten().cloned()
    }
}

/// Maximum number of others listed: 1,000 with the same e-mail address tell a reader no more than three.
const MOST_NAMED: usize = 3;
