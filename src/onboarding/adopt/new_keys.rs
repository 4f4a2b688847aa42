//! Pairs whose row has another MIS value than the account. With `--renumbered` the MIS has given people new keys, and
//! `formerMisId` says which account gets one.

use foldhash::HashSet;

use crate::domain::role::Role;
use crate::domain::{AccountId, Snapshot};
use crate::onboarding::adopt::{
    Adoption, DoubtReason, DoubtfulRow, ExtractRow, Pair, PossibleAccount,
};

/// Whether the MIS values of an extract are those that the accounts have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtractKeys {
    AsInOneFile,
    /// The MIS has given people new ones.
    Renumbered,
}

/// Leaves new keys to a person that can't be given in one change: those that another account still has, and those of accounts
/// whose former value another account or row has, too.
pub(crate) fn leave_taken(adoption: &mut Adoption, rows: &[ExtractRow], snapshot: &Snapshot) {
    leave(adoption, rows, |pair| {
        let (role, mis_id) = key(pair, rows);
        has_other(snapshot, role, mis_id, pair.id)
    });
    let pairs = adoption.pairs.iter();
    let declared: HashSet<(Role, String)> = pairs
        .map(|pair| key(pair, rows))
        .map(|(role, mis_id)| (role, mis_id.to_owned()))
        .collect();
    leave(adoption, rows, |pair| {
        let role = rows[pair.row].role;
        let former = pair.former.clone().unwrap_or_default();
        has_other(snapshot, role, &former, pair.id) || declared.contains(&(role, former))
    });
}

/// Makes the renumbered pairs doubtful for which `is_taken` holds.
fn leave(adoption: &mut Adoption, rows: &[ExtractRow], is_taken: impl Fn(&Pair) -> bool) {
    let pairs = std::mem::take(&mut adoption.pairs);
    for pair in pairs {
        if pair.former.is_some() && is_taken(&pair) {
            adoption.doubtful.push(doubt(&pair, rows[pair.row].role));
        } else {
            adoption.pairs.push(pair);
        }
    }
    adoption.doubtful.sort_by_key(|doubt| doubt.row);
}

fn key<'r>(pair: &Pair, rows: &'r [ExtractRow]) -> (Role, &'r str) {
    let row = &rows[pair.row];
    (row.role, &row.mis_id)
}

/// Whether another account of the role has a MIS value.
fn has_other(snapshot: &Snapshot, role: Role, mis_id: &str, own: AccountId) -> bool {
    let mut others = snapshot.with_mis_id(mis_id);
    others.any(|account| account.role == role && account.id != own)
}

fn doubt(pair: &Pair, role: Role) -> DoubtfulRow {
    DoubtfulRow {
        row: pair.row,
        why: DoubtReason::KeyInUse,
        candidates: vec![PossibleAccount {
            id: pair.id,
            role,
            evidence: pair.evidence.clone(),
        }],
    }
}
