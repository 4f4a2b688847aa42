//! Finds the account of each declared user: the pinned one, or else the one with its MIS value. If it isn't clear which account
//! that is, the user is put on hold.

use std::collections::BTreeMap;

use crate::domain::field::Key;
use crate::domain::{
    Account, AccountId, DeclaredUser, FoldedName, Roster, Snapshot, declared_text, identifying,
};
use crate::plan::hold::HoldReason;

pub(crate) enum Match<'s> {
    Account(&'s Account),
    Nobody,
    Held(HoldReason),
}

impl<'s> Match<'s> {
    pub(crate) fn account(&self) -> Option<&'s Account> {
        match self {
            Self::Account(account) => Some(account),
            Self::Nobody | Self::Held(_) => None,
        }
    }
}

/// The matches of all users, in the order of the roster.
pub(crate) fn match_all<'s>(roster: &Roster, snapshot: &'s Snapshot) -> Vec<Match<'s>> {
    let mut matches: Vec<_> = roster
        .users()
        .iter()
        .map(|user| match_one(user, snapshot))
        .collect();
    hold_shared(roster, &mut matches);
    matches
}

fn match_one<'s>(user: &DeclaredUser, snapshot: &'s Snapshot) -> Match<'s> {
    let candidates = snapshot.candidates(user);
    let ids = candidates.iter().map(|account| account.id).chain(user.id);
    if let Some(id) = ids.into_iter().find(|id| snapshot.unreadable.contains(id)) {
        return Match::Held(HoldReason::Unreadable(id));
    }
    let (distinct, candidates): (Vec<_>, Vec<_>) = candidates
        .into_iter()
        .partition(|account| user.distinct_from.contains(&account.id));
    if candidates.is_empty() && !distinct.is_empty() {
        return Match::Held(HoldReason::MisIdTaken(
            distinct.iter().map(|account| account.id).collect(),
        ));
    }
    let of_role: Vec<_> = candidates
        .iter()
        .copied()
        .filter(|account| account.role == user.role)
        .collect();
    match (of_role.as_slice(), candidates.as_slice(), user.id) {
        ([account], _, Some(id)) => match (user.mis_id(), account.text(Key::MisId)) {
            (Some(declared), Some(live)) if declared != live => {
                Match::Held(HoldReason::OtherMisId { id, live })
            }
            // The update would give this account a MIS value that another one has. If both have it already, the pin decides.
            (Some(mis_id), None) if snapshot.with_mis_id(mis_id).next().is_some() => {
                let others = snapshot.with_mis_id(mis_id).map(|other| other.id);
                Match::Held(HoldReason::MisIdElsewhere(others.collect()))
            }
            _ if is_somebody_else(user, account) => Match::Held(HoldReason::SomebodyElse(id)),
            _ => Match::Account(account),
        },
        ([account], _, None) => Match::Account(account),
        ([], [], Some(id)) => Match::Held(HoldReason::NoSuchAccount(id)),
        ([], [], None) => Match::Nobody,
        ([], [account], _) => Match::Held(HoldReason::RoleDiffers {
            id: account.id,
            live: account.role,
        }),
        ([_, _, ..], ..) | ([], [_, _, ..], _) => Match::Held(HoldReason::SeveralAccounts(
            candidates.iter().map(|account| account.id).collect(),
        )),
    }
}

/// Whether a pinned account differs in name, e-mail address and ULN, so that the pin is probably wrong. Fields that lack a
/// value on one side are ignored, and so is the placeholder ULN. A name differs if nothing of it stays.
fn is_somebody_else(user: &DeclaredUser, account: &Account) -> bool {
    let differs = |key: Key| {
        let declared = identifying(key, user.text(key)?)?;
        let live = identifying(key, &account.value(key)?)?;
        Some(declared != live)
    };
    let signs: Vec<bool> = [
        is_renamed(user, account),
        differs(Key::Email),
        differs(Key::Uln),
    ]
    .into_iter()
    .flatten()
    .collect();
    !signs.is_empty() && signs.into_iter().all(|differs| differs)
}

/// Whether the account has no part of the declared name; `None` if one of them doesn't have both names.
fn is_renamed(user: &DeclaredUser, account: &Account) -> Option<bool> {
    let declared = FoldedName::of(|key| declared_text(&user.values, key))?;
    let live = FoldedName::of(|key| account.value(key))?;
    Some(live.lost_in(&declared).len() == live.parts().len())
}

/// Puts all declared users that match the same account on hold.
fn hold_shared(roster: &Roster, matches: &mut [Match<'_>]) {
    let mut users_of: BTreeMap<AccountId, Vec<usize>> = BTreeMap::new();
    for (user, matched) in matches.iter().enumerate() {
        if let Some(account) = matched.account() {
            users_of.entry(account.id).or_default().push(user);
        }
    }
    users_of.retain(|_, users| users.len() > 1);
    for (id, users) in users_of {
        for user in &users {
            let others = users.iter().filter(|other| *other != user);
            let mut others: Vec<_> = others
                .map(|other| roster.users()[*other].place.clone())
                .collect();
            others.sort();
            matches[*user] = Match::Held(HoldReason::SharedAccount { id, others });
        }
    }
}
