//! Users whom the manifests don't declare any more. Nothing is done about them; a plan that names nobody would hide that a
//! file was lost.

use std::collections::HashSet;

use crate::domain::role::Role;
use crate::domain::{AccountId, RemovedUser, Scope, removed as removed_from};
use crate::plan::decide::MatchedSides;
use crate::plan::matching::Match;

/// The users whom a change takes out of the manifests, in order; without a base, those who were managed at the last apply
/// and aren't declared any more. Somebody whose account another declared user names now, by
/// its number or by another MIS value, is still managed.
pub(crate) fn removed(sides: &MatchedSides<'_>, scope: &Scope) -> Vec<RemovedUser> {
    let mut removed = match scope.removed() {
        Some(removed) => removed.to_vec(),
        None => removed_from(sides.roster, sides.snapshot.known.managed(), &[]),
    };
    if removed.is_empty() {
        return removed;
    }
    let mut managed: HashSet<AccountId> = HashSet::new();
    let mut mis_ids: HashSet<(Role, &str)> = HashSet::new();
    for account in sides.matches.iter().filter_map(Match::account) {
        managed.insert(account.id);
        mis_ids.extend(account.mis_id().map(|mis_id| (account.role, mis_id)));
    }
    removed.retain(|user| {
        let mis_id = user.mis_id.as_deref();
        !mis_id.is_some_and(|mis_id| mis_ids.contains(&(user.role, mis_id)))
            && !user.id.is_some_and(|id| managed.contains(&id))
    });
    removed.sort();
    removed
}
