//! Verification of what isn't a field of an account: learners' aims and units, placements and classrooms. Each learner is read once
//! for aims and once for units, and again only while something doesn't show, for as long as a new account is searched for.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{self, StreamExt, TryStreamExt};

use crate::apply::earlier_assignments::shows;
use crate::apply::{DeviatingThing, Deviation, OperationResult, VerifyInput};
use crate::domain::field::Key;
use crate::domain::{
    AccountId, EntryId, ObservedFields, ObservedValue, OrganisationId, SentAssignment,
    ShownAssignments,
};
use crate::onefile::{Client, ClientError, FullEntry, SEARCH_AFTER_CREATE};
use crate::plan::{Assign, Change, EntryLabel, Operation, ReferenceTarget, ResolvedValue, equal};

/// The assignments of a run that a reading can show.
struct AssignedLearners<'o> {
    of: BTreeMap<AccountId, Vec<(&'o Assign, SentAssignment)>>,
}

/// The learners who don't show what they were given.
pub(super) async fn missing_assignments(
    client: &Client,
    verifying: &VerifyInput<'_>,
) -> Result<Vec<Deviation>, ClientError> {
    let learners = AssignedLearners::of(verifying);
    let mut open: BTreeSet<AccountId> = learners.of.keys().copied().collect();
    let begun = verifying.clock.moment();
    let mut deviations = Vec::new();
    for after in std::iter::once(&0).chain(SEARCH_AFTER_CREATE) {
        if open.is_empty() || (*after > 0 && client.cancel_token().is_cancelled()) {
            break;
        }
        let at = verifying
            .clock
            .moment_from(begun, std::time::Duration::from_secs(*after));
        if *after > 0 {
            client.sleep_until(at).await;
        }
        deviations = learners.read(client, &open).await?;
        open = deviations.iter().filter_map(Deviation::account).collect();
    }
    Ok(deviations)
}

impl<'o> AssignedLearners<'o> {
    fn of(verifying: &VerifyInput<'o>) -> Self {
        let mut of: BTreeMap<AccountId, Vec<_>> = BTreeMap::new();
        for (operation, result) in &verifying.outcome.results {
            let (Operation::Assign(assign), Some(learner)) = (operation, result.account()) else {
                continue;
            };
            let changes = assign.changes.iter().filter(|change| change.is_verifiable);
            for sent in changes.filter_map(|change| sent(learner, change)) {
                of.entry(learner).or_default().push((assign, sent));
            }
        }
        Self { of }
    }

    /// Those of some learners who don't show everything.
    async fn read(
        &self,
        client: &Client,
        learners: &BTreeSet<AccountId>,
    ) -> Result<Vec<Deviation>, ClientError> {
        let reads = stream::iter(learners).map(|learner| async move {
            let given = &self.of[learner];
            let shown = read_shown(client, *learner, given).await?;
            Ok::<_, ClientError>((*learner, shown))
        });
        let read: BTreeMap<AccountId, ShownAssignments> = reads
            .buffer_unordered(client.concurrency())
            .try_collect()
            .await?;
        let deviations = read.iter().filter_map(|(learner, shown)| {
            let given = &self.of[learner];
            deviation(*learner, given, shown)
        });
        Ok(deviations.collect())
    }
}

/// What a change gave to a learner, if a reading can show it.
fn sent(learner: AccountId, change: &Change) -> Option<SentAssignment> {
    let ResolvedValue::Reference { target, .. } = &change.to else {
        return None;
    };
    let (what, standard) = match (change.key, target) {
        (Key::Standards | Key::FrameworkTemplate, ReferenceTarget::Known(id)) => (*id, None),
        (Key::Units, ReferenceTarget::Unit { unit, standard }) => ((*unit).into(), Some(*standard)),
        _ => return None,
    };
    Some(SentAssignment {
        learner,
        key: change.key,
        what,
        standard,
    })
}

async fn read_shown(
    client: &Client,
    learner: AccountId,
    given: &[(&Assign, SentAssignment)],
) -> Result<ShownAssignments, ClientError> {
    let has_units = given.iter().any(|(_, sent)| sent.key == Key::Units);
    let has_others = given.iter().any(|(_, sent)| sent.key != Key::Units);
    let mut shown = ShownAssignments {
        aims: None,
        units: None,
    };
    if has_others {
        shown.aims = client.aims(learner).await?;
    }
    if has_units {
        shown.units = client.unit_summaries(learner).await?;
    }
    Ok(shown)
}

/// What a learner doesn't show. If it can't be read at all, no field is named.
fn deviation(
    learner: AccountId,
    given: &[(&Assign, SentAssignment)],
    shown: &ShownAssignments,
) -> Option<Deviation> {
    let mut missing = Vec::new();
    let mut is_unreadable = false;
    for (_, sent) in given {
        match shows(shown, sent) {
            Some(true) => {}
            Some(false) => missing.push(*sent),
            // Rows of units may show nothing. The plan says so of each unit.
            None => is_unreadable |= sent.key != Key::Units,
        }
    }
    let keys: BTreeSet<Key> = missing.iter().map(|sent| sent.key).collect();
    let (first, _) = given.first()?;
    let found = Deviation {
        what: DeviatingThing::Account(first.user.clone(), learner),
        place: first.place.clone(),
        keys: keys.into_iter().collect(),
        rewritten: Vec::new(),
        missing,
    };
    (is_unreadable || !found.keys.is_empty()).then_some(found)
}

/// The placements and classrooms that don't hold what was sent.
pub(super) async fn deviating_entries(
    client: &Client,
    organisation: OrganisationId,
    verifying: &VerifyInput<'_>,
) -> Result<Vec<Deviation>, ClientError> {
    let mut deviations = Vec::new();
    for (operation, result) in &verifying.outcome.results {
        let label = match operation {
            Operation::CreateEntry(create) => &create.entry,
            Operation::UpdateEntry(update) => &update.entry,
            _ => continue,
        };
        let OperationResult::EntryDone(id) = result else {
            continue;
        };
        let read = client.whole_entry(organisation, label.kind, *id).await?;
        deviations.extend(entry_deviation(operation, (label, *id), read.as_ref()));
    }
    Ok(deviations)
}

fn entry_deviation(
    operation: &Operation,
    (label, id): (&EntryLabel, EntryId),
    read: Option<&FullEntry>,
) -> Option<Deviation> {
    let mut found = Deviation {
        what: DeviatingThing::Entry(label.clone(), id),
        place: operation.place().clone(),
        keys: Vec::new(),
        rewritten: Vec::new(),
        missing: Vec::new(),
    };
    let Some(read) = read else {
        return Some(found);
    };
    let shown = &read.entry.shown;
    let changes = operation.changes().iter();
    let differing = changes.filter(|change| differs(change, shown));
    found.keys = differing.map(|change| change.key).collect();
    (!found.keys.is_empty()).then_some(found)
}

/// Whether a placement or classroom shows another value than was sent.
fn differs(change: &Change, shown: &ObservedFields) -> bool {
    let live = shown.get(change.key);
    change.is_verifiable
        && shown.contains(change.key)
        && live.is_none_or(ObservedValue::is_readable)
        && !equal(&change.to, live)
}
