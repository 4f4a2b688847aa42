//! Where the schema finds a fault: a node with the key that it stands under.

use crate::domain::EntryKind;
use crate::domain::field::{Key, Referent, Shape, ValueKind};
use crate::findings::source::{Span, Spanned};
use crate::manifest::tree::document::{DEFAULTS, USERS};
use crate::manifest::tree::map_key::MapKey;
use crate::manifest::tree::node::Node;

/// A node, and the key that it or the list around it stands under.
#[derive(Clone, Copy)]
pub(crate) struct FaultPlace<'n> {
    node: &'n Node<'n>,
    key: Option<&'n Spanned<MapKey>>,
    is_item: bool,
    /// What the list declares in which the node is; `None` if it declares users.
    entry: Option<EntryKind>,
}

impl<'n> FaultPlace<'n> {
    pub(crate) fn root(node: &'n Node<'n>) -> Self {
        Self {
            node,
            key: None,
            is_item: false,
            entry: None,
        }
    }

    /// The value under `name`, if this is a mapping that has it; else this place.
    pub(crate) fn member(self, name: &str) -> Self {
        match self.node.get(name) {
            Some(entry) => Self {
                node: &entry.value,
                key: Some(&entry.key),
                is_item: false,
                entry: self.entry.or_else(|| self.listed_under(name)),
            },
            None => self,
        }
    }

    /// The item at `index`, if this is a list that has it; else this place.
    pub(crate) fn item(self, index: usize) -> Self {
        match self.node.items().get(index) {
            Some(node) => Self {
                node,
                is_item: true,
                ..self
            },
            None => self,
        }
    }

    pub(crate) fn node(&self) -> &'n Node<'n> {
        self.node
    }

    pub(crate) fn key(&self) -> Option<&'n str> {
        self.key.map(|key| key.value.as_str())
    }

    pub(crate) fn field(&self) -> Option<Key> {
        let key = &self.key?.value;
        match self.entry {
            Some(kind) => kind.key(key),
            None => Key::named(key),
        }
    }

    /// The kind of value that is due here: of an item if this is one, and the list has a kind for its items.
    pub(crate) fn kind(&self) -> Option<ValueKind> {
        let kind = self.field()?.row().kind;
        let of_item = kind.of_item().filter(|_| self.is_item);
        Some(of_item.unwrap_or(kind))
    }

    /// What the mapping declares that this is, if it isn't a user.
    pub(crate) fn declared_entry(&self) -> Option<EntryKind> {
        let kind = self.entry?;
        (self.is_item && self.key() == Some(kind.list())).then_some(kind)
    }

    /// Lists of placements and classrooms stand at the top of a document.
    fn listed_under(&self, name: &str) -> Option<EntryKind> {
        if self.key.is_some() {
            return None;
        }
        EntryKind::of_list(name)
    }

    pub(crate) fn is_item(&self) -> bool {
        self.is_item
    }

    pub(crate) fn is_defaults(&self) -> bool {
        self.key() == Some(DEFAULTS)
    }

    pub(crate) fn is_user(&self) -> bool {
        self.is_item && self.key() == Some(USERS)
    }

    /// The place in words, by its key: messages show no values.
    pub(crate) fn name(&self) -> String {
        match self.key() {
            None => "the file".to_owned(),
            Some(key) if self.is_item => format!("an item of `{key}`"),
            Some(key) => format!("`{key}`"),
        }
    }

    /// The value, or its key if the value is empty.
    pub(crate) fn span(&self) -> Span {
        match self.key {
            Some(key) if self.node.span.start == self.node.span.end => key.span,
            Some(_) | None => self.node.span,
        }
    }

    /// The whole entry, key and value; `None` if this is no value of a key.
    pub(crate) fn entry(&self) -> Option<Span> {
        let key = self.key.filter(|_| !self.is_item)?.span;
        Some(Span {
            end: self.node.span.end.max(key.end),
            ..key
        })
    }

    /// A value that the key takes, as it is typed.
    pub(crate) fn example(&self) -> &'static str {
        let of_project = PROJECT_EXAMPLES
            .iter()
            .find(|(key, _)| self.key() == Some(*key));
        match (of_project, self.kind()) {
            (Some((_, example)), _) => example,
            (None, Some(kind)) => example_of(kind),
            (None, None) => example_of(ValueKind::Text(Shape::Free)),
        }
    }
}

/// The keys of `rosterctl.yaml` whose text has a form.
const PROJECT_EXAMPLES: &[(&str, &str)] = &[
    ("maxCreates", "30 %"),
    ("maxUpdates", "30 %"),
    ("maxRemovals", "10"),
    ("from", "\"09:00\""),
    ("to", "\"21:30\""),
    ("date", "2026-12-24"),
];

fn example_of(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Text(Shape::Free) => "\"text\"",
        ValueKind::Text(Shape::Email) => "first.last@example.ac.uk",
        ValueKind::Text(Shape::Uln) => "\"9999999999\"",
        ValueKind::Text(Shape::Nino) => "QQ123456C",
        ValueKind::Text(Shape::Code(_)) => "\"99\"",
        ValueKind::Text(Shape::Codes) => "[\"04\", \"12\"]",
        ValueKind::Role => "learner",
        ValueKind::Word(words) => words[0],
        ValueKind::Day => "2026-09-01",
        ValueKind::Instant => "2026-09-01T09:00:00Z",
        ValueKind::Flag => "true",
        ValueKind::Number => "137945",
        ValueKind::Ids => "[137945]",
        ValueKind::Accounts => "[137945, assessor:S-1]",
        ValueKind::Reference(Referent::User(_)) => "A-001",
        ValueKind::References(Referent::User(_)) => "[A-001, A-002]",
        ValueKind::References(_) => "[Business Administrator L3]",
        ValueKind::Units => "[{ standard: Business Administrator L3, unit: Unit 1 }]",
        ValueKind::Reference(_) => "Business Admin L3",
    }
}
