//! The schema of a plan that is kept for review (`plan --out`).

use serde_json::{Value, json};

use crate::domain::field::FIELDS;
use crate::manifest::schema::DIALECT;

/// The schema of the file. Minor versions add keys.
pub fn plan() -> Value {
    let digest = json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" });
    let number = json!({ "type": "integer", "minimum": 1 });
    let fields: Vec<_> = FIELDS
        .iter()
        .map(|field| field.name)
        .chain(["special"])
        .collect();
    let place = json!({
        "role": { "type": "string" },
        "misId": { "type": "string" },
        "id": number,
        "file": { "type": "string", "description": "Where the user is declared, from the project's folder." },
        "line": number,
    });
    let mut place = place;
    place["fromThisChange"] = json!({ "type": "boolean", "description": "Whether this change edits it; only with a base. Since 1.1." });
    let mut held = place.clone();
    held["reasons"] = json!({ "type": "array", "description": "Why; since 1.1.", "items": {
        "type": "object",
        "properties": {
            "reason": { "type": "string", "description": "A word such as `mayExist`; later versions may add some." },
            "ids": {
                "type": "array", "items": number,
                "description": "The numbers that it is about: of accounts, or of what a reference may mean.",
            },
            "fields": { "type": "array", "items": { "enum": fields } },
        },
        "required": ["reason"],
    } });
    let mut operation = place;
    operation["action"] = json!({ "enum": ["create", "update"] });
    operation["account"] =
        json!({ "type": "integer", "description": "The account that is updated." });
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
            "totals": totals(),
            "operations": { "type": "array", "items": {
                "type": "object",
                "properties": operation,
                "required": ["action", "role", "file", "line", "effects", "fields"],
            } },
            "undeclared": {
                "type": "array", "items": number,
                "description": "The live accounts that no declared user names, by their numbers. Since 1.1.",
            },
            "held": { "type": "array", "items": {
                "type": "object",
                "properties": held,
                "required": ["role", "file", "line"],
            } },
        },
        "required": [
            "formatVersion", "target", "organisation", "base", "onlyChanged", "salt", "tokenCheck", "totals", "operations",
            "held", "seal",
        ],
    })
}

fn totals() -> Value {
    let count = |what: &str| json!({ "type": "integer", "minimum": 0, "description": what });
    let effects = [
        "emailsPerson",
        "mayEmailPerson",
        "keychainStays",
        "assessorChanges",
    ];
    let effects: serde_json::Map<_, _> = effects
        .into_iter()
        .map(|name| (name.to_owned(), count("How many operations have it.")))
        .collect();
    json!({
        "type": "object",
        "properties": {
            "create": count("Accounts to be created."),
            "update": count("Accounts to be updated."),
            "unchanged": count("Declared users whose account is as declared, in what was compared."),
            "held": count("Declared users for whom nothing is done until a person decides."),
            "undeclared": count("Live accounts that no declared user names; since 1.1, as what follows."),
            "notCompared": count("Declared values that no account of their role shows."),
            "notManaged": count("Fields of an overlay that isn't there."),
            "notPlanned": count("Users that the change doesn't edit, where only those are planned."),
            "effects": { "type": "object", "properties": effects },
            "limits": { "type": "array", "description": "The limits of the policy that the plan passes.", "items": {
                "type": "object",
                "properties": {
                    "limit": { "enum": ["maxCreates", "maxUpdates", "creates"] },
                    "planned": count("What the plan does."),
                    "allowed": count("What the policy allows."),
                },
                "required": ["limit", "planned", "allowed"],
            } },
        },
        "required": ["create", "update", "unchanged", "held"],
    })
}
