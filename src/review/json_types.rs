//! The kinds of values in JSON documents that a Rust type doesn't tell apart, for the JSON Schemas that are derived from
//! the documents' own types: `#[schemars(with = "…")]`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::domain::field::{ENTRY_FIELDS, FIELDS};
use crate::domain::redact::SPECIAL;

/// The number of an account, an organisation or a line: they count from 1.
pub struct JsonNumber;

/// The name of a field, or one word that stands for all fields of class special.
pub struct JsonFieldName;

/// A SHA-256 digest in hexadecimal.
pub struct JsonDigest;

impl JsonSchema for JsonNumber {
    fn schema_name() -> Cow<'static, str> {
        "number".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1 })
    }
}

impl JsonSchema for JsonFieldName {
    fn schema_name() -> Cow<'static, str> {
        "fieldName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let fields = FIELDS.iter().chain(ENTRY_FIELDS);
        let mut names: Vec<&str> = fields.map(|field| field.name).collect();
        names.push(SPECIAL);
        json_schema!({ "enum": names })
    }
}

impl JsonSchema for JsonDigest {
    fn schema_name() -> Cow<'static, str> {
        "digest".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9a-f]{64}$" })
    }
}
