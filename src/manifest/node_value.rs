//! A node as the value of a field. A value of a wrong kind gives nothing, because the schema has found it already.

use jiff::Timestamp;
use jiff::civil::Date;
use smol_str::SmolStr;

use crate::domain::field::{ReferenceForm, Shape, ValueKind};
use crate::domain::{CODE_SEPARATOR, EntryId, FieldText, Reference, Value, london, nfc};
use crate::manifest::tree::node::{Node, NodeData};

/// A value of its kind. A text loses white space at its ends: a MIS value that differs by a blank would make a second
/// account. Account numbers, roles
/// and lists of references aren't values.
pub(crate) fn value(kind: ValueKind, node: &Node) -> Option<Value> {
    match kind {
        // OneFile gets it without the blanks that people write.
        ValueKind::Text(Shape::Nino) => {
            let number: String = node.text()?.split_whitespace().collect();
            Some(Value::Text(FieldText::new(kind, &number)))
        }
        ValueKind::Text(Shape::Codes) => {
            let items = node.items().iter();
            let codes: Vec<&str> = items.filter_map(Node::text).map(str::trim).collect();
            let is_list = matches!(node.data, NodeData::List(_));
            is_list.then(|| Value::Text(FieldText::new(kind, &codes.join(CODE_SEPARATOR))))
        }
        ValueKind::Text(_) => node
            .text()
            .map(|text| Value::Text(FieldText::new(kind, text.trim()))),
        ValueKind::Day => {
            let text = node.text()?;
            let declared = day(text).filter(|_| !london::is_empty_date(text));
            declared.map(Value::Day)
        }
        ValueKind::Instant => node.text()?.parse::<Timestamp>().ok().map(Value::Instant),
        ValueKind::Flag => node.flag().map(Value::Flag),
        ValueKind::Number
        | ValueKind::Ids
        | ValueKind::Accounts
        | ValueKind::Role
        | ValueKind::Word(_)
        | ValueKind::References(_)
        | ValueKind::Units => None,
        ValueKind::Reference(referent) => reference(referent.forms(), node).map(Value::Reference),
    }
}

/// What a node refers to, in one of these forms.
pub(crate) fn reference(forms: &[ReferenceForm], node: &Node) -> Option<Reference> {
    if let Some(text) = node.text() {
        return Some(Reference::Named(nfc(text.trim()).into()));
    }
    let (form, given) = forms
        .iter()
        .find_map(|form| Some((form, &node.get(form.name())?.value)))?;
    let text = || given.text().map(|text| SmolStr::from(nfc(text.trim())));
    match form {
        ReferenceForm::Id => given.integer().map(|id| Reference::Id(EntryId::new(id))),
        ReferenceForm::MisId => text().map(Reference::MisId),
        ReferenceForm::Name => text().map(Reference::Name),
        ReferenceForm::Email => text().map(Reference::Email),
    }
}

/// A day of the calendar, written `2026-09-01`. jiff alone would read other forms, too.
pub(crate) fn day(text: &str) -> Option<Date> {
    has_form(text, "2026-09-01")
        .then(|| text.parse().ok())
        .flatten()
}

/// Whether a text has digits where the model has digits, and elsewhere the same characters.
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
