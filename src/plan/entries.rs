//! Declared placements and classrooms: which of those that exist each of them is, how it differs, and which are created.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::field::{Key, ReferenceForm, Referent};
use crate::domain::{
    DeclaredEntry, DirectoryEntry, EntryCounts, EntryId, EntryKind, LeftOut, LiveEntry,
    ObservedFields, ObservedValue, Reference, Roster, Scope, Snapshot, Value, is_same_but_for_case,
    plain_name,
};
use crate::plan::compare;
use crate::plan::entry_hold::EntryHold;
use crate::plan::operation::{
    Change, CreateEntry, Effect, EntryLabel, LiveValue, NewEntry, Operation, Origin, ResolvedValue,
    UpdateEntry,
};
use crate::plan::planned::HeldEntry;

/// What happens to the declared placements and classrooms.
#[derive(Default)]
pub(crate) struct EntryDecisions {
    pub(crate) operations: Vec<Operation>,
    pub(crate) held: Vec<HeldEntry>,
    /// How many are as declared.
    pub(crate) unchanged: EntryCounts,
    /// How many declared values can't be compared.
    pub(crate) not_compared: usize,
    /// What becomes of each, in the order of the roster.
    pub(crate) fates: Vec<EntryFate>,
}

/// What a reference to a declared placement or classroom gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EntryFate {
    Known(EntryId),
    /// The plan creates it.
    New(NewEntry),
    Held,
    /// It doesn't exist, and isn't planned in this run.
    Unplanned(LeftOut),
}

/// The live names of each declared kind, as people take them for one another, in the order of the directory. Making one costs
/// more than comparing it with every declared name.
struct PlainNames(BTreeMap<EntryKind, Vec<String>>);

impl PlainNames {
    fn of(entries: &[DeclaredEntry], snapshot: &Snapshot) -> Self {
        let kinds: BTreeSet<EntryKind> = entries.iter().map(|entry| entry.kind).collect();
        let names = kinds.into_iter().map(|kind| {
            let rows = snapshot.directory.of(kind.referent()).iter();
            (kind, rows.map(|row| plain_name(&row.name)).collect())
        });
        Self(names.collect())
    }

    fn of_kind(&self, kind: EntryKind) -> &[String] {
        self.0.get(&kind).map_or(&[], Vec::as_slice)
    }
}

/// Decides about each of them.
pub(crate) fn decide_entries(
    roster: &Roster,
    snapshot: &Snapshot,
    scope: &Scope,
) -> EntryDecisions {
    let entries = roster.entries();
    let plain_names = PlainNames::of(entries, snapshot);
    let mut found: Vec<_> = entries
        .iter()
        .map(|entry| found(entry, snapshot, &plain_names))
        .collect();
    hold_shared(entries, &mut found);
    let comparison = EntryComparison {
        snapshot,
        scope,
        shown: fields_shown(snapshot),
    };
    let mut decisions = EntryDecisions::default();
    for (at, (entry, found)) in entries.iter().zip(found).enumerate() {
        let fate = match (found, scope.leaves_out_entry(at)) {
            (Ok(Some(row)), Some(_)) => EntryFate::Known(row.id),
            (Ok(None) | Err(_), Some(why)) => EntryFate::Unplanned(why),
            (Ok(Some(row)), None) => comparison.update(at, entry, row, &mut decisions),
            (Ok(None), None) => comparison.create(at, entry, &mut decisions),
            (Err(reason), None) => comparison.hold(at, entry, reason, &mut decisions),
        };
        decisions.fates.push(fate);
    }
    decisions
}

/// The live one that a declared one is; `None` if there is none, so that it may be created.
fn found<'s>(
    entry: &DeclaredEntry,
    snapshot: &'s Snapshot,
    plain_names: &PlainNames,
) -> Result<Option<&'s DirectoryEntry>, EntryHold> {
    let rows = snapshot.directory.of(entry.kind.referent());
    let found = match entry.id {
        Some(id) => match rows.iter().find(|row| row.id == id) {
            Some(row) => Ok(Some(row)),
            None => Err(EntryHold::NoSuchEntry(id)),
        },
        None => by_key(entry, rows),
    };
    let is_missing = matches!(found, Ok(None) | Err(EntryHold::NoSuchEntry(_)));
    if is_missing && snapshot.shifting_entries.contains(&entry.kind) {
        return Err(EntryHold::ListNotWhole);
    }
    let Some(row) = found? else {
        return match may_be(entry, rows, snapshot, plain_names) {
            Some(reason) => Err(reason),
            None => Ok(None),
        };
    };
    match taken(entry, row, rows) {
        Some(reason) => Err(reason),
        None => Ok(Some(row)),
    }
}

/// By MIS value, or else by name. One that has another MIS value is another one.
fn by_key<'s>(
    entry: &DeclaredEntry,
    rows: &'s [DirectoryEntry],
) -> Result<Option<&'s DirectoryEntry>, EntryHold> {
    let mut with_mis_id = Vec::new();
    let mut with_name = Vec::new();
    let mut others = Vec::new();
    for row in rows {
        if entry.mis_id().is_some() && row.mis_id.as_deref() == entry.mis_id() {
            with_mis_id.push(row);
        } else if Some(row.name.as_str()) == entry.name() {
            let is_other = entry.mis_id().is_some() && row.mis_id.is_some();
            let same_name = if is_other {
                &mut others
            } else {
                &mut with_name
            };
            same_name.push(row);
        }
    }
    match (with_mis_id.as_slice(), with_name.as_slice()) {
        ([row], _) => Ok(Some(*row)),
        ([], [row]) if others.is_empty() => Ok(Some(*row)),
        ([], []) if others.is_empty() => Ok(None),
        ([], []) => Err(EntryHold::NameElsewhere(ids(&others))),
        ([], several) => {
            let several = several.iter().chain(&others).map(|row| row.id);
            Err(EntryHold::Several(several.collect()))
        }
        (several, _) => Err(EntryHold::Several(ids(several))),
    }
}

/// Why one that none is by its key may exist all the same. A placement too many can't be taken away again.
fn may_be(
    entry: &DeclaredEntry,
    rows: &[DirectoryEntry],
    snapshot: &Snapshot,
    plain_names: &PlainNames,
) -> Option<EntryHold> {
    let name = entry.name()?;
    let created = snapshot.created_entries.get(&(entry.kind, name.to_owned()));
    if let Some(id) = created
        && rows.iter().any(|row| row.id == *id)
    {
        return Some(EntryHold::CreatedAs(*id));
    }
    let plain = plain_name(name);
    let mut near = Vec::new();
    for (row, live) in rows.iter().zip(plain_names.of_kind(entry.kind)) {
        let mis_ids = entry.mis_id().zip(row.mis_id.as_deref());
        let has_mis_id =
            mis_ids.is_some_and(|(own, live)| is_same_but_for_case(own.trim(), live.trim()));
        if *live == plain || has_mis_id {
            near.push(row);
        }
    }
    (!near.is_empty()).then(|| EntryHold::NearlySame(ids(&near)))
}

/// Why the found one doesn't get its declared name or MIS value: others have it.
fn taken(
    entry: &DeclaredEntry,
    found: &DirectoryEntry,
    rows: &[DirectoryEntry],
) -> Option<EntryHold> {
    let (mut names, mut mis_ids) = (Vec::new(), Vec::new());
    for row in rows.iter().filter(|row| row.id != found.id) {
        let has_name = Some(row.name.as_str()) == entry.name() && row.name != found.name;
        names.extend(has_name.then_some(row.id));
        let has_mis_id = entry.mis_id().is_some()
            && row.mis_id.as_deref() == entry.mis_id()
            && row.mis_id != found.mis_id;
        mis_ids.extend(has_mis_id.then_some(row.id));
    }
    if !mis_ids.is_empty() {
        Some(EntryHold::MisIdElsewhere(mis_ids))
    } else if !names.is_empty() {
        Some(EntryHold::NameElsewhere(names))
    } else {
        None
    }
}

fn ids(rows: &[&DirectoryEntry]) -> Vec<EntryId> {
    rows.iter().map(|row| row.id).collect()
}

/// Puts those on hold that are the same live one.
fn hold_shared(
    entries: &[DeclaredEntry],
    found: &mut [Result<Option<&DirectoryEntry>, EntryHold>],
) {
    let mut declared_as: BTreeMap<(EntryKind, EntryId), Vec<usize>> = BTreeMap::new();
    for (at, (entry, found)) in entries.iter().zip(found.iter()).enumerate() {
        if let Ok(Some(row)) = found {
            let same = declared_as.entry((entry.kind, row.id)).or_default();
            same.push(at);
        }
    }
    declared_as.retain(|_, same| same.len() > 1);
    for ((_, id), same) in declared_as {
        for at in &same {
            let others = same.iter().filter(|other| *other != at);
            let mut others: Vec<_> = others.map(|at| entries[*at].place.clone()).collect();
            others.sort();
            found[*at] = Err(EntryHold::DeclaredTwice { id, others });
        }
    }
}

/// The fields that at least one of a kind shows. One that lacks such a field has no value there.
fn fields_shown(snapshot: &Snapshot) -> BTreeSet<(EntryKind, Key)> {
    let mut shown = BTreeSet::new();
    for ((kind, _), entry) in &snapshot.entries {
        shown.extend(entry.shown.keys().map(|key| (*kind, key)));
    }
    shown
}

/// What declared ones are compared with.
struct EntryComparison<'p> {
    snapshot: &'p Snapshot,
    scope: &'p Scope,
    shown: BTreeSet<(EntryKind, Key)>,
}

impl EntryComparison<'_> {
    fn create(
        &self,
        at: usize,
        entry: &DeclaredEntry,
        decisions: &mut EntryDecisions,
    ) -> EntryFate {
        let Some(name) = entry.name() else {
            return self.hold(at, entry, EntryHold::Nameless, decisions);
        };
        let key = (entry.kind, name.to_owned());
        if self.snapshot.unclear_entries.contains(&key) {
            return self.hold(at, entry, EntryHold::MayHaveBeenCreated, decisions);
        }
        let changes = entry.values.iter();
        let create = CreateEntry {
            entry: label(entry, None),
            place: entry.place.clone(),
            origin: self.origin_of(at),
            changes: changes
                .map(|(key, value)| Change::first(key, ResolvedValue::Value(value.clone())))
                .collect(),
            effects: vec![Effect::Stays],
        };
        let fate = EntryFate::New(create.new_entry());
        decisions.operations.push(Operation::CreateEntry(create));
        fate
    }

    fn update(
        &self,
        at: usize,
        entry: &DeclaredEntry,
        row: &DirectoryEntry,
        decisions: &mut EntryDecisions,
    ) -> EntryFate {
        let live = self.snapshot.entries.get(&(entry.kind, row.id));
        let mut changes = Vec::new();
        for (key, value) in entry.values.iter() {
            match self.difference(at, entry.kind, (key, value), live) {
                EntryDifference::None => {}
                EntryDifference::NotCompared => decisions.not_compared += 1,
                EntryDifference::Change(change) => changes.push(change),
            }
        }
        if changes.is_empty() {
            decisions.unchanged.add(entry.kind);
        } else {
            let update = UpdateEntry {
                entry: label(entry, Some(row)),
                place: entry.place.clone(),
                origin: self.origin(at, &changes),
                id: row.id,
                changes,
                effects: Vec::new(),
            };
            decisions.operations.push(Operation::UpdateEntry(update));
        }
        EntryFate::Known(row.id)
    }

    /// As with users: a field that none shows is sent in the run whose change edits it.
    fn difference(
        &self,
        at: usize,
        kind: EntryKind,
        (key, value): (Key, &Value),
        live: Option<&LiveEntry>,
    ) -> EntryDifference {
        let shown: Option<&ObservedFields> = live.map(|live| &live.shown);
        let live = shown.and_then(|shown| shown.get(key));
        let change = Change::first(key, ResolvedValue::Value(value.clone()));
        let is_comparable =
            self.shown.contains(&(kind, key)) && live.is_none_or(ObservedValue::is_readable);
        if !is_comparable {
            let edit = self.scope.entry_edit(at);
            let is_edited = edit.is_some_and(|edit| edit.keys.contains(&key));
            return if is_edited {
                EntryDifference::Change(Change {
                    is_verifiable: false,
                    ..change
                })
            } else {
                EntryDifference::NotCompared
            };
        }
        if compare::equal_value(value, live) {
            return EntryDifference::None;
        }
        let from = live.map(|live| LiveValue {
            live: live.clone(),
            label: None,
        });
        EntryDifference::Change(Change { from, ..change })
    }

    fn hold(
        &self,
        at: usize,
        entry: &DeclaredEntry,
        reason: EntryHold,
        decisions: &mut EntryDecisions,
    ) -> EntryFate {
        decisions.held.push(HeldEntry {
            entry: label(entry, None),
            place: entry.place.clone(),
            reason,
            origin: self.origin_of(at),
        });
        EntryFate::Held
    }

    /// The origin of a decision about the whole entry.
    fn origin_of(&self, at: usize) -> Option<Origin> {
        let edit = self.scope.entry_edit(at)?;
        Some(Origin::of(edit.is_edited))
    }

    fn origin(&self, at: usize, changes: &[Change]) -> Option<Origin> {
        let edit = self.scope.entry_edit(at)?;
        let is_edited = changes.iter().any(|change| edit.keys.contains(&change.key));
        Some(Origin::of(is_edited))
    }
}

enum EntryDifference {
    None,
    NotCompared,
    Change(Change),
}

fn label(entry: &DeclaredEntry, row: Option<&DirectoryEntry>) -> EntryLabel {
    let shown_name = row.map(|row| row.name.as_str());
    let shown_mis_id = row.and_then(|row| row.mis_id.as_deref());
    EntryLabel {
        kind: entry.kind,
        name: entry.name().or(shown_name).unwrap_or_default().to_owned(),
        mis_id: entry.mis_id().or(shown_mis_id).map(str::to_owned),
        id: row.map(|row| row.id).or(entry.id),
    }
}

/// The declared placements and classrooms, as references see them.
#[derive(Clone, Copy, Default)]
pub(crate) struct DeclaredEntries<'p> {
    entries: &'p [DeclaredEntry],
    fates: &'p [EntryFate],
}

impl<'p> DeclaredEntries<'p> {
    pub(crate) fn new(roster: &'p Roster, fates: &'p [EntryFate]) -> Self {
        Self {
            entries: roster.entries(),
            fates,
        }
    }

    /// What becomes of the one that a reference means, if it is meant in this form.
    pub(crate) fn called(
        &self,
        referent: Referent,
        form: ReferenceForm,
        reference: &Reference,
    ) -> Option<(&'p DeclaredEntry, &'p EntryFate)> {
        let text = match reference {
            Reference::Named(text) | Reference::MisId(text) | Reference::Name(text) => {
                Some(text.as_str())
            }
            Reference::Id(_) | Reference::Email(_) => None,
        };
        let is_meant = |entry: &DeclaredEntry| match form {
            ReferenceForm::MisId => entry.mis_id() == text,
            ReferenceForm::Name => entry.name() == text,
            ReferenceForm::Id | ReferenceForm::Email => false,
        };
        text?;
        let mut declared = self.entries.iter().zip(self.fates);
        declared.find(|(entry, _)| entry.kind.referent() == referent && is_meant(entry))
    }

    /// The names of those that may be meant.
    pub(crate) fn names(&self, referent: Referent) -> impl Iterator<Item = &'p str> {
        let of_kind = self.entries.iter();
        let of_kind = of_kind.filter(move |entry| entry.kind.referent() == referent);
        of_kind.filter_map(DeclaredEntry::name)
    }
}
