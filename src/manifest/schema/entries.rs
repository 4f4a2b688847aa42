//! The schema of the placements and classrooms of a manifest.

use serde_json::{Map, Value, json};

use crate::domain::EntryKind;
use crate::domain::field::Key;
use crate::manifest::schema::fields::{list_of, property};

/// The definition of one placement or classroom, by the word for it.
pub(crate) fn definitions() -> impl Iterator<Item = (String, Value)> {
    EntryKind::ALL
        .map(|kind| (kind.word().to_owned(), entry(kind)))
        .into_iter()
}

/// The lists of a manifest, by their keys.
pub(crate) fn lists() -> Map<String, Value> {
    let mut lists = Map::new();
    for kind in EntryKind::ALL {
        let mut list = list_of(&json!({ "$ref": format!("#/$defs/{}", kind.word()) }));
        let description = format!(
            "The {} that this file declares. Others in OneFile stay as they are.",
            kind.list()
        );
        list["description"] = Value::from(description);
        lists.insert(kind.list().to_owned(), list);
    }
    lists
}

fn entry(kind: EntryKind) -> Value {
    let mut properties = Map::new();
    for key in kind.keys() {
        let mut schema = property(key.row());
        schema["description"] = Value::from(kind.meaning(*key));
        properties.insert(key.name().to_owned(), schema);
    }
    let (id, name) = (Key::Id.name(), Key::Name.name());
    json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "if": { "not": { "required": [id] } },
        "then": { "required": [name], "errorMessage": format!("name is missing: users refer to the {} by it", kind.word()) },
        "defaultSnippets": [{ "label": format!("a {}", kind.word()), "body": { name: "$1" } }],
    })
}
