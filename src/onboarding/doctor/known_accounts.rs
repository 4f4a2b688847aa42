//! Accounts that earlier readings have seen and that no list shows any more.

use std::collections::BTreeSet;

use crate::domain::role::Role;
use crate::domain::{AccountId, KnownUsers, Snapshot};
use crate::onboarding::doctor::Check;

/// Counts the accounts of the ledger that no list shows. `None` if there is no earlier reading, or if a list couldn't be read
/// to its end.
pub fn known_accounts(known: &KnownUsers, snapshot: &Snapshot) -> Option<Check> {
    let are_lists_whole = Role::all().all(|role| snapshot.whole.contains(&role));
    if known.seen() == 0 || !are_lists_whole {
        return None;
    }
    let is_gone = |id: &AccountId| snapshot.account(*id).is_none();
    let gone: BTreeSet<AccountId> = known.account_ids().filter(is_gone).collect();
    let managed = known.managed().iter().filter_map(|user| user.id);
    let declared: BTreeSet<AccountId> = managed.filter(is_gone).collect();
    let says = format!(
        "accounts that were seen before and that no list shows now: {}",
        gone.union(&declared).count()
    );
    if declared.is_empty() {
        return Some(Check::ok("knownNotShown", says));
    }
    let of_declared = format!(
        "{says}, of which {} belonged to users who were declared at the last apply",
        declared.len()
    );
    Some(Check::warn("knownNotShown", of_declared, HELP))
}

const HELP: &str = "they may be archived or deleted in OneFile; a plan puts users on hold whose accounts these were, and names them";
