//! `sealed-row-broken`: a line of a sealed file that can't be read. The reader of sealed files finds it.

use crate::findings::source::Span;
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::sealed_fault::SealedFault;

pub static RULE: Rule = Rule {
    name: "sealed-row-broken",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "A line of a sealed file that can't be read: cut off, changed, given twice, too long.",
    explanation: "A line is a MIS value, a comma and one sealed cell, and each MIS value stands in one line. A sealed cell can't be \
edited: change the person's row in the plain CSV, and run `rosterctl seal FILE.csv`. Where two branches changed one person, keep \
the whole line of one of them, and seal the other change again.",
};

pub(crate) fn finding(kind: SealedFault, span: Span) -> Finding {
    let (message, help) = match kind {
        SealedFault::Empty => (
            "a sealed file without anything in it",
            "put the file back as git had it, or make it with `rosterctl seal`",
        ),
        SealedFault::NotTwoCells => (
            "a line that isn't a MIS value and a sealed cell",
            "put the line back as git had it",
        ),
        SealedFault::WithoutName => (
            "a sealed row without a MIS value",
            "put the line back as git had it",
        ),
        SealedFault::Repeated => (
            "a second row for this MIS value",
            "keep one of the two lines; `rosterctl seal --open MISID` shows what a row holds",
        ),
        SealedFault::TooLong => (
            "a sealed cell that is longer than any row",
            "put the line back as git had it",
        ),
        SealedFault::NotARow => (
            "what was sealed here isn't a row of an overlay",
            "seal the row again with `rosterctl seal`",
        ),
        _ => (
            "a sealed cell that was cut off or changed",
            "put the line back as git had it, or seal the row again with `rosterctl seal`",
        ),
    };
    Finding::new(&RULE, span, message, help)
}
