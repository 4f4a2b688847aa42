//! Reads what planned learners have of what they are declared to get, and the units that manifests may mean. Each learner costs
//! a call, so only those are read of whom it matters; where they are many and the server lists all aims at once, only those are
//! read who lack something.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use tracing::info;

use crate::domain::field::Referent;
use crate::domain::role::Role;
use crate::domain::{
    Account, AccountId, Assignments, DeclaredArchive, DeclaredUser, EntryId, LearningAim,
    Reference, Roster, Scope, ShownArchive, ShownAssignments, Snapshot, StandardId, StandardUnit,
    UnitId, UnitReference, units_called,
};
use crate::onefile::client::Client;
use crate::onefile::error::ClientError;
use crate::onefile::fetch::PAGE_SIZE;
use crate::onefile::readings::{DeclaredHoldings, RecallHoldings, SparedHoldings};

/// Adds to the snapshot what planned learners have, and the units of the standards that they name. Their accounts have been
/// read before.
pub async fn fetch_assignments(
    client: &Client,
    roster: &Roster,
    scope: &Scope,
    snapshot: &mut Snapshot,
    recall: Option<RecallHoldings<'_>>,
) -> Result<(), ClientError> {
    let planned: Vec<(&DeclaredUser, &Assignments)> = planned(roster, scope);
    let standards = standards_of_units(&planned, snapshot);
    snapshot.assignments.units = read_units(client, standards).await?;
    let wanted: Vec<WantedLearner> = planned
        .iter()
        .filter_map(|(user, assignments)| WantedLearner::of(user, assignments, snapshot))
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    snapshot.assignments.shown = match recall {
        Some(recall) => recalled(client, wanted, snapshot, recall).await?,
        None => read(client, wanted, snapshot).await?,
    };
    Ok(())
}

/// Reads the wanted learners, but for what they were seen with.
async fn recalled(
    client: &Client,
    wanted: Vec<WantedLearner>,
    snapshot: &mut Snapshot,
    mut recall: RecallHoldings<'_>,
) -> Result<BTreeMap<AccountId, ShownAssignments>, ClientError> {
    let mut spared = recall.spare(wanted.iter().map(WantedLearner::declared), snapshot);
    let unspared = wanted.iter().filter_map(|learner| learner.without(&spared));
    let mut read_now = read(client, unspared.collect(), snapshot).await?;
    let doubted = recall
        .take_out_doubted(client, &read_now, &mut spared, snapshot)
        .await?;
    let doubted = wanted
        .iter()
        .filter_map(|learner| learner.within(&doubted))
        .collect();
    for (learner, more) in read(client, doubted, snapshot).await? {
        add_shown(&mut read_now, learner, more);
    }
    recall.remember(&read_now, &spared);
    recall.count(&spared, snapshot);
    Ok(with_spared(read_now, spared))
}

/// Adds what was spared to what was read.
fn with_spared(
    mut shown: BTreeMap<AccountId, ShownAssignments>,
    spared: SparedHoldings,
) -> BTreeMap<AccountId, ShownAssignments> {
    for (learner, aims) in spared.aims.into_learners() {
        let (aims, units) = (Some(aims), None);
        add_shown(&mut shown, learner, ShownAssignments { aims, units });
    }
    for (learner, units) in spared.units.into_learners() {
        let (aims, units) = (None, Some(units));
        add_shown(&mut shown, learner, ShownAssignments { aims, units });
    }
    shown
}

fn add_shown(
    shown: &mut BTreeMap<AccountId, ShownAssignments>,
    learner: AccountId,
    more: ShownAssignments,
) {
    let of_learner = shown.entry(learner).or_insert(ShownAssignments {
        aims: None,
        units: None,
    });
    of_learner.aims = more.aims.or(of_learner.aims.take());
    of_learner.units = more.units.or(of_learner.units.take());
}

async fn read(
    client: &Client,
    wanted: Vec<WantedLearner>,
    snapshot: &Snapshot,
) -> Result<BTreeMap<AccountId, ShownAssignments>, ClientError> {
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let listed = read_listed(client, &wanted, snapshot).await?;
    read_learners(client, wanted, listed).await
}

/// Adds to the snapshot which standards every learner has. Learners whom a list of all aims leaves out are read by themselves.
pub async fn fetch_all_standards(
    client: &Client,
    snapshot: &mut Snapshot,
) -> Result<(), ClientError> {
    let learners = snapshot.accounts();
    let learners = learners.filter(|account| account.role == Role::Learner);
    let wanted: Vec<WantedLearner> = learners
        .map(|account| WantedLearner {
            id: account.id,
            standards: Some(BTreeSet::new()),
            units: Some(BTreeSet::new()),
            reads: WantedReads {
                aims: true,
                units: false,
            },
        })
        .collect();
    snapshot.assignments.shown = read(client, wanted, snapshot).await?;
    Ok(())
}

/// The planned users who are to get something.
fn planned<'r>(roster: &'r Roster, scope: &Scope) -> Vec<(&'r DeclaredUser, &'r Assignments)> {
    let mut planned = Vec::new();
    for (at, user) in roster.users().iter().enumerate() {
        if let Some(assignments) = user.assigned().filter(|_| scope.includes(at)) {
            planned.push((user, assignments));
        }
    }
    planned
}

/// A learner who exists, and of whom something has to be read.
#[derive(Clone)]
struct WantedLearner {
    id: AccountId,
    /// The declared standards, those of units too; `None` if one isn't known.
    standards: Option<BTreeSet<StandardId>>,
    /// The declared units; `None` if one isn't known.
    units: Option<BTreeSet<(StandardId, UnitId)>>,
    reads: WantedReads,
}

/// What has to be read of a learner. Each costs a call.
#[derive(Clone, Copy)]
struct WantedReads {
    aims: bool,
    units: bool,
}

impl WantedReads {
    fn any(self) -> bool {
        self.aims || self.units
    }
}

impl WantedLearner {
    /// `None` if the learner has no account yet or has several, or if nothing of the learner has to be read.
    fn of(user: &DeclaredUser, assignments: &Assignments, snapshot: &Snapshot) -> Option<Self> {
        let mut candidates = snapshot.candidates(user);
        candidates.retain(|account| account.role == Role::Learner && is_there(user, account));
        let [account] = candidates[..] else {
            return None;
        };
        let standards = assignments.standards_named();
        let known = standards.map(|reference| standard(reference, snapshot));
        let units = assignments.units.iter();
        let known_units = units.map(|declared| unit(declared, snapshot));
        assignments.needs_reading().then(|| Self {
            id: account.id,
            standards: known.collect(),
            units: known_units.collect(),
            reads: WantedReads {
                aims: true,
                units: !assignments.units.is_empty(),
            },
        })
    }

    fn declared(&self) -> DeclaredHoldings<'_> {
        DeclaredHoldings {
            learner: self.id,
            standards: self.standards.as_ref(),
            units: self.units.as_ref(),
        }
    }

    /// What has to be read besides what is spared.
    fn without(&self, spared: &SparedHoldings) -> Option<Self> {
        self.only(WantedReads {
            aims: !spared.aims.has(self.id),
            units: !spared.units.has(self.id),
        })
    }

    /// What has to be read although it was to be spared.
    fn within(&self, doubted: &SparedHoldings) -> Option<Self> {
        self.only(WantedReads {
            aims: doubted.aims.has(self.id),
            units: doubted.units.has(self.id),
        })
    }

    /// `None` if nothing of it is wanted.
    fn only(&self, reads: WantedReads) -> Option<Self> {
        let reads = WantedReads {
            aims: self.reads.aims && reads.aims,
            units: self.reads.units && reads.units,
        };
        reads.any().then(|| Self {
            reads,
            ..self.clone()
        })
    }

    /// Whether a list of all aims shows everything that the learner is to have. What it doesn't show, the learner may have.
    fn has_all(&self, listed: &[LearningAim]) -> bool {
        let is_listed = |standard| listed.iter().any(|aim| aim.standard == standard);
        let standards = self.standards.as_ref();
        standards.is_some_and(|all| all.iter().copied().all(is_listed))
    }
}

/// Whoever is archived and doesn't come back gets nothing.
fn is_there(user: &DeclaredUser, account: &Account) -> bool {
    account.archive != ShownArchive::Archived || user.archive == DeclaredArchive::Current
}

/// The one standard that a reference means.
fn standard(reference: &Reference, snapshot: &Snapshot) -> Option<StandardId> {
    let standards = snapshot.directory.of(Referent::Standard).iter();
    let is_meant = |name: &str, id: EntryId| match reference {
        Reference::Named(text) | Reference::Name(text) => name == text.as_str(),
        Reference::Id(meant) => id == *meant,
        Reference::MisId(_) | Reference::Email(_) => false,
    };
    let mut meant = standards.filter(|entry| is_meant(&entry.name, entry.id));
    let first = meant.next()?;
    meant.next().is_none().then(|| first.id.standard())
}

/// The one unit that a reference means.
fn unit(declared: &UnitReference, snapshot: &Snapshot) -> Option<(StandardId, UnitId)> {
    let standard = standard(&declared.standard, snapshot)?;
    let units = snapshot.assignments.units.get(&standard)?;
    match units_called(units, &declared.unit)[..] {
        [unit] => Some((standard, unit.id)),
        _ => None,
    }
}

/// The standards of which users are to get units.
fn standards_of_units(
    planned: &[(&DeclaredUser, &Assignments)],
    snapshot: &Snapshot,
) -> BTreeSet<StandardId> {
    let units = planned
        .iter()
        .flat_map(|(_, assignments)| &assignments.units);
    let named: BTreeSet<&Reference> = units.map(|unit| &unit.standard).collect();
    let standards = named.into_iter();
    standards
        .filter_map(|named| standard(named, snapshot))
        .collect()
}

/// One call for each standard.
async fn read_units(
    client: &Client,
    standards: BTreeSet<StandardId>,
) -> Result<BTreeMap<StandardId, Vec<StandardUnit>>, ClientError> {
    let reads = standards
        .into_iter()
        .map(|standard| async move { Ok((standard, client.units(standard).await?)) });
    Ok(try_join_all(reads).await?.into_iter().collect())
}

/// So many learners are read one by one rather than asking a server that may not list all aims.
const FEW: usize = 10;

/// All aims of the organisation, if that may take fewer calls than reading the learners; empty if the server doesn't list
/// them, or lists those of a single learner, as a server does that takes no notice of the filter.
async fn read_listed(
    client: &Client,
    wanted: &[WantedLearner],
    snapshot: &Snapshot,
) -> Result<BTreeMap<AccountId, Vec<LearningAim>>, ClientError> {
    let learners = snapshot.accounts();
    let learners = learners.filter(|account| account.role == Role::Learner);
    // Few have more than two aims, and an empty page ends a list.
    let pages = (learners.count() * 2).div_ceil(PAGE_SIZE) + 1;
    let wanted = wanted.iter().filter(|learner| learner.reads.aims);
    if wanted.count() <= pages + FEW {
        return Ok(BTreeMap::new());
    }
    let listed = client.aims_in_bulk(snapshot.organisation.id).await?;
    let listed = listed.filter(|aims| aims.len() > 1).unwrap_or_default();
    info!("learners whose aims a list shows: {}", listed.len());
    Ok(listed)
}

/// Reads the learners of whom a list doesn't say enough, in parallel.
async fn read_learners(
    client: &Client,
    wanted: Vec<WantedLearner>,
    mut listed: BTreeMap<AccountId, Vec<LearningAim>>,
) -> Result<BTreeMap<AccountId, ShownAssignments>, ClientError> {
    let mut reads = Vec::with_capacity(wanted.len());
    for mut learner in wanted {
        let aims = listed.remove(&learner.id);
        let enough = aims.filter(|aims| learner.reads.aims && learner.has_all(aims));
        learner.reads.aims &= enough.is_none();
        reads.push((learner, enough));
    }
    let to_read = reads.iter().filter(|(learner, _)| learner.reads.any());
    let to_read = to_read.count();
    info!("learners who are read one by one: {to_read}");
    client.progress.want(to_read);
    let reads = stream::iter(reads).map(|(learner, aims)| async move {
        let shown = read_learner(client, &learner, aims).await?;
        Ok((learner.id, shown))
    });
    reads
        .buffer_unordered(client.concurrency())
        .try_collect()
        .await
}

/// Reads a learner whose aims may be listed.
async fn read_learner(
    client: &Client,
    learner: &WantedLearner,
    listed: Option<Vec<LearningAim>>,
) -> Result<ShownAssignments, ClientError> {
    let mut shown = ShownAssignments {
        aims: listed,
        units: None,
    };
    if learner.reads.aims {
        shown.aims = client.aims(learner.id).await?;
    }
    if learner.reads.units {
        shown.units = client.unit_summaries(learner.id).await?;
    }
    if learner.reads.any() {
        client.progress.add_look();
    }
    Ok(shown)
}
