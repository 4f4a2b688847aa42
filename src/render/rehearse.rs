//! What a rehearsal came to: nothing of it was sent to OneFile, and its words say so.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::apply::{Deviation, Outcome, Tally};
use crate::findings::source::Place;
use crate::plan::Plan;
use crate::render::options::RenderOptions;
use crate::render::outcome::text::{deviating, halt, result_line};
use crate::render::words::count;

/// A rehearsed plan, and what was left to do after it.
#[derive(Debug)]
pub struct Rehearsed {
    pub outcome: Outcome,
    pub deviations: Vec<Deviation>,
    /// The plan afterwards.
    pub again: Plan,
    pub calls: Calls,
    /// What the plan of the invented people came to.
    pub outline: BTreeSet<(Place, String)>,
    /// How much went wrong on purpose, where that was asked for.
    pub struck: Option<usize>,
    /// Whether that is what the plan of the real ones comes to.
    pub is_alike: bool,
}

/// How many calls are made.
#[derive(Clone, Copy, Debug)]
pub struct Calls {
    pub plan: usize,
    /// With all that is read before and after.
    pub apply: usize,
    /// A minute.
    pub limit: u32,
}

impl Rehearsed {
    /// Whether everything was done, holds, and leaves nothing to do.
    pub fn is_settled(&self) -> bool {
        self.outcome.tally().undone() == 0
            && self.outcome.halt.is_none()
            && self.deviations.is_empty()
            && self.again.is_settled()
    }
}

/// `after` is the plan afterwards, as text.
pub fn rehearsed(rehearsed: &Rehearsed, after: &str, look: RenderOptions) -> String {
    let outcome = &rehearsed.outcome;
    let Tally {
        created,
        updated,
        failed,
        not_attempted,
        unclear,
        e_mailed,
        may_have_e_mailed,
    } = outcome.tally();
    let mut text =
        "\nRehearsed in the sandbox, with invented people. Nothing was sent to OneFile.\n"
            .to_owned();
    if !rehearsed.is_alike {
        text += "The plan of the invented people isn't quite this one: what follows is near it. A look at `plan` says more.\n";
    }
    text += &rehearsed.struck.map(troubled).unwrap_or_default();
    let undone = outcome
        .results
        .iter()
        .filter(|(_, fate)| fate.account().is_none());
    let lines: Vec<String> = undone
        .map(|(operation, fate)| result_line(operation, fate, look))
        .collect();
    for line in lines.iter().take(SHOWN) {
        let _ = writeln!(text, "{line}");
    }
    if lines.len() > SHOWN {
        let _ = writeln!(text, "… {} more", lines.len() - SHOWN);
    }
    text += &outcome.halt.as_ref().map(halt).unwrap_or_default();
    text += &deviating(&rehearsed.deviations, look.reveal);
    let _ = write!(text, "Applied: {created} created, {updated} updated");
    let others = [
        (failed, "failed"),
        (not_attempted, "not attempted"),
        (unclear, "unclear"),
    ];
    for (number, what) in others.into_iter().filter(|(number, _)| *number > 0) {
        let _ = write!(text, ", {number} {what}");
    }
    text += ".\n";
    for (verb, number) in [
        ("would have e-mailed", e_mailed),
        ("might have e-mailed", may_have_e_mailed),
    ] {
        if number > 0 {
            let _ = writeln!(
                text,
                "OneFile {verb} {}.",
                count(number, "person", "people")
            );
        }
    }
    text += &calls(rehearsed.calls);
    text += "A plan after it says:\n\n";
    text += after;
    // The plan says what is to be done where an apply has left something so.
    if unclear > 0 {
        text += "\nWhat this rehearsal has left unclear is so in the rehearsal alone: for that there is nothing to look for in OneFile, and nothing to settle.\n";
    }
    text
}

fn troubled(struck: usize) -> String {
    match struck {
        0 => "No call met the trouble of `--faults`: this plan makes none that it is on.\n"
            .to_owned(),
        number => format!(
            "{} the trouble of `--faults`.\n",
            count(number, "call met", "calls met")
        ),
    }
}

/// So many operations that weren't done are shown.
const SHOWN: usize = 20;

fn calls(Calls { plan, apply, limit }: Calls) -> String {
    let minutes =
        |calls: usize| calls.div_ceil(usize::try_from(limit).unwrap_or(usize::MAX).max(1));
    let minutes = count(minutes(2 * plan + apply), "minute", "minutes");
    // An apply plans anew, so that it costs a plan, too.
    format!(
        "Calls: {plan} to plan, {} to apply; at {limit} a minute both take about {minutes}.\n",
        plan + apply
    )
}
