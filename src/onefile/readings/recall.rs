//! Reading accounts with the help of what earlier readings have seen: which of them have changed since, which are looked at all
//! the same, and what to do when OneFile hasn't listed a change.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::domain::role::Role;
use crate::domain::{AccountId, OrganisationId, RememberedAccounts, Snapshot};
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
    /// Why the readings aren't believed any more.
    pub distrust: Option<Distrust>,
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
}

impl Recall<'_> {
    /// Reads the wanted accounts, but for those that are as they were seen.
    pub(in crate::onefile) async fn read(
        mut self,
        client: &Client,
        wanted: WantedAccounts,
        planned: &PlannedUsers<'_>,
        snapshot: &mut Snapshot,
    ) -> Result<Option<Distrust>, ClientError> {
        let changed = self.spare(client, wanted, planned, snapshot).await?;
        self.remember(by_server(client, self.at), changed, planned, snapshot);
        Ok(self.distrust)
    }

    /// Returns the accounts that have changed since the readings, if they were asked for and are believed.
    async fn spare(
        &mut self,
        client: &Client,
        wanted: WantedAccounts,
        planned: &PlannedUsers<'_>,
        snapshot: &mut Snapshot,
    ) -> Result<Option<BTreeSet<AccountId>>, ClientError> {
        let Some((mut spared, changed)) = self.believed(client, &wanted, planned, snapshot).await?
        else {
            look_closer(client, wanted.all(), snapshot).await?;
            return Ok(None);
        };
        spared.retain(|id, _| !changed.contains(id));
        let sample = self.sample(&spared);
        spared.retain(|id, _| !sample.contains(id));
        let wanted = wanted.all();
        let mut looked = BTreeSet::new();
        loop {
            let sparing = Sparing::new(planned, snapshot, self.readings);
            sparing.take_out_clashes(&mut spared, &looked);
            let mut open = wanted.clone();
            open.retain(|id| !spared.contains_key(id) && !looked.contains(id));
            if open.is_empty() {
                break;
            }
            look_closer(client, open.clone(), snapshot).await?;
            let mut otherwise = open.clone();
            otherwise.retain(|id| !changed.contains(id) && self.is_seen_otherwise(*id, snapshot));
            if let Some(id) = self.unlisted(client, snapshot, otherwise).await? {
                self.lose_trust(Distrust::Look(id));
                look_closer(client, spared.into_keys().collect(), snapshot).await?;
                return Ok(None);
            }
            looked.extend(open);
        }
        snapshot.remembered = RememberedAccounts {
            number: spared.len(),
            sampled: sample.len(),
            since: spared.values().map(|account| account.seen).min(),
        };
        for (id, account) in spared {
            snapshot.recall(id, account.proved, account.shown, account.archive);
        }
        Ok(Some(changed))
    }

    /// The accounts that were seen as they are declared, and those that OneFile says have changed since. `None` if asking costs
    /// more than it spares, or if OneFile's word isn't good.
    async fn believed(
        &mut self,
        client: &Client,
        wanted: &WantedAccounts,
        planned: &PlannedUsers<'_>,
        snapshot: &Snapshot,
    ) -> Result<Option<(BTreeMap<AccountId, SparedAccount>, BTreeSet<AccountId>)>, ClientError>
    {
        // Readings of the future say nothing about the time until then.
        let begun = by_server(client, self.at);
        let is_of_future = |as_of: Timestamp| as_of.duration_since(begun) > CLOCKS_AGREE;
        if self.is_fresh
            || self.readings.as_of.is_none_or(is_of_future)
            || self.readings.is_off(self.at)
        {
            return Ok(None);
        }
        let (spared, rows) = {
            let sparing = Sparing::new(planned, snapshot, self.readings);
            (sparing.unchanged(wanted), sparing.changed_rows())
        };
        let updated = self.updated_since(snapshot);
        let is_proved = self.readings.trust == ReadingsTrust::Proved;
        let cost = self.sample_size() + Role::all().count();
        if spared.len() <= cost || !(is_proved || updated.is_some()) {
            return Ok(None);
        }
        let organisation = snapshot.organisation.id;
        let changed = self.changes(client, organisation).await?;
        if let Some(id) = updated.filter(|id| !changed.contains(id)) {
            self.lose_trust(Distrust::Update(id));
            return Ok(None);
        }
        let rows = rows.difference(&changed).copied().collect();
        if let Some(id) = self.unlisted(client, snapshot, rows).await? {
            self.lose_trust(Distrust::Row(id));
            return Ok(None);
        }
        self.readings.trust = ReadingsTrust::Proved;
        Ok(Some((spared, changed)))
    }

    /// The account that a run updated last, if that was since the readings and lists show it.
    fn updated_since(&self, snapshot: &Snapshot) -> Option<AccountId> {
        let as_of = self.readings.as_of?.saturating_sub(CLOCKS_AGREE).ok()?;
        let updated = self.updated.iter().filter(|(id, at)| {
            **at >= as_of && snapshot.account(**id).is_some() && !snapshot.unlisted.contains(id)
        });
        let last = updated.max_by_key(|(_, at)| **at);
        last.map(|(id, _)| *id)
    }

    fn sample_size(&self) -> usize {
        let share = self.readings.len().div_ceil(SAMPLED_SHARE);
        share.max(SMALLEST_SAMPLE)
    }

    /// Of the accounts that could be spared, those that were seen the longest ago.
    fn sample(&self, spared: &BTreeMap<AccountId, SparedAccount>) -> BTreeSet<AccountId> {
        let mut oldest: Vec<_> = spared
            .iter()
            .map(|(id, account)| (account.seen, *id))
            .collect();
        oldest.sort_unstable();
        oldest.truncate(self.sample_size());
        oldest.into_iter().map(|(_, id)| id).collect()
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

    /// One of these changed accounts that OneFile doesn't list, although it is asked once more: the change may be newer than its
    /// first answer.
    async fn unlisted(
        &self,
        client: &Client,
        snapshot: &Snapshot,
        changed: BTreeSet<AccountId>,
    ) -> Result<Option<AccountId>, ClientError> {
        if changed.is_empty() {
            return Ok(None);
        }
        let listed = self.changes(client, snapshot.organisation.id).await?;
        Ok(changed.difference(&listed).next().copied())
    }

    /// The accounts that OneFile lists as changed since the readings.
    async fn changes(
        &self,
        client: &Client,
        organisation: OrganisationId,
    ) -> Result<BTreeSet<AccountId>, ClientError> {
        let since = client.search_start(self.readings.as_of.unwrap_or(self.at));
        let mut changed = BTreeSet::new();
        for role in Role::all() {
            let rows = client.modified_since(organisation, role, since).await?;
            changed.extend(rows.into_iter().map(|account| account.id));
        }
        Ok(changed)
    }

    fn lose_trust(&mut self, why: Distrust) {
        self.distrust = Some(why);
        self.readings.distrust(self.at);
    }

    /// Keeps what this reading has seen. What it hasn't looked at stays as far as it is known to be as it was.
    fn remember(
        &mut self,
        begun: Timestamp,
        changed: Option<BTreeSet<AccountId>>,
        planned: &PlannedUsers<'_>,
        snapshot: &Snapshot,
    ) {
        let is_whole = planned.users.len() == planned.roster.users().len();
        let readings = &mut *self.readings;
        if let Some(changed) = changed {
            readings.forget(&changed);
            readings.as_of = Some(begun);
        } else if is_whole || readings.as_of.is_none() {
            readings.accounts.clear();
            readings.as_of = Some(begun);
        }
        if matches!(readings.trust, ReadingsTrust::Off { .. }) && !readings.is_off(self.at) {
            readings.trust = ReadingsTrust::Unproved;
        }
        let is_gone = |id: &AccountId, role: Role| {
            snapshot.whole.contains(&role) && snapshot.account(*id).is_none()
        };
        readings.accounts.retain(|id, seen| !is_gone(id, seen.role));
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

/// A time of ours by the server's clock, if ours is ahead of it. The clock may be right again in the next run.
fn by_server(client: &Client, at: Timestamp) -> Timestamp {
    let ahead = SignedDuration::from_secs(client.skew().unwrap_or_default().max(0));
    at.saturating_sub(ahead).unwrap_or(at)
}
