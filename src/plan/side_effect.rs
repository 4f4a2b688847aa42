//! What an operation does beyond the record (`onefile-api.md`, Creating and Updating).

use crate::domain::Organisation;
use crate::domain::field::Key;
use crate::plan::operation::{Action, Change, Effect};

pub(crate) fn effects(
    action: &Action,
    changes: &[Change],
    organisation: &Organisation,
) -> Vec<Effect> {
    match action {
        Action::Create => emailing(organisation).into_iter().collect(),
        Action::Update(_) => changes.iter().filter_map(of_change).collect(),
    }
}

/// Whether OneFile writes to a new user, by the organisation's two settings.
pub fn emailing(organisation: &Organisation) -> Option<Effect> {
    match (
        organisation.keychain_creation,
        organisation.email_suppression,
    ) {
        (Some(false), _) | (_, Some(true)) => None,
        (Some(true), Some(false)) => Some(Effect::EmailsPerson),
        _ => Some(Effect::MayEmailPerson),
    }
}

/// An empty field that is filled sets nothing off.
fn of_change(change: &Change) -> Option<Effect> {
    change.from.as_ref()?;
    match change.key {
        Key::Email => Some(Effect::KeychainStays),
        Key::DefaultAssessor => Some(Effect::AssessorChanges),
        _ => None,
    }
}
