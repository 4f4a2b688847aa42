//! The current time, and waiting. No other module asks the machine for either. Tests shorten waits by a factor.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// A clock that waits for `1 / factor` of the time it is asked to wait.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    factor: u32,
}

impl Clock {
    pub const REAL: Self = Self { factor: 1 };

    /// A clock for tests; a factor of 0 counts as 1.
    pub fn faster(factor: u32) -> Self {
        Self {
            factor: factor.max(1),
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is where the time comes from"
    )]
    pub fn now(self) -> Timestamp {
        Timestamp::now()
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

    /// How long a wait of this clock really lasts.
    pub fn scaled(self, wait: Duration) -> Duration {
        wait / self.factor
    }

    /// Waits until a time that `after` or `from` returned.
    #[expect(clippy::disallowed_methods, reason = "this is where waits end up")]
    pub async fn sleep_until(self, until: Timestamp) {
        let left = Duration::try_from(until.duration_since(self.now())).unwrap_or_default();
        tokio::time::sleep(left).await;
    }

    #[expect(clippy::disallowed_methods, reason = "this is where waits end up")]
    pub async fn sleep(self, duration: Duration) {
        tokio::time::sleep(duration / self.factor).await;
    }
}
