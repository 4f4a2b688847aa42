//! A user as the manifests have it, defaults filled in: what becomes a declared user if nothing is found. Values of a
//! wrong kind are left out here; the schema has found them already.

use jiff::Timestamp;
use jiff::civil::Date;
use smol_str::SmolStr;

use crate::diagnostic::{Code, Finding};
use crate::field::{FIELDS, Field, Form, Key, Kind, Role};
use crate::manifest::tree::{Entry, Node};
use crate::model::{Declared, Fields, Id, Reference, Value};
use crate::source::{Sources, Span, Spanned};
use crate::validate::written::Written;

pub(crate) struct Candidate<'n> {
    pub(crate) node: &'n Node<'n>,
    defaults: Option<&'n Node<'n>>,
    pub(crate) id: Option<Spanned<Id>>,
    pub(crate) mis_id: Option<Spanned<SmolStr>>,
    pub(crate) distinct_from: Vec<Spanned<Id>>,
    same_person: bool,
    pub(crate) role: Option<Role>,
    pub(crate) values: Fields<Value>,
}

impl<'n> Candidate<'n> {
    /// `written` is what the node holds, `filled` what the defaults do.
    pub(crate) fn new(
        (node, written): (&'n Node<'n>, &Written<'n>),
        (defaults, filled): (Option<&'n Node<'n>>, &Written<'n>),
    ) -> Self {
        let own = |key: Key| written.get(key);
        let default = |key: Key| filled.get(key);
        let role_node = own(Key::Role).or_else(|| default(Key::Role));
        let role = role_node.and_then(Node::text).and_then(Role::named);
        let has = |field: &Field| role.is_none_or(|role| field.is_of(role));
        let find = |field: &Field| own(field.key).or_else(|| default(field.key).filter(|_| has(field)));
        let sent = || FIELDS.iter().filter(|field| field.api.is_some());
        let mut values = Fields::with_capacity(sent().filter(|field| find(field).is_some()).count());
        values.extend(sent().filter_map(|field| Some((field.key, value(field.kind, find(field)?)?))));
        let distinct_from = own(Key::DistinctFrom).map_or(&[][..], Node::items).iter().filter_map(number);
        Self {
            node,
            defaults,
            id: own(Key::Id).and_then(number),
            mis_id: own(Key::MisId)
                .and_then(|node| node.text().map(|text| Spanned { value: text.trim().into(), span: node.span })),
            distinct_from: distinct_from.collect(),
            same_person: own(Key::SamePerson).and_then(Node::flag) == Some(true),
            role,
            values,
        }
    }

    pub(crate) fn text(&self, key: Key) -> Option<&str> {
        match self.values.get(key) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn day(&self, key: Key) -> Option<Date> {
        match self.values.get(key) {
            Some(Value::Day(day)) => Some(*day),
            _ => None,
        }
    }

    /// Where a field of this user is written: with the user, or among the defaults.
    pub(crate) fn span(&self, key: Key) -> Span {
        let entry = self.node.get(key.name()).or_else(|| self.defaults?.get(key.name()));
        entry.map_or(self.node.span, |entry: &Entry| entry.value.span)
    }

    /// Where it says who this user is.
    pub(crate) fn identity(&self) -> Span {
        let id = self.id.as_ref().map(|id| id.span);
        self.mis_id.as_ref().map(|mis_id| mis_id.span).or(id).unwrap_or(self.node.span)
    }

    /// Whether this user has the field from the defaults.
    pub(crate) fn uses_default(&self, key: Key) -> bool {
        self.node.get(key.name()).is_none() && self.role.is_none_or(|role| key.row().is_of(role))
    }

    /// The declared user. The schema asks for the role; a user without one is never passed over in silence all the same.
    pub(crate) fn into_user(self, sources: &Sources) -> Result<Declared, Finding> {
        let Some(role) = self.role else {
            return Err(Finding::new(Code::MissingField, self.node.span, "a user without a role", "add `role`"));
        };
        Ok(Declared {
            id: self.id.map(|id| id.value),
            distinct_from: self.distinct_from.into_iter().map(|id| id.value).collect(),
            same_person: self.same_person,
            role,
            values: self.values,
            place: sources.place(self.node.span),
        })
    }
}

fn number(node: &Node) -> Option<Spanned<Id>> {
    node.integer().map(|value| Spanned { value, span: node.span })
}

/// A value as its kind has it, without white space at the ends of a text: an identity that differs by a blank would make
/// a second account. `id`, `distinctFrom` and `role` aren't among the values of a user.
fn value(kind: Kind, node: &Node) -> Option<Value> {
    match kind {
        Kind::Text(_) => node.text().map(|text| Value::Text(text.trim().into())),
        Kind::Day => day(node.text()?).map(Value::Day),
        Kind::Instant => node.text()?.parse::<Timestamp>().ok().map(Value::Instant),
        Kind::Flag => node.flag().map(Value::Flag),
        Kind::Number | Kind::Ids | Kind::Role => None,
        Kind::Reference(referent) => reference(referent.forms(), node).map(Value::Reference),
    }
}

fn reference(forms: &[Form], node: &Node) -> Option<Reference> {
    if let Some(text) = node.text() {
        return Some(Reference::Named(text.trim().into()));
    }
    let given = forms.iter().find_map(|form| Some((form, &node.get(form.name())?.value)))?;
    let text = || given.1.text().map(|text| SmolStr::from(text.trim()));
    match given.0 {
        Form::Id => given.1.integer().map(Reference::Id),
        Form::MisId => text().map(Reference::MisId),
        Form::Name => text().map(Reference::Name),
        Form::Email => text().map(Reference::Email),
    }
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
