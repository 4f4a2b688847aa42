//! Streams, colour, progress, prompts, and the look of findings. Decides nothing about users.

mod log;
mod panic;
mod progress;
mod report;
mod snippet;

pub use crate::cli::terminal::panic::quiet_panics;
pub use crate::cli::terminal::progress::{StepsDone, left_words, time_left};
pub use crate::cli::terminal::report::report;

use std::io::{self, BufRead, ErrorKind, IsTerminal, Write};
use std::ops::RangeInclusive;
use std::time::Duration;

use anstream::ColorChoice;
use indicatif::{ProgressBar, ProgressStyle};

use terminal_size::Width;

use crate::domain::clock::{Clock, Moment};
use crate::domain::redact::Reveal;
use crate::onefile::{WaitReason, Waits};
use crate::render::prose;

/// The output of a run, and what it may show.
pub struct Ui {
    /// The data that stdout may show: more on a person's own terminal.
    pub reveal: Reveal,
    /// The data that findings may show on stderr.
    pub reveal_errors: Reveal,
    /// The width of a line on stdout, in columns.
    pub width: usize,
    /// Whether stdout is a terminal, a person's own or not.
    pub prints_on_terminal: bool,
    errors_on_terminal: bool,
    asks: bool,
}

/// Default width of a line in columns. The layout works only within `WIDTHS`.
const WIDTH: usize = 80;
const WIDTHS: RangeInclusive<usize> = 60..=200;

/// The terminal's width. Without a terminal, the width that the environment gives.
fn width(columns: Option<usize>) -> usize {
    let of_terminal = terminal_size::terminal_size_of(io::stdout())
        .map(|(Width(columns), _)| usize::from(columns));
    of_terminal
        .or(columns)
        .unwrap_or(WIDTH)
        .clamp(*WIDTHS.start(), *WIDTHS.end())
}

/// The environment and the flags that concern the terminal.
#[derive(Clone, Copy, Debug)]
pub struct TerminalEnvironment {
    /// Whether `CI` is set. If it is, no terminal counts as a person's own.
    pub ci: bool,
    /// The width of a line that the environment gives, in columns.
    pub columns: Option<usize>,
    /// How often `-v` was given.
    pub verbosity: u8,
}

/// Progress is shown only if something takes longer than this.
const PATIENCE: Duration = Duration::from_millis(250);
/// The interval between updates of a bar.
const TICK: Duration = Duration::from_millis(100);
/// A log doesn't report waits that are shorter than this, in seconds.
const WORTH_TELLING: u64 = 5;

fn waiting_words(why: WaitReason, seconds: u64) -> String {
    match why {
        WaitReason::Limit => format!("waiting {seconds} s for the limit of calls a minute"),
        WaitReason::Outage => format!("the service is away; asking again in {seconds} s"),
        WaitReason::Create => format!("waiting {seconds} s for what was sent to show"),
    }
}

/// Rounded up, so that it never says 0 s.
fn seconds_until(clock: Clock, until: Moment) -> u64 {
    clock.left(until).as_secs() + 1
}

fn is_minute_ago(clock: Clock, then: Moment) -> bool {
    clock.elapsed(then).as_secs() >= 60
}

fn bar_style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:12} {pos}/{len}  {wide_msg}")
        .expect("the template is well-formed")
}

impl Ui {
    /// `reveal` is the choice on the command line. It is ignored if `CI` is set.
    pub fn new(
        color: ColorChoice,
        reveal: Option<Reveal>,
        environment: &TerminalEnvironment,
    ) -> Self {
        let ci = environment.ci;
        color.write_global();
        log::start(environment.verbosity);
        let by_place = |is_terminal: bool| {
            if is_terminal && !ci {
                Reveal::Personal
            } else {
                Reveal::Public
            }
        };
        let own_terminal = io::stdout().is_terminal() && !ci;
        Self {
            reveal: by_place(own_terminal).max(reveal.filter(|_| !ci).unwrap_or_default()),
            reveal_errors: by_place(io::stderr().is_terminal()),
            width: width(environment.columns),
            prints_on_terminal: io::stdout().is_terminal(),
            // Log lines and a bar would overwrite each other on the screen.
            errors_on_terminal: io::stderr().is_terminal() && !ci && environment.verbosity == 0,
            // If the plan went into a file, the person at the terminal hasn't seen it and can't consent.
            asks: own_terminal && io::stdin().is_terminal() && io::stderr().is_terminal(),
        }
    }

    /// Prints to stdout. A reader that has ended, such as `head`, is no error.
    pub fn print(&self, text: &str) -> io::Result<()> {
        let mut out = anstream::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }

    /// Prints a line to stderr. A failure is ignored, because there is nowhere to report it.
    pub fn say(&self, text: &str) {
        let _ = writeln!(anstream::stderr().lock(), "{text}");
    }

    /// Prints an error: wrapped on a terminal, unwrapped in a log.
    pub fn complain(&self, text: &str) {
        let text = if self.errors_on_terminal {
            prose(text, self.width)
        } else {
            text.to_owned()
        };
        self.say(text.trim_end());
    }

    /// Prints advice for a person. It would clutter a log, so it appears only on a terminal.
    pub fn hint(&self, text: &str) {
        if self.errors_on_terminal {
            self.say(prose(text, self.width).trim_end());
        }
    }

    /// Whether a person can be asked.
    pub fn asks(&self) -> bool {
        self.asks
    }

    /// Asks for the word `yes`. Any other answer, or the end of input, means no.
    pub fn confirm(&self, question: &str) -> bool {
        let question = prose(question, self.width);
        let _ = write!(
            anstream::stderr().lock(),
            "{}\nType `yes` to go on: ",
            question.trim_end()
        );
        let mut answer = String::new();
        let is_read = io::stdin().lock().read_line(&mut answer).is_ok();
        if !answer.ends_with('\n') {
            self.say("");
        }
        is_read && answer.trim_end_matches(['\r', '\n']) == "yes"
    }

    /// Asks for a line; `None` at the end of input.
    pub fn ask(&self, question: &str) -> Option<String> {
        let _ = write!(anstream::stderr().lock(), "{question}: ");
        let mut answer = String::new();
        let is_read = io::stdin().lock().read_line(&mut answer).is_ok();
        if !answer.ends_with('\n') {
            self.say("");
        }
        (is_read && !answer.is_empty()).then(|| answer.trim().to_owned())
    }

    /// Waits for a future. On a terminal, a spinner appears if it takes longer than `PATIENCE`.
    pub async fn waiting<T>(
        &self,
        clock: Clock,
        what: &str,
        waits: Option<Waits>,
        future: impl Future<Output = T>,
    ) -> T {
        let mut future = std::pin::pin!(future);
        tokio::select! {
            done = &mut future => return done,
            () = clock.sleep(PATIENCE) => {}
        }
        let spinner = self.spinner();
        let what = || what.to_owned();
        let done = self.alongside(clock, &spinner, &what, waits, future).await;
        spinner.finish_and_clear();
        done
    }

    /// Reports waits while a future runs: a countdown on a terminal, otherwise one line a minute. `what` gives the words while
    /// there is nothing to wait for.
    pub async fn alongside<T>(
        &self,
        clock: Clock,
        bar: &ProgressBar,
        what: &dyn Fn() -> String,
        waits: Option<Waits>,
        future: impl Future<Output = T>,
    ) -> T {
        let mut future = std::pin::pin!(future);
        let Some(mut waits) = waits else {
            return future.await;
        };
        let mut told: Option<Moment> = None;
        loop {
            let wait = *waits.borrow_and_update();
            let left = wait.map(|wait| (wait.why, seconds_until(clock, wait.until)));
            match left {
                // Short waits for the limit follow one another, and how long all of them take is what people want to know.
                Some((WaitReason::Limit, left))
                    if self.errors_on_terminal && left < WORTH_TELLING =>
                {
                    bar.set_message(what());
                }
                Some((why, left)) if self.errors_on_terminal => {
                    bar.set_message(waiting_words(why, left));
                }
                Some((why, left))
                    if left >= WORTH_TELLING
                        && told.is_none_or(|told| is_minute_ago(clock, told)) =>
                {
                    self.say(&waiting_words(why, left));
                    told = Some(clock.moment());
                }
                _ => bar.set_message(what()),
            }
            tokio::select! {
                biased;
                done = &mut future => return done,
                changed = waits.changed() => if changed.is_err() { return future.await },
                () = clock.sleep(Duration::from_secs(1)) => {}
            }
        }
    }

    /// A bar with this number of steps; hidden without a terminal. Print beside it with [`Self::print_above`].
    pub fn bar(&self, steps: usize) -> ProgressBar {
        if !self.errors_on_terminal {
            return ProgressBar::hidden();
        }
        ProgressBar::new(steps as u64).with_style(bar_style())
    }

    /// A spinner; hidden without a terminal.
    fn spinner(&self) -> ProgressBar {
        if !self.errors_on_terminal {
            return ProgressBar::hidden();
        }
        let spinner = ProgressBar::new_spinner();
        spinner.enable_steady_tick(TICK);
        spinner
    }

    /// Prints a line to stderr while a bar is shown.
    pub fn above(&self, bar: &ProgressBar, line: &str) {
        bar.suspend(|| self.say(line));
    }

    /// Prints a line to stdout while a bar is shown.
    pub fn print_above(&self, bar: &ProgressBar, line: &str) -> io::Result<()> {
        bar.suspend(|| self.print(&format!("{line}\n")))
    }
}
