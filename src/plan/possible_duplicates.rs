//! Whether a live account may be that of a person who has none by the keys: an account is made once, and e-mails somebody.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashSet};

use crate::domain::field::Key;
use crate::domain::{Account, DeclaredUser, Id, Normalisation, Roster, Snapshot, print_of};
use crate::plan::coverage::FieldCoverage;
use crate::plan::hold::{HoldReason, LikelyAccount, PersonMark};
use crate::plan::matching::Match;

/// The marks by which creates are checked, in the order in which they are named: the fields that they are made of, and how
/// these are compared.
const MARKS: &[(PersonMark, &[Key], Normalisation)] = &[
    (PersonMark::MisId, &[Key::MisId], Normalisation::Key),
    (
        PersonMark::Name,
        &[Key::FirstName, Key::LastName],
        Normalisation::Name,
    ),
    (PersonMark::Email, &[Key::Email], Normalisation::Address),
    (PersonMark::Uln, &[Key::Uln], Normalisation::Number),
    (PersonMark::Nino, &[Key::Nino], Normalisation::Number),
];

/// The live accounts that share a mark with somebody who would be created.
pub(crate) struct PossibleDuplicates<'p> {
    accounts: HashMap<(PersonMark, u64), Vec<&'p Account>>,
    /// The marks that every account shows the fields of, so that nobody is overlooked by them.
    complete: BTreeSet<PersonMark>,
}

impl<'p> PossibleDuplicates<'p> {
    pub(crate) fn of(
        roster: &Roster,
        snapshot: &'p Snapshot,
        matches: &[Match<'_>],
        shown: &FieldCoverage,
    ) -> Self {
        let creates = roster
            .users()
            .iter()
            .zip(matches)
            .filter(|(_, matched)| matches!(matched, Match::Nobody));
        let wanted: HashSet<_> = creates.flat_map(|(user, _)| of_declared(user)).collect();
        let mut likeness = Self {
            accounts: HashMap::default(),
            complete: BTreeSet::new(),
        };
        if wanted.is_empty() {
            return likeness;
        }
        for account in snapshot.accounts() {
            for mark in marks(|key| account.value(key)).filter(|mark| wanted.contains(mark)) {
                likeness.accounts.entry(mark).or_default().push(account);
            }
        }
        let is_complete = |keys: &[Key]| keys.iter().all(|key| shown.is_complete(*key));
        likeness.complete = MARKS
            .iter()
            .filter(|(_, keys, _)| is_complete(keys))
            .map(|(mark, ..)| *mark)
            .collect();
        likeness
    }

    /// The accounts that this user may have, and by what; those that are said to be somebody else's apart.
    pub(crate) fn objection(&self, user: &DeclaredUser) -> Option<HoldReason> {
        let is_other = |account: &&&Account| !user.distinct_from.contains(&account.id);
        let mut likely: BTreeMap<Id, LikelyAccount> = BTreeMap::new();
        for mark in of_declared(user) {
            let accounts = self
                .accounts
                .get(&mark)
                .into_iter()
                .flatten()
                .filter(is_other)
                .take(SHOWN);
            for account in accounts {
                let (id, role, mis_id) = (account.id, account.role, account.text(Key::MisId));
                let known = likely.entry(id).or_insert(LikelyAccount {
                    id,
                    role,
                    mis_id,
                    same: Vec::new(),
                });
                known.same.push(mark.0);
            }
        }
        let others = user.distinct_from.iter().copied().collect();
        (!likely.is_empty()).then(|| HoldReason::MayExist {
            accounts: likely.into_values().collect(),
            others,
        })
    }

    /// What this user was compared by with every live account.
    pub(crate) fn checked_by(&self, user: &DeclaredUser) -> Vec<PersonMark> {
        of_declared(user)
            .map(|(mark, _)| mark)
            .filter(|mark| self.complete.contains(mark))
            .collect()
    }
}

/// How many accounts are named for one mark; a hundred with one e-mail address tell no more.
const SHOWN: usize = 20;

fn of_declared(user: &DeclaredUser) -> impl Iterator<Item = (PersonMark, u64)> {
    marks(|key| user.text(key).map(Cow::Borrowed))
}

/// What tells a person from others, in a form that is equal where it may be the same.
fn marks<'t>(
    text: impl Fn(Key) -> Option<Cow<'t, str>>,
) -> impl Iterator<Item = (PersonMark, u64)> {
    MARKS
        .iter()
        .filter_map(move |(mark, keys, fold)| Some((*mark, print_of(keys, *fold, &text)?)))
}
