//! The limit on calls a minute, for the whole process. A call takes a slot and returns it a minute after its answer. So no
//! minute has more calls than there are slots, whenever the server starts its minutes. Short runs never wait.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, SemaphorePermit};

use crate::domain::clock::{Clock, Moment};
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
    slots: Option<BinaryHeap<Reverse<Moment>>>,
    /// How many slots there are now, taken or not.
    total: usize,
    /// How many slots there are at most: the limit that was asked for.
    most: usize,
    /// Every call waits until then, because the server said that there were too many.
    not_before: Moment,
    /// When `total` last changed, or the server last complained.
    changed: Moment,
}

/// Permission for one call. Dropped when the call has ended.
pub(crate) struct CallSlot<'l> {
    _slot: TakenSlot<'l>,
    _connection: SemaphorePermit<'l>,
}

/// A slot that a call holds. It goes back when it is dropped.
struct TakenSlot<'l> {
    limiter: &'l Limiter,
    use_: SlotUse,
}

/// Whether the call of a slot was sent.
enum SlotUse {
    /// Not yet. Holds the moment from which the slot is free, if nobody waits for it any longer.
    Waiting(Moment),
    Sent,
}

const MINUTE: Duration = Duration::from_mins(1);
/// The limit is never lowered below this, however many 429s arrive: a tenth of the service's 300 calls a minute.
const FEWEST: usize = 30;

impl Limiter {
    /// `calls_per_minute` of 0 is no limit.
    pub(crate) fn new(calls_per_minute: u32, concurrency: usize, clock: Clock) -> Self {
        let total = calls_per_minute as usize;
        let now = clock.moment();
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

    /// Waits until one more call may be made. A caller that stops waiting leaves the slot to others.
    pub(crate) async fn acquire(&self, waits: &WaitReporter) -> CallSlot<'_> {
        let free_at = self.take_slot().await;
        let mut slot = TakenSlot {
            limiter: self,
            use_: SlotUse::Waiting(free_at),
        };
        self.wait_until_free(free_at, waits).await;
        let connection = self.connections.acquire().await;
        slot.use_ = SlotUse::Sent;
        CallSlot {
            _slot: slot,
            _connection: connection.expect("the semaphore is never closed"),
        }
    }

    /// Waits until this many calls in a row needn't wait, or as many as the limit allows at all.
    pub(crate) async fn wait_for(&self, calls: usize, waits: &WaitReporter) {
        loop {
            let until = {
                let mut state = self.state();
                state.restore(self.clock);
                state.free_from(calls)
            };
            match until {
                Some(until) if until <= self.clock.moment() => return,
                Some(until) => {
                    waits
                        .sleep_until(self.clock, until, WaitReason::Limit)
                        .await;
                }
                None => self.returned.notified().await,
            }
        }
    }

    /// How long it really takes at least until this many calls in a row have begun.
    pub(crate) fn time_for(&self, calls: usize) -> Duration {
        self.state().time_for(calls, self.clock)
    }

    /// Waits for a slot, takes it, and returns the moment from which it is free.
    async fn take_slot(&self) -> Moment {
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
    async fn wait_until_free(&self, free_at: Moment, waits: &WaitReporter) {
        loop {
            let until = {
                let mut state = self.state();
                state.restore(self.clock);
                free_at.max(state.not_before)
            };
            if until <= self.clock.moment() {
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
        let now = self.clock.moment();
        // Calls that were under way together are refused together: they count as one complaint.
        let is_first_complaint = now >= state.not_before;
        if is_first_complaint && state.most > 0 {
            state.total = (state.total * 3 / 4).max(FEWEST.min(state.most));
        }
        state.changed = now;
        state.not_before = state.not_before.max(self.clock.moment_after(wait));
    }

    fn state(&self) -> MutexGuard<'_, LimiterState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LimiterState {
    /// Takes a slot and returns the moment from which it is free; `None` while all are taken.
    fn take(&mut self) -> Option<Moment> {
        match &mut self.slots {
            None => Some(self.not_before),
            Some(slots) => slots.pop().map(|Reverse(free_at)| free_at),
        }
    }

    /// The moment from which this many slots are free, or all slots if there are fewer; `None` while others hold them.
    fn free_from(&self, calls: usize) -> Option<Moment> {
        let Some(slots) = &self.slots else {
            return Some(self.not_before);
        };
        let wanted = calls.min(self.total);
        let mut free: Vec<Moment> = slots.iter().map(|Reverse(free_at)| *free_at).collect();
        free.sort_unstable();
        let last = free.get(wanted.checked_sub(1)?)?;
        Some(self.not_before.max(*last))
    }

    /// Each round takes every slot once, and a slot comes back a minute after its call.
    fn time_for(&self, calls: usize, clock: Clock) -> Duration {
        let (Some(slots), Some(last)) = (&self.slots, calls.checked_sub(1)) else {
            return Duration::ZERO;
        };
        let total = self.total.max(1);
        let mut free: Vec<Moment> = slots.iter().map(|Reverse(free_at)| *free_at).collect();
        free.sort_unstable();
        let begins = free.get(last % total).or(free.last());
        // Slots that calls hold now come back in a minute at most.
        let first_round = begins.map_or(clock.scaled(MINUTE), |begins| {
            clock.left(self.not_before.max(*begins))
        });
        let rounds = u32::try_from(last / total).unwrap_or(u32::MAX);
        first_round.saturating_add(clock.scaled(MINUTE).saturating_mul(rounds))
    }

    /// Restores a tenth of the slots for each minute without a complaint.
    fn restore(&mut self, clock: Clock) {
        let is_quiet = clock.elapsed(self.changed) >= MINUTE;
        if !is_quiet || self.total >= self.most {
            return;
        }
        let Some(slots) = &mut self.slots else {
            return;
        };
        let more = (self.most / 10).max(1).min(self.most - self.total);
        slots.extend(std::iter::repeat_n(Reverse(clock.moment()), more));
        self.total += more;
        self.changed = clock.moment();
    }

    /// Takes back a slot that is free from a moment on. If the limit was lowered meanwhile, one slot too many goes: the earliest,
    /// so that the calls get fewer at once.
    fn give_back(&mut self, free_at: Moment) {
        let Some(slots) = &mut self.slots else {
            return;
        };
        slots.push(Reverse(free_at));
        if slots.len() > self.total {
            slots.pop();
        }
    }
}

impl Drop for TakenSlot<'_> {
    fn drop(&mut self) {
        let free_at = match self.use_ {
            SlotUse::Waiting(free_at) => free_at,
            SlotUse::Sent => self.limiter.clock.moment_after(MINUTE),
        };
        self.limiter.state().give_back(free_at);
        self.limiter.returned.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Limiter;
    use crate::domain::clock::Clock;
    use crate::onefile::retry::wait_report::WaitReporter;

    /// A minute takes a second and a half.
    const FASTER: u32 = 40;

    #[tokio::test]
    async fn calls_that_belong_together_wait_before_the_first_of_them() {
        let (clock, waits) = (Clock::faster(FASTER), WaitReporter::new());
        let limiter = Limiter::new(4, 8, clock);
        for _ in 0..2 {
            drop(limiter.acquire(&waits).await);
        }
        let begun = clock.moment();
        limiter.wait_for(3, &waits).await;
        assert!(clock.elapsed(begun) >= Duration::from_secs(50));
        let begun = Clock::REAL.moment();
        for _ in 0..3 {
            drop(limiter.acquire(&waits).await);
        }
        assert!(Clock::REAL.elapsed(begun) < Duration::from_secs(1));
        // More than the limit allows are waited for as far as it does.
        limiter.wait_for(9, &waits).await;
        Limiter::new(0, 8, clock).wait_for(9, &waits).await;
    }

    #[tokio::test]
    async fn the_time_for_calls_counts_what_was_made_in_the_last_minute() {
        let (clock, waits) = (Clock::faster(FASTER), WaitReporter::new());
        let limiter = Limiter::new(4, 8, clock);
        let minutes = |calls: usize| {
            let left = limiter.time_for(calls) * FASTER;
            (left.as_secs() + 30) / 60
        };
        assert_eq!([0, 1, 4, 5, 8, 9].map(minutes), [0, 0, 0, 1, 1, 2]);
        for _ in 0..3 {
            drop(limiter.acquire(&waits).await);
        }
        assert_eq!([1, 2, 4, 5, 6].map(minutes), [0, 1, 1, 1, 2]);
        let unlimited = Limiter::new(0, 8, clock);
        assert!(unlimited.time_for(10_000).is_zero());
    }

    #[tokio::test]
    async fn whoever_stops_waiting_leaves_the_slot_to_others() {
        let (clock, waits) = (Clock::faster(FASTER), WaitReporter::new());
        let limiter = Limiter::new(1, 8, clock);
        drop(limiter.acquire(&waits).await);
        let given_up = tokio::time::timeout(Duration::from_millis(20), limiter.acquire(&waits));
        assert!(given_up.await.is_err());
        assert!(waits.subscribe().borrow().is_none());
        drop(limiter.acquire(&waits).await);
    }
}
