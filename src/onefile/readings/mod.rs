//! What earlier readings have seen of accounts that lists show only in part, so that a plan needn't look at each of them again.
//! It holds digests and no values. Another reading proves with `User/Search` by `LastModified` that an account is still as it was.

mod clashes;
mod digests;
mod holdings;
mod readings_file;
mod recall;
mod recall_holdings;
mod spare;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::domain::field::{Class, Key, SettableWhen};
use crate::domain::role::Role;
use crate::domain::{Account, AccountId, ShownArchive};
use crate::onefile::readings::digests::{Digest, ReadingKey, Salt, SeenField};
use crate::onefile::readings::holdings::{SeenAim, SeenHoldings, SeenUnit};

pub use crate::onefile::readings::readings_file::ReadingsError;
pub use crate::onefile::readings::recall::{Distrust, Recall, Recalled};
pub use crate::onefile::readings::recall_holdings::RecallHoldings;
pub(in crate::onefile) use crate::onefile::readings::recall_holdings::{
    DeclaredHoldings, SparedHoldings,
};

/// Whether the search by `LastModified` is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadingsTrust {
    /// Nothing that we changed has been looked for yet.
    Unproved,
    /// The search has listed an account that we had updated.
    Proved,
    /// It has kept silent about a change.
    Off { until: Timestamp },
}

impl ReadingsTrust {
    /// Whether the search isn't believed now.
    pub fn is_off(self, now: Timestamp) -> bool {
        matches!(self, Self::Off { until } if now < until)
    }

    fn off_from(now: Timestamp) -> Self {
        let until = now.saturating_add(TIME_OFF).unwrap_or(Timestamp::MAX);
        Self::Off { until }
    }

    /// After its time it has to prove itself again.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Self {
        match self {
            Self::Off { until } if now >= until => Self::Unproved,
            trust => trust,
        }
    }
}

/// How long the search isn't believed after it has kept silent about a change.
const TIME_OFF: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The marks that two accounts may share without sharing anything that lists show.
const MARKS: [Key; 3] = [Key::Email, Key::Uln, Key::Nino];

/// The readings of one organisation.
#[derive(Clone, Debug)]
pub struct Readings {
    salt: Salt,
    key: ReadingKey,
    /// Each account was as it is remembered at this time or later, by the server's clock; `None` before the first reading.
    pub as_of: Option<Timestamp>,
    pub trust: ReadingsTrust,
    accounts: BTreeMap<AccountId, SeenAccount>,
    pub aims: SeenHoldings<SeenAim>,
    pub units: SeenHoldings<SeenUnit>,
}

/// What was seen of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeenAccount {
    role: Role,
    archive: ShownArchive,
    /// When it was last looked at.
    seen: Timestamp,
    /// The fields that it shows, a bit for each. Special ones have no digest.
    shown: u128,
    /// By field, in the order of the table.
    digests: Box<[(Key, Digest)]>,
    marks: Box<[Digest]>,
}

impl SeenAccount {
    fn new(key: &ReadingKey, account: &Account, seen: Timestamp) -> Self {
        let mut digests = Vec::new();
        for (field, value) in account.shown.iter() {
            if is_remembered(field) {
                let seen_field = SeenField {
                    account: account.id,
                    key: field,
                    at: seen,
                };
                digests.push((field, key.of_field(seen_field, value)));
            }
        }
        Self {
            role: account.role,
            archive: account.archive,
            seen,
            shown: account.shown.bits(),
            digests: digests.into(),
            marks: key.marks(|mark| account.value(mark)).into(),
        }
    }

    /// A field of it. `account` is its number.
    fn field(&self, account: AccountId, key: Key) -> SeenField {
        SeenField {
            account,
            key,
            at: self.seen,
        }
    }

    fn digest(&self, key: Key) -> Option<&Digest> {
        let found = self.digests.binary_search_by_key(&key, |(key, _)| *key);
        found.ok().map(|index| &self.digests[index].1)
    }
}

/// Whether a field can be edited, so that its value stands for the account. Special data isn't remembered, and OneFile counts
/// progress and times itself.
fn is_remembered(key: Key) -> bool {
    let field = key.row();
    let is_edited = matches!(
        field.settable,
        SettableWhen::Always | SettableWhen::OnCreate
    );
    is_edited && field.class != Class::Special
}

impl Readings {
    /// Without any reading.
    pub fn new(token: &str) -> Self {
        let salt = fastrand::u128(..).to_be_bytes();
        Self {
            salt,
            key: ReadingKey::new(token, &salt),
            as_of: None,
            trust: ReadingsTrust::Unproved,
            accounts: BTreeMap::new(),
            aims: SeenHoldings::default(),
            units: SeenHoldings::default(),
        }
    }

    pub fn len(&self) -> usize {
        self.accounts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty() && self.aims.is_empty() && self.units.is_empty()
    }

    /// Forgets everything of the kind that OneFile has kept silent about, which may have happened more often than once. It isn't
    /// believed about that for some time.
    fn distrust(&mut self, why: Distrust, now: Timestamp) {
        match why {
            Distrust::Update(_) | Distrust::Row(_) | Distrust::Look(_) => {
                self.clear();
                self.as_of = None;
                self.trust = ReadingsTrust::off_from(now);
            }
            Distrust::GivenStandard(_) | Distrust::Standards(_) => self.aims.distrust(now),
            Distrust::GivenUnit(_) | Distrust::Units(_) => self.units.distrust(now),
        }
    }

    fn clear(&mut self) {
        self.accounts.clear();
        self.aims.clear();
        self.units.clear();
    }

    /// Forgets accounts, so that the next reading looks at them.
    pub fn forget(&mut self, ids: &BTreeSet<AccountId>) {
        for id in ids {
            self.accounts.remove(id);
            self.aims.forget(*id);
            self.units.forget(*id);
        }
    }

    /// Whether some of it is about to be used or has to be kept: an organisation whose lists show everything needs none.
    pub fn is_worth_keeping(&self, now: Timestamp) -> bool {
        let mut trusts = [self.trust, self.aims.trust, self.units.trust].into_iter();
        !self.is_empty() || trusts.any(|trust| trust.is_off(now))
    }

    /// Remembers an account that was looked at.
    pub fn see(&mut self, account: &Account, at: Timestamp) {
        let seen = SeenAccount::new(&self.key, account, at);
        self.accounts.insert(account.id, seen);
    }
}
