//! Reading what learners have with the help of what earlier readings have seen. OneFile may list a learner as changed when a
//! standard is assigned or not, so this is believed by a proof of its own.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::domain::field::Referent;
use crate::domain::{AccountId, LearningAim, ShownAssignments, Snapshot, StandardId};
use crate::onefile::accounts_to_read::PlannedUsers;
use crate::onefile::client::Client;
use crate::onefile::error::ClientError;
use crate::onefile::readings::recall::{Distrust, Recalled, unlisted};
use crate::onefile::readings::{Readings, ReadingsTrust, SeenAims};

/// What a reading of learners has of earlier ones.
pub struct RecallAims<'r> {
    pub readings: &'r mut Readings,
    /// When this reading began.
    pub at: Timestamp,
    /// The learners to whom runs have assigned a standard, and when.
    pub assigned: &'r BTreeMap<AccountId, Timestamp>,
    /// The accounts that runs have created or updated, and when: OneFile lists those whether it lists assignments or not.
    pub touched: &'r BTreeMap<AccountId, Timestamp>,
    /// What came of the accounts.
    pub accounts: &'r mut Recalled,
}

/// A learner who may be spared: the number, and the standards that are declared.
pub(in crate::onefile) type DeclaredStandards<'w> = (AccountId, &'w BTreeSet<StandardId>);

impl RecallAims<'_> {
    /// The learners who needn't be read, with what they have.
    pub(in crate::onefile) fn spare<'w>(
        &mut self,
        learners: impl Iterator<Item = DeclaredStandards<'w>>,
        snapshot: &mut Snapshot,
    ) -> BTreeMap<AccountId, ShownAssignments> {
        let mut spared = BTreeMap::new();
        if !self.is_believed(snapshot) {
            return spared;
        }
        let Some(changes) = &self.accounts.changes else {
            return spared;
        };
        let mut seen = BTreeMap::new();
        for (learner, declared) in learners {
            let known = self.readings.aims.get(&learner);
            let known = known.filter(|_| !changes.accounts.contains(&learner));
            if let Some(known) = known
                && let Some(aims) = self.readings.aims_of(learner, known, declared, snapshot)
            {
                seen.insert(learner, known.seen);
                let (aims, units) = (Some(aims), None);
                spared.insert(learner, ShownAssignments { aims, units });
            }
        }
        let sample = self.readings.sample(seen.iter().map(|(id, at)| (*at, *id)));
        spared.retain(|id, _| !sample.contains(id));
        seen.retain(|id, _| spared.contains_key(id));
        self.count(&seen, sample.len(), snapshot);
        spared
    }

    fn count(
        &self,
        seen: &BTreeMap<AccountId, Timestamp>,
        sampled: usize,
        snapshot: &mut Snapshot,
    ) {
        if seen.is_empty() {
            return;
        }
        let besides = seen.keys().filter(|id| !self.accounts.spared.contains(id));
        let remembered = &mut snapshot.remembered;
        remembered.number += besides.count();
        remembered.sampled += sampled;
        let oldest = seen.values().copied().chain(remembered.since);
        remembered.since = oldest.min();
    }

    /// Whether OneFile lists learners to whom something was assigned.
    fn is_believed(&mut self, snapshot: &Snapshot) -> bool {
        let Some(changes) = &self.accounts.changes else {
            return false;
        };
        let trust = self.readings.aims_trust.at(self.at);
        let is_since = |at: Option<&Timestamp>| at.is_some_and(|at| *at >= changes.as_of);
        let given = self.assigned.iter().filter(|(id, at)| {
            let is_touched = is_since(self.touched.get(*id));
            is_since(Some(*at)) && !is_touched && snapshot.account(**id).is_some()
        });
        let last = given.max_by_key(|(_, at)| **at).map(|(id, _)| *id);
        self.readings.aims_trust = match last {
            Some(id) if changes.accounts.contains(&id) => ReadingsTrust::Proved,
            Some(id) if !matches!(trust, ReadingsTrust::Off { .. }) => {
                self.accounts.distrust = Some(Distrust::Assignment(id));
                self.readings.distrust_aims(self.at);
                self.readings.aims_trust
            }
            _ => trust,
        };
        self.readings.aims_trust == ReadingsTrust::Proved
    }

    /// Whether a learner who was read has other standards than before, although OneFile doesn't list the learner as changed.
    pub(in crate::onefile) async fn is_silent(
        &mut self,
        client: &Client,
        read: &BTreeMap<AccountId, ShownAssignments>,
        snapshot: &Snapshot,
    ) -> Result<bool, ClientError> {
        let Some(changes) = &self.accounts.changes else {
            return Ok(false);
        };
        let is_other = |learner: &AccountId, shown: &ShownAssignments| {
            let known = self.readings.aims.get(learner);
            let now = shown.aims.as_deref();
            let now = now.map(|aims| self.readings.seen_aims(*learner, aims, self.at));
            let (Some(known), Some(now)) = (known, now) else {
                return false;
            };
            known.aims != now.aims && !changes.accounts.contains(learner)
        };
        let mut others = BTreeSet::new();
        for (learner, shown) in read {
            if is_other(learner, shown) {
                others.insert(*learner);
            }
        }
        let Some(learner) = unlisted(client, snapshot, changes.since, others).await? else {
            return Ok(false);
        };
        self.accounts.distrust = Some(Distrust::Aims(learner));
        self.readings.distrust_aims(self.at);
        Ok(true)
    }

    pub(in crate::onefile) fn remember(&mut self, read: &BTreeMap<AccountId, ShownAssignments>) {
        for (learner, shown) in read {
            if let Some(aims) = &shown.aims {
                self.readings.see_aims(*learner, aims, self.at);
            }
        }
    }
}

impl Readings {
    /// Remembers what a learner has.
    pub(super) fn see_aims(&mut self, learner: AccountId, aims: &[LearningAim], at: Timestamp) {
        let seen = self.seen_aims(learner, aims, at);
        self.aims.insert(learner, seen);
    }

    fn seen_aims(&self, learner: AccountId, aims: &[LearningAim], seen: Timestamp) -> SeenAims {
        let mut digests = Vec::with_capacity(aims.len());
        for aim in aims {
            digests.push((aim.id, self.key.of_standard(learner, aim.standard)));
        }
        digests.sort_unstable();
        SeenAims {
            seen,
            aims: digests.into(),
        }
    }

    /// How many learners might not have to be read.
    pub(super) fn learners_to_spare(
        &self,
        planned: &PlannedUsers<'_>,
        snapshot: &Snapshot,
    ) -> usize {
        let users = planned
            .users
            .iter()
            .filter(|user| user.assigned().is_some());
        let known = users.filter(|user| {
            let mut accounts = snapshot.candidates(user).into_iter();
            accounts.any(|account| self.aims.contains_key(&account.id))
        });
        known.count()
    }

    /// The aims of a learner who has every declared standard; `None` if one is missing or one of the aims is of a standard that
    /// isn't known.
    fn aims_of(
        &self,
        learner: AccountId,
        known: &SeenAims,
        declared: &BTreeSet<StandardId>,
        snapshot: &Snapshot,
    ) -> Option<Vec<LearningAim>> {
        let all = snapshot.directory.of(Referent::Standard).iter();
        let others = all.map(|entry| entry.id.standard());
        let mut aims = Vec::with_capacity(known.aims.len());
        for (id, digest) in &known.aims {
            let mut possible = declared.iter().copied().chain(others.clone());
            let standard =
                possible.find(|standard| self.key.of_standard(learner, *standard) == *digest)?;
            aims.push(LearningAim { id: *id, standard });
        }
        let has = |standard: &StandardId| aims.iter().any(|aim| aim.standard == *standard);
        declared.iter().all(has).then_some(aims)
    }
}
