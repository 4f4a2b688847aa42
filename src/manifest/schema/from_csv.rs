//! The schema of `fromTable`: which table a manifest reads, and how.

use serde_json::{Map, Value, json};

use crate::domain::field::{FIELDS, Field};
use crate::manifest::csv_format::{DATE_FORMATS, ENCODINGS, FromCsvKey};
use crate::manifest::rules::MULTI_LINE;
use crate::manifest::schema::some_text;

pub(crate) fn from_csv() -> Value {
    let properties: Map<_, _> = FromCsvKey::ALL
        .into_iter()
        .map(|key| (key.name().to_owned(), property(key)))
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": ["path"],
        "additionalProperties": false,
        "if": { "anyOf": [{ "required": ["optional"] }, { "required": ["sealed"] }] },
        "then": { "required": ["overlay", "columns"] },
        "description": "A CSV or a workbook (.xlsx, .ods) whose rows are users of this file, or whose columns are fields of declared users.",
    })
}

fn property(key: FromCsvKey) -> Value {
    let encodings: Vec<_> = ENCODINGS.iter().map(|(name, _)| *name).collect();
    let formats: Vec<_> = DATE_FORMATS.iter().map(|format| format.name).collect();
    match key {
        FromCsvKey::Path => {
            let mut schema = some_text();
            schema["description"] =
                Value::from("The CSV or the workbook, from the folder of this file.");
            schema
        }
        FromCsvKey::Sheet => {
            let mut schema = some_text();
            schema["type"] = json!(["string", "integer"]);
            schema["description"] = Value::from(
                "The sheet of the workbook, by the name on its tab; needed if several sheets hold something.",
            );
            schema
        }
        FromCsvKey::HeaderRow => {
            json!({ "type": "integer", "minimum": 1, "description": "The row that names the columns; the first that isn't blank unless given." })
        }
        FromCsvKey::Columns => columns(),
        FromCsvKey::Encoding => {
            json!({ "enum": encodings, "description": "How a CSV is saved; utf-8 unless given." })
        }
        FromCsvKey::DateFormat => {
            json!({ "enum": formats, "description": "How days are written in it; YYYY-MM-DD unless given. Cells of a workbook that hold days need no format." })
        }
        FromCsvKey::Overlay => {
            json!({ "type": "boolean", "description": "true: adds fields, by misId, to users that any file declares, instead of declaring users." })
        }
        FromCsvKey::Optional => {
            json!({ "type": "boolean", "description": "true: an overlay that isn't there is no error, and its fields aren't managed in that run." })
        }
        FromCsvKey::Sealed => {
            json!({ "type": "boolean", "description": "true: an overlay that `rosterctl seal` wrote. Without a key its fields aren't managed in that run." })
        }
    }
}

fn columns() -> Value {
    let fields = FIELDS.iter().filter(|field| field.may_be_column());
    let properties: Map<_, _> = fields
        .map(|field| (field.name.to_owned(), header(field)))
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "description": "Which column each field comes from, by its header; unless given, columns are named after fields.",
    })
}

/// The header of the column, or several headers for a text of lines.
fn header(field: &Field) -> Value {
    let mut schema = some_text();
    if MULTI_LINE.contains(&field.key) {
        schema["type"] = json!(["string", "array"]);
        schema["items"] = some_text();
        schema["minItems"] = Value::from(1);
    }
    schema["description"] = Value::from(format!("The header of the column for: {}", field.meaning));
    schema
}
