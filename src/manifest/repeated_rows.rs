//! Rows of a table about one person. An extract with a row for each learning aim repeats everybody, and only its columns for
//! the aim differ: if nobody reads those, the rows of a person are one.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashMapExt};

use crate::domain::field::Key;
use crate::domain::nfc;
use crate::findings::Finding;
use crate::findings::source::Span;
use crate::manifest::csv_format::CsvSettings;
use crate::manifest::rules::duplicate_user;
use crate::manifest::tree::node::{Node, NodeData};

/// What says who somebody is. Rows with one MIS value that differ in it may be two people, which other rules find.
const OF_A_PERSON: &[Key] = &[
    Key::Id,
    Key::FirstName,
    Key::LastName,
    Key::Email,
    Key::Dob,
    Key::Uln,
    Key::Nino,
];

/// The rows with equal ones of a person as one. A finding says if rows of a person differ in what isn't about the person;
/// then the first of them stays.
pub(crate) fn collapse(
    rows: Vec<Node<'static>>,
    settings: CsvSettings,
) -> (Vec<Node<'static>>, Option<Finding>) {
    let mut kept: Vec<Node<'static>> = Vec::with_capacity(rows.len());
    let mut firsts: HashMap<Person, usize> = HashMap::with_capacity(rows.len());
    let mut fields: BTreeSet<Key> = BTreeSet::new();
    let mut people: BTreeMap<usize, Span> = BTreeMap::new();
    for row in rows {
        let Some(person) = Person::of(&row) else {
            kept.push(row);
            continue;
        };
        let Some(first) = firsts.get(&person).copied() else {
            firsts.insert(person, kept.len());
            kept.push(row);
            continue;
        };
        let differing = differing(&kept[first], &row);
        if differing.iter().any(|key| OF_A_PERSON.contains(key)) {
            kept.push(row);
        } else if !differing.is_empty() {
            fields.extend(differing);
            people.entry(first).or_insert(row.span);
        }
    }
    let rows: Vec<Span> = people.into_values().collect();
    let finding = duplicate_user::several_rows(&rows, &fields, settings);
    (kept, finding)
}

/// The MIS value and the role that a row gives.
#[derive(PartialEq, Eq, Hash)]
struct Person {
    mis_id: String,
    role: Option<String>,
}

impl Person {
    fn of(row: &Node<'_>) -> Option<Self> {
        let text = |key: Key| row.get(key.name())?.value.text();
        Some(Self {
            mis_id: nfc(text(Key::MisId)?.trim()).into_owned(),
            role: text(Key::Role).map(str::to_owned),
        })
    }
}

/// The fields that two rows give differently.
fn differing(one: &Node<'_>, other: &Node<'_>) -> BTreeSet<Key> {
    let mut keys = BTreeSet::new();
    for (row, other) in [(one, other), (other, one)] {
        for entry in row.entries() {
            let same = other
                .get(&entry.key.value)
                .is_some_and(|same| is_same(&entry.value, &same.value));
            if !same {
                keys.extend(Key::named(&entry.key.value));
            }
        }
    }
    keys
}

/// Whether two values are equal, wherever they stand.
fn is_same(one: &Node<'_>, other: &Node<'_>) -> bool {
    match (&one.data, &other.data) {
        (NodeData::List(one), NodeData::List(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| is_same(one, other))
        }
        (one, other) => one == other,
    }
}
