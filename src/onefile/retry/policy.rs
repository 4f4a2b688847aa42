//! The table of retries: for each class of failure, what is done before another attempt, how often and for how long.
//!
//! Three kinds of request read it. Reads and updates may be sent again, since sending them twice changes nothing. Probes
//! of `doctor --contract` only read, and give up sooner. A create is sent again only if `means_not_created` says that
//! the server can't have processed it, and only after another search; `create_attempts` is the limit for that.

use std::time::Duration;

use crate::onefile::error::ClientError;

/// Failures that are handled alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FailureClass {
    /// 429.
    TooManyCalls,
    /// 401: the session key was refused.
    KeyRefused,
    /// 403: the server refuses either the key or the call.
    Forbidden,
    /// 503, a web page, or no connection: the service is down for maintenance, or its server can't be reached.
    Away,
    /// 408, any other 5xx, an answer that isn't JSON.
    Transient,
    /// No answer in time, or an answer that broke off.
    Silent,
    /// A create wasn't sent, because the service gave no session key: it was away, or failed in passing.
    NoSession,
    /// A call wasn't sent, because it had waited for too long.
    TooLate,
    /// Everything else: another attempt would end the same way.
    Final,
}

/// A row of the table.
pub(crate) struct RetryRule {
    /// What a read or an update does before its next attempt.
    pub(crate) remedy: Remedy,
    /// How often a create is sent in all, as long as the server hasn't processed it.
    pub(crate) create_attempts: usize,
    /// Whether a probe tries again, after the pauses of `PROBE_PAUSES`.
    pub(crate) probe: ProbeRetry,
}

/// What is done before another attempt. `most` is the number of repeats that one call may spend on this failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// The call fails.
    GiveUp,
    /// Every call waits for as long as the server asks (`Retry-After`), and for `WAIT_AFTER_429` if it doesn't say.
    SlowDown { most: usize },
    /// Another session key is fetched.
    NewKey { most: usize },
    /// The call waits for a random part of `BACK_OFF`, for `longest` in all since this failure began.
    BackOff { most: usize, longest: Duration },
    /// One call asks again after each pause of `POLL`, and the others wait for it, until the limit of `Pace` is reached.
    Poll,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProbeRetry {
    Yes,
    No,
}

/// A pause that doubles from one attempt to the next.
pub(crate) struct DoublingPause {
    pub(crate) first: Duration,
    pub(crate) longest: Duration,
}

impl FailureClass {
    /// The table.
    pub(crate) const fn rule(self) -> RetryRule {
        match self {
            // Without `Retry-After` these waits last three minutes. If the limit is still reached by then, another
            // client is using up the token's calls.
            Self::TooManyCalls => RetryRule {
                remedy: Remedy::SlowDown { most: 12 },
                create_attempts: 10,
                probe: ProbeRetry::Yes,
            },
            // A key can die at any time, but not five times under one call.
            Self::KeyRefused => RetryRule {
                remedy: Remedy::NewKey { most: 5 },
                create_attempts: 3,
                probe: ProbeRetry::No,
            },
            // If a second key is refused too, the call is what is forbidden.
            Self::Forbidden => RetryRule {
                remedy: Remedy::NewKey { most: 1 },
                create_attempts: 3,
                probe: ProbeRetry::No,
            },
            // For creates this means no connection. A 503 and a web page leave open whether the server processed it.
            Self::Away => RetryRule {
                remedy: Remedy::Poll,
                create_attempts: 3,
                probe: ProbeRetry::Yes,
            },
            // A create that ends so may have been processed, so it isn't sent again. `Pace` limits how long the service as a
            // whole may be silent.
            Self::Transient | Self::Silent => RetryRule {
                remedy: Remedy::BackOff {
                    most: 6,
                    longest: Duration::from_mins(3),
                },
                create_attempts: 1,
                probe: ProbeRetry::Yes,
            },
            // Only creates end so. The search before the next attempt waits until the service is back.
            Self::NoSession => RetryRule {
                remedy: Remedy::GiveUp,
                create_attempts: 3,
                probe: ProbeRetry::No,
            },
            // The caller looks again at what the call rests on.
            Self::TooLate => RetryRule {
                remedy: Remedy::GiveUp,
                create_attempts: 5,
                probe: ProbeRetry::No,
            },
            Self::Final => RetryRule {
                remedy: Remedy::GiveUp,
                create_attempts: 1,
                probe: ProbeRetry::No,
            },
        }
    }

    /// The class of a failure.
    pub(crate) fn of(error: &ClientError) -> Self {
        match error {
            ClientError::Status { status, .. } => Self::of_status(*status),
            ClientError::Page { .. } => Self::Away,
            ClientError::Unreachable { source, .. } if source.is_connect() => Self::Away,
            ClientError::Network { problem, .. } if problem.may_pass() => Self::Away,
            ClientError::Unreachable { .. } | ClientError::Broken { .. } => Self::Silent,
            ClientError::NotJson { .. } => Self::Transient,
            // It waited for its turn until the search before it was out of date.
            ClientError::TooLate { .. } => Self::TooLate,
            ClientError::NoSession(source) if source.is_outage() => Self::NoSession,
            ClientError::NoSession(_)
            | ClientError::Setup(_)
            | ClientError::TokenRefused
            | ClientError::FreshKeyRefused
            | ClientError::TokenShared
            | ClientError::Away(_)
            | ClientError::Stopped { .. }
            | ClientError::Network { .. }
            | ClientError::TooLarge { .. }
            | ClientError::NoOrganisation(_)
            | ClientError::Misshapen { .. }
            | ClientError::NoId { .. } => Self::Final,
        }
    }

    /// The class of a status that isn't a success.
    pub(crate) fn of_status(status: u16) -> Self {
        match status {
            401 => Self::KeyRefused,
            403 => Self::Forbidden,
            429 => Self::TooManyCalls,
            503 => Self::Away,
            408 | 500..=599 => Self::Transient,
            _ => Self::Final,
        }
    }
}

/// How long the server has to accept a connection.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a call may take, from its first byte to the last byte of its answer.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_mins(1);
/// The same for a client that hardly waits: longer than the slowest good answers take, shorter than a person waits.
pub(crate) const SHORTEST_CALL_TIMEOUT: Duration = Duration::from_secs(12);
/// How long a service may be silent even for a client that waits for nothing, so that a connection that closed under a call
/// doesn't end the run.
pub(crate) const SILENCE_GRACE: Duration = Duration::from_secs(5);

/// How long one call may be held back by the limit of calls, even for a client that waits for nothing: the minute by which
/// the server counts, and a little more.
pub(crate) const LIMIT_GRACE: Duration = Duration::from_secs(65);
/// Waits before a key that nobody has used yet is tried again: it may take a moment to be known to every server.
pub(crate) const FRESH_KEY_PAUSES: [Duration; 3] = [
    Duration::from_millis(250),
    Duration::from_millis(750),
    Duration::from_millis(1500),
];

/// The wait after a 429 that names none. The server counts by the minute, so a quarter of one frees some calls.
pub(crate) const WAIT_AFTER_429: Duration = Duration::from_secs(15);
/// The longest wait that `Retry-After` may ask for. The limit is by the minute, so more than two is a mistake.
pub(crate) const LONGEST_RETRY_AFTER: Duration = Duration::from_mins(2);

/// Pauses after a transient failure.
pub(crate) const BACK_OFF: DoublingPause = DoublingPause {
    first: Duration::from_millis(500),
    longest: Duration::from_secs(10),
};

/// Pauses between the questions of an outage. Half a minute at most, so that the run goes on soon after the service does.
pub(crate) const POLL: DoublingPause = DoublingPause {
    first: Duration::from_secs(1),
    longest: Duration::from_secs(30),
};

/// Pauses of a probe: short, because `doctor` reports a server that doesn't answer and needn't wait for it.
pub(crate) const PROBE_PAUSES: [Duration; 3] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
];

/// When `apply` searches for an account after its create: seconds after the call. How soon searches show a new account
/// isn't documented, so the pauses double.
pub(crate) const SEARCH_AFTER_CREATE: &[u64] = &[1, 2, 4, 8, 15, 30];
