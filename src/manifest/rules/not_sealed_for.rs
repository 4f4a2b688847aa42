//! `not-sealed-for`: a sealed row that others can open than should. The reader of sealed files finds it.

use crate::findings::source::Span;
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::sealed_fault::SealedFault;

pub static RULE: Rule = Rule {
    name: "not-sealed-for",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "A sealed row that this run's key doesn't open, or that is sealed for others than rosterctl.yaml names.",
    explanation: "`seal.recipients` in rosterctl.yaml says who can open sealed rows. After a change there, somebody who has a key runs \
`rosterctl seal --rotate FILE`, which seals every row again. If only your key fails, ask that it be added to the recipients. \
Former recipients can still open the rows that git has from their time.",
};

pub(crate) fn finding(kind: SealedFault, span: Span) -> Finding {
    let (message, help) = match kind {
        SealedFault::NoKey => (
            "the key of this run doesn't open this row",
            "give the key of one of the recipients, or let one of them run `rosterctl seal --rotate`",
        ),
        _ => (
            "this row isn't sealed for the recipients that rosterctl.yaml names",
            "run `rosterctl seal --rotate` with a key that opens it",
        ),
    };
    Finding::new(&RULE, span, message, help)
}
