//! `overlay-stranger`: rows of an overlay whose MIS values no manifest declares. Joining finds them.

use crate::findings::source::Span;
use crate::findings::{Finding, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "overlay-stranger",
    severity: Severity::Warning,
    is_adjustable: true,
    meaning: "Rows of an overlay whose MIS values no manifest declares.",
    explanation: "They are left out. Mostly a misspelt key, or an extract of more people than the manifests declare.",
};

/// One finding for all such rows of an overlay; none if there are none.
pub(crate) fn finding(rows: &[Span]) -> Option<Finding> {
    let first = rows.first()?;
    let noun = if rows.len() == 1 { "row" } else { "rows" };
    let message = format!(
        "{} {noun} with a `misId` that no manifest declares; this is the first",
        rows.len()
    );
    let help = "fix the key, or declare the user; what isn't declared isn't managed";
    Some(Finding::new(&RULE, *first, message, help))
}
