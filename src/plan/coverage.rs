//! Which fields the server returns, by role. A field that it never returns can't be compared; one that an account lacks says
//! nothing about that account.

use crate::domain::Snapshot;
use crate::domain::field::{FIELDS, Key};
use crate::domain::role::{ROLES, Role};

/// How many accounts of each role show each key, and how many there are.
pub(crate) struct FieldCoverage {
    shown: [[usize; FIELDS.len()]; ROLES.len()],
    accounts: [usize; ROLES.len()],
}

impl FieldCoverage {
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let mut coverage = Self {
            shown: [[0; FIELDS.len()]; ROLES.len()],
            accounts: [0; ROLES.len()],
        };
        for account in snapshot.accounts() {
            let role = account.role as usize;
            coverage.accounts[role] += 1;
            for key in account.shown.known_keys() {
                coverage.shown[role][key as usize] += 1;
            }
        }
        coverage
    }

    /// Whether at least one account of the role shows the key.
    pub(crate) fn holds(&self, role: Role, key: Key) -> bool {
        self.shown[role as usize][key as usize] > 0
    }

    /// Whether every account of a role that has the field shows it.
    pub(crate) fn is_complete(&self, key: Key) -> bool {
        self.not_showing(key) == 0
    }

    /// How many accounts of roles that have the field don't show it.
    pub(crate) fn not_showing(&self, key: Key) -> usize {
        let roles = key.row().roles.iter().map(|role| *role as usize);
        roles
            .map(|role| self.accounts[role] - self.shown[role][key as usize])
            .sum()
    }
}
