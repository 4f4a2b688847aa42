//! The control calls under `/_sandbox/`: they show the requests, the state and the outbox, and set the faults. They need no
//! session, count toward no limit, and answer on loopback only.

use std::fmt::Write;
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
use crate::sandbox::response::{message, ok};
use crate::sandbox::seed::seed;
use crate::sandbox::store::StoreError;

pub(crate) fn answer(shared: &SandboxShared, peer: SocketAddr, request: &ApiRequest) -> Response {
    if !peer.ip().to_canonical().is_loopback() {
        let words = "Control calls are answered on loopback only";
        return message(StatusCode::FORBIDDEN, words);
    }
    let path: Vec<&str> = request
        .segments
        .iter()
        .skip(1)
        .map(String::as_str)
        .collect();
    match (&request.method, path.as_slice()) {
        (&Method::GET, ["requests"]) => ok(json!({ "requests": shared.data().log })),
        (&Method::GET, ["state"]) => state(shared),
        (&Method::PUT, ["state"]) => put_state(shared, request),
        (&Method::GET, ["outbox"]) => outbox(shared),
        (&Method::PUT, ["faults"]) => put_faults(shared, request),
        _ => message(StatusCode::NOT_FOUND, "Not found"),
    }
}

/// All that is held, as JSON that is also YAML.
fn state(shared: &SandboxShared) -> Response {
    let text = shared.data().state.dump().to_string();
    let mut body = String::with_capacity(text.len());
    for c in text.chars() {
        if is_plain_in_yaml(c) {
            body.push(c);
        } else {
            let escaped = write!(body, "\\u{:04x}", u32::from(c));
            escaped.expect("a String takes any text");
        }
    }
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}

/// Whether YAML takes a character as it is. JSON takes more than these.
fn is_plain_in_yaml(c: char) -> bool {
    !matches!(
        c,
        '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
    )
}

/// Replaces the whole state, or nothing of it. What differs counts as edited by a person in the web pages.
fn put_state(shared: &SandboxShared, request: &ApiRequest) -> Response {
    let mut seed = match parse_body(request, seed) {
        Ok(seed) => seed,
        Err(words) => return message(StatusCode::BAD_REQUEST, &words),
    };
    if seed.has_switches {
        let words =
            "`behaviour` and `faults` are no part of a state; PUT /_sandbox/faults sets faults";
        return message(StatusCode::BAD_REQUEST, words);
    }
    let mut data = shared.data();
    let modified = &shared.behaviour.last_modified;
    seed.state.touch_edited(&data.state, modified, shared.clock);
    if let Err(error) = data.store.replace(&seed.state) {
        return store_error(&error);
    }
    data.state = seed.state;
    data.hidden_until.clear();
    ok(json!({}))
}

fn outbox(shared: &SandboxShared) -> Response {
    match shared.data().store.outbox() {
        Ok(messages) => ok(json!({ "messages": messages })),
        Err(error) => store_error(&error),
    }
}

fn put_faults(shared: &SandboxShared, request: &ApiRequest) -> Response {
    match parse_body(request, Faults::parse) {
        Ok(faults) => {
            shared.data().faults = faults;
            ok(json!({}))
        }
        Err(words) => message(StatusCode::BAD_REQUEST, &words),
    }
}

fn store_error(error: &StoreError) -> Response {
    message(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string())
}

/// What a body says; or every finding with its line and what to type, as the words of a 400.
fn parse_body<T>(
    request: &ApiRequest,
    parse: fn(FileId, &str) -> Result<T, Vec<Finding>>,
) -> Result<T, String> {
    let text = std::str::from_utf8(&request.body).map_err(|_| "The body isn't UTF-8")?;
    let mut sources = Sources::default();
    let file = sources.add("body", text.to_owned());
    parse(file, text).map_err(|findings| {
        let mut lines = Vec::new();
        for finding in findings {
            let place = sources.place(finding.span());
            lines.push(format!("{place}: {}; {}", finding.message, finding.help));
        }
        lines.join("\n")
    })
}
