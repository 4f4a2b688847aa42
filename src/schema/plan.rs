//! The schema of a plan that is kept for review (`plan --out`).

use serde_json::{Value, json};

use crate::field::FIELDS;
use crate::schema::DIALECT;

/// The schema of the file. Minor versions add keys.
pub fn plan() -> Value {
    let digest = json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" });
    let count = json!({ "type": "integer", "minimum": 0 });
    let number = json!({ "type": "integer", "minimum": 1 });
    let fields: Vec<_> = FIELDS.iter().map(|field| field.name).chain(["special"]).collect();
    let place = json!({
        "role": { "type": "string" },
        "misId": { "type": "string" },
        "id": number,
        "file": { "type": "string", "description": "Where the user is declared, from the project's folder." },
        "line": number,
    });
    let mut operation = place.clone();
    operation["action"] = json!({ "enum": ["create", "update"] });
    operation["account"] = json!({ "type": "integer", "description": "The account that is updated." });
    operation["effects"] = json!({ "type": "array", "items": {
        "type": "object",
        "properties": {
            "effect": { "enum": ["emailsPerson", "mayEmailPerson", "keychainStays", "assessorChanges"] },
            "digest": digest,
        },
        "required": ["effect", "digest"],
    } });
    operation["fields"] = json!({ "type": "array", "items": {
        "type": "object",
        "properties": {
            "field": { "enum": fields, "description": "The key; `special` in the place of those of that class." },
            "digest": digest,
            "value": { "type": "string", "description": "What the field gets, if that is public." },
        },
        "required": ["field", "digest"],
    } });
    json!({
        "$schema": DIALECT,
        "title": "rosterctl plan",
        "type": "object",
        "properties": {
            "formatVersion": { "type": "string", "pattern": "^1\\.[0-9]+$" },
            "target": { "type": "string", "description": "The base URL that it was made for, or `sandbox`." },
            "organisation": number,
            "base": { "type": ["string", "null"], "description": "The commit that the manifests were compared with." },
            "onlyChanged": { "type": "boolean" },
            "salt": { "type": "string", "pattern": "^[0-9a-f]{32}$" },
            "tokenCheck": digest,
            "seal": digest,
            "totals": {
                "type": "object",
                "properties": { "create": count, "update": count, "unchanged": count, "held": count },
                "required": ["create", "update", "unchanged", "held"],
            },
            "operations": { "type": "array", "items": {
                "type": "object",
                "properties": operation,
                "required": ["action", "role", "file", "line", "effects", "fields"],
            } },
            "held": { "type": "array", "items": {
                "type": "object",
                "properties": place,
                "required": ["role", "file", "line"],
            } },
        },
        "required": [
            "formatVersion", "target", "organisation", "base", "onlyChanged", "salt", "tokenCheck", "totals", "operations",
            "held", "seal",
        ],
    })
}
