//! Which accounts are read one by one, because the rows of the lists don't show enough. A read costs a request.

use std::collections::{BTreeSet, HashSet};

use crate::domain::field::{FIELDS, Key, SettableWhen};
use crate::domain::role::Role;
use crate::domain::{
    Account, AccountId, DeclaredUser, IdentityMark, Roster, Snapshot, TELLS_NAMESAKES_APART,
};

/// The users that are planned, and the roster that they may refer to.
pub(super) struct PlannedUsers<'r> {
    pub(super) users: Vec<&'r DeclaredUser>,
    pub(super) roster: &'r Roster,
}

/// The accounts to look at whole: pins that no list shows, and candidates whose rows lack a managed field.
pub(super) fn wanted(planned: &PlannedUsers<'_>, snapshot: &Snapshot) -> BTreeSet<AccountId> {
    let mut wanted = perhaps_meant(planned, snapshot);
    wanted.extend(namesakes(planned, snapshot));
    wanted.extend(unlisted_pins(planned, snapshot));
    wanted.extend(strangers(planned, snapshot));
    for user in &planned.users {
        let candidates = snapshot.candidates(user);
        wanted.extend(user.id.filter(|_| candidates.is_empty()));
        let lacking = candidates
            .into_iter()
            .filter(|account| lacks_managed(account, user));
        wanted.extend(lacking.map(|account| account.id));
    }
    wanted
}

/// The pins of the whole roster that no list shows, where somebody would be created: that lists hide accounts is to be known
/// then, whoever is planned.
fn unlisted_pins(planned: &PlannedUsers<'_>, snapshot: &Snapshot) -> BTreeSet<AccountId> {
    if absent(planned, snapshot).next().is_none() {
        return BTreeSet::new();
    }
    let pins = planned.roster.users().iter().filter_map(|user| user.id);
    pins.filter(|id| snapshot.account(*id).is_none()).collect()
}

/// The accounts that nobody declares, where somebody would be created who may be one of them under another name: e-mail
/// addresses and numbers tell. Where there are many, what this costs is out of proportion, and the plan says so.
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

/// So many calls more for a plan that creates somebody are soon made.
const MOST_STRANGERS: usize = 100;

/// The users who have no account by the keys.
pub(super) fn absent<'p>(
    planned: &'p PlannedUsers<'_>,
    snapshot: &'p Snapshot,
) -> impl Iterator<Item = &'p DeclaredUser> {
    let users = planned.users.iter().copied();
    users.filter(|user| user.id.is_none() && snapshot.candidates(user).is_empty())
}

fn lacks_telling(account: &Account) -> bool {
    TELLS_NAMESAKES_APART
        .iter()
        .any(|key| key.row().is_of(account.role) && !account.shown.contains(*key))
}

/// The accounts with the name of a user who has no account by the keys. They are read whole, so that a person can tell who they are.
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

/// The accounts that a reference by e-mail address may mean, where their rows don't show addresses. No search is known
/// to go by them (`docs/onefile-api.md`, Finding things), so each account of a role that can serve is looked at.
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

fn lacks_managed(account: &Account, user: &DeclaredUser) -> bool {
    let mut managed = user
        .values
        .keys()
        .filter(|key| key.row().settable == SettableWhen::Always);
    managed.any(|key| !account.shown.contains(key))
}

/// Whether its search row lacks a field that its role has.
pub(super) fn lacks_any(account: &Account) -> bool {
    let mut fields = FIELDS
        .iter()
        .filter(|field| field.settable == SettableWhen::Always && field.is_of(account.role));
    fields.any(|field| !account.shown.contains(field.key))
}
