//! Reading accounts with the help of what earlier readings have seen: which of them have changed since, which are looked at all
//! the same, and what to do when OneFile hasn't listed a change.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};

use crate::domain::role::Role;
use crate::domain::{AccountId, RememberedAccounts, Snapshot};
use crate::onefile::accounts_to_read::{PlannedUsers, WantedAccounts};
use crate::onefile::client::Client;
use crate::onefile::error::ClientError;
use crate::onefile::fetch::look_closer;
use crate::onefile::readings::spare::{SparedAccount, Sparing};
use crate::onefile::readings::{Readings, ReadingsTrust};

/// In each plan some of the remembered accounts are looked at all the same: one in so many, and not fewer than `SMALLEST_SAMPLE`.
/// Every account comes to its turn within so many plans.
const SAMPLED_SHARE: usize = 50;
const SMALLEST_SAMPLE: usize = 25;

/// Times may differ by less, because servers say theirs in whole seconds. Searches ask for changes since much earlier.
const CLOCKS_AGREE: SignedDuration = SignedDuration::from_secs(60);

/// What a reading has of earlier ones.
pub struct Recall<'r> {
    pub readings: &'r mut Readings,
    /// When this reading began.
    pub at: Timestamp,
    /// The accounts that runs have updated, and when by the server's clock.
    pub updated: &'r BTreeMap<AccountId, Timestamp>,
    /// Whether every account is to be looked at.
    pub is_fresh: bool,
}

/// What came of a recall.
#[derive(Debug, Default)]
pub struct Recalled {
    /// Why what is remembered isn't believed any more, once for each kind.
    pub distrust: Vec<Distrust>,
    /// What OneFile lists as changed since the readings; `None` if it wasn't asked or isn't believed.
    pub(super) changes: Option<Changes>,
    /// The accounts that weren't looked at.
    pub(super) spared: BTreeSet<AccountId>,
}

/// The accounts that have changed since a time.
#[derive(Debug)]
pub(super) struct Changes {
    /// The time of the readings.
    pub(super) as_of: Timestamp,
    /// The time that was asked for, which is somewhat earlier.
    pub(super) since: Timestamp,
    pub(super) accounts: BTreeSet<AccountId>,
}

/// A change that OneFile's search by `LastModified` didn't list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distrust {
    /// A run updated this account.
    Update(AccountId),
    /// The list shows another value.
    Row(AccountId),
    /// The account itself shows another value.
    Look(AccountId),
    /// A run assigned a standard to this learner.
    GivenStandard(AccountId),
    /// The learner has other standards.
    Standards(AccountId),
    /// A run assigned a unit to this learner.
    GivenUnit(AccountId),
    /// The learner has other units.
    Units(AccountId),
}

impl Recall<'_> {
    /// Reads the wanted accounts, but for those that are as they were seen.
    pub(in crate::onefile) async fn read(
        mut self,
        client: &Client,
        wanted: WantedAccounts,
        planned: &PlannedUsers<'_>,
        snapshot: &mut Snapshot,
    ) -> Result<Recalled, ClientError> {
        let recalled = self.spare(client, wanted, planned, snapshot).await?;
        // The clock may be right again in the next run.
        let begun = client.by_server(self.at);
        self.remember(begun, recalled.changes.as_ref(), planned, snapshot);
        Ok(recalled)
    }

    async fn spare(
        &mut self,
        client: &Client,
        wanted: WantedAccounts,
        planned: &PlannedUsers<'_>,
        snapshot: &mut Snapshot,
    ) -> Result<Recalled, ClientError> {
        let Believed {
            mut spared,
            changes,
            distrust,
        } = self.believed(client, &wanted, planned, snapshot).await?;
        let Some(changes) = changes else {
            look_closer(client, wanted.all(), snapshot).await?;
            return Ok(Recalled {
                distrust: distrust.into_iter().collect(),
                ..Recalled::default()
            });
        };
        spared.retain(|id, _| !changes.accounts.contains(id));
        let seen = spared.iter().map(|(id, account)| (account.seen, *id));
        let sample = sample(self.readings.len(), seen);
        spared.retain(|id, _| !sample.contains(id));
        let wanted = wanted.all();
        let mut looked = BTreeSet::new();
        loop {
            self.readings
                .take_out_clashes(&mut spared, &looked, planned, snapshot);
            let mut open = wanted.clone();
            open.retain(|id| !spared.contains_key(id) && !looked.contains(id));
            if open.is_empty() {
                break;
            }
            look_closer(client, open.clone(), snapshot).await?;
            let mut otherwise = open.clone();
            otherwise.retain(|id| {
                !changes.accounts.contains(id) && self.is_seen_otherwise(*id, snapshot)
            });
            if let Some(id) = unlisted(client, snapshot, changes.since, otherwise).await? {
                let distrust = Distrust::Look(id);
                self.readings.distrust(distrust, self.at);
                look_closer(client, spared.into_keys().collect(), snapshot).await?;
                return Ok(Recalled {
                    distrust: vec![distrust],
                    ..Recalled::default()
                });
            }
            looked.extend(open);
        }
        snapshot.remembered = RememberedAccounts {
            number: spared.len(),
            sampled: sample.len(),
            since: spared.values().map(|account| account.seen).min(),
        };
        let ids = spared.keys().copied().collect();
        for (id, account) in spared {
            snapshot.recall(id, account.proved, account.shown, account.archive);
        }
        Ok(Recalled {
            distrust: Vec::new(),
            changes: Some(changes),
            spared: ids,
        })
    }

    /// Asks what has changed since the readings, unless that costs more than it spares, or OneFile's word isn't good.
    async fn believed(
        &mut self,
        client: &Client,
        wanted: &WantedAccounts,
        planned: &PlannedUsers<'_>,
        snapshot: &Snapshot,
    ) -> Result<Believed, ClientError> {
        self.readings.trust = self.readings.trust.at(self.at);
        // Readings of the future say nothing about the time until then.
        let begun = client.by_server(self.at);
        let is_past = |as_of: &Timestamp| as_of.duration_since(begun) <= CLOCKS_AGREE;
        let as_of = self.readings.as_of.filter(is_past);
        let Some(as_of) = as_of.filter(|_| !self.is_fresh) else {
            return Ok(Believed::default());
        };
        let updated = self.updated_since(as_of, snapshot);
        let is_believed = match self.readings.trust {
            ReadingsTrust::Proved => true,
            ReadingsTrust::Unproved => updated.is_some(),
            ReadingsTrust::Off { .. } => false,
        };
        if !is_believed {
            return Ok(Believed::default());
        }
        let (spared, rows) = {
            let sparing = Sparing::new(planned, snapshot, self.readings);
            (sparing.unchanged(wanted), sparing.changed_rows())
        };
        let cost = self.readings.sample_size() + Role::all().count();
        let of_learners = self.readings.holdings_to_spare(planned, snapshot);
        if spared.len().max(of_learners) <= cost {
            return Ok(Believed::default());
        }
        let since = client.search_start(as_of);
        let accounts = changed_since(client, snapshot, since).await?;
        let mut distrust = updated
            .filter(|id| !accounts.contains(id))
            .map(Distrust::Update);
        let rows = rows.difference(&accounts).copied().collect();
        if let Some(id) = unlisted(client, snapshot, since, rows).await? {
            distrust = distrust.or(Some(Distrust::Row(id)));
        }
        if let Some(why) = distrust {
            self.readings.distrust(why, self.at);
            return Ok(Believed {
                distrust,
                ..Believed::default()
            });
        }
        self.readings.trust = ReadingsTrust::Proved;
        Ok(Believed {
            spared,
            changes: Some(Changes {
                as_of,
                since,
                accounts,
            }),
            distrust: None,
        })
    }

    /// The account that a run updated last, if that was since the readings and lists show it.
    fn updated_since(&self, as_of: Timestamp, snapshot: &Snapshot) -> Option<AccountId> {
        let as_of = as_of.saturating_sub(CLOCKS_AGREE).ok()?;
        let updated = self.updated.iter().filter(|(id, at)| {
            **at >= as_of && snapshot.account(**id).is_some() && !snapshot.unlisted.contains(id)
        });
        let last = updated.max_by_key(|(_, at)| **at);
        last.map(|(id, _)| *id)
    }

    /// Whether an account that was looked at isn't as it was seen before, or shows other fields.
    fn is_seen_otherwise(&self, id: AccountId, snapshot: &Snapshot) -> bool {
        let seen = self.readings.accounts.get(&id);
        let Some((account, seen)) = snapshot.account(id).zip(seen) else {
            return false;
        };
        seen.is_moved(account)
            || account.shown.bits() != seen.shown
            || self.readings.differs(account, seen)
    }

    /// Keeps what this reading has seen. What it hasn't looked at stays as far as it is known to be as it was.
    fn remember(
        &mut self,
        begun: Timestamp,
        changes: Option<&Changes>,
        planned: &PlannedUsers<'_>,
        snapshot: &Snapshot,
    ) {
        let is_whole = planned.users.len() == planned.roster.users().len();
        let readings = &mut *self.readings;
        if let Some(changes) = changes {
            readings.forget(&changes.accounts);
            readings.as_of = Some(begun);
        } else if is_whole || readings.as_of.is_none() {
            readings.clear();
            readings.as_of = Some(begun);
        }
        let is_gone = |id: &AccountId, role: Role| {
            snapshot.whole.contains(&role) && snapshot.account(*id).is_none()
        };
        readings.accounts.retain(|id, seen| !is_gone(id, seen.role));
        let is_learner_gone = |id: AccountId| is_gone(&id, Role::Learner);
        readings.aims.forget_gone(is_learner_gone);
        readings.units.forget_gone(is_learner_gone);
        for id in &snapshot.looked_at {
            if let Some(account) = snapshot.account(*id)
                && !snapshot.unlisted.contains(id)
                && !snapshot.unreadable.contains(id)
            {
                readings.see(account, self.at);
            }
        }
    }
}

/// What can be said before any account is looked at.
#[derive(Default)]
struct Believed {
    /// The accounts that were seen as they are declared.
    spared: BTreeMap<AccountId, SparedAccount>,
    changes: Option<Changes>,
    distrust: Option<Distrust>,
}

/// The accounts that OneFile lists as changed since a time.
pub(super) async fn changed_since(
    client: &Client,
    snapshot: &Snapshot,
    since: Timestamp,
) -> Result<BTreeSet<AccountId>, ClientError> {
    let organisation = snapshot.organisation.id;
    let lists = Role::all().map(|role| client.modified_since(organisation, role, since));
    let changed = try_join_all(lists).await?.into_iter().flatten();
    Ok(changed.map(|account| account.id).collect())
}

/// One of these changed accounts that OneFile doesn't list, although it is asked once more: the change may be newer than its
/// first answer.
pub(super) async fn unlisted(
    client: &Client,
    snapshot: &Snapshot,
    since: Timestamp,
    changed: BTreeSet<AccountId>,
) -> Result<Option<AccountId>, ClientError> {
    if changed.is_empty() {
        return Ok(None);
    }
    let listed = changed_since(client, snapshot, since).await?;
    Ok(changed.difference(&listed).next().copied())
}

impl Readings {
    /// How many accounts each plan looks at all the same, or of how many learners it reads what they have.
    fn sample_size(&self) -> usize {
        let number = self.len().max(self.aims.len()).max(self.units.len());
        sample_size(number)
    }
}

fn sample_size(remembered: usize) -> usize {
    remembered.div_ceil(SAMPLED_SHARE).max(SMALLEST_SAMPLE)
}

/// Of those that could be spared, those that were seen the longest ago. `remembered` is how many there are at all.
pub(super) fn sample(
    remembered: usize,
    spared: impl Iterator<Item = (Timestamp, AccountId)>,
) -> BTreeSet<AccountId> {
    let mut oldest: Vec<_> = spared.collect();
    oldest.sort_unstable();
    oldest.truncate(sample_size(remembered));
    oldest.into_iter().map(|(_, id)| id).collect()
}
