//! The side effects of operations (`docs/onefile-api.md`, Creating and Updating).

use crate::domain::Organisation;
use crate::domain::field::Key;
use crate::plan::operation::{Change, Effect};

pub(crate) fn effects_of_create(organisation: &Organisation) -> Vec<Effect> {
    email_effect(organisation).into_iter().collect()
}

pub(crate) fn effects_of_update(changes: &[Change]) -> Vec<Effect> {
    changes.iter().filter_map(effect_of_change).collect()
}

/// Whether OneFile e-mails a new user, by the organisation's two settings.
pub fn email_effect(organisation: &Organisation) -> Option<Effect> {
    match (
        organisation.keychain_creation,
        organisation.email_suppression,
    ) {
        (Some(false), _) | (_, Some(true)) => None,
        (Some(true), Some(false)) => Some(Effect::EmailsPerson),
        (Some(true) | None, None) | (None, Some(false)) => Some(Effect::MayEmailPerson),
    }
}

/// Filling an empty field has no side effect.
fn effect_of_change(change: &Change) -> Option<Effect> {
    change.from.as_ref()?;
    let (_, effect) = SIDE_EFFECTS.iter().find(|(key, _)| *key == change.key)?;
    Some(*effect)
}

/// The fields whose change does more than to set the field.
const SIDE_EFFECTS: &[(Key, Effect)] = &[
    (Key::Email, Effect::KeychainStays),
    (Key::DefaultAssessor, Effect::AssessorChanges),
];
