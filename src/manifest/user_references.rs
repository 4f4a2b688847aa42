//! What declared users refer to each other by, and whom of the declared users each reference names.

use foldhash::HashMap;

use crate::domain::field::{Key, Referent, ValueKind};
use crate::domain::role::Role;
use crate::domain::{EntryId, Reference, UserName, Value};
use crate::manifest::unchecked_user::UncheckedUser;

/// What one user refers to another by.
pub(crate) struct UserReference<'u> {
    pub(crate) user: &'u UncheckedUser,
    pub(crate) key: Key,
    /// The roles of which one is due.
    pub(crate) serving: &'static [Role],
    pub(crate) reference: &'u Reference,
}

pub(crate) fn references_of(user: &UncheckedUser) -> Vec<UserReference<'_>> {
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
    for (key, named) in user.assignments.iter().flat_map(|all| &all.staff) {
        if let ValueKind::References(Referent::User(serving)) = key.row().kind {
            references.extend(named.iter().map(|reference| UserReference {
                user,
                key: *key,
                serving,
                reference,
            }));
        }
    }
    references
}

/// A declared user whom a reference names.
#[derive(Clone, Copy)]
pub(crate) struct NamedUser<'u> {
    pub(crate) user: &'u UncheckedUser,
    pub(crate) role: Role,
}

/// The users that references name. Most users are named by none, so only those are kept.
#[derive(Default)]
pub(crate) struct NamedUsers<'u> {
    mis_ids: HashMap<&'u str, Vec<NamedUser<'u>>>,
    /// In lower case.
    emails: HashMap<String, Vec<NamedUser<'u>>>,
    ids: HashMap<EntryId, Vec<NamedUser<'u>>>,
}

impl<'u> NamedUsers<'u> {
    pub(crate) fn new(users: &[&'u UncheckedUser], references: &[UserReference<'u>]) -> Self {
        let mut named = Self::default();
        for made in references {
            named.expect(made.reference);
        }
        for user in users {
            if let Some(role) = user.role {
                named.add(NamedUser { user, role });
            }
        }
        named
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
    fn add(&mut self, named: NamedUser<'u>) {
        let user = named.user;
        if let Some(mis_id) = user.mis_id()
            && let Some(users) = self.mis_ids.get_mut(mis_id)
        {
            users.push(named);
        }
        if !self.emails.is_empty()
            && let Some(email) = user.text(Key::Email)
            && let Some(users) = self.emails.get_mut(&email.to_lowercase())
        {
            users.push(named);
        }
        if let Some(id) = &user.id
            && let Some(users) = self.ids.get_mut(&id.value.into())
        {
            users.push(named);
        }
    }

    /// The users that a reference names.
    pub(crate) fn named_by(&self, reference: &Reference) -> Vec<NamedUser<'u>> {
        let found = match reference {
            Reference::Named(name) | Reference::MisId(name) => {
                return self.called(UserName::of(name));
            }
            Reference::Email(email) => self.emails.get(&email.to_lowercase()),
            Reference::Id(id) => self.ids.get(id),
            Reference::Name(_) => None,
        };
        found.into_iter().flatten().copied().collect()
    }

    fn called(&self, name: UserName<'_>) -> Vec<NamedUser<'u>> {
        let mut called = Vec::new();
        for mis_id in name.mis_ids() {
            let users = self.mis_ids.get(mis_id).into_iter().flatten();
            called.extend(users.copied().filter(|user| name.means(user.role, mis_id)));
        }
        called
    }
}
