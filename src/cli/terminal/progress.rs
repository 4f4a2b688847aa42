//! How far a run has come and how long it takes: one line that is rewritten on a terminal, and a line now and then in a log.

use std::time::Duration;

use indicatif::ProgressBar;

use crate::cli::terminal::{
    PATIENCE, TICK, Ui, WORTH_TELLING, bar_style, seconds_until, waiting_words,
};
use crate::domain::clock::{Clock, Moment};
use crate::onefile::{Client, ReadingProgress, Wait, WaitReason};

/// In a log, a reading is reported when it begins, if it takes longer than this.
const LONG_READING: Duration = Duration::from_mins(1);
/// And then each time that this has passed.
const REPORT_EVERY: Duration = Duration::from_mins(5);
/// A few calls say little about how fast a server is.
const FAST_ENOUGH_TO_MEASURE: Duration = Duration::from_secs(5);

/// Steps of a run, as far as they are done.
#[derive(Clone, Copy, Debug)]
pub struct StepsDone {
    pub done: usize,
    pub of: usize,
    /// How many calls the steps that are left take, as far as is known.
    pub calls_left: usize,
    /// Since when steps are done.
    pub begun: Moment,
}

/// How long the steps that are left take, by whichever says more: the limit of calls, or the speed so far.
pub fn time_left(client: &Client, clock: Clock, steps: StepsDone) -> Duration {
    let by_limit = client.time_for(steps.calls_left);
    let elapsed = clock.scaled(clock.elapsed(steps.begun));
    if steps.done == 0 || elapsed < FAST_ENOUGH_TO_MEASURE {
        return by_limit;
    }
    let left = steps.of.saturating_sub(steps.done);
    let left = u32::try_from(left).unwrap_or(u32::MAX);
    let done = u32::try_from(steps.done).unwrap_or(u32::MAX);
    by_limit.max(elapsed.saturating_mul(left) / done)
}

/// `about 8 min left at 240 calls a minute`. Empty if it is soon over.
pub fn left_words(left: Duration, calls_per_minute: u32) -> String {
    let minutes = left.as_secs().div_ceil(60);
    let time = match (minutes, left.as_secs()) {
        (_, 0..10) => return String::new(),
        (0..=1, _) => "less than a minute left".to_owned(),
        (2..100, _) => format!("about {minutes} min left"),
        _ => format!("about {} h {} min left", minutes / 60, minutes % 60),
    };
    match calls_per_minute {
        0 => time,
        limit => format!("{time} at {limit} calls a minute"),
    }
}

/// A reading under way.
struct Reading<'r> {
    what: &'r str,
    client: &'r Client,
    clock: Clock,
    /// What the client had read before.
    before: ReadingProgress,
    /// When it began to read single accounts.
    looking_since: Option<Moment>,
    /// When a log was told last.
    told: Option<Moment>,
}

impl Ui {
    /// Waits for a reading. On a terminal it shows how many accounts of how many are read and how long it will take; a log gets
    /// a line at the beginning and every five minutes, if it takes longer than a minute.
    pub async fn reading<T>(
        &self,
        clock: Clock,
        what: &str,
        client: &Client,
        future: impl Future<Output = T>,
    ) -> T {
        let mut future = std::pin::pin!(future);
        let mut reading = Reading {
            what,
            client,
            clock,
            before: client.reading_progress(),
            looking_since: None,
            told: None,
        };
        let waits = client.waits();
        tokio::select! {
            done = &mut future => return done,
            () = clock.sleep(PATIENCE) => {}
        }
        let bar = self.spinner();
        loop {
            let wait = *waits.borrow();
            let steps = reading.steps();
            if self.errors_on_terminal {
                reading.draw(&bar, steps, wait);
            } else if let Some(line) = reading.report(steps, wait) {
                self.say(&line);
            }
            tokio::select! {
                biased;
                done = &mut future => {
                    bar.finish_and_clear();
                    return done;
                }
                () = clock.sleep(TICK) => {}
            }
        }
    }
}

impl Reading<'_> {
    fn draw(&self, bar: &ProgressBar, steps: Option<StepsDone>, wait: Option<Wait>) {
        if let Some(steps) = steps {
            bar.set_style(bar_style());
            bar.set_length(steps.of as u64);
            bar.set_position(steps.done as u64);
        }
        bar.set_message(self.words_on_screen(steps, wait));
    }

    /// How many single accounts of how many are read; `None` as long as none is to be read.
    fn steps(&mut self) -> Option<StepsDone> {
        let read = self.client.reading_progress().since(self.before);
        if read.wanted == 0 {
            return None;
        }
        let now = self.clock.moment();
        Some(StepsDone {
            done: read.looked,
            of: read.wanted,
            calls_left: read.wanted - read.looked,
            begun: *self.looking_since.get_or_insert(now),
        })
    }

    fn words_on_screen(&self, steps: Option<StepsDone>, wait: Option<Wait>) -> String {
        match (steps, wait) {
            (Some(steps), None) => joined("accounts", &self.left(steps)),
            (Some(steps), Some(wait)) if wait.why == WaitReason::Limit => {
                joined("accounts", &self.left(steps))
            }
            (_, Some(wait)) => waiting_words(wait.why, seconds_until(self.clock, wait.until)),
            (None, None) => {
                let read = self.client.reading_progress().since(self.before);
                match read.pages {
                    0 => self.what.to_owned(),
                    pages => format!("{}: {pages} pages of lists so far", self.what),
                }
            }
        }
    }

    fn left(&self, steps: StepsDone) -> String {
        let left = time_left(self.client, self.clock, steps);
        left_words(left, self.client.calls_per_minute())
    }

    /// A line for a log, if there is something to tell.
    fn report(&mut self, steps: Option<StepsDone>, wait: Option<Wait>) -> Option<String> {
        let line = match (steps, wait) {
            (_, Some(wait)) if wait.why != WaitReason::Limit => self.report_wait(wait),
            (Some(steps), _) => self.report_steps(steps),
            (None, Some(wait)) => self.report_wait(wait),
            (None, None) => None,
        }?;
        self.told = Some(self.clock.moment());
        Some(line)
    }

    fn report_wait(&self, wait: Wait) -> Option<String> {
        let seconds = seconds_until(self.clock, wait.until);
        let is_due = self.is_due(Duration::from_mins(1)) && seconds >= WORTH_TELLING;
        is_due.then(|| waiting_words(wait.why, seconds))
    }

    fn report_steps(&self, steps: StepsDone) -> Option<String> {
        let left = time_left(self.client, self.clock, steps);
        if !self.is_due(REPORT_EVERY) || left < LONG_READING {
            return None;
        }
        let left = left_words(left, self.client.calls_per_minute());
        let StepsDone { done, of, .. } = steps;
        Some(joined(
            &format!("{}: {done} of {of} accounts read", self.what),
            &left,
        ))
    }

    fn is_due(&self, interval: Duration) -> bool {
        self.told
            .is_none_or(|told| self.clock.elapsed(told) >= interval)
    }
}

fn joined(what: &str, left: &str) -> String {
    if left.is_empty() {
        what.to_owned()
    } else {
        format!("{what}; {left}")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::left_words;

    #[test]
    fn the_time_left_is_said_in_minutes_and_the_limit_with_it() {
        let words = |seconds: u64| left_words(Duration::from_secs(seconds), 240);
        assert_eq!(words(9), "");
        assert_eq!(words(10), "less than a minute left at 240 calls a minute");
        assert_eq!(words(61), "about 2 min left at 240 calls a minute");
        assert_eq!(words(2_640), "about 44 min left at 240 calls a minute");
        assert_eq!(words(7_200), "about 2 h 0 min left at 240 calls a minute");
        assert_eq!(left_words(Duration::from_secs(61), 0), "about 2 min left");
    }
}
