//! Who is referred to has to be of a role that can serve: as far as the manifests know, here; live accounts are `plan`'s.

use foldhash::HashMap;

use crate::domain::field::{Key, Referent, Role, ValueKind};
use crate::domain::{EntryId, Reference, Value};
use crate::findings::source::Span;
use crate::findings::{Code, Finding};
use crate::manifest::unchecked_user::UncheckedUser;

pub(crate) fn check(candidates: &[&UncheckedUser]) -> Vec<Finding> {
    let references: Vec<_> = candidates
        .iter()
        .flat_map(|user| references(user))
        .collect();
    let people = DeclaredRoles::of(candidates, &references);
    references
        .iter()
        .filter_map(|reference| wrong(reference, &people))
        .collect()
}

/// Somebody declared, by role and place.
type DeclaredRole = (Role, Span);

/// Declared users by what somebody refers to them by: few are, of many.
#[derive(Default)]
struct DeclaredRoles<'c> {
    mis_ids: HashMap<&'c str, Vec<DeclaredRole>>,
    emails: HashMap<String, Vec<DeclaredRole>>,
    ids: HashMap<EntryId, Vec<DeclaredRole>>,
}

impl<'c> DeclaredRoles<'c> {
    fn of(candidates: &[&'c UncheckedUser], references: &[UserReference<'c>]) -> Self {
        let mut people = Self::default();
        for made in references {
            people.expect(made.reference);
        }
        for (user, role) in candidates
            .iter()
            .filter_map(|user| Some((user, user.role?)))
        {
            let whose = (role, user.identity());
            if let Some(found) = user
                .mis_id()
                .and_then(|mis_id| people.mis_ids.get_mut(mis_id))
            {
                found.push(whose);
            }
            if !people.emails.is_empty()
                && let Some(found) = user
                    .text(Key::Email)
                    .and_then(|email| people.emails.get_mut(&email.to_lowercase()))
            {
                found.push(whose);
            }
            if let Some(found) = user
                .id
                .as_ref()
                .and_then(|id| people.ids.get_mut(&id.value.into()))
            {
                found.push(whose);
            }
        }
        people
    }

    fn expect(&mut self, reference: &'c Reference) {
        match reference {
            Reference::Named(mis_id) | Reference::MisId(mis_id) => {
                self.mis_ids.entry(mis_id).or_default();
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

    fn called(&self, reference: &Reference) -> &[DeclaredRole] {
        let found = match reference {
            Reference::Named(mis_id) | Reference::MisId(mis_id) => {
                self.mis_ids.get(mis_id.as_str())
            }
            Reference::Email(email) => self.emails.get(&email.to_lowercase()),
            Reference::Id(id) => self.ids.get(id),
            Reference::Name(_) => None,
        };
        found.map_or(&[], Vec::as_slice)
    }
}

/// A reference, and who makes it.
struct UserReference<'c> {
    user: &'c UncheckedUser,
    key: Key,
    serving: &'static [Role],
    reference: &'c Reference,
}

/// What a user refers to other users by.
fn references(user: &UncheckedUser) -> impl Iterator<Item = UserReference<'_>> {
    user.values
        .iter()
        .filter_map(move |(key, value)| match (key.row().kind, value) {
            (ValueKind::Reference(Referent::User(serving)), Value::Reference(reference)) => {
                Some(UserReference {
                    user,
                    key,
                    serving,
                    reference,
                })
            }
            _ => None,
        })
}

fn wrong(made: &UserReference<'_>, people: &DeclaredRoles<'_>) -> Option<Finding> {
    let found = people.called(made.reference);
    let (role, place) = found.first()?;
    if found.iter().any(|(role, _)| made.serving.contains(role)) {
        return None;
    }
    let message = format!(
        "`{}` names a user whose role is `{}`",
        made.key.name(),
        role.name()
    );
    let able: Vec<_> = made
        .serving
        .iter()
        .map(|role| format!("`{}`", role.name()))
        .collect();
    let help = format!("name somebody whose role is {}", able.join(" or "));
    Some(
        Finding::new(Code::WrongRole, made.user.span(made.key), message, help)
            .label(*place, "declared here"),
    )
}
