//! The calls that assign standards, units, templates and people to learners (`docs/onefile-api.md`, Assignments).

use axum::http::Method;
use serde_json::{Map, json};

use crate::sandbox::assignment_behaviour::RepeatAnswer;
use crate::sandbox::assignment_rows::{COMPLETION_STATUS, WantedAim};
use crate::sandbox::assignment_tables::STANDARDS_OF_TEMPLATE;
use crate::sandbox::response::{RouteError, RouteResult, no_content, ok};
use crate::sandbox::routes::{RouteContext, parse_id};
use crate::sandbox::state::{Refusal, is_not_valid, is_required};
use crate::sandbox::stored_row::{StoredRow, cell, number, sent_as, set};
use crate::sandbox::table::{ID, StoredTable};

impl RouteContext<'_> {
    pub(super) fn call_assignment(
        &mut self,
        method: &Method,
        path: &[&str],
        sent: &StoredRow,
    ) -> RouteResult {
        match (method, path) {
            (&Method::POST, ["standard", id, "assign", learner]) => {
                self.assign_standard(id, learner)
            }
            (&Method::POST, ["unit", id, "assign", learner, standard]) => {
                self.assign_unit(id, learner, standard)
            }
            (&Method::POST, ["frameworktemplate", id, "assign", learner, only_change]) => {
                self.assign_template(id, learner, only_change)
            }
            (&Method::POST, ["user", id, "assign"]) => self.assign_user(id, sent),
            (&Method::POST, ["user", id, "assignplacement", placement, grants_access]) => {
                self.assign_placement(id, placement, grants_access)
            }
            (&Method::GET, ["user", id, "unitsummary"]) => self.unit_summary_of(id),
            _ => Err(RouteError::NotFound),
        }
    }

    /// Refuses a search that lacks what its table needs. Learning aims can also be searched for by their completion, and in
    /// bulk if a switch says so.
    pub(super) fn check_search(
        &self,
        table: StoredTable,
        filter: &StoredRow,
    ) -> Result<(), RouteError> {
        let asks =
            |name: &str| sent_as(filter, name).is_some_and(|value| !value.is_null() && value != "");
        let lists_all = self.shared.behaviour.assignments.lists_all_aims;
        let asks_otherwise = table == StoredTable::LearningAims
            && (asks(COMPLETION_STATUS) || (lists_all && asks("OrganisationID")));
        match table.row().needs {
            Some(needed) if !asks(needed) && !asks_otherwise => Err(is_required(needed).into()),
            Some(_) | None => Ok(()),
        }
    }

    fn assign_standard(&mut self, id: &str, learner: &str) -> RouteResult {
        let standard = self.row(StoredTable::Standards, id)?;
        let wanted = WantedAim {
            learner: self.learner(learner, number(standard, "OrganisationID"))?,
            standard: number(standard, ID),
        };
        let repeated = self.shared.behaviour.assignments.repeated_standard;
        let state = &self.data.state;
        if let Some(aim) = state.aim(wanted) {
            match repeated {
                RepeatAnswer::Again => {}
                RepeatAnswer::Accepted => return Ok(ok(cell(aim, ID))),
                RepeatAnswer::Refused => return Err(is_assigned()),
            }
        }
        let aim = state.new_aim(wanted)?;
        let id = self.keep_new(StoredTable::LearningAims, aim, None)?;
        Ok(ok(json!(id)))
    }

    fn assign_unit(&mut self, id: &str, learner: &str, standard: &str) -> RouteResult {
        let unit = self.row(StoredTable::Units, id)?;
        let standard = self.row(StoredTable::Standards, standard).ok();
        let of_unit = standard.filter(|standard| cell(standard, ID) == cell(unit, "StandardID"));
        let standard = of_unit.ok_or_else(|| is_not_valid("StandardID"))?;
        let wanted = WantedAim {
            learner: self.learner(learner, number(standard, "OrganisationID"))?,
            standard: number(standard, ID),
        };
        let unit = number(unit, ID);
        let repeated = self.shared.behaviour.assignments.repeated_unit;
        let state = &self.data.state;
        if state.has_unit(wanted, unit) {
            match repeated {
                RepeatAnswer::Again => {}
                RepeatAnswer::Accepted => return Ok(ok(json!({ "message": IS_ASSIGNED }))),
                RepeatAnswer::Refused => return Err(is_assigned()),
            }
        }
        let summary = state.new_unit_summary(wanted, unit)?;
        let id = self.keep_new(StoredTable::UnitSummaries, summary, None)?;
        Ok(ok(json!(id)))
    }

    /// Nobody knows what `onlyChangeAssigned` means, so it changes nothing here.
    fn assign_template(&mut self, id: &str, learner: &str, only_change: &str) -> RouteResult {
        let template = self.row(StoredTable::FrameworkTemplates, id)?;
        let learner = self
            .learner(learner, number(template, "OrganisationID"))?
            .clone();
        if only_change.parse::<bool>().is_err() {
            return Err(is_not_valid("onlyChangeAssigned").into());
        }
        let standards = cell(template, STANDARDS_OF_TEMPLATE).as_array();
        let standards = standards.cloned().unwrap_or_default();
        for standard in standards {
            let wanted = WantedAim {
                learner: &learner,
                standard: standard.as_i64().unwrap_or_default(),
            };
            self.assign_from_template(wanted)?;
        }
        Ok(no_content())
    }

    /// Assigns a standard with all of its units, and fills in the days of the learner's programme.
    fn assign_from_template(&mut self, wanted: WantedAim<'_>) -> Result<(), RouteError> {
        let repeated = self.shared.behaviour.assignments.repeated_standard;
        let state = &self.data.state;
        if state.aim(wanted).is_none() || repeated == RepeatAnswer::Again {
            let mut aim = state.new_aim(wanted)?;
            for (day, of_learner) in [("StartDate", "StartOn"), ("PlannedEnd", "PlannedEndDate")] {
                set(&mut aim, day, cell(wanted.learner, of_learner).clone());
            }
            self.keep_new(StoredTable::LearningAims, aim, None)?;
        }
        for unit in self.data.state.units_of(wanted.standard) {
            if !self.data.state.has_unit(wanted, unit) {
                let summary = self.data.state.new_unit_summary(wanted, unit)?;
                self.keep_new(StoredTable::UnitSummaries, summary, None)?;
            }
        }
        Ok(())
    }

    fn assign_user(&mut self, id: &str, sent: &StoredRow) -> RouteResult {
        let user = self.row(StoredTable::Users, id)?;
        let heard = self.without_ignored(sent);
        let path = self.shared.behaviour.assignments.assign_path;
        let row = self.data.state.new_additional(user, &heard, path)?;
        self.keep_new(StoredTable::AdditionalAssignments, row, None)?;
        Ok(ok(json!({ "ID": parse_id(id)? })))
    }

    fn assign_placement(&mut self, id: &str, placement: &str, grants_access: &str) -> RouteResult {
        let user = self.row(StoredTable::Users, id)?;
        let state = &self.data.state;
        let row = state.new_employer_placement(user, placement, grants_access)?;
        self.keep_new(StoredTable::EmployerPlacements, row, None)?;
        Ok(ok(json!({ "ID": parse_id(id)? })))
    }

    fn unit_summary_of(&self, id: &str) -> RouteResult {
        self.row(StoredTable::Users, id)?;
        let filter = Map::from_iter([("UserID".to_owned(), json!(id))]);
        self.search(StoredTable::UnitSummaries, &filter, None)
    }

    fn learner(&self, id: &str, organisation: i64) -> Result<&StoredRow, RouteError> {
        let id = id.parse().map_err(|_| is_not_valid("LearnerID"))?;
        Ok(self.data.state.assignable_learner(id, organisation)?)
    }
}

const IS_ASSIGNED: &str = "The learner has this already";

fn is_assigned() -> RouteError {
    Refusal(IS_ASSIGNED.to_owned()).into()
}
