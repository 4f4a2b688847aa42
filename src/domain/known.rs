//! What earlier readings and runs know of an organisation: which accounts were seen, who was managed at the last apply, and who
//! has never had an account. Whoever was here before is not new, even if OneFile doesn't show the account any more.

use foldhash::{HashMap, HashSet};
use jiff::Timestamp;
use smol_str::SmolStr;

use crate::domain::field::Key;
use crate::domain::role::Role;
use crate::domain::{AccountId, RecordedUser, RemovedUser, UserIdentity, identifying};

/// An account that a reading showed under a MIS value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownAccount {
    pub id: AccountId,
    pub user: UserIdentity,
    pub last_seen: Timestamp,
}

/// The knowledge of an organisation.
#[derive(Clone, Debug, Default)]
pub struct KnownUsers {
    /// By normalised MIS value: a spreadsheet that loses zeros makes nobody new.
    accounts: HashMap<SmolStr, Vec<KnownAccount>>,
    seen: usize,
    waiting: HashSet<UserIdentity>,
    /// Users whose creates failed or that a person has settled as not created.
    tried: HashSet<RecordedUser>,
    managed: Vec<RemovedUser>,
    /// Accounts that earlier runs have archived and not brought back.
    archived: HashSet<AccountId>,
}

impl KnownUsers {
    pub fn add_account(&mut self, account: KnownAccount) {
        let Some(key) = identifying(Key::MisId, &account.user.mis_id) else {
            return;
        };
        self.seen += 1;
        // Hardly any MIS value has a second account, and a vector that grows begins with room for four.
        let accounts = self.accounts.entry(key);
        let accounts = accounts.or_insert_with(|| Vec::with_capacity(1));
        accounts.push(account);
    }

    /// Notes that a user was planned, on hold, failed or not attempted without ever having an account.
    pub fn add_waiting(&mut self, user: UserIdentity) {
        self.waiting.insert(user);
    }

    /// Notes that a create of this user failed, or was settled as not created.
    pub fn add_tried(&mut self, user: RecordedUser) {
        self.tried.insert(user);
    }

    /// Notes that a user was managed at the last apply.
    pub fn add_managed(&mut self, user: RemovedUser) {
        self.managed.push(user);
    }

    /// Notes that an earlier run has archived this account.
    pub fn add_archived(&mut self, account: AccountId) {
        self.archived.insert(account);
    }

    /// Whether an earlier run has archived this account and not brought it back.
    pub fn is_archived(&self, account: AccountId) -> bool {
        self.archived.contains(&account)
    }

    /// Adds the accounts that another checkout knows.
    pub fn add_accounts_of(&mut self, other: Self) {
        for account in other.accounts.into_values().flatten() {
            self.add_account(account);
        }
    }

    /// How many accounts it knows; 0 if there was no earlier reading.
    pub fn seen(&self) -> usize {
        self.seen
    }

    /// The numbers of the accounts that it knows. One that was seen under several MIS values comes several times.
    pub fn account_ids(&self) -> impl Iterator<Item = AccountId> {
        self.accounts.values().flatten().map(|account| account.id)
    }

    /// The accounts that were seen under this MIS value, but for case, blanks and leading zeros.
    pub(crate) fn accounts_like(&self, mis_id: &str) -> &[KnownAccount] {
        let key = identifying(Key::MisId, mis_id);
        let accounts = key.and_then(|key| self.accounts.get(&key));
        accounts.map_or(&[], Vec::as_slice)
    }

    /// Whether the user has waited for an account before.
    pub(crate) fn waits(&self, role: Role, mis_id: &str) -> bool {
        self.waiting.contains(&UserIdentity::new(role, mis_id))
            || self.tried.contains(&RecordedUser::new(role, mis_id))
            || self.tried.contains(&RecordedUser::of_any_role(mis_id))
    }

    /// The users who were managed at the last apply.
    pub(crate) fn managed(&self) -> &[RemovedUser] {
        &self.managed
    }
}
