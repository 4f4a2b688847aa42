//! Our own documents as JSON text.

use serde::Serialize;
use serde_json::Value;

/// One line, without a line end.
pub(crate) fn line(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect(ALWAYS_TEXT)
}

/// Indented, with a line end, as files and answers have it.
pub(crate) fn document(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).expect(ALWAYS_TEXT) + "\n"
}

pub(crate) fn value(value: &impl Serialize) -> Value {
    serde_json::to_value(value).expect(ALWAYS_TEXT)
}

/// Why none of these can fail: JSON allows only text as a key, and our types have no other keys.
const ALWAYS_TEXT: &str = "every key is text";
