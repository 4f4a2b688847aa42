//! During an outage one call polls while the others wait, until the service answers or the time limit is reached.

use std::sync::{Mutex as Lock, MutexGuard as LockGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};
use tokio_util::sync::CancellationToken;

use crate::domain::clock::{Clock, Moment};
use crate::onefile::error::ClientError;
use crate::onefile::retry::policy::{POLL, SILENCE_GRACE};
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
    /// When the first call began that had no answer, if there has been none since.
    silent_since: Lock<Option<Moment>>,
}

#[derive(Clone, Copy)]
enum OutageState {
    Up,
    Down {
        since: Moment,
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
            silent_since: Lock::new(None),
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

    /// How long the service is waited for.
    pub(crate) fn time_limit(&self) -> Duration {
        self.time_limit
    }

    /// Notes that the server has answered something, if only with an error.
    pub(crate) fn answered(&self) {
        *self.silence() = None;
    }

    /// Notes that a call that began then had no answer. `true` if the server has been silent for longer than it is waited
    /// for; then the service is given up.
    pub(crate) fn gives_up_after_silence(&self, begun: Moment) -> bool {
        let since = {
            let mut silence = self.silence();
            let since = silence.map_or(begun, |since| since.min(begun));
            *silence.insert(since)
        };
        let is_over = self.clock.elapsed(since) >= self.time_limit.max(SILENCE_GRACE);
        if is_over {
            self.change(|_| OutageState::GivenUp);
        }
        is_over
    }

    fn silence(&self) -> LockGuard<'_, Option<Moment>> {
        self.silent_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that the service is away, as a call has found that began then.
    pub(crate) fn begin(&self, begun: Moment) {
        self.change(|state| match state {
            OutageState::Up => OutageState::Down { since: begun },
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
            return Err(match error {
                // It is the network that is away, and the failure says what to do.
                ClientError::Network { .. } => error,
                error => ClientError::Away(Some(Box::new(error))),
            });
        }
        self.pause = (self.pause * 2).min(POLL.longest);
        Ok(())
    }

    fn would_pass_limit(&self, since: Moment) -> bool {
        self.outage.clock.elapsed(since) + self.pause > self.outage.time_limit
    }

    /// `false` if the run was cancelled before the pause was over.
    async fn pause(&self, waits: &WaitReporter) -> bool {
        let clock = self.outage.clock;
        let sleep = waits.sleep_until(clock, clock.moment_after(self.pause), WaitReason::Outage);
        self.outage
            .cancel
            .run_until_cancelled(sleep)
            .await
            .is_some()
    }
}
