//! Which fields a server shows: what it never shows can't be compared, and what some accounts don't show tells nothing of
//! those.

use crate::domain::Snapshot;
use crate::domain::field::{FIELDS, Key, ROLES, Role};

/// How many accounts of each role show each key, and how many there are.
pub(crate) struct FieldCoverage {
    shown: [[usize; FIELDS.len()]; ROLES.len()],
    accounts: [usize; ROLES.len()],
}

impl FieldCoverage {
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let mut keys = Self {
            shown: [[0; FIELDS.len()]; ROLES.len()],
            accounts: [0; ROLES.len()],
        };
        for account in snapshot.accounts() {
            let role = account.role as usize;
            keys.accounts[role] += 1;
            account
                .shown
                .keys()
                .for_each(|key| keys.shown[role][key as usize] += 1);
        }
        keys
    }

    /// Whether at least one account of the role shows the key.
    pub(crate) fn holds(&self, role: Role, key: Key) -> bool {
        self.shown[role as usize][key as usize] > 0
    }

    /// Whether every account of a role that has the field shows it.
    pub(crate) fn is_complete(&self, key: Key) -> bool {
        key.row()
            .roles
            .iter()
            .all(|role| self.shown[*role as usize][key as usize] == self.accounts[*role as usize])
    }
}
