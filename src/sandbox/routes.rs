//! The calls of the API, one function each. Every path that isn't known is a 404 with a message.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, MutexGuard, PoisonError};

use axum::Json;
use axum::body::to_bytes;
use axum::extract::{Request, State as Extract};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::sandbox::request::{Asked, Logged, fields};
use crate::sandbox::state::{Refusal, Row, found, whole};
use crate::sandbox::store::StoreError;
use crate::sandbox::table::Table;
use crate::sandbox::{Data, Shared, TOKEN};

/// The largest body that is read, in bytes.
const LARGEST_BODY: usize = 1 << 20;

/// Why a call isn't answered with 200.
enum Problem {
    Refused(Refusal),
    NotAuthenticated,
    NotFound,
    Nothing,
    Store(StoreError),
}

type Answer = Result<Response, Problem>;

pub(crate) async fn answer(Extract(shared): Extract<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return message(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large");
    };
    let logged = Logged::of(&parts, fields(&parts.headers, &body).as_ref());
    let asked = Asked::read(parts, &body);
    // Writes go to disk here; the sandbox serves one client, so that a thread may wait for them.
    tokio::task::block_in_place(|| dispatch(&shared, &asked, logged)).unwrap_or_else(IntoResponse::into_response)
}

fn dispatch(shared: &Shared, asked: &Asked, logged: Logged) -> Answer {
    let mut data = shared.data.lock().unwrap_or_else(PoisonError::into_inner);
    let segments: Vec<&str> = asked.segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        ["_sandbox", "requests"] if asked.method == Method::GET => Ok(ok(json!({ "requests": data.log }))),
        ["_sandbox", "state"] if asked.method == Method::GET => Ok(ok(data.state.dump())),
        ["api", "v2.1", rest @ ..] => {
            data.log.push(logged);
            api(shared, data, asked, rest)
        }
        _ => Err(Problem::NotFound),
    }
}

fn api(shared: &Shared, mut data: MutexGuard<'_, Data>, asked: &Asked, path: &[&str]) -> Answer {
    if (&asked.method, path) == (&Method::POST, &["authentication"][..]) {
        return authenticate(&mut data, asked);
    }
    let session = asked.header("X-TokenID").unwrap_or_default();
    if !data.sessions.iter().any(|known| known == session) {
        return Err(Problem::NotAuthenticated);
    }
    let body = asked.body.as_ref().ok_or_else(|| Problem::Refused(Refusal("The body is not valid".to_owned())))?;
    match (&asked.method, path) {
        (&Method::GET, ["customer"]) => customer(&data),
        (&Method::GET, ["organisation", id, "learnerstatuses"]) => learner_statuses(&data, id),
        (&Method::POST, [kind, "search"]) => search(&data, table(kind)?, body, None),
        (&Method::POST, [kind, "search", page, size]) => {
            let page = Page::read(page, size, shared.behaviour.page_cap)?;
            search(&data, table(kind)?, body, Some(page))
        }
        (&Method::GET, [kind, id]) => one(&data, table(kind)?, id),
        (&Method::POST, ["user"]) => create(shared, &mut data, body),
        (&Method::POST, ["user", id]) => update(shared, &mut data, id, body),
        _ => Err(Problem::NotFound),
    }
}

fn authenticate(data: &mut Data, asked: &Asked) -> Answer {
    if asked.header("X-CustomerToken") != Some(TOKEN) {
        return Err(Problem::NotAuthenticated);
    }
    let number = data.sessions.len();
    let key = format!("sandbox-{number}-{:016x}", RandomState::new().hash_one(number));
    data.sessions.push(key.clone());
    Ok((StatusCode::OK, key).into_response())
}

fn customer(data: &Data) -> Answer {
    data.state.rows(Table::Customers).next().map(|row| ok(json!(row))).ok_or(Problem::NotFound)
}

fn learner_statuses(data: &Data, organisation: &str) -> Answer {
    let filter = Map::from_iter([("OrganisationID".to_owned(), json!(organisation))]);
    search(data, Table::LearnerStatuses, &filter, None)
}

struct Page {
    from: usize,
    size: usize,
}

impl Page {
    fn read(page: &str, size: &str, cap: usize) -> Result<Self, Problem> {
        match (page.parse::<usize>(), size.parse::<usize>()) {
            (Ok(page @ 1..), Ok(size @ 1..)) => {
                let size = size.min(cap);
                let from = (page - 1).saturating_mul(size);
                Ok(Self { from, size })
            }
            _ => Err(Problem::NotFound),
        }
    }
}

fn search(data: &Data, table: Table, filter: &Row, page: Option<Page>) -> Answer {
    let Page { from, size } = page.unwrap_or(Page { from: 0, size: usize::MAX });
    let page = data.state.search(table, filter).skip(from).take(size);
    let rows: Vec<_> = page.map(|row| found(table, row)).collect();
    if rows.is_empty() { Err(Problem::Nothing) } else { Ok(ok(Value::Array(rows))) }
}

fn one(data: &Data, table: Table, id: &str) -> Answer {
    let id = id.parse().map_err(|_| Problem::NotFound)?;
    let row = data.state.get(table, id).ok_or(Problem::NotFound)?;
    Ok(ok(whole(table, row)))
}

fn create(shared: &Shared, data: &mut Data, body: &Row) -> Answer {
    let row = data.state.new_user(body, shared.clock.now())?;
    keep(data, &row)?;
    Ok(ok(json!({ "ID": row["ID"], "Username": row["Username"] })))
}

fn update(shared: &Shared, data: &mut Data, id: &str, body: &Row) -> Answer {
    let id = id.parse().map_err(|_| Problem::NotFound)?;
    let row = data.state.get(Table::Users, id).ok_or(Problem::NotFound)?;
    let updated = data.state.updated_user(row, body, shared.clock.now())?;
    keep(data, &updated)?;
    Ok(ok(json!({ "ID": id })))
}

/// On disk first: what is acknowledged is kept.
fn keep(data: &mut Data, row: &Row) -> Result<(), Problem> {
    data.store.keep(Table::Users, row).map_err(Problem::Store)?;
    data.state.put(Table::Users, row.clone());
    Ok(())
}

fn table(segment: &str) -> Result<Table, Problem> {
    Table::with_segment(segment).ok_or(Problem::NotFound)
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(Refusal(words)) => message(StatusCode::BAD_REQUEST, &words),
            Self::NotAuthenticated => message(StatusCode::UNAUTHORIZED, "Not authenticated"),
            Self::NotFound => message(StatusCode::NOT_FOUND, "Not found"),
            Self::Nothing => StatusCode::NO_CONTENT.into_response(),
            Self::Store(error) => message(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
        }
    }
}

fn ok(body: Value) -> Response {
    Json(body).into_response()
}

fn message(status: StatusCode, words: &str) -> Response {
    (status, Json(json!({ "message": words }))).into_response()
}
