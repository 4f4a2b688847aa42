//! `empty-file`: a file that declares no users. The users who stood in it aren't managed any more.

use crate::findings::source::Span;
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::csv_format::{CsvSettings, names_table};
use crate::manifest::tree::document::{USERS, entries};
use crate::manifest::tree::node::{Node, NodeData};
use crate::manifest::unchecked_user::UncheckedUser;

pub static RULE: Rule = Rule {
    name: "empty-file",
    severity: Severity::Error,
    is_adjustable: true,
    meaning: "A manifest that holds nothing, or a table without rows.",
    explanation: "Users who leave the manifests stop being managed, so a file that was emptied by accident must not go by in silence. \
Delete the file, or write its users.",
};

/// A list of users that is empty, in a document that reads no table.
pub(crate) fn check(document: &Node, _users: &[UncheckedUser]) -> Vec<Finding> {
    if names_table(document) {
        return Vec::new();
    }
    let Some(list) = document.get(USERS) else {
        return Vec::new();
    };
    if !matches!(&list.value.data, NodeData::List(users) if users.is_empty()) {
        return Vec::new();
    }
    let message = "a list of users that is empty";
    let help = if entries(document).is_empty() {
        "write users below it, or delete the file"
    } else {
        "write users below it, or take the key away"
    };
    vec![Finding::new(&RULE, list.key.span, message, help)]
}

/// A table that has a header and no other row. Its place is the header.
pub(crate) fn csv_without_rows(header: Span, settings: CsvSettings) -> Finding {
    let message = "a table without rows";
    Finding::new(&RULE, header, message, settings.no_rows_help())
}
