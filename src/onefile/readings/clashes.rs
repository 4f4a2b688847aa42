//! Spared accounts that may have the e-mail address or a number of somebody else. A plan compares those, so they are looked at.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashMap;

use crate::domain::{AccountId, DeclaredUser, Snapshot, declared_text};
use crate::onefile::accounts_to_read::PlannedUsers;
use crate::onefile::readings::Readings;
use crate::onefile::readings::digests::Digest;
use crate::onefile::readings::spare::SparedAccount;

impl Readings {
    /// Takes out of the spared accounts those that share a mark with a user who isn't spared, or with an account that was looked
    /// at. The user of such an account isn't spared any more either.
    pub(super) fn take_out_clashes(
        &self,
        spared: &mut BTreeMap<AccountId, SparedAccount>,
        looked: &BTreeSet<AccountId>,
        planned: &PlannedUsers<'_>,
        snapshot: &Snapshot,
    ) {
        let mut by_mark: HashMap<Digest, Vec<AccountId>> = HashMap::default();
        for id in spared.keys() {
            let marks = self.accounts.get(id).map(|seen| &seen.marks);
            for mark in marks.into_iter().flatten() {
                by_mark.entry(*mark).or_default().push(*id);
            }
        }
        let mut users: HashMap<AccountId, &DeclaredUser> = HashMap::default();
        let mut open: Vec<Digest> = Vec::new();
        for user in &planned.users {
            let candidates = snapshot.candidates(user);
            let mut accounts = candidates.iter();
            if !accounts.any(|account| spared.contains_key(&account.id)) {
                open.extend(self.marks_of_declared(user));
            }
            users.extend(candidates.into_iter().map(|account| (account.id, *user)));
        }
        for account in looked.iter().filter_map(|id| snapshot.account(*id)) {
            open.extend(self.key.marks(|key| account.value(key)));
        }
        while let Some(mark) = open.pop() {
            for id in by_mark.get(&mark).into_iter().flatten() {
                if spared.remove(id).is_some()
                    && let Some(user) = users.get(id)
                {
                    open.extend(self.marks_of_declared(user));
                }
            }
        }
    }

    fn marks_of_declared(&self, user: &DeclaredUser) -> Vec<Digest> {
        self.key.marks(|key| declared_text(&user.values, key))
    }
}
