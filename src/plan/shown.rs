//! Which fields a server shows at all: what it never shows can't be compared.

use std::collections::BTreeSet;

use crate::field::{Key, Role};
use crate::model::{Account, Snapshot};

/// Which keys the accounts of a role show, at least one of them.
pub(crate) struct ShownKeys(BTreeSet<(Role, Key)>);

impl ShownKeys {
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let keys = |account: &'_ Account| account.shown.keys().map(|key| (account.role, *key)).collect::<Vec<_>>();
        Self(snapshot.accounts().flat_map(keys).collect())
    }

    pub(crate) fn holds(&self, role: Role, key: Key) -> bool {
        self.0.contains(&(role, key))
    }
}
