//! Plain text that some reader of YAML takes for a number, a flag or a day has to be quoted, so that every tool that
//! touches the file reads the same.

use crate::diagnostic::{Code, Finding};
use crate::field::{Field, Key, Kind};
use crate::manifest::quote_it;
use crate::manifest::scalar::is_misread;
use crate::manifest::tree::{Data, Entry, Node};

pub(crate) fn check(field: &Field, node: &Node) -> Option<Finding> {
    let takes_text = matches!(field.kind, Kind::Text(_) | Kind::Reference(_));
    match &node.data {
        // `{ misId: 01108 }`
        Data::Map(entries) if takes_text => {
            let inside = |entry: &Entry| match Key::named(&entry.key.value) {
                Some(key) => check(key.row(), &entry.value),
                None => check(field, &entry.value),
            };
            entries.iter().find_map(inside)
        }
        Data::Text(text) if node.is_plain && takes_text && is_misread(text) => {
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
