//! The numbers of OneFile, a type for each kind of thing, so that two of them can't be swapped in a call.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            pub const fn new(number: i64) -> Self {
                Self(number)
            }

            /// Whether the API may use this number: its numbers begin at 1.
            pub const fn is_possible(self) -> bool {
                self.0 > 0
            }

            /// The bare number, for the API, for JSON and for text.
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl From<i64> for $name {
            fn from(number: i64) -> Self {
                Self(number)
            }
        }

        impl FromStr for $name {
            type Err = ParseIntError;

            fn from_str(text: &str) -> Result<Self, ParseIntError> {
                text.parse().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// The number of an organisation.
    OrganisationId

    /// The number of a user's account.
    AccountId

    /// The number of something that a field of a user refers to: an entry of the directory or another account.
    EntryId

    /// The number of a standard.
    StandardId

    /// The number of a unit of a standard.
    UnitId

    /// The number of a framework template.
    TemplateId

    /// The number of a learning aim: a standard that was assigned to a learner.
    AimId
}

impl From<AccountId> for EntryId {
    fn from(account: AccountId) -> Self {
        Self(account.0)
    }
}

impl From<StandardId> for EntryId {
    fn from(standard: StandardId) -> Self {
        Self(standard.0)
    }
}

impl From<UnitId> for EntryId {
    fn from(unit: UnitId) -> Self {
        Self(unit.0)
    }
}

impl From<TemplateId> for EntryId {
    fn from(template: TemplateId) -> Self {
        Self(template.0)
    }
}

impl EntryId {
    /// The standard of this number, for a field that refers to standards.
    pub const fn standard(self) -> StandardId {
        StandardId(self.0)
    }

    /// The template of this number, for a field that refers to templates.
    pub const fn template(self) -> TemplateId {
        TemplateId(self.0)
    }

    /// The unit of this number, for a field that refers to units.
    pub const fn unit(self) -> UnitId {
        UnitId(self.0)
    }

    /// The account of this number, for a field that refers to users.
    pub const fn account(self) -> AccountId {
        AccountId(self.0)
    }
}
