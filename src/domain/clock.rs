//! Now, and waiting. The only module that asks the machine for either; a factor makes waits shorter in tests.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// A clock whose waits last `1 / factor` of what is asked.
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

    /// The moment at which a wait of this clock that begins now is over.
    pub fn after(self, wait: Duration) -> Timestamp {
        self.from(self.now(), wait)
    }

    /// How long ago something was, in the time of this clock.
    pub fn since(self, then: Timestamp) -> SignedDuration {
        let factor = i32::try_from(self.factor).unwrap_or(i32::MAX);
        self.now().duration_since(then).saturating_mul(factor)
    }

    /// The moment at which a wait of this clock that began then is over.
    pub fn from(self, then: Timestamp, wait: Duration) -> Timestamp {
        then.saturating_add(wait / self.factor)
            .unwrap_or(Timestamp::MAX)
    }

    /// How long a wait of this clock really lasts.
    pub fn scaled(self, wait: Duration) -> Duration {
        wait / self.factor
    }

    /// Waits for a moment that `after` gave.
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
