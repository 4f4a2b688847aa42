//! Finds users by the names that people write, and names users in text: by MIS value, with the role only if two roles have it.

use foldhash::{HashMap, HashMapExt};

use crate::domain::role::Role;
use crate::domain::{DeclaredUser, RecordedUser, Roster, Snapshot, UserIdentity, UserName};

/// The declared users of each MIS value, by index: the first of each role.
pub struct DeclaredNames<'u>(HashMap<&'u str, Vec<(usize, Role)>>);

impl<'u> DeclaredNames<'u> {
    /// From the role and the MIS value of each user, in order.
    pub fn of(users: impl ExactSizeIterator<Item = (Option<Role>, Option<&'u str>)>) -> Self {
        let mut names: HashMap<&str, Vec<(usize, Role)>> = HashMap::with_capacity(users.len());
        for (index, user) in users.enumerate() {
            if let (Some(role), Some(mis_id)) = user {
                // Hardly any MIS value has a second user, and a vector that grows begins with room for four.
                let known = names.entry(mis_id);
                let known = known.or_insert_with(|| Vec::with_capacity(1));
                if known.iter().all(|(_, known)| *known != role) {
                    known.push((index, role));
                }
            }
        }
        Self(names)
    }

    /// The users with a MIS value, with their roles.
    pub fn with_mis_id(&self, mis_id: &str) -> &[(usize, Role)] {
        self.0.get(mis_id).map_or(&[], Vec::as_slice)
    }

    /// The users that a name may mean.
    pub fn named(&self, name: UserName<'_>) -> Vec<usize> {
        let mut named = Vec::new();
        for mis_id in name.mis_ids() {
            for (index, role) in self.with_mis_id(mis_id) {
                if name.means(*role, mis_id) {
                    named.push(*index);
                }
            }
        }
        named
    }
}

/// The names of the users of a roster and a snapshot.
pub struct UserNames<'p> {
    declared: DeclaredNames<'p>,
    snapshot: &'p Snapshot,
}

impl<'p> UserNames<'p> {
    pub fn of(roster: &'p Roster, snapshot: &'p Snapshot) -> Self {
        let users = roster.users().iter();
        Self {
            declared: DeclaredNames::of(users.map(|user| (Some(user.role), user.mis_id()))),
            snapshot,
        }
    }

    /// The declared users that a name may mean.
    pub fn declared(&self, name: UserName<'_>) -> Vec<usize> {
        self.declared.named(name)
    }

    /// `S-1`, or `assessor:S-1` if another role has the MIS value as well.
    pub fn name(&self, role: Role, mis_id: &str) -> String {
        if self.is_shared(role, mis_id) {
            UserIdentity::new(role, mis_id).to_string()
        } else {
            mis_id.to_owned()
        }
    }

    /// The name of a user whom the journal knows.
    pub fn name_of_recorded(&self, user: &RecordedUser) -> String {
        match user.role {
            Some(role) => self.name(role, &user.mis_id),
            None => user.mis_id.clone(),
        }
    }

    pub fn name_of_declared(&self, user: &DeclaredUser) -> Option<String> {
        user.mis_id().map(|mis_id| self.name(user.role, mis_id))
    }

    /// Whether a user of another role has the MIS value, declared or live.
    pub fn is_shared(&self, role: Role, mis_id: &str) -> bool {
        let mut declared = self.declared.with_mis_id(mis_id).iter();
        let mut live = self.snapshot.with_mis_id(mis_id);
        declared.any(|(_, other)| *other != role) || live.any(|account| account.role != role)
    }
}
