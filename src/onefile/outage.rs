//! A service that is away: one call asks again and again while the others wait, until it answers or the patience is over.

use std::sync::{Mutex as Lock, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Mutex, MutexGuard, watch};

use crate::domain::clock::Clock;
use crate::onefile::error::ClientError;
use crate::onefile::wait_report::{WaitReason, WaitReporter};

pub(crate) struct Outage {
    clock: Clock,
    patience: Duration,
    asking: Mutex<()>,
    state: Lock<OutageState>,
    /// Whether nobody wants to wait any more.
    hurry: watch::Sender<bool>,
}

#[derive(Clone, Copy)]
enum OutageState {
    Up,
    Down(Timestamp),
    GivenUp,
}

/// The one call that asks whether the service is back.
pub(crate) struct Poller<'o> {
    outage: &'o Outage,
    next: Duration,
    _turn: MutexGuard<'o, ()>,
}

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);

impl Outage {
    pub(crate) fn new(patience: Duration, clock: Clock) -> Self {
        Self {
            clock,
            patience,
            asking: Mutex::new(()),
            state: Lock::new(OutageState::Up),
            hurry: watch::Sender::new(false),
        }
    }

    /// Waits while somebody else asks. `Some` where the service is still away and this call is to ask next.
    pub(crate) async fn pass(&self) -> Result<Option<Poller<'_>>, ClientError> {
        match self.state() {
            OutageState::Up => return Ok(None),
            OutageState::GivenUp => return Err(ClientError::Away(None)),
            OutageState::Down(_) => {}
        }
        let turn = self.asking.lock().await;
        match self.state() {
            OutageState::Up => Ok(None),
            OutageState::GivenUp => Err(ClientError::Away(None)),
            OutageState::Down(_) => Ok(Some(Poller {
                outage: self,
                next: FIRST,
                _turn: turn,
            })),
        }
    }

    /// Notes that the service was found to be away.
    pub(crate) fn begin(&self) {
        self.change(|state| {
            if matches!(state, OutageState::Up) {
                OutageState::Down(self.clock.now())
            } else {
                state
            }
        });
    }

    /// Ends the waiting, now and from here on.
    pub(crate) fn hurry(&self) {
        self.hurry.send_replace(true);
    }

    /// Notes that the service answers.
    pub(crate) fn end(&self) {
        // Who has given up doesn't begin anew.
        self.change(|state| {
            if matches!(state, OutageState::Down(_)) {
                OutageState::Up
            } else {
                state
            }
        });
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
    /// Waits before the next question; gives the run up once the patience is over.
    pub(crate) async fn wait(
        &mut self,
        waits: &WaitReporter,
        error: ClientError,
    ) -> Result<(), ClientError> {
        let outage = self.outage;
        let OutageState::Down(since) = outage.state() else {
            return Ok(());
        };
        let patience = SignedDuration::try_from(outage.patience).unwrap_or(SignedDuration::MAX);
        let waited =
            outage.clock.since(since) + SignedDuration::try_from(self.next).unwrap_or_default();
        let mut hurry = outage.hurry.subscribe();
        let is_over = waited > patience || *hurry.borrow();
        let is_hurried = !is_over
            && tokio::select! {
                () = waits.sleep_until(outage.clock, outage.clock.after(self.next), WaitReason::Outage) => false,
                _ = hurry.wait_for(|hurry| *hurry) => true,
            };
        if is_over || is_hurried {
            outage.change(|_| OutageState::GivenUp);
            return Err(ClientError::Away(Some(Box::new(error))));
        }
        self.next = (self.next * 2).min(LONGEST);
        Ok(())
    }
}
