//! Chooses the accounts to read one by one because search rows don't show enough of them. Each read costs a request.

use std::collections::{BTreeSet, HashSet};

use crate::domain::field::{FIELDS, Key, SettableWhen};
use crate::domain::role::{ASSESSING, Role};
use crate::domain::{
    Account, AccountId, DeclaredArchive, DeclaredUser, FieldPolicy, IdentityMark, MOVES_IN_COLUMNS,
    Roster, ShownArchive, Snapshot, TELLS_NAMESAKES_APART, declared_text, identifying,
};

/// The planned users, and the whole roster, to which they may refer.
pub(super) struct PlannedUsers<'r> {
    pub(super) users: Vec<&'r DeclaredUser>,
    pub(super) roster: &'r Roster,
}

/// The accounts to read in full.
#[derive(Debug, Default)]
pub(super) struct WantedAccounts {
    /// Pinned accounts that no list shows, and accounts that a planned user may refer to or may already have.
    pub(super) needed: BTreeSet<AccountId>,
    /// Accounts of planned users whose rows lack a managed field.
    pub(super) lacking: BTreeSet<AccountId>,
}

impl WantedAccounts {
    pub(super) fn all(self) -> BTreeSet<AccountId> {
        let mut all = self.needed;
        all.extend(self.lacking);
        all
    }
}

pub(super) fn wanted(planned: &PlannedUsers<'_>, snapshot: &Snapshot) -> WantedAccounts {
    let mut needed = perhaps_meant(planned, snapshot);
    needed.extend(namesakes(planned, snapshot));
    needed.extend(unlisted_pins(planned, snapshot));
    needed.extend(strangers(planned, snapshot));
    let mut lacking = BTreeSet::new();
    for user in planned.users.iter().filter(|user| !user.has_left()) {
        let candidates = snapshot.candidates(user);
        needed.extend(pin(user).filter(|_| candidates.is_empty()));
        for account in candidates {
            if lacks_proof(account, user) {
                needed.insert(account.id);
            } else if lacks_managed(account, user, planned.roster.fields()) {
                lacking.insert(account.id);
            }
        }
    }
    WantedAccounts { needed, lacking }
}

/// The pinned accounts that no list shows, if somebody would be created. If one of them exists, lists hide accounts, which
/// matters for every create. So the pins of the whole roster count, not only those of planned users.
fn unlisted_pins(planned: &PlannedUsers<'_>, snapshot: &Snapshot) -> BTreeSet<AccountId> {
    if absent(planned, snapshot).next().is_none() {
        return BTreeSet::new();
    }
    let pins = planned.roster.users().iter().filter_map(pin);
    pins.filter(|id| snapshot.account(*id).is_none()).collect()
}

/// The account that a user is pinned to. An account that is declared as archived, or as archived until now, is no sign that
/// lists hide anything else.
fn pin(user: &DeclaredUser) -> Option<AccountId> {
    match user.archive {
        DeclaredArchive::Undeclared => user.id,
        DeclaredArchive::Archived | DeclaredArchive::Current => None,
    }
}

/// The listed accounts of users who leave or come back, if their rows don't say whether they are archived.
pub(super) fn moved(planned: &PlannedUsers<'_>, snapshot: &Snapshot) -> BTreeSet<AccountId> {
    let mut moved = BTreeSet::new();
    for user in &planned.users {
        if user.archive != DeclaredArchive::Undeclared {
            let candidates = snapshot.candidates(user).into_iter();
            let unsaid = candidates.filter(|account| account.archive == ShownArchive::NotShown);
            moved.extend(unsaid.map(|account| account.id));
        }
    }
    moved
}

/// The learners whose assessor isn't shown, if somebody leaves who can be one. If they are too many to read, none is read, and
/// the plan says so.
pub(super) fn caseloads(planned: &PlannedUsers<'_>, snapshot: &Snapshot) -> BTreeSet<AccountId> {
    let is_assessor = |user: &&&DeclaredUser| user.has_left() && ASSESSING.contains(&user.role);
    let mut leavers = planned.users.iter().filter(is_assessor);
    if !leavers.any(|user| snapshot.has_candidate(user)) {
        return BTreeSet::new();
    }
    let key = Key::DefaultAssessor;
    let unread = snapshot
        .accounts()
        .filter(|account| key.row().is_of(account.role) && !account.shown.contains(key));
    let unread: BTreeSet<AccountId> = unread.map(|account| account.id).collect();
    if unread.len() <= MOST_STRANGERS {
        unread
    } else {
        BTreeSet::new()
    }
}

/// Undeclared accounts that may belong, under another name, to a user who would be created. E-mail addresses, dates of birth
/// and numbers can show that. If there are more than `MOST_STRANGERS`, reading them would take too long. Then none is read,
/// and the plan says so.
fn strangers(planned: &PlannedUsers<'_>, snapshot: &Snapshot) -> BTreeSet<AccountId> {
    if absent(planned, snapshot).next().is_none() {
        return BTreeSet::new();
    }
    let declared: HashSet<AccountId> = planned
        .roster
        .users()
        .iter()
        .flat_map(|user| snapshot.candidates(user))
        .map(|account| account.id)
        .collect();
    let lacks = |account: &&Account| !declared.contains(&account.id) && lacks_telling(account);
    let strangers: BTreeSet<AccountId> = snapshot
        .accounts()
        .filter(lacks)
        .map(|account| account.id)
        .collect();
    if strangers.len() <= MOST_STRANGERS {
        strangers
    } else {
        BTreeSet::new()
    }
}

/// Maximum number of undeclared accounts to read: less than half of the requests that the default limit allows a minute.
const MOST_STRANGERS: usize = 100;

/// The planned users who would be created: they have no pin, and no account of their role has their MIS value.
pub(super) fn absent<'p>(
    planned: &'p PlannedUsers<'_>,
    snapshot: &'p Snapshot,
) -> impl Iterator<Item = &'p DeclaredUser> {
    let users = planned.users.iter().copied();
    users.filter(|user| may_be_created(user) && !snapshot.has_candidate(user))
}

fn may_be_created(user: &DeclaredUser) -> bool {
    user.id.is_none() && user.archive == DeclaredArchive::Undeclared
}

fn lacks_telling(account: &Account) -> bool {
    TELLS_NAMESAKES_APART
        .iter()
        .any(|key| key.row().is_of(account.role) && !account.shown.contains(*key))
}

/// The accounts with the same name as a user who would be created. They are read in full, so that a person can tell whose
/// they are.
fn namesakes(planned: &PlannedUsers<'_>, snapshot: &Snapshot) -> BTreeSet<AccountId> {
    let absent = absent(planned, snapshot);
    let names: HashSet<_> = absent
        .filter_map(|user| IdentityMark::Name.of_declared(&user.values))
        .collect();
    let mut namesakes = BTreeSet::new();
    if names.is_empty() {
        return namesakes;
    }
    for account in snapshot.accounts().filter(|account| lacks_telling(account)) {
        let name = IdentityMark::Name.of(|key| account.value(key));
        if name.is_some_and(|name| names.contains(&name)) {
            namesakes.insert(account.id);
        }
    }
    namesakes
}

/// The accounts of declared users who are not selected, if a selected account would get another value in a field that
/// identifies people. Many changes together show whether a column has moved, and a part of them must not hide it. If there are
/// more than `MOST_STRANGERS`, none is read, and the plan says that they weren't compared.
pub(super) fn beside_selected(
    planned: &PlannedUsers<'_>,
    unselected: &[&DeclaredUser],
    snapshot: &Snapshot,
) -> BTreeSet<AccountId> {
    let changed: HashSet<(Role, Key)> = planned
        .users
        .iter()
        .flat_map(|user| changed_columns(user, snapshot))
        .collect();
    let mut beside = BTreeSet::new();
    for user in unselected {
        for account in snapshot.candidates(user) {
            let is_hidden = |key: &Key| {
                changed.contains(&(account.role, *key))
                    && user.values.contains(*key)
                    && !account.shown.contains(*key)
            };
            if MOVES_IN_COLUMNS.iter().any(is_hidden) {
                beside.insert(account.id);
            }
        }
    }
    if beside.len() <= MOST_STRANGERS {
        beside
    } else {
        BTreeSet::new()
    }
}

/// The fields in which an account of a user would get another value.
fn changed_columns<'u>(
    user: &'u DeclaredUser,
    snapshot: &'u Snapshot,
) -> impl Iterator<Item = (Role, Key)> + 'u {
    let accounts = snapshot.candidates(user).into_iter();
    accounts.flat_map(move |account| {
        let keys = MOVES_IN_COLUMNS.iter().copied();
        let changed = keys.filter(move |key| {
            let declared = declared_text(&user.values, *key);
            let value = declared.and_then(|text| identifying(*key, &text));
            let live = account.value(*key);
            value.is_some() && value != live.and_then(|text| identifying(*key, &text))
        });
        changed.map(move |key| (account.role, key))
    })
}

/// The accounts that a reference by e-mail address may mean, if their rows don't show addresses. No search is known to filter
/// by address (`docs/onefile-api.md`, Finding things), so every such account of a role that can serve is read.
fn perhaps_meant(planned: &PlannedUsers<'_>, snapshot: &Snapshot) -> BTreeSet<AccountId> {
    let declared: HashSet<String> = planned
        .roster
        .users()
        .iter()
        .filter_map(|user| user.text(Key::Email))
        .map(str::to_lowercase)
        .collect();
    let asked = planned
        .users
        .iter()
        .flat_map(|user| user.emails_referred_to());
    let live = asked.filter(|(_, email)| !declared.contains(&email.to_lowercase()));
    let roles: BTreeSet<Role> = live
        .flat_map(|(serving, _)| serving.iter().copied())
        .collect();
    let hidden = snapshot
        .accounts()
        .filter(|account| !account.shown.contains(Key::Email));
    hidden
        .filter(|account| roles.contains(&account.role))
        .map(|account| account.id)
        .collect()
}

/// Whether the row lacks a field that an update may set, or one that tells people apart: the guards compare those even if no
/// update sets them.
fn lacks_managed(account: &Account, user: &DeclaredUser, fields: &FieldPolicy) -> bool {
    let mut managed = user
        .values
        .keys()
        .filter(|key| fields.is_updated(user.role, *key) || TELLS_NAMESAKES_APART.contains(key));
    managed.any(|key| !account.shown.contains(key))
}

/// Whether the account is about to get another MIS value, and its row lacks what shows whose it is.
fn lacks_proof(account: &Account, user: &DeclaredUser) -> bool {
    user.former_mis_id.is_some() && account.mis_id() != user.mis_id() && lacks_telling(account)
}

/// Whether the account's search row lacks a field that its role has.
pub(super) fn lacks_any(account: &Account) -> bool {
    let mut fields = FIELDS
        .iter()
        .filter(|field| field.settable == SettableWhen::Always && field.is_of(account.role));
    fields.any(|field| !account.shown.contains(field.key))
}
