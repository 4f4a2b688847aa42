//! Scripted faults: which call is struck, when, and what goes wrong. The same rules and the same calls give the same faults.

use std::time::Duration;

use axum::http::Method;

use crate::sandbox::random::Random;

/// A list of rules, with how often each has met a call so far.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    pub(super) rules: Vec<FaultRule>,
    struck: usize,
}

#[derive(Clone, Debug)]
pub(super) struct FaultRule {
    pub(super) on: CallPattern,
    pub(super) when: FaultTrigger,
    pub(super) what: InjectedFault,
    /// How many calls have matched the pattern.
    pub(super) met: usize,
}

/// A method and a path below the base URL. In the path `*` stands for one segment, and a last `**` for any number of them.
#[derive(Clone, Debug)]
pub(super) struct CallPattern {
    pub(super) method: Option<Method>,
    /// In lower case.
    pub(super) segments: Vec<String>,
}

/// Which of the calls that match a pattern are struck.
#[derive(Clone, Debug)]
pub(super) enum FaultTrigger {
    Always,
    /// Only this one, counted from 1.
    Nth(usize),
    /// Each one whose number is a multiple of this.
    Every(usize),
    /// Each one with this probability; the generator starts from a seed.
    Chance {
        probability: f64,
        random: Random,
    },
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InjectedFault {
    Status {
        code: u16,
        body: Option<String>,
    },
    /// An HTML page in place of JSON.
    Html,
    /// The connection closes before the work is done.
    ResetBefore,
    /// The work is done and kept, and the connection closes without an answer.
    ResetAfter,
    /// The work is done and kept, and the answer is a 500.
    FailAfter,
    Delay(Duration),
    /// The body breaks off in its middle.
    Cut,
    BrokenJson,
    /// The session key of the call expires.
    EndSession,
    /// A write is acknowledged and not done.
    LoseWrite,
    IgnoreField(String),
    /// Searches don't show what was created for a while.
    HideCreated(Duration),
    /// A page shows its first row twice.
    RepeatRow,
    /// A page lacks its first row.
    SkipRow,
    /// An update empties the fields that weren't sent.
    BlankUnsent,
}

impl Faults {
    /// The longest that a fault holds up an answer.
    pub(crate) fn longest_delay(&self) -> Duration {
        let mut longest = Duration::ZERO;
        for rule in &self.rules {
            if let InjectedFault::Delay(wait) = rule.what {
                longest = longest.max(wait);
            }
        }
        longest
    }

    /// What goes wrong with this call. Every rule that matches it counts it.
    pub(crate) fn strike(&mut self, method: &Method, path: &[&str]) -> Vec<InjectedFault> {
        let mut faults = Vec::new();
        for rule in &mut self.rules {
            if rule.on.matches(method, path) && rule.strikes_next() {
                faults.push(rule.what.clone());
            }
        }
        self.struck += faults.len();
        faults
    }

    /// How many faults have struck so far.
    pub(crate) fn struck(&self) -> usize {
        self.struck
    }
}

impl FaultRule {
    /// Counts a call that matches, and says whether it is struck.
    fn strikes_next(&mut self) -> bool {
        self.met += 1;
        match &mut self.when {
            FaultTrigger::Always => true,
            FaultTrigger::Nth(nth) => self.met == *nth,
            FaultTrigger::Every(nth) => self.met.is_multiple_of(*nth),
            FaultTrigger::Chance {
                probability,
                random,
            } => random.share() < *probability,
        }
    }
}

impl CallPattern {
    fn matches(&self, method: &Method, path: &[&str]) -> bool {
        if self.method.as_ref().is_some_and(|wanted| wanted != method) {
            return false;
        }
        let (fixed, has_fitting_length) = match self.segments.split_last() {
            Some((last, fixed)) if last == "**" => (fixed, path.len() >= fixed.len()),
            Some(_) | None => (&self.segments[..], path.len() == self.segments.len()),
        };
        let mut pairs = fixed.iter().zip(path);
        has_fitting_length && pairs.all(|(pattern, segment)| pattern == "*" || pattern == segment)
    }
}
