//! A plan as JSON. There is one such document: the file that a person reviews (`plan --out`, `plan --format json`).

use serde_json::Value;

use crate::plan::Plan;
use crate::render::json_schema::schema_of_read;
use crate::review::{PlanFile, PlanTarget};

/// The document. Its digests are keyed by the customer token.
pub fn plan_json(plan: &Plan, target: PlanTarget, token: &str) -> String {
    PlanFile::of(plan, target, token).to_text()
}

/// The JSON Schema of the document.
pub fn plan_schema() -> Value {
    schema_of_read::<PlanFile>()
}
