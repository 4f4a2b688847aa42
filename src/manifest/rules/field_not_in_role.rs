//! `field-not-in-role`: a field that users of this role don't have. The schema finds it.

use crate::domain::field::Key;
use crate::domain::role::Role;
use crate::findings::source::Span;
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::rules::in_backticks;
use crate::manifest::tree::node::Node;

pub static RULE: Rule = Rule {
    name: "field-not-in-role",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "A field that users of this role don't have.",
    explanation: "OneFile knows some fields for learners alone, and placements for learners, employers and observers. A default is \
skipped for roles that don't have it; a user's own key is refused.",
};

/// A field of `user` that its role doesn't have.
pub(crate) fn in_user(key: Key, span: Span, user: &Node) -> Finding {
    let role = user
        .get(Key::Role.name())
        .and_then(|role| role.value.text());
    let whose = match role {
        Some(role) => format!("role `{role}`"),
        None => "the role of `defaults`".to_owned(),
    };
    let roles: Vec<_> = key.row().roles.iter().map(|role| role.name()).collect();
    let message = format!("users of {whose} have no `{}`", key.name());
    let help = format!(
        "take it away; the field is for {}",
        in_backticks(&roles).join(", ")
    );
    Finding::new(&RULE, span, message, help)
}

/// A field below `fields` of a role that doesn't have it.
pub fn in_fields(key: Key, span: Span, role: Role) -> Finding {
    let roles: Vec<_> = key.row().roles.iter().map(|role| role.name()).collect();
    let message = format!("users of role `{}` have no `{}`", role.name(), key.name());
    let help = format!(
        "delete this line; the field is for {}",
        in_backticks(&roles).join(", ")
    );
    Finding::new(&RULE, span, message, help)
}

/// A default for what says who a user is.
pub(crate) fn in_defaults(key: Key, span: Span) -> Finding {
    let message = format!("`{}` can't be a default", key.name());
    let help = "take it away, and give each user its own";
    Finding::new(&RULE, span, message, help)
}
