//! Puts together what is declared in several places: the project's defaults below those of a file, rows of a CSV beside
//! the users of its manifest, and rows of an overlay into the users that they belong to. The schema and the rules then
//! look at the result as if it were written in one place. Every value keeps its own place.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use crate::domain::field::{FIELDS, Key};
use crate::domain::nfc;
use crate::domain::role::Role;
use crate::domain::{UnmanagedFields, UserName};
use crate::findings::Finding;
use crate::findings::source::{Span, Spanned};
use crate::manifest::csv_source::CsvSource;
use crate::manifest::csv_table::CsvTable;
use crate::manifest::rules::overlay_stranger::StrangerRow;
use crate::manifest::rules::{
    duplicate_user, missing_field, overlay_clash, overlay_stranger, spreadsheet_key,
};
use crate::manifest::tree::document::{self, DEFAULTS, USERS};
use crate::manifest::tree::map_key::MapKey;
use crate::manifest::tree::node::{MapEntry, Node, NodeData};

/// Documents that hold all that is declared.
#[derive(Debug, Default)]
pub struct JoinedDocuments<'t> {
    pub documents: Vec<Node<'t>>,
    pub findings: Vec<Finding>,
    /// They aren't managed in this run, so users needn't have them.
    pub unmanaged: UnmanagedFields,
}

/// The documents with the project's defaults, as far as a document has no default of its own.
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

/// The documents with what came of each CSV; `None` stands for a CSV that isn't there.
pub fn join(
    documents: Vec<Node<'_>>,
    tables: Vec<(CsvSource, Option<CsvTable>)>,
) -> JoinedDocuments<'_> {
    let mut joined = JoinedDocuments {
        documents,
        ..JoinedDocuments::default()
    };
    let (overlays, rosters): (Vec<_>, Vec<_>) = tables
        .into_iter()
        .partition(|(source, _)| source.is_overlay);
    for (source, table) in rosters {
        if let Some(table) = table {
            joined.findings.extend(table.findings);
            joined.unmanaged.keys.extend(table.missing);
            add_users(
                &mut joined.documents[source.document],
                source.key,
                table.rows,
            );
        }
    }
    // Most projects have no overlays, and needn't know where each user is.
    if !overlays.is_empty() {
        let users = UserPlaces::of(&joined.documents);
        for (source, table) in overlays {
            joined.add_overlay(&users, &source, table);
        }
    }
    joined
}

/// A file's own defaults win.
fn add_defaults<'t>(document: &mut Node<'t>, defaults: &[MapEntry<'t>]) {
    let span = document.span;
    let NodeData::Map(entries) = &mut document.data else {
        return;
    };
    let Some(own) = entry_of(entries, DEFAULTS) else {
        let value = Node::new(span, NodeData::Map(defaults.into()));
        return extend(entries, [entry(DEFAULTS, span, value)]);
    };
    let mut missing = Vec::new();
    for default in defaults {
        if own.value.get(&default.key.value).is_none() {
            missing.push(default.clone());
        }
    }
    if let NodeData::Map(own) = &mut own.value.data {
        extend(own, missing);
    }
}

/// Adds rows to the users of a document. If it lists none, the list is at `from_csv`.
fn add_users(document: &mut Node<'_>, from_csv: Span, rows: Vec<Node<'static>>) {
    let NodeData::Map(entries) = &mut document.data else {
        return;
    };
    let Some(users) = entry_of(entries, USERS) else {
        let list = Node::new(from_csv, NodeData::List(rows.into()));
        return extend(entries, [entry(USERS, from_csv, list)]);
    };
    if let NodeData::List(users) = &mut users.value.data {
        extend(users, rows);
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

fn entry_of<'e, 't>(entries: &'e mut [MapEntry<'t>], key: &str) -> Option<&'e mut MapEntry<'t>> {
    entries.iter_mut().find(|entry| entry.key.value == *key)
}

/// Where a user is declared.
#[derive(Clone, Copy)]
struct UserPlace {
    document: usize,
    /// The index in the document's list of users.
    index: usize,
    role: Option<Role>,
}

/// Where each user is declared, by MIS value. Of two with one MIS value and one role it is the first.
struct UserPlaces(HashMap<String, Vec<UserPlace>>);

impl UserPlaces {
    fn of(documents: &[Node]) -> Self {
        let mut places: HashMap<String, Vec<UserPlace>> = HashMap::new();
        for (number, document) in documents.iter().enumerate() {
            let default_role = document::defaults(document).and_then(role_of);
            for (index, user) in document::users(document).iter().enumerate() {
                let Some(mis_id) = mis_id_of(user) else {
                    continue;
                };
                let place = UserPlace {
                    document: number,
                    index,
                    role: role_of(user).or(default_role),
                };
                let known = places.entry(mis_id.into_owned()).or_default();
                if known.iter().all(|known| known.role != place.role) {
                    known.push(place);
                }
            }
        }
        Self(places)
    }

    /// The users that a row may be about: all accounts of a person, unless the row says of which role.
    fn named(&self, name: UserName<'_>) -> Vec<UserPlace> {
        let mut named = Vec::new();
        for mis_id in name.mis_ids() {
            let places = self.0.get(mis_id).into_iter().flatten();
            named.extend(places.filter(|place| match place.role {
                Some(role) => name.means(role, mis_id),
                None => name.role().is_none(),
            }));
        }
        named
    }
}

fn role_of(node: &Node<'_>) -> Option<Role> {
    Role::named(node.get(Key::Role.name())?.value.text()?)
}

/// A key that a spreadsheet has changed belongs to no user, and the cause says more than that.
fn guarded_key(row: &Node<'_>) -> Option<Finding> {
    let entry = row.get(Key::MisId.name())?;
    spreadsheet_key::check(Key::MisId.row(), &entry.value)
}

fn mis_id_of<'n>(user: &'n Node<'_>) -> Option<Cow<'n, str>> {
    let text = user.get(Key::MisId.name())?.value.text()?;
    Some(nfc(text.trim()))
}

impl<'t> JoinedDocuments<'t> {
    fn add_overlay(&mut self, users: &UserPlaces, source: &CsvSource, table: Option<CsvTable>) {
        self.check_defaults(source, table.as_ref());
        match table {
            Some(table) => {
                self.findings.extend(table.findings);
                // Without MIS values nobody knows whose the rows are. The missing column is a finding already.
                if !table.missing.contains(&Key::MisId) {
                    self.add_rows(users, table.rows);
                }
                if table.is_locked {
                    self.unmanaged.locked.extend(table.missing.iter().copied());
                }
                self.unmanaged.keys.extend(table.missing);
            }
            None => self.do_without(source),
        }
    }

    /// Adds the fields of each row to the user that it belongs to.
    fn add_rows(&mut self, users: &UserPlaces, rows: Vec<Node<'static>>) {
        let mut seen: HashSet<String> = HashSet::new();
        let mut strangers: Vec<StrangerRow> = Vec::new();
        for row in rows {
            self.findings.extend(guarded_key(&row));
            let Some(mis_id) = mis_id_of(&row) else {
                self.findings
                    .push(missing_field::row_without_mis_id(row.span));
                continue;
            };
            let places = users.named(UserName::of(&mis_id));
            if !seen.insert(mis_id.into_owned()) {
                self.findings.push(duplicate_user::second_row(row.span));
                continue;
            }
            if places.is_empty() {
                strangers.extend(mis_id_of(&row).map(|mis_id| StrangerRow {
                    mis_id: mis_id.into_owned(),
                    span: row.span,
                }));
            }
            for place in places {
                self.add_fields(place, row.clone());
            }
        }
        if !strangers.is_empty() {
            let declared: Vec<&str> = users.0.keys().map(String::as_str).collect();
            self.findings
                .extend(overlay_stranger::findings(strangers, &declared));
        }
    }

    fn add_fields(&mut self, place: UserPlace, row: Node<'static>) {
        let NodeData::Map(fields) = row.data else {
            return;
        };
        let Some(own) = self.fields_of(place) else {
            return;
        };
        let mut added = Vec::new();
        let mut clashes = Vec::new();
        for field in fields {
            if field.key.value == *Key::MisId.name() {
                continue;
            }
            match own.iter().find(|entry| entry.key.value == field.key.value) {
                None => added.push(field),
                Some(entry) => clashes.push(overlay_clash::given_twice(&field, entry)),
            }
        }
        extend(own, added);
        self.findings.extend(clashes);
    }

    fn fields_of(&mut self, place: UserPlace) -> Option<&mut Box<[MapEntry<'t>]>> {
        let NodeData::Map(entries) = &mut self.documents[place.document].data else {
            return None;
        };
        let NodeData::List(users) = &mut entry_of(entries, USERS)?.value.data else {
            return None;
        };
        match &mut users.get_mut(place.index)?.data {
            NodeData::Map(fields) => Some(fields),
            NodeData::Null
            | NodeData::Flag(_)
            | NodeData::Integer(_)
            | NodeData::Text(_)
            | NodeData::List(_) => None,
        }
    }

    /// The fields of an overlay that isn't there aren't managed in this run.
    fn do_without(&mut self, source: &CsvSource) {
        let fields: Vec<Key> = match &source.columns {
            Some(columns) => columns.iter().map(|column| column.key).collect(),
            // Such an overlay can't be optional, so that it is an error. If every field were due, findings of missing
            // fields would hide it.
            None => FIELDS.iter().map(|field| field.key).collect(),
        };
        self.unmanaged
            .keys
            .extend(fields.into_iter().filter(|key| !IDENTITY.contains(key)));
    }

    /// Finds defaults for what an overlay gives: they would be sent for every user that isn't in the overlay, or while
    /// the overlay isn't there.
    fn check_defaults(&mut self, source: &CsvSource, table: Option<&CsvTable>) {
        let given = given_by(source, table);
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

/// The fields that an overlay gives, and where the manifest says so.
fn given_by(source: &CsvSource, table: Option<&CsvTable>) -> BTreeMap<Key, Span> {
    let mut given: BTreeMap<Key, Span> = BTreeMap::new();
    for key in table.iter().flat_map(|table| &table.keys) {
        given.insert(*key, source.key);
    }
    for column in source.columns.iter().flatten() {
        given.insert(column.key, column.named_at());
    }
    given.retain(|key, _| !IDENTITY.contains(key));
    given
}

/// What says who a user is. Only a manifest gives it.
const IDENTITY: &[Key] = &[Key::Id, Key::MisId, Key::Role];
