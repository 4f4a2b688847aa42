//! A request as the emulated service reads it: path without regard to case, body as JSON or as a form.

use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::sandbox::BASE_PATH;

/// What a request asks for.
pub(crate) struct ApiRequest {
    pub(crate) method: Method,
    path: String,
    /// The path's segments in lower case.
    pub(crate) segments: Vec<String>,
    headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The fields of the body; `None` if it is neither JSON nor a form.
    pub(crate) fields: Option<Map<String, Value>>,
}

/// A request as the log keeps it: without headers, and so without tokens.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LoggedRequest {
    method: String,
    path: String,
    body: Option<Value>,
}

impl ApiRequest {
    pub(crate) fn read(parts: Parts, body: Bytes) -> Self {
        let path = parts.uri.path().to_owned();
        let mut segments = Vec::new();
        for segment in path.split('/') {
            if !segment.is_empty() {
                segments.push(segment.to_ascii_lowercase());
            }
        }
        Self {
            method: parts.method,
            segments,
            path,
            fields: fields(&parts.headers, &body),
            body,
            headers: parts.headers,
        }
    }

    pub(crate) fn is_control_call(&self) -> bool {
        self.segments
            .first()
            .is_some_and(|first| first == "_sandbox")
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The session key; empty if none was sent.
    pub(crate) fn session(&self) -> &str {
        self.header("X-TokenID").unwrap_or_default()
    }

    /// The segments below a path; `None` if the request isn't below it.
    pub(crate) fn below(&self, base: &str) -> Option<Vec<&str>> {
        let mut segments = self.segments.iter().map(String::as_str);
        for expected in base.split('/').filter(|segment| !segment.is_empty()) {
            if segments.next() != Some(expected) {
                return None;
            }
        }
        Some(segments.collect())
    }
}

impl LoggedRequest {
    pub(crate) fn of(request: &ApiRequest) -> Self {
        let below_base = request.path.strip_prefix(BASE_PATH);
        let fields = request.fields.as_ref().filter(|fields| !fields.is_empty());
        Self {
            method: request.method.to_string(),
            path: below_base.unwrap_or(&request.path).to_owned(),
            body: fields.map(|fields| json!(fields)),
        }
    }
}

/// The fields of a body; `None` if it can't be read.
fn fields(headers: &HeaderMap, body: &Bytes) -> Option<Map<String, Value>> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Some(Map::new());
    }
    let header = headers.get(CONTENT_TYPE);
    let content_type = header.and_then(|value| value.to_str().ok());
    let media_type = content_type.unwrap_or_default().to_ascii_lowercase();
    if media_type.starts_with("application/x-www-form-urlencoded") {
        return Some(form(body));
    }
    if let Ok(fields) = serde_json::from_slice(body) {
        return Some(fields);
    }
    // A body without a type is a form if it looks like one.
    let is_form = media_type.is_empty() && body.contains(&b'=');
    is_form.then(|| form(body))
}

/// The fields of a form. A name that comes again, also as `name[]` or `name[1]`, makes a list.
fn form(body: &[u8]) -> Map<String, Value> {
    let mut fields = Map::new();
    for (name, value) in form_urlencoded::parse(body) {
        let name = name.split('[').next().unwrap_or_default();
        let value = json!(value);
        match fields.get_mut(name) {
            None => {
                fields.insert(name.to_owned(), value);
            }
            Some(Value::Array(items)) => items.push(value),
            Some(first) => *first = json!([first.take(), value]),
        }
    }
    fields
}
