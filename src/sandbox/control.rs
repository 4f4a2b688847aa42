//! The control calls under `/_sandbox/`: what the sandbox saw, holds and would have sent, and what shall go wrong. They need
//! no session, count toward no limit, and answer on loopback only.

use std::net::SocketAddr;

use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::findings::Finding;
use crate::findings::source::{FileId, Sources};
use crate::sandbox::SandboxShared;
use crate::sandbox::fault::Faults;
use crate::sandbox::request::ApiRequest;
use crate::sandbox::routes::{message, ok};
use crate::sandbox::seed::seed;

pub(crate) fn answer(shared: &SandboxShared, peer: SocketAddr, asked: &ApiRequest) -> Response {
    if !peer.ip().to_canonical().is_loopback() {
        return message(
            StatusCode::FORBIDDEN,
            "Control calls are answered on loopback only",
        );
    }
    let path: Vec<&str> = asked.segments.iter().skip(1).map(String::as_str).collect();
    match (&asked.method, path.as_slice()) {
        (&Method::GET, ["requests"]) => ok(json!({ "requests": shared.data().log })),
        (&Method::GET, ["state"]) => state(shared),
        (&Method::PUT, ["state"]) => put_state(shared, asked),
        (&Method::GET, ["outbox"]) => match shared.data().store.outbox() {
            Ok(messages) => ok(json!({ "messages": messages })),
            Err(error) => message(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
        },
        (&Method::PUT, ["faults"]) => put_faults(shared, asked),
        _ => message(StatusCode::NOT_FOUND, "Not found"),
    }
}

/// All that is held, as JSON that is YAML too: characters that YAML doesn't take as they are go escaped.
fn state(shared: &SandboxShared) -> Response {
    let text = shared.data().state.dump().to_string();
    let is_taken = |c: char| {
        !matches!(
            c,
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
    };
    let escaped = |c: char| {
        if is_taken(c) {
            c.to_string()
        } else {
            format!("\\u{:04x}", u32::from(c))
        }
    };
    let body: String = if text.chars().all(is_taken) {
        text
    } else {
        text.chars().map(escaped).collect()
    };
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}

/// Puts a whole state in the place of what is held, or nothing of it.
fn put_state(shared: &SandboxShared, asked: &ApiRequest) -> Response {
    let state = match understood(asked, seed) {
        Ok(seed) if seed.has_switches => {
            let words =
                "`behaviour` and `faults` are no part of a state; PUT /_sandbox/faults sets faults";
            return message(StatusCode::BAD_REQUEST, words);
        }
        Ok(seed) => seed.state,
        Err(words) => return message(StatusCode::BAD_REQUEST, &words),
    };
    let mut data = shared.data();
    match data.store.replace(&state) {
        Ok(()) => {
            data.state = state;
            data.late.clear();
            ok(json!({}))
        }
        Err(error) => message(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

fn put_faults(shared: &SandboxShared, asked: &ApiRequest) -> Response {
    match understood(asked, Faults::parse) {
        Ok(faults) => {
            shared.data().faults = faults;
            ok(json!({}))
        }
        Err(words) => message(StatusCode::BAD_REQUEST, &words),
    }
}

/// What a body says, or every finding with its line and what to type.
fn understood<T>(
    asked: &ApiRequest,
    parse: fn(FileId, &str) -> Result<T, Vec<Finding>>,
) -> Result<T, String> {
    let text = std::str::from_utf8(&asked.body).map_err(|_| "The body isn't UTF-8")?;
    let mut sources = Sources::default();
    let file = sources.add("body", text.to_owned());
    let line = |finding: &Finding| {
        format!(
            "{}: {}; {}",
            sources.place(finding.span()),
            finding.message,
            finding.help
        )
    };
    parse(file, text).map_err(|findings| findings.iter().map(line).collect::<Vec<_>>().join("\n"))
}
