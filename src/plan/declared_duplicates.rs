//! Declared users who look like one person: none of them is created while a person hasn't said that they are several.

use foldhash::HashMap;

use crate::domain::{Roster, twins_of};
use crate::plan::hold::HoldReason;
use crate::plan::matching::Match;

/// Who looks like whom, by index.
pub(crate) struct DeclaredDuplicates(HashMap<usize, Vec<HoldReason>>);

impl DeclaredDuplicates {
    pub(crate) fn of(roster: &Roster, matches: &[Match<'_>]) -> Self {
        let users = roster.users();
        let mut alike: HashMap<usize, Vec<HoldReason>> = HashMap::default();
        let absent: Vec<usize> = (0..users.len())
            .filter(|at| matches[*at].account().is_none())
            .collect();
        let values: Vec<_> = users.iter().map(|user| &user.values).collect();
        for (same, group) in twins_of(&values, &absent) {
            // Who is matched gets no account; asking only for the others keeps a big group of them from being quadratic.
            for at in group
                .iter()
                .copied()
                .filter(|at| matches[*at].account().is_none())
            {
                let is_other = |other: &usize| {
                    let account = matches[*other].account();
                    *other != at
                        && account
                            .is_none_or(|account| !users[at].distinct_from.contains(&account.id))
                };
                let others = group.iter().copied().filter(is_other).take(SHOWN);
                let others: Vec<usize> = others.collect();
                if !others.is_empty() {
                    let accounts = others.iter().filter_map(|other| matches[*other].account());
                    let accounts = accounts.map(|account| account.id).collect();
                    let others = others
                        .iter()
                        .map(|other| users[*other].place.clone())
                        .collect();
                    alike.entry(at).or_default().push(HoldReason::AlsoDeclared {
                        same,
                        others,
                        accounts,
                    });
                }
            }
        }
        Self(alike)
    }

    /// Why this user isn't created.
    pub(crate) fn objections(&self, at: usize) -> impl Iterator<Item = HoldReason> {
        self.0.get(&at).into_iter().flatten().cloned()
    }
}

/// How many of the others are named; a thousand with one e-mail address tell no more.
const SHOWN: usize = 3;
