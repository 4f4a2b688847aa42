//! The policy of a project, with its defaults.

/// A class is about this big. More creates at once are either an intake or a mistake, and a person has to say which.
const MAX_CREATES: Limit = Limit::Count(25);

/// A third of all accounts rarely changes at once, unless a column has shifted.
const MAX_UPDATES: Limit = Limit::PerCent(30);

/// Taking a user out is a line less, and a whole file is soon lost.
const MAX_REMOVALS: Limit = Limit::Count(10);

/// The limits of one apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub creates: Creates,
    pub archived: Archived,
    pub max_creates: Limit,
    pub max_updates: Limit,
    /// How many users may leave the manifests at once.
    pub max_removals: Limit,
}

/// How many operations of a kind are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    Count(usize),
    /// A share of the matched users. A small number is always allowed, because a share of a small roster is almost nothing.
    PerCent(usize),
}

/// Whether accounts may be created at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Creates {
    Allowed,
    Never,
}

/// Whether lists are known to leave out archived accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Archived {
    /// Not known: if an account exists and no list shows it, lists can't be relied on.
    Unknown,
    /// Lists hide archived accounts, and creates are allowed all the same.
    Hidden,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            creates: Creates::Allowed,
            archived: Archived::Unknown,
            max_creates: MAX_CREATES,
            max_updates: MAX_UPDATES,
            max_removals: MAX_REMOVALS,
        }
    }
}
