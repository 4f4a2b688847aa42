//! The policy of a project, with its defaults.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

/// A class is about this big. More creates at once are either an intake or a mistake, and a person has to say which.
const MAX_CREATES: Limit = Limit::Count(25);

/// A third of all accounts rarely changes at once, unless a column has shifted.
const MAX_UPDATES: Limit = Limit::PerCent(30);

/// A few people leave in a week. More at once are the end of a year, or a mistake.
const MAX_ARCHIVES: Limit = Limit::Count(10);

/// Taking a user out is a line less, and a whole file is soon lost.
const MAX_REMOVALS: Limit = Limit::Count(10);

/// Two classes that begin a standard. Nothing takes an assignment away again.
const MAX_ASSIGNMENTS: Limit = Limit::Count(50);

/// A college rarely gets more employers in a week.
const MAX_ENTRIES: Limit = Limit::Count(5);

/// Funding records are kept for six years in England.
const KEEP_KNOWN: KeepKnown = KeepKnown { years: 6 };

/// The limits of one apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub creates: Creates,
    pub archives: Archives,
    pub archived: Archived,
    pub max_creates: Limit,
    pub max_updates: Limit,
    /// How many accounts one apply may archive or bring back.
    pub max_archives: Limit,
    /// How many users may leave the manifests at once.
    pub max_removals: Limit,
    /// How many assignments one apply may make.
    pub max_assignments: Limit,
    /// How many placements and classrooms one apply may create or update.
    pub max_entries: Limit,
    pub assign_path: AssignPath,
    /// How long the ledger keeps an account after it was last seen.
    pub keep_known: KeepKnown,
    pub lines: PolicyLines,
}

/// Where `rosterctl.yaml` sets what: the line of each key of the policy that it has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyLines(BTreeMap<String, usize>);

impl PolicyLines {
    pub fn new(lines: impl IntoIterator<Item = (String, usize)>) -> Self {
        Self(lines.into_iter().collect())
    }

    /// `None` if the file doesn't set it.
    pub fn of(&self, key: &str) -> Option<usize> {
        self.0.get(key).copied()
    }
}

/// How long the ledger keeps what nobody has seen since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepKnown {
    pub years: u32,
}

/// A year of the calendar, on average.
const HOURS_OF_A_YEAR: i64 = 8766;

impl KeepKnown {
    /// What was last seen before this time is forgotten.
    pub fn before(self, now: Timestamp) -> Timestamp {
        let kept = SignedDuration::from_hours(i64::from(self.years) * HOURS_OF_A_YEAR);
        now.saturating_sub(kept).unwrap_or(Timestamp::MIN)
    }
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

/// Whether accounts may be archived and brought back at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Archives {
    /// Each is on hold until the project allows them.
    Off,
    Allowed,
}

/// Whose number the path of `User/{x}/Assign` takes (`docs/onefile-api.md`, Assignments).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssignPath {
    /// Not known: further staff aren't assigned.
    Unknown,
    Assignee,
    Learner,
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
            archives: Archives::Off,
            archived: Archived::Unknown,
            max_creates: MAX_CREATES,
            max_updates: MAX_UPDATES,
            max_archives: MAX_ARCHIVES,
            max_removals: MAX_REMOVALS,
            max_assignments: MAX_ASSIGNMENTS,
            max_entries: MAX_ENTRIES,
            assign_path: AssignPath::Unknown,
            keep_known: KEEP_KNOWN,
            lines: PolicyLines::default(),
        }
    }
}
