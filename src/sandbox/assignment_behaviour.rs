//! The switches of assignments: what nobody knows about the calls of guides 3 and 4 (`docs/onefile-api.md`, Assignments).

use crate::findings::Finding;
use crate::manifest::tree::node::MapEntry;
use crate::sandbox::yaml_args::{choice, flag};

/// How assigning behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AssignmentBehaviour {
    /// What becomes of a standard that is assigned to a learner who has it.
    pub repeated_standard: RepeatAnswer,
    /// The same for a unit.
    pub repeated_unit: RepeatAnswer,
    /// Whether a list of learning aims may ask for an organisation alone.
    pub lists_all_aims: bool,
    pub unit_summaries: SummaryRows,
    pub assign_path: PathUser,
}

/// What a repeated assignment does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepeatAnswer {
    /// It assigns the same once more, which is the worst for a client.
    Again,
    /// It changes nothing, and the answer is a success.
    Accepted,
    /// It changes nothing, and the answer is a 400.
    Refused,
}

/// Which keys a row of unit summaries shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SummaryRows {
    WithIds,
    WithoutIds,
}

/// Whose number stands in the path of `User/{x}/Assign`. That of the other person is the `LearnerID` of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathUser {
    Assignee,
    Learner,
}

const REPEATED_STANDARDS: &[(&str, RepeatAnswer)] = &[
    ("again", RepeatAnswer::Again),
    ("200", RepeatAnswer::Accepted),
    ("400", RepeatAnswer::Refused),
];
const REPEATED_UNITS: &[(&str, RepeatAnswer)] = &[
    ("200", RepeatAnswer::Accepted),
    ("400", RepeatAnswer::Refused),
];
const SUMMARY_ROWS: &[(&str, SummaryRows)] = &[
    ("withIds", SummaryRows::WithIds),
    ("withoutIds", SummaryRows::WithoutIds),
];
const PATH_USERS: &[(&str, PathUser)] = &[
    ("assignee", PathUser::Assignee),
    ("learner", PathUser::Learner),
];

impl Default for AssignmentBehaviour {
    fn default() -> Self {
        Self {
            repeated_standard: RepeatAnswer::Again,
            repeated_unit: RepeatAnswer::Refused,
            lists_all_aims: false,
            unit_summaries: SummaryRows::WithIds,
            assign_path: PathUser::Assignee,
        }
    }
}

impl AssignmentBehaviour {
    pub(super) const KEYS: &[&str] = &[
        "repeatStandard",
        "repeatUnit",
        "aimsInBulk",
        "unitSummaries",
        "assignPath",
    ];

    /// Takes over one entry of `behaviour:`. Other keys aren't for here.
    pub(super) fn set(&mut self, entry: &MapEntry) -> Result<(), Finding> {
        match entry.key.value.as_str() {
            "repeatStandard" => self.repeated_standard = choice(entry, REPEATED_STANDARDS)?,
            "repeatUnit" => self.repeated_unit = choice(entry, REPEATED_UNITS)?,
            "aimsInBulk" => self.lists_all_aims = flag(entry)?,
            "unitSummaries" => self.unit_summaries = choice(entry, SUMMARY_ROWS)?,
            "assignPath" => self.assign_path = choice(entry, PATH_USERS)?,
            _ => {}
        }
        Ok(())
    }
}
