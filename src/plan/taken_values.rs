//! Values of an update that belong to somebody else. An account that gets another person's e-mail address, ULN or NINO would
//! become that person's.

use std::collections::BTreeSet;

use foldhash::{HashMap, HashSet};
use smol_str::SmolStr;

use crate::domain::field::Key;
use crate::domain::{
    Account, AccountId, DeclaredUser, IdentityMark, MarkValue, People, Roster, Snapshot,
};
use crate::plan::coverage::FieldCoverage;
use crate::plan::decide::MatchedSides;
use crate::plan::hold::HoldReason;
use crate::plan::matching::{Match, match_all};
use crate::plan::operation::Change;
use crate::plan::same_person::people_of;

/// The fields of which each value belongs to one person, and the mark of each.
pub(crate) const GUARDED: [(Key, IdentityMark); 3] = [
    (Key::Email, IdentityMark::Email),
    (Key::Uln, IdentityMark::Uln),
    (Key::Nino, IdentityMark::Nino),
];

/// Those of these declared values that somebody else has, too: e-mail addresses, ULNs and NINOs. Each is named by the index of
/// its user in the roster.
pub fn values_of_others(
    roster: &Roster,
    snapshot: &Snapshot,
    values: &BTreeSet<(usize, Key)>,
) -> BTreeSet<(usize, Key)> {
    let matches = match_all(roster, snapshot);
    let sides = MatchedSides {
        roster,
        snapshot,
        matches: &matches,
    };
    let mut taken = TakenValues::of_nobody(&sides);
    let mut wanted = HashSet::default();
    for (index, _) in values {
        let user = &roster.users()[*index];
        wanted.extend(guarded_marks(|mark| mark.of_declared(&user.values)));
    }
    taken.find_owners(&sides, &wanted);
    let people = people_of(roster, snapshot, &matches);
    let mut of_others = BTreeSet::new();
    for (index, key) in values {
        let guarded = GUARDED.iter().find(|(guarded, _)| guarded == key);
        let objection = guarded.and_then(|guarded| taken.objection(*index, *guarded, &people));
        of_others.extend(objection.map(|_| (*index, *key)));
    }
    of_others
}

/// Somebody who has a value: an account, the declared user who has it, or a user without an account.
#[derive(Clone, Copy)]
struct Owner {
    account: Option<AccountId>,
    user: Option<usize>,
}

/// Who has the values that updates would set.
pub(crate) struct TakenValues<'p> {
    users: &'p [DeclaredUser],
    /// The account of each user.
    own: Vec<Option<&'p Account>>,
    accounts: HashMap<MarkValue, Vec<&'p Account>>,
    declared: HashMap<MarkValue, Vec<usize>>,
    user_of: HashMap<AccountId, usize>,
    complete: BTreeSet<IdentityMark>,
}

impl<'p> TakenValues<'p> {
    pub(crate) fn of(sides: &MatchedSides<'p>, coverage: &FieldCoverage) -> Self {
        let mut taken = Self::of_nobody(sides);
        let wanted = taken.wanted();
        if !wanted.is_empty() {
            taken.find_owners(sides, &wanted);
        }
        let complete = GUARDED.iter().filter(|(key, _)| coverage.is_complete(*key));
        taken.complete = complete.map(|(_, mark)| *mark).collect();
        taken
    }

    fn of_nobody(sides: &MatchedSides<'p>) -> Self {
        Self {
            users: sides.roster.users(),
            own: sides.matches.iter().map(Match::account).collect(),
            accounts: HashMap::default(),
            declared: HashMap::default(),
            user_of: HashMap::default(),
            complete: BTreeSet::new(),
        }
    }

    fn find_owners(&mut self, sides: &MatchedSides<'p>, wanted: &HashSet<MarkValue>) {
        for account in sides.snapshot.accounts() {
            for mark in guarded_marks(|mark| mark.of(|key| account.value(key))) {
                if wanted.contains(&mark) {
                    self.accounts.entry(mark).or_default().push(account);
                }
            }
        }
        for (index, user) in self.users.iter().enumerate() {
            self.user_of
                .extend(self.own[index].map(|own| (own.id, index)));
            for mark in guarded_marks(|mark| mark.of_declared(&user.values)) {
                if wanted.contains(&mark) {
                    self.declared.entry(mark).or_default().push(index);
                }
            }
        }
    }

    /// The values that accounts of declared users don't have yet.
    fn wanted(&self) -> HashSet<MarkValue> {
        let mut wanted = HashSet::default();
        for (user, own) in self.users.iter().zip(&self.own) {
            let Some(account) = own else {
                continue;
            };
            for mark in guarded_marks(|mark| mark.of_declared(&user.values)) {
                let live = mark.mark.of(|key| account.value(key));
                if live.as_ref() != Some(&mark.value) {
                    wanted.insert(mark);
                }
            }
        }
        wanted
    }

    /// A reason for each value that somebody else has.
    pub(crate) fn objections(
        &self,
        index: usize,
        changes: &[Change],
        people: &People,
    ) -> Vec<HoldReason> {
        let mut reasons = Vec::new();
        for (key, mark) in GUARDED {
            if changes.iter().any(|change| change.key == key) {
                reasons.extend(self.objection(index, (key, mark), people));
            }
        }
        reasons
    }

    fn objection(
        &self,
        index: usize,
        (key, mark): (Key, IdentityMark),
        people: &People,
    ) -> Option<HoldReason> {
        let value = mark.of_declared(&self.users[index].values)?;
        let value = MarkValue { mark, value };
        let mut accounts = BTreeSet::new();
        for account in self.accounts.get(&value).into_iter().flatten() {
            let owner = Owner {
                account: Some(account.id),
                user: self.user_of.get(&account.id).copied(),
            };
            if !people.has_account(index, account.id) && !self.is_answered(index, key, owner) {
                accounts.insert(account.id);
            }
        }
        let declared = self.declared.get(&value).into_iter().flatten().copied();
        let is_another = |other: &usize| {
            let account = self.own[*other].map(|account| account.id);
            let owner = Owner {
                account,
                user: Some(*other),
            };
            let is_said = account.is_some_and(|id| accounts.contains(&id));
            !is_said && !people.are_one(index, *other) && !self.is_answered(index, key, owner)
        };
        let others = declared.filter(is_another).take(MOST_NAMED);
        let mut others: Vec<_> = others
            .map(|other| self.users[other].place.clone())
            .collect();
        others.sort();
        (!accounts.is_empty() || !others.is_empty()).then(|| HoldReason::ValueTaken {
            key,
            accounts: accounts.into_iter().take(MOST_NAMED).collect(),
            others,
        })
    }

    /// Whether `distinctFrom` says, here or there, that two people share an e-mail address. A ULN or NINO has one owner.
    fn is_answered(&self, index: usize, key: Key, owner: Owner) -> bool {
        let names = |user: usize, account: Option<AccountId>| {
            account.is_some_and(|id| self.users[user].distinct_from.contains(&id))
        };
        let own = self.own[index].map(|account| account.id);
        let is_named_there = owner.user.is_some_and(|user| names(user, own));
        key == Key::Email && (names(index, owner.account) || is_named_there)
    }

    /// The marks by which these changes were compared with every live account.
    pub(crate) fn checked_by(&self, changes: &[Change]) -> Vec<IdentityMark> {
        let mut marks = Vec::new();
        for (key, mark) in GUARDED {
            if self.complete.contains(&mark) && changes.iter().any(|change| change.key == key) {
                marks.push(mark);
            }
        }
        marks
    }
}

fn guarded_marks(
    value: impl Fn(IdentityMark) -> Option<SmolStr>,
) -> impl Iterator<Item = MarkValue> {
    GUARDED.into_iter().filter_map(move |(_, mark)| {
        Some(MarkValue {
            mark,
            value: value(mark)?,
        })
    })
}

/// Maximum number of owners listed: more tell a reader no more.
const MOST_NAMED: usize = 3;
