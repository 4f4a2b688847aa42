//! Reads what learners were assigned: learning aims and units (`docs/onefile-api.md`, Assignments). Nobody promises the shape of
//! these rows, so each reading says whether it could be used.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::domain::{
    AccountId, AimId, LearningAim, OrganisationId, StandardId, StandardUnit, UnitId,
};
use crate::onefile::answer::list;
use crate::onefile::call::Call;
use crate::onefile::client::Client;
use crate::onefile::error::ClientError;
use crate::onefile::row::{Json, JsonRow};

/// What a row of learning aims says about whose it is.
struct AimRow {
    id: AimId,
    learner: Option<AccountId>,
    standard: Option<StandardId>,
}

impl Client {
    /// The learning aims of a learner, of any status; `None` if the answer can't be used. Rows of other users are left out.
    /// It costs one call.
    pub async fn aims(&self, learner: AccountId) -> Result<Option<Vec<LearningAim>>, ClientError> {
        let call = Call::post("LearningAim/Search", json!({ "UserID": learner.get() }));
        let Some(rows) = usable(self.rows(&call, &aim_row).await)? else {
            return Ok(None);
        };
        let mut aims = Vec::new();
        for row in rows.into_iter().filter_map(|(_, row)| row) {
            if row.learner.is_some_and(|shown| shown != learner) {
                continue;
            }
            let Some(standard) = row.standard else {
                return Ok(None);
            };
            aims.push(LearningAim {
                id: row.id,
                standard,
            });
        }
        Ok(Some(aims))
    }

    /// The learning aims of all learners, in as few calls as a list takes. `None` if the server doesn't list them, or shows
    /// none: then each learner has to be read. A learner who isn't in the list may have aims all the same.
    pub async fn aims_in_bulk(
        &self,
        organisation: OrganisationId,
    ) -> Result<Option<BTreeMap<AccountId, Vec<LearningAim>>>, ClientError> {
        let filter = json!({ "OrganisationID": organisation.get() });
        let rows = usable(self.search("LearningAim", filter, aim_row).await)?;
        let Some(rows) = rows.filter(|rows| rows.whole && !rows.found.is_empty()) else {
            return Ok(None);
        };
        let mut aims: BTreeMap<AccountId, Vec<LearningAim>> = BTreeMap::new();
        for row in rows.found {
            let (Some(learner), Some(standard)) = (row.learner, row.standard) else {
                return Ok(None);
            };
            let of_learner = aims.entry(learner).or_default();
            of_learner.push(LearningAim {
                id: row.id,
                standard,
            });
        }
        Ok(Some(aims))
    }

    /// The units of a learner, each with its standard; `None` if the rows don't show them. It costs one call.
    pub async fn unit_summaries(
        &self,
        learner: AccountId,
    ) -> Result<Option<BTreeSet<(StandardId, UnitId)>>, ClientError> {
        let call = Call::get(format!("User/{learner}/UnitSummary"));
        let read = |answer: Option<Vec<u8>>| {
            let Some(body) = answer else {
                return Ok(Some(Vec::new()));
            };
            let unit = |row: Json<'_>| unit_of(&row, learner);
            Ok(list(&call, &body, self.bounds(), unit)?.ok())
        };
        let units = usable(self.call(&call, read).await)?.flatten();
        Ok(units.map(|units| units.into_iter().flatten().collect()))
    }

    /// The units of a standard. It costs one call.
    pub async fn units(&self, standard: StandardId) -> Result<Vec<StandardUnit>, ClientError> {
        let call = Call::post("Unit/Search", json!({ "StandardID": standard.get() }));
        let read = |row: &JsonRow<'_>| {
            let shown = row.integer("StandardID").map(StandardId::new);
            let is_other = shown.is_some_and(|shown| shown != standard);
            let unit = StandardUnit {
                id: row.id()?,
                title: row.text("Title").unwrap_or_default(),
                code: row.text("NDAQCode"),
            };
            (!is_other).then_some(unit)
        };
        let rows = self.rows(&call, &read).await?;
        Ok(rows.into_iter().filter_map(|(_, unit)| unit).collect())
    }
}

fn aim_row(row: &JsonRow<'_>) -> Option<AimRow> {
    Some(AimRow {
        id: row.id()?,
        learner: row.integer("UserID").map(AccountId::new),
        standard: row.integer("StandardID").map(StandardId::new),
    })
}

/// A row of unit summaries that shows no unit.
struct NoUnit;

/// The unit of a row; `None` if it is somebody else's.
fn unit_of(row: &Json<'_>, learner: AccountId) -> Result<Option<(StandardId, UnitId)>, NoUnit> {
    let row = row.object().ok_or(NoUnit)?;
    let shown = row.integer("UserID").map(AccountId::new);
    if shown.is_some_and(|shown| shown != learner) {
        return Ok(None);
    }
    let standard = row.integer("StandardID").ok_or(NoUnit)?;
    let unit = row.integer("UnitID").ok_or(NoUnit)?;
    Ok(Some((StandardId::new(standard), UnitId::new(unit))))
}

/// The answer; `None` if the server doesn't know the call, or its answer has another shape.
fn usable<T>(answer: Result<T, ClientError>) -> Result<Option<T>, ClientError> {
    let is_unusable = |error: &ClientError| {
        matches!(
            error,
            ClientError::Status {
                status: 400 | 403 | 404 | 405,
                ..
            } | ClientError::NoId { .. }
                | ClientError::Misshapen { .. }
        )
    };
    match answer {
        Err(error) if is_unusable(&error) => Ok(None),
        answer => answer.map(Some),
    }
}
