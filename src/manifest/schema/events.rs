//! The schema of the lines of `apply --format jsonl`.

use serde_json::{Value, json};

use crate::domain::field::FIELDS;
use crate::manifest::schema::DIALECT;

/// The schema of one line. Minor versions add keys and events.
pub fn events() -> Value {
    let branches = [
        ("started", started()),
        ("operation", operation()),
        ("waiting", waiting()),
        ("summary", summary()),
    ];
    let branch = |(name, properties): (&str, Value)| {
        json!({
            "if": { "properties": { "event": { "const": name } } },
            "then": { "properties": properties, "required": required(&properties) },
        })
    };
    json!({
        "$schema": DIALECT,
        "title": "rosterctl apply, a line of its events",
        "type": "object",
        "properties": {
            "event": { "enum": ["started", "operation", "waiting", "summary"] },
            "at": { "type": "string", "description": "When, in UTC: `2026-09-01T09:00:00.123Z`." },
        },
        "required": ["event", "at"],
        "allOf": branches.into_iter().map(branch).collect::<Vec<_>>(),
    })
}

/// Keys that a line may leave out.
const OPTIONAL: &[&str] = &["misId", "account", "why", "stopped"];

fn required(properties: &Value) -> Vec<&str> {
    let names = properties
        .as_object()
        .into_iter()
        .flat_map(|properties| properties.keys());
    names
        .map(String::as_str)
        .filter(|name| !OPTIONAL.contains(name))
        .collect()
}

fn started() -> Value {
    json!({
        "formatVersion": { "type": "string", "pattern": "^1\\.[0-9]+$" },
        "run": { "type": "string", "description": "What `history` calls this run." },
        "target": { "type": "string", "description": "The base URL, or `sandbox`." },
        "organisation": { "type": "integer", "minimum": 1 },
        "create": count("Accounts that are going to be created."),
        "update": count("Accounts that are going to be updated."),
        "held": count("Declared users for whom nothing is done until a person decides."),
    })
}

fn operation() -> Value {
    let outcomes = ["done", "found", "failed", "notAttempted", "unclear"];
    json!({
        "action": { "enum": ["create", "update"] },
        "role": { "type": "string" },
        "misId": { "type": "string" },
        "file": { "type": "string", "description": "Where the user is declared, from the project's folder." },
        "line": { "type": "integer", "minimum": 1 },
        "outcome": {
            "enum": outcomes,
            "description": "`found`: the answer was lost, and the account is there. `unclear`: nobody knows.",
        },
        "account": { "type": "integer", "description": "The account, as far as there is one." },
        "fields": fields(),
        "why": { "type": "string", "description": "In words for people." },
    })
}

fn waiting() -> Value {
    json!({
        "why": {
            "enum": ["limit", "outage", "create"],
            "description": "For the limit of calls, for a service that is away, for a created account to show.",
        },
        "until": { "type": "string", "description": "When it goes on, or asks again." },
    })
}

fn summary() -> Value {
    json!({
        "created": count("Accounts that are there: `done` or `found`."),
        "updated": count("Accounts that were updated."),
        "failed": count("Operations that failed."),
        "notAttempted": count("Operations that weren't begun."),
        "unclear": count("Creates of which nobody knows."),
        "held": count("Declared users for whom nothing was done until a person decides."),
        "unreviewed": count("Operations that were left out, since nobody has reviewed them."),
        "eMailed": count("People whom OneFile e-mails."),
        "mayHaveEMailed": count("People whom it may have e-mailed."),
        "deviating": {
            "type": "array",
            "description": "What the accounts don't hold although it was sent.",
            "items": {
                "type": "object",
                "properties": {
                    "role": { "type": "string" },
                    "misId": { "type": "string" },
                    "file": { "type": "string" },
                    "line": { "type": "integer", "minimum": 1 },
                    "account": { "type": "integer" },
                    "fields": fields(),
                },
                "required": ["role", "file", "line", "account", "fields"],
            },
        },
        "verified": { "type": "boolean", "description": "Whether the touched accounts were read again." },
        "stopped": {
            "enum": ["asked", "outage", "refused", "sameFailure", "touchedOthers", "maintenance", "journal"],
            "description": "Why the run stopped before its end.",
        },
        "exitCode": { "type": "integer", "minimum": 0 },
    })
}

fn count(what: &str) -> Value {
    json!({ "type": "integer", "minimum": 0, "description": what })
}

fn fields() -> Value {
    let names: Vec<_> = FIELDS
        .iter()
        .map(|field| field.name)
        .chain(["special"])
        .collect();
    json!({
        "type": "array",
        "items": { "enum": names },
        "description": "By key; `special` in the place of those of that class.",
    })
}
