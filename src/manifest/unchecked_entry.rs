//! A placement or classroom as the manifests have it. A value of a wrong kind is left out, as with users.

use crate::domain::field::{Field, Key};
use crate::domain::{DeclaredEntry, EntryId, EntryKind, Fields, Value};
use crate::findings::source::{Sources, Span, Spanned};
use crate::manifest::node_value::value;
use crate::manifest::tree::node::Node;

/// A placement or classroom that rules haven't looked at yet.
#[derive(Clone)]
pub(crate) struct UncheckedEntry {
    pub(crate) kind: EntryKind,
    /// Where it is declared.
    pub(crate) place: Span,
    pub(crate) id: Option<Spanned<EntryId>>,
    pub(crate) values: Fields<Value>,
    /// Where each value is written.
    spans: Fields<Span>,
}

/// The fields of a mapping that declares a placement or classroom, in the order of their rows.
pub(crate) fn entry_fields<'n>(
    kind: EntryKind,
    node: &'n Node<'n>,
) -> Vec<(&'static Field, &'n Node<'n>)> {
    let mut fields = Vec::with_capacity(node.entries().len());
    for entry in node.entries() {
        let key = kind.key(&entry.key.value);
        fields.extend(key.map(|key| (key.row(), &entry.value)));
    }
    fields.sort_by_key(|(field, _)| field.key);
    fields
}

impl UncheckedEntry {
    pub(crate) fn new(kind: EntryKind, node: &Node, fields: &[(&'static Field, &Node)]) -> Self {
        let mut entry = Self {
            kind,
            place: node.span,
            id: None,
            values: Fields::with_capacity(fields.len()),
            spans: Fields::with_capacity(fields.len()),
        };
        for (field, node) in fields {
            entry.spans.extend([(field.key, node.span)]);
            if field.key == Key::Id {
                entry.id = node.integer().map(|number| Spanned {
                    value: EntryId::new(number),
                    span: node.span,
                });
            } else {
                let value = value(field.kind, node);
                entry.values.extend(value.map(|value| (field.key, value)));
            }
        }
        entry
    }

    /// Leaves out a value that can't be meant, so that it isn't managed.
    pub(crate) fn leave_out(&mut self, key: Key) {
        self.values.remove(key);
    }

    pub(crate) fn text(&self, key: Key) -> Option<&str> {
        let Some(Value::Text(text)) = self.values.get(key) else {
            return None;
        };
        Some(text)
    }

    /// Where a field is written; if it isn't, where the placement or classroom is.
    pub(crate) fn span(&self, key: Key) -> Span {
        self.spans.get(key).copied().unwrap_or(self.place)
    }

    /// The declared placement or classroom; `None` if its only name was left out.
    pub(crate) fn into_entry(self, sources: &Sources) -> Option<DeclaredEntry> {
        if self.id.is_none() && self.text(Key::Name).is_none() {
            return None;
        }
        Some(DeclaredEntry {
            kind: self.kind,
            id: self.id.map(|id| id.value),
            values: self.values,
            place: sources.place(self.place),
        })
    }
}
