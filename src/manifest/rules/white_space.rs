//! `white-space`: white space at the ends of a text. Reading drops it; other tools don't.

use crate::domain::field::{Field, Shape, ValueKind};
use crate::findings::{Finding, FixKind, Rule, Severity};
use crate::manifest::tree::node::{Node, NodeData};

pub static RULE: Rule = Rule {
    name: "white-space",
    severity: Severity::Warning,
    is_adjustable: true,
    meaning: "White space at the ends of a text.",
    explanation: "It is dropped when manifests are read, so that `\"L-0001 \"` is `L-0001`. Tools that compare byte by byte see two \
keys, so it is better taken out.",
};

pub(crate) fn check(field: &Field, node: &Node) -> Option<Finding> {
    // A text of a strict form doesn't match its form with white space, which the schema finds.
    let takes_text = matches!(
        field.kind,
        ValueKind::Text(Shape::Free | Shape::Code(_)) | ValueKind::Reference(_)
    );
    let NodeData::Text(text) = &node.data else {
        return None;
    };
    // A block of lines always ends with a line end.
    let line = text.strip_suffix('\n').unwrap_or(text);
    let trimmed = line.trim();
    if !takes_text || line.len() == trimmed.len() || trimmed.is_empty() {
        return None;
    }
    let message = format!("white space at the ends of `{}`", field.name);
    let help = "take it away; it isn't read anyway";
    Some(Finding::new(&RULE, node.span, message, help).fixed_by(FixKind::Trim))
}
