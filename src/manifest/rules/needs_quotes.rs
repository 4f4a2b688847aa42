//! `needs-quotes`: plain text that some YAML readers take for a number, a flag or a day. With quotes, every tool that
//! reads the file reads the same.

use crate::domain::field::{Class, Field, Key, ValueKind};
use crate::findings::{Finding, FixKind, Rule, Severity};
use crate::manifest::tree::node::{MapEntry, Node, NodeData};
use crate::manifest::tree::scalar::is_misread;

pub static RULE: Rule = Rule {
    name: "needs-quotes",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "A plain value that some YAML readers take for a number, a flag or a day, such as `01108` or `NO`.",
    explanation: "Readers of YAML 1.1 and 1.2 disagree on such words, so that two tools would read two things from one file. Quotes \
end the doubt:\n\n    classroom: 01108      # 1108, 584 or text, by reader\n    classroom: \"01108\"    # text",
};

pub(crate) fn check(field: &Field, node: &Node) -> Option<Finding> {
    if !matches!(field.kind, ValueKind::Text(_) | ValueKind::Reference(_)) {
        return None;
    }
    match &node.data {
        // `{ misId: 01108 }`
        NodeData::Map(entries) => entries.iter().find_map(|entry| check_entry(field, entry)),
        NodeData::Text(text) if node.is_plain && is_misread(text) => {
            let message = format!(
                "`{}` is text, and some YAML readers take this for a number, a flag or a day",
                field.name
            );
            let help = quote_it(field.key, node);
            Some(Finding::new(&RULE, node.span, message, help).fixed_by(FixKind::Quote))
        }
        NodeData::Text(_)
        | NodeData::Null
        | NodeData::Flag(_)
        | NodeData::Integer(_)
        | NodeData::List(_) => None,
    }
}

fn check_entry(field: &Field, entry: &MapEntry) -> Option<Finding> {
    let inner = Key::named(&entry.key.value).map(Key::row);
    check(inner.unwrap_or(field), &entry.value)
}

/// The help for a plain scalar that should be text. A value that isn't public shows as `…`.
pub(crate) fn quote_it(key: Key, node: &Node) -> String {
    let value = match &node.data {
        _ if key.row().class != Class::Public => "…".to_owned(),
        NodeData::Text(text) => text.to_string(),
        NodeData::Integer(number) => number.to_string(),
        NodeData::Flag(flag) => flag.to_string(),
        NodeData::Null | NodeData::List(_) | NodeData::Map(_) => "…".to_owned(),
    };
    if key.row().kind.of_item().is_some() {
        return format!("quote it: `\"{value}\"`");
    }
    format!("quote it: `{}: \"{value}\"`", key.name())
}
