//! The table of fields, one row for each field of a OneFile user, and a second one for those of placements and classrooms.
//! Schema, validation, comparison, redaction, wire names and the table of `docs/reference/fields.md` are made from them. To add a field, add one
//! row; no `match` elsewhere names it.

use crate::domain::role::{
    ASSESSING, ASSESSORS, EMPLOYING, EVERYONE, IQAS, LEARNERS, NOBODY, OBSERVING, PLACED, Role,
};
use std::sync::LazyLock;

use foldhash::HashMap;

/// The kind of value that a field has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    Text(Shape),
    /// A day without a time, `2026-09-01`, as people in London count days.
    Day,
    /// A point in time, `2026-09-01T09:00:00Z`.
    Instant,
    Flag,
    Number,
    /// A list of account numbers.
    Ids,
    /// A list of account numbers and names of users.
    Accounts,
    Role,
    /// One of these words.
    Word(&'static [&'static str]),
    Reference(Referent),
    /// A list of references.
    References(Referent),
    /// A list of units, each with the standard that it belongs to.
    Units,
}

/// The form of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Free,
    Email,
    Uln,
    Nino,
    /// A code of the learner record, from this list.
    Code(&'static [&'static str]),
    /// Codes without an order. They are compared sorted, with `;` between them.
    Codes,
}

/// The kind of thing that a reference points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Referent {
    Classroom,
    Placement,
    Provider,
    LearnerStatus,
    Standard,
    FrameworkTemplate,
    /// A user of one of these roles.
    User(&'static [Role]),
}

/// The key by which a mapping may name a referent, as in `{ id: 15379 }`. Plain text is a MIS value or a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceForm {
    Id,
    MisId,
    Name,
    Email,
}

/// The learner record's placeholder for a ULN that isn't known yet. It identifies nobody.
pub const UNKNOWN_ULN: &str = "9999999999";

/// Who may see a value: `public` is pseudonymous, `personal` for the data team, `special` for nobody by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    Public,
    Personal,
    Special,
}

/// When a field may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettableWhen {
    Always,
    OnCreate,
    /// By a call of its own (`docs/onefile-api.md`, Assignments). It isn't a value of the account.
    Assigned,
    Never,
}

/// One row of the table.
#[derive(Debug)]
pub struct Field {
    pub key: Key,
    /// The name in manifests.
    pub name: &'static str,
    /// The name in the API (`docs/onefile-api.md`, Creating); `None` for a field that only the planner uses.
    pub api: Option<&'static str>,
    pub kind: ValueKind,
    pub roles: &'static [Role],
    /// The roles whose users can't be created without it.
    pub mandatory: &'static [Role],
    pub class: Class,
    pub settable: SettableWhen,
    pub meaning: &'static str,
}

impl ValueKind {
    /// What the items are, if it is a list whose items are values of a kind of their own.
    pub fn of_item(self) -> Option<Self> {
        match self {
            Self::Ids => Some(Self::Number),
            Self::References(referent) => Some(Self::Reference(referent)),
            Self::Text(Shape::Codes) => Some(Self::Text(Shape::Free)),
            Self::Text(Shape::Free | Shape::Email | Shape::Uln | Shape::Nino | Shape::Code(_))
            | Self::Day
            | Self::Instant
            | Self::Flag
            | Self::Number
            | Self::Accounts
            | Self::Role
            | Self::Word(_)
            | Self::Reference(_)
            | Self::Units => None,
        }
    }
}

impl Referent {
    pub fn is_user(self) -> bool {
        matches!(self, Self::User(_))
    }

    /// The forms in which a mapping may name it: those that its rows show (`docs/onefile-api.md`, Finding things).
    pub fn forms(self) -> &'static [ReferenceForm] {
        match self {
            Self::Classroom | Self::Placement => {
                &[ReferenceForm::Id, ReferenceForm::MisId, ReferenceForm::Name]
            }
            Self::Provider | Self::LearnerStatus | Self::Standard | Self::FrameworkTemplate => {
                &[ReferenceForm::Id, ReferenceForm::Name]
            }
            Self::User(_) => &[
                ReferenceForm::Id,
                ReferenceForm::MisId,
                ReferenceForm::Email,
            ],
        }
    }
}

impl ReferenceForm {
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::MisId => "misId",
            Self::Name => "name",
            Self::Email => "email",
        }
    }
}

impl Key {
    pub fn row(self) -> &'static Field {
        let index = self as usize;
        match FIELDS.get(index) {
            Some(field) => field,
            None => &ENTRY_FIELDS[index - FIELDS.len()],
        }
    }

    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Whether its value is a key of the MIS.
    pub fn is_mis_id(self) -> bool {
        matches!(self, Self::MisId | Self::FormerMisId)
    }

    /// The field of users with this name.
    pub fn named(name: &str) -> Option<Self> {
        static KEYS: LazyLock<HashMap<&'static str, Key>> =
            LazyLock::new(|| FIELDS.iter().map(|field| (field.name, field.key)).collect());
        KEYS.get(name).copied()
    }
}

impl Field {
    pub fn is_of(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    pub fn referent(&self) -> Option<Referent> {
        match self.kind {
            ValueKind::Reference(referent) => Some(referent),
            _ => None,
        }
    }

    /// What it refers to, by itself or by each of its items. A unit is named within its standard.
    pub fn refers_to(&self) -> Option<Referent> {
        match self.kind {
            ValueKind::References(referent) => Some(referent),
            ValueKind::Units => Some(Referent::Standard),
            _ => self.referent(),
        }
    }

    /// Whether it is written by a call of its own.
    pub fn is_assigned(&self) -> bool {
        self.settable == SettableWhen::Assigned
    }

    /// Whether a cell of a CSV can hold its value.
    pub fn may_be_column(&self) -> bool {
        self.kind != ValueKind::Units
    }

    /// Whether users may share a value of it. Fields about one person's identity can't be shared.
    pub fn may_be_default(&self) -> bool {
        !matches!(
            self.key,
            Key::Id
                | Key::MisId
                | Key::FormerMisId
                | Key::DistinctFrom
                | Key::AlsoHas
                | Key::Replaces
                | Key::Creates
                | Key::SamePerson
                | Key::Archived
                | Key::LastDay
                | Key::Reason
        )
    }

    pub fn is_mandatory_for(&self, role: Role) -> bool {
        self.mandatory.contains(&role)
    }
}

use Class::{Personal, Public, Special};
use SettableWhen::{Always, Assigned, Never, OnCreate};
use Shape::{Code, Codes, Email, Free, Nino, Uln};
use ValueKind::{Accounts, Day, Flag, Ids, Instant, Number, Reference, References, Text, Word};

/// The words that `creates` of a user takes.
const AGAIN: &[&str] = &["again"];
/// The words that `reason` of a leaver takes. There is no free text: it would hold personal data.
const REASONS: &[&str] = &["completed", "left", "transferred", "other"];

// Codes of the individualised learner record for its fields L12 to L16: the lists of 2010/11, and later codes for
// ethnicity.
const ETHNICITIES: &[&str] = &[
    "11", "12", "13", "14", "15", "16", "17", "18", "19", "20", "21", "22", "23", "24", "25", "31",
    "32", "33", "34", "35", "36", "37", "38", "39", "40", "41", "42", "43", "44", "45", "46", "47",
    "98", "99",
];
const SEXES: &[&str] = &["F", "M"];
const YES_NO_UNKNOWN: &[&str] = &["1", "2", "9"];
const DISABILITIES: &[&str] = &[
    "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "90", "97", "98", "99",
];
const LEARNING_DIFFICULTIES: &[&str] =
    &["01", "02", "10", "11", "19", "20", "90", "97", "98", "99"];

macro_rules! api {
    (-) => {
        None
    };
    ($name:literal) => {
        Some($name)
    };
}

macro_rules! fields {
    (@rows $($key:ident: $name:literal $api:tt, $kind:expr, $roles:ident, $mandatory:ident, $class:ident, $settable:ident,
        $meaning:literal;)*) => {
        &[$(Field {
            key: Key::$key, name: $name, api: api!($api), kind: $kind, roles: $roles, mandatory: $mandatory, class: $class,
            settable: $settable, meaning: $meaning,
        }),*]
    };
    (@keys $($key:ident: $name:literal $api:tt, $kind:expr, $roles:ident, $mandatory:ident, $class:ident, $settable:ident,
        $meaning:literal;)*) => {
        /// A field, as the index of its row: first those of users, then those that only placements and classrooms have.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Key { $($key),* }
    };
    (users { $($users:tt)* } entries { $($entries:tt)* }) => {
        fields! { @keys $($users)* $($entries)* }

        /// The fields of users, in the order in which people see them.
        pub const FIELDS: &[Field] = fields! { @rows $($users)* };

        /// The fields that placements and classrooms have and users don't. `EntryKind::keys` says which has which.
        pub const ENTRY_FIELDS: &[Field] = fields! { @rows $($entries)* };
    };
}

fields! {
users {
    Id: "id" "ID", Number, EVERYONE, NOBODY, Public, Never,
        "The number of an account that exists: pins this user to it.";
    MisId: "misId" "MISID", Text(Free), EVERYONE, NOBODY, Public, Always,
        "The key of the person in the MIS: who this user is, within the organisation. A create needs it.";
    FormerMisId: "formerMisId" -, Text(Free), EVERYONE, NOBODY, Public, Never,
        "The MIS value that this person's account has had: the account gets the new `misId`.";
    DistinctFrom: "distinctFrom" -, Ids, EVERYONE, NOBODY, Public, Never,
        "Accounts that look like this person's and are somebody else's.";
    AlsoHas: "alsoHas" -, Accounts, EVERYONE, NOBODY, Public, Never,
        "Other accounts of the same person: in another role, or of a learner's second programme.";
    Replaces: "replaces" -, Ids, EVERYONE, NOBODY, Public, Never,
        "Accounts of this person that OneFile doesn't show any more; a new account may be created in their place.";
    Creates: "creates" -, Word(AGAIN), EVERYONE, NOBODY, Public, Never,
        "`again`: create an account although the user was declared before this change and has none.";
    SamePerson: "samePerson" -, Flag, EVERYONE, NOBODY, Public, Never,
        "true: a changed name, date of birth or number is still the same person's.";
    Archived: "archived" -, Flag, EVERYONE, NOBODY, Public, Never,
        "true: the person has left, and the account is archived; false: it is brought back if it is archived.";
    LastDay: "lastDay" -, Day, EVERYONE, NOBODY, Public, Never,
        "The last day of a leaver; the account isn't archived before that day is over. OneFile doesn't get it.";
    Reason: "reason" -, Word(REASONS), EVERYONE, NOBODY, Public, Never,
        "Why a leaver left. OneFile doesn't get it.";
    FirstName: "firstName" "FirstName", Text(Free), EVERYONE, EVERYONE, Personal, Always,
        "First name.";
    LastName: "lastName" "LastName", Text(Free), EVERYONE, EVERYONE, Personal, Always,
        "Last name.";
    Email: "email" "Email", Text(Email), EVERYONE, EVERYONE, Personal, Always,
        "E-mail address; a new account joins a keychain by it.";
    Role: "role" "Role", ValueKind::Role, EVERYONE, EVERYONE, Public, OnCreate,
        "What the person does in OneFile.";
    Classroom: "classroom" "ClassroomID", Reference(Referent::Classroom), LEARNERS, LEARNERS, Public, Always,
        "The classroom, by name or MIS value.";
    Placement: "placement" "PlacementID", Reference(Referent::Placement), PLACED, PLACED, Public, Always,
        "The placement, by name or MIS value.";
    DefaultAssessor: "defaultAssessor" "DefaultAssessorID", Reference(Referent::User(ASSESSING)), LEARNERS, LEARNERS,
        Public, Always, "The learner's assessor, by MIS value.";
    DefaultEmployer: "defaultEmployer" "DefaultEmployerID", Reference(Referent::User(EMPLOYING)), LEARNERS, NOBODY,
        Public, Always, "The learner's employer, by MIS value.";
    Provider: "provider" "ProviderID", Reference(Referent::Provider), LEARNERS, NOBODY, Public, Always,
        "The provider, by name.";
    CompanyName: "companyName" "CompanyName", Text(Free), LEARNERS, NOBODY, Personal, Always,
        "The company that the profile shows.";
    MobileNumber: "mobileNumber" "MobileNumber", Text(Free), EVERYONE, NOBODY, Personal, Always,
        "Mobile telephone number.";
    Telephone: "telephone" "Telephone", Text(Free), EVERYONE, NOBODY, Personal, Always,
        "Telephone number.";
    Website: "website" "Website", Text(Free), EVERYONE, NOBODY, Personal, Always,
        "Web site.";
    WorkAddress: "workAddress" "WorkAddress", Text(Free), EVERYONE, NOBODY, Personal, Always,
        "Address at work; may have several lines.";
    HomeAddress: "homeAddress" "HomeAddress", Text(Free), EVERYONE, NOBODY, Personal, Always,
        "Address at home; may have several lines.";
    Dob: "dob" "DOB", Day, EVERYONE, NOBODY, Personal, Always,
        "Date of birth.";
    Uln: "uln" "ULN", Text(Uln), LEARNERS, NOBODY, Personal, Always,
        "Unique learner number, ten digits; 9999999999 stands for one that isn't known yet.";
    Nino: "nino" "NINO", Text(Nino), LEARNERS, NOBODY, Special, Always,
        "National insurance number.";
    EpisodeName: "episodeName" "EpisodeName", Text(Free), LEARNERS, NOBODY, Public, Always,
        "Name of the episode.";
    CentreRegister: "centreRegister" "CentreRegister", Day, LEARNERS, NOBODY, Public, Always,
        "Day of registration with the centre.";
    StartOn: "startOn" "StartOn", Day, LEARNERS, NOBODY, Public, Always,
        "First day of the episode.";
    PlannedEndDate: "plannedEndDate" "PlannedEndDate", Day, LEARNERS, NOBODY, Public, Always,
        "Planned last day of the episode.";
    CreatedOn: "createdOn" "CreatedOn", Instant, EVERYONE, NOBODY, Public, OnCreate,
        "When the account counts as created; sent only with a create.";
    Ethnicity: "ethnicity" "L12", Text(Code(ETHNICITIES)), LEARNERS, NOBODY, Special, Always,
        "Ethnicity, a code of the learner record (L12).";
    Sex: "sex" "L13", Text(Code(SEXES)), LEARNERS, NOBODY, Special, Always,
        "Sex, a code of the learner record (L13).";
    LearningDifficultyOrHealthProblem: "learningDifficultyOrHealthProblem" "L14", Text(Code(YES_NO_UNKNOWN)),
        LEARNERS, NOBODY, Special, Always,
        "Learning difficulty, disability or health problem, a code of the learner record (L14).";
    Disability: "disability" "L15", Text(Code(DISABILITIES)), LEARNERS, NOBODY, Special, Always,
        "Disability, a code of the learner record (L15).";
    LearningDifficulty: "learningDifficulty" "L16", Text(Code(LEARNING_DIFFICULTIES)), LEARNERS, NOBODY,
        Special, Always,
        "Learning difficulty, a code of the learner record (L16).";
    PrimaryLlddCode: "primaryLlddCode" "PrimaryLLDDCode", Text(Free), LEARNERS, NOBODY, Special, Always,
        "Main learning difficulty, disability or health problem, a code of the learner record.";
    SecondaryLlddCodes: "secondaryLlddCodes" "SecondaryLLDDCodes", Text(Codes), LEARNERS, NOBODY, Special, Always,
        "Further learning difficulties, disabilities or health problems, a list of codes of the learner record.";
    SupportFunding: "supportFunding" "SupportFunding", Flag, LEARNERS, NOBODY, Personal, Always,
        "Whether the learner has support funding.";
    LearnerStatus: "learnerStatus" "LearnerStatusID", Reference(Referent::LearnerStatus), LEARNERS, NOBODY, Public,
        Always, "The learner's status, by a name of the centre's own list.";
    Standards: "standards" -, References(Referent::Standard), LEARNERS, NOBODY, Public, Assigned,
        "The standards that the learner takes, by title. Others that the learner has stay as they are.";
    Units: "units" -, ValueKind::Units, LEARNERS, NOBODY, Public, Assigned,
        "Units that the learner takes, each with its standard. Others that the learner has stay as they are.";
    FrameworkTemplate: "frameworkTemplate" -, Reference(Referent::FrameworkTemplate), LEARNERS, NOBODY, Public, Assigned,
        "The framework template that a new learner gets, by title. Only a create assigns it.";
    AdditionalAssessors: "additionalAssessors" -, References(Referent::User(ASSESSORS)), LEARNERS, NOBODY, Public,
        Assigned, "Further assessors of the learner, by MIS value.";
    AdditionalIqas: "additionalIqas" -, References(Referent::User(IQAS)), LEARNERS, NOBODY, Public, Assigned,
        "Further IQAs of the learner, by MIS value.";
    AdditionalEmployers: "additionalEmployers" -, References(Referent::User(EMPLOYING)), LEARNERS, NOBODY, Public,
        Assigned, "Further employers of the learner, by MIS value.";
    AdditionalObservers: "additionalObservers" -, References(Referent::User(OBSERVING)), LEARNERS, NOBODY, Public,
        Assigned, "Further observers of the learner, by MIS value.";
}
entries {
    Name: "name" "Name", Text(Free), NOBODY, NOBODY, Public, Always,
        "The name that users refer to.";
    Address: "address" "Address", Text(Free), NOBODY, NOBODY, Public, Always,
        "Address; may have several lines.";
    Contact: "contact" "Contact", Text(Free), NOBODY, NOBODY, Personal, Always,
        "The person to ask for.";
    Fax: "fax" "Fax", Text(Free), NOBODY, NOBODY, Public, Always,
        "Fax number.";
    Web: "web" "Web", Text(Free), NOBODY, NOBODY, Public, Always,
        "Web site.";
    Active: "active" "Active", Flag, NOBODY, NOBODY, Public, Always,
        "Whether the placement is in use.";
    CompletionMessage: "completionMessage" "CompletionMessage", Text(Free), NOBODY, NOBODY, Public, Always,
        "What learners read when they complete.";
    SendCompletionMessage: "sendCompletionMessage" "SendCompletionMessage", Flag, NOBODY, NOBODY, Public, Always,
        "Whether OneFile sends the completion message.";
    IvFinalSignOff: "ivFinalSignOff" "IVFinalSignOff", Flag, NOBODY, NOBODY, Public, Always,
        "Whether an IQA signs off at the end.";
}
}

#[cfg(test)]
mod tests {
    use super::{ENTRY_FIELDS, FIELDS, Referent, ValueKind};
    use crate::domain::role::ROLES;

    #[test]
    fn a_key_is_the_index_of_its_row() {
        for (at, field) in FIELDS.iter().chain(ENTRY_FIELDS).enumerate() {
            assert_eq!(field.key as usize, at, "{}", field.name);
            assert_eq!(field.key.row().key, field.key);
        }
        for (at, row) in ROLES.iter().enumerate() {
            assert_eq!(row.role as usize, at, "{}", row.name);
        }
    }

    #[test]
    fn a_mandatory_field_is_a_field_of_the_role() {
        for field in FIELDS {
            assert!(
                field.mandatory.iter().all(|role| field.is_of(*role)),
                "{}",
                field.name
            );
        }
    }

    /// The planner relies on this to order creates: users that others refer to never refer to users themselves.
    #[test]
    fn who_serves_a_reference_has_no_references_to_users() {
        for field in FIELDS {
            let ValueKind::Reference(Referent::User(serving)) = field.kind else {
                continue;
            };
            assert!(
                !serving.iter().any(|role| field.is_of(*role)),
                "{}",
                field.name
            );
        }
    }
}
