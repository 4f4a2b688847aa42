//! Faults against the schema, and the rule that each is a finding of.

use std::collections::HashSet;

use crate::domain::field::{Key, Shape, ValueKind};
use crate::findings::source::Span;
use crate::findings::{Finding, FixKind};
use crate::manifest::csv_format::FromCsvKey;
use crate::manifest::rules::{
    bad_day, bad_instant, bad_nino, bad_number, bad_uln, empty_value, field_not_in_role,
    missing_field, placeholder, unknown_column, unknown_key, unknown_word, wrong_kind,
};
use crate::manifest::tree::fault_place::FaultPlace;
use crate::manifest::tree::node::{MapEntry, NodeData};

/// A way in which a node isn't as the schema wants it.
pub(crate) enum SchemaFault {
    UnknownKeys(Vec<String>),
    Missing(String),
    WrongKind,
    /// The words that may stand there.
    UnknownWord(Vec<String>),
    BadText,
    EmptyList,
    /// The smallest number that may stand there.
    TooSmall(String),
}

/// What helps with keys that the schema doesn't have.
pub(crate) struct KeyHelp<'s> {
    /// Every key that the schema knows somewhere.
    pub(crate) known: &'s [String],
    /// What to type in the place of a key that is near to none of them.
    pub(crate) otherwise: &'s str,
}

impl SchemaFault {
    pub(crate) fn findings(self, place: &FaultPlace<'_>, keys: &KeyHelp<'_>) -> Vec<Finding> {
        let node = place.node();
        let is_null = node.data == NodeData::Null;
        let is_blank = node.text().is_some_and(|text| text.trim().is_empty());
        let finding = match self {
            Self::UnknownKeys(unknown) => return unknown_keys(place, &unknown, keys),
            Self::Missing(key) if missing_field::is_misspelt(node, &key, keys.known) => {
                return Vec::new();
            }
            Self::Missing(key) => missing_field::finding(place, &key),
            Self::WrongKind | Self::UnknownWord(_) if is_null => empty_value::finding(place),
            Self::BadText if is_blank => empty_value::finding(place),
            // `placeholder` finds it in the fields of users and defaults.
            Self::WrongKind | Self::BadText if is_placeholder(place) => return Vec::new(),
            Self::WrongKind => wrong_kind::finding(place),
            Self::UnknownWord(words) => unknown_word::finding(place, &words),
            // `bad_email` says what is wrong with it.
            Self::BadText if is_email(place) => return Vec::new(),
            Self::BadText => bad_text(place),
            Self::EmptyList => empty_value::of_list(place),
            Self::TooSmall(limit) => bad_number::finding(place, &limit),
        };
        vec![finding]
    }
}

fn unknown_keys(place: &FaultPlace<'_>, unknown: &[String], keys: &KeyHelp<'_>) -> Vec<Finding> {
    let unknown: HashSet<&str> = unknown.iter().map(String::as_str).collect();
    let mut findings = Vec::new();
    for entry in place.node().entries() {
        if unknown.contains(entry.key.value.as_str()) {
            findings.push(unexpected_key(place, entry, keys));
        }
    }
    findings
}

/// A key that is a field, but not of this mapping, is another finding than one that nothing knows.
fn unexpected_key(place: &FaultPlace<'_>, entry: &MapEntry, keys: &KeyHelp<'_>) -> Finding {
    let span = entry.key.span;
    if let Some(kind) = place.declared_entry() {
        return unknown_key::in_entry(&entry.key, kind);
    }
    match Key::named(&entry.key.value) {
        Some(key) if place.is_defaults() => {
            removable(field_not_in_role::in_defaults(key, span), entry)
        }
        Some(key) if place.key() == Some(FromCsvKey::Columns.name()) => {
            unknown_column::not_for_csv(key, span)
        }
        Some(key) if place.is_user() => {
            removable(field_not_in_role::in_user(key, span, place.node()), entry)
        }
        Some(_) | None => {
            let below = place.key().and_then(unknown_key::help_below);
            let otherwise = below.as_deref().unwrap_or(keys.otherwise);
            let known = keys.known.iter().map(String::as_str);
            unknown_key::finding(&entry.key, known, otherwise)
        }
    }
}

/// A finding that taking the entry away answers, among other answers.
fn removable(finding: Finding, entry: &MapEntry) -> Finding {
    let whole = Span {
        end: entry.value.span.end.max(entry.key.span.end),
        ..entry.key.span
    };
    finding.suggests(whole, FixKind::RemoveEntry)
}

fn is_placeholder(place: &FaultPlace<'_>) -> bool {
    !place.is_item() && placeholder::is_in(place.field(), place.node())
}

fn is_email(place: &FaultPlace<'_>) -> bool {
    let field = place.field().map(Key::row);
    field.is_some_and(|field| field.kind == ValueKind::Text(Shape::Email))
}

fn bad_text(place: &FaultPlace<'_>) -> Finding {
    match place.kind() {
        Some(ValueKind::Text(Shape::Uln)) => bad_uln::finding(place),
        Some(ValueKind::Text(Shape::Nino)) => bad_nino::finding(place),
        Some(ValueKind::Day) => bad_day::finding(place),
        Some(ValueKind::Instant) => bad_instant::finding(place),
        Some(
            ValueKind::Text(Shape::Free | Shape::Email | Shape::Code(_) | Shape::Codes)
            | ValueKind::Flag
            | ValueKind::Number
            | ValueKind::Ids
            | ValueKind::Accounts
            | ValueKind::Role
            | ValueKind::Word(_)
            | ValueKind::Reference(_)
            | ValueKind::References(_)
            | ValueKind::Units,
        )
        | None => wrong_kind::unread_form(place),
    }
}
