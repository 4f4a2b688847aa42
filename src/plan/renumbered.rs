//! Accounts that get a new MIS value because `formerMisId` says so. A MIS value is how everybody finds an account, so the
//! account itself has to show that it is this person's.

use crate::domain::{Account, AccountId, DeclaredUser, IdentityMark, SPEAKS_AGAINST, Snapshot};
use crate::domain::{declared_text, identifying};
use crate::plan::hold::HoldReason;
use crate::plan::same_person::other_accounts;

/// Whether an account has the MIS value that `formerMisId` names, so that it gets the new one.
pub(crate) fn is_renumbered(user: &DeclaredUser, account: &Account) -> bool {
    let former = user.former_mis_id.as_deref();
    let is_former = former.is_some() && account.mis_id() == former;
    is_former && user.mis_id().is_some() && account.mis_id() != user.mis_id()
}

/// Why the account doesn't get the new MIS value, whatever a person has said.
pub(crate) fn unproven(user: &DeclaredUser, account: &Account) -> Option<HoldReason> {
    (is_renumbered(user, account) && !is_proven(user, account)).then(|| {
        HoldReason::FormerUnproven {
            id: account.id,
            former: user.former_mis_id.clone().unwrap_or_default(),
        }
    })
}

/// Whether the ULN, or name and date of birth, show that the account is this person's, and no number speaks against it.
fn is_proven(user: &DeclaredUser, account: &Account) -> bool {
    let agrees = |mark: IdentityMark| {
        let declared = mark.of_declared(&user.values);
        declared.is_some() && declared == mark.of(|key| account.value(key))
    };
    let proof = [IdentityMark::Uln, IdentityMark::NameAndBirth];
    proof
        .into_iter()
        .find(|mark| agrees(*mark))
        .is_some_and(|mark| {
            let mut against = SPEAKS_AGAINST
                .iter()
                .filter(|key| mark.against().contains(key));
            !against.any(|key| {
                let declared =
                    declared_text(&user.values, *key).and_then(|text| identifying(*key, &text));
                let live = account
                    .value(*key)
                    .and_then(|text| identifying(*key, &text));
                declared.is_some() && live.is_some() && declared != live
            })
        })
}

/// Other accounts that still have the MIS value that `formerMisId` names, although this one has the new value already.
pub(crate) fn former_too(
    user: &DeclaredUser,
    account: &Account,
    snapshot: &Snapshot,
) -> Option<HoldReason> {
    let former = user.former_mis_id.as_deref()?;
    if is_renumbered(user, account) {
        return None;
    }
    let others = other_accounts(user, snapshot);
    let mut accounts: Vec<AccountId> = Vec::new();
    for other in snapshot.with_mis_id(former) {
        let is_answered = user.distinct_from.contains(&other.id) || others.contains(&other.id);
        if other.id != account.id && other.role == user.role && !is_answered {
            accounts.push(other.id);
        }
    }
    (!accounts.is_empty()).then(|| HoldReason::FormerAccountToo {
        former: former.to_owned(),
        accounts,
    })
}

/// Why a user isn't created who had an account under another MIS value: no account has that value.
pub(crate) fn no_former_account(user: &DeclaredUser) -> Option<HoldReason> {
    let former = user.former_mis_id.clone()?;
    Some(HoldReason::NoFormerAccount {
        former,
        role: user.role,
    })
}
