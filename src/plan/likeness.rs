//! Whether a live account may be that of a person who has none by the keys: an account is made once, and e-mails somebody.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::field::Key;
use crate::model::{Account, Declared, Id, Live, Roster, Snapshot, UNKNOWN_ULN, folded, loose};
use crate::plan::compare::canonical;
use crate::plan::matching::Match;
use crate::plan::operation::{Likely, Mark, Reason};

/// The marks by which creates are checked, in the order in which they are named, with the fields that they are made of.
const MARKS: &[(Mark, &[Key])] = &[
    (Mark::MisId, &[Key::MisId]),
    (Mark::Name, &[Key::FirstName, Key::LastName]),
    (Mark::Email, &[Key::Email]),
    (Mark::Uln, &[Key::Uln]),
    (Mark::Nino, &[Key::Nino]),
];

/// The live accounts that share a mark with somebody who would be created.
pub(crate) struct Likeness<'p> {
    accounts: HashMap<(Mark, String), Vec<&'p Account>>,
    /// The marks that every account shows the fields of, so that nobody is overlooked by them.
    complete: BTreeSet<Mark>,
}

impl<'p> Likeness<'p> {
    pub(crate) fn of(roster: &Roster, snapshot: &'p Snapshot, matches: &[Match<'_>]) -> Self {
        let creates = roster.users().iter().zip(matches).filter(|(_, matched)| matches!(matched, Match::Nobody));
        let wanted: HashSet<_> = creates.flat_map(|(user, _)| marks(|key| user.text(key).map(str::to_owned))).collect();
        let mut likeness = Self { accounts: HashMap::new(), complete: BTreeSet::new() };
        if wanted.is_empty() {
            return likeness;
        }
        for account in snapshot.accounts() {
            for mark in marks(|key| account.text(key)).filter(|mark| wanted.contains(mark)) {
                likeness.accounts.entry(mark).or_default().push(account);
            }
        }
        let shows = |account: &Account, key: &Key| account.shown.contains_key(key) || !key.row().is_of(account.role);
        let is_complete = |keys: &[Key]| snapshot.accounts().all(|account| keys.iter().all(|key| shows(account, key)));
        likeness.complete = MARKS.iter().filter(|(_, keys)| is_complete(keys)).map(|(mark, _)| *mark).collect();
        likeness
    }

    /// The accounts that this user may have, and by what; those that are said to be somebody else's apart.
    pub(crate) fn objection(&self, user: &Declared) -> Option<Reason> {
        let is_other = |account: &&&Account| !user.distinct_from.contains(&account.id);
        let mut likely: BTreeMap<Id, Likely> = BTreeMap::new();
        for mark in marks(|key| user.text(key).map(str::to_owned)) {
            for account in
                self.accounts.get(&mark).into_iter().flatten().filter(|account| is_other(account)).take(SHOWN)
            {
                let known = || Likely {
                    id: account.id,
                    role: account.role,
                    mis_id: account.text(Key::MisId),
                    same: Vec::new(),
                };
                likely.entry(account.id).or_insert_with(known).same.push(mark.0);
            }
        }
        let others = user.distinct_from.iter().copied().collect();
        (!likely.is_empty()).then(|| Reason::MayExist { accounts: likely.into_values().collect(), others })
    }

    /// What this user was compared by with every live account.
    pub(crate) fn checked_by(&self, user: &Declared) -> Vec<Mark> {
        let mut declared: Vec<Mark> = marks(|key| user.text(key).map(str::to_owned)).map(|(mark, _)| mark).collect();
        declared.retain(|mark| self.complete.contains(mark));
        declared
    }
}

/// How many accounts are named for one mark; a hundred with one e-mail address tell no more.
const SHOWN: usize = 20;

/// What tells a person from others, in a form that is equal where it may be the same.
fn marks(text: impl Fn(Key) -> Option<String>) -> impl Iterator<Item = (Mark, String)> {
    let mark = move |(mark, keys): &(Mark, &[Key])| {
        let values: Option<Vec<String>> = keys.iter().map(|key| text(*key)).collect();
        Some((*mark, canonical_mark(*mark, &values?)?))
    };
    MARKS.iter().filter_map(mark)
}

fn canonical_mark(mark: Mark, values: &[String]) -> Option<String> {
    let form = match mark {
        Mark::MisId => loose(&values[0]),
        Mark::Name => values.iter().map(|name| folded(name)).collect::<Vec<_>>().join("\n"),
        Mark::Email => canonical(Key::Email, &Live::Text(values[0].clone()))?,
        Mark::Uln => values[0].trim().to_owned(),
        Mark::Nino => values[0].split_whitespace().collect::<String>().to_uppercase(),
    };
    let says_nothing = form.trim().is_empty() || (mark == Mark::Uln && form == UNKNOWN_ULN);
    (!says_nothing).then_some(form)
}
