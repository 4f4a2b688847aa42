//! The schema of a manifest. What depends on the role is a list of `if`/`then`, never `oneOf`, whose errors would dump
//! the whole user. A user that lacks a role has that of `defaults`, so each rule on roles stands twice.

use serde_json::{Map, Value, json};

use crate::field::{FIELDS, Field, Kind, ROLES, Role, Shape};
use crate::schema::{DIALECT, SOME_TEXT, some_text};

/// The schema of the files below `users/`.
pub fn users() -> Value {
    let mut rules: Vec<Value> = FIELDS.iter().filter(|field| !field.mandatory.is_empty()).flat_map(required).collect();
    rules.extend(Role::all().map(forbidden_by_default_role));
    json!({
        "$schema": DIALECT,
        "title": "Users of OneFile, as rosterctl declares them",
        "type": "object",
        "properties": {
            "defaults": {
                "$ref": "#/$defs/fields",
                "properties": { "id": false, "misId": false },
                "description": "What a user of this file has unless it says otherwise.",
            },
            "users": { "type": "array", "items": { "$ref": "#/$defs/user" }, "description": "The users that this file declares." },
        },
        "patternProperties": { "^x-": true },
        "additionalProperties": false,
        "allOf": rules,
        "$defs": { "fields": fields(), "user": user() },
    })
}

fn fields() -> Value {
    let properties: Map<_, _> = FIELDS.iter().map(|field| (field.name.to_owned(), property(field))).collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn user() -> Value {
    let mut rules: Vec<Value> =
        Role::all().map(|role| json!({ "if": has_role(role), "then": forbids(role) })).collect();
    rules.push(json!({ "if": lacks("id"), "then": { "required": ["misId"] } }));
    json!({ "$ref": "#/$defs/fields", "allOf": rules })
}

fn property(field: &Field) -> Value {
    let mut schema = match field.kind {
        Kind::Text(Shape::Free) => some_text(),
        Kind::Text(Shape::Email) => json!({ "type": "string", "pattern": r"^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$" }),
        Kind::Text(Shape::Uln) => json!({ "type": "string", "pattern": "^[0-9]{10}$" }),
        Kind::Day => json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" }),
        Kind::Instant => {
            json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$" })
        }
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Number => json!({ "type": "integer", "minimum": 1 }),
        Kind::Role => json!({ "enum": ROLES.iter().map(|row| row.name).collect::<Vec<_>>() }),
        Kind::Reference(_) => reference(),
    };
    schema["description"] = Value::from(field.meaning);
    schema
}

fn reference() -> Value {
    json!({
        "type": ["string", "object"],
        "pattern": SOME_TEXT,
        "properties": { "id": { "type": "integer", "minimum": 1, "description": "The number that OneFile knows it by." } },
        "required": ["id"],
        "additionalProperties": false,
    })
}

/// The rules that ask for a mandatory field where no default gives it and no account is pinned.
fn required(field: &Field) -> Vec<Value> {
    let needed = json!({ "required": [field.name] });
    let unpinned = |condition: Value| json!({ "if": { "allOf": [lacks("id"), condition] }, "then": needed });
    if field.kind == Kind::Role {
        // Which fields a user may have hangs on it, so that a pin doesn't stand for it.
        return vec![json!({ "if": no_default(field), "then": each_user(&needed) })];
    }
    if Role::all().all(|role| field.is_mandatory_for(role)) {
        return vec![json!({ "if": no_default(field), "then": each_user(&unpinned(json!({}))) })];
    }
    let names: Vec<_> = field.mandatory.iter().map(|role| role.name()).collect();
    let of_role = json!({ "properties": { "role": { "enum": names } }, "required": ["role"] });
    let default_of_role = json!({ "properties": { "defaults": of_role }, "required": ["defaults"] });
    vec![
        json!({ "if": no_default(field), "then": each_user(&unpinned(of_role)) }),
        json!({
            "if": { "allOf": [no_default(field), default_of_role] },
            "then": each_user(&unpinned(lacks("role"))),
        }),
    ]
}

fn forbidden_by_default_role(role: Role) -> Value {
    let of_role = json!({ "properties": { "defaults": has_role(role) }, "required": ["defaults"] });
    json!({ "if": of_role, "then": each_user(&json!({ "if": lacks("role"), "then": forbids(role) })) })
}

fn forbids(role: Role) -> Value {
    let foreign = FIELDS.iter().filter(|field| !field.is_of(role));
    let properties: Map<_, _> = foreign.map(|field| (field.name.to_owned(), Value::Bool(false))).collect();
    json!({ "properties": properties })
}

fn has_role(role: Role) -> Value {
    json!({ "properties": { "role": { "const": role.name() } }, "required": ["role"] })
}

fn lacks(key: &str) -> Value {
    json!({ "not": { "required": [key] } })
}

fn no_default(field: &Field) -> Value {
    json!({ "not": { "properties": { "defaults": { "required": [field.name] } }, "required": ["defaults"] } })
}

fn each_user(rule: &Value) -> Value {
    json!({ "properties": { "users": { "items": rule } } })
}
