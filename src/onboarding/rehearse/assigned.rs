//! What learners have and may get, and what placements and classrooms show, for the sandbox of a rehearsal.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use crate::domain::field::Referent;
use crate::domain::{EntryKind, OrganisationId, Snapshot, StandardId, UnitId};
use crate::onboarding::rehearse::invent::Inventor;
use crate::onboarding::rehearse::invented;

/// Adds the tables of standards, units, templates, learning aims and unit summaries.
pub(super) fn add_assigned(
    snapshot: &Snapshot,
    (here, there): (OrganisationId, OrganisationId),
    state: &mut Map<String, Json>,
) {
    let units = units(snapshot);
    let known: BTreeMap<StandardId, &str> = snapshot
        .directory
        .of(Referent::Standard)
        .iter()
        .map(|entry| (entry.id.standard(), entry.name.as_str()))
        .collect();
    let mut standards: Vec<Json> = Vec::new();
    for (id, title) in &known {
        standards.push(json!({ "ID": id.get(), "OrganisationID": here, "Title": title }));
    }
    let mut others: BTreeSet<StandardId> = units.values().map(|(standard, _)| *standard).collect();
    others.extend(aims(snapshot).map(|(_, _, standard)| standard));
    others.retain(|standard| !known.contains_key(standard));
    for id in &others {
        standards.push(json!({ "ID": id.get(), "OrganisationID": there, "Title": "Elsewhere" }));
    }
    let last = known.keys().chain(&others).max();
    let of_template = last.map_or(1, |last| last.get().saturating_add(1));
    let templates = snapshot.directory.of(Referent::FrameworkTemplate);
    // Nobody knows which standards a real template brings, so it brings one of its own.
    if !templates.is_empty() {
        standards.push(json!({ "ID": of_template, "OrganisationID": there, "Title": "Elsewhere" }));
    }
    let templates = templates.iter().map(|entry| {
        json!({ "ID": entry.id, "OrganisationID": here, "Title": entry.name, "StandardIDs": [of_template] })
    });
    state.insert("frameworkTemplates".to_owned(), templates.collect());
    state.insert("standards".to_owned(), standards.into());
    let units = units.iter().map(
        |(id, (standard, title))| json!({ "ID": id.get(), "StandardID": standard.get(), "Title": title }),
    );
    state.insert("units".to_owned(), units.collect());
    let aims = aims(snapshot).map(|(id, learner, standard)| {
        json!({ "ID": id, "UserID": learner, "StandardID": standard.get() })
    });
    state.insert("learningAims".to_owned(), aims.collect());
    state.insert("unitSummaries".to_owned(), unit_summaries(snapshot).into());
}

/// The number, the learner and the standard of each aim.
fn aims(snapshot: &Snapshot) -> impl Iterator<Item = (i64, i64, StandardId)> {
    let shown = snapshot.assignments.shown.iter();
    shown.flat_map(|(learner, shown)| {
        let aims = shown.aims.iter().flatten();
        aims.map(|aim| (aim.id.get(), learner.get(), aim.standard))
    })
}

/// The standard and the title of each unit that manifests may mean or learners have.
fn units(snapshot: &Snapshot) -> BTreeMap<UnitId, (StandardId, &str)> {
    let mut units = BTreeMap::new();
    for shown in snapshot.assignments.shown.values() {
        for (standard, unit) in shown.units.iter().flatten() {
            units.insert(*unit, (*standard, "Elsewhere"));
        }
    }
    for (standard, of_standard) in &snapshot.assignments.units {
        for unit in of_standard {
            units.insert(unit.id, (*standard, unit.title.as_str()));
        }
    }
    units
}

fn unit_summaries(snapshot: &Snapshot) -> Vec<Json> {
    let mut rows = Vec::new();
    for (learner, shown) in &snapshot.assignments.shown {
        for (standard, unit) in shown.units.iter().flatten() {
            rows.push(json!({
                "ID": rows.len() + 1, "UserID": learner.get(), "StandardID": standard.get(), "UnitID": unit.get(),
            }));
        }
    }
    rows
}

/// Adds what a placement or classroom shows besides its name.
pub(super) fn add_shown(
    snapshot: &Snapshot,
    kind: EntryKind,
    rows: &mut [Json],
    inventor: &mut Inventor,
) {
    for row in rows {
        let id = row["ID"].as_i64().unwrap_or_default();
        let Some(live) = snapshot.entries.get(&(kind, id.into())) else {
            continue;
        };
        for (key, live) in live.shown.iter() {
            let value = live.and_then(|live| invented(inventor, key.row(), live));
            if let Some((name, value)) = key.row().api.zip(value)
                && row.get(name).is_none()
            {
                row[name] = value;
            }
        }
    }
}
