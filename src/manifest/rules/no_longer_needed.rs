//! `no-longer-needed`: an answer to a question that nobody asks. `plan` knows more such answers, since it sees the accounts.

use jiff::civil::Date;

use crate::domain::field::{Field, Key, ValueKind};
use crate::findings::{Finding, FixKind, Rule, Severity};
use crate::manifest::tree::node::{Node, NodeData};
use crate::manifest::unchecked_user::UncheckedUser;

pub static RULE: Rule = Rule {
    name: "no-longer-needed",
    severity: Severity::Warning,
    is_adjustable: true,
    meaning: "An answer without effect: `samePerson`, `distinctFrom`, `alsoHas`, `replaces`, `creates` or `formerMisId` where nothing is asked.",
    explanation: "These keys answer a question that `plan` asks about one user. If they stay after that, they answer the next question \
too, which nobody has looked at: `samePerson: true` lets the next exchange of two people pass. Delete the key. `validate` finds \
what can't have an effect in any run. `plan` also names answers that the accounts don't need any more: `replaces` and `creates` once \
the user has an account, `distinctFrom` and `alsoHas` if nothing about the accounts that they name is the same, `formerMisId` \
once the account has the new `misId`.",
};

/// An answer that is empty, or says no.
pub(crate) fn check(field: &Field, node: &Node) -> Option<Finding> {
    let has_no_effect = match (field.kind, &node.data) {
        (ValueKind::Flag, NodeData::Flag(is_same)) => field.key == Key::SamePerson && !is_same,
        (ValueKind::Ids | ValueKind::Accounts, NodeData::List(items)) => items.is_empty(),
        _ => false,
    };
    has_no_effect.then(|| {
        let message = format!("`{}` has no effect as it stands", field.name);
        Finding::new(&RULE, node.span, message, "delete it").fixed_by(FixKind::RemoveKey)
    })
}

/// A `formerMisId` that is the user's own `misId`.
pub(crate) fn check_user(user: &UncheckedUser, _today: Date) -> Vec<Finding> {
    let former = user.former_mis_id.as_ref();
    let own = former.filter(|former| user.mis_id() == Some(former.value.as_str()));
    let finding = own.map(|former| {
        let message = "`formerMisId` is the `misId` that this user has";
        Finding::new(&RULE, former.span, message, "delete it").fixed_by(FixKind::RemoveKey)
    });
    finding.into_iter().collect()
}
