//! Answers as the API sends them: JSON, or a status with a message.

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use crate::sandbox::auth::RateExceeded;
use crate::sandbox::behaviour::Behaviour;
use crate::sandbox::state::Refusal;
use crate::sandbox::store::StoreError;

/// Why a call isn't answered with 200.
pub(crate) enum RouteError {
    Refused(Refusal),
    NotAuthenticated,
    NotFound,
    /// A search without rows.
    NoRows,
    TooMany(RateExceeded),
    Maintenance,
    Store(StoreError),
}

pub(crate) type RouteResult = Result<Response, RouteError>;

impl From<Refusal> for RouteError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

pub(crate) fn error_response(error: RouteError, behaviour: &Behaviour) -> Response {
    match error {
        RouteError::Refused(Refusal(words)) => message(StatusCode::BAD_REQUEST, &words),
        RouteError::NotAuthenticated => message(StatusCode::UNAUTHORIZED, "Not authenticated"),
        RouteError::NotFound => message(StatusCode::NOT_FOUND, "Not found"),
        RouteError::NoRows => no_content(),
        RouteError::TooMany(too_many) => too_many_response(&too_many, behaviour),
        RouteError::Maintenance => message(StatusCode::SERVICE_UNAVAILABLE, "Down for maintenance"),
        RouteError::Store(error) => message(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

fn too_many_response(too_many: &RateExceeded, behaviour: &Behaviour) -> Response {
    let answer = message(StatusCode::TOO_MANY_REQUESTS, "Too many calls");
    if behaviour.retry_after {
        ([(RETRY_AFTER, too_many.wait.to_string())], answer).into_response()
    } else {
        answer
    }
}

/// A success without a body.
pub(crate) fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

pub(crate) fn ok(body: impl Serialize) -> Response {
    Json(body).into_response()
}

pub(crate) fn message(status: StatusCode, words: &str) -> Response {
    (status, Json(json!({ "message": words }))).into_response()
}
