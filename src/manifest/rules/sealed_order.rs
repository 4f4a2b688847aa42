//! `sealed-order`: a sealed file whose lines aren't sorted. The reader of sealed files finds it.

use crate::findings::source::Span;
use crate::findings::{Finding, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "sealed-order",
    severity: Severity::Warning,
    is_adjustable: true,
    meaning: "A line of a sealed file that isn't in the order of MIS values.",
    explanation: "In order, two branches that change different people merge by themselves. `rosterctl seal` writes the lines in order.",
};

pub(crate) fn finding(span: Span) -> Finding {
    let message = "this line isn't in the order of MIS values";
    let help = "run `rosterctl seal` on the plain CSV, which sorts the lines";
    Finding::new(&RULE, span, message, help)
}
