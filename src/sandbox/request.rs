//! A request as the emulated service reads it: path without regard to case, body as JSON or as a form.

use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// What a request asks for.
pub(crate) struct Asked {
    pub(crate) method: Method,
    /// The path's segments in lower case.
    pub(crate) segments: Vec<String>,
    pub(crate) headers: HeaderMap,
    /// `None` if there is a body that is neither JSON nor a form.
    pub(crate) body: Option<Map<String, Value>>,
}

/// A request as the log keeps it: without headers, and so without tokens.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Logged {
    method: String,
    path: String,
    body: Option<Value>,
}

impl Asked {
    pub(crate) fn read(parts: Parts, body: &Bytes) -> Self {
        let path = parts.uri.path().to_ascii_lowercase();
        Self {
            method: parts.method,
            segments: path.split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect(),
            body: fields(&parts.headers, body),
            headers: parts.headers,
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl Logged {
    pub(crate) fn of(parts: &Parts, asked: Option<&Map<String, Value>>) -> Self {
        let path = parts.uri.path();
        Self {
            method: parts.method.to_string(),
            path: path.strip_prefix(super::BASE_PATH).unwrap_or(path).to_owned(),
            body: asked.filter(|fields| !fields.is_empty()).map(|fields| json!(fields)),
        }
    }
}

pub(crate) fn fields(headers: &HeaderMap, body: &Bytes) -> Option<Map<String, Value>> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Some(Map::new());
    }
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if content_type.starts_with("application/x-www-form-urlencoded") {
        let pairs = form_urlencoded::parse(body);
        return Some(pairs.map(|(name, value)| (name.into_owned(), json!(value))).collect());
    }
    serde_json::from_slice(body).ok()
}
