//! What the server was seen to hold: accounts, how whole the picture of them is, and what earlier runs left in doubt.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashMap;
use jiff::Timestamp;
use smol_str::SmolStr;

use crate::domain::field::{Key, Referent, Role};
use crate::domain::{
    AccountId, DeclaredUser, Directory, ObservedFields, ObservedValue, Organisation, Value,
};

/// An account as the server showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    pub role: Role,
    pub shown: ObservedFields,
}

impl Account {
    /// A value as the server wrote it; an empty text if that is what it wrote.
    pub fn value(&self, key: Key) -> Option<Cow<'_, str>> {
        self.shown.get(key).map(ObservedValue::written)
    }

    /// The MIS value, without white space at its ends.
    pub(crate) fn mis_id(&self) -> Option<&str> {
        self.mis_id_text().map(SmolStr::as_str)
    }

    fn mis_id_text(&self) -> Option<&SmolStr> {
        match self.shown.get(Key::MisId)?.value()? {
            Value::Text(text) => Some(text.canonical()),
            Value::Day(_) | Value::Instant(_) | Value::Flag(_) | Value::Reference(_) => None,
        }
    }

    /// Whether it shows who it belongs to, so that it can be told from others.
    pub fn has_name(&self) -> bool {
        self.text(Key::FirstName).is_some() && self.text(Key::LastName).is_some()
    }

    /// A value as text, `None` if it is empty or wasn't shown.
    pub fn text(&self, key: Key) -> Option<String> {
        let text = self.value(key)?.trim().to_owned();
        (!text.is_empty()).then_some(text)
    }
}

/// An earlier create whose account isn't shown by its MIS value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnclearCreate {
    pub since: Timestamp,
    pub doubt: UnclearKind,
}

/// What is known of an account that no list shows by its MIS value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnclearKind {
    /// Nobody knows whether a create made it.
    Create,
    /// A person has said that there is one.
    SaidCreated,
    /// It was created as this account not long ago, and OneFile doesn't show it yet.
    NotShownYet(AccountId),
    /// It was created as this account, and OneFile doesn't show it.
    NotShown(AccountId),
    /// This account was created for it, and shows another MIS value or none.
    OtherMisId(AccountId),
    /// An update of this account changed what wasn't sent, perhaps its MIS value.
    Damaged(AccountId),
}

impl UnclearKind {
    /// The account that it is about, if its number is known.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Create | Self::SaidCreated => None,
            Self::NotShownYet(id)
            | Self::NotShown(id)
            | Self::OtherMisId(id)
            | Self::Damaged(id) => Some(*id),
        }
    }
}

/// A create that was unclear when its run ended, and is clear by now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedCreate {
    pub mis_id: String,
    pub since: Timestamp,
    /// The account, if it is there.
    pub found: Option<AccountId>,
}

/// What the server was seen to hold.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub organisation: Organisation,
    pub directory: Directory,
    /// What of the directory couldn't be read, and why: nothing is known of it.
    pub unread: BTreeMap<Referent, String>,
    /// The roles whose list came up to its end without an id twice.
    pub whole: BTreeSet<Role>,
    /// The keys that rows of the lists show, whatever a closer look shows besides.
    pub listed: BTreeSet<Key>,
    /// Accounts that exist and that no list shows, so that lists hide accounts.
    pub unlisted: BTreeSet<AccountId>,
    /// Earlier creates whose accounts aren't shown by their MIS values, by MIS value.
    pub unclear: BTreeMap<String, UnclearCreate>,
    /// Accounts whose closer look contradicts the list, or makes no sense.
    pub unreadable: BTreeSet<AccountId>,
    /// Those of the lists by id, then those that no list shows.
    accounts: Vec<Account>,
    by_id: HashMap<AccountId, usize>,
    /// The indexes of the accounts that have or had a MIS value, in ascending order.
    by_mis_id: HashMap<SmolStr, Vec<usize>>,
}

impl Snapshot {
    pub fn new(
        organisation: Organisation,
        directory: Directory,
        whole: BTreeSet<Role>,
        accounts: Vec<Account>,
    ) -> Self {
        let (unlisted, unreadable, unclear) = (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
        let mut snapshot = Self {
            organisation,
            directory,
            unread: BTreeMap::new(),
            whole,
            listed: BTreeSet::new(),
            unlisted,
            unclear,
            unreadable,
            accounts: by_id_once(accounts),
            by_id: HashMap::default(),
            by_mis_id: HashMap::default(),
        };
        for at in 0..snapshot.accounts.len() {
            snapshot.by_id.insert(snapshot.accounts[at].id, at);
            snapshot.index(at);
        }
        snapshot
    }

    /// Makes an account findable by its MIS value.
    fn index(&mut self, index: usize) {
        let Some(mis_id) = self.accounts[index].mis_id_text() else {
            return;
        };
        let indexes = self.by_mis_id.entry(mis_id.clone()).or_default();
        if let Err(place) = indexes.binary_search(&index) {
            indexes.insert(place, index);
        }
    }

    pub fn accounts(&self) -> impl ExactSizeIterator<Item = &Account> {
        self.accounts.iter()
    }

    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.by_id.get(&id).map(|at| &self.accounts[*at])
    }

    /// The accounts with this MIS value, those of the lists by id.
    pub fn with_mis_id<'s>(&'s self, mis_id: &str) -> impl Iterator<Item = &'s Account> {
        let indexes = self.by_mis_id.get(mis_id).map_or(&[][..], Vec::as_slice);
        let accounts = indexes.iter().map(|index| &self.accounts[*index]);
        accounts.filter(move |account| account.mis_id().is_some_and(|known| known == mis_id))
    }

    /// The accounts that a declared user may be: the pinned one, else those with its MIS value.
    pub fn candidates<'s>(&'s self, user: &DeclaredUser) -> Vec<&'s Account> {
        match (user.id, user.mis_id()) {
            (Some(id), _) => self.account(id).into_iter().collect(),
            (None, Some(mis_id)) => self.with_mis_id(mis_id).collect(),
            (None, None) => Vec::new(),
        }
    }

    /// Adds what a closer look shows to the search row. What found the account, its MIS value in the list, stays.
    pub fn look_closer(&mut self, seen: &Account) {
        let id = seen.id;
        let at = *self.by_id.entry(id).or_insert(self.accounts.len());
        if at == self.accounts.len() {
            self.unlisted.insert(id);
            self.accounts.push(Account {
                id,
                role: seen.role,
                shown: ObservedFields::default(),
            });
        }
        let row = &mut self.accounts[at];
        row.role = seen.role;
        for (key, value) in seen.shown.iter() {
            let stays = row.shown.get(key).is_some() && (value.is_none() || key == Key::MisId);
            if !stays {
                row.shown.insert(key, value.cloned());
            }
        }
        self.index(at);
    }

    /// Puts what an account shows now in the place of what it showed before. Who is in no list may be too new for them.
    pub fn replace(&mut self, account: Account) {
        let at = *self.by_id.entry(account.id).or_insert(self.accounts.len());
        match self.accounts.get_mut(at) {
            Some(known) => *known = account,
            None => self.accounts.push(account),
        }
        self.index(at);
    }

    /// Notes that an account can't be found by its number. One that a list shows all the same can't be relied on.
    pub fn lose(&mut self, id: AccountId) {
        if self.by_id.contains_key(&id) {
            self.unreadable.insert(id);
        }
    }

    /// Notes that an account is no user of a role that we know.
    pub fn cannot_read(&mut self, id: AccountId) {
        self.unreadable.insert(id);
    }
}

/// In the order of their ids; of several rows for one the last stays.
fn by_id_once(mut accounts: Vec<Account>) -> Vec<Account> {
    accounts.sort_by_key(|account| account.id);
    accounts.dedup_by(|later, kept| {
        let is_same = later.id == kept.id;
        if is_same {
            std::mem::swap(later, kept);
        }
        is_same
    });
    accounts
}
