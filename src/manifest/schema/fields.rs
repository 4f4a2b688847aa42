//! The fields of a user as JSON Schema: a property for each row of the table, and a closed list of properties for each
//! role. Editors show `errorMessage`; `validate` has words of its own.

use serde_json::{Map, Value, json};

use crate::domain::field::{FIELDS, Field, ReferenceForm, Referent, Shape, ValueKind};
use crate::domain::role::{ROLES, Role};
use crate::manifest::declared_assignments::{STANDARD, UNIT};
use crate::manifest::schema::{SOME_TEXT, some_text};

/// The definitions that `reference_to` names: all fields, those that may be defaults, and those of each role.
pub(crate) fn definitions() -> Map<String, Value> {
    let mut definitions = Map::new();
    definitions.insert(
        "fields".to_owned(),
        closed(
            FIELDS
                .iter()
                .map(|field| (field.name.to_owned(), property(field))),
        ),
    );
    let shared = FIELDS.iter().filter(|field| field.may_be_default());
    definitions.insert("defaults".to_owned(), closed(shared.map(refer)));
    for role in Role::all() {
        let own = FIELDS.iter().filter(|field| field.is_of(role));
        definitions.insert(role.name().to_owned(), closed(own.map(refer)));
    }
    definitions
}

/// Lets editors offer these names wherever a field refers to something. They are examples: another name stays valid.
pub fn add_examples<'n>(schema: &mut Value, names: impl Fn(Referent) -> Vec<&'n str>) {
    for field in FIELDS {
        let property = &mut schema["$defs"]["fields"]["properties"][field.name];
        let (referent, place) = match field.kind {
            ValueKind::Reference(referent) => (referent, property),
            ValueKind::References(referent) => (referent, &mut property["items"]),
            _ => continue,
        };
        let names = names(referent);
        if !names.is_empty() {
            place["examples"] = Value::from(names);
        }
    }
}

/// A mapping of fields that many users share.
pub(crate) fn defaults(description: &str) -> Value {
    json!({ "$ref": "#/$defs/defaults", "description": description })
}

fn closed(properties: impl Iterator<Item = (String, Value)>) -> Value {
    let properties: Map<_, _> = properties.collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn refer(field: &Field) -> (String, Value) {
    (
        field.name.to_owned(),
        json!({ "$ref": format!("#/$defs/fields/properties/{}", field.name) }),
    )
}

pub(crate) fn property(field: &Field) -> Value {
    let mut schema = match field.kind {
        ValueKind::Text(Shape::Free) => some_text(),
        ValueKind::Text(Shape::Email) => {
            pattern(EMAIL, "an e-mail address, such as aisha.khan@example.ac.uk")
        }
        ValueKind::Text(Shape::Uln) => pattern(
            "^[0-9]{10}$",
            "ten digits in quotes, such as \"9999999999\"",
        ),
        ValueKind::Text(Shape::Nino) => pattern(
            "^ *[A-Z] *[A-Z]( *[0-9]){6} *[A-D] *$",
            "of the form QQ123456C; blanks don't count",
        ),
        // A code that isn't in the list is a warning, which a schema can't say.
        ValueKind::Text(Shape::Code(codes)) => json!({
            "type": "string", "pattern": SOME_TEXT, "examples": codes, "errorMessage": "a code in quotes, such as \"99\"",
        }),
        ValueKind::Text(Shape::Codes) => list_of(&json!({
            "type": "string", "pattern": SOME_TEXT, "errorMessage": "a code in quotes, such as \"04\"",
        })),
        ValueKind::Day => pattern(
            "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
            "a day is written 2026-09-01",
        ),
        ValueKind::Instant => pattern(
            "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
            "a point in time is written 2026-09-01T09:00:00Z",
        ),
        ValueKind::Flag => {
            json!({ "type": "boolean", "errorMessage": "true or false, without quotes" })
        }
        ValueKind::Number => number(),
        ValueKind::Ids => json!({ "type": "array", "items": number() }),
        ValueKind::Accounts => json!({ "type": "array", "items": {
            "type": ["integer", "string"], "minimum": 1, "pattern": SOME_TEXT,
            "errorMessage": "an account number, or a MIS value such as S-1 or assessor:S-1",
        } }),
        ValueKind::Word(words) => json!({ "enum": words }),
        ValueKind::Role => json!({
            "enum": ROLES.iter().map(|row| row.name).collect::<Vec<_>>(),
            "enumDescriptions": ROLES.iter().map(|row| row.meaning).collect::<Vec<_>>(),
        }),
        ValueKind::Reference(referent) => reference(referent),
        ValueKind::References(referent) => list_of(&reference(referent)),
        ValueKind::Units => list_of(&unit()),
    };
    schema["description"] = Value::from(field.meaning);
    schema
}

/// What an e-mail address can be, but for lengths, which editors leave to `validate`.
const EMAIL: &str = r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])$";

fn pattern(pattern: &str, words: &str) -> Value {
    json!({ "type": "string", "pattern": pattern, "errorMessage": words })
}

fn number() -> Value {
    json!({ "type": "integer", "minimum": 1 })
}

/// A list that says something: nothing is ever taken away, so an empty one could only be a mistake.
pub(crate) fn list_of(items: &Value) -> Value {
    json!({ "type": "array", "minItems": 1, "items": items })
}

/// A unit, which has a name within its standard.
fn unit() -> Value {
    let named = |description: &str| {
        let mut schema = reference(Referent::Standard);
        schema["description"] = Value::from(description);
        schema
    };
    json!({
        "type": "object",
        "properties": {
            STANDARD: named("The standard that the unit belongs to, by title."),
            UNIT: named("The unit, by title."),
        },
        "required": [STANDARD, UNIT],
        "additionalProperties": false,
    })
}

/// Plain text, or a mapping of exactly one of the forms. That stands apart, so that editors begin with the text.
fn reference(referent: Referent) -> Value {
    let form = |form: &ReferenceForm| {
        let (mut schema, description) = match form {
            ReferenceForm::Id => (number(), "The number that OneFile knows it by."),
            ReferenceForm::MisId => (some_text(), "Its MIS value, whatever else has this name."),
            ReferenceForm::Name => (some_text(), "Its name, whatever else has this MIS value."),
            ReferenceForm::Email => (
                some_text(),
                "The person's e-mail address, declared or live.",
            ),
        };
        schema["description"] = Value::from(description);
        (form.name().to_owned(), schema)
    };
    let properties: Map<_, _> = referent.forms().iter().map(form).collect();
    let mapping = json!({
        "properties": properties, "additionalProperties": false, "minProperties": 1, "maxProperties": 1,
    });
    json!({ "type": ["string", "object"], "pattern": SOME_TEXT, "allOf": [mapping] })
}
