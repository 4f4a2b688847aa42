//! `unknown-code`: a code that isn't in the learner record's list for its field.

use crate::domain::field::{Field, Shape, ValueKind};
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::rules::placeholder::holds_placeholder;
use crate::manifest::tree::node::Node;

pub static RULE: Rule = Rule {
    name: "unknown-code",
    severity: Severity::Warning,
    is_adjustable: true,
    meaning: "A code that isn't in the learner record's list for its field.",
    explanation: "Ethnicity, sex, disabilities and learning difficulties are codes of the individualised learner record. \
`rosterctl explain ethnicity` and so on list them. Codes keep their leading zeros: `\"04\"`.",
};

pub(crate) fn check(field: &Field, node: &Node) -> Option<Finding> {
    let ValueKind::Text(Shape::Code(codes)) = field.kind else {
        return None;
    };
    let text = node.text()?.trim();
    if text.is_empty() || codes.contains(&text) || holds_placeholder(field, text) {
        return None;
    }
    let message = format!("`{}` isn't a code of the learner record", field.name);
    let help = format!("the codes are {}", codes.join(", "));
    Some(Finding::new(&RULE, node.span, message, help))
}
