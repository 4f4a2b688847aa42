//! A user as the manifests have it, defaults filled in: what becomes a declared user if nothing is found. Values of a
//! wrong kind are left out here; the schema has found them already.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::diagnostic::{Code, Finding};
use crate::field::{FIELDS, Field, Key, Kind, Role};
use crate::manifest::tree::Node;
use crate::model::{Declared, Id, Reference, Value};
use crate::source::{Sources, Span, Spanned};

pub(crate) struct Candidate {
    pub(crate) id: Option<Spanned<Id>>,
    pub(crate) mis_id: Option<Spanned<String>>,
    role: Option<Role>,
    values: BTreeMap<Key, Value>,
    span: Span,
}

impl Candidate {
    pub(crate) fn new(user: &Node, defaults: Option<&Node>) -> Self {
        let own = |key: Key| user.get(key.name()).map(|entry| &entry.value);
        let default = |key: Key| defaults?.get(key.name()).map(|entry| &entry.value);
        let role_node = own(Key::Role).or_else(|| default(Key::Role));
        let role = role_node.and_then(Node::text).and_then(Role::named);
        let has = |field: &Field| role.is_none_or(|role| field.is_of(role));
        let find = |field: &Field| own(field.key).or_else(|| default(field.key).filter(|_| has(field)));
        let values = FIELDS.iter().filter_map(|field| Some((field.key, value(field.kind, find(field)?)?)));
        Self {
            id: own(Key::Id).and_then(|node| node.integer().map(|value| Spanned { value, span: node.span })),
            mis_id: own(Key::MisId)
                .and_then(|node| node.text().map(|text| Spanned { value: text.trim().to_owned(), span: node.span })),
            role,
            values: values.collect(),
            span: user.span,
        }
    }

    /// The declared user. The schema asks for the role; a user without one is never passed over in silence all the same.
    pub(crate) fn into_user(self, sources: &Sources) -> Result<Declared, Finding> {
        let Some(role) = self.role else {
            return Err(Finding::new(Code::MissingField, self.span, "a user without a role", "add `role`"));
        };
        Ok(Declared { id: self.id.map(|id| id.value), role, values: self.values, place: sources.place(self.span) })
    }
}

/// A value as its kind has it, without white space at the ends of a text: an identity that differs by a blank would make
/// a second account. `id` and `role` aren't among the values of a user.
fn value(kind: Kind, node: &Node) -> Option<Value> {
    match kind {
        Kind::Text(_) => node.text().map(|text| Value::Text(text.trim().to_owned())),
        Kind::Day => day(node.text()?).map(Value::Day),
        Kind::Instant => node.text()?.parse::<Timestamp>().ok().map(Value::Instant),
        Kind::Flag => node.flag().map(Value::Flag),
        Kind::Number | Kind::Role => None,
        Kind::Reference(_) => reference(node).map(Value::Reference),
    }
}

fn reference(node: &Node) -> Option<Reference> {
    let by_id = || node.get("id").and_then(|id| id.value.integer()).map(Reference::Id);
    node.text().map(|name| Reference::Named(name.trim().to_owned())).or_else(by_id)
}

/// A day of the calendar in the one form that is taken. (jiff alone reads other forms, too.)
pub(crate) fn day(text: &str) -> Option<Date> {
    has_form(text, "2026-09-01").then(|| text.parse().ok()).flatten()
}

/// Whether a text has digits where the model has them, and else the same characters.
pub(crate) fn has_form(text: &str, model: &str) -> bool {
    let alike = |(text, model): (u8, u8)| if model.is_ascii_digit() { text.is_ascii_digit() } else { text == model };
    text.len() == model.len() && text.bytes().zip(model.bytes()).all(alike)
}
