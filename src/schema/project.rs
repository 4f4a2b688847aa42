//! The schema of `rosterctl.yaml`.

use serde_json::{Value, json};

use crate::schema::{DIALECT, some_text};

/// The servers that a project may name.
pub const TARGETS: &[&str] = &["live", "practice", "beta", "sandbox"];

/// Every key of `rosterctl.yaml`.
pub const PROJECT_KEYS: &[&str] =
    &["organisation", "target", "manifests", "policy", "creates", "archivedAccounts", "maxCreates", "maxUpdates"];

/// The schema of `rosterctl.yaml`.
pub fn project() -> Value {
    let mut path = some_text();
    path["description"] = Value::from("A file, or a folder whose *.yaml and *.yml files are manifests.");
    json!({
        "$schema": DIALECT,
        "title": "A project of rosterctl: one organisation",
        "type": "object",
        "properties": {
            "organisation": count(1, "The ID of the organisation in OneFile."),
            "target": { "enum": TARGETS, "description": "The server, unless a flag or ONEFILE_BASE_URL names one." },
            "manifests": { "type": "array", "items": path, "description": "Where the manifests are; `users` unless given." },
            "policy": {
                "type": "object",
                "properties": {
                    "creates": { "enum": ["allowed", "never"], "description": "Whether accounts may be created at all." },
                    "archivedAccounts": { "enum": ["hidden"], "description": "Searches leave archived accounts out, and accounts may be created all the same." },
                    "maxCreates": count(0, "How many accounts one apply may create; 25 unless given."),
                    "maxUpdates": count(0, "How many accounts one apply may update; unless given, 30 % of those declared that exist, and at least 50."),
                },
                "additionalProperties": false,
                "description": "What one apply may do at most.",
            },
        },
        "required": ["organisation"],
        "additionalProperties": false,
    })
}

fn count(minimum: u32, description: &str) -> Value {
    json!({ "type": "integer", "minimum": minimum, "description": description })
}
