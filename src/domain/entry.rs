//! Placements and classrooms, which manifests may declare, too. Other parts of the directory are only referred to.

use crate::domain::field::{Key, Referent};
use crate::domain::{EntryId, Fields, ObservedFields, Reference, Value, plain_letters};
use crate::findings::source::Place;

/// What can be declared besides users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    Placement,
    Classroom,
}

/// A number of placements and one of classrooms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EntryCounts {
    pub placements: usize,
    pub classrooms: usize,
}

impl EntryCounts {
    pub fn add(&mut self, kind: EntryKind) {
        match kind {
            EntryKind::Placement => self.placements += 1,
            EntryKind::Classroom => self.classrooms += 1,
        }
    }

    pub const fn total(self) -> usize {
        self.placements + self.classrooms
    }
}

impl FromIterator<EntryKind> for EntryCounts {
    fn from_iter<T: IntoIterator<Item = EntryKind>>(kinds: T) -> Self {
        let mut counts = Self::default();
        for kind in kinds {
            counts.add(kind);
        }
        counts
    }
}

/// One row of the table of kinds.
struct EntryRow {
    kind: EntryKind,
    word: &'static str,
    /// The key of the list in a manifest.
    list: &'static str,
    /// The name in paths of the API.
    api: &'static str,
    referent: Referent,
    keys: &'static [Key],
}

/// The kinds, with their fields (`docs/onefile-api.md`, Assignments).
const ENTRY_KINDS: [EntryRow; 2] = [
    EntryRow {
        kind: EntryKind::Placement,
        word: "placement",
        list: "placements",
        api: "Placement",
        referent: Referent::Placement,
        keys: &[
            Key::Id,
            Key::MisId,
            Key::Name,
            Key::Address,
            Key::Contact,
            Key::Email,
            Key::Telephone,
            Key::Fax,
            Key::Web,
            Key::Active,
        ],
    },
    EntryRow {
        kind: EntryKind::Classroom,
        word: "classroom",
        list: "classrooms",
        api: "Classroom",
        referent: Referent::Classroom,
        keys: &[
            Key::Id,
            Key::Name,
            Key::StartOn,
            Key::CompletionMessage,
            Key::SendCompletionMessage,
            Key::IvFinalSignOff,
        ],
    },
];

/// What fields that users have, too, say of placements and classrooms.
const OWN_MEANINGS: &[(Key, &str)] = &[
    (
        Key::Id,
        "Its number in OneFile: says which one it is, so that it may get another name.",
    ),
    (
        Key::MisId,
        "Its key in the MIS. It is found by this key, or else by its name.",
    ),
    (Key::Email, "E-mail address."),
    (Key::StartOn, "First day."),
];

impl EntryKind {
    pub const ALL: [Self; 2] = [Self::Placement, Self::Classroom];

    fn row(self) -> &'static EntryRow {
        &ENTRY_KINDS[self as usize]
    }

    /// The word in sentences and in JSON.
    pub fn word(self) -> &'static str {
        self.row().word
    }

    /// The key of its list in a manifest.
    pub fn list(self) -> &'static str {
        self.row().list
    }

    /// The name in paths of the API.
    pub fn api(self) -> &'static str {
        self.row().api
    }

    /// What users refer to it as.
    pub fn referent(self) -> Referent {
        self.row().referent
    }

    /// The kind that is listed under this key of a manifest.
    pub fn of_list(list: &str) -> Option<Self> {
        let row = ENTRY_KINDS.iter().find(|row| row.list == list)?;
        Some(row.kind)
    }

    /// The kind that users refer to in this way.
    pub fn of_referent(referent: Referent) -> Option<Self> {
        let row = ENTRY_KINDS.iter().find(|row| row.referent == referent)?;
        Some(row.kind)
    }

    /// Its fields, in the order in which people see them.
    pub fn keys(self) -> &'static [Key] {
        self.row().keys
    }

    /// What a field says of it. Users have some of these fields, too, and there they say something else.
    pub fn meaning(self, key: Key) -> &'static str {
        let own = OWN_MEANINGS.iter().find(|(own, _)| *own == key);
        own.map_or(key.row().meaning, |(_, meaning)| meaning)
    }

    /// Its field with this name.
    pub fn key(self, name: &str) -> Option<Key> {
        let keys = self.keys().iter();
        keys.copied().find(|key| key.name() == name)
    }
}

/// A name without what people write in different ways: case, accents, apostrophes and the number of blanks. Signs stay, because
/// `Group A` and `Group A+` are two.
pub fn plain_name(name: &str) -> String {
    let without_signs = name.replace(['\'', '\u{2018}', '\u{2019}'], "");
    let plain: String = plain_letters(&without_signs).collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    words.join(" ")
}

/// A declared placement or classroom. It is found by its number, or else by its MIS value, or else by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredEntry {
    pub kind: EntryKind,
    pub id: Option<EntryId>,
    /// Every other declared field.
    pub values: Fields<Value>,
    pub place: Place,
}

impl DeclaredEntry {
    pub fn name(&self) -> Option<&str> {
        self.text(Key::Name)
    }

    pub fn mis_id(&self) -> Option<&str> {
        self.text(Key::MisId)
    }

    /// Whether a reference means it, by what is declared of it.
    pub(crate) fn is_called(&self, reference: &Reference) -> bool {
        match reference {
            Reference::Named(text) => {
                self.mis_id() == Some(text.as_str()) || self.name() == Some(text.as_str())
            }
            Reference::MisId(text) => self.mis_id() == Some(text.as_str()),
            Reference::Name(text) => self.name() == Some(text.as_str()),
            Reference::Id(id) => self.id == Some(*id),
            Reference::Email(_) => false,
        }
    }

    fn text(&self, key: Key) -> Option<&str> {
        match self.values.get(key) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }
}

/// A placement or classroom as the server showed it: as a row of its list, and perhaps by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveEntry {
    pub id: EntryId,
    pub shown: ObservedFields,
}

#[cfg(test)]
mod tests {
    use super::{ENTRY_KINDS, EntryKind, plain_name};

    #[test]
    fn names_that_people_take_for_one_are_one() {
        for (one, other) in [
            ("Willow Court", "WILLOW  court "),
            ("St Mary's", "St Mary\u{2019}s"),
            ("St Mary's", "St Marys"),
            ("Café Nine", "Cafe Nine"),
        ] {
            assert_eq!(plain_name(one), plain_name(other), "{one} {other}");
        }
        for (one, other) in [
            ("Group A", "Group A+"),
            ("Unit 1", "Unit 11"),
            ("A B", "AB"),
        ] {
            assert_ne!(plain_name(one), plain_name(other), "{one} {other}");
        }
    }

    #[test]
    fn a_kind_is_the_index_of_its_row() {
        for kind in EntryKind::ALL {
            assert_eq!(ENTRY_KINDS[kind as usize].kind, kind);
        }
    }
}
