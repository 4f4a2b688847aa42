//! The limit on calls a minute, for the whole process. A call takes a slot and returns it a minute after its answer. So no
//! minute has more calls than there are slots, whenever the server starts its minutes. Short runs never wait.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, Semaphore, SemaphorePermit};

use crate::domain::clock::Clock;
use crate::onefile::retry::wait_report::{WaitReason, WaitReporter};

pub(crate) struct Limiter {
    clock: Clock,
    /// One permit for each call that may be under way at once.
    connections: Semaphore,
    state: Mutex<LimiterState>,
    /// Wakes a call that found all slots taken.
    returned: Notify,
}

struct LimiterState {
    /// When each slot that isn't taken is free; `None` for no limit.
    slots: Option<BinaryHeap<Reverse<Timestamp>>>,
    /// How many slots there are now, taken or not.
    total: usize,
    /// How many slots there are at most: the limit that was asked for.
    most: usize,
    /// Every call waits until then, because the server said that there were too many.
    not_before: Timestamp,
    /// When `total` last changed, or the server last complained.
    changed: Timestamp,
}

/// Permission for one call. Dropped when the call has ended.
pub(crate) struct CallSlot<'l> {
    limiter: &'l Limiter,
    _connection: SemaphorePermit<'l>,
}

const MINUTE: Duration = Duration::from_mins(1);
/// The limit is never lowered below this, however many 429s arrive: a tenth of the service's 300 calls a minute.
const FEWEST: usize = 30;

impl Limiter {
    /// `calls_per_minute` of 0 is no limit.
    pub(crate) fn new(calls_per_minute: u32, concurrency: usize, clock: Clock) -> Self {
        let total = calls_per_minute as usize;
        let now = clock.now();
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
    pub(crate) async fn acquire(&self, waits: &WaitReporter) -> CallSlot<'_> {
        let free_at = self.take_slot().await;
        self.wait_until_free(free_at, waits).await;
        let connection = self.connections.acquire().await;
        CallSlot {
            limiter: self,
            _connection: connection.expect("the semaphore is never closed"),
        }
    }

    /// Waits for a slot, takes it, and returns the time from which it is free.
    async fn take_slot(&self) -> Timestamp {
        loop {
            let taken = {
                let mut state = self.state();
                state.restore(self.clock);
                state.take()
            };
            match taken {
                Some(free_at) => return free_at,
                None => self.returned.notified().await,
            }
        }
    }

    /// Waits for a slot that was taken. The server may complain meanwhile, which makes the wait longer.
    async fn wait_until_free(&self, free_at: Timestamp, waits: &WaitReporter) {
        loop {
            let until = {
                let mut state = self.state();
                state.restore(self.clock);
                free_at.max(state.not_before)
            };
            if until <= self.clock.now() {
                return;
            }
            waits
                .sleep_until(self.clock, until, WaitReason::Limit)
                .await;
        }
    }

    /// Holds every call back for a while, after the server said that there were too many. Another client may be using the
    /// token, so a quarter of the slots goes, until a minute has passed without another complaint.
    pub(crate) fn slow_down(&self, wait: Duration) {
        let mut state = self.state();
        let now = self.clock.now();
        // Calls that were under way together are refused together: they count as one complaint.
        let is_first_complaint = now >= state.not_before;
        if is_first_complaint && state.most > 0 {
            state.total = (state.total * 3 / 4).max(FEWEST.min(state.most));
        }
        state.changed = now;
        state.not_before = state.not_before.max(self.clock.after(wait));
    }

    fn state(&self) -> MutexGuard<'_, LimiterState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LimiterState {
    /// Takes a slot and returns the time from which it is free; `None` while all are taken.
    fn take(&mut self) -> Option<Timestamp> {
        match &mut self.slots {
            None => Some(Timestamp::MIN),
            Some(slots) => slots.pop().map(|Reverse(free_at)| free_at),
        }
    }

    /// Restores a tenth of the slots for each minute without a complaint.
    fn restore(&mut self, clock: Clock) {
        let is_quiet = clock.since(self.changed) >= SignedDuration::from_mins(1);
        if !is_quiet || self.total >= self.most {
            return;
        }
        let Some(slots) = &mut self.slots else {
            return;
        };
        let more = (self.most / 10).max(1).min(self.most - self.total);
        slots.extend(std::iter::repeat_n(Reverse(clock.now()), more));
        self.total += more;
        self.changed = clock.now();
    }

    /// Takes back a slot that is free at a time. If the limit was lowered meanwhile, one slot too many goes: the earliest,
    /// so that the calls get fewer at once.
    fn give_back(&mut self, free_at: Timestamp) {
        let Some(slots) = &mut self.slots else {
            return;
        };
        slots.push(Reverse(free_at));
        if slots.len() > self.total {
            slots.pop();
        }
    }
}

impl Drop for CallSlot<'_> {
    fn drop(&mut self) {
        let free_at = self.limiter.clock.after(MINUTE);
        self.limiter.state().give_back(free_at);
        self.limiter.returned.notify_one();
    }
}
