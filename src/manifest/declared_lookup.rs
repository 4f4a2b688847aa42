//! Where people stand in what was read: who is declared at a place, who is called by a name, and where somebody is named. For
//! editors, which look around in manifests that may have errors.

use crate::domain::field::{Key, Referent, ValueKind};
use crate::domain::role::Role;
use crate::domain::{EntryKind, Reference, UserName};
use crate::findings::source::{FileId, Span};
use crate::manifest::unchecked_user::UncheckedUser;
use crate::manifest::user_references::references_of;
use crate::manifest::validate::Declarations;

/// A declared user, as far as finding them goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeclaredPerson<'d> {
    pub mis_id: Option<&'d str>,
    pub role: Option<Role>,
    /// Where the user says who they are.
    pub identity: Span,
    /// The whole user.
    pub place: Span,
}

impl Declarations {
    /// The users in the order of their files.
    fn everybody(&self) -> impl Iterator<Item = &UncheckedUser> {
        self.users.iter().flat_map(|file| file.iter())
    }

    /// The user who is declared round a byte of a file: in a mapping, or in a row of a table.
    pub fn person_at(&self, file: FileId, byte: u32) -> Option<DeclaredPerson<'_>> {
        self.user_at(file, byte).map(person)
    }

    /// Where each field of that user is written: with the user, or wherever else a value for the user stands.
    pub fn fields_at(&self, file: FileId, byte: u32) -> Vec<(Key, Span)> {
        let user = self.user_at(file, byte);
        user.map(UncheckedUser::written_fields).unwrap_or_default()
    }

    /// How many users take a field from this place.
    pub fn users_of(&self, key: Key, place: Span) -> usize {
        let takes = |user: &&UncheckedUser| {
            let mut fields = user.written_fields().into_iter();
            fields.any(|field| field == (key, place))
        };
        self.everybody().filter(takes).count()
    }

    /// The users whom a name means: a MIS value, perhaps with a role before it.
    pub fn called(&self, name: UserName<'_>) -> Vec<DeclaredPerson<'_>> {
        let is_meant = |user: &&UncheckedUser| {
            let Some(mis_id) = user.mis_id() else {
                return false;
            };
            match user.role {
                Some(role) => name.means(role, mis_id),
                None => name.mis_ids().any(|meant| meant == mis_id),
            }
        };
        self.everybody().filter(is_meant).map(person).collect()
    }

    /// The users of some roles who have a MIS value.
    pub fn people_of<'d>(&'d self, roles: &'d [Role]) -> impl Iterator<Item = DeclaredPerson<'d>> {
        let is_of = |user: &&UncheckedUser| {
            user.mis_id().is_some() && user.role.is_some_and(|role| roles.contains(&role))
        };
        self.everybody().filter(is_of).map(person)
    }

    /// Where users name a person by MIS value. Of a list it is the whole list.
    pub fn naming(&self, mis_id: &str, role: Option<Role>) -> Vec<Span> {
        let mut places = Vec::new();
        for user in self.everybody() {
            for made in references_of(user) {
                let (Reference::Named(name) | Reference::MisId(name)) = made.reference else {
                    continue;
                };
                let may_serve = role.is_none_or(|role| made.serving.contains(&role));
                if may_serve && means(UserName::of(name), mis_id, role) {
                    places.push(user.span(made.key));
                }
            }
            for other in &user.also_has {
                let name = other.value.user();
                if name.is_some_and(|name| means(name, mis_id, role)) {
                    places.push(other.span);
                }
            }
        }
        places.sort_unstable();
        places.dedup();
        places
    }

    /// The names and MIS values of the declared placements or classrooms, and where each stands.
    pub fn entry_names(&self, kind: EntryKind) -> Vec<(&str, Span)> {
        let mut names = Vec::new();
        for entry in self.entries.iter().filter(|entry| entry.kind == kind) {
            for key in [Key::Name, Key::MisId] {
                names.extend(entry.text(key).map(|name| (name, entry.span(key))));
            }
        }
        names
    }

    fn user_at(&self, file: FileId, byte: u32) -> Option<&UncheckedUser> {
        let holds = |span: Span| span.file == file && span.start <= byte && byte <= span.end;
        let around = self.everybody().filter(|user| holds(user.place));
        // Two users touch where one ends and the next begins.
        around.max_by_key(|user| user.place.start)
    }
}

fn means(name: UserName<'_>, mis_id: &str, role: Option<Role>) -> bool {
    match role {
        Some(role) => name.means(role, mis_id),
        None => name.mis_ids().any(|meant| meant == mis_id),
    }
}

fn person(user: &UncheckedUser) -> DeclaredPerson<'_> {
    DeclaredPerson {
        mis_id: user.mis_id(),
        role: user.role,
        identity: user.identity(),
        place: user.place,
    }
}

/// The roles that a field takes, if it refers to users.
pub fn serving_roles(key: Key) -> Option<&'static [Role]> {
    match key.row().kind {
        ValueKind::Reference(Referent::User(roles))
        | ValueKind::References(Referent::User(roles)) => Some(roles),
        _ => None,
    }
}
