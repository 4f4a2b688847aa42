//! The tables of the emulated service and their columns, from `docs/onefile-api.md`: Finding things, Creating. Those of
//! Assignments have their columns in `assignment_tables`.

use crate::sandbox::assignment_tables::{
    ADDITIONAL_COLUMNS, AIM_COLUMNS, AIM_ROWS, CLASSROOM_COLUMNS, EMPLOYER_PLACEMENT_COLUMNS,
    ENTRY_ROWS, PLACEMENT_COLUMNS, STANDARD_COLUMNS, TEMPLATE_COLUMNS, UNIT_COLUMNS,
    UNIT_SUMMARY_COLUMNS,
};

/// A kind of row that the service holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StoredTable {
    Customers,
    Organisations,
    Classrooms,
    Placements,
    Providers,
    LearnerStatuses,
    Users,
    Standards,
    Units,
    FrameworkTemplates,
    LearningAims,
    UnitSummaries,
    AdditionalAssignments,
    EmployerPlacements,
}

/// One row of the table of tables.
pub(crate) struct TableRow {
    pub(crate) table: StoredTable,
    /// The key in `sandbox.yaml`.
    pub(crate) name: &'static str,
    /// The segment in paths, in lower case; empty where no call names it.
    pub(crate) segment: &'static str,
    /// What a search has to ask for.
    pub(crate) needs: Option<&'static str>,
    /// The columns that search rows show, where they don't show all.
    pub(crate) brief: Option<&'static [&'static str]>,
    pub(crate) columns: &'static [StoredColumn],
}

pub(crate) struct StoredColumn {
    pub(crate) name: &'static str,
    pub(crate) kind: ColumnType,
    pub(crate) access: Access,
}

/// Who writes a column and who sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Open,
    /// Searches may ask for it, and no answer shows it.
    Asked,
    /// Made by the service; what is sent is ignored.
    Made,
    /// Kept by the service and shown only by the control calls.
    Kept,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColumnType {
    Integer,
    Text,
    Flag,
    /// Kept as the London day, shown as the instant of its midnight.
    Day,
    Time,
    /// The ID of a row of another table.
    Reference(StoredTable),
    /// A list of texts.
    Texts,
    /// A list of IDs of rows of another table.
    References(StoredTable),
}

use ColumnType::{Day, Flag, Integer, Reference, Text, Texts, Time};

pub(crate) const ID: &str = "ID";
pub(crate) const ARCHIVED: &str = "Archived";
pub(crate) const LAST_MODIFIED: &str = "LastModified";
/// The time that a user shows until `LastModified` is due, if it shows late.
pub(crate) const FORMER_MODIFIED: &str = "FormerLastModified";

pub(crate) const fn column(name: &'static str, kind: ColumnType) -> StoredColumn {
    with_access(name, kind, Access::Open)
}

pub(crate) const fn asked(name: &'static str, kind: ColumnType) -> StoredColumn {
    with_access(name, kind, Access::Asked)
}

pub(crate) const fn made(name: &'static str, kind: ColumnType) -> StoredColumn {
    with_access(name, kind, Access::Made)
}

pub(crate) const fn kept(name: &'static str, kind: ColumnType) -> StoredColumn {
    with_access(name, kind, Access::Kept)
}

const fn with_access(name: &'static str, kind: ColumnType, access: Access) -> StoredColumn {
    StoredColumn { name, kind, access }
}

pub(crate) const ORGANISATION: StoredColumn =
    column("OrganisationID", Reference(StoredTable::Organisations));

const NAME_COLUMNS: &[StoredColumn] = &[column(ID, Integer), ORGANISATION, column("Name", Text)];

pub(crate) const TABLES: &[TableRow] = &[
    TableRow {
        table: StoredTable::Customers,
        name: "customers",
        segment: "customer",
        needs: None,
        brief: None,
        columns: &[column(ID, Integer), column("Name", Text)],
    },
    TableRow {
        table: StoredTable::Organisations,
        name: "organisations",
        segment: "organisation",
        needs: None,
        brief: None,
        columns: &[
            column(ID, Integer),
            column("CustomerID", Reference(StoredTable::Customers)),
            column("Name", Text),
            column("KeychainCreationForNewUserActive", Flag),
            column("KeychainEmailSuppression", Flag),
        ],
    },
    TableRow {
        table: StoredTable::Classrooms,
        name: "classrooms",
        segment: "classroom",
        needs: None,
        brief: Some(ENTRY_ROWS),
        columns: CLASSROOM_COLUMNS,
    },
    TableRow {
        table: StoredTable::Placements,
        name: "placements",
        segment: "placement",
        needs: None,
        brief: Some(ENTRY_ROWS),
        columns: PLACEMENT_COLUMNS,
    },
    TableRow {
        table: StoredTable::Providers,
        name: "providers",
        segment: "provider",
        needs: None,
        brief: None,
        columns: NAME_COLUMNS,
    },
    TableRow {
        table: StoredTable::LearnerStatuses,
        name: "learnerStatuses",
        segment: "",
        needs: None,
        brief: None,
        columns: NAME_COLUMNS,
    },
    TableRow {
        table: StoredTable::Users,
        name: "users",
        segment: "user",
        needs: None,
        brief: Some(BRIEF),
        columns: &[
            column(ID, Integer),
            ORGANISATION,
            column("Role", Integer),
            made("Username", Text),
            column("FirstName", Text),
            column("LastName", Text),
            column("Email", Text),
            column("MISID", Text),
            column("ClassroomID", Reference(StoredTable::Classrooms)),
            column("PlacementID", Reference(StoredTable::Placements)),
            column("DefaultAssessorID", Reference(StoredTable::Users)),
            column("DefaultEmployerID", Reference(StoredTable::Users)),
            column("ProviderID", Reference(StoredTable::Providers)),
            column("CompanyName", Text),
            column("MobileNumber", Text),
            column("Telephone", Text),
            column("Website", Text),
            column("WorkAddress", Text),
            column("HomeAddress", Text),
            column("DOB", Day),
            column("ULN", Text),
            column("NINO", Text),
            column("EpisodeName", Text),
            column("CentreRegister", Day),
            column("StartOn", Day),
            column("PlannedEndDate", Day),
            column("CreatedOn", Time),
            column("L12", Text),
            column("L13", Text),
            column("L14", Text),
            column("L15", Text),
            column("L16", Text),
            column("PrimaryLLDDCode", Text),
            column("SecondaryLLDDCodes", Texts),
            column("SupportFunding", Flag),
            column("LearnerStatusID", Reference(StoredTable::LearnerStatuses)),
            made("Progress", Integer),
            made(LAST_MODIFIED, Time),
            kept(FORMER_MODIFIED, Time),
            kept(ARCHIVED, Flag),
        ],
    },
    TableRow {
        table: StoredTable::Standards,
        name: "standards",
        segment: "standard",
        needs: None,
        brief: None,
        columns: STANDARD_COLUMNS,
    },
    TableRow {
        table: StoredTable::Units,
        name: "units",
        segment: "unit",
        needs: Some("StandardID"),
        brief: None,
        columns: UNIT_COLUMNS,
    },
    TableRow {
        table: StoredTable::FrameworkTemplates,
        name: "frameworkTemplates",
        segment: "frameworktemplate",
        needs: None,
        brief: None,
        columns: TEMPLATE_COLUMNS,
    },
    TableRow {
        table: StoredTable::LearningAims,
        name: "learningAims",
        segment: "learningaim",
        needs: Some("UserID"),
        brief: Some(AIM_ROWS),
        columns: AIM_COLUMNS,
    },
    TableRow {
        table: StoredTable::UnitSummaries,
        name: "unitSummaries",
        segment: "unitsummary",
        needs: Some("UserID"),
        brief: None,
        columns: UNIT_SUMMARY_COLUMNS,
    },
    TableRow {
        table: StoredTable::AdditionalAssignments,
        name: "additionalAssignments",
        segment: "",
        needs: None,
        brief: None,
        columns: ADDITIONAL_COLUMNS,
    },
    TableRow {
        table: StoredTable::EmployerPlacements,
        name: "employerPlacements",
        segment: "",
        needs: None,
        brief: None,
        columns: EMPLOYER_PLACEMENT_COLUMNS,
    },
];

/// What a search row of users shows.
pub(crate) const BRIEF: &[&str] = &[ID, "FirstName", "LastName", "MISID"];

/// The roles by their number in the API, and what a user of each can't be without.
pub(crate) const ROLES: &[(i64, &[&str])] = &[
    (
        1,
        &[
            "OrganisationID",
            "FirstName",
            "LastName",
            "Email",
            "DefaultAssessorID",
            "ClassroomID",
            "PlacementID",
        ],
    ),
    (4, &["OrganisationID", "FirstName", "LastName", "Email"]),
    (5, &["OrganisationID", "FirstName", "LastName", "Email"]),
    (10, &["OrganisationID", "FirstName", "LastName", "Email"]),
    (
        40,
        &[
            "OrganisationID",
            "FirstName",
            "LastName",
            "Email",
            "PlacementID",
        ],
    ),
    (
        45,
        &[
            "OrganisationID",
            "FirstName",
            "LastName",
            "Email",
            "PlacementID",
        ],
    ),
];

/// What a user of a role can't be without; `None` for a role that isn't known.
pub(crate) fn mandatory_of_role(role: i64) -> Option<&'static [&'static str]> {
    let (_, mandatory) = ROLES.iter().find(|(number, _)| *number == role)?;
    Some(mandatory)
}

impl ColumnType {
    /// The kind of the items of a list; `None` for what is no list.
    pub(crate) fn of_items(self) -> Option<Self> {
        match self {
            Self::Texts => Some(Self::Text),
            Self::References(table) => Some(Self::Reference(table)),
            Self::Integer
            | Self::Text
            | Self::Flag
            | Self::Day
            | Self::Time
            | Self::Reference(_) => None,
        }
    }
}

impl StoredTable {
    /// The column that names the user to whom a row of this table is assigned; `None` for tables of other things.
    pub(crate) fn assigned_to(self) -> Option<&'static str> {
        match self {
            Self::LearningAims | Self::UnitSummaries | Self::EmployerPlacements => Some("UserID"),
            Self::AdditionalAssignments => Some("LearnerID"),
            Self::Customers
            | Self::Organisations
            | Self::Classrooms
            | Self::Placements
            | Self::Providers
            | Self::LearnerStatuses
            | Self::Users
            | Self::Standards
            | Self::Units
            | Self::FrameworkTemplates => None,
        }
    }

    pub(crate) fn row(self) -> &'static TableRow {
        &TABLES[self as usize]
    }

    pub(crate) fn with_segment(segment: &str) -> Option<Self> {
        TABLES
            .iter()
            .find(|row| !segment.is_empty() && row.segment == segment)
            .map(|row| row.table)
    }
}

#[cfg(test)]
mod tests {
    use super::TABLES;

    #[test]
    fn a_table_is_the_index_of_its_row() {
        for (index, row) in TABLES.iter().enumerate() {
            assert_eq!(row.table as usize, index);
        }
    }
}
