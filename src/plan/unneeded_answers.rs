//! Answers that a user doesn't need any more. One that stays would also answer the next question about this user, which
//! nobody has looked at.

use std::collections::BTreeSet;

use foldhash::HashSet;

use crate::domain::field::Key;
use crate::domain::{
    Account, AccountId, DeclaredUser, IdentityMark, MarkUse, MarkValue, Snapshot, marks,
    marks_of_declared,
};
use crate::findings::source::Place;
use crate::plan::coverage::FieldCoverage;
use crate::plan::operation::UserLabel;
use crate::plan::possible_duplicates::COMPARED;
use crate::plan::renumbered::is_renumbered;
use crate::plan::same_person::accounts_of;

/// An answer without effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnneededAnswer {
    pub who: UserLabel,
    pub place: Place,
    pub key: Key,
}

/// What the answers of one user are judged by.
#[derive(Clone, Copy)]
pub(crate) struct AnswerFacts<'p> {
    pub(crate) user: &'p DeclaredUser,
    pub(crate) snapshot: &'p Snapshot,
    pub(crate) coverage: &'p FieldCoverage,
    /// The accounts that declared users have.
    pub(crate) claimed: &'p HashSet<AccountId>,
}

impl AnswerFacts<'_> {
    /// Whether every account that `distinctFrom` names is shown, and looks like somebody else without that answer. Where rows
    /// don't show what people are told apart by, nobody knows.
    pub(crate) fn is_distinct_anyway(&self) -> bool {
        self.share_nothing(&self.user.distinct_from)
    }

    /// The answers without effect of a user who has an account: those that ask for a new one, and `alsoHas`, if nothing joins
    /// the accounts that it names with this person.
    pub(crate) fn unneeded_with_account(&self, account: &Account) -> Vec<Key> {
        let mut keys = Vec::new();
        if self.has_unneeded_accounts() {
            keys.push(Key::AlsoHas);
        }
        let replaces = &self.user.replaces;
        if !replaces.is_empty() && !replaces.contains(&account.id) {
            keys.push(Key::Replaces);
        }
        let is_to_be_renumbered = is_renumbered(self.user, account);
        if self.user.former_mis_id.is_some() && !is_to_be_renumbered {
            keys.push(Key::FormerMisId);
        }
        if self.user.creates_again {
            keys.push(Key::Creates);
        }
        keys
    }

    fn has_unneeded_accounts(&self) -> bool {
        let mut ids = BTreeSet::new();
        for other in &self.user.also_has {
            let named = accounts_of(other, self.snapshot);
            // Declared users are compared with each other by what is declared, which isn't looked at here.
            if named.is_empty() || named.iter().any(|id| self.claimed.contains(id)) {
                return false;
            }
            ids.extend(named);
        }
        self.share_nothing(&ids)
    }

    /// Whether there are accounts, and all of them are shown and look like those of other people.
    fn share_nothing(&self, ids: &BTreeSet<AccountId>) -> bool {
        if ids.is_empty() || !shows_all_marks(self.coverage) {
            return false;
        }
        let own: Vec<MarkValue> = COMPARED
            .iter()
            .flat_map(|of| marks_of_declared(*of, self.user))
            .collect();
        ids.iter().all(|id| {
            let account = self.snapshot.account(*id);
            !self.is_asked_about(*id) && account.is_some_and(|account| !shares_mark(&own, account))
        })
    }

    /// Whether an earlier run left it unclear to whom the account belongs, or an earlier reading saw it as this user's.
    fn is_asked_about(&self, id: AccountId) -> bool {
        let mut unclear = self.snapshot.unclear.values();
        let mis_id = self.user.mis_id();
        let known = mis_id.map_or(&[][..], |mis_id| self.snapshot.known.accounts_like(mis_id));
        unclear.any(|create| create.doubt.account() == Some(id))
            || known.iter().any(|account| account.id == id)
    }
}

fn shows_all_marks(coverage: &FieldCoverage) -> bool {
    IdentityMark::used(MarkUse::AgainstLive)
        .flat_map(IdentityMark::fields)
        .all(|key| coverage.is_complete(*key))
}

fn shares_mark(own: &[MarkValue], account: &Account) -> bool {
    let mut theirs = COMPARED
        .iter()
        .flat_map(|of| marks(*of, |key| account.value(key)));
    theirs.any(|mark| own.contains(&mark))
}
