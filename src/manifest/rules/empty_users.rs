//! A list of users that is empty: whoever stood there isn't managed any more.

use crate::findings::{Code, Finding};
use crate::manifest::tree::node::{Node, NodeData};
use crate::manifest::unchecked_user::UncheckedUser;

pub(crate) fn check(document: &Node, _users: &[UncheckedUser]) -> Vec<Finding> {
    let list = document
        .get("users")
        .filter(|_| document.get("fromCsv").is_none());
    let empty =
        list.filter(|list| matches!(&list.value.data, NodeData::List(users) if users.is_empty()));
    let help = "write users below it, or delete the file";
    let finding = empty.map(|list| {
        Finding::new(
            Code::EmptyFile,
            list.key.span,
            "a list of users that is empty",
            help,
        )
    });
    finding.into_iter().collect()
}
