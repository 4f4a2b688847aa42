//! Live accounts as manifests: what would have been written for them. Decides what of an account is declared and how; reads no
//! server, writes no file and prints nothing.

mod draft;
mod reference;

pub use crate::onboarding::export::draft::{Draft, DraftFile, RejectedValue};
pub(crate) use crate::onboarding::export::draft::{DraftUser, Line, OverlayValues, record};

use std::borrow::Cow;

use crate::domain::field::{Class, FIELDS, Field, Key, SettableWhen, ValueKind};
use crate::domain::role::Role;
use crate::domain::{Account, ObservedValue, Snapshot};
use crate::manifest::tree::scalar::typed;
use crate::onboarding::export::reference::ReferenceNames;

/// How the accounts are put into files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupBy {
    /// `learners.yaml`, `assessors.yaml`.
    Role,
    /// The learners of each classroom in a file of their own.
    Classroom,
}

/// Which values are written, and where.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    pub by: GroupBy,
    /// The highest class that is written.
    pub highest: Class,
    pub personal: PrivateValues,
}

/// Where values go that aren't public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivateValues {
    Manifests,
    /// Into a CSV that is joined by MIS value.
    Apart,
}

/// The manifests for what is live.
pub fn export(snapshot: &Snapshot, choice: Choice) -> Draft {
    let names = ReferenceNames::of(snapshot);
    let mut draft = Draft::default();
    for account in snapshot.accounts() {
        let user = draft_user(account, &names, choice, &mut draft);
        let is_apart = choice.by == GroupBy::Classroom && Key::Classroom.row().is_of(account.role);
        let classroom = is_apart.then(|| names.classroom(account)).flatten();
        draft.add(account.role, classroom.as_deref(), user);
    }
    draft
}

fn draft_user(
    account: &Account,
    names: &ReferenceNames<'_>,
    choice: Choice,
    draft: &mut Draft,
) -> DraftUser {
    let is_own = names.own_mis_id(account).is_some();
    let mut lines: Vec<Line> = Vec::new();
    let mut cells: Vec<(Key, String)> = Vec::new();
    for field in FIELDS
        .iter()
        .filter(|field| is_exported(field, account.role))
    {
        let Some(live) = account.shown.get(field.key) else {
            continue;
        };
        if refers_to_nothing(field, live) || (field.key == Key::MisId && !is_own) {
            continue;
        }
        if field.class > choice.highest {
            draft.withheld += 1;
            continue;
        }
        let is_apart = field.class > Class::Public && choice.personal == PrivateValues::Apart;
        let value = match field.kind {
            ValueKind::Reference(referent) => names.reference(referent, live),
            _ if !live.is_readable() => None,
            ValueKind::Text(_) if is_apart => Some(live.written().trim().replace("\r\n", "\n")),
            ValueKind::Text(_) => Some(scalar(live.written().trim())),
            _ => live.canonical().map(Cow::into_owned),
        };
        match value {
            Some(value) if is_apart => cells.push((field.key, value)),
            Some(value) => lines.push(Line {
                key: field.key,
                text: format!("{}: {value}", field.name),
            }),
            None => draft
                .left_out
                .entry(account.id)
                .or_default()
                .push(field.key),
        }
    }
    let mut apart = Vec::new();
    match names.own_mis_id(account) {
        Some(mis_id) if !cells.is_empty() => {
            apart = cells.iter().map(|(key, _)| *key).collect();
            draft.apart.push(OverlayValues {
                id: account.id,
                mis_id: mis_id.to_owned(),
                cells,
            });
        }
        _ => draft.unjoined += usize::from(!cells.is_empty()),
    }
    DraftUser::with_apart(account.id, account.role, lines, apart)
}

/// Whether nothing is there to be declared: no value, or a number that stands for none.
fn refers_to_nothing(field: &Field, live: &ObservedValue) -> bool {
    live.canonical()
        .is_none_or(|value| matches!(field.kind, ValueKind::Reference(_)) && value == "0")
}

/// What an update can set, and the role has.
fn is_exported(field: &Field, role: Role) -> bool {
    field.settable == SettableWhen::Always && field.api.is_some() && field.is_of(role)
}

/// Text as YAML: plain where every reader takes it for text, else in double quotes, on one line.
pub(crate) fn scalar(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    if typed(&text) == text && !text.contains('\n') {
        return text;
    }
    // What JSON writes in quotes, YAML reads, once what it doesn't print is escaped.
    let quoted = serde_json::to_string(&text).expect("text can be written");
    quoted
        .chars()
        .map(|c| {
            if is_printed(c) {
                c.to_string()
            } else {
                format!("\\u{:04x}", u32::from(c))
            }
        })
        .collect()
}

/// What YAML takes as it stands inside of quotes; the separators of lines it would fold.
fn is_printed(c: char) -> bool {
    !matches!(
        c,
        '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
    )
}
