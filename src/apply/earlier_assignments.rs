//! What earlier runs sent besides accounts: which assignments, placements and classrooms count as there, and which are unclear.
//! Where OneFile shows what a learner has, a reading decides. Where it doesn't, the journal does.

use std::collections::{BTreeMap, BTreeSet};

use crate::apply::journal::{JournalDue, JournalKnowledge, JournalUser, SentEntry, SentState};
use crate::apply::recover::GracePeriod;
use crate::domain::field::Key;
use crate::domain::{
    DirectoryEntry, EntryId, EntryKind, SentAssignment, ShownAssignments, Snapshot, nfc, plain_name,
};
use crate::onefile::{Client, ClientError};

/// Adds to a snapshot what earlier runs sent. Learners whose template hasn't been shown are read, since no plan reads them for it.
/// Returns the templates that show now.
pub(super) async fn add_sent(
    client: &Client,
    known: &JournalKnowledge,
    wait: GracePeriod,
    snapshot: &mut Snapshot,
) -> Result<Vec<SentAssignment>, ClientError> {
    let mut assignments = std::mem::take(&mut snapshot.assignments);
    let mut templates = Vec::new();
    for (sent, state) in &known.assignments.sent {
        let is_seen = sent.key != Key::FrameworkTemplate || *state == SentState::Sure;
        let shown = if is_seen {
            let shown = assignments.shown.get(&sent.learner);
            shown.and_then(|shown| shows(shown, sent))
        } else {
            let aims = client.aims(sent.learner).await?;
            let shown = shows(&ShownAssignments { aims, units: None }, sent);
            templates.extend((shown == Some(true)).then_some(*sent));
            shown
        };
        match standing(*state, shown, wait) {
            Standing::Sent => drop(assignments.sent.insert(*sent)),
            Standing::Unclear => drop(assignments.unclear.insert(*sent)),
            Standing::Missing => {}
        }
    }
    for due in &known.assignments.due {
        assignments.owed.extend(owed(due, known, snapshot));
    }
    snapshot.assignments = assignments;
    snapshot.unclear_entries = unclear_entries(known, wait, snapshot);
    snapshot.created_entries = created_entries(known);
    Ok(templates)
}

/// How an assignment of an earlier run stands now.
enum Standing {
    Sent,
    Unclear,
    /// The learner doesn't have it.
    Missing,
}

/// `shown` is what a reading shows, if it can show it. It may be late, so nothing counts as missing before the wait is over, and
/// what was confirmed is unclear until then.
fn standing(state: SentState, shown: Option<bool>, wait: GracePeriod) -> Standing {
    let at = match (state, shown) {
        (SentState::Sure, _) | (_, Some(true)) | (SentState::Confirmed(_), None) => {
            return Standing::Sent;
        }
        (SentState::Unclear(_), None) => return Standing::Unclear,
        (SentState::Confirmed(at) | SentState::Unclear(at), Some(false)) => at,
    };
    if wait.is_over(at) {
        Standing::Missing
    } else {
        Standing::Unclear
    }
}

/// Whether a learner shows an assignment; `None` if a reading can't show it.
pub(super) fn shows(shown: &ShownAssignments, sent: &SentAssignment) -> Option<bool> {
    match sent.key {
        Key::Standards => {
            let mut aims = shown.aims.as_ref()?.iter();
            Some(aims.any(|aim| aim.standard == sent.what.standard()))
        }
        // A template is only shown by the aims that come of it.
        Key::FrameworkTemplate => shown.aims.as_ref().map(|aims| !aims.is_empty()),
        Key::Units => {
            let units = shown.units.as_ref()?;
            let unit = (sent.standard?, sent.what.unit());
            Some(units.contains(&unit))
        }
        _ => None,
    }
}

/// What a learner was to get; `None` if the learner, or the account that the learner was to get, doesn't exist.
fn owed(due: &JournalDue, known: &JournalKnowledge, snapshot: &Snapshot) -> Option<SentAssignment> {
    let account = |user: &JournalUser| {
        let created = known.created.get(&user.0).map(|created| created.id);
        created.or_else(|| Some(snapshot.of_recorded(&user.0).next()?.id))
    };
    let learner = due.learner.or_else(|| account(due.user.as_ref()?))?;
    let whom = || account(due.whom.as_ref()?).map(EntryId::from);
    Some(SentAssignment {
        learner,
        key: Key::named(&due.field)?,
        what: due.what.or_else(whom)?,
        standard: due.standard,
    })
}

/// The placements and classrooms that may exist and that no list shows.
fn unclear_entries(
    known: &JournalKnowledge,
    wait: GracePeriod,
    snapshot: &Snapshot,
) -> BTreeSet<(EntryKind, String)> {
    let mut unclear = BTreeSet::new();
    for ((kind, name), sent) in &known.assignments.entries {
        let listed = snapshot.directory.of(kind.referent());
        let is_unread = snapshot.unread.contains_key(&kind.referent());
        let is_open = sent.id.is_none() && !sent.said_created;
        let may_end = is_open && !is_unread && wait.is_over(sent.at);
        if !may_end && !listed.iter().any(|entry| is_it(entry, name, sent)) {
            unclear.insert((*kind, nfc(name).into_owned()));
        }
    }
    unclear
}

/// The numbers of those that were created, by the name that was sent.
fn created_entries(known: &JournalKnowledge) -> BTreeMap<(EntryKind, String), EntryId> {
    let mut created = BTreeMap::new();
    for ((kind, name), sent) in &known.assignments.entries {
        created.extend(sent.id.map(|id| ((*kind, nfc(name).into_owned()), id)));
    }
    created
}

fn is_it(entry: &DirectoryEntry, name: &str, sent: &SentEntry) -> bool {
    sent.id == Some(entry.id) || plain_name(&entry.name) == plain_name(name)
}
