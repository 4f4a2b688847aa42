//! `sealed-row-moved`: a sealed row that belongs to somebody else. The reader of sealed files finds it.

use crate::findings::source::Span;
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::sealed_fault::SealedFault;

pub static RULE: Rule = Rule {
    name: "sealed-row-moved",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "A sealed row that belongs to another user or another organisation.",
    explanation: "Each row says inside whose it is. A cell that was copied to another line, or from another project, would give one \
person the data of another. Take the line as it was before (`git log -p FILE` shows it), or seal the person's row again with \
`rosterctl seal`.",
};

pub(crate) fn finding(kind: SealedFault, span: Span) -> Finding {
    let message = match kind {
        SealedFault::OfAnotherOrganisation => "this row was sealed for another organisation",
        _ => "this row was sealed for another user than its line names",
    };
    let help = "put the line back as git had it, or seal the row again with `rosterctl seal`";
    Finding::new(&RULE, span, message, help)
}
