//! Compares declared and live values. Both were made canonical when they were read.

use crate::domain::field::Key;
use crate::domain::{Account, EntryId, KeptValues, ObservedValue, Value, is_same_but_for_case};
use crate::plan::operation::{ReferenceTarget, ResolvedValue};

/// Whether the account already has a declared value.
pub fn equal(declared: &ResolvedValue, live: Option<&ObservedValue>) -> bool {
    match declared {
        ResolvedValue::Value(value) => equal_value(value, live),
        ResolvedValue::Reference { target, .. } => match target {
            ReferenceTarget::Known(id) => is_reference_to(*id, live),
            ReferenceTarget::AfterApply(_)
            | ReferenceTarget::AfterEntry(_)
            | ReferenceTarget::Unit { .. } => false,
        },
    }
}

/// The same for a value that isn't a reference. An empty text counts as no value.
pub(crate) fn equal_value(declared: &Value, live: Option<&ObservedValue>) -> bool {
    match live {
        Some(ObservedValue::Value(live)) => declared == live,
        Some(ObservedValue::Unreadable(_)) => false,
        None | Some(ObservedValue::Empty) => {
            matches!(declared, Value::Text(text) if text.canonical().is_empty())
        }
    }
}

/// Whether the account's text is the declared one but for capitals. Accents and blanks make a difference.
pub(crate) fn equal_but_for_case(declared: &ResolvedValue, live: Option<&ObservedValue>) -> bool {
    match (declared, live) {
        (
            ResolvedValue::Value(Value::Text(declared)),
            Some(ObservedValue::Value(Value::Text(live))),
        ) => is_same_but_for_case(declared.canonical(), live.canonical()),
        (ResolvedValue::Value(_) | ResolvedValue::Reference { .. }, _) => false,
    }
}

/// Whether OneFile is known to make the account's text of the declared one.
pub(crate) fn is_kept(
    kept: &KeptValues,
    account: &Account,
    key: Key,
    declared: &ResolvedValue,
) -> bool {
    let live = account.shown.get(key).and_then(ObservedValue::canonical);
    match (declared, live) {
        (ResolvedValue::Value(Value::Text(declared)), Some(live)) => {
            kept.knows(account.id, key, declared.canonical(), &live)
        }
        (ResolvedValue::Value(_) | ResolvedValue::Reference { .. }, _) => false,
    }
}

fn is_reference_to(id: EntryId, live: Option<&ObservedValue>) -> bool {
    live.and_then(ObservedValue::reference) == Some(id)
}

/// Whether two values that an account had are equal, where a missing one and an empty one count as the same.
pub(crate) fn same_live(one: Option<&ObservedValue>, other: Option<&ObservedValue>) -> bool {
    let one = one.filter(|value| !value.is_empty());
    let other = other.filter(|value| !value.is_empty());
    one == other
}
