//! What a change to the manifests edits, user by user, and whether that alone is planned.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashMap;

use crate::domain::field::Key;
use crate::domain::{
    DeclaredUser, Id, Normalisation, Roster, UNKNOWN_ULN, Value, fingerprint, fingerprint_of_pair,
};

/// How a roster differs from the one that it stems from.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// By user of the roster; `None` where there is no base to compare with.
    edits: Option<Vec<UserEdit>>,
    only_changed: bool,
}

/// What a change does to one user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserEdit {
    /// Whether anything of this user is edited.
    pub is_edited: bool,
    /// The fields that are new or have another value.
    pub keys: BTreeSet<Key>,
    /// The MIS value that this person was declared by before.
    pub formerly: Option<String>,
}

impl Scope {
    /// All users, and no base.
    pub fn whole() -> Self {
        Self::default()
    }

    /// The users of a roster compared with its base. Where the base can't be read, everybody counts as edited.
    pub fn since(roster: &Roster, base: Option<&Roster>, only_changed: bool) -> Self {
        let edits = match base {
            Some(base) => edits(roster, base),
            None => roster.users().iter().map(edit_of_all).collect(),
        };
        Self {
            edits: Some(edits),
            only_changed,
        }
    }

    /// What the change does to a user; `None` without a base.
    pub fn edit(&self, at: usize) -> Option<&UserEdit> {
        self.edits.as_ref().map(|edits| &edits[at])
    }

    /// Whether a user is planned.
    pub fn includes(&self, at: usize) -> bool {
        !self.only_changed || self.edit(at).is_none_or(|edit| edit.is_edited)
    }
}

fn edits(roster: &Roster, base: &Roster) -> Vec<UserEdit> {
    let former: HashMap<Identity<'_>, &DeclaredUser> = base
        .users()
        .iter()
        .map(|user| (identity(user), user))
        .collect();
    let declared: HashMap<&str, &DeclaredUser> = roster
        .users()
        .iter()
        .filter_map(|user| Some((user.mis_id()?, user)))
        .collect();
    let has_left = |was: &&DeclaredUser, mis_id: &str| {
        declared
            .get(mis_id)
            .is_none_or(|user| is_replaced(user, was))
    };
    let left = base
        .users()
        .iter()
        .filter_map(|was| Some((was, was.mis_id().filter(|mis_id| has_left(&was, mis_id))?)));
    let left: BTreeMap<u64, &str> = left
        .flat_map(|(was, mis_id)| marks(was).into_iter().map(move |mark| (mark, mis_id)))
        .collect();
    let formerly = |user: &DeclaredUser| {
        marks(user)
            .iter()
            .find_map(|mark| left.get(mark))
            .map(|mis_id| (*mis_id).to_owned())
    };
    let edit = |user: &DeclaredUser| match former.get(&identity(user)) {
        Some(was) if is_replaced(user, was) => UserEdit {
            formerly: formerly(user),
            ..edit_of(user, was)
        },
        Some(was) => edit_of(user, was),
        None => UserEdit {
            formerly: formerly(user),
            ..edit_of_all(user)
        },
    };
    roster.users().iter().map(edit).collect()
}

/// Whether nothing that stays with a person is left, so that the MIS value may be another one's now.
fn is_replaced(user: &DeclaredUser, was: &DeclaredUser) -> bool {
    let before = marks(was);
    user.values != was.values && !marks(user).iter().any(|mark| before.contains(mark))
}

fn edit_of_all(user: &DeclaredUser) -> UserEdit {
    UserEdit {
        is_edited: true,
        keys: user.values.keys().collect(),
        formerly: None,
    }
}

fn edit_of(user: &DeclaredUser, was: &DeclaredUser) -> UserEdit {
    let differs = |(key, value): &(Key, &Value)| was.values.get(*key) != Some(value);
    let keys: BTreeSet<Key> = user
        .values
        .iter()
        .filter(differs)
        .map(|(key, _)| key)
        .collect();
    let answers = |user: &DeclaredUser| {
        (
            user.role,
            user.id,
            user.distinct_from.clone(),
            user.same_person,
        )
    };
    let lost = was.values.keys().any(|key| !user.values.contains(key));
    UserEdit {
        is_edited: !keys.is_empty() || lost || answers(user) != answers(was),
        keys,
        formerly: None,
    }
}

type Identity<'u> = (Option<&'u str>, Option<Id>);

/// By MIS value, or else by the account.
fn identity(user: &DeclaredUser) -> Identity<'_> {
    match user.mis_id() {
        Some(mis_id) => (Some(mis_id), None),
        None => (None, user.id),
    }
}

/// What stays when somebody gets another MIS value, and perhaps another name.
fn marks(user: &DeclaredUser) -> Vec<u64> {
    let text = |key: Key| user.text(key);
    let born = match user.values.get(Key::Dob) {
        Some(Value::Day(day)) => Some(day.to_string()),
        _ => None,
    };
    let with_birth = |tag: u8, name: Key| {
        fingerprint(tag, Normalisation::Name, &[text(name)?, born.as_deref()?])
    };
    let name = || {
        fingerprint_of_pair(
            1,
            Normalisation::Name,
            text(Key::FirstName)?,
            text(Key::LastName)?,
        )
    };
    let uln = || {
        fingerprint(
            3,
            Normalisation::Number,
            &[text(Key::Uln).filter(|uln| *uln != UNKNOWN_ULN)?],
        )
    };
    let marks = [
        name(),
        text(Key::Email).and_then(|email| fingerprint(2, Normalisation::Address, &[email])),
        uln(),
        text(Key::Nino).and_then(|nino| fingerprint(4, Normalisation::Number, &[nino])),
        with_birth(5, Key::FirstName),
        with_birth(6, Key::LastName),
    ];
    marks.into_iter().flatten().collect()
}
