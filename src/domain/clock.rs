//! The current time, and waiting. No other module asks the machine for either. Tests shorten waits by a factor.
//!
//! Waits are measured with [`Moment`], which nobody can put back. A [`Timestamp`] is only for what is shown, written down
//! or compared with the server.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// A point on the machine's steady clock. It doesn't change if somebody sets the time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(Instant);

/// When something was read, on the calendar and on the steady clock.
#[derive(Clone, Copy, Debug)]
pub struct ReadingTime {
    pub at: Timestamp,
    pub moment: Moment,
}

/// Longer waits would not fit into a moment.
const LONGEST_WAIT: Duration = Duration::from_hours(24 * 365);

/// A clock that waits for `1 / factor` of the time it is asked to wait.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    factor: u32,
    /// How far it is ahead of the machine's clock, in seconds.
    ahead: i64,
}

impl Clock {
    pub const REAL: Self = Self {
        factor: 1,
        ahead: 0,
    };

    /// A clock for tests; a factor of 0 counts as 1.
    pub fn faster(factor: u32) -> Self {
        Self {
            factor: factor.max(1),
            ahead: 0,
        }
    }

    /// The same clock, put forward by some seconds, or back. For tests of machines whose clock is wrong.
    #[must_use]
    pub fn ahead_by(self, seconds: i64) -> Self {
        Self {
            ahead: seconds,
            ..self
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is where the time comes from"
    )]
    pub fn now(self) -> Timestamp {
        Timestamp::now() + SignedDuration::from_secs(self.ahead)
    }

    /// When a wait that begins now ends.
    pub fn after(self, wait: Duration) -> Timestamp {
        self.from(self.now(), wait)
    }

    /// How long ago something was, as this clock counts: real time multiplied by the factor.
    pub fn since(self, then: Timestamp) -> SignedDuration {
        let factor = i32::try_from(self.factor).unwrap_or(i32::MAX);
        self.now().duration_since(then).saturating_mul(factor)
    }

    /// When a wait that began then ends.
    pub fn from(self, then: Timestamp, wait: Duration) -> Timestamp {
        then.saturating_add(wait / self.factor)
            .unwrap_or(Timestamp::MAX)
    }

    /// The present, for measuring waits.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where the time comes from"
    )]
    pub fn moment(self) -> Moment {
        Moment(Instant::now())
    }

    /// The moment at which a wait that begins now ends.
    pub fn moment_after(self, wait: Duration) -> Moment {
        self.moment_from(self.moment(), wait)
    }

    /// The moment at which a wait that began then ends.
    pub fn moment_from(self, then: Moment, wait: Duration) -> Moment {
        Moment(then.0 + (wait / self.factor).min(LONGEST_WAIT))
    }

    /// How long ago a moment was, as this clock counts: real time multiplied by the factor.
    pub fn elapsed(self, then: Moment) -> Duration {
        self.moment()
            .0
            .saturating_duration_since(then.0)
            .saturating_mul(self.factor)
    }

    pub fn reading_time(self) -> ReadingTime {
        ReadingTime {
            at: self.now(),
            moment: self.moment(),
        }
    }

    /// How old a reading is, by whichever clock makes it older. The steady clock stops while a machine sleeps, and the time
    /// of day can be put back.
    pub fn age(self, reading: ReadingTime) -> Duration {
        let by_calendar = Duration::try_from(self.since(reading.at)).unwrap_or_default();
        by_calendar.max(self.elapsed(reading.moment))
    }

    /// How long it really is until a moment; zero if it is past.
    pub fn left(self, until: Moment) -> Duration {
        until.0.saturating_duration_since(self.moment().0)
    }

    /// Waits until a moment.
    #[expect(clippy::disallowed_methods, reason = "this is where waits end up")]
    pub async fn sleep_until(self, until: Moment) {
        tokio::time::sleep(self.left(until)).await;
    }

    /// How long a wait of this clock really lasts.
    pub fn scaled(self, wait: Duration) -> Duration {
        wait / self.factor
    }

    #[expect(clippy::disallowed_methods, reason = "this is where waits end up")]
    pub async fn sleep(self, duration: Duration) {
        tokio::time::sleep(duration / self.factor).await;
    }
}
