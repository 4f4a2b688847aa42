//! The schema of a manifest. What depends on the role is a list of `if`/`then`: the errors of `oneOf` would show the whole
//! user. A user without a role has the role of `defaults`, so each rule on roles stands twice. If the project's own
//! defaults have a role, it stands a third time.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::domain::field::{FIELDS, Field, Key, ValueKind};
use crate::domain::role::Role;
use crate::manifest::schema::DIALECT;
use crate::manifest::schema::entries;
use crate::manifest::schema::fields::{defaults, definitions};
use crate::manifest::schema::from_csv::from_csv;

/// What the defaults and overlays of a project give all users.
#[derive(Debug, Default)]
pub struct ProjectDefaults {
    pub keys: BTreeSet<Key>,
    pub role: Option<Role>,
}

/// The schema of manifests in a project that gives its users these fields.
pub fn users(given: &ProjectDefaults) -> Value {
    let mandatory = FIELDS
        .iter()
        .filter(|field| !field.mandatory.is_empty() && !given.keys.contains(&field.key));
    let mut rules: Vec<Value> = mandatory
        .flat_map(|field| required(field, given.role))
        .collect();
    rules.extend(fields_by_default_role(given.role));
    let mut definitions = definitions();
    definitions.insert("user".to_owned(), user());
    definitions.extend(entries::definitions());
    let mut schema = json!({
        "$schema": DIALECT,
        "title": "rosterctl",
        "type": "object",
        "properties": {
            "defaults": defaults("What a user of this file has unless it says otherwise."),
            "users": { "type": "array", "items": { "$ref": "#/$defs/user" }, "description": "The users that this file declares." },
            "fromTable": from_csv(),
            "fromCsv": { "$ref": "#/properties/fromTable", "description": "The older word for fromTable." },
        },
        "patternProperties": { "^x-": true },
        "additionalProperties": false,
        "allOf": rules,
        "$defs": definitions,
    });
    for (key, list) in entries::lists() {
        schema["properties"][key] = list;
    }
    schema
}

/// A user with a role of its own. Without one, the defaults of its file decide which fields it may have.
fn user() -> Value {
    let by_role = |role: Role| json!({ "if": has_role(&[role]), "then": fields_of(Some(role)) });
    let mut rules: Vec<Value> = Role::all().map(by_role).collect();
    let is_of_no_role =
        json!({ "required": ["role"], "not": has_role(&Role::all().collect::<Vec<_>>()) });
    rules.push(json!({ "if": is_of_no_role, "then": fields_of(None) }));
    rules
        .push(json!({ "if": lacks("id"), "then": needs("misId", "misId, or the id of an account, says who this is") }));
    json!({ "type": "object", "allOf": rules, "defaultSnippets": [{
        "label": "a user",
        "body": { "misId": "$1", "firstName": "$2", "lastName": "$3", "email": "$4" },
    }] })
}

/// The fields of users that have no role of their own.
fn fields_by_default_role(given: Option<Role>) -> Vec<Value> {
    let default = |roles: &[Role]| json!({ "properties": { "defaults": has_role(roles) }, "required": ["defaults"] });
    let by_role = |role: Role| json!({ "if": default(&[role]), "then": each_user(&lacking_role(&fields_of(Some(role)))) });
    let mut rules: Vec<Value> = Role::all().map(by_role).collect();
    let known = default(&Role::all().collect::<Vec<_>>());
    let is_unknown = json!({ "allOf": [{ "not": no_default(Key::Role.row()) }, { "not": known }] });
    rules.push(json!({ "if": is_unknown, "then": each_user(&lacking_role(&fields_of(None))) }));
    rules.push(unless_default_role(&each_user(&lacking_role(&fields_of(
        given,
    )))));
    rules
}

fn fields_of(role: Option<Role>) -> Value {
    json!({ "$ref": format!("#/$defs/{}", role.map_or("fields", Role::name)) })
}

fn needs(key: &str, words: &str) -> Value {
    json!({ "required": [key], "errorMessage": words })
}

/// The rules that ask for a mandatory field, unless a default gives it, an account is pinned or the user has left.
fn required(field: &Field, given_role: Option<Role>) -> Vec<Value> {
    let words = format!(
        "{} is missing; write it here, or among the defaults",
        field.name
    );
    let needed = needs(field.name, &words);
    let unpinned = |condition: Value| json!({ "if": { "allOf": [lacks("id"), has_not_left(), condition] }, "then": needed });
    let unless_default = |rule: Value| json!({ "if": no_default(field), "then": each_user(&rule) });
    if field.kind == ValueKind::Role {
        // Which fields a user may have depends on the role, so a pinned user needs it, too.
        return vec![unless_default(needed)];
    }
    if Role::all().all(|role| field.is_mandatory_for(role)) {
        return vec![unless_default(unpinned(json!({})))];
    }
    let of_role = has_role(field.mandatory);
    let default_of_role =
        json!({ "properties": { "defaults": of_role }, "required": ["defaults"] });
    let mut rules = vec![
        unless_default(unpinned(of_role)),
        json!({
            "if": { "allOf": [no_default(field), default_of_role] },
            "then": each_user(&unpinned(lacks("role"))),
        }),
    ];
    if given_role.is_some_and(|role| field.is_mandatory_for(role)) {
        rules.push(unless_default_role(&unless_default(unpinned(lacks(
            "role",
        )))));
    }
    rules
}

/// A rule for the files whose own defaults have no role.
fn unless_default_role(rule: &Value) -> Value {
    json!({ "if": no_default(Key::Role.row()), "then": rule })
}

fn lacking_role(rule: &Value) -> Value {
    json!({ "if": lacks("role"), "then": rule })
}

fn has_role(roles: &[Role]) -> Value {
    let names: Vec<_> = roles.iter().map(|role| role.name()).collect();
    json!({ "properties": { "role": { "enum": names } }, "required": ["role"] })
}

fn lacks(key: &str) -> Value {
    json!({ "not": { "required": [key] } })
}

fn has_not_left() -> Value {
    let archived = Key::Archived.name();
    json!({ "not": { "properties": { archived: { "const": true } }, "required": [archived] } })
}

fn no_default(field: &Field) -> Value {
    json!({ "not": { "properties": { "defaults": { "required": [field.name] } }, "required": ["defaults"] } })
}

fn each_user(rule: &Value) -> Value {
    json!({ "properties": { "users": { "items": rule, "doNotSuggest": true } } })
}
