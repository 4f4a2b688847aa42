//! The schema of `fromCsv`: which CSV a manifest reads, and how.

use serde_json::{Map, Value, json};

use crate::domain::field::{FIELDS, Field};
use crate::manifest::schema::some_text;

/// How the bytes of a CSV are text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Windows1252,
}

/// The encodings, by their names in manifests.
pub const ENCODINGS: &[(&str, Encoding)] = &[
    ("utf-8", Encoding::Utf8),
    ("windows-1252", Encoding::Windows1252),
];

/// How days are written in a CSV.
#[derive(Debug)]
pub struct DateFormat {
    pub name: &'static str,
    /// As `strptime` has it.
    pub pattern: &'static str,
}

/// The forms of days that spreadsheets write; a year always has four digits. The first is meant unless another is given.
pub const DATE_FORMATS: &[DateFormat] = &[
    DateFormat {
        name: "YYYY-MM-DD",
        pattern: "%Y-%m-%d",
    },
    DateFormat {
        name: "DD/MM/YYYY",
        pattern: "%d/%m/%Y",
    },
    DateFormat {
        name: "DD-MM-YYYY",
        pattern: "%d-%m-%Y",
    },
    DateFormat {
        name: "DD.MM.YYYY",
        pattern: "%d.%m.%Y",
    },
    DateFormat {
        name: "MM/DD/YYYY",
        pattern: "%m/%d/%Y",
    },
    DateFormat {
        name: "DD MMM YYYY",
        pattern: "%d %b %Y",
    },
    DateFormat {
        name: "DD-MMM-YYYY",
        pattern: "%d-%b-%Y",
    },
];

/// `fromCsv` and the keys below it.
pub const FROM_CSV_KEYS: &[&str] = &[
    "fromCsv",
    "path",
    "columns",
    "encoding",
    "dateFormat",
    "overlay",
    "optional",
];

pub(crate) fn from_csv() -> Value {
    let described = |mut schema: Value, description: &str| {
        schema["description"] = Value::from(description);
        schema
    };
    let encodings: Vec<_> = ENCODINGS.iter().map(|(name, _)| *name).collect();
    let formats: Vec<_> = DATE_FORMATS.iter().map(|format| format.name).collect();
    json!({
        "type": "object",
        "properties": {
            "path": described(some_text(), "The CSV, from the folder of this file."),
            "columns": columns(),
            "encoding": { "enum": encodings, "description": "How the CSV is saved; utf-8 unless given." },
            "dateFormat": { "enum": formats, "description": "How its days are written; YYYY-MM-DD unless given." },
            "overlay": { "type": "boolean", "description": "true: adds fields, by misId, to users that any file declares, instead of declaring users." },
            "optional": { "type": "boolean", "description": "true: an overlay that isn't there is no error, and its fields aren't managed in that run." },
        },
        "required": ["path"],
        "additionalProperties": false,
        "if": { "required": ["optional"] },
        "then": { "required": ["overlay", "columns"] },
        "description": "A CSV whose rows are users of this file, or whose columns are fields of declared users.",
    })
}

fn columns() -> Value {
    let properties: Map<_, _> = FIELDS
        .iter()
        .map(|field| (field.name.to_owned(), header(field)))
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "description": "Which column each field comes from, by its header; unless given, columns are named after fields.",
    })
}

fn header(field: &Field) -> Value {
    let mut schema = some_text();
    schema["description"] = Value::from(format!("The header of the column for: {}", field.meaning));
    schema
}
