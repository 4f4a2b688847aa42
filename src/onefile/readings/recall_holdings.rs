//! Reading what learners have with the help of what earlier readings have seen. OneFile may list a learner as changed when a
//! standard is assigned or not, and when a unit is, so each is believed by a proof of its own.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::domain::field::{Key, Referent};
use crate::domain::{
    AccountId, EntryId, LearningAim, SentAssignment, ShownAssignments, Snapshot, StandardId, UnitId,
};
use crate::onefile::accounts_to_read::PlannedUsers;
use crate::onefile::client::Client;
use crate::onefile::error::ClientError;
use crate::onefile::readings::recall::{Changes, Distrust, Recalled, changed_since, sample};
use crate::onefile::readings::{Readings, ReadingsTrust};

/// What a reading of learners has of earlier ones.
pub struct RecallHoldings<'r> {
    pub readings: &'r mut Readings,
    /// When this reading began.
    pub at: Timestamp,
    /// What runs have sent to learners, and when OneFile confirmed it, if that is known.
    pub assigned: &'r BTreeMap<SentAssignment, Option<Timestamp>>,
    /// The accounts that runs have created or updated, and when: OneFile lists those whether it lists assignments or not.
    pub touched: &'r BTreeMap<AccountId, Timestamp>,
    /// What came of the accounts.
    pub accounts: &'r mut Recalled,
}

/// What is declared of a learner who may be spared. `None` if something of it isn't known.
pub(in crate::onefile) struct DeclaredHoldings<'w> {
    pub(in crate::onefile) learner: AccountId,
    pub(in crate::onefile) standards: Option<&'w BTreeSet<StandardId>>,
    /// Empty if none is declared.
    pub(in crate::onefile) units: Option<&'w BTreeSet<(StandardId, UnitId)>>,
}

/// What needn't be read.
#[derive(Default)]
pub(in crate::onefile) struct SparedHoldings {
    pub(in crate::onefile) aims: SparedKind<Vec<LearningAim>>,
    pub(in crate::onefile) units: SparedKind<BTreeSet<(StandardId, UnitId)>>,
}

/// One kind of it, by learner.
pub(in crate::onefile) struct SparedKind<T> {
    /// When each was seen, and what the learner has.
    learners: BTreeMap<AccountId, (Timestamp, T)>,
    /// Those who are read all the same.
    sampled: BTreeSet<AccountId>,
}

impl<T> Default for SparedKind<T> {
    fn default() -> Self {
        Self {
            learners: BTreeMap::new(),
            sampled: BTreeSet::new(),
        }
    }
}

impl<T> SparedKind<T> {
    pub(in crate::onefile) fn has(&self, learner: AccountId) -> bool {
        self.learners.contains_key(&learner)
    }

    pub(in crate::onefile) fn into_learners(self) -> impl Iterator<Item = (AccountId, T)> {
        let learners = self.learners.into_iter();
        learners.map(|(learner, (_, holding))| (learner, holding))
    }

    fn seen(&self) -> impl Iterator<Item = (Timestamp, AccountId)> {
        self.learners
            .iter()
            .map(|(learner, (at, _))| (*at, *learner))
    }

    /// Takes out those who are read all the same. `remembered` is how many are remembered at all.
    fn take_sample(&mut self, remembered: usize) {
        self.sampled = sample(remembered, self.seen());
        self.learners
            .retain(|learner, _| !self.sampled.contains(learner));
    }
}

impl RecallHoldings<'_> {
    /// What needn't be read of learners.
    pub(in crate::onefile) fn spare<'w>(
        &mut self,
        learners: impl Iterator<Item = DeclaredHoldings<'w>>,
        snapshot: &Snapshot,
    ) -> SparedHoldings {
        let mut spared = SparedHoldings::default();
        self.judge(snapshot);
        let Some(changes) = &self.accounts.changes else {
            return spared;
        };
        for declared in learners.filter(|of| !changes.accounts.contains(&of.learner)) {
            let learner = declared.learner;
            if let Some(aims) = self.aims_of(&declared, snapshot) {
                spared.aims.learners.insert(learner, aims);
            }
            if let Some(units) = self.units_of(&declared) {
                spared.units.learners.insert(learner, units);
            }
        }
        spared.aims.take_sample(self.readings.aims.len());
        spared.units.take_sample(self.readings.units.len());
        spared
    }

    /// Notes how many learners weren't read, or not in every respect.
    pub(in crate::onefile) fn count(&self, spared: &SparedHoldings, snapshot: &mut Snapshot) {
        let mut learners: BTreeMap<AccountId, Timestamp> = BTreeMap::new();
        for (at, learner) in spared.aims.seen().chain(spared.units.seen()) {
            let seen = learners.entry(learner).or_insert(at);
            *seen = at.min(*seen);
        }
        let remembered = &mut snapshot.remembered;
        let oldest = learners.values().copied().chain(remembered.since).min();
        remembered.since = oldest;
        learners.retain(|learner, _| !self.accounts.spared.contains(learner));
        remembered.number += learners.len();
        if oldest.is_some() {
            let sampled = spared.aims.sampled.union(&spared.units.sampled);
            remembered.sampled += sampled.count();
        }
    }

    /// Judges whether OneFile lists learners to whom something was assigned.
    fn judge(&mut self, snapshot: &Snapshot) {
        let (standards, units) = (self.readings.aims.trust, self.readings.units.trust);
        match self.judged(Key::Standards, standards, snapshot) {
            Ok(trust) => self.readings.aims.trust = trust,
            Err(learner) => self.give_up(Distrust::GivenStandard(learner)),
        }
        match self.judged(Key::Units, units, snapshot) {
            Ok(trust) => self.readings.units.trust = trust,
            Err(learner) => self.give_up(Distrust::GivenUnit(learner)),
        }
    }

    /// The trust in a kind, or the learner who got one of it without being listed.
    fn judged(
        &self,
        key: Key,
        trust: ReadingsTrust,
        snapshot: &Snapshot,
    ) -> Result<ReadingsTrust, AccountId> {
        let trust = trust.at(self.at);
        let Some(changes) = &self.accounts.changes else {
            return Ok(trust);
        };
        let last = self.last_given(key, changes, snapshot);
        match last.filter(|_| !matches!(trust, ReadingsTrust::Off { .. })) {
            Some(learner) if changes.accounts.contains(&learner) => Ok(ReadingsTrust::Proved),
            Some(learner) => Err(learner),
            None => Ok(trust),
        }
    }

    /// The learner who was the last to get something by one field since the readings, if nothing else is a reason to list the
    /// learner: the search begins earlier than the readings.
    fn last_given(&self, key: Key, changes: &Changes, snapshot: &Snapshot) -> Option<AccountId> {
        let mut given: BTreeMap<AccountId, Timestamp> = BTreeMap::new();
        let touched = self.touched.iter().filter(|(_, at)| **at >= changes.since);
        let mut otherwise: BTreeSet<AccountId> = touched.map(|(account, _)| *account).collect();
        for (sent, at) in self.assigned {
            let Some(at) = at.filter(|at| *at >= changes.since) else {
                continue;
            };
            if sent.key != key {
                otherwise.insert(sent.learner);
            } else if at >= changes.as_of {
                let last = given.entry(sent.learner).or_insert(at);
                *last = at.max(*last);
            }
        }
        given.retain(|learner, _| {
            !otherwise.contains(learner) && snapshot.account(*learner).is_some()
        });
        let last = given.into_iter().max_by_key(|(_, at)| *at);
        last.map(|(learner, _)| learner)
    }

    fn give_up(&mut self, why: Distrust) {
        self.accounts.distrust.push(why);
        self.readings.distrust(why, self.at);
    }

    /// Takes out what is spared of a kind if a learner who was read has something else of it than before, although OneFile doesn't
    /// list the learner as changed. Returns what has to be read after all.
    pub(in crate::onefile) async fn take_out_doubted(
        &mut self,
        client: &Client,
        read: &BTreeMap<AccountId, ShownAssignments>,
        spared: &mut SparedHoldings,
        snapshot: &Snapshot,
    ) -> Result<SparedHoldings, ClientError> {
        let mut doubted = SparedHoldings::default();
        let Some(since) = self.accounts.changes.as_ref().map(|changes| changes.since) else {
            return Ok(doubted);
        };
        let with_others = self.with_others(read);
        if with_others.standards.is_empty() && with_others.units.is_empty() {
            return Ok(doubted);
        }
        // The change may be newer than the first answer.
        let listed = changed_since(client, snapshot, since).await?;
        if let Some(learner) = with_others.standards.difference(&listed).next() {
            self.give_up(Distrust::Standards(*learner));
            doubted.aims = std::mem::take(&mut spared.aims);
        }
        if let Some(learner) = with_others.units.difference(&listed).next() {
            self.give_up(Distrust::Units(*learner));
            doubted.units = std::mem::take(&mut spared.units);
        }
        Ok(doubted)
    }

    /// The learners who have something else than before and aren't listed as changed, unless no learner is believed unchanged anyway.
    fn with_others(&self, read: &BTreeMap<AccountId, ShownAssignments>) -> LearnersWithOthers {
        let mut others = LearnersWithOthers::default();
        let Readings { aims, units, .. } = &*self.readings;
        for (learner, shown) in read {
            if let Some(now) = shown.aims.as_ref().filter(|_| !aims.trust.is_off(self.at))
                && aims.is_other(*learner, self.readings.seen_aims(*learner, now))
            {
                others.standards.insert(*learner);
            }
            if let Some(now) = shown
                .units
                .as_ref()
                .filter(|_| !units.trust.is_off(self.at))
                && units.is_other(*learner, self.readings.seen_units(*learner, now))
            {
                others.units.insert(*learner);
            }
        }
        others
    }

    /// Remembers what was read. A learner of whom nothing can be read is read again by the next plan.
    pub(in crate::onefile) fn remember(
        &mut self,
        read: &BTreeMap<AccountId, ShownAssignments>,
        spared: &SparedHoldings,
    ) {
        for (learner, shown) in read {
            if let Some(aims) = &shown.aims {
                let seen = self.readings.seen_aims(*learner, aims);
                self.readings.aims.see(*learner, seen, self.at);
            } else if !spared.aims.has(*learner) {
                self.readings.aims.forget(*learner);
            }
            if let Some(units) = &shown.units {
                let seen = self.readings.seen_units(*learner, units);
                self.readings.units.see(*learner, seen, self.at);
            } else if !spared.units.has(*learner) {
                self.readings.units.forget(*learner);
            }
        }
    }

    /// The aims of a learner who was seen with every declared standard; `None` if one is missing or one of the aims is of a
    /// standard that isn't known.
    fn aims_of(
        &self,
        declared: &DeclaredHoldings<'_>,
        snapshot: &Snapshot,
    ) -> Option<(Timestamp, Vec<LearningAim>)> {
        if self.readings.aims.trust != ReadingsTrust::Proved {
            return None;
        }
        let (learner, standards) = (declared.learner, declared.standards?);
        let seen = self.readings.aims.of(learner)?;
        let all = snapshot.directory.of(Referent::Standard).iter();
        let others = all.map(|entry| entry.id.standard());
        let mut aims = Vec::with_capacity(seen.items.len());
        for (id, digest) in &seen.items {
            let mut possible = standards.iter().copied().chain(others.clone());
            let key = &self.readings.key;
            let standard =
                possible.find(|standard| key.of_standard(learner, *standard) == *digest)?;
            aims.push(LearningAim { id: *id, standard });
        }
        let has = |standard: &StandardId| aims.iter().any(|aim| aim.standard == *standard);
        let has_all = standards.iter().all(has);
        has_all.then_some((seen.seen, aims))
    }

    /// The units of a learner who was seen with every declared one. Besides those, it has what runs have sent to the learner and
    /// the learner has: nobody asks for another one.
    fn units_of(
        &self,
        declared: &DeclaredHoldings<'_>,
    ) -> Option<(Timestamp, BTreeSet<(StandardId, UnitId)>)> {
        if self.readings.units.trust != ReadingsTrust::Proved {
            return None;
        }
        let (learner, units) = (declared.learner, declared.units?);
        let seen = self.readings.units.of(learner)?;
        let has = |unit: &(StandardId, UnitId)| {
            let digest = self.readings.key.of_unit(learner, *unit);
            seen.items.binary_search(&digest).is_ok()
        };
        if units.is_empty() || !units.iter().all(has) {
            return None;
        }
        let sent = units_sent(self.assigned, learner).filter(has);
        Some((seen.seen, units.iter().copied().chain(sent).collect()))
    }
}

/// The learners of whom a reading shows something else than before, by kind.
#[derive(Default)]
struct LearnersWithOthers {
    standards: BTreeSet<AccountId>,
    units: BTreeSet<AccountId>,
}

/// The units that runs have sent to a learner.
fn units_sent(
    assigned: &BTreeMap<SentAssignment, Option<Timestamp>>,
    learner: AccountId,
) -> impl Iterator<Item = (StandardId, UnitId)> {
    let first = SentAssignment {
        learner,
        key: Key::Units,
        what: EntryId::new(i64::MIN),
        standard: None,
    };
    let sent = assigned.range(first..).map(|(sent, _)| sent);
    let units = sent.take_while(move |sent| sent.learner == learner && sent.key == Key::Units);
    units.filter_map(|sent| Some((sent.standard?, sent.what.unit())))
}

impl Readings {
    /// How many requests what is remembered of learners might spare.
    pub(super) fn holdings_to_spare(
        &self,
        planned: &PlannedUsers<'_>,
        snapshot: &Snapshot,
    ) -> usize {
        let mut number = 0;
        for user in &planned.users {
            let Some(assignments) = user.assigned() else {
                continue;
            };
            let accounts = snapshot.candidates(user);
            let mut learners = accounts.iter().map(|account| account.id);
            let has_units = !assignments.units.is_empty();
            number += usize::from(learners.clone().any(|id| self.aims.of(id).is_some()));
            number += usize::from(has_units && learners.any(|id| self.units.of(id).is_some()));
        }
        number
    }
}
