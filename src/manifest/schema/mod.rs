//! JSON Schemas (draft 2020-12) of manifests and of `rosterctl.yaml`, made from the table of fields: editors use them, and
//! `validate` checks with them. The schemas of plans and events are in `render`.

mod entries;
mod fields;
mod from_csv;
mod project;
mod users;

pub use crate::manifest::schema::fields::add_examples;
pub use crate::manifest::schema::project::{
    SEVERITIES, TARGETS, WEEKDAYS, project, project_as_read,
};
pub use crate::manifest::schema::users::{ProjectDefaults, users};

use serde_json::{Value, json};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Text with at least one character that isn't white space.
fn some_text() -> Value {
    json!({ "type": "string", "pattern": SOME_TEXT })
}

const SOME_TEXT: &str = r"\S";

/// A schema as it is committed and printed.
pub fn pretty(schema: &Value) -> String {
    let mut text =
        serde_json::to_string_pretty(schema).expect("a JSON value has no key that isn't text");
    text.push('\n');
    text
}
