//! How a user is named. A member of staff with two roles has two accounts with one MIS value, so a user is a MIS value in a
//! role. People write the role only if two roles have the value: `assessor:S-1`.

use std::fmt;

use smol_str::SmolStr;

use crate::domain::AccountId;
use crate::domain::role::Role;

/// Who a user is within an organisation: a MIS value in a role. Shown as `assessor:S-1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserIdentity {
    pub mis_id: SmolStr,
    pub role: Role,
}

impl UserIdentity {
    pub fn new(role: Role, mis_id: &str) -> Self {
        Self {
            mis_id: mis_id.into(),
            role,
        }
    }
}

impl fmt::Display for UserIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.role.name(), self.mis_id)
    }
}

/// A user whom the journal knows. Lines of older versions have no role: they may be about any.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordedUser {
    pub mis_id: String,
    pub role: Option<Role>,
}

impl RecordedUser {
    pub fn new(role: Role, mis_id: &str) -> Self {
        Self {
            mis_id: mis_id.to_owned(),
            role: Some(role),
        }
    }

    /// A user of any role.
    pub fn of_any_role(mis_id: &str) -> Self {
        Self {
            mis_id: mis_id.to_owned(),
            role: None,
        }
    }

    /// Whether it may be the user with this MIS value in this role.
    pub fn may_be(&self, role: Role, mis_id: &str) -> bool {
        self.mis_id == mis_id && self.role.is_none_or(|recorded| recorded == role)
    }
}

/// Shown with the role, if it is known.
impl fmt::Display for RecordedUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.role {
            Some(role) => write!(f, "{}:{}", role.name(), self.mis_id),
            None => f.write_str(&self.mis_id),
        }
    }
}

/// The name of a user as a person writes it: a MIS value, or a role and a MIS value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserName<'t> {
    written: &'t str,
    role: Option<Role>,
    mis_id: &'t str,
}

impl<'t> UserName<'t> {
    /// Reads `S-1` or `assessor:S-1`. A word before the colon that isn't a role belongs to the MIS value.
    pub fn of(written: &'t str) -> Self {
        let parts = written.split_once(':');
        let with_role = parts.and_then(|(role, mis_id)| Some((Role::named(role)?, mis_id.trim())));
        match with_role {
            Some((role, mis_id)) => Self {
                written,
                role: Some(role),
                mis_id,
            },
            None => Self {
                written,
                role: None,
                mis_id: written,
            },
        }
    }

    /// The role that the name begins with.
    pub fn role(&self) -> Option<Role> {
        self.role
    }

    /// The MIS values that the name may mean. A MIS value may look like a role and a MIS value itself.
    pub fn mis_ids(&self) -> impl Iterator<Item = &'t str> + use<'t> {
        let other = (self.mis_id != self.written).then_some(self.mis_id);
        std::iter::once(self.written).chain(other)
    }

    /// Whether it may name a user whom the journal knows.
    pub fn may_mean(&self, user: &RecordedUser) -> bool {
        match user.role {
            Some(role) => self.means(role, &user.mis_id),
            None => self.mis_ids().any(|mis_id| mis_id == user.mis_id),
        }
    }

    /// Whether it names the user who has this MIS value in this role.
    pub fn means(&self, role: Role, mis_id: &str) -> bool {
        mis_id == self.written
            || (mis_id == self.mis_id && self.role.is_none_or(|named| named == role))
    }
}

/// An account that `alsoHas` names: another account of the same person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OtherAccount {
    Id(AccountId),
    /// The name of a user: `S-1` or `assessor:S-1`.
    User(SmolStr),
}

impl OtherAccount {
    /// The name of a user that it gives, if it isn't the number of an account.
    pub fn user(&self) -> Option<UserName<'_>> {
        match self {
            Self::Id(_) => None,
            Self::User(name) => Some(UserName::of(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{UserIdentity, UserName};
    use crate::domain::role::Role;

    #[test]
    fn a_role_before_the_mis_value_says_which_user_is_meant() {
        let name = UserName::of("iqa:S-1");
        assert!(name.means(Role::Iqa, "S-1"));
        assert!(!name.means(Role::Assessor, "S-1"));
        assert!(
            name.means(Role::Assessor, "iqa:S-1"),
            "a MIS value of that form"
        );
        assert!(UserName::of("S-1").means(Role::Assessor, "S-1"));
        assert!(UserName::of("x:S-1").means(Role::Learner, "x:S-1"));
        assert!(!UserName::of("x:S-1").means(Role::Learner, "S-1"));
    }

    #[test]
    fn a_key_is_read_back_as_the_same_user() {
        for role in Role::all() {
            let key = UserIdentity::new(role, "a:b");
            assert!(UserName::of(&key.to_string()).means(role, "a:b"));
        }
    }
}
