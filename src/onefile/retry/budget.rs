//! What one call has spent of the table of retries.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::clock::{Clock, Moment};
use crate::onefile::retry::policy::{BACK_OFF, FRESH_KEY_PAUSES, FailureClass};
use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

/// The repeats of one call, counted by the failure that they were for.
pub(crate) struct RetryBudget {
    clock: Clock,
    repeats: BTreeMap<FailureClass, usize>,
    pauses: ExponentialBackoff,
    /// When the call began to fail in passing; `None` after anything that is waited out in another way.
    failing_since: Option<Moment>,
    /// When the server first said that there were too many calls.
    limited_since: Option<Moment>,
    /// How often a fresh key was tried.
    fresh_key_tries: usize,
}

impl RetryBudget {
    pub(crate) fn new(clock: Clock) -> Self {
        let pauses = ExponentialBuilder::new()
            .with_min_delay(BACK_OFF.first)
            .with_max_delay(BACK_OFF.longest)
            .without_max_times();
        Self {
            clock,
            repeats: BTreeMap::new(),
            pauses: pauses.build(),
            failing_since: None,
            limited_since: None,
            fresh_key_tries: 0,
        }
    }

    /// Spends a repeat on a failure. `false` if there were `most` already.
    pub(crate) fn spend(&mut self, failure: FailureClass, most: usize) -> bool {
        let repeats = self.repeats.entry(failure).or_default();
        *repeats += 1;
        *repeats <= most
    }

    /// Whether the call has been failing in passing for longer than this.
    pub(crate) fn fails_for_longer_than(&mut self, longest: Duration) -> bool {
        let since = *self
            .failing_since
            .get_or_insert_with(|| self.clock.moment());
        self.clock.elapsed(since) > longest
    }

    /// Whether the limit of calls would hold this call back for longer than this, after another wait.
    pub(crate) fn would_be_limited_for_longer_than(
        &mut self,
        longest: Duration,
        wait: Duration,
    ) -> bool {
        let since = *self
            .limited_since
            .get_or_insert_with(|| self.clock.moment());
        self.clock.elapsed(since) + wait > longest
    }

    /// How long to wait before a fresh key is tried again; `None` if it was tried often enough.
    pub(crate) fn next_try_of_fresh_key(&mut self) -> Option<Duration> {
        let pause = FRESH_KEY_PAUSES.get(self.fresh_key_tries).copied();
        self.fresh_key_tries += 1;
        pause
    }

    /// Notes that something else was waited for, so that what comes after it is a failure of its own.
    pub(crate) fn forget_failing(&mut self) {
        self.failing_since = None;
    }

    /// Waits for a random part of a pause that doubles, so that calls that failed together come back apart.
    pub(crate) async fn pause(&mut self) {
        let next = self.pauses.next();
        let longest = next.expect("the pauses have no end");
        self.clock.sleep(longest.mul_f32(fastrand::f32())).await;
    }
}
