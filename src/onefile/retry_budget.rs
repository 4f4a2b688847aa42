//! How often one call is tried again, and after which waits.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use jiff::{SignedDuration, Timestamp};

use crate::domain::clock::Clock;
use crate::onefile::error::ClientError;

/// How often one call was tried, and how.
pub(crate) struct RetryBudget {
    clock: Clock,
    delays: ExponentialBackoff,
    /// When accidents began.
    pub(crate) since: Option<Timestamp>,
    limits: usize,
    refusals: usize,
    pub(crate) was_forbidden: bool,
}

/// How often a call is told that there are too many before it fails.
const MOST_429: usize = 12;
/// Accidents that go on for longer than this are none.
const LONGEST_RETRY: SignedDuration = SignedDuration::from_mins(3);
/// How often one call may meet a key that has died.
const MOST_REFUSALS: usize = 5;

impl RetryBudget {
    pub(crate) fn new(clock: Clock) -> Self {
        let delays = ExponentialBuilder::new()
            .with_min_delay(Duration::from_millis(500))
            .with_max_delay(Duration::from_secs(10))
            .with_max_times(6);
        Self {
            clock,
            delays: delays.build(),
            since: None,
            limits: 0,
            refusals: 0,
            was_forbidden: false,
        }
    }

    /// Waits for a random part of a time that doubles: calls that failed together don't come back together.
    pub(crate) async fn wait(&mut self, error: ClientError) -> Result<(), ClientError> {
        let since = *self.since.get_or_insert_with(|| self.clock.now());
        let is_late = self.clock.since(since) > LONGEST_RETRY;
        let longest = self.delays.next().filter(|_| !is_late).ok_or(error)?;
        self.clock.sleep(longest.mul_f32(fastrand::f32())).await;
        Ok(())
    }

    pub(crate) fn count_limit(&mut self, error: ClientError) -> Result<(), ClientError> {
        self.since = None;
        self.limits += 1;
        if self.limits > MOST_429 {
            Err(error)
        } else {
            Ok(())
        }
    }

    pub(crate) fn count_refusal(&mut self, error: ClientError) -> Result<(), ClientError> {
        self.refusals += 1;
        if self.refusals > MOST_REFUSALS {
            Err(error)
        } else {
            Ok(())
        }
    }
}
