//! The rows that assignments make: learning aims, unit summaries and the like (`docs/onefile-api.md`, Assignments).

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::sandbox::assignment_behaviour::PathUser;
use crate::sandbox::dates::parse_london_day;
use crate::sandbox::state::{Refusal, ServiceState, is_not_valid, is_required};
use crate::sandbox::stored_row::{StoredRow, cell, integer, is_archived, number, sent_as, set};
use crate::sandbox::table::{ID, StoredTable};

/// The roles by their numbers in the API.
const LEARNER: i64 = 1;
const EMPLOYER: i64 = 40;

/// A standard or unit, and the learner who gets it.
#[derive(Clone, Copy)]
pub(crate) struct WantedAim<'s> {
    pub(crate) learner: &'s StoredRow,
    pub(crate) standard: i64,
}

impl ServiceState {
    /// A learner to whom something of this organisation can be assigned.
    pub(crate) fn assignable_learner(
        &self,
        id: i64,
        organisation: i64,
    ) -> Result<&StoredRow, Refusal> {
        let user = self.get(StoredTable::Users, id);
        let learner = user.filter(|user| {
            number(user, "Role") == LEARNER && number(user, "OrganisationID") == organisation
        });
        let learner = learner.ok_or_else(|| is_not_valid("LearnerID"))?;
        if is_archived(learner) {
            return Err(Refusal("The learner is archived".to_owned()));
        }
        Ok(learner)
    }

    /// The learning aim of a standard that was assigned before.
    pub(crate) fn aim(&self, wanted: WantedAim<'_>) -> Option<&StoredRow> {
        self.rows(StoredTable::LearningAims)
            .find(|aim| wanted.is_of(aim))
    }

    pub(crate) fn new_aim(&self, wanted: WantedAim<'_>) -> Result<StoredRow, Refusal> {
        let mut aim = wanted.row();
        let organisation = cell(wanted.learner, "OrganisationID").clone();
        set(&mut aim, "OrganisationID", organisation);
        set(&mut aim, "Status", json!(0));
        set(&mut aim, "Progress", json!(0));
        self.give_id(StoredTable::LearningAims, &mut aim, &[])?;
        Ok(aim)
    }

    /// Whether a unit was assigned before.
    pub(crate) fn has_unit(&self, wanted: WantedAim<'_>, unit: i64) -> bool {
        let mut summaries = self.rows(StoredTable::UnitSummaries);
        summaries.any(|summary| wanted.is_of(summary) && number(summary, "UnitID") == unit)
    }

    pub(crate) fn new_unit_summary(
        &self,
        wanted: WantedAim<'_>,
        unit: i64,
    ) -> Result<StoredRow, Refusal> {
        let mut summary = wanted.row();
        set(&mut summary, "UnitID", json!(unit));
        set(&mut summary, "Progress", json!(0));
        self.give_id(StoredTable::UnitSummaries, &mut summary, &[])?;
        Ok(summary)
    }

    /// The units of a standard, by ID.
    pub(crate) fn units_of(&self, standard: i64) -> Vec<i64> {
        let mut units = Vec::new();
        for unit in self.rows(StoredTable::Units) {
            if number(unit, "StandardID") == standard {
                units.push(number(unit, ID));
            }
        }
        units
    }

    /// What `User/{x}/Assign` makes: an additional assessor, IQA, employer or observer of a learner.
    pub(crate) fn new_additional(
        &self,
        user: &StoredRow,
        sent: &StoredRow,
        path: PathUser,
    ) -> Result<StoredRow, Refusal> {
        let other = sent_as(sent, "LearnerID").and_then(integer);
        let other = other.ok_or_else(|| is_required("LearnerID"))?;
        let (learner, assignee) = match path {
            PathUser::Assignee => (other, number(user, ID)),
            PathUser::Learner => (number(user, ID), other),
        };
        self.assignable_learner(learner, number(user, "OrganisationID"))?;
        let assignee = self.get(StoredTable::Users, assignee);
        let has_role = |assignee: &&StoredRow| {
            let role = sent_as(sent, "Role").and_then(integer);
            cell(assignee, "Role").as_i64() == role
        };
        let assignee = assignee.filter(has_role);
        let assignee = assignee.ok_or_else(|| is_not_valid("Role"))?;
        let mut asked = sent.clone();
        asked.retain(|name, _| !name.eq_ignore_ascii_case("LearnerID"));
        asked.insert("LearnerID".to_owned(), json!(learner));
        asked.insert("AssigneeID".to_owned(), cell(assignee, ID).clone());
        let table = StoredTable::AdditionalAssignments;
        let mut row = self.merged(table, StoredRow::new(), &asked)?;
        let mandatory = mandatory_of_level(cell(&row, "Level").as_i64());
        self.give_id(
            table,
            &mut row,
            mandatory.ok_or_else(|| is_not_valid("Level"))?,
        )?;
        Ok(row)
    }

    /// A placement of an employer, in addition to the one in their account.
    pub(crate) fn new_employer_placement(
        &self,
        user: &StoredRow,
        placement: &str,
        grants_access: &str,
    ) -> Result<StoredRow, Refusal> {
        if number(user, "Role") != EMPLOYER {
            return Err(Refusal("The user is not an employer".to_owned()));
        }
        let mut asked = StoredRow::new();
        set(&mut asked, "UserID", cell(user, ID).clone());
        set(&mut asked, "PlacementID", json!(placement));
        set(&mut asked, "GrantAccess", json!(grants_access));
        let table = StoredTable::EmployerPlacements;
        let mut row = self.merged(table, StoredRow::new(), &asked)?;
        self.give_id(table, &mut row, &["PlacementID", "GrantAccess"])?;
        Ok(row)
    }
}

/// What `User/{x}/Assign` can't be without at a level; `None` for a level that isn't known.
fn mandatory_of_level(level: Option<i64>) -> Option<&'static [&'static str]> {
    match level {
        Some(1) => Some(&[]),
        Some(2) => Some(&["UnitID"]),
        Some(3) => Some(&["StandardID"]),
        _ => None,
    }
}

impl WantedAim<'_> {
    fn is_of(&self, row: &StoredRow) -> bool {
        cell(row, "UserID") == cell(self.learner, ID) && number(row, "StandardID") == self.standard
    }

    fn row(&self) -> StoredRow {
        let mut row = StoredRow::new();
        set(&mut row, "UserID", cell(self.learner, ID).clone());
        set(&mut row, "StandardID", json!(self.standard));
        row
    }
}

/// The part of a search of learning aims that asks when they were achieved. The default asks for nothing.
#[derive(Default)]
pub(crate) struct AchievedFilter {
    asks: bool,
    from: Option<Date>,
    to: Option<Date>,
}

impl AchievedFilter {
    /// Status 1 asks for aims that are achieved. No other status is known.
    pub(crate) fn read(filter: &StoredRow) -> Result<Self, Refusal> {
        let status = sent_as(filter, COMPLETION_STATUS).filter(|status| !status.is_null());
        if status.is_some_and(|status| integer(status) != Some(1)) {
            return Err(is_not_valid(COMPLETION_STATUS));
        }
        Ok(Self {
            asks: status.is_some(),
            from: day(filter, "DateFrom")?,
            to: day(filter, "DateTo")?,
        })
    }

    pub(crate) fn fits(&self, aim: &StoredRow) -> bool {
        if !self.asks {
            return true;
        }
        let achieved = cell(aim, "AchievedDate").as_str();
        let achieved: Option<Date> = achieved.and_then(|day| day.parse().ok());
        achieved.is_some_and(|day| {
            self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
        })
    }
}

pub(crate) const COMPLETION_STATUS: &str = "LearningAimCompletionStatus";

fn day(filter: &StoredRow, name: &str) -> Result<Option<Date>, Refusal> {
    let text = sent_as(filter, name).and_then(Value::as_str);
    match text.filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => parse_london_day(text)
            .map(Some)
            .ok_or_else(|| is_not_valid(name)),
    }
}
