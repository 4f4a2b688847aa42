//! A request as the emulated service reads it: path without regard to case, body as JSON or as a form.

use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use serde::Serialize;
use serde_json::{Map, Value, json};

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
        let lower = path.to_ascii_lowercase();
        Self {
            method: parts.method,
            segments: lower
                .split('/')
                .filter(|segment| !segment.is_empty())
                .map(str::to_owned)
                .collect(),
            path,
            fields: fields(&parts.headers, &body),
            body,
            headers: parts.headers,
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The session key, or nothing.
    pub(crate) fn session(&self) -> &str {
        self.header("X-TokenID").unwrap_or_default()
    }

    /// The segments below a path, if this is below it.
    pub(crate) fn below(&self, base: &str) -> Option<Vec<&str>> {
        let mut segments = self.segments.iter().map(String::as_str);
        let mut base = base.split('/').filter(|segment| !segment.is_empty());
        base.all(|segment| segments.next() == Some(segment))
            .then(|| segments.collect())
    }
}

impl LoggedRequest {
    pub(crate) fn of(asked: &ApiRequest) -> Self {
        let path = asked
            .path
            .strip_prefix(super::BASE_PATH)
            .unwrap_or(&asked.path);
        let fields = asked.fields.as_ref().filter(|fields| !fields.is_empty());
        Self {
            method: asked.method.to_string(),
            path: path.to_owned(),
            body: fields.map(|fields| json!(fields)),
        }
    }
}

fn fields(headers: &HeaderMap, body: &Bytes) -> Option<Map<String, Value>> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Some(Map::new());
    }
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let form = || {
        form_urlencoded::parse(body)
            .map(|(name, value)| (name.into_owned(), json!(value)))
            .collect()
    };
    if content_type
        .to_ascii_lowercase()
        .starts_with("application/x-www-form-urlencoded")
    {
        return Some(form());
    }
    let json = serde_json::from_slice(body).ok();
    // A body of which nothing is said is a form if it looks like one.
    json.or_else(|| (content_type.is_empty() && body.contains(&b'=')).then(form))
}
