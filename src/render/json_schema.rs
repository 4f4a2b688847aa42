//! JSON Schemas (draft 2020-12) of the documents that this program writes, derived from the types that are serialised.
//! Minor versions of a document add keys, so other keys are allowed everywhere.

use schemars::generate::{Contract, SchemaSettings};
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value};

/// The schema of a document that this program also reads. Keys that an earlier minor version lacks may be missing.
pub(crate) fn schema_of_read<T: JsonSchema>() -> Value {
    schema::<T>(Contract::Deserialize)
}

/// The schema of a document that this program only writes.
pub(crate) fn schema_of_written<T: JsonSchema>() -> Value {
    schema::<T>(Contract::Serialize)
}

fn schema<T: JsonSchema>(contract: Contract) -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    settings.contract = contract;
    settings
        .with_transform(RecursiveTransform(tidy))
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

/// Takes out what schemars knows of Rust and no reader of the document needs: the width of a number and default values.
fn tidy(schema: &mut Schema) {
    schema.remove("format");
    schema.remove("default");
    if let Some(Value::String(description)) = schema.get_mut("description") {
        *description = description.replace('\n', " ");
    }
    let required = schema.get("required").cloned().unwrap_or_default();
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        for (name, property) in properties {
            let is_required = required
                .as_array()
                .is_some_and(|names| names.iter().any(|required| required == name));
            if let Value::Object(property) = property
                && !is_required
            {
                refuse_null(property);
            }
        }
    }
}

/// A key that may be missing is left out if there is no value; it is never `null`.
fn refuse_null(property: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = property.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            property.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = property.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
}
