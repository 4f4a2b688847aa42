//! Live accounts as manifests, as a person would have written them. Decides which fields of an account are declared and how.
//! Sends no requests, writes no file and prints nothing.

mod draft;
mod entries;
mod reference;

pub use crate::onboarding::export::draft::{Draft, DraftFile, OverlayKind, RejectedValue};
pub(crate) use crate::onboarding::export::draft::{DraftUser, Line, OverlayValues};
pub(crate) use crate::onboarding::export::entries::EntryFile;

pub(crate) use crate::onboarding::export::reference::ReferenceNames;

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::domain::field::{Class, FIELDS, Field, Key, Referent, SettableWhen, Shape, ValueKind};
use crate::domain::redact::open_text;
use crate::domain::role::Role;
use crate::domain::{
    Account, EntryId, EntryKind, ObservedValue, Reference, ShownAssignments, Snapshot, Value,
};
use crate::manifest::tree::scalar::{code_list, quoted, typed};

/// How accounts are divided into files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupBy {
    /// One file for each role: `learners.yaml`, `assessors.yaml`.
    Role,
    /// A separate file for the learners of each classroom.
    Classroom,
}

/// Which values are written, and where.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    pub by: GroupBy,
    /// The highest class that is written; values above it are withheld.
    pub highest: Class,
    pub personal: PrivateValues,
    /// The kinds that get a manifest of their own.
    pub entries: &'static [EntryKind],
}

/// Where values that aren't public are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivateValues {
    Manifests,
    /// In a CSV that is joined by MIS value.
    Apart,
}

/// What a manifest writes for each of these numbers: a name or MIS value if that says which is meant, else the number. `None` if
/// a plan wouldn't find it.
pub fn references_written(
    snapshot: &Snapshot,
    referent: Referent,
    ids: &[EntryId],
) -> Vec<Option<String>> {
    let names = ReferenceNames::of(snapshot);
    let mut written = Vec::with_capacity(ids.len());
    for id in ids {
        let value = ObservedValue::Value(Value::Reference(Reference::Id(*id)));
        written.push(names.reference(referent, &value));
    }
    written
}

/// The manifests for all live accounts in the snapshot.
pub fn export(snapshot: &Snapshot, choice: Choice) -> Draft {
    let names = ReferenceNames::of(snapshot);
    let mut draft = Draft::default();
    for account in snapshot.accounts() {
        let user = draft_user(account, &names, choice, &mut draft);
        let is_apart = choice.by == GroupBy::Classroom && Key::Classroom.row().is_of(account.role);
        let classroom = is_apart.then(|| names.classroom(account)).flatten();
        draft.add(account.role, classroom.as_deref(), user);
    }
    for kind in choice.entries {
        draft.add_entries(EntryFile::of(snapshot, *kind));
    }
    draft.share(Key::Standards);
    draft
}

fn draft_user(
    account: &Account,
    names: &ReferenceNames<'_>,
    choice: Choice,
    draft: &mut Draft,
) -> DraftUser {
    // Manifests beside a CSV hold only public values, and an e-mail address isn't one.
    let own_mis_id = names.own_mis_id(account).filter(|mis_id| {
        choice.personal == PrivateValues::Manifests || open_text(mis_id).is_some()
    });
    let mut lines: Vec<Line> = Vec::new();
    let mut cells: Vec<(Key, String)> = Vec::new();
    for field in FIELDS
        .iter()
        .filter(|field| is_exported(field, account.role))
    {
        let Some(live) = account.shown.get(field.key) else {
            continue;
        };
        if refers_to_nothing(field, live) || (field.key == Key::MisId && own_mis_id.is_none()) {
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
            ValueKind::Text(Shape::Codes) => live.canonical().map(|codes| code_list(&codes)),
            ValueKind::Text(_) => Some(scalar(live.written().trim())),
            ValueKind::Day
            | ValueKind::Instant
            | ValueKind::Flag
            | ValueKind::Number
            | ValueKind::Ids
            | ValueKind::Accounts
            | ValueKind::Role
            | ValueKind::Word(_)
            | ValueKind::References(_)
            | ValueKind::Units => live.canonical().map(Cow::into_owned),
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
    if let Some(shown) = names.shown_assignments(account) {
        match standards(shown, names) {
            Some(titles) if titles.is_empty() => {}
            Some(titles) => lines.push(Line {
                key: Key::Standards,
                text: format!("standards: [{}]", titles.join(", ")),
            }),
            None => draft
                .left_out
                .entry(account.id)
                .or_default()
                .push(Key::Standards),
        }
    }
    let mut apart = Vec::new();
    let name = own_mis_id.and_then(|_| names.user_name(account));
    match name {
        Some(name) if !cells.is_empty() => {
            apart = cells.iter().map(|(key, _)| *key).collect();
            draft.apart.push(OverlayValues {
                id: account.id,
                name,
                cells,
            });
        }
        _ => draft.unjoined += usize::from(!cells.is_empty()),
    }
    DraftUser::with_apart(account.id, account.role, lines, apart)
}

/// How a manifest names the standards of a learner. `None` if they can't be read, or if a plan wouldn't find one.
fn standards(shown: &ShownAssignments, names: &ReferenceNames<'_>) -> Option<Vec<String>> {
    let aims = shown.aims.as_ref()?;
    let ids: BTreeSet<EntryId> = aims.iter().map(|aim| aim.standard.into()).collect();
    let titles = ids
        .into_iter()
        .map(|id| names.list_item(Referent::Standard, id));
    titles.collect()
}

/// Whether there is nothing to declare: no value, or a reference with id 0, which means none.
fn refers_to_nothing(field: &Field, live: &ObservedValue) -> bool {
    live.canonical()
        .is_none_or(|value| matches!(field.kind, ValueKind::Reference(_)) && value == "0")
}

/// Whether the role has this field and an update can set it.
fn is_exported(field: &Field, role: Role) -> bool {
    field.settable == SettableWhen::Always && field.api.is_some() && field.is_of(role)
}

/// Text within a list or mapping on one line, where commas and brackets end a plain text.
pub(crate) fn flow_scalar(text: &str) -> String {
    let plain = scalar(text);
    if plain == text && plain.contains([',', '[', ']', '{', '}']) {
        return quoted(text);
    }
    plain
}

/// Text as YAML on one line: plain if every reader takes it as text, otherwise in double quotes.
pub(crate) fn scalar(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    if typed(&text) == text && !text.contains('\n') {
        return text;
    }
    quoted(&text)
}
