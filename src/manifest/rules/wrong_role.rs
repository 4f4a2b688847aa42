//! `wrong-role`: a reference to a declared user whose role can't serve. `plan` looks at the roles of live accounts.

use crate::findings::{Finding, Rule, Severity};
use crate::manifest::rules::in_backticks;
use crate::manifest::unchecked_user::UncheckedUser;
use crate::manifest::user_references::{NamedUsers, UserReference, references_of};

pub static RULE: Rule = Rule {
    name: "wrong-role",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "A reference to a declared user whose role can't serve: an employer as assessor, say.",
    explanation: "`defaultAssessor` takes trainee assessors, assessors and IQAs; `defaultEmployer` takes employers.",
};

pub(crate) fn check(users: &[&UncheckedUser]) -> Vec<Finding> {
    let mut references = Vec::new();
    for user in users {
        references.extend(references_of(user));
    }
    let named = NamedUsers::new(users, &references);
    references
        .iter()
        .filter_map(|reference| wrong_role(reference, &named))
        .collect()
}

/// A finding if users are declared that the reference names, and none has a role that serves.
fn wrong_role(made: &UserReference<'_>, users: &NamedUsers<'_>) -> Option<Finding> {
    let named = users.named_by(made.reference);
    let first = named.first()?;
    if named.iter().any(|user| made.serving.contains(&user.role)) {
        return None;
    }
    let (key, role) = (made.key.name(), first.role.name());
    let serving: Vec<_> = made.serving.iter().map(|role| role.name()).collect();
    let message = format!("`{key}` names a user whose role is `{role}`");
    let help = format!(
        "name somebody whose role is {}",
        in_backticks(&serving).join(" or ")
    );
    let finding = Finding::new(&RULE, made.user.span(made.key), message, help);
    Some(finding.label(first.user.identity(), "declared here"))
}
