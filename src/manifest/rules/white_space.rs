//! White space at the ends of a text is dropped when manifests are read; other tools don't do that.

use crate::domain::field::{Field, Shape, ValueKind};
use crate::findings::{Code, Finding};
use crate::manifest::tree::node::{Node, NodeData};

pub(crate) fn check(field: &Field, node: &Node) -> Option<Finding> {
    // Texts of a strict form are found by that.
    let takes_text = matches!(
        field.kind,
        ValueKind::Text(Shape::Free | Shape::Code(_)) | ValueKind::Reference(_)
    );
    let NodeData::Text(text) = &node.data else {
        return None;
    };
    // The line end of a block of lines is how blocks are written.
    let line = text.strip_suffix('\n').unwrap_or(text);
    let trimmed = line.trim();
    if !takes_text || line.len() == trimmed.len() || trimmed.is_empty() {
        return None;
    }
    let message = format!("white space at the ends of `{}`", field.name);
    Some(Finding::new(
        Code::WhiteSpace,
        node.span,
        message,
        "take it away; it isn't read anyway",
    ))
}
