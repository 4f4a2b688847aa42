//! Live accounts that may belong to a user without a key match. Creating can't be undone and sends an e-mail, so a possible
//! duplicate holds the create.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashSet};

use crate::domain::field::Key;
use crate::domain::{
    Account, AccountId, DeclaredUser, IdentityMark, MarkUse, MarkValue, People, Roster, Snapshot,
    marks, marks_of_declared,
};
use crate::plan::coverage::FieldCoverage;
use crate::plan::hold::{HoldReason, LikelyAccount};
use crate::plan::matching::Match;

/// The live accounts that share a mark with a user who would be created.
pub(crate) struct PossibleDuplicates<'p> {
    accounts: HashMap<MarkValue, Vec<&'p Account>>,
    /// The marks whose fields every account shows, so that a comparison by them misses no account.
    complete: BTreeSet<IdentityMark>,
}

impl<'p> PossibleDuplicates<'p> {
    pub(crate) fn of(
        roster: &Roster,
        snapshot: &'p Snapshot,
        matches: &[Match<'_>],
        coverage: &FieldCoverage,
    ) -> Self {
        let mut duplicates = Self {
            accounts: HashMap::default(),
            complete: BTreeSet::new(),
        };
        let wanted = marks_of_creates(roster, matches);
        if wanted.is_empty() {
            return duplicates;
        }
        for account in snapshot.accounts() {
            for mark in marks(MarkUse::AgainstLive, |key| account.value(key)) {
                if wanted.contains(&mark) {
                    duplicates.accounts.entry(mark).or_default().push(account);
                }
            }
        }
        for mark in IdentityMark::used(MarkUse::AgainstLive) {
            if mark.fields().iter().all(|key| coverage.is_complete(*key)) {
                duplicates.complete.insert(mark);
            }
        }
        duplicates
    }

    /// The accounts that this user may already have, with the marks that they share. Those that `distinctFrom` names are left
    /// out, and so are those that are known to be others of the same person.
    pub(crate) fn objection(
        &self,
        index: usize,
        user: &DeclaredUser,
        people: &People,
    ) -> Option<HoldReason> {
        let mut likely: BTreeMap<AccountId, LikelyAccount> = BTreeMap::new();
        for mark in marks_of_declared(MarkUse::AgainstLive, user) {
            let sharing = self.accounts.get(&mark).into_iter().flatten();
            let others = sharing.filter(|account| {
                !user.distinct_from.contains(&account.id) && !people.has_account(index, account.id)
            });
            for account in others.take(MOST_NAMED) {
                let known = likely.entry(account.id).or_insert_with(|| LikelyAccount {
                    id: account.id,
                    role: account.role,
                    mis_id: account.text(Key::MisId),
                    same: Vec::new(),
                });
                known.same.push(mark.mark);
            }
        }
        let others = user.distinct_from.iter().copied().collect();
        (!likely.is_empty()).then(|| HoldReason::MayExist {
            accounts: likely.into_values().collect(),
            others,
        })
    }

    /// The marks by which this user was compared with every live account.
    pub(crate) fn checked_by(&self, user: &DeclaredUser) -> Vec<IdentityMark> {
        let own = marks_of_declared(MarkUse::AgainstLive, user).map(|mark| mark.mark);
        own.filter(|mark| self.complete.contains(mark)).collect()
    }
}

/// Maximum number of accounts listed per mark: 100 with the same e-mail address tell a reader no more than 20.
const MOST_NAMED: usize = 20;

fn marks_of_creates(roster: &Roster, matches: &[Match<'_>]) -> HashSet<MarkValue> {
    let mut wanted = HashSet::default();
    for (user, matched) in roster.users().iter().zip(matches) {
        if matches!(matched, Match::Nobody) {
            wanted.extend(marks_of_declared(MarkUse::AgainstLive, user));
        }
    }
    wanted
}
