//! Declared users who look like one person. None of them is created until somebody says that they are different people, or
//! that they are one.

use foldhash::HashMap;

use crate::domain::field::Key;
use crate::domain::{
    AlikeRecords, DeclaredUser, IdentityMark, MarkUse, MarkValue, Particulars, People, Roster,
    SharedMark, declared_text, shared_marks_of,
};
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
            let group = AlikeUsers::of(&shared, users, matches);
            for index in shared.users.iter().copied().filter(is_unmatched) {
                if let Some(reason) = group.objection(index, people) {
                    objections.entry(index).or_default().push(reason);
                }
            }
        }
        Self(objections)
    }

    /// Why this user isn't created.
    pub(crate) fn objections(&self, index: usize) -> impl Iterator<Item = HoldReason> {
        self.0.get(&index).into_iter().flatten().cloned()
    }
}

/// Declared users who share one mark.
struct AlikeUsers<'p> {
    mark: MarkValue,
    records: AlikeRecords<usize>,
    users: &'p [DeclaredUser],
    matches: &'p [Match<'p>],
}

impl<'p> AlikeUsers<'p> {
    fn of(shared: &SharedMark, users: &'p [DeclaredUser], matches: &'p [Match<'p>]) -> Self {
        let mut group = Self {
            // The value is the same for all of them.
            mark: MarkValue {
                mark: shared.mark,
                value: "".into(),
            },
            records: AlikeRecords::default(),
            users,
            matches,
        };
        let is_of_the_renamed =
            IdentityMark::used(MarkUse::OfTheRenamed).any(|mark| mark == shared.mark);
        for index in &shared.users {
            // The account of another declared user isn't that of somebody with another last name.
            if !is_of_the_renamed || matches[*index].account().is_none() {
                let particulars = particulars(&users[*index]);
                group.records.insert(&group.mark, &particulars, *index);
            }
        }
        group
    }

    fn objection(&self, index: usize, people: &People) -> Option<HoldReason> {
        let user = &self.users[index];
        let is_other = |other: &usize| {
            let is_known = people.are_one(index, *other) || self.is_told_apart(user, *other);
            *other != index && !is_known
        };
        let others: Vec<usize> = self
            .records
            .perhaps_one_person(&self.mark, &particulars(user))
            .filter(is_other)
            .take(MOST_NAMED)
            .collect();
        if others.is_empty() {
            return None;
        }
        let accounts = others
            .iter()
            .filter_map(|other| Some(self.matches[*other].account()?.id));
        let mut places: Vec<_> = others
            .iter()
            .map(|other| self.users[*other].place.clone())
            .collect();
        places.sort();
        Some(HoldReason::AlsoDeclared {
            same: self.shared(index, &others),
            accounts: accounts.collect(),
            others: places,
        })
    }

    /// Whether `distinctFrom` names the account of the other.
    fn is_told_apart(&self, user: &DeclaredUser, other: usize) -> bool {
        let account = self.matches[other].account();
        account.is_some_and(|account| user.distinct_from.contains(&account.id))
    }

    /// What they share: with the name, the date of birth if all of them have it.
    fn shared(&self, index: usize, others: &[usize]) -> IdentityMark {
        let birth = |index: usize| declared_text(&self.users[index].values, Key::Dob);
        let shares_birth =
            birth(index).is_some() && others.iter().all(|other| birth(*other) == birth(index));
        match self.mark.mark {
            IdentityMark::Name if shares_birth => IdentityMark::NameAndBirth,
            mark => mark,
        }
    }
}

fn particulars(user: &DeclaredUser) -> Particulars {
    Particulars::of(|key| declared_text(&user.values, key))
}

/// Maximum number of others listed: 1,000 with the same e-mail address tell a reader no more than three.
const MOST_NAMED: usize = 3;
