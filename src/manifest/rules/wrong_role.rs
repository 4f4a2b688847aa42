//! `wrong-role`: a reference to a declared user whose role can't serve. `plan` looks at the roles of live accounts.

use foldhash::HashMap;

use crate::domain::field::{Key, Referent, ValueKind};
use crate::domain::role::Role;
use crate::domain::{EntryId, Reference, UserName, Value};
use crate::findings::source::Span;
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::rules::in_backticks;
use crate::manifest::unchecked_user::UncheckedUser;

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
    let roles = DeclaredRoles::new(users, &references);
    references
        .iter()
        .filter_map(|reference| wrong_role(reference, &roles))
        .collect()
}

/// What one user refers to another by.
struct UserReference<'u> {
    user: &'u UncheckedUser,
    key: Key,
    /// The roles of which one is due.
    serving: &'static [Role],
    reference: &'u Reference,
}

fn references_of(user: &UncheckedUser) -> Vec<UserReference<'_>> {
    let mut references = Vec::new();
    for (key, value) in user.values.iter() {
        if let ValueKind::Reference(Referent::User(serving)) = key.row().kind
            && let Value::Reference(reference) = value
        {
            references.push(UserReference {
                user,
                key,
                serving,
                reference,
            });
        }
    }
    references
}

/// The role of a declared user, and where the user is declared.
struct DeclaredRole {
    role: Role,
    place: Span,
}

/// The roles of the users that references name. Most users are named by none, so only those are kept.
#[derive(Default)]
struct DeclaredRoles<'u> {
    mis_ids: HashMap<&'u str, Vec<DeclaredRole>>,
    /// In lower case.
    emails: HashMap<String, Vec<DeclaredRole>>,
    ids: HashMap<EntryId, Vec<DeclaredRole>>,
}

impl<'u> DeclaredRoles<'u> {
    fn new(users: &[&'u UncheckedUser], references: &[UserReference<'u>]) -> Self {
        let mut roles = Self::default();
        for made in references {
            roles.expect(made.reference);
        }
        for user in users {
            if let Some(role) = user.role {
                roles.add(user, role);
            }
        }
        roles
    }

    /// Makes room for the users that a reference names.
    fn expect(&mut self, reference: &'u Reference) {
        match reference {
            Reference::Named(name) | Reference::MisId(name) => {
                for mis_id in UserName::of(name).mis_ids() {
                    self.mis_ids.entry(mis_id).or_default();
                }
            }
            Reference::Email(email) => {
                self.emails.entry(email.to_lowercase()).or_default();
            }
            Reference::Id(id) => {
                self.ids.entry(*id).or_default();
            }
            Reference::Name(_) => {}
        }
    }

    /// Adds a user wherever a reference expects it.
    fn add(&mut self, user: &UncheckedUser, role: Role) {
        let place = user.identity();
        if let Some(mis_id) = user.mis_id()
            && let Some(roles) = self.mis_ids.get_mut(mis_id)
        {
            roles.push(DeclaredRole { role, place });
        }
        if !self.emails.is_empty()
            && let Some(email) = user.text(Key::Email)
            && let Some(roles) = self.emails.get_mut(&email.to_lowercase())
        {
            roles.push(DeclaredRole { role, place });
        }
        if let Some(id) = &user.id
            && let Some(roles) = self.ids.get_mut(&id.value.into())
        {
            roles.push(DeclaredRole { role, place });
        }
    }

    fn named_by(&self, reference: &Reference) -> Vec<&DeclaredRole> {
        let found = match reference {
            Reference::Named(name) | Reference::MisId(name) => {
                return self.called(UserName::of(name));
            }
            Reference::Email(email) => self.emails.get(&email.to_lowercase()),
            Reference::Id(id) => self.ids.get(id),
            Reference::Name(_) => None,
        };
        found.into_iter().flatten().collect()
    }

    fn called(&self, name: UserName<'_>) -> Vec<&DeclaredRole> {
        let mut called = Vec::new();
        for mis_id in name.mis_ids() {
            let users = self.mis_ids.get(mis_id).into_iter().flatten();
            called.extend(users.filter(|user| name.means(user.role, mis_id)));
        }
        called
    }
}

/// A finding if users are declared that the reference names, and none has a role that serves.
fn wrong_role(made: &UserReference<'_>, roles: &DeclaredRoles<'_>) -> Option<Finding> {
    let named = roles.named_by(made.reference);
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
    Some(finding.label(first.place, "declared here"))
}
