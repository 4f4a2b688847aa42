//! Which declared users and live accounts are one person, now that the account of each user is known.

use crate::domain::{
    Account, AccountId, DeclaredUser, OtherAccount, People, PersonClues, Roster, Snapshot, UserName,
};
use crate::plan::matching::Match;

/// The people of a roster and a snapshot, for every rule that compares two of them.
pub(crate) fn people_of(roster: &Roster, snapshot: &Snapshot, matches: &[Match<'_>]) -> People {
    let mut clues = Vec::with_capacity(matches.len());
    for (user, matched) in roster.users().iter().zip(matches) {
        let account = matched.account();
        clues.push(PersonClues {
            role: Some(user.role),
            mis_id: user.mis_id().or_else(|| account.and_then(Account::mis_id)),
            account: account.map(|account| account.id).or(user.id),
            also_has: user.also_has.iter().collect(),
        });
    }
    People::of(&clues, |name| {
        let named = snapshot.named(name);
        named.iter().map(|account| account.id).collect()
    })
}

/// The accounts that a user's `alsoHas` names.
pub(crate) fn other_accounts(user: &DeclaredUser, snapshot: &Snapshot) -> Vec<AccountId> {
    let mut ids = Vec::new();
    for other in &user.also_has {
        ids.extend(accounts_of(other, snapshot));
    }
    ids
}

/// The accounts that an entry of `alsoHas` names. An account that is named by its number may not exist.
pub(crate) fn accounts_of(other: &OtherAccount, snapshot: &Snapshot) -> Vec<AccountId> {
    match other {
        OtherAccount::Id(id) => vec![*id],
        OtherAccount::User(name) => {
            let named = snapshot.named(UserName::of(name));
            named.iter().map(|account| account.id).collect()
        }
    }
}
