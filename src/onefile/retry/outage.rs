//! During an outage one call polls while the others wait, until the service answers or the time limit is reached.

use std::sync::{Mutex as Lock, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Mutex, MutexGuard};
use tokio_util::sync::CancellationToken;

use crate::domain::clock::Clock;
use crate::onefile::error::ClientError;
use crate::onefile::retry::policy::POLL;
use crate::onefile::retry::wait_report::{WaitReason, WaitReporter};

pub(crate) struct Outage {
    clock: Clock,
    /// How long the service is waited for.
    time_limit: Duration,
    /// Ends the wait, now and later.
    cancel: CancellationToken,
    /// Held by the call that polls.
    polling: Mutex<()>,
    state: Lock<OutageState>,
}

#[derive(Clone, Copy)]
enum OutageState {
    Up,
    Down {
        since: Timestamp,
    },
    /// Final: the run ends, so nothing waits for the service again.
    GivenUp,
}

/// The one call that asks whether the service is back.
pub(crate) struct Poller<'o> {
    outage: &'o Outage,
    pause: Duration,
    _polling: MutexGuard<'o, ()>,
}

impl Outage {
    pub(crate) fn new(time_limit: Duration, cancel: CancellationToken, clock: Clock) -> Self {
        Self {
            clock,
            time_limit,
            cancel,
            polling: Mutex::new(()),
            state: Lock::new(OutageState::Up),
        }
    }

    /// Waits while another call polls. `Some` if the service is still away, and this call polls next.
    ///
    /// # Errors
    /// `Away` once the service was given up.
    pub(crate) async fn wait_while_away(&self) -> Result<Option<Poller<'_>>, ClientError> {
        if self.is_up()? {
            return Ok(None);
        }
        let polling = self.polling.lock().await;
        if self.is_up()? {
            return Ok(None);
        }
        Ok(Some(Poller {
            outage: self,
            pause: POLL.first,
            _polling: polling,
        }))
    }

    /// Notes that the service is away.
    pub(crate) fn begin(&self) {
        self.change(|state| match state {
            OutageState::Up => OutageState::Down {
                since: self.clock.now(),
            },
            OutageState::Down { .. } | OutageState::GivenUp => state,
        });
    }

    /// Notes that the service answers.
    pub(crate) fn end(&self) {
        self.change(|state| match state {
            OutageState::Up | OutageState::Down { .. } => OutageState::Up,
            OutageState::GivenUp => OutageState::GivenUp,
        });
    }

    fn is_up(&self) -> Result<bool, ClientError> {
        match self.state() {
            OutageState::Up => Ok(true),
            OutageState::Down { .. } => Ok(false),
            OutageState::GivenUp => Err(ClientError::Away(None)),
        }
    }

    fn state(&self) -> OutageState {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(OutageState) -> OutageState) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state = change(*state);
    }
}

impl Poller<'_> {
    /// Waits before the next question.
    ///
    /// # Errors
    /// `Away` with the last failure, if the wait would pass the time limit or the run was cancelled. The service is
    /// given up then.
    pub(crate) async fn wait(
        &mut self,
        waits: &WaitReporter,
        error: ClientError,
    ) -> Result<(), ClientError> {
        let outage = self.outage;
        let OutageState::Down { since } = outage.state() else {
            return Ok(());
        };
        if self.would_pass_limit(since) || !self.pause(waits).await {
            outage.change(|_| OutageState::GivenUp);
            return Err(ClientError::Away(Some(Box::new(error))));
        }
        self.pause = (self.pause * 2).min(POLL.longest);
        Ok(())
    }

    fn would_pass_limit(&self, since: Timestamp) -> bool {
        // A time that doesn't fit is longer than any wait.
        let limit = SignedDuration::try_from(self.outage.time_limit).unwrap_or(SignedDuration::MAX);
        let pause = SignedDuration::try_from(self.pause).unwrap_or(SignedDuration::MAX);
        self.outage.clock.since(since).saturating_add(pause) > limit
    }

    /// `false` if the run was cancelled before the pause was over.
    async fn pause(&self, waits: &WaitReporter) -> bool {
        let clock = self.outage.clock;
        let sleep = waits.sleep_until(clock, clock.after(self.pause), WaitReason::Outage);
        self.outage
            .cancel
            .run_until_cancelled(sleep)
            .await
            .is_some()
    }
}
