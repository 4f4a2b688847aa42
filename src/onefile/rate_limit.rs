//! The limit of calls a minute, one for the process. A call takes a slot and gives it back a minute after its answer, so that
//! however the server counts its minutes, none of them sees more calls than there are slots. Short runs never wait.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, Semaphore, SemaphorePermit};

use crate::domain::clock::Clock;
use crate::onefile::wait_report::{WaitReason, WaitReporter};

pub(crate) struct Limiter {
    clock: Clock,
    connections: Semaphore,
    state: Mutex<LimiterState>,
    returned: Notify,
}

struct LimiterState {
    /// When each slot that isn't taken is free; `None` for no limit.
    slots: Option<BinaryHeap<Reverse<Timestamp>>>,
    /// How many slots there are in all, taken or not.
    total: usize,
    /// How many there would be if nobody else used the token.
    most: usize,
    /// Nobody calls before this: the server has said that there were too many calls.
    not_before: Timestamp,
    changed: Timestamp,
}

/// The leave for one call.
pub(crate) struct CallSlot<'l> {
    limiter: &'l Limiter,
    _connection: SemaphorePermit<'l>,
}

const MINUTE: Duration = Duration::from_mins(1);
/// Fewer slots than this aren't left, however often the server complains.
const FEWEST: usize = 30;

impl Limiter {
    /// `calls_per_minute` of 0 is no limit.
    pub(crate) fn new(calls_per_minute: u32, concurrency: usize, clock: Clock) -> Self {
        let (total, now) = (calls_per_minute as usize, clock.now());
        let slots = (total > 0).then(|| std::iter::repeat_n(Reverse(now), total).collect());
        Self {
            clock,
            connections: Semaphore::new(concurrency.max(1)),
            state: Mutex::new(LimiterState {
                slots,
                total,
                most: total,
                not_before: now,
                changed: now,
            }),
            returned: Notify::new(),
        }
    }

    /// Waits until one more call may be made.
    pub(crate) async fn turn(&self, waits: &WaitReporter) -> CallSlot<'_> {
        let mut taken = false;
        loop {
            let until = {
                let mut state = self.state();
                state.recover(self.clock);
                let free = if taken {
                    Some(state.not_before)
                } else {
                    state.take().map(|at| at.max(state.not_before))
                };
                taken |= free.is_some();
                free
            };
            match until {
                Some(until) if until <= self.clock.now() => break,
                Some(until) => {
                    waits
                        .sleep_until(self.clock, until, WaitReason::Limit)
                        .await
                }
                None => self.returned.notified().await,
            }
        }
        let connection = self
            .connections
            .acquire()
            .await
            .expect("the semaphore is never closed");
        CallSlot {
            limiter: self,
            _connection: connection,
        }
    }

    /// The server has said that there were too many calls, and perhaps how long to wait. Somebody else may use the token, so
    /// that fewer slots are left, until a minute has passed without another complaint.
    pub(crate) fn slow_down(&self, wait: Duration) {
        let mut state = self.state();
        let until = self.clock.after(wait);
        if self.clock.now() >= state.not_before && state.most > 0 {
            state.total = (state.total * 3 / 4).max(FEWEST.min(state.most));
        }
        state.changed = self.clock.now();
        state.not_before = state.not_before.max(until);
    }

    fn state(&self) -> MutexGuard<'_, LimiterState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LimiterState {
    /// A slot, and when it is free; `None` while all are taken.
    fn take(&mut self) -> Option<Timestamp> {
        match &mut self.slots {
            None => Some(Timestamp::MIN),
            Some(slots) => slots.pop().map(|Reverse(at)| at),
        }
    }

    /// Gives back a tenth of the slots a minute while nobody complains.
    fn recover(&mut self, clock: Clock) {
        let quiet = clock.since(self.changed) >= SignedDuration::from_mins(1);
        if let Some(slots) = self
            .slots
            .as_mut()
            .filter(|_| quiet && self.total < self.most)
        {
            let more = (self.most / 10).max(1).min(self.most - self.total);
            slots.extend(std::iter::repeat_n(Reverse(clock.now()), more));
            self.total += more;
            self.changed = clock.now();
        }
    }
}

impl Drop for CallSlot<'_> {
    fn drop(&mut self) {
        let free = self.limiter.clock.after(MINUTE);
        let mut state = self.limiter.state();
        let total = state.total;
        if let Some(slots) = &mut state.slots {
            slots.push(Reverse(free));
        }
        // There are more slots than are left to use: the one that would be free first goes.
        if let Some(slots) = state.slots.as_mut().filter(|slots| slots.len() > total) {
            slots.pop();
        }
        drop(state);
        self.limiter.returned.notify_one();
    }
}
