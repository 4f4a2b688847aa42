//! Which live values the manifests can take over: the drift that a plan found, as values that a person would declare. Sends
//! no requests and writes no file.

use std::collections::{BTreeSet, HashMap};

use crate::domain::field::{Class, Key};
use crate::domain::role::Role;
use crate::domain::{
    AccountId, FieldText, ObservedValue, Reference, Roster, Scope, Snapshot, Value,
};
use crate::findings::Rule;
use crate::findings::source::Place;
use crate::onboarding::export::ReferenceNames;
use crate::plan::{Change, Plan, Update, UserLabel};

/// Which drift is taken over.
pub struct DriftChoice<'c> {
    /// `None` for every field.
    pub keys: Option<&'c BTreeSet<Key>>,
    /// Values above this class are left.
    pub highest: Class,
    /// What a change to the files edits is left: it hasn't been applied yet.
    pub scope: &'c Scope,
}

/// A declared value that differs from the live one.
pub struct Drift {
    /// The index in the roster.
    pub user: usize,
    pub who: UserLabel,
    pub key: Key,
    /// The live value as the manifest would declare it, or why it can't.
    pub to: Result<Value, NotTaken>,
}

/// Why a live value isn't taken into the files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotTaken {
    /// The change edits this value, so OneFile doesn't have it yet.
    EditedHere,
    /// OneFile has no value, and a manifest can't say so.
    EmptyInOneFile,
    /// A MIS value says who the user is.
    Identity,
    /// Where `CI` is set, only public values are written.
    NotPublic,
    /// It refers to something that a manifest can't name.
    NothingToName,
    /// The user is a row of this CSV, which has no column for the field.
    NoColumn(String),
    /// The value is in this cell of a workbook, and workbooks aren't written.
    InWorkbook {
        file: String,
        sheet: String,
        cell: String,
    },
    /// A cell of this CSV can't hold a reference by number.
    NotInCells(String),
    /// The encoding of this CSV has no such character.
    NotInEncoding(String),
    /// The value is special, and git keeps this file.
    SpecialInGit(String),
    /// `validate` refuses the value, by this rule.
    Refused(&'static Rule),
    /// Somebody else has this e-mail address, ULN or NINO.
    SomebodyElses,
    /// It would be read back as something else, or change what others have.
    NotReadBack,
}

impl NotTaken {
    /// Whether the command line or the environment asked to leave the value.
    pub fn is_asked_for(&self) -> bool {
        matches!(self, Self::NotPublic | Self::EditedHere)
    }
}

/// The drift that was chosen, in the order of the plan.
pub fn drift(
    plan: &Plan,
    (roster, snapshot): (&Roster, &Snapshot),
    choice: &DriftChoice<'_>,
) -> Vec<Drift> {
    let names = ReferenceNames::of(snapshot);
    let indexes = indexes(roster);
    let mut drift = Vec::new();
    for update in plan.updates() {
        let Some(user) = indexes.get(&identity_of(update)).copied() else {
            continue;
        };
        for change in &update.changes {
            if choice.keys.is_some_and(|keys| !keys.contains(&change.key)) {
                continue;
            }
            let declared = roster.users()[user].values.get(change.key);
            let edit = choice.scope.edit(user);
            drift.push(Drift {
                user,
                who: update.user.clone(),
                key: change.key,
                to: if edit.is_some_and(|edit| edit.keys.contains(&change.key)) {
                    Err(NotTaken::EditedHere)
                } else {
                    live_value(change, declared, &names, choice.highest)
                },
            });
        }
    }
    drift
}

/// What tells declared users apart: two may stand on one line.
type DeclaredIdentity<'p> = (&'p Place, Role, Option<&'p str>, Option<AccountId>);

fn indexes(roster: &Roster) -> HashMap<DeclaredIdentity<'_>, usize> {
    let mut indexes = HashMap::with_capacity(roster.users().len());
    for (index, user) in roster.users().iter().enumerate() {
        indexes.insert((&user.place, user.role, user.mis_id(), user.id), index);
    }
    indexes
}

fn identity_of(update: &Update) -> DeclaredIdentity<'_> {
    let UserLabel {
        role, mis_id, id, ..
    } = &update.user;
    (&update.place, *role, mis_id.as_deref(), *id)
}

fn live_value(
    change: &Change,
    declared: Option<&Value>,
    names: &ReferenceNames<'_>,
    highest: Class,
) -> Result<Value, NotTaken> {
    let field = change.key.row();
    if change.key == Key::MisId {
        return Err(NotTaken::Identity);
    }
    if field.class > highest {
        return Err(NotTaken::NotPublic);
    }
    let live = change.from.as_ref().map(|from| &from.live);
    let Some(ObservedValue::Value(value)) = live else {
        return Err(NotTaken::EmptyInOneFile);
    };
    match (field.referent(), declared) {
        (Some(referent), Some(Value::Reference(declared))) => {
            let nothing = || match value {
                Value::Reference(Reference::Id(id)) if !id.is_possible() => {
                    NotTaken::EmptyInOneFile
                }
                _ => NotTaken::NothingToName,
            };
            let named = names.declared_like(referent, value, declared);
            named.map(Value::Reference).ok_or_else(nothing)
        }
        (Some(_), _) => Err(NotTaken::NothingToName),
        (None, _) => Ok(plain(change.key, value)),
    }
}

/// A text without white space at its ends and with plain line ends, as manifests have it.
fn plain(key: Key, value: &Value) -> Value {
    match value {
        Value::Text(text) => {
            let text = text.as_str().trim().replace("\r\n", "\n");
            Value::Text(FieldText::new(key.row().kind, &text))
        }
        Value::Day(_) | Value::Instant(_) | Value::Flag(_) | Value::Reference(_) => value.clone(),
    }
}
