//! The columns of what is assigned to learners, and of placements and classrooms, from `docs/onefile-api.md`: Assignments.

use crate::sandbox::table::ColumnType::{Day, Flag, Integer, Reference, References, Text};
use crate::sandbox::table::{
    ID, ORGANISATION, StoredColumn, StoredTable, asked, column, kept, made,
};

/// The standards that a template assigns.
pub(crate) const STANDARDS_OF_TEMPLATE: &str = "StandardIDs";

pub(crate) const PLACEMENT_COLUMNS: &[StoredColumn] = &[
    column(ID, Integer),
    ORGANISATION,
    column("Name", Text),
    column("MISID", Text),
    column("Address", Text),
    column("Active", Flag),
    column("Contact", Text),
    column("Email", Text),
    column("Fax", Text),
    column("Telephone", Text),
    column("Web", Text),
];

pub(crate) const CLASSROOM_COLUMNS: &[StoredColumn] = &[
    column(ID, Integer),
    ORGANISATION,
    column("Name", Text),
    column("MISID", Text),
    column("StartOn", Day),
    column("Archive", Flag),
    column("CompletionMessage", Text),
    column("SendCompletionMessage", Flag),
    column("IVFinalSignOff", Flag),
];

/// What a search row of classrooms or placements shows.
pub(crate) const ENTRY_ROWS: &[&str] = &[ID, "OrganisationID", "Name", "MISID"];

pub(crate) const STANDARD_COLUMNS: &[StoredColumn] = &[
    column(ID, Integer),
    asked("OrganisationID", Reference(StoredTable::Organisations)),
    column("Title", Text),
];

pub(crate) const UNIT_COLUMNS: &[StoredColumn] = &[
    column(ID, Integer),
    asked("StandardID", Reference(StoredTable::Standards)),
    column("Title", Text),
    column("NDAQCode", Text),
    column("Display", Text),
];

pub(crate) const TEMPLATE_COLUMNS: &[StoredColumn] = &[
    column(ID, Integer),
    asked("OrganisationID", Reference(StoredTable::Organisations)),
    column("Title", Text),
    kept(STANDARDS_OF_TEMPLATE, References(StoredTable::Standards)),
];

pub(crate) const AIM_COLUMNS: &[StoredColumn] = &[
    column(ID, Integer),
    asked("OrganisationID", Reference(StoredTable::Organisations)),
    made("StandardID", Reference(StoredTable::Standards)),
    made("UserID", Reference(StoredTable::Users)),
    column("Status", Integer),
    made("Progress", Integer),
    column("StartDate", Day),
    column("PlannedEnd", Day),
    column("RegistrationNumber", Text),
    column("RegistrationDate", Day),
    column("CertificateAppliedDate", Day),
    column("AchievedDate", Day),
];

/// What a search row of learning aims shows.
pub(crate) const AIM_ROWS: &[&str] = &[ID, "StandardID", "UserID", "Status"];

pub(crate) const UNIT_SUMMARY_COLUMNS: &[StoredColumn] = &[
    column(ID, Integer),
    made("UserID", Reference(StoredTable::Users)),
    made("StandardID", Reference(StoredTable::Standards)),
    made("UnitID", Reference(StoredTable::Units)),
    made("Progress", Integer),
];

/// An additional assessor, IQA, employer or observer. No answer shows them.
pub(crate) const ADDITIONAL_COLUMNS: &[StoredColumn] = &[
    column(ID, Integer),
    column("LearnerID", Reference(StoredTable::Users)),
    column("AssigneeID", Reference(StoredTable::Users)),
    column("Role", Integer),
    column("Level", Integer),
    column("StandardID", Reference(StoredTable::Standards)),
    column("UnitID", Reference(StoredTable::Units)),
];

/// A placement that was assigned to an employer. No answer shows them.
pub(crate) const EMPLOYER_PLACEMENT_COLUMNS: &[StoredColumn] = &[
    column(ID, Integer),
    column("UserID", Reference(StoredTable::Users)),
    column("PlacementID", Reference(StoredTable::Placements)),
    column("GrantAccess", Flag),
];
