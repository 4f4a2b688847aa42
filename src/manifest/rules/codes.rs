//! A code of the learner record has to be in the list of its field.

use crate::domain::field::{Field, Shape, ValueKind};
use crate::findings::{Code, Finding};
use crate::manifest::tree::node::Node;

pub(crate) fn check(field: &Field, node: &Node) -> Option<Finding> {
    let ValueKind::Text(Shape::Code(codes)) = field.kind else {
        return None;
    };
    let text = node.text().map(str::trim).filter(|text| !text.is_empty())?;
    if codes.contains(&text) {
        return None;
    }
    let message = format!("`{}` isn't a code of the learner record", field.name);
    let help = format!("the codes are {}", codes.join(", "));
    Some(Finding::new(Code::UnknownCode, node.span, message, help))
}
