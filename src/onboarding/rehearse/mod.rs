//! The live state and the roster for a rehearsal, with invented people instead of real ones. Values of class `personal` and
//! `special` are replaced in the same way on both sides. Ids, MIS values and links stay. Starts nothing and prints nothing.

mod assigned;
mod invent;

pub use crate::onboarding::rehearse::invent::FlagFlip;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use crate::domain::field::{Class, FIELDS, Field, Key, Referent, SettableWhen, Shape, ValueKind};
use crate::domain::role::Role;
use crate::domain::{
    Account, DirectoryEntry, EntryId, EntryKind, FieldText, ObservedValue, Organisation,
    OrganisationId, Reference, Roster, ShownArchive, Snapshot, Value,
};
use crate::findings::source::Place;
use crate::onboarding::rehearse::assigned::{add_assigned, add_shown};
use crate::onboarding::rehearse::invent::Inventor;
use crate::plan::{HeldUser, Operation, Plan};

/// Both sides of a plan, with invented people.
#[derive(Debug)]
pub struct Rehearsal {
    pub roster: Roster,
    /// Starting state of the sandbox, in the field names of the API.
    pub state: Json,
}

/// Replaces the people of a roster and a snapshot with invented ones.
pub fn rehearsal(roster: &Roster, snapshot: &Snapshot, coin: FlagFlip) -> Rehearsal {
    let mut inventor = Inventor::new(coin);
    let roster = roster.with_values(|key, value| declared(&mut inventor, key, value));
    Rehearsal {
        roster,
        state: SandboxCopy::of(snapshot).written(&mut inventor),
    }
}

fn declared(inventor: &mut Inventor, key: Key, value: &Value) -> Value {
    match value {
        Value::Reference(Reference::Email(email)) => {
            Value::Reference(Reference::Email(inventor.text(Key::Email, email).into()))
        }
        value if key.row().class == Class::Public => value.clone(),
        Value::Text(text) => Value::Text(FieldText::new(key.row().kind, &inventor.text(key, text))),
        Value::Day(day) => Value::Day(inventor.day(*day)),
        Value::Flag(flag) => Value::Flag(inventor.flag(*flag)),
        Value::Instant(_) | Value::Reference(_) => value.clone(),
    }
}

/// A summary of a plan without invented values, to compare a plan with its rehearsal.
pub fn outline(plan: &Plan) -> BTreeSet<(Place, String)> {
    let operation = |operation: &Operation| {
        let keys: Vec<&str> = operation.keys().map(Key::name).collect();
        let (kind, account) = (operation.kind(), operation.account());
        let effects = operation.effects();
        (
            operation.place().clone(),
            format!("{kind:?} {account:?} {keys:?} {effects:?}"),
        )
    };
    let held = |held: &HeldUser| (held.place.clone(), format!("held {}", held.reasons.len()));
    plan.operations
        .iter()
        .map(operation)
        .chain(plan.held.iter().map(held))
        .collect()
}

/// The tables of the directory and their names in `sandbox.yaml`.
const DIRECTORY: &[(Referent, &str)] = &[
    (Referent::Classroom, "classrooms"),
    (Referent::Placement, "placements"),
    (Referent::Provider, "providers"),
    (Referent::LearnerStatus, "learnerStatuses"),
];

/// A snapshot to be copied into the sandbox.
struct SandboxCopy<'s> {
    snapshot: &'s Snapshot,
    /// Ids that accounts refer to but the snapshot lacks, by table. They go into another organisation, so no search shows them.
    elsewhere: BTreeMap<&'static str, BTreeSet<EntryId>>,
}

const USERS: &str = "users";

impl<'s> SandboxCopy<'s> {
    fn of(snapshot: &'s Snapshot) -> Self {
        let mut elsewhere: BTreeMap<&'static str, BTreeSet<EntryId>> = BTreeMap::new();
        for account in snapshot.accounts() {
            for (key, live) in account.shown.iter() {
                if let Some((table, id)) = key
                    .row()
                    .referent()
                    .zip(live)
                    .and_then(|(of, live)| referred(of, live))
                {
                    elsewhere.entry(table).or_default().insert(id);
                }
            }
        }
        for (referent, table) in DIRECTORY {
            let missing = elsewhere.entry(table).or_default();
            for entry in snapshot.directory.of(*referent) {
                missing.remove(&entry.id);
            }
        }
        let users = elsewhere.entry(USERS).or_default();
        for account in snapshot.accounts() {
            users.remove(&account.id.into());
        }
        Self {
            snapshot,
            elsewhere,
        }
    }

    fn written(&self, inventor: &mut Inventor) -> Json {
        let here = self.snapshot.organisation.id;
        let there = if here.get() < i64::from(u32::MAX) {
            here.get() + 1
        } else {
            here.get() - 1
        };
        let mut state = Map::new();
        state.insert(
            "organisations".to_owned(),
            json!([organisation(&self.snapshot.organisation), { "ID": there, "Name": "Elsewhere" }]),
        );
        for (referent, table) in DIRECTORY {
            let own = self
                .snapshot
                .directory
                .of(*referent)
                .iter()
                .map(|entry| named(entry, here));
            let others = self
                .missing(table)
                .map(|id| json!({ "ID": id, "OrganisationID": there, "Name": "Elsewhere" }));
            let mut rows: Vec<Json> = own.chain(others).collect();
            if let Some(kind) = EntryKind::of_referent(*referent) {
                add_shown(self.snapshot, kind, &mut rows, inventor);
            }
            state.insert((*table).to_owned(), rows.into());
        }
        add_assigned(
            self.snapshot,
            (here, OrganisationId::new(there)),
            &mut state,
        );
        let own: Vec<Json> = self
            .snapshot
            .accounts()
            .map(|account| self.account(account, inventor))
            .collect();
        let role = Role::Assessor.row().api;
        let others = self
            .missing(USERS)
            .map(|id| json!({ "ID": id, "OrganisationID": there, "Role": role }));
        state.insert(USERS.to_owned(), own.into_iter().chain(others).collect());
        state.insert("behaviour".to_owned(), self.behaviour());
        Json::Object(state)
    }

    fn missing(&self, table: &str) -> impl Iterator<Item = EntryId> {
        self.elsewhere.get(table).into_iter().flatten().copied()
    }

    fn account(&self, account: &Account, inventor: &mut Inventor) -> Json {
        let mut row = Map::new();
        row.insert("ID".to_owned(), json!(account.id));
        row.insert(
            "OrganisationID".to_owned(),
            json!(self.snapshot.organisation.id),
        );
        row.insert("Role".to_owned(), json!(account.role.row().api));
        for (key, live) in account.shown.iter() {
            let value = live.and_then(|live| invented(inventor, key.row(), live));
            if let Some((name, value)) = key.row().api.zip(value) {
                row.entry(name).or_insert(value);
            }
        }
        let snapshot = self.snapshot;
        let is_archived = account.archive == ShownArchive::Archived
            || snapshot.unlisted.contains(&account.id)
            || snapshot.beyond_lists.contains(&account.id);
        if is_archived {
            row.insert("Archived".to_owned(), json!(true));
        }
        Json::Object(row)
    }

    /// How the service was seen to behave, for the sandbox to copy.
    fn behaviour(&self) -> Json {
        let rows: Vec<&str> = self
            .snapshot
            .listed
            .iter()
            .filter_map(|key| key.row().api)
            .collect();
        // Without any full GET it is unknown which fields the service never shows.
        let shown: BTreeSet<Key> = self
            .snapshot
            .accounts()
            .flat_map(|account| account.shown.keys())
            .collect();
        let was_looked = shown.iter().any(|key| !self.snapshot.listed.contains(key));
        let hidden = FIELDS
            .iter()
            .filter(|field| field.settable == SettableWhen::Always && !shown.contains(&field.key));
        let never: Vec<&str> = hidden
            .filter(|_| was_looked)
            .filter_map(|field| field.api)
            .collect();
        let snapshot = self.snapshot;
        let archived = if snapshot.unlisted.is_empty() && snapshot.beyond_lists.is_empty() {
            "shown"
        } else {
            "hidden"
        };
        let flag = if snapshot.shows_archive() {
            "shown"
        } else {
            "hidden"
        };
        json!({ "searchRows": rows, "neverShown": never, "archived": archived, "archivedFlag": flag })
    }
}

fn referred(referent: Referent, live: &ObservedValue) -> Option<(&'static str, EntryId)> {
    let table = DIRECTORY
        .iter()
        .find(|(of, _)| *of == referent)
        .map_or(USERS, |(_, table)| table);
    live.written()
        .trim()
        .parse()
        .ok()
        .filter(|id: &EntryId| id.is_possible())
        .map(|id| (table, id))
}

fn organisation(organisation: &Organisation) -> Json {
    json!({
        "ID": organisation.id,
        "Name": organisation.name,
        "KeychainCreationForNewUserActive": organisation.keychain_creation,
        "KeychainEmailSuppression": organisation.email_suppression,
    })
}

fn named(entry: &DirectoryEntry, organisation: OrganisationId) -> Json {
    let mut row = json!({ "ID": entry.id, "OrganisationID": organisation, "Name": entry.name });
    if let Some(mis_id) = &entry.mis_id {
        row["MISID"] = json!(mis_id);
    }
    row
}

/// A live value as the sandbox takes it. `None` if it is empty, unreadable or of a kind that isn't copied.
fn invented(inventor: &mut Inventor, field: &Field, live: &ObservedValue) -> Option<Json> {
    let is_public = field.class == Class::Public;
    match (field.kind, live.value()?) {
        (
            ValueKind::Number
            | ValueKind::Ids
            | ValueKind::Accounts
            | ValueKind::Role
            | ValueKind::Word(_),
            _,
        ) => None,
        (ValueKind::Reference(referent), _) => referred(referent, live).map(|(_, id)| json!(id)),
        (ValueKind::Text(Shape::Codes), Value::Text(text)) => {
            Some(json!([inventor.text(field.key, text)]))
        }
        (_, Value::Text(text)) if is_public => Some(json!(text.as_str())),
        (_, Value::Text(text)) => Some(json!(inventor.text(field.key, text))),
        (_, Value::Day(day)) if is_public => Some(json!(day.to_string())),
        (_, Value::Day(day)) => Some(json!(inventor.day(*day).to_string())),
        (_, Value::Instant(instant)) => Some(json!(instant.to_string())),
        (_, Value::Flag(flag)) => Some(json!(inventor.flag(*flag))),
        (_, Value::Reference(_)) => None,
    }
}
