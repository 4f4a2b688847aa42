//! The schema of `rosterctl.yaml`.

use serde_json::{Map, Value, json};

use crate::domain::TREATMENTS;
use crate::domain::field::{FIELDS, Field};
use crate::domain::role::Role;
use crate::findings::{Rule, Severity};
use crate::manifest::project_keys::FEWEST_RECIPIENTS;
use crate::manifest::rules::RULES;
use crate::manifest::schema::fields::{defaults, definitions};
use crate::manifest::schema::{DIALECT, some_text};

/// The servers that a project may name.
pub const TARGETS: &[&str] = &["live", "practice", "beta", "sandbox"];

/// The days of a week, from Monday.
pub const WEEKDAYS: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// What `severity` may say of a rule; `ignore` silences it.
pub const SEVERITIES: &[(&str, Option<Severity>)] = &[
    ("error", Some(Severity::Error)),
    ("warning", Some(Severity::Warning)),
    ("ignore", None),
];

/// The schema by which `rosterctl.yaml` is read. What stands below `fields` and `seal` has readers of its own, which say why a
/// field doesn't take a word, and why a text is no public key.
pub fn project_as_read() -> Value {
    let mut schema = project();
    schema["properties"]["fields"] = json!({ "type": "object" });
    schema["properties"]["seal"] = json!({ "type": "object" });
    schema
}

/// The schema of `rosterctl.yaml`.
pub fn project() -> Value {
    let mut path = some_text();
    path["description"] =
        Value::from("A file, or a folder whose *.yaml and *.yml files are manifests.");
    json!({
        "$schema": DIALECT,
        "title": "rosterctl project",
        "type": "object",
        "properties": {
            "organisation": count(1, "The ID of the organisation in OneFile."),
            "target": { "enum": TARGETS, "description": "The server, unless a flag or ONEFILE_BASE_URL names one." },
            "manifests": { "type": "array", "items": path, "description": "Where the manifests are; `users` unless given." },
            "defaults": defaults("What a user of this project has, unless its file or the user says otherwise."),
            "policy": {
                "type": "object",
                "properties": {
                    "creates": { "enum": ["allowed", "never"], "description": "Whether accounts may be created at all." },
                    "archives": { "enum": ["allowed", "never"], "description": "Whether accounts may be archived and brought back; never unless given." },
                    "archivedAccounts": { "enum": ["hidden"], "description": "Searches leave archived accounts out, and accounts may be created all the same." },
                    "maxCreates": limit("How many accounts one apply may create; 25 unless given. A share of the declared users who exist allows at least 25."),
                    "maxUpdates": limit("How many accounts one apply may update; 30 % of the declared users who exist unless given. A share allows at least 50."),
                    "maxArchives": limit("How many accounts one apply may archive or bring back; 10 unless given. A share of the declared users who exist allows at least 10."),
                    "maxRemovals": limit("How many users may leave the manifests in one change; 10 unless given. A share of the declared users who exist allows at least 10."),
                    "maxAssignments": limit("How many assignments one apply may make; 50 unless given. A share of the declared users who exist allows at least 50."),
                    "maxEntries": limit("How many placements and classrooms one apply may create or update; 5 unless given. A share of the declared users who exist allows at least 5."),
                    "assignPath": { "enum": ["assignee", "learner"], "description": "Whose number the call that assigns further staff takes in its path. Without it they aren't assigned; `rosterctl explain assignPath` says how to find out." },
                    "keepKnown": count(1, "How many years an account stays in the ledger after it was last seen; 6 unless given."),
                },
                "additionalProperties": false,
                "description": "What one apply may do at most.",
            },
            "fields": field_policy(),
            "severity": {
                "type": "object",
                "properties": severities(),
                "additionalProperties": false,
                "description": "How serious a finding is, by its code.",
            },
            "callsPerMinute": count(0, "How many calls a minute are made at most; 240 unless given, of the service's 300. 0: no limit."),
            "maintenance": {
                "type": "array",
                "items": window(),
                "description": "When the service is known to be away: an apply that can't end before isn't begun.",
            },
            "seal": seal(),
        },
        "required": ["organisation"],
        "additionalProperties": false,
        "$defs": definitions(),
    })
}

/// Who can open sealed overlays.
fn seal() -> Value {
    let key = json!({ "type": "string", "pattern": "^age1[02-9ac-hj-np-z]{58}$", "description": "A public key of age. `rosterctl seal --keygen` makes one." });
    json!({
        "type": "object",
        "properties": {
            "recipients": {
                "type": "object",
                "additionalProperties": key,
                "minProperties": FEWEST_RECIPIENTS,
                "description": "The public key of each who can open sealed rows, by a name of your choice; two at least, so that no row is lost with one key.",
            },
        },
        "required": ["recipients"],
        "additionalProperties": false,
        "description": "Who can open sealed overlays.",
    })
}

/// Which fields aren't always the project's own: for all roles, or for one.
fn field_policy() -> Value {
    let words = |field: &Field, role: Option<Role>| {
        let rows = TREATMENTS.iter();
        let allowed: Vec<_> = rows
            .filter(|row| row.treatment.refusal(field, role).is_none())
            .collect();
        let words: Vec<_> = allowed.iter().map(|row| row.word).collect();
        let meanings: Vec<_> = allowed.iter().map(|row| row.meaning).collect();
        (!words.is_empty()).then(|| json!({ "enum": words, "enumDescriptions": meanings }))
    };
    let mut properties = Map::new();
    for field in FIELDS {
        properties.extend(words(field, None).map(|schema| (field.name.to_owned(), schema)));
    }
    for role in Role::all() {
        let mut own = Map::new();
        for field in FIELDS.iter().filter(|field| field.is_of(role)) {
            own.extend(words(field, Some(role)).map(|schema| (field.name.to_owned(), schema)));
        }
        properties.insert(role.name().to_owned(), json!({
            "type": "object", "properties": own, "additionalProperties": false,
            "description": "The fields of this role. What is said here wins over what is said for all.",
        }));
    }
    json!({
        "type": "object", "properties": properties, "additionalProperties": false,
        "description": "Fields that aren't always the project's own: when the declared value is sent.",
    })
}

/// A window of maintenance: every day, on some days of the week, or on one day.
fn window() -> Value {
    let time = |description: &str| json!({ "type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "description": description });
    json!({
        "type": "object",
        "properties": {
            "days": { "type": "array", "items": { "enum": WEEKDAYS }, "minItems": 1, "description": "The days of the week; every day unless given." },
            "date": { "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "description": "The one day, in place of `days`." },
            "from": time("When it begins, as in \"21:00\"."),
            "to": time("When it ends; on the next day where that isn't after `from`."),
            "zone": { "type": "string", "minLength": 1, "description": "The time zone; Europe/London unless given." },
        },
        "required": ["from", "to"],
        "additionalProperties": false,
    })
}

/// A rule without which no roster can be made stays an error.
fn severities() -> Map<String, Value> {
    let any: Vec<_> = SEVERITIES.iter().map(|(word, _)| *word).collect();
    let property = |rule: &Rule| {
        let words = if rule.is_adjustable {
            any.as_slice()
        } else {
            &[Severity::Error.name()]
        };
        json!({ "enum": words, "description": rule.meaning })
    };
    RULES
        .iter()
        .map(|rule| (rule.name.to_owned(), property(rule)))
        .collect()
}

/// A number, or a share such as `30 %`.
fn limit(description: &str) -> Value {
    json!({ "type": ["integer", "string"], "minimum": 0, "pattern": "^(100|[0-9]{1,2}) ?%$", "description": description })
}

fn count(minimum: u32, description: &str) -> Value {
    json!({ "type": "integer", "minimum": minimum, "description": description })
}
