//! The tables of the emulated service and their columns, from `docs/onefile-api.md`: Finding things, Creating.

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
}

/// One row of the table of tables.
pub(crate) struct TableRow {
    pub(crate) table: StoredTable,
    /// The key in `sandbox.yaml`.
    pub(crate) name: &'static str,
    /// The segment in paths, in lower case; empty where no call names it.
    pub(crate) segment: &'static str,
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
}

use ColumnType::{Day, Flag, Integer, Reference, Text, Time};

pub(crate) const ID: &str = "ID";
pub(crate) const ARCHIVED: &str = "Archived";
/// Additional assessors, one line for each call of `Assign`.
pub(crate) const ASSESSORS: &str = "AdditionalAssessors";

const fn column(name: &'static str, kind: ColumnType) -> StoredColumn {
    StoredColumn {
        name,
        kind,
        access: Access::Open,
    }
}

const fn made(name: &'static str, kind: ColumnType) -> StoredColumn {
    StoredColumn {
        name,
        kind,
        access: Access::Made,
    }
}

const ORGANISATION: StoredColumn = column("OrganisationID", Reference(StoredTable::Organisations));

const NAME_COLUMNS: &[StoredColumn] = &[column(ID, Integer), ORGANISATION, column("Name", Text)];
const NAME_AND_MIS_COLUMNS: &[StoredColumn] = &[
    column(ID, Integer),
    ORGANISATION,
    column("Name", Text),
    column("MISID", Text),
];

pub(crate) const TABLES: &[TableRow] = &[
    TableRow {
        table: StoredTable::Customers,
        name: "customers",
        segment: "customer",
        columns: &[column(ID, Integer), column("Name", Text)],
    },
    TableRow {
        table: StoredTable::Organisations,
        name: "organisations",
        segment: "organisation",
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
        columns: NAME_AND_MIS_COLUMNS,
    },
    TableRow {
        table: StoredTable::Placements,
        name: "placements",
        segment: "placement",
        columns: NAME_AND_MIS_COLUMNS,
    },
    TableRow {
        table: StoredTable::Providers,
        name: "providers",
        segment: "provider",
        columns: NAME_COLUMNS,
    },
    TableRow {
        table: StoredTable::LearnerStatuses,
        name: "learnerStatuses",
        segment: "",
        columns: NAME_COLUMNS,
    },
    TableRow {
        table: StoredTable::Users,
        name: "users",
        segment: "user",
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
            column("SupportFunding", Flag),
            column("LearnerStatusID", Reference(StoredTable::LearnerStatuses)),
            made("Progress", Integer),
            made("LastModified", Time),
            StoredColumn {
                name: ARCHIVED,
                kind: Flag,
                access: Access::Kept,
            },
            StoredColumn {
                name: ASSESSORS,
                kind: Text,
                access: Access::Kept,
            },
        ],
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

impl StoredTable {
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
