//! Plain text that some reader of YAML takes for a number, a flag or a day has to be quoted, so that every tool that
//! touches the file reads the same.

use crate::domain::field::{Field, Key, ValueKind};
use crate::findings::{Code, Finding};
use crate::manifest::quote_it;
use crate::manifest::tree::node::{MapEntry, Node, NodeData};
use crate::manifest::tree::scalar::is_misread;

pub(crate) fn check(field: &Field, node: &Node) -> Option<Finding> {
    let takes_text = matches!(field.kind, ValueKind::Text(_) | ValueKind::Reference(_));
    match &node.data {
        // `{ misId: 01108 }`
        NodeData::Map(entries) if takes_text => {
            let inside = |entry: &MapEntry| match Key::named(&entry.key.value) {
                Some(key) => check(key.row(), &entry.value),
                None => check(field, &entry.value),
            };
            entries.iter().find_map(inside)
        }
        NodeData::Text(text) if node.is_plain && takes_text && is_misread(text) => {
            let message = format!(
                "`{}` is text, and some YAML readers take this for a number, a flag or a day",
                field.name
            );
            Some(Finding::new(
                Code::NeedsQuotes,
                node.span,
                message,
                quote_it(field.key, node),
            ))
        }
        _ => None,
    }
}
