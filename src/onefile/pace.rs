//! How fast a client goes and how long it waits.

use std::time::Duration;

use crate::onefile::bounds::AnswerBounds;
use crate::onefile::retry::policy::{CALL_TIMEOUT, CONNECT_TIMEOUT, SHORTEST_CALL_TIMEOUT};

/// How fast a client calls, and how long it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// 0 means no limit.
    pub calls_per_minute: u32,
    /// How many calls may be under way at once.
    pub concurrency: usize,
    /// How long `connect` waits for a service that is away.
    pub opening: Duration,
    /// How long calls wait for it once there is a session.
    pub patience: Duration,
    /// How long a connection may take, in real time, because a test's faster clock doesn't speed up the network.
    pub connect_timeout: Duration,
    /// How long a call may take until its answer is read, in real time.
    pub answer_timeout: Duration,
    /// How large an answer may be.
    pub bounds: AnswerBounds,
}

impl Default for Pace {
    /// Leaves a fifth of the service's 300 calls a minute to other integrations of the college.
    fn default() -> Self {
        Self {
            calls_per_minute: 240,
            concurrency: 8,
            opening: Duration::from_secs(10),
            patience: Duration::from_mins(10),
            connect_timeout: CONNECT_TIMEOUT,
            answer_timeout: CALL_TIMEOUT,
            bounds: AnswerBounds::default(),
        }
    }
}

impl Pace {
    /// How long a call may take if the service is waited for no longer than this.
    pub(super) fn timeout_within(&self, patience: Duration) -> Duration {
        self.answer_timeout.min(patience.max(SHORTEST_CALL_TIMEOUT))
    }
}
