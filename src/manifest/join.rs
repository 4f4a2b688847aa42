//! What is declared in several places, put together before anything is checked: project defaults below those of a file,
//! rows of a CSV beside the users of its manifest, rows of an overlay into the users that they are of. What comes of it
//! is checked as if it had been written in one place, and every value keeps its own.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::domain::field::{FIELDS, Key};
use crate::findings::Finding;
use crate::findings::source::{Span, Spanned};
use crate::manifest::csv_source::CsvSource;
use crate::manifest::csv_table::CsvTable;
use crate::manifest::rules::{duplicate_user, missing_field, overlay_clash, overlay_stranger};
use crate::manifest::tree::document;
use crate::manifest::tree::map_key::MapKey;
use crate::manifest::tree::node::{MapEntry, Node, NodeData};

/// Documents that hold all that is declared.
#[derive(Debug, Default)]
pub struct JoinedDocuments<'t> {
    pub documents: Vec<Node<'t>>,
    pub findings: Vec<Finding>,
    /// The fields that an overlay would give that isn't there: nobody has to have them.
    pub lifted: BTreeSet<Key>,
}

/// The documents, and what the project's defaults give those that don't say otherwise.
pub fn with_defaults<'t>(
    mut documents: Vec<Node<'t>>,
    defaults: Option<&Node<'t>>,
) -> Vec<Node<'t>> {
    if let Some(defaults) = defaults {
        for document in &mut documents {
            add_defaults(document, defaults.entries());
        }
    }
    documents
}

/// Puts together the documents and what came of each need: `None` where there was no file.
pub fn join(
    documents: Vec<Node<'_>>,
    tables: Vec<(CsvSource, Option<CsvTable>)>,
) -> JoinedDocuments<'_> {
    let mut joined = JoinedDocuments {
        documents,
        ..JoinedDocuments::default()
    };
    let (overlays, rows): (Vec<_>, Vec<_>) =
        tables.into_iter().partition(|(need, _)| need.is_overlay);
    for (need, table) in rows {
        if let Some(table) = table {
            joined.findings.extend(table.findings);
            joined.lifted.extend(table.missing);
            add_users(&mut joined.documents[need.document], need.key, table.rows);
        }
    }
    // Whoever has no overlays needn't know where everybody is.
    let users = if overlays.is_empty() {
        Users::default()
    } else {
        Users::of(&joined.documents)
    };
    for (need, table) in overlays {
        joined.check_defaults(&need, table.as_ref());
        match table {
            Some(table) => {
                joined.findings.extend(table.findings);
                // Whose the rows are isn't known: that is said once.
                if !table.missing.contains(&Key::MisId) {
                    joined.overlay(&users, table.rows);
                }
                joined.lifted.extend(table.missing);
            }
            None => joined.do_without(&need),
        }
    }
    joined
}

/// A file's own defaults win.
fn add_defaults<'t>(document: &mut Node<'t>, defaults: &[MapEntry<'t>]) {
    let NodeData::Map(entries) = &mut document.data else {
        return;
    };
    if let Some(own) = entries
        .iter_mut()
        .find(|entry| entry.key.value == "defaults")
    {
        let missing: Vec<_> = defaults
            .iter()
            .filter(|entry| own.value.get(&entry.key.value).is_none())
            .collect();
        if let NodeData::Map(own) = &mut own.value.data {
            extend(own, missing.into_iter().cloned());
        }
    } else {
        let value = Node::new(document.span, NodeData::Map(defaults.into()));
        extend(entries, [entry("defaults", document.span, value)]);
    }
}

fn add_users(document: &mut Node<'_>, at: Span, rows: Vec<Node<'static>>) {
    let NodeData::Map(entries) = &mut document.data else {
        return;
    };
    match entries
        .iter_mut()
        .find(|entry| entry.key.value == "users")
        .map(|entry| &mut entry.value.data)
    {
        Some(NodeData::List(users)) => extend(users, rows),
        Some(_) => {}
        None => extend(
            entries,
            [entry(
                "users",
                at,
                Node::new(at, NodeData::List(rows.into())),
            )],
        ),
    }
}

fn extend<T>(list: &mut Box<[T]>, more: impl IntoIterator<Item = T>) {
    let mut all = std::mem::take(list).into_vec();
    all.extend(more);
    *list = all.into();
}

fn entry<'t>(key: &str, span: Span, value: Node<'t>) -> MapEntry<'t> {
    MapEntry {
        key: Spanned {
            value: MapKey::from(key),
            span,
        },
        value,
    }
}

/// Where the user with a MIS value is: the index of the document, and that in its list.
#[derive(Default)]
struct Users(HashMap<String, (usize, usize)>);

impl Users {
    fn of(documents: &[Node]) -> Self {
        let mut users = HashMap::new();
        for (at, document) in documents.iter().enumerate() {
            let items = document
                .get("users")
                .map_or(&[][..], |entry| entry.value.items());
            for (number, user) in items.iter().enumerate() {
                if let Some(mis_id) = mis_id(user) {
                    users.entry(mis_id.to_owned()).or_insert((at, number));
                }
            }
        }
        Self(users)
    }
}

fn mis_id<'n>(user: &'n Node<'_>) -> Option<&'n str> {
    user.get(Key::MisId.name())?.value.text().map(str::trim)
}

impl<'t> JoinedDocuments<'t> {
    fn user(&mut self, (document, number): (usize, usize)) -> Option<&mut Box<[MapEntry<'t>]>> {
        let NodeData::Map(entries) = &mut self.documents[document].data else {
            return None;
        };
        let users = entries
            .iter_mut()
            .find(|entry| entry.key.value == "users")?;
        let NodeData::List(items) = &mut users.value.data else {
            return None;
        };
        match &mut items.get_mut(number)?.data {
            NodeData::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// Adds the fields of each row to its user.
    fn overlay(&mut self, users: &Users, rows: Vec<Node<'static>>) {
        let mut seen: HashSet<String> = HashSet::new();
        let mut strangers: Vec<Span> = Vec::new();
        for row in rows {
            let Some(mis_id) = mis_id(&row) else {
                self.findings
                    .push(missing_field::row_without_mis_id(row.span));
                continue;
            };
            if !seen.insert(mis_id.to_owned()) {
                self.findings.push(duplicate_user::second_row(row.span));
                continue;
            }
            match users.0.get(mis_id) {
                Some(place) => self.add_fields(*place, row),
                None => strangers.push(row.span),
            }
        }
        self.findings.extend(overlay_stranger::finding(&strangers));
    }

    fn add_fields(&mut self, place: (usize, usize), row: Node<'static>) {
        let NodeData::Map(fields) = row.data else {
            return;
        };
        let (mut added, mut clashes) = (Vec::new(), Vec::new());
        let Some(own) = self.user(place) else {
            return;
        };
        for field in fields
            .into_iter()
            .filter(|field| field.key.value != Key::MisId.name())
        {
            match own.iter().find(|entry| entry.key.value == field.key.value) {
                None => added.push(field),
                Some(entry) => clashes.push(overlay_clash::given_twice(&field, entry)),
            }
        }
        extend(own, added);
        self.findings.extend(clashes);
    }

    /// The fields of an overlay that isn't there aren't managed in this run.
    fn do_without(&mut self, need: &CsvSource) {
        let named = need
            .columns
            .as_ref()
            .map(|columns| columns.iter().map(|column| column.key).collect::<Vec<_>>());
        // Without names it is an error anyway; that all fields are missing, too, would only hide it.
        let keys = named.unwrap_or_else(|| FIELDS.iter().map(|field| field.key).collect());
        self.lifted
            .extend(keys.into_iter().filter(|key| !IDENTITY.contains(key)));
    }

    /// Finds defaults for what an overlay gives: they would be sent for every user that isn't in the overlay, or while
    /// the overlay isn't there.
    fn check_defaults(&mut self, source: &CsvSource, table: Option<&CsvTable>) {
        let mut given: BTreeMap<Key, Span> = BTreeMap::new();
        for key in table.iter().flat_map(|table| &table.keys) {
            given.insert(*key, source.key);
        }
        for column in source.columns.iter().flatten() {
            given.insert(column.key, column.header.span);
        }
        given.retain(|key, _| !IDENTITY.contains(key));
        for defaults in self.documents.iter().filter_map(document::defaults) {
            for entry in defaults.entries() {
                let overlay = Key::named(&entry.key.value).and_then(|key| given.get(&key));
                if let Some(overlay) = overlay {
                    let finding = overlay_clash::in_defaults(entry, *overlay);
                    self.findings.push(finding);
                }
            }
        }
    }
}

/// What an overlay can't give.
const IDENTITY: &[Key] = &[Key::Id, Key::MisId, Key::Role];
