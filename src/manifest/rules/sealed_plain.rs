//! `sealed-plain`: something in a sealed file that isn't sealed. The reader of sealed files finds it.

use crate::findings::source::Span;
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::sealed_fault::SealedFault;

pub static RULE: Rule = Rule {
    name: "sealed-plain",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "Something in a sealed file that isn't sealed.",
    explanation: "A sealed file has the columns `misId` and `sealed`, and nothing else. What stands there in plain can be read by \
everybody who can read the repository, and git keeps it: if it was committed, ask who looks after data protection whether that is a \
breach. Move the plain CSV to a place that git ignores, and run `rosterctl seal FILE.csv`.",
};

pub(crate) fn finding(kind: SealedFault, span: Span) -> Finding {
    let message = match kind {
        SealedFault::PlainColumns => {
            "this file is to be sealed, and has other columns than `misId` and `sealed`"
        }
        _ => "this cell is to be sealed, and isn't",
    };
    let help =
        "don't commit it; put the plain CSV where git ignores it, and run `rosterctl seal` on it";
    Finding::new(&RULE, span, message, help)
}

/// A sealed file that a manifest names as an ordinary table. The place is its path.
pub(crate) fn not_said(path: Span) -> Finding {
    let message = "this overlay is sealed, and the manifest doesn't say so";
    Finding::new(&RULE, path, message, "add `sealed: true` below the path")
}
