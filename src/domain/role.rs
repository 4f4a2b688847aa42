//! The table of roles, and the groups of roles that the table of fields names.

/// What a user may do in OneFile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Learner,
    TraineeAssessor,
    Assessor,
    Iqa,
    Employer,
    Observer,
}

/// One row of the table of roles.
#[derive(Debug)]
pub struct RoleRow {
    pub role: Role,
    /// The name in manifests.
    pub name: &'static str,
    /// The number in the API (`docs/onefile-api.md`, Creating).
    pub api: i64,
    /// The name in sentences.
    pub words: &'static str,
    pub meaning: &'static str,
}

/// The roles, with the numbers of the API.
pub const ROLES: &[RoleRow] = &[
    role(Role::Learner, "learner", 1, "learner", "Learner."),
    role(
        Role::TraineeAssessor,
        "traineeAssessor",
        4,
        "trainee assessor",
        "Trainee assessor.",
    ),
    role(
        Role::Assessor,
        "assessor",
        5,
        "assessor",
        "Assessor or tutor.",
    ),
    role(Role::Iqa, "iqa", 10, "IQA", "IV or IQA."),
    role(Role::Employer, "employer", 40, "employer", "Employer."),
    role(Role::Observer, "observer", 45, "observer", "Observer."),
];

const fn role(
    role: Role,
    name: &'static str,
    api: i64,
    words: &'static str,
    meaning: &'static str,
) -> RoleRow {
    RoleRow {
        role,
        name,
        api,
        words,
        meaning,
    }
}

impl Role {
    pub fn row(self) -> &'static RoleRow {
        &ROLES[self as usize]
    }

    pub fn name(self) -> &'static str {
        self.row().name
    }

    pub fn all() -> impl Iterator<Item = Self> {
        ROLES.iter().map(|row| row.role)
    }

    pub fn named(name: &str) -> Option<Self> {
        ROLES
            .iter()
            .find(|row| row.name == name)
            .map(|row| row.role)
    }

    pub fn from_api(number: i64) -> Option<Self> {
        ROLES
            .iter()
            .find(|row| row.api == number)
            .map(|row| row.role)
    }
}

pub(crate) const NOBODY: &[Role] = &[];
pub(crate) const EVERYONE: &[Role] = &[
    Role::Learner,
    Role::TraineeAssessor,
    Role::Assessor,
    Role::Iqa,
    Role::Employer,
    Role::Observer,
];
pub(crate) const LEARNERS: &[Role] = &[Role::Learner];
pub(crate) const PLACED: &[Role] = &[Role::Learner, Role::Employer, Role::Observer];
/// In the order in which one of a person's accounts is chosen.
pub(crate) const ASSESSING: &[Role] = &[Role::Assessor, Role::TraineeAssessor, Role::Iqa];
pub(crate) const EMPLOYING: &[Role] = &[Role::Employer];
pub(crate) const ASSESSORS: &[Role] = &[Role::Assessor, Role::TraineeAssessor];
pub(crate) const IQAS: &[Role] = &[Role::Iqa];
pub(crate) const OBSERVING: &[Role] = &[Role::Observer];
