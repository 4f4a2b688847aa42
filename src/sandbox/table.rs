//! The tables of the emulated service and their columns, from `onefile-api.md`: Finding things, Creating.

/// A kind of thing that the service holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
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
    pub(crate) table: Table,
    /// The key in `sandbox.yaml`.
    pub(crate) name: &'static str,
    /// The segment in paths, in lower case; empty where no call names it.
    pub(crate) segment: &'static str,
    pub(crate) columns: &'static [Column],
}

pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) access: Access,
}

/// Who writes a column and who sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Open,
    /// Made by the service; what is sent is ignored.
    Made,
    /// Kept by the service and shown by no call, but by the control calls.
    Kept,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Integer,
    Text,
    Flag,
    /// Kept as the London day, shown as the instant of its midnight.
    Day,
    Time,
    /// The ID of a row of another table.
    Reference(Table),
}

use Kind::{Day, Flag, Integer, Reference, Text, Time};

pub(crate) const ID: &str = "ID";
pub(crate) const ARCHIVED: &str = "Archived";
/// Additional assessors, as `Assign` was told of them: one line each.
pub(crate) const ASSESSORS: &str = "AdditionalAssessors";

const fn column(name: &'static str, kind: Kind) -> Column {
    Column {
        name,
        kind,
        access: Access::Open,
    }
}

const fn made(name: &'static str, kind: Kind) -> Column {
    Column {
        name,
        kind,
        access: Access::Made,
    }
}

const ORGANISATION: Column = column("OrganisationID", Reference(Table::Organisations));

const NAMED: &[Column] = &[column(ID, Integer), ORGANISATION, column("Name", Text)];
const NAMED_WITH_MIS: &[Column] = &[
    column(ID, Integer),
    ORGANISATION,
    column("Name", Text),
    column("MISID", Text),
];

pub(crate) const TABLES: &[TableRow] = &[
    TableRow {
        table: Table::Customers,
        name: "customers",
        segment: "customer",
        columns: &[column(ID, Integer), column("Name", Text)],
    },
    TableRow {
        table: Table::Organisations,
        name: "organisations",
        segment: "organisation",
        columns: &[
            column(ID, Integer),
            column("CustomerID", Reference(Table::Customers)),
            column("Name", Text),
            column("KeychainCreationForNewUserActive", Flag),
            column("KeychainEmailSuppression", Flag),
        ],
    },
    TableRow {
        table: Table::Classrooms,
        name: "classrooms",
        segment: "classroom",
        columns: NAMED_WITH_MIS,
    },
    TableRow {
        table: Table::Placements,
        name: "placements",
        segment: "placement",
        columns: NAMED_WITH_MIS,
    },
    TableRow {
        table: Table::Providers,
        name: "providers",
        segment: "provider",
        columns: NAMED,
    },
    TableRow {
        table: Table::LearnerStatuses,
        name: "learnerStatuses",
        segment: "",
        columns: NAMED,
    },
    TableRow {
        table: Table::Users,
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
            column("ClassroomID", Reference(Table::Classrooms)),
            column("PlacementID", Reference(Table::Placements)),
            column("DefaultAssessorID", Reference(Table::Users)),
            column("DefaultEmployerID", Reference(Table::Users)),
            column("ProviderID", Reference(Table::Providers)),
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
            column("LearnerStatusID", Reference(Table::LearnerStatuses)),
            made("Progress", Integer),
            made("LastModified", Time),
            Column {
                name: ARCHIVED,
                kind: Flag,
                access: Access::Kept,
            },
            Column {
                name: ASSESSORS,
                kind: Text,
                access: Access::Kept,
            },
        ],
    },
];

/// What a search row of users shows.
pub(crate) const BRIEF: &[&str] = &[ID, "FirstName", "LastName", "MISID"];

/// The roles and what can't be missing when one is created.
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

impl Table {
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
        assert!(
            TABLES
                .iter()
                .enumerate()
                .all(|(at, row)| row.table as usize == at)
        );
    }
}
