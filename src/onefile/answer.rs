//! Reads answers of the server: a body, a session key or an error.

use std::time::Duration;

use crate::onefile::bounds::AnswerBounds;
use crate::onefile::call::Call;
use crate::onefile::error::ClientError;
use crate::onefile::row::{self, Json, JsonError, JsonRow};
use crate::onefile::wire;
use jiff::Timestamp;
use reqwest::header::{DATE, HeaderMap, HeaderValue, RETRY_AFTER};

/// An answer of any status.
pub(crate) struct RawAnswer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(super) bounds: AnswerBounds,
}

impl RawAnswer {
    /// The JSON of the body, if it is JSON.
    pub(crate) fn json(&self) -> Option<Json<'_>> {
        row::json(&self.body, self.bounds).ok()
    }

    /// The rows of the body, if it is a list. A row that isn't an object has no members.
    pub(crate) fn rows(&self) -> Option<Vec<JsonRow<'static>>> {
        let read = |row: Json<'_>| {
            let row = row.into_object().unwrap_or_default();
            Ok::<_, std::convert::Infallible>(row.into_owned())
        };
        let Ok(rows) = row::rows(&self.body, self.bounds, read).ok()?;
        Some(rows)
    }

    /// The body of a success; `None` for 204, which means that there is nothing.
    pub(super) fn success(self, call: &Call) -> Result<Option<Vec<u8>>, ClientError> {
        match self.status {
            204 => Ok(None),
            200 | 201 => Ok(Some(self.body)),
            _ => Err(self.error(call)),
        }
    }

    /// The answer as an error, whatever its status.
    pub(super) fn error(&self, call: &Call) -> ClientError {
        ClientError::Status {
            call: call.name(),
            status: self.status,
            names: wire::fields_named(&self.body),
            retry_after: retry_after(&self.headers),
        }
    }

    /// The server's time, from `Date`.
    pub(super) fn date(&self) -> Option<Timestamp> {
        let text = self.headers.get(DATE)?.to_str().ok()?;
        let date = jiff::fmt::rfc2822::parse(text).ok()?;
        Some(date.timestamp())
    }
}

/// `Retry-After` in seconds. HTTP also allows a date, which OneFile isn't known to send.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    let seconds = text.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// A body that is JSON.
///
/// # Errors
/// `Page` for HTML, `TooLarge` if it passes a bound, `NotJson` for anything else.
pub(super) fn json<'b>(
    call: &Call,
    body: &'b [u8],
    bounds: AnswerBounds,
) -> Result<Json<'b>, ClientError> {
    row::json(body, bounds).map_err(|error| unreadable(call, body, error))
}

/// The rows of a body: the id of each, and what `read` returns for it.
///
/// # Errors
/// As `json`; `Misshapen` if it isn't a list, and `NoId` for a row without an id, because without ids nothing shows whether
/// a list is complete.
pub(super) fn rows<T>(
    call: &Call,
    body: &[u8],
    bounds: AnswerBounds,
    read: &impl Fn(&JsonRow<'_>) -> Option<T>,
) -> Result<Vec<(i64, Option<T>)>, ClientError> {
    let mut number = 0;
    let read_row = |row: Json<'_>| {
        number += 1;
        let object = row.object();
        let row = object.and_then(|object| Some((object.id()?, read(object))));
        row.ok_or(number)
    };
    list(call, body, bounds, read_row)?.map_err(|row| ClientError::NoId {
        call: call.name(),
        row,
    })
}

/// The rows of a body, whatever they are. The inner error is that of `read`.
///
/// # Errors
/// As `json`; `Misshapen` if it isn't a list.
pub(super) fn list<T, E>(
    call: &Call,
    body: &[u8],
    bounds: AnswerBounds,
    read: impl FnMut(Json<'_>) -> Result<T, E>,
) -> Result<Result<Vec<T>, E>, ClientError> {
    row::rows(body, bounds, read).map_err(|error| unreadable(call, body, error))
}

fn unreadable(call: &Call, body: &[u8], error: JsonError) -> ClientError {
    let call_name = call.name();
    match error {
        JsonError::Passed(bound) => ClientError::TooLarge {
            call: call_name,
            bound,
        },
        JsonError::Kind => misshapen(call, "list of rows"),
        JsonError::Malformed if is_html(body) => page(call),
        JsonError::Malformed => ClientError::NotJson { call: call_name },
    }
}

pub(super) fn misshapen(call: &Call, what: &'static str) -> ClientError {
    ClientError::Misshapen {
        call: call.name(),
        what,
    }
}

/// Accepts any answer to a write, because its body isn't specified. Only a web page is an error: the API sends none.
pub(super) fn acknowledgement(call: &Call, body: &[u8]) -> Result<(), ClientError> {
    if is_html(body) {
        Err(page(call))
    } else {
        Ok(())
    }
}

/// The key in the body of an authentication, bare or in quotes (`docs/onefile-api.md`, Hosts and session).
pub(super) fn session_key(call: &Call, body: &[u8]) -> Result<HeaderValue, ClientError> {
    acknowledgement(call, body)?;
    let text = String::from_utf8_lossy(body);
    let key = text.trim().trim_matches('"').trim();
    if key.is_empty() {
        return Err(no_session_key(call));
    }
    sensitive(key).ok_or_else(|| no_session_key(call))
}

fn no_session_key(call: &Call) -> ClientError {
    misshapen(call, "session key")
}

/// A header that logs don't show; `None` if the text can't be one.
pub(super) fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// A web page usually means that the service is down for maintenance.
fn is_html(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

fn page(call: &Call) -> ClientError {
    ClientError::Page { call: call.name() }
}
