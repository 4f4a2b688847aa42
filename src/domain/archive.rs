//! Leavers: what a reading shows of the archive, what a manifest declares about it, and the two moves between.

use jiff::civil::Date;

/// What a reading of an account says about the archive (`docs/onefile-api.md`, Leavers).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ShownArchive {
    /// No member of the answer speaks of it.
    #[default]
    NotShown,
    Current,
    Archived,
}

/// What a manifest declares about the account of a user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeclaredArchive {
    /// The user is there, and nobody has said that the account may be brought back.
    #[default]
    Undeclared,
    /// `archived: true`: the user has left.
    Archived,
    /// `archived: false`: the account is brought back if it is archived.
    Current,
}

/// What a manifest says about a user who leaves. OneFile gets none of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leaving {
    pub last_day: Option<Date>,
    /// One of the words of the field `reason`.
    pub reason: Option<&'static str>,
}

/// A move of an account into the archive, or out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArchiveMove {
    Archive,
    Unarchive,
}

impl ArchiveMove {
    /// The name of the call in the API.
    pub fn api(self) -> &'static str {
        match self {
            Self::Archive => "Archive",
            Self::Unarchive => "Unarchive",
        }
    }
}
