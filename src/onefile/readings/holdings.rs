//! What was seen of learners by calls of their own: their learning aims, and their units. An assignment may move `LastModified`
//! of the learner or not, so OneFile is believed about each of the two by a proof of its own.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::{AccountId, AimId, LearningAim, StandardId, UnitId};
use crate::onefile::readings::digests::Digest;
use crate::onefile::readings::{Readings, ReadingsTrust};

/// The number of a learning aim, and the digest of its standard.
pub(super) type SeenAim = (AimId, Digest);
/// The digest of a unit.
pub(super) type SeenUnit = Digest;

/// One kind of what learners have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenHoldings<T> {
    /// Whether OneFile is believed to list a learner as modified who gets or loses one.
    pub trust: ReadingsTrust,
    learners: BTreeMap<AccountId, SeenHolding<T>>,
}

/// All that one learner was seen with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SeenHolding<T> {
    /// When this was last read.
    pub(super) seen: Timestamp,
    /// In ascending order.
    pub(super) items: Box<[T]>,
}

impl<T> Default for SeenHoldings<T> {
    fn default() -> Self {
        Self::new(ReadingsTrust::Unproved)
    }
}

impl<T> SeenHoldings<T> {
    pub(super) fn new(trust: ReadingsTrust) -> Self {
        Self {
            trust,
            learners: BTreeMap::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.learners.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.learners.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.learners.clear();
    }

    pub(super) fn forget(&mut self, learner: AccountId) {
        self.learners.remove(&learner);
    }

    /// Forgets the learners who are gone.
    pub(super) fn forget_gone(&mut self, is_gone: impl Fn(AccountId) -> bool) {
        self.learners.retain(|learner, _| !is_gone(*learner));
    }

    /// OneFile has kept silent about a change.
    pub(super) fn distrust(&mut self, now: Timestamp) {
        self.clear();
        self.trust = ReadingsTrust::off_from(now);
    }

    pub(super) fn of(&self, learner: AccountId) -> Option<&SeenHolding<T>> {
        self.learners.get(&learner)
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = (AccountId, &SeenHolding<T>)> {
        self.learners.iter().map(|(learner, seen)| (*learner, seen))
    }

    pub(super) fn insert(&mut self, learner: AccountId, seen: SeenHolding<T>) {
        self.learners.insert(learner, seen);
    }
}

impl<T: Ord> SeenHoldings<T> {
    /// Remembers what a learner has.
    pub(super) fn see(&mut self, learner: AccountId, mut items: Vec<T>, seen: Timestamp) {
        items.sort_unstable();
        let items = items.into();
        self.insert(learner, SeenHolding { seen, items });
    }

    /// Whether a learner who was seen has something else now.
    pub(super) fn is_other(&self, learner: AccountId, mut items: Vec<T>) -> bool {
        items.sort_unstable();
        let seen = self.of(learner);
        seen.is_some_and(|seen| *seen.items != *items)
    }
}

impl Readings {
    pub(super) fn seen_aims(&self, learner: AccountId, aims: &[LearningAim]) -> Vec<SeenAim> {
        let aims = aims.iter();
        aims.map(|aim| (aim.id, self.key.of_standard(learner, aim.standard)))
            .collect()
    }

    pub(super) fn seen_units<'u>(
        &self,
        learner: AccountId,
        units: impl IntoIterator<Item = &'u (StandardId, UnitId)>,
    ) -> Vec<SeenUnit> {
        let units = units.into_iter();
        units.map(|unit| self.key.of_unit(learner, *unit)).collect()
    }
}
