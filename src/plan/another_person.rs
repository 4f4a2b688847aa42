//! Updates that look as if the account would become somebody else's: two of the fields that rarely change for one person
//! would change, as when a column of a spreadsheet has shifted.

use std::borrow::Cow;

use smol_str::SmolStr;

use crate::domain::field::Key;
use crate::domain::{
    Account, DeclaredUser, FoldedName, STAYS_WITH_A_PERSON, declared_text, identifying,
};
use crate::plan::hold::HoldReason;
use crate::plan::operation::{Change, ResolvedValue};

/// Why this update may make somebody else of the account; `None` if a person has said that it doesn't.
pub(crate) fn another_person(
    user: &DeclaredUser,
    account: &Account,
    changes: &[Change],
) -> Option<HoldReason> {
    if user.same_person {
        return None;
    }
    seems_another(user, account, changes)
}

/// Why this update seems to make somebody else of the account, whatever a person has said.
pub(crate) fn seems_another(
    user: &DeclaredUser,
    account: &Account,
    changes: &[Change],
) -> Option<HoldReason> {
    let mut replaced = replaced_names(user, account, changes);
    let names = replaced.len();
    for change in changes {
        if STAYS_WITH_A_PERSON.contains(&change.key) && !is_name(change.key) && replaces(change) {
            replaced.push(change);
        }
    }
    let is_excused = replaced.len() == names && agrees_otherwise(user, account);
    (replaced.len() > 1 && !is_excused)
        .then(|| HoldReason::AnotherPerson(replaced.into_iter().cloned().collect()))
}

fn is_name(key: Key) -> bool {
    matches!(key, Key::FirstName | Key::LastName)
}

/// The changes that take a name away. Case, accents, apostrophes, hyphens, blanks and order take none away.
fn replaced_names<'c>(
    user: &DeclaredUser,
    account: &Account,
    changes: &'c [Change],
) -> Vec<&'c Change> {
    let lost = lost_names(user, account);
    let takes_away = |change: &&Change| {
        is_name(change.key) && former(change).is_some_and(|former| lost.contains(&former))
    };
    changes.iter().filter(takes_away).collect()
}

/// The names of the account, folded, that the declared user doesn't have. A name that isn't declared stays as it is.
fn lost_names(user: &DeclaredUser, account: &Account) -> Vec<SmolStr> {
    let live = |key: Key| account.value(key).or(Some(Cow::Borrowed("")));
    let Some(was) = FoldedName::of(live) else {
        return Vec::new();
    };
    match FoldedName::of(|key| declared_text(&user.values, key).or_else(|| live(key))) {
        Some(is) => was.lost_in(&is),
        None => was.parts().to_vec(),
    }
}

fn former(change: &Change) -> Option<SmolStr> {
    identifying(change.key, &change.from.as_ref()?.live.written())
}

/// Whether the account had another value before. The placeholder for an unknown ULN is none.
fn replaces(change: &Change) -> bool {
    let new = match &change.to {
        ResolvedValue::Value(value) => identifying(change.key, &value.written()),
        ResolvedValue::Reference { .. } => None,
    };
    former(change).is_some_and(|former| new != Some(former))
}

/// Whether the ULN, or e-mail address and date of birth together, show that the person with another name is the same.
fn agrees_otherwise(user: &DeclaredUser, account: &Account) -> bool {
    let agrees = |key: Key| {
        let declared = declared_text(&user.values, key).and_then(|text| identifying(key, &text));
        let live = account.value(key).and_then(|text| identifying(key, &text));
        declared.is_some() && declared == live
    };
    agrees(Key::Uln) || (agrees(Key::Email) && agrees(Key::Dob))
}
