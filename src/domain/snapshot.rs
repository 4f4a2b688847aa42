//! The server's state as it was read: accounts, how complete their lists are, and what earlier runs left unconfirmed.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashMap;
use jiff::Timestamp;
use jiff::civil::Date;
use smol_str::SmolStr;

use crate::domain::field::{Key, Referent};
use crate::domain::role::Role;
use crate::domain::{
    AccountId, DeclaredUser, Directory, EntryId, EntryKind, KeptValues, KnownAssignments,
    KnownUsers, LiveEntry, ObservedFields, ObservedValue, Organisation, RecordedUser, ShownArchive,
    UserName, Value, nfc,
};

/// An account as the server showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    pub role: Role,
    pub shown: ObservedFields,
    pub archive: ShownArchive,
}

impl Account {
    /// A value as the server wrote it, empty if the server showed none; `None` if it didn't show the field.
    pub fn value(&self, key: Key) -> Option<Cow<'_, str>> {
        match self.shown.get(key) {
            Some(value) => Some(value.written()),
            None => self.shown.contains(key).then_some(Cow::Borrowed("")),
        }
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

    /// First and last name, as far as it shows them.
    pub fn full_name(&self) -> String {
        let names = [Key::FirstName, Key::LastName].map(|key| self.text(key));
        let shown: Vec<String> = names.into_iter().flatten().collect();
        shown.join(" ")
    }

    /// Whether it shows a first and a last name, so that it can be told from other people's accounts.
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

/// What is known about an account whose MIS value no list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnclearKind {
    /// A create was sent, and the server didn't say whether it made the account.
    Create,
    /// A person has confirmed that the account exists.
    SaidCreated,
    /// This account was recently created for it, and OneFile doesn't show it yet.
    NotShownYet(AccountId),
    /// This account was created for it, and OneFile doesn't show it.
    NotShown(AccountId),
    /// This account was created for it, and shows another MIS value or none.
    OtherMisId(AccountId),
    /// An update of this account changed fields that weren't sent, perhaps its MIS value.
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

/// A create that was unclear when its run ended and no longer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedCreate {
    pub user: RecordedUser,
    /// The user as text names it.
    pub name: String,
    pub since: Timestamp,
    /// The account, if there is one.
    pub found: Option<AccountId>,
}

/// The part of a reading that comes from earlier ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RememberedAccounts {
    /// How many accounts weren't looked at.
    pub number: usize,
    /// How many were looked at all the same, to see whether what is remembered is right.
    pub sampled: usize,
    /// When the one that was seen the longest ago was looked at.
    pub since: Option<Timestamp>,
}

/// The server's state as it was read.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub organisation: Organisation,
    pub directory: Directory,
    /// The parts of the directory that couldn't be read, and why.
    pub unread: BTreeMap<Referent, String>,
    /// Roles whose list was read completely: the last page was reached and no id came twice.
    pub whole: BTreeSet<Role>,
    /// Fields present in search rows; reading a single account may show more.
    pub listed: BTreeSet<Key>,
    /// Accounts that exist but are in no list. One of them is enough to show that lists hide accounts.
    pub unlisted: BTreeSet<AccountId>,
    /// Earlier creates whose accounts aren't shown by their MIS values, by user.
    pub unclear: BTreeMap<RecordedUser, UnclearCreate>,
    /// What OneFile is known to make of values that were sent to it.
    pub kept: KeptValues,
    /// What earlier readings and runs know.
    pub known: KnownUsers,
    /// Accounts that were read although no list shows them, because the manifests say that they were archived. They say
    /// nothing about what else lists hide.
    pub beyond_lists: BTreeSet<AccountId>,
    /// What is known about the assignments of learners.
    pub assignments: KnownAssignments,
    /// What placements and classrooms show, in the lists and by themselves; empty unless manifests declare some.
    pub entries: BTreeMap<(EntryKind, EntryId), LiveEntry>,
    /// The kinds whose list couldn't be read to its end.
    pub shifting_entries: BTreeSet<EntryKind>,
    /// The names of those that earlier runs created, or may have created, and that no list shows.
    pub unclear_entries: BTreeSet<(EntryKind, String)>,
    /// Those that earlier runs created, by the name that was sent. Lists may show them under another one.
    pub created_entries: BTreeMap<(EntryKind, String), EntryId>,
    /// The day of the reading in London; `None` if nobody has said it.
    pub today: Option<Date>,
    /// Accounts that a list shows but that can't be read by themselves, or whose role is unknown.
    pub unreadable: BTreeSet<AccountId>,
    /// Accounts that were read one by one.
    pub looked_at: BTreeSet<AccountId>,
    /// Accounts that weren't, because earlier readings have seen them.
    pub remembered: RememberedAccounts,
    /// The listed accounts, in the order of their ids, then those that no list shows.
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
        let mut snapshot = Self {
            organisation,
            directory,
            unread: BTreeMap::new(),
            whole,
            listed: BTreeSet::new(),
            unlisted: BTreeSet::new(),
            unclear: BTreeMap::new(),
            kept: KeptValues::default(),
            known: KnownUsers::default(),
            beyond_lists: BTreeSet::new(),
            assignments: KnownAssignments::default(),
            entries: BTreeMap::new(),
            shifting_entries: BTreeSet::new(),
            unclear_entries: BTreeSet::new(),
            created_entries: BTreeMap::new(),
            today: None,
            unreadable: BTreeSet::new(),
            looked_at: BTreeSet::new(),
            remembered: RememberedAccounts::default(),
            accounts: by_id_once(accounts),
            by_id: HashMap::default(),
            by_mis_id: HashMap::default(),
        };
        for index in 0..snapshot.accounts.len() {
            snapshot.by_id.insert(snapshot.accounts[index].id, index);
            snapshot.index(index);
        }
        snapshot
    }

    /// Makes an account findable by its MIS value.
    fn index(&mut self, index: usize) {
        let Some(mis_id) = self.accounts[index].mis_id_text() else {
            return;
        };
        // Hardly any MIS value has a second account, and a vector that grows begins with room for four.
        let indexes = self.by_mis_id.entry(mis_id.clone());
        let indexes = indexes.or_insert_with(|| Vec::with_capacity(1));
        if let Err(place) = indexes.binary_search(&index) {
            indexes.insert(place, index);
        }
    }

    pub fn accounts(&self) -> impl ExactSizeIterator<Item = &Account> {
        self.accounts.iter()
    }

    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.by_id.get(&id).map(|index| &self.accounts[*index])
    }

    /// The accounts with this MIS value: listed ones in the order of their ids, then others.
    pub fn with_mis_id<'s>(&'s self, mis_id: &str) -> impl Iterator<Item = &'s Account> {
        let wanted = SmolStr::from(nfc(mis_id));
        let indexes = self.by_mis_id.get(&wanted).map_or(&[][..], Vec::as_slice);
        let accounts = indexes.iter().map(|index| &self.accounts[*index]);
        accounts.filter(move |account| account.mis_id().is_some_and(|known| known == wanted))
    }

    /// The accounts that a person means by `S-1` or `assessor:S-1`.
    pub fn named(&self, name: UserName<'_>) -> Vec<&Account> {
        let mut accounts = Vec::new();
        for mis_id in name.mis_ids() {
            let of_mis_id = self.with_mis_id(mis_id);
            accounts.extend(of_mis_id.filter(|account| name.means(account.role, mis_id)));
        }
        accounts
    }

    /// The accounts that a declared user may have: the pinned one, or else those with its MIS value. If none of its role has
    /// that, also those of its role with the value that `formerMisId` names.
    pub fn candidates<'s>(&'s self, user: &DeclaredUser) -> Vec<&'s Account> {
        match (user.id, user.mis_id()) {
            (Some(id), _) => self.account(id).into_iter().collect(),
            (None, Some(mis_id)) => {
                let mut found: Vec<_> = self.with_mis_id(mis_id).collect();
                let is_of_role = |account: &&Account| account.role == user.role;
                if let Some(former) = &user.former_mis_id
                    && !found.iter().any(is_of_role)
                {
                    found.extend(self.with_mis_id(former).filter(is_of_role));
                }
                found
            }
            (None, None) => Vec::new(),
        }
    }

    /// Whether a declared user may have an account: the pinned one, or one with its MIS value and role.
    pub fn has_candidate(&self, user: &DeclaredUser) -> bool {
        let mut candidates = self.candidates(user).into_iter();
        candidates.any(|account| user.id.is_some() || account.role == user.role)
    }

    /// The accounts of a user whom the journal knows.
    pub fn of_recorded<'s>(&'s self, user: &'s RecordedUser) -> impl Iterator<Item = &'s Account> {
        let accounts = self.with_mis_id(&user.mis_id);
        accounts.filter(move |account| user.may_be(account.role, &user.mis_id))
    }

    /// Adds what reading the single account shows to its search row. The MIS value from the search row wins, because the
    /// account was matched by it.
    pub fn look_closer(&mut self, seen: &Account) {
        let id = seen.id;
        self.looked_at.insert(id);
        let index = *self.by_id.entry(id).or_insert(self.accounts.len());
        if index == self.accounts.len() {
            self.unlisted.insert(id);
            self.accounts.push(Account {
                id,
                role: seen.role,
                shown: ObservedFields::default(),
                archive: ShownArchive::default(),
            });
        }
        let row = &mut self.accounts[index];
        row.role = seen.role;
        if seen.archive != ShownArchive::NotShown {
            row.archive = seen.archive;
        }
        for (key, value) in seen.shown.iter() {
            let stays = row.shown.get(key).is_some() && (value.is_none() || key == Key::MisId);
            if !stays {
                row.shown.insert(key, value.cloned());
            }
        }
        row.shown.shrink_to_fit();
        self.index(index);
    }

    /// Adds to a search row what the account is known to show, although it wasn't looked at.
    pub fn recall(
        &mut self,
        id: AccountId,
        proved: Vec<(Key, ObservedValue)>,
        shown: u128,
        archive: ShownArchive,
    ) {
        let Some(index) = self.by_id.get(&id) else {
            return;
        };
        let row = &mut self.accounts[*index];
        if row.archive == ShownArchive::NotShown {
            row.archive = archive;
        }
        for (key, value) in proved {
            row.shown.insert(key, Some(value));
        }
        row.shown.shrink_to_fit();
        row.shown.add_unread(shown);
    }

    /// Replaces an account by a newer reading. An account in no list may be too new for the lists, so it isn't counted as
    /// hidden.
    pub fn replace(&mut self, account: Account) {
        let index = *self.by_id.entry(account.id).or_insert(self.accounts.len());
        match self.accounts.get_mut(index) {
            Some(known) => *known = account,
            None => self.accounts.push(account),
        }
        self.index(index);
    }

    /// Adds an account that no list shows, because the manifests say that it was archived.
    pub fn add_beyond_lists(&mut self, account: Account) {
        if self.account(account.id).is_none() {
            self.beyond_lists.insert(account.id);
            self.replace(account);
        }
    }

    /// Whether accounts show if they are archived.
    pub fn shows_archive(&self) -> bool {
        let mut accounts = self.accounts.iter();
        accounts.any(|account| account.archive != ShownArchive::NotShown)
    }

    /// Notes that no account has this number. If a list shows it anyway, the account is unreadable.
    pub fn lose(&mut self, id: AccountId) {
        if self.by_id.contains_key(&id) {
            self.unreadable.insert(id);
        }
    }

    /// Notes that an account isn't a user of a known role.
    pub fn cannot_read(&mut self, id: AccountId) {
        self.unreadable.insert(id);
    }
}

/// Sorts accounts by id. If an account has several rows, the last one is kept.
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
