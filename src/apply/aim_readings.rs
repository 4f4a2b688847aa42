//! What learners have, as this run has read it. A reading holds for a while, so that several assignments of one learner share one.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

use crate::apply::Run;
use crate::apply::update::FRESH_FOR;
use crate::domain::clock::Moment;
use crate::domain::field::Key;
use crate::domain::{AccountId, SentAssignment, ShownAssignments};
use crate::onefile::{ClientError, SEARCH_AFTER_CREATE};

/// The readings of a run.
#[derive(Default)]
pub(super) struct AimReadings {
    /// Aims and units are read by different calls, so each has a moment at which its reading is too old.
    seen: HashMap<(AccountId, ReadWhat), (ShownAssignments, Moment)>,
    /// Learners who got a template in this run and whose aims don't show it yet.
    templated: HashSet<AccountId>,
}

/// What one call reads.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum ReadWhat {
    Aims,
    Units,
}

impl ReadWhat {
    /// The reading that shows a field; `None` if no reading does.
    fn of(key: Key) -> Option<Self> {
        match key {
            Key::Standards | Key::FrameworkTemplate => Some(Self::Aims),
            Key::Units => Some(Self::Units),
            _ => None,
        }
    }
}

impl AimReadings {
    /// The readings that the plan was made from, while they are fresh.
    pub(super) fn of_plan(run: &Run<'_>) -> Self {
        let mut readings = Self::default();
        let age = run.setting.clock.age(run.setting.read_at);
        let Some(left) = FRESH_FOR.checked_sub(age) else {
            return readings;
        };
        let until = run.setting.clock.moment_after(left);
        for (learner, shown) in &run.setting.snapshot.assignments.shown {
            let kinds = [
                (ReadWhat::Aims, shown.aims.is_some()),
                (ReadWhat::Units, shown.units.is_some()),
            ];
            for (what, _) in kinds.into_iter().filter(|(_, is_read)| *is_read) {
                readings
                    .seen
                    .insert((*learner, what), (shown.clone(), until));
            }
        }
        readings
    }

    /// Drops the reading that shows a field.
    pub(super) fn forget(&mut self, sent: &SentAssignment) {
        let what = ReadWhat::of(sent.key);
        what.map(|what| self.seen.remove(&(sent.learner, what)));
    }

    /// A template brings aims and units that nobody knows before.
    pub(super) fn note_template(&mut self, learner: AccountId) {
        self.templated.insert(learner);
        self.seen.retain(|(of, _), _| *of != learner);
    }

    /// Whether the learner got a template in this run, and no reading shows what came of it.
    pub(super) fn lacks_template(&self, learner: AccountId) -> bool {
        self.templated.contains(&learner)
    }
}

impl Run<'_> {
    /// What a learner has, as far as a reading shows a field, and when that is too old; `None` if no reading shows it.
    pub(super) async fn read_shown(
        &self,
        sent: &SentAssignment,
        readings: &mut AimReadings,
    ) -> Result<(Option<ShownAssignments>, Option<Moment>), ClientError> {
        let Some(what) = ReadWhat::of(sent.key) else {
            return Ok((None, None));
        };
        let clock = self.setting.clock;
        let place = (sent.learner, what);
        if let Some((shown, until)) = readings.seen.get(&place)
            && clock.left(*until) > Duration::ZERO
        {
            return Ok((Some(shown.clone()), Some(*until)));
        }
        let shown = if readings.lacks_template(sent.learner) {
            let shown = self.read_after_template(sent).await?;
            if is_nothing(&shown) != Some(true) {
                readings.templated.remove(&sent.learner);
            }
            shown
        } else {
            self.read_anew(sent).await?
        };
        let until = clock.moment_after(FRESH_FOR);
        readings.seen.insert(place, (shown.clone(), until));
        Ok((Some(shown), Some(until)))
    }

    /// Reads until something shows, within the times of `SEARCH_AFTER_CREATE`.
    async fn read_after_template(
        &self,
        sent: &SentAssignment,
    ) -> Result<ShownAssignments, ClientError> {
        let begun = self.setting.clock.moment();
        let mut shown = self.read_anew(sent).await?;
        for after in SEARCH_AFTER_CREATE {
            if is_nothing(&shown) != Some(true) || self.is_stopped() {
                break;
            }
            self.wait_until(begun, *after).await;
            shown = self.read_anew(sent).await?;
        }
        Ok(shown)
    }

    /// Reads what a learner has now, as far as a reading shows the field.
    pub(super) async fn read_anew(
        &self,
        sent: &SentAssignment,
    ) -> Result<ShownAssignments, ClientError> {
        let mut shown = ShownAssignments {
            aims: None,
            units: None,
        };
        match ReadWhat::of(sent.key) {
            Some(ReadWhat::Aims) => shown.aims = self.client().aims(sent.learner).await?,
            Some(ReadWhat::Units) => {
                shown.units = self.client().unit_summaries(sent.learner).await?;
            }
            None => {}
        }
        Ok(shown)
    }
}

/// Whether a reading shows that a learner has nothing; `None` if it can't show anything.
fn is_nothing(shown: &ShownAssignments) -> Option<bool> {
    let aims = shown.aims.as_ref().map(Vec::is_empty);
    aims.or_else(|| shown.units.as_ref().map(BTreeSet::is_empty))
}
