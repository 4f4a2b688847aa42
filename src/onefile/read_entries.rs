//! Reads declared placements and classrooms by themselves, if the rows of their lists don't show what is declared.

use std::collections::BTreeSet;

use futures_util::stream::{self, StreamExt, TryStreamExt};

use crate::domain::{
    DeclaredEntry, DirectoryEntry, EntryId, EntryKind, LiveEntry, Roster, Scope, Snapshot,
};
use crate::onefile::client::Client;
use crate::onefile::error::ClientError;

/// Adds to the snapshot what the planned placements and classrooms show by themselves.
pub(super) async fn read_entries(
    client: &Client,
    roster: &Roster,
    scope: &Scope,
    snapshot: &mut Snapshot,
) -> Result<(), ClientError> {
    let organisation = snapshot.organisation.id;
    let planned = roster.planned_entries(scope);
    let wanted: BTreeSet<(EntryKind, EntryId)> = planned
        .flat_map(|(_, entry)| lacking(entry, snapshot))
        .collect();
    client.progress.want(wanted.len());
    let reads = stream::iter(wanted).map(|(kind, id)| async move {
        let read = client.live_entry(organisation, kind, id).await?;
        client.progress.add_look();
        Ok::<_, ClientError>((kind, read))
    });
    let read: Vec<_> = reads
        .buffer_unordered(client.concurrency())
        .try_collect()
        .await?;
    for (kind, seen) in read {
        if let Some(seen) = seen {
            look_closer(kind, &seen, snapshot);
        }
    }
    Ok(())
}

/// The live ones that a declared one may be and whose rows lack a declared field.
fn lacking(entry: &DeclaredEntry, snapshot: &Snapshot) -> Vec<(EntryKind, EntryId)> {
    let rows = snapshot.directory.of(entry.kind.referent()).iter();
    let mut lacking = Vec::new();
    for row in rows.filter(|row| may_be(entry, row)) {
        let place = (entry.kind, row.id);
        let shown = snapshot.entries.get(&place).map(|live| &live.shown);
        let lacks = |key| !shown.is_some_and(|shown| shown.contains(key));
        if entry.values.keys().any(lacks) {
            lacking.push(place);
        }
    }
    lacking
}

fn may_be(entry: &DeclaredEntry, row: &DirectoryEntry) -> bool {
    let has_mis_id = row.mis_id.is_some() && row.mis_id.as_deref() == entry.mis_id();
    let has_name = Some(row.name.as_str()) == entry.name();
    entry.id.map_or(has_mis_id || has_name, |id| row.id == id)
}

/// Adds what is shown by itself to the row.
fn look_closer(kind: EntryKind, seen: &LiveEntry, snapshot: &mut Snapshot) {
    let live = snapshot.entries.entry((kind, seen.id));
    let live = live.or_insert_with(|| LiveEntry {
        id: seen.id,
        shown: seen.shown.clone(),
    });
    for (key, value) in seen.shown.iter() {
        live.shown.insert(key, value.cloned());
    }
}
