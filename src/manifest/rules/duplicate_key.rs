//! `duplicate-key`: a mapping that holds one key twice. The YAML reader finds it and keeps the first.

use crate::findings::source::Span;
use crate::findings::{Finding, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "duplicate-key",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "A mapping holds one key twice.",
    explanation: "Most YAML readers keep one of the two in silence, and not all the same one. Keep the one that is right.",
};

pub(crate) fn finding(first: Span, second: Span) -> Finding {
    let message = "a key stands twice in one mapping";
    Finding::new(&RULE, second, message, "keep one of the two").label(first, "first here")
}
