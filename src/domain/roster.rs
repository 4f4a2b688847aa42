//! The users that the manifests declare, and the placements and classrooms.

use std::collections::BTreeSet;

use crate::domain::field::{FIELDS, Key, Referent, ValueKind};
use crate::domain::role::Role;
use crate::domain::{
    AccountId, Assignments, DeclaredArchive, DeclaredEntry, FieldPolicy, Fields, Leaving,
    OtherAccount, Reference, Scope, Value,
};
use crate::findings::Rule;
use crate::findings::source::Place;

/// A declared user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredUser {
    /// The account that this user is pinned to.
    pub id: Option<AccountId>,
    /// The MIS value that the account had before, if this change or an earlier one gives it a new one.
    pub former_mis_id: Option<String>,
    /// Accounts that belong to other people although they look like this user's.
    pub distinct_from: BTreeSet<AccountId>,
    /// Other accounts of the same person.
    pub also_has: BTreeSet<OtherAccount>,
    /// Accounts of this person that a new one may replace.
    pub replaces: BTreeSet<AccountId>,
    /// Whether an account may be created although the user was declared before and has none.
    pub creates_again: bool,
    /// A person has confirmed that the changed account still belongs to the same person.
    pub same_person: bool,
    /// Whether the account is to be archived or brought back.
    pub archive: DeclaredArchive,
    pub leaving: Leaving,
    /// What the learner gets by calls of their own; `None` for nothing.
    pub assignments: Option<Box<Assignments>>,
    pub role: Role,
    /// Every other declared field.
    pub values: Fields<Value>,
    /// Declared fields whose value can't be meant, with the rule that says so. They aren't managed in this run.
    pub unfit: Fields<&'static Rule>,
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

    /// Whether the manifest says that the user has left. Then nothing but the account's place in the archive is managed.
    pub fn has_left(&self) -> bool {
        self.archive == DeclaredArchive::Archived
    }

    /// Required fields for a create that have no value: their overlay file is missing, or the value can't be meant.
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
        let named = self.references().chain(self.staff());
        named.filter_map(
            |(key, reference)| match (key.row().refers_to(), reference) {
                (Some(Referent::User(serving)), Reference::Email(email)) => {
                    Some((serving, email.as_str()))
                }
                _ => None,
            },
        )
    }

    /// What the fields of the account refer to.
    pub(crate) fn references(&self) -> impl Iterator<Item = (Key, &Reference)> {
        self.values.iter().filter_map(|(key, value)| match value {
            Value::Reference(reference) => Some((key, reference)),
            Value::Text(_) | Value::Day(_) | Value::Instant(_) | Value::Flag(_) => None,
        })
    }

    /// The further staff of a learner.
    pub(crate) fn staff(&self) -> impl Iterator<Item = (Key, &Reference)> {
        let assignments = self.assignments.iter();
        let named = assignments.flat_map(|assignments| &assignments.staff);
        named.flat_map(|(key, staff)| staff.iter().map(|reference| (*key, reference)))
    }

    /// What a learner gets by calls of their own. Whoever leaves gets nothing.
    pub(crate) fn assigned(&self) -> Option<&Assignments> {
        let assignments = self.assignments.as_deref();
        assignments.filter(|_| !self.has_left())
    }
}

/// The desired state: everything that valid manifests declare. Only `manifest` makes one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    users: Vec<DeclaredUser>,
    entries: Vec<DeclaredEntry>,
    unmanaged: UnmanagedFields,
    fields: FieldPolicy,
}

/// Fields that aren't managed in this run, since an overlay can't be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnmanagedFields {
    /// Those of overlays that aren't there, that lack a column, or that no key opens.
    pub keys: BTreeSet<Key>,
    /// Those of the last kind alone.
    pub locked: BTreeSet<Key>,
}

impl Roster {
    pub(crate) fn new(users: Vec<DeclaredUser>, unmanaged: UnmanagedFields) -> Self {
        Self {
            users,
            entries: Vec::new(),
            unmanaged,
            fields: FieldPolicy::default(),
        }
    }

    /// The same users, with placements and classrooms.
    #[must_use]
    pub(crate) fn with_entries(self, entries: Vec<DeclaredEntry>) -> Self {
        Self { entries, ..self }
    }

    /// The same users under what the project says about its fields.
    #[must_use]
    pub fn with_fields(self, fields: FieldPolicy) -> Self {
        Self { fields, ..self }
    }

    /// What the project says about its fields.
    pub fn fields(&self) -> &FieldPolicy {
        &self.fields
    }

    pub fn unmanaged(&self) -> &UnmanagedFields {
        &self.unmanaged
    }

    pub fn users(&self) -> &[DeclaredUser] {
        &self.users
    }

    /// The declared placements and classrooms.
    pub fn entries(&self) -> &[DeclaredEntry] {
        &self.entries
    }

    /// Those that are planned, with their indexes.
    pub fn planned_entries<'r>(
        &'r self,
        scope: &'r Scope,
    ) -> impl Iterator<Item = (usize, &'r DeclaredEntry)> {
        let entries = self.entries.iter().enumerate();
        entries.filter(|(at, _)| scope.leaves_out_entry(*at).is_none())
    }

    /// The same users, with other values.
    pub(crate) fn with_values(&self, mut value: impl FnMut(Key, &Value) -> Value) -> Self {
        let user = |user: &DeclaredUser| {
            let mut values = Fields::default();
            for (key, declared) in user.values.iter() {
                values.insert(key, value(key, declared));
            }
            let assignments = user.assignments.as_deref();
            let assignments = assignments.map(|declared| Box::new(declared.with_staff(&mut value)));
            DeclaredUser {
                assignments,
                values,
                ..user.clone()
            }
        };
        let users = self.users.iter().map(user).collect();
        let mut entries = self.entries.clone();
        for entry in &mut entries {
            let mut values = Fields::default();
            for (key, declared) in entry.values.iter() {
                values.insert(key, value(key, declared));
            }
            entry.values = values;
        }
        Self {
            users,
            entries,
            unmanaged: self.unmanaged.clone(),
            fields: self.fields.clone(),
        }
    }

    /// The kinds of things that the planned users refer to. Their lists have to be fetched to resolve references.
    pub fn referents(&self, scope: &Scope) -> BTreeSet<Referent> {
        let planned = self
            .users
            .iter()
            .enumerate()
            .filter(|(at, _)| scope.includes(*at));
        let mut referents = BTreeSet::new();
        for (_, user) in planned {
            for key in user.values.keys() {
                if self.fields.is_created_with(user.role, key) {
                    referents.extend(key.row().referent());
                }
            }
            referents.extend(user.assigned().into_iter().flat_map(Assignments::referents));
        }
        for (_, entry) in self.planned_entries(scope) {
            referents.insert(entry.kind.referent());
        }
        referents
    }
}
