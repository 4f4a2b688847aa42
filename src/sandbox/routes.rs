//! The calls of the API, one function each. Every path that isn't known is a 404 with a message.

use axum::Json;
use axum::http::header::RETRY_AFTER;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::sandbox::auth::RateExceeded;
use crate::sandbox::behaviour::Behaviour;
use crate::sandbox::fault::InjectedFault;
use crate::sandbox::request::ApiRequest;
use crate::sandbox::state::{
    PageRequest, Refusal, StoredRow, archived, assigned, blanked, cell, found, is_archived, number,
    time, whole,
};
use crate::sandbox::store::{Mail, StoreError};
use crate::sandbox::table::{ID, StoredTable};
use crate::sandbox::{SandboxShared, ServerData};

/// Why a call isn't answered with 200.
enum RouteError {
    Refused(Refusal),
    NotAuthenticated,
    NotFound,
    Nothing,
    TooMany(RateExceeded),
    Maintenance,
    Store(StoreError),
}

type RouteResult = Result<Response, RouteError>;

/// One call at work: what it may use, and what goes wrong with it.
struct RouteContext<'w> {
    shared: &'w SandboxShared,
    data: &'w mut ServerData,
    faults: &'w [InjectedFault],
}

pub(crate) fn answer(
    shared: &SandboxShared,
    asked: &ApiRequest,
    path: &[&str],
    faults: &[InjectedFault],
) -> Response {
    let mut data = shared.data();
    let mut work = RouteContext {
        shared,
        data: &mut data,
        faults,
    };
    match work
        .admit(asked, path)
        .and_then(|()| work.call(asked, path))
    {
        Ok(response) => response,
        Err(problem) => work.refuse(problem),
    }
}

const AUTHENTICATION: &[&str] = &["authentication"];

impl RouteContext<'_> {
    /// The limit first, then the session: a call too many isn't looked at.
    fn admit(&mut self, asked: &ApiRequest, path: &[&str]) -> Result<(), RouteError> {
        let (behaviour, clock) = (&self.shared.behaviour, self.shared.clock);
        if behaviour.maintenance {
            return Err(RouteError::Maintenance);
        }
        let caller = if path == AUTHENTICATION {
            asked.header("X-CustomerToken")
        } else {
            Some(asked.session())
        };
        self.data
            .gate
            .count(caller.unwrap_or_default(), behaviour, clock)
            .map_err(RouteError::TooMany)?;
        let is_open =
            path == AUTHENTICATION || self.data.gate.knows(asked.session(), behaviour, clock);
        if is_open {
            Ok(())
        } else {
            Err(RouteError::NotAuthenticated)
        }
    }

    fn call(&mut self, asked: &ApiRequest, path: &[&str]) -> RouteResult {
        if (&asked.method, path) == (&Method::POST, AUTHENTICATION) {
            return self.authenticate(asked);
        }
        let fields = asked.fields.as_ref();
        let sent = fields
            .ok_or_else(|| RouteError::Refused(Refusal("The body is not valid".to_owned())))?;
        match (&asked.method, path) {
            (&Method::GET, ["customer"]) => self.customer(),
            (&Method::GET, ["organisation", id, "learnerstatuses"]) => self.learner_statuses(id),
            (&Method::POST, [kind, "search"]) => self.search(table(kind)?, sent, None),
            (&Method::POST, [kind, "search", page, size]) => {
                let page = page_of(page, size, self.shared.behaviour.page_cap)?;
                self.search(table(kind)?, sent, Some(page))
            }
            (&Method::GET, [kind, id]) => self.one(table(kind)?, id),
            (&Method::POST, ["user"]) => self.create_user(sent),
            (&Method::POST, [kind @ ("classroom" | "placement")]) => {
                self.create_entry(table(kind)?, sent)
            }
            (&Method::POST, ["user", id, "archive"]) => self.archive(id, true),
            (&Method::POST, ["user", id, "unarchive"]) => self.archive(id, false),
            (&Method::POST, ["user", id, "assign"]) => self.assign(id, sent),
            (&Method::POST, [kind @ ("user" | "classroom" | "placement"), id]) => {
                self.update(table(kind)?, id, sent)
            }
            _ => Err(RouteError::NotFound),
        }
    }

    fn authenticate(&mut self, asked: &ApiRequest) -> RouteResult {
        let token = asked.header("X-CustomerToken").unwrap_or_default();
        let key = self
            .data
            .gate
            .admit(token, &self.shared.behaviour, self.shared.clock);
        key.map(|key| (StatusCode::OK, key).into_response())
            .ok_or(RouteError::NotAuthenticated)
    }

    fn customer(&self) -> RouteResult {
        let row = self
            .data
            .state
            .rows(StoredTable::Customers)
            .next()
            .ok_or(RouteError::NotFound)?;
        Ok(ok(whole(
            StoredTable::Customers,
            row,
            &self.shared.behaviour,
        )))
    }

    fn learner_statuses(&self, organisation: &str) -> RouteResult {
        self.row(StoredTable::Organisations, organisation)?;
        let filter = Map::from_iter([("OrganisationID".to_owned(), json!(organisation))]);
        self.search(StoredTable::LearnerStatuses, &filter, None)
    }

    fn search(
        &self,
        table: StoredTable,
        filter: &StoredRow,
        page: Option<PageRequest>,
    ) -> RouteResult {
        let (behaviour, now) = (&self.shared.behaviour, self.shared.clock.now());
        let is_late = |row: &StoredRow| {
            self.data
                .late
                .get(&number(row, ID))
                .is_some_and(|until| *until > now)
        };
        let is_hidden =
            |row: &StoredRow| (!behaviour.archived_shown && is_archived(row)) || is_late(row);
        let hides =
            table == StoredTable::Users && !(behaviour.archived_shown && self.data.late.is_empty());
        let hidden: Option<&dyn Fn(&StoredRow) -> bool> =
            if hides { Some(&is_hidden) } else { None };
        let rows =
            self.data
                .state
                .search(table, filter, page.unwrap_or(PageRequest::ALL), hidden)?;
        let mut rows: Vec<Value> = rows
            .into_iter()
            .map(|row| found(table, row, behaviour, page.is_some()))
            .collect();
        if self.faults.contains(&InjectedFault::RepeatRow) {
            let first = rows.first().cloned();
            rows.splice(..0, first);
        }
        if self.faults.contains(&InjectedFault::SkipRow) {
            rows.drain(..rows.len().min(1));
        }
        if rows.is_empty() {
            return Err(RouteError::Nothing);
        }
        Ok(ok(rows))
    }

    fn one(&self, table: StoredTable, id: &str) -> RouteResult {
        let row = self.row(table, id)?;
        Ok(ok(whole(table, row, &self.shared.behaviour)))
    }

    fn create_user(&mut self, sent: &StoredRow) -> RouteResult {
        let sent = self.heard(sent);
        let row = self.data.state.new_user(&sent, self.shared.clock.now())?;
        let answer = json!({ "ID": row[ID], "Username": row["Username"] });
        let (id, mail) = (number(&row, ID), self.mail(&row));
        self.keep(StoredTable::Users, row, mail.as_ref())?;
        let hidden = self.faults.iter().find_map(|fault| match fault {
            InjectedFault::HideCreated(wait) => Some(*wait),
            _ => None,
        });
        if let Some(wait) = hidden.filter(|_| self.data.state.get(StoredTable::Users, id).is_some())
        {
            self.data.late.insert(id, self.shared.clock.after(wait));
        }
        Ok(ok(answer))
    }

    /// The e-mail that a new account sets off (`onefile-api.md`, Creating): by the organisation's keychain settings.
    fn mail(&self, row: &StoredRow) -> Option<Mail> {
        let organisation = self
            .data
            .state
            .get(StoredTable::Organisations, number(row, "OrganisationID"))?;
        let is_on = |name: &str| cell(organisation, name) == &Value::Bool(true);
        let is_sent =
            is_on("KeychainCreationForNewUserActive") && !is_on("KeychainEmailSuppression");
        let to = cell(row, "Email").as_str()?.to_owned();
        is_sent.then(|| Mail {
            to,
            user_id: number(row, ID),
            at: time(self.shared.clock.now()),
        })
    }

    fn create_entry(&mut self, table: StoredTable, sent: &StoredRow) -> RouteResult {
        let row = self.data.state.new_entry(table, &self.heard(sent))?;
        let answer = json!({ "ID": row[ID] });
        self.keep(table, row, None)?;
        Ok(ok(answer))
    }

    fn update(&mut self, table: StoredTable, id: &str, sent: &StoredRow) -> RouteResult {
        let sent = self.heard(sent);
        let row = self.row(table, id)?;
        let mut updated = self
            .data
            .state
            .updated(table, row, &sent, self.shared.clock.now())?;
        if table == StoredTable::Users && self.faults.contains(&InjectedFault::BlankUnsent) {
            updated = blanked(&updated, &sent);
        }
        self.keep(table, updated, None)?;
        Ok(ok(json!({ "ID": parsed(id)? })))
    }

    fn archive(&mut self, id: &str, into: bool) -> RouteResult {
        let row = archived(
            self.row(StoredTable::Users, id)?,
            into,
            self.shared.clock.now(),
        );
        self.keep(StoredTable::Users, row, None)?;
        Ok(ok(json!({ "ID": parsed(id)? })))
    }

    fn assign(&mut self, id: &str, sent: &StoredRow) -> RouteResult {
        let row = assigned(
            self.row(StoredTable::Users, id)?,
            &self.heard(sent),
            self.shared.clock.now(),
        )?;
        self.keep(StoredTable::Users, row, None)?;
        Ok(ok(json!({ "ID": parsed(id)? })))
    }

    fn row(&self, table: StoredTable, id: &str) -> Result<&StoredRow, RouteError> {
        self.data
            .state
            .get(table, parsed(id)?)
            .ok_or(RouteError::NotFound)
    }

    /// What was sent, less the fields that a fault ignores.
    fn heard(&self, sent: &StoredRow) -> StoredRow {
        let is_ignored = |name: &str| {
            self.faults
                .iter()
                .any(|fault| matches!(fault, InjectedFault::IgnoreField(field) if field.eq_ignore_ascii_case(name)))
        };
        sent.iter()
            .filter(|(name, _)| !is_ignored(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// On disk first: what is acknowledged is kept, unless a fault loses it.
    fn keep(
        &mut self,
        table: StoredTable,
        row: StoredRow,
        mail: Option<&Mail>,
    ) -> Result<(), RouteError> {
        self.data.state.give(table, number(&row, ID));
        if self.faults.contains(&InjectedFault::LoseWrite) {
            return Ok(());
        }
        self.data
            .store
            .keep(table, &row, mail)
            .map_err(RouteError::Store)?;
        self.data.state.put(table, row);
        Ok(())
    }

    fn refuse(&self, problem: RouteError) -> Response {
        match problem {
            RouteError::Refused(Refusal(words)) => message(StatusCode::BAD_REQUEST, &words),
            RouteError::NotAuthenticated => message(StatusCode::UNAUTHORIZED, "Not authenticated"),
            RouteError::NotFound => message(StatusCode::NOT_FOUND, "Not found"),
            RouteError::Nothing => StatusCode::NO_CONTENT.into_response(),
            RouteError::TooMany(too_many) => limited(&too_many, &self.shared.behaviour),
            RouteError::Maintenance => {
                message(StatusCode::SERVICE_UNAVAILABLE, "Down for maintenance")
            }
            RouteError::Store(error) => {
                message(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string())
            }
        }
    }
}

fn limited(too_many: &RateExceeded, behaviour: &Behaviour) -> Response {
    let answer = message(StatusCode::TOO_MANY_REQUESTS, "Too many calls");
    if behaviour.retry_after {
        ([(RETRY_AFTER, too_many.wait.to_string())], answer).into_response()
    } else {
        answer
    }
}

fn page_of(page: &str, size: &str, cap: usize) -> Result<PageRequest, RouteError> {
    match (page.parse::<usize>(), size.parse::<usize>()) {
        (Ok(page @ 1..), Ok(size @ 1..)) => {
            let size = size.min(cap);
            Ok(PageRequest {
                from: (page - 1).saturating_mul(size),
                size,
            })
        }
        _ => Err(RouteError::NotFound),
    }
}

fn parsed(id: &str) -> Result<i64, RouteError> {
    id.parse().map_err(|_| RouteError::NotFound)
}

fn table(segment: &str) -> Result<StoredTable, RouteError> {
    StoredTable::with_segment(segment).ok_or(RouteError::NotFound)
}

impl From<Refusal> for RouteError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

pub(crate) fn ok(body: impl Serialize) -> Response {
    Json(body).into_response()
}

pub(crate) fn message(status: StatusCode, words: &str) -> Response {
    (status, Json(json!({ "message": words }))).into_response()
}
