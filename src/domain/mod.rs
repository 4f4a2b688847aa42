//! The two sides of a plan, as plain values: the roster that the manifests declare and the snapshot that the server was
//! seen to hold; and the policy between them. Knows no wire name and no file format.

pub mod clock;
pub mod field;
pub mod london;
pub mod redact;

mod ids;

mod fields;
mod identity;
mod maintenance;
mod normalise;
mod observed;
mod scope;
mod snapshot;
mod value;

pub use crate::domain::fields::Fields;
pub use crate::domain::identity::{
    IdentityMark, MarkUse, MarkValue, STAYS_WITH_A_PERSON, SharedMark, TELLS_DUPLICATES,
    TELLS_NAMESAKES_APART, TELLS_PAIRS, identifying, marks, marks_of_declared, normalisation,
    shared_marks, shared_marks_of,
};
pub use crate::domain::ids::{AccountId, EntryId, OrganisationId};
pub use crate::domain::maintenance::{Days, MaintenanceWindow, MaintenanceWindows, NextWindow};
pub use crate::domain::normalise::{Normalisation, normalise, plain_letters};
pub use crate::domain::observed::ObservedFields;
pub use crate::domain::scope::{Scope, UserEdit};
pub use crate::domain::snapshot::{Account, ResolvedCreate, Snapshot, UnclearCreate, UnclearKind};
pub use crate::domain::value::{FieldText, ObservedValue, Reference, Value};

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::field::{FIELDS, Key, Referent, Role, ValueKind};
use crate::findings::source::Place;

/// A declared user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredUser {
    /// The account that this user is pinned to.
    pub id: Option<AccountId>,
    /// Accounts that belong to other people although they look like this user's.
    pub distinct_from: BTreeSet<AccountId>,
    /// A person has confirmed that the changed account still belongs to the same person.
    pub same_person: bool,
    pub role: Role,
    /// Every other declared field.
    pub values: Fields<Value>,
    pub place: Place,
}

impl DeclaredUser {
    pub fn text(&self, key: Key) -> Option<&str> {
        match self.values.get(key) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub fn mis_id(&self) -> Option<&str> {
        self.text(Key::MisId)
    }

    /// Required fields for a create that are undeclared because their overlay file is missing.
    pub fn lacking(&self) -> Vec<Key> {
        let needed = FIELDS
            .iter()
            .filter(|field| field.kind != ValueKind::Role && field.is_mandatory_for(self.role));
        needed
            .map(|field| field.key)
            .filter(|key| !self.values.contains(*key))
            .collect()
    }

    /// The users that this one refers to by e-mail address, with the roles that can serve.
    pub fn emails_referred_to(&self) -> impl Iterator<Item = (&'static [Role], &str)> {
        self.values
            .iter()
            .filter_map(|(key, value)| match (key.row().kind, value) {
                (
                    ValueKind::Reference(Referent::User(serving)),
                    Value::Reference(Reference::Email(email)),
                ) => Some((serving, email.as_str())),
                _ => None,
            })
    }
}

/// The desired state: everything that valid manifests declare. Only `manifest` makes one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    users: Vec<DeclaredUser>,
    /// Fields that aren't managed in this run because their overlay file is missing.
    unmanaged: BTreeSet<Key>,
}

impl Roster {
    pub(crate) fn new(users: Vec<DeclaredUser>, unmanaged: BTreeSet<Key>) -> Self {
        Self { users, unmanaged }
    }

    pub fn unmanaged(&self) -> &BTreeSet<Key> {
        &self.unmanaged
    }

    pub fn users(&self) -> &[DeclaredUser] {
        &self.users
    }

    /// The same users, with other values.
    pub(crate) fn with_values(&self, mut value: impl FnMut(Key, &Value) -> Value) -> Self {
        let user = |user: &DeclaredUser| {
            let mut values = Fields::default();
            for (key, declared) in user.values.iter() {
                values.insert(key, value(key, declared));
            }
            DeclaredUser {
                values,
                ..user.clone()
            }
        };
        Self {
            users: self.users.iter().map(user).collect(),
            unmanaged: self.unmanaged.clone(),
        }
    }

    /// The kinds of things that the planned users refer to. Their lists have to be fetched to resolve references.
    pub fn referents(&self, scope: &Scope) -> BTreeSet<Referent> {
        let planned = self
            .users
            .iter()
            .enumerate()
            .filter(|(at, _)| scope.includes(*at));
        planned
            .flat_map(|(_, user)| user.values.keys())
            .filter_map(|key| key.row().referent())
            .collect()
    }
}

/// The organisation, with the settings that decide whether a new account e-mails its person; `None` for a setting that the
/// server didn't return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    pub id: OrganisationId,
    pub name: String,
    pub keychain_creation: Option<bool>,
    pub email_suppression: Option<bool>,
}

/// Something that users refer to: a classroom, a placement, a provider, a learner status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryEntry {
    pub id: EntryId,
    pub name: String,
    pub mis_id: Option<String>,
}

/// What rosters refer to but don't manage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    entries: BTreeMap<Referent, Vec<DirectoryEntry>>,
}

impl Directory {
    pub fn new(entries: BTreeMap<Referent, Vec<DirectoryEntry>>) -> Self {
        Self { entries }
    }

    pub fn of(&self, referent: Referent) -> &[DirectoryEntry] {
        self.entries.get(&referent).map_or(&[], Vec::as_slice)
    }
}

/// The limits of one apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub creates: Creates,
    pub archived: Archived,
    pub max_creates: Limit,
    pub max_updates: Limit,
}

/// How many operations of a kind are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    Count(usize),
    /// A share of the matched users. A small number is always allowed, because a share of a small roster is almost nothing.
    PerCent(usize),
}

/// Whether accounts may be created at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Creates {
    Allowed,
    Never,
}

/// Whether lists are known to leave out archived accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Archived {
    /// Not known: if an account exists and no list shows it, lists can't be relied on.
    Unknown,
    /// Lists hide archived accounts, and creates are allowed all the same.
    Hidden,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            creates: Creates::Allowed,
            archived: Archived::Unknown,
            max_creates: Limit::Count(25),
            max_updates: Limit::PerCent(30),
        }
    }
}
