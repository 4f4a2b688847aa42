//! The result of a rehearsal. Its words say that nothing was sent to OneFile.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::apply::{Deviation, Outcome};
use crate::findings::source::Place;
use crate::plan::Plan;
use crate::render::options::RenderOptions;
use crate::render::outcome::text::{
    applied_line, deviation_lines, people_line, result_line, stop_line,
};
use crate::render::words::count;

/// The result of applying a plan in the sandbox, and what was left to do afterwards.
#[derive(Debug)]
pub struct Rehearsed {
    pub outcome: Outcome,
    pub deviations: Vec<Deviation>,
    /// The plan afterwards.
    pub again: Plan,
    pub calls: Calls,
    /// The operations of the plan of the invented people.
    pub outline: BTreeSet<(Place, String)>,
    /// How many calls failed on purpose; `None` without `--faults`.
    pub struck: Option<usize>,
    /// Whether these are the operations of the plan of the real people.
    pub is_alike: bool,
}

/// How many calls a plan and an apply make.
#[derive(Clone, Copy, Debug)]
pub struct Calls {
    pub plan: usize,
    /// Including those that read before and after.
    pub apply: usize,
    /// Calls a minute.
    pub limit: u32,
}

impl Rehearsed {
    /// Whether everything was done, verification found no differences, and the plan afterwards has nothing to do.
    pub fn is_settled(&self) -> bool {
        self.outcome.tally().undone() == 0
            && self.outcome.halt.is_none()
            && self.deviations.is_empty()
            && self.again.is_settled()
    }
}

/// At most this many operations that weren't done are shown; they take a screen.
const SHOWN: usize = 20;

/// The result of a rehearsal. `after` is the text of the plan afterwards.
pub fn rehearsed(rehearsed: &Rehearsed, after: &str, options: RenderOptions) -> String {
    let outcome = &rehearsed.outcome;
    let tally = outcome.tally();
    let mut text =
        "\nRehearsed in the sandbox, with invented people. Nothing was sent to OneFile.\n"
            .to_owned();
    if !rehearsed.is_alike {
        text += "The plan of the invented people isn't quite this one: what follows is near it. A look at `plan` says more.\n";
    }
    if let Some(number) = rehearsed.struck {
        text += &fault_line(number);
    }
    text += &undone(outcome, options);
    text += &stop_line(outcome);
    text += &deviation_lines(&rehearsed.deviations, options.reveal);
    text += &applied_line(
        tally,
        &[
            (tally.failed, "failed"),
            (tally.not_attempted, "not attempted"),
            (tally.unclear, "unclear"),
        ],
    );
    text += &people_line("would have e-mailed", tally.e_mailed);
    text += &people_line("might have e-mailed", tally.may_have_e_mailed);
    text += &call_line(rehearsed.calls);
    text += "A plan after it says:\n\n";
    text += after;
    // The plan above says what to do about creates that an apply left unclear. After a rehearsal there is nothing to do.
    if tally.unclear > 0 {
        text += "\nWhat this rehearsal has left unclear is so in the rehearsal alone: for that there is nothing to look for in OneFile, and nothing to settle.\n";
    }
    text
}

fn undone(outcome: &Outcome, options: RenderOptions) -> String {
    let mut text = String::new();
    let mut number = 0;
    for (operation, result) in &outcome.results {
        if result.is_done() {
            continue;
        }
        number += 1;
        if number <= SHOWN {
            let _ = writeln!(text, "{}", result_line(operation, result, options));
        }
    }
    if number > SHOWN {
        let _ = writeln!(text, "… {} more", number - SHOWN);
    }
    text
}

fn fault_line(number: usize) -> String {
    if number == 0 {
        return "No call met the trouble of `--faults`: this plan makes none that it is on.\n"
            .to_owned();
    }
    let calls = count(number, "call met", "calls met");
    format!("{calls} the trouble of `--faults`.\n")
}

fn call_line(calls: Calls) -> String {
    // An apply plans again, so both together plan twice.
    let total = 2 * calls.plan + calls.apply;
    let limit = usize::try_from(calls.limit).unwrap_or(usize::MAX).max(1);
    format!(
        "Calls: {} to plan, {} to apply; at {} a minute both take about {}.\n",
        calls.plan,
        calls.plan + calls.apply,
        calls.limit,
        count(total.div_ceil(limit), "minute", "minutes")
    )
}
