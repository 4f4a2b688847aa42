//! Which parts of a text a snippet may show: known keys, and scalars under keys whose class may be shown.

use std::ops::Range;

use crate::domain::EntryKind;
use crate::domain::field::{Class, ENTRY_FIELDS, FIELDS, Field, Key, ValueKind};
use crate::domain::redact::{Reveal, open_key, open_text};
use crate::domain::role::Role;
use crate::findings::Finding;
use crate::findings::source::{FileId, Grid, GridColumn, Span};
use crate::findings::suggest::nearest;
use crate::manifest::csv_format::FromCsvKey;
use crate::manifest::declared_assignments::{STANDARD, UNIT};
use crate::manifest::project_keys::project_keys;
use crate::manifest::rules::unknown_key::{also_called, is_misspelling};
use crate::manifest::rules::{RULES, duplicate_key, rule, syntax, unsupported_yaml};
use crate::manifest::tree::document::{DEFAULTS, USERS};
use crate::manifest::tree::node::{MapEntry, Node, NodeData};
use crate::manifest::yaml;

/// The keys that name a unit. Below a list that may be shown, their values may be, too.
const UNIT_KEYS: [&str; 2] = [STANDARD, UNIT];

/// The ranges of a text that may be shown, in order and without overlap. If it isn't YAML, only the known keys that lines
/// begin with.
pub fn public_ranges(file: FileId, text: &str, reveal: Reveal) -> Vec<Range<usize>> {
    let (documents, findings) = yaml::parse(file, text);
    if findings
        .iter()
        .any(|finding| [&syntax::RULE, &unsupported_yaml::RULE].contains(&finding.rule))
    {
        return keys_of_lines(text);
    }
    let mut parts = Parts {
        reveal,
        is_project: false,
        declared: None,
        shown: Vec::new(),
        hidden: Vec::new(),
    };
    for document in &documents {
        parts.is_project = is_project(document);
        parts.document(document);
    }
    // A repeated key isn't in the tree.
    let repeated = findings
        .iter()
        .filter(|finding| *finding.rule == duplicate_key::RULE)
        .map(Finding::span);
    parts
        .shown
        .extend(repeated.filter(|span| is_known(&text[span.start as usize..span.end as usize])));
    parts.ranges()
}

/// Whether this is `rosterctl.yaml`. Its keys are public there, and below a user they mean something else.
fn is_project(document: &Node) -> bool {
    document.get("organisation").is_some() && document.get("users").is_none()
}

/// The ranges of a table that may be shown: separators, the headers of columns that are read, and cells whose class may be
/// shown. Nothing of a row that is longer or shorter than the header: any cell of it may stand under the wrong column.
pub fn public_cells(text: &str, grid: &Grid, reveal: Reveal) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    // If two columns are found by their headers, the first row isn't a person's data.
    let has_header = grid.columns.iter().flatten().count() > 1;
    let reveals = |column: &GridColumn| {
        Key::named(&column.key).is_some_and(|key| reveal.shows(key.row().class))
    };
    for (number, row) in grid.sound_rows().enumerate() {
        let mut last: Option<usize> = None;
        for (cell, column) in row {
            let (start, end) = (cell.start as usize, cell.end as usize);
            ranges.extend(last.map(|last| last..start));
            let is_title = number == 0 && has_header;
            let has_line_end = text[start..end].contains(['\n', '\r']);
            let is_address = open_key(&text[start..end], reveal).is_none();
            let is_value = !is_address && column.is_some_and(reveals);
            let is_shown = !has_line_end && (is_title || is_value);
            ranges.extend(is_shown.then_some(start..end));
            last = Some(end);
        }
    }
    ranges
}

/// The places of a tree that a snippet shows, and those that it hides.
struct Parts {
    reveal: Reveal,
    is_project: bool,
    /// What the list declares that is visited; `None` outside of lists of placements and classrooms.
    declared: Option<EntryKind>,
    shown: Vec<Span>,
    hidden: Vec<Span>,
}

impl Parts {
    fn document(&mut self, document: &Node) {
        let NodeData::Map(entries) = &document.data else {
            return self.visit(document, None);
        };
        for entry in entries {
            if FromCsvKey::WORDS
                .iter()
                .any(|word| entry.key.value == **word)
            {
                self.shown.push(entry.key.span);
                self.csv_settings(&entry.value);
            } else {
                self.declared = EntryKind::of_list(&entry.key.value);
                self.entry(entry, None);
                self.declared = None;
            }
        }
    }

    /// What `fromTable` may hold and nothing else: a line that is indented too far may be a user's.
    fn csv_settings(&mut self, node: &Node) {
        for entry in node.entries() {
            self.key(entry);
            let is_scalar = !matches!(entry.value.data, NodeData::Map(_) | NodeData::List(_));
            match FromCsvKey::named(&entry.key.value) {
                Some(FromCsvKey::Columns) => self.columns(&entry.value),
                Some(_) if is_scalar => self.shown.push(entry.value.span),
                Some(_) | None => self.visit(&entry.value, self.class_of(&entry.key.value)),
            }
        }
    }

    /// The headers that `columns` names for fields.
    fn columns(&mut self, node: &Node) {
        for header in node.entries() {
            let is_of_field = Key::named(&header.key.value).is_some();
            let is_list = |items: &[Node]| {
                !items.is_empty() && items.iter().all(|item| item.text().is_some())
            };
            if is_of_field && (header.value.text().is_some() || is_list(header.value.items())) {
                self.shown.extend([header.key.span, header.value.span]);
            }
        }
    }

    fn key(&mut self, entry: &MapEntry) {
        if is_known(&entry.key.value) || is_near(&entry.key.value) {
            self.shown.push(entry.key.span);
        }
    }

    fn entry(&mut self, entry: &MapEntry, class: Option<Class>) {
        self.key(entry);
        let field = self.field(&entry.key.value);
        let own = self
            .class_of(&entry.key.value)
            .filter(|_| field.is_none_or(|field| can_be(field, &entry.value)));
        let is_container = matches!(entry.value.data, NodeData::Map(_) | NodeData::List(_));
        let is_part = is_container || UNIT_KEYS.contains(&entry.key.value.as_str());
        self.visit(&entry.value, own.or(class.filter(|_| is_part)));
    }

    fn visit(&mut self, node: &Node, class: Option<Class>) {
        match &node.data {
            NodeData::Map(entries) => entries.iter().for_each(|entry| self.entry(entry, class)),
            NodeData::List(items) => items.iter().for_each(|item| self.visit(item, class)),
            NodeData::Null | NodeData::Flag(_) | NodeData::Integer(_) | NodeData::Text(_) => {
                // An e-mail address is personal under any key.
                let is_address = node.text().is_some_and(|text| open_text(text).is_none());
                let own = is_address.then_some(Class::Personal);
                if class.max(own).is_some_and(|class| self.reveal.shows(class)) {
                    self.shown.push(node.span);
                } else {
                    self.hidden.push(node.span);
                }
            }
        }
    }

    /// The field that a key names. `sandbox.yaml` names fields as the API does.
    fn field(&self, key: &str) -> Option<&'static Field> {
        if let Some(kind) = self.declared {
            return kind.key(key).map(Key::row);
        }
        let mut fields = FIELDS.iter();
        fields.find(|field| field.name == key || field.api == Some(key))
    }

    /// The class of the values of a key.
    fn class_of(&self, key: &str) -> Option<Class> {
        let field = self.field(key);
        let is_ours = || project_keys().any(|known| known == key) || rule(key).is_some();
        let project = || (self.is_project && is_ours()).then_some(Class::Public);
        field.map(|field| field.class).or_else(project)
    }

    /// The ranges in order. A value that one alias puts under a public key and another under a private one stays hidden.
    fn ranges(mut self) -> Vec<Range<usize>> {
        self.hidden.sort_unstable();
        let hidden = self.hidden;
        self.shown
            .retain(|span| hidden.binary_search(span).is_err());
        self.shown.sort_unstable();
        self.shown.dedup();
        let mut ranges: Vec<Range<usize>> = Vec::with_capacity(self.shown.len());
        for span in self.shown {
            let range = span.start as usize..span.end as usize;
            if ranges.last().is_none_or(|last| last.end <= range.start) {
                ranges.push(range);
            }
        }
        ranges
    }
}

/// Whether a scalar can be what its key takes. A name in the place of a day, a number or a role comes from a shifted
/// column.
fn can_be(field: &Field, node: &Node) -> bool {
    let Some(text) = node.text() else {
        return node.items().iter().all(|item| can_be(field, item));
    };
    match field.kind {
        ValueKind::Text(_)
        | ValueKind::Accounts
        | ValueKind::Reference(_)
        | ValueKind::References(_)
        | ValueKind::Units => true,
        ValueKind::Day | ValueKind::Instant => text
            .chars()
            .all(|c| c.is_ascii_digit() || "-:/. TZ".contains(c)),
        ValueKind::Role => Role::named(text).is_some(),
        ValueKind::Word(words) => words.contains(&text),
        ValueKind::Flag | ValueKind::Number | ValueKind::Ids => false,
    }
}

fn is_known(key: &str) -> bool {
    known_keys().any(|known| known == key) || FIELDS.iter().any(|field| field.api == Some(key))
}

fn known_keys() -> impl Iterator<Item = &'static str> {
    let fields = FIELDS.iter().chain(ENTRY_FIELDS).map(|field| field.name);
    let lists = EntryKind::ALL.map(EntryKind::list);
    let containers = [DEFAULTS, USERS].into_iter().chain(FromCsvKey::WORDS);
    let of_users = fields.chain(containers).chain(lists).chain(UNIT_KEYS);
    let from_csv = FromCsvKey::ALL.map(FromCsvKey::name);
    let rules = RULES.iter().map(|rule| rule.name);
    of_users.chain(from_csv).chain(project_keys()).chain(rules)
}

/// Whether a key is a misspelt one. Its finding quotes it, so a snippet may show it.
fn is_near(key: &str) -> bool {
    also_called(key).is_some()
        || nearest(key, known_keys()).is_some_and(|word| is_misspelling(key, word))
}

/// The first word of each line, if it is a known key.
fn keys_of_lines(text: &str) -> Vec<Range<usize>> {
    let mut line_start = 0;
    let mut ranges = Vec::new();
    for line in text.split_inclusive('\n') {
        let rest = line.trim_start_matches([' ', '\t', '-']);
        let start = line_start + line.len() - rest.len();
        if let Some((key, _)) = rest.split_once(':').filter(|(key, _)| is_known(key)) {
            ranges.push(start..start + key.len());
        }
        line_start += line.len();
    }
    ranges
}
