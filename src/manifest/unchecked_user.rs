//! A user as the manifests have it, defaults filled in: what becomes a declared user if nothing is found. Values of a
//! wrong kind are left out here; the schema has found them already.

use jiff::Timestamp;
use jiff::civil::Date;
use smol_str::SmolStr;

use crate::domain::field::{Field, Key, ReferenceForm, Role, ValueKind};
use crate::domain::{AccountId, DeclaredUser, EntryId, Fields, Reference, Value};
use crate::findings::source::{Sources, Span, Spanned};
use crate::manifest::tree::field_nodes::FieldNodes;
use crate::manifest::tree::node::Node;

pub(crate) struct UncheckedUser {
    /// Where this user is declared.
    pub(crate) place: Span,
    pub(crate) id: Option<Spanned<AccountId>>,
    pub(crate) distinct_from: Vec<Spanned<AccountId>>,
    same_person: bool,
    pub(crate) role: Option<Role>,
    pub(crate) values: Fields<Value>,
    /// Where each value is written: with the user, or among the defaults.
    spans: Fields<Span>,
}

impl UncheckedUser {
    /// `written` is what the node holds, `filled` what the defaults do.
    pub(crate) fn new<'n>(node: &Node, written: &FieldNodes<'n>, filled: &FieldNodes<'n>) -> Self {
        let own = |key: Key| written.get(key);
        let role_node = own(Key::Role).or_else(|| filled.get(Key::Role));
        let role = role_node.and_then(Node::text).and_then(Role::named);
        let has =
            |field: &Field| field.may_be_default() && role.is_none_or(|role| field.is_of(role));
        let all = written.or(filled, has);
        let found = || all.iter().filter(|(field, _)| field.api.is_some());
        let number = found().count();
        let (mut values, mut spans) =
            (Fields::with_capacity(number), Fields::with_capacity(number));
        values.extend(
            found().filter_map(|(field, node)| Some((field.key, value(field.kind, node)?))),
        );
        spans.extend(found().map(|(field, node)| (field.key, node.span)));
        let distinct_from = own(Key::DistinctFrom)
            .map_or(&[][..], Node::items)
            .iter()
            .filter_map(number_of);
        Self {
            place: node.span,
            id: own(Key::Id).and_then(number_of),
            distinct_from: distinct_from.collect(),
            same_person: own(Key::SamePerson).and_then(Node::flag) == Some(true),
            role,
            values,
            spans,
        }
    }

    pub(crate) fn mis_id(&self) -> Option<&str> {
        self.text(Key::MisId)
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

    /// Where a field of this user is written; the user, if it isn't.
    pub(crate) fn span(&self, key: Key) -> Span {
        self.spans.get(key).copied().unwrap_or(self.place)
    }

    /// Where it says who this user is.
    pub(crate) fn identity(&self) -> Span {
        let id = self.id.as_ref().map(|id| id.span);
        self.spans
            .get(Key::MisId)
            .copied()
            .or(id)
            .unwrap_or(self.place)
    }

    /// The declared user, whose role is known.
    pub(crate) fn into_user(self, sources: &Sources) -> Option<DeclaredUser> {
        Some(DeclaredUser {
            id: self.id.map(|id| id.value),
            distinct_from: self.distinct_from.into_iter().map(|id| id.value).collect(),
            same_person: self.same_person,
            role: self.role?,
            values: self.values,
            place: sources.place(self.place),
        })
    }
}

fn number_of(node: &Node) -> Option<Spanned<AccountId>> {
    node.integer().map(|number| Spanned {
        value: AccountId::new(number),
        span: node.span,
    })
}

/// A value as its kind has it, without white space at the ends of a text: an identity that differs by a blank would make
/// a second account. `id`, `distinctFrom` and `role` aren't among the values of a user.
fn value(kind: ValueKind, node: &Node) -> Option<Value> {
    match kind {
        ValueKind::Text(_) => node.text().map(|text| Value::Text(text.trim().into())),
        ValueKind::Day => day(node.text()?).map(Value::Day),
        ValueKind::Instant => node.text()?.parse::<Timestamp>().ok().map(Value::Instant),
        ValueKind::Flag => node.flag().map(Value::Flag),
        ValueKind::Number | ValueKind::Ids | ValueKind::Role => None,
        ValueKind::Reference(referent) => reference(referent.forms(), node).map(Value::Reference),
    }
}

fn reference(forms: &[ReferenceForm], node: &Node) -> Option<Reference> {
    if let Some(text) = node.text() {
        return Some(Reference::Named(text.trim().into()));
    }
    let given = forms
        .iter()
        .find_map(|form| Some((form, &node.get(form.name())?.value)))?;
    let text = || given.1.text().map(|text| SmolStr::from(text.trim()));
    match given.0 {
        ReferenceForm::Id => given.1.integer().map(|id| Reference::Id(EntryId::new(id))),
        ReferenceForm::MisId => text().map(Reference::MisId),
        ReferenceForm::Name => text().map(Reference::Name),
        ReferenceForm::Email => text().map(Reference::Email),
    }
}

/// A day of the calendar in the one form that is taken. (jiff alone reads other forms, too.)
pub(crate) fn day(text: &str) -> Option<Date> {
    has_form(text, "2026-09-01")
        .then(|| text.parse().ok())
        .flatten()
}

/// Whether a text has digits where the model has them, and else the same characters.
pub(crate) fn has_form(text: &str, model: &str) -> bool {
    let alike = |(text, model): (u8, u8)| {
        if model.is_ascii_digit() {
            text.is_ascii_digit()
        } else {
            text == model
        }
    };
    text.len() == model.len() && text.bytes().zip(model.bytes()).all(alike)
}
