//! Users who left the manifests while other declared users refer to them. Their accounts stay, so nothing breaks today, and
//! nobody looks after whom they have.

use std::collections::BTreeMap;

use foldhash::HashMap;

use crate::domain::field::{Key, Referent};
use crate::domain::role::Role;
use crate::domain::{AccountId, Reference, RemovedUser, Roster, Snapshot, UserName};
use crate::plan::operation::{ReferenceTarget, ResolvedValue, UserLabel};
use crate::plan::references::Resolver;

/// A user who left the manifests, and the declared users who still refer to that user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StillNamed {
    pub user: RemovedUser,
    pub key: Key,
    /// In the order of the roster.
    pub by: Vec<UserLabel>,
}

/// The users who left, by what a reference may say of them.
pub(crate) struct Leavers<'p> {
    removed: &'p [RemovedUser],
    mis_ids: HashMap<&'p str, Vec<usize>>,
    ids: HashMap<AccountId, usize>,
}

impl<'p> Leavers<'p> {
    pub(crate) fn of(removed: &'p [RemovedUser], snapshot: &Snapshot) -> Self {
        let mut mis_ids: HashMap<&str, Vec<usize>> = HashMap::default();
        let mut ids = HashMap::default();
        for (at, user) in removed.iter().enumerate() {
            ids.extend(user.id.map(|id| (id, at)));
            let Some(mis_id) = user.mis_id.as_deref() else {
                continue;
            };
            mis_ids.entry(mis_id).or_default().push(at);
            let accounts = snapshot.with_mis_id(mis_id);
            for account in accounts.filter(|account| account.role == user.role) {
                ids.insert(account.id, at);
            }
        }
        Self {
            removed,
            mis_ids,
            ids,
        }
    }

    /// Who refers to whom, in the order of those who left.
    pub(crate) fn still_named(&self, roster: &Roster, resolver: &Resolver<'_>) -> Vec<StillNamed> {
        let mut named: BTreeMap<(usize, Key), Vec<UserLabel>> = BTreeMap::new();
        if self.removed.is_empty() {
            return Vec::new();
        }
        for user in roster.users() {
            for (key, reference) in user.references().chain(user.staff()) {
                if let Some(at) = self.meant(key, reference, resolver) {
                    let label = UserLabel::of(user, None, resolver.names());
                    named.entry((at, key)).or_default().push(label);
                }
            }
        }
        let still_named = named.into_iter().map(|((at, key), by)| StillNamed {
            user: self.removed[at].clone(),
            key,
            by,
        });
        still_named.collect()
    }

    /// Whom of those who left a reference means: by the account, or by name if there is none.
    fn meant(&self, key: Key, reference: &Reference, resolver: &Resolver<'_>) -> Option<usize> {
        if !key.row().refers_to().is_some_and(Referent::is_user) {
            return None;
        }
        match resolver.reference(key, reference) {
            Ok(ResolvedValue::Reference {
                target: ReferenceTarget::Known(id),
                ..
            }) => self.ids.get(&id.account()).copied(),
            Ok(_) => None,
            Err(_) => self.named(key, reference),
        }
    }

    /// Whom of those who left a reference names by MIS value.
    pub(crate) fn named(&self, key: Key, reference: &Reference) -> Option<usize> {
        let (Reference::Named(text) | Reference::MisId(text)) = reference else {
            return None;
        };
        let name = UserName::of(text);
        for mis_id in name.mis_ids() {
            for at in self.mis_ids.get(mis_id).into_iter().flatten() {
                let role = self.removed[*at].role;
                if name.means(role, mis_id) && serves(key, role) {
                    return Some(*at);
                }
            }
        }
        None
    }
}

fn serves(key: Key, role: Role) -> bool {
    match key.row().refers_to() {
        Some(Referent::User(serving)) => serving.contains(&role),
        Some(_) | None => false,
    }
}
