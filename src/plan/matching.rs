//! Finds the account of each declared user: the pinned one, or else the one with its MIS value and role. If it isn't clear
//! which account that is, the user is put on hold.

use std::collections::BTreeMap;

use foldhash::HashMap;

use crate::domain::field::Key;
use crate::domain::role::Role;
use crate::domain::{
    Account, AccountId, DeclaredUser, FieldPolicy, FoldedName, OtherAccount, Roster, Snapshot,
    declared_text, identifying, may_share_mis_id,
};
use crate::plan::hold::{HoldReason, RoleAccount};
use crate::plan::renumbered::is_renumbered;
use crate::plan::same_person::other_accounts;

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
        .map(|user| match_one(user, snapshot, roster.fields()))
        .collect();
    hold_shared(roster, &mut matches);
    hold_shared_mis_ids(roster, snapshot, &mut matches);
    matches
}

fn match_one<'s>(user: &DeclaredUser, snapshot: &'s Snapshot, fields: &FieldPolicy) -> Match<'s> {
    let candidates = snapshot.candidates(user);
    let ids = candidates.iter().map(|account| account.id).chain(user.id);
    if let Some(id) = ids.into_iter().find(|id| snapshot.unreadable.contains(id)) {
        return Match::Held(HoldReason::Unreadable(id));
    }
    let (distinct, mut candidates): (Vec<_>, Vec<_>) = candidates
        .into_iter()
        .partition(|account| user.distinct_from.contains(&account.id));
    candidates.retain(|account| !user.also_has.contains(&OtherAccount::Id(account.id)));
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
            (Some(declared), Some(live)) if declared != live && !is_renumbered(user, account) => {
                Match::Held(HoldReason::OtherMisId { id, live })
            }
            _ if is_somebody_else(user, account, fields) => {
                Match::Held(HoldReason::SomebodyElse(id))
            }
            _ => Match::Account(account),
        },
        ([account], _, None) => Match::Account(account),
        ([], [], Some(id)) => Match::Held(HoldReason::NoSuchAccount(id)),
        ([], [account, ..], Some(_)) => Match::Held(HoldReason::RoleDiffers {
            id: account.id,
            live: account.role,
        }),
        // Whose accounts of other roles these are is known once everybody is matched.
        ([], _, None) => Match::Nobody,
        ([_, _, ..], _, _) => Match::Held(HoldReason::SeveralAccounts(
            of_role.iter().map(|account| account.id).collect(),
        )),
    }
}

/// Whether a pinned account differs in name, e-mail address and ULN, so that the pin is probably wrong. Fields that lack a
/// value on one side are ignored, and so is the placeholder ULN. A name differs if nothing of it stays. That a field differs
/// which is left to the person says nothing.
fn is_somebody_else(user: &DeclaredUser, account: &Account, fields: &FieldPolicy) -> bool {
    let differs = |key: Key| {
        let declared = identifying(key, user.text(key)?)?;
        let live = identifying(key, &account.value(key)?)?;
        let is_left_to_person = !fields.is_updated(user.role, key);
        (declared == live || !is_left_to_person).then_some(declared != live)
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

/// Puts users on hold whose MIS value accounts of other roles have, unless those are known to be the same person's.
fn hold_shared_mis_ids(roster: &Roster, snapshot: &Snapshot, matches: &mut [Match<'_>]) {
    let mut owners: HashMap<AccountId, &DeclaredUser> = HashMap::default();
    for (user, matched) in roster.users().iter().zip(matches.iter()) {
        if let Some(account) = matched.account() {
            owners.insert(account.id, user);
        }
    }
    for (user, matched) in roster.users().iter().zip(matches.iter_mut()) {
        let reason = match matched {
            Match::Nobody => in_other_roles(user, snapshot, &owners),
            Match::Account(account) if user.id.is_some() || is_renumbered(user, account) => {
                taken_by_others(user, account, snapshot, &owners)
            }
            Match::Account(_) | Match::Held(_) => None,
        };
        if let Some(reason) = reason {
            *matched = Match::Held(reason);
        }
    }
}

/// Why a user isn't created whose MIS value only accounts of other roles have.
fn in_other_roles(
    user: &DeclaredUser,
    snapshot: &Snapshot,
    owners: &HashMap<AccountId, &DeclaredUser>,
) -> Option<HoldReason> {
    let others = other_accounts(user, snapshot);
    let mut accounts = Vec::new();
    for account in snapshot.with_mis_id(user.mis_id()?) {
        let is_answered = others.contains(&account.id) || user.distinct_from.contains(&account.id);
        if !is_answered && !is_known_other(user, account, owners) {
            accounts.push(RoleAccount {
                id: account.id,
                role: account.role,
            });
        }
    }
    (!accounts.is_empty()).then_some(HoldReason::OtherRoles {
        own: user.role,
        accounts,
    })
}

/// Whether another declared user has the account, so that this one needs an account of its own. OneFile promotes a trainee
/// assessor in the same account, so there a person has to say that there are two.
fn is_known_other(
    user: &DeclaredUser,
    account: &Account,
    owners: &HashMap<AccountId, &DeclaredUser>,
) -> bool {
    let Some(owner) = owners.get(&account.id) else {
        return false;
    };
    let mis_id = user.mis_id().unwrap_or_default();
    let mut named = owner.also_has.iter().filter_map(OtherAccount::user);
    let says_so = named.any(|name| name.means(user.role, mis_id));
    let is_usual =
        may_share_mis_id(user.role, account.role) && !is_promotion(user.role, account.role);
    is_usual || says_so
}

/// Whether OneFile may turn the one role into the other in the same account.
pub(crate) fn is_promotion(one: Role, other: Role) -> bool {
    matches!(
        (one, other),
        (Role::TraineeAssessor, Role::Assessor) | (Role::Assessor, Role::TraineeAssessor)
    )
}

/// Why a pinned account doesn't get a MIS value: other accounts have it. If all of them have it already, the pin decides.
fn taken_by_others(
    user: &DeclaredUser,
    account: &Account,
    snapshot: &Snapshot,
    owners: &HashMap<AccountId, &DeclaredUser>,
) -> Option<HoldReason> {
    if account.mis_id() == user.mis_id() {
        return None;
    }
    let others = other_accounts(user, snapshot);
    let mut taken = Vec::new();
    for other in snapshot.with_mis_id(user.mis_id()?) {
        if !others.contains(&other.id) && !is_known_other(user, other, owners) {
            taken.push(other.id);
        }
    }
    (!taken.is_empty()).then_some(HoldReason::MisIdElsewhere(taken))
}
