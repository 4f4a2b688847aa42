//! The calls of the API, one function each. A path that isn't known is a 404 with a message.

use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::sandbox::assignment_rows::AchievedFilter;
use crate::sandbox::behaviour::{ArchivedUsers, UpdateAnswer};
use crate::sandbox::dates::instant_text;
use crate::sandbox::fault::InjectedFault;
use crate::sandbox::modified::{ModifiedSince, UserWrite};
use crate::sandbox::request::ApiRequest;
use crate::sandbox::response::{RouteError, RouteResult, error_response, no_content, ok};
use crate::sandbox::row_view::{SearchKind, full_view, search_view};
use crate::sandbox::search::PageRequest;
use crate::sandbox::state::Refusal;
use crate::sandbox::store::Mail;
use crate::sandbox::stored_row::{StoredRow, UserShelf, blanked, cell, is_archived, moved, number};
use crate::sandbox::table::{ID, StoredTable};
use crate::sandbox::{SandboxShared, ServerData};

/// A call being answered: what it may use, and the faults that strike it.
pub(super) struct RouteContext<'w> {
    pub(super) shared: &'w SandboxShared,
    pub(super) data: &'w mut ServerData,
    faults: &'w [InjectedFault],
}

pub(crate) fn answer(
    shared: &SandboxShared,
    request: &ApiRequest,
    path: &[&str],
    faults: &[InjectedFault],
) -> Response {
    let mut data = shared.data();
    let mut context = RouteContext {
        shared,
        data: &mut data,
        faults,
    };
    let answered = match context.admit(request, path) {
        Ok(()) => context.call(request, path),
        Err(error) => Err(error),
    };
    answered.unwrap_or_else(|error| error_response(error, &shared.behaviour))
}

const AUTHENTICATION: &[&str] = &["authentication"];

impl RouteContext<'_> {
    /// Checks the limit before the session: the server doesn't look at a call that is too many.
    fn admit(&mut self, request: &ApiRequest, path: &[&str]) -> Result<(), RouteError> {
        let behaviour = &self.shared.behaviour;
        let clock = self.shared.clock;
        if behaviour.maintenance {
            return Err(RouteError::Maintenance);
        }
        let gate = &mut self.data.gate;
        if path == AUTHENTICATION {
            let token = request.header("X-CustomerToken").unwrap_or_default();
            return gate
                .count_call(token, behaviour, clock)
                .map_err(RouteError::TooMany);
        }
        let key = request.session();
        gate.count_call(key, behaviour, clock)
            .map_err(RouteError::TooMany)?;
        if gate.accepts(key, behaviour, clock) {
            Ok(())
        } else {
            Err(RouteError::NotAuthenticated)
        }
    }

    fn call(&mut self, request: &ApiRequest, path: &[&str]) -> RouteResult {
        if (&request.method, path) == (&Method::POST, AUTHENTICATION) {
            return self.authenticate(request);
        }
        let Some(sent) = &request.fields else {
            return Err(Refusal("The body is not valid".to_owned()).into());
        };
        match (&request.method, path) {
            (&Method::GET, ["customer"]) => self.customer(),
            (&Method::GET, ["organisation", id, "learnerstatuses"]) => self.learner_statuses(id),
            (&Method::POST, [kind, "search"]) => self.search(table(kind)?, sent, None),
            (&Method::POST, [kind, "search", page, size]) => {
                let page = parse_page(page, size, self.shared.behaviour.page_cap)?;
                self.search(table(kind)?, sent, Some(page))
            }
            (&Method::GET, [kind, id]) => self.get(table(kind)?, id),
            (&Method::POST, ["user"]) => self.create_user(sent),
            (&Method::POST, [kind @ ("classroom" | "placement")]) => {
                self.create_entry(table(kind)?, sent)
            }
            (&Method::POST, ["user", id, "archive"]) => self.move_user(id, UserShelf::Archive),
            (&Method::POST, ["user", id, "unarchive"]) => self.move_user(id, UserShelf::Current),
            (
                &Method::POST,
                [
                    kind @ ("user" | "classroom" | "placement" | "learningaim"),
                    id,
                ],
            ) => self.update(table(kind)?, id, sent),
            _ => self.call_assignment(&request.method, path, sent),
        }
    }

    fn authenticate(&mut self, request: &ApiRequest) -> RouteResult {
        let token = request.header("X-CustomerToken").unwrap_or_default();
        let gate = &mut self.data.gate;
        match gate.open_session(token, &self.shared.behaviour, self.shared.clock) {
            Some(key) => Ok((StatusCode::OK, key).into_response()),
            None => Err(RouteError::NotAuthenticated),
        }
    }

    fn customer(&self) -> RouteResult {
        let table = StoredTable::Customers;
        let row = self.data.state.rows(table).next();
        let row = row.ok_or(RouteError::NotFound)?;
        Ok(ok(full_view(table, row, &self.shared.behaviour)))
    }

    fn learner_statuses(&self, organisation: &str) -> RouteResult {
        self.row(StoredTable::Organisations, organisation)?;
        let filter = Map::from_iter([("OrganisationID".to_owned(), json!(organisation))]);
        self.search(StoredTable::LearnerStatuses, &filter, None)
    }

    pub(super) fn search(
        &self,
        table: StoredTable,
        filter: &StoredRow,
        page: Option<PageRequest>,
    ) -> RouteResult {
        self.check_search(table, filter)?;
        let state = &self.data.state;
        let archived = self.hides_archived(filter);
        let achieved = if table == StoredTable::LearningAims {
            AchievedFilter::read(filter)?
        } else {
            AchievedFilter::default()
        };
        let modified = &self.shared.behaviour.last_modified;
        let since = if table == StoredTable::Users {
            ModifiedSince::read(filter, modified.filter)?
        } else {
            ModifiedSince::Anything
        };
        let clock = self.shared.clock;
        let is_hidden = |row: &StoredRow| {
            self.is_late(table, row)
                || (archived && is_archived(row))
                || !achieved.fits(row)
                || !since.fits(row, modified, clock)
        };
        let rows = state.search(
            table,
            filter,
            page.unwrap_or(PageRequest::ALL),
            if self.may_hide(table) || since.asks() {
                Some(&is_hidden)
            } else {
                None
            },
        )?;
        let kind = if page.is_some() {
            SearchKind::Paged
        } else {
            SearchKind::Unpaged
        };
        let mut views = self.views(table, rows, kind);
        self.spoil_page(&mut views);
        if views.is_empty() {
            return Err(RouteError::NoRows);
        }
        Ok(ok(views))
    }

    fn views(&self, table: StoredTable, rows: Vec<&StoredRow>, kind: SearchKind) -> Vec<Value> {
        let behaviour = &self.shared.behaviour;
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            let modified = &behaviour.last_modified;
            let row = modified.as_shown(table, row, self.shared.clock);
            views.push(search_view(table, &row, behaviour, kind));
        }
        views
    }

    fn may_hide(&self, table: StoredTable) -> bool {
        let hides_archived = self.shared.behaviour.archived != ArchivedUsers::Shown;
        table == StoredTable::LearningAims
            || (table == StoredTable::Users && hides_archived)
            || !self.data.hidden_until.is_empty()
    }

    /// Whether a search with this filter doesn't show archived users.
    fn hides_archived(&self, filter: &StoredRow) -> bool {
        match self.shared.behaviour.archived {
            ArchivedUsers::Shown => false,
            ArchivedUsers::HiddenFromLists => !has_key(filter),
            ArchivedUsers::Hidden => true,
        }
    }

    /// Whether a row was created so recently that searches don't show it.
    fn is_late(&self, table: StoredTable, row: &StoredRow) -> bool {
        let until = self.data.hidden_until.get(&(table, number(row, ID)));
        until.is_some_and(|until| *until > self.shared.clock.now())
    }

    /// Applies the faults of pages.
    fn spoil_page(&self, views: &mut Vec<Value>) {
        if self.faults.contains(&InjectedFault::RepeatRow) {
            let first = views.first().cloned();
            views.splice(..0, first);
        }
        if self.faults.contains(&InjectedFault::SkipRow) && !views.is_empty() {
            views.remove(0);
        }
    }

    fn get(&self, table: StoredTable, id: &str) -> RouteResult {
        let row = self.row(table, id)?;
        let behaviour = &self.shared.behaviour;
        let modified = &behaviour.last_modified;
        let row = modified.as_shown(table, row, self.shared.clock);
        Ok(ok(full_view(table, &row, behaviour)))
    }

    fn create_user(&mut self, sent: &StoredRow) -> RouteResult {
        let now = self.shared.clock.now();
        let row = self.data.state.new_user(&self.without_ignored(sent), now)?;
        let answer = json!({ "ID": row[ID], "Username": row["Username"] });
        let mail = self.mail(&row);
        self.keep_new(StoredTable::Users, row, mail.as_ref())?;
        Ok(ok(answer))
    }

    /// Keeps a new row and returns its ID.
    pub(super) fn keep_new(
        &mut self,
        table: StoredTable,
        row: StoredRow,
        mail: Option<&Mail>,
    ) -> Result<i64, RouteError> {
        let id = number(&row, ID);
        self.keep(table, row, mail)?;
        // A row that another fault has lost has nothing to hide.
        if let Some(wait) = self.hiding_time()
            && self.data.state.get(table, id).is_some()
        {
            let until = self.shared.clock.after(wait);
            self.data.hidden_until.insert((table, id), until);
        }
        Ok(id)
    }

    /// How long searches don't show what this call creates.
    fn hiding_time(&self) -> Option<std::time::Duration> {
        for fault in self.faults {
            if let InjectedFault::HideCreated(wait) = fault {
                return Some(*wait);
            }
        }
        None
    }

    /// The e-mail that a new account sends, if the organisation's keychain settings say so (`docs/onefile-api.md`, Creating).
    fn mail(&self, row: &StoredRow) -> Option<Mail> {
        let organisation = number(row, "OrganisationID");
        let state = &self.data.state;
        let settings = state.get(StoredTable::Organisations, organisation)?;
        let is_on = |name: &str| cell(settings, name) == &Value::Bool(true);
        if !is_on("KeychainCreationForNewUserActive") || is_on("KeychainEmailSuppression") {
            return None;
        }
        Some(Mail {
            to: cell(row, "Email").as_str()?.to_owned(),
            user_id: number(row, ID),
            at: instant_text(self.shared.clock.now()),
        })
    }

    fn create_entry(&mut self, table: StoredTable, sent: &StoredRow) -> RouteResult {
        let row = self
            .data
            .state
            .new_entry(table, &self.without_ignored(sent))?;
        let id = self.keep_new(table, row, None)?;
        Ok(ok(json!({ "ID": id })))
    }

    fn update(&mut self, table: StoredTable, id: &str, sent: &StoredRow) -> RouteResult {
        let heard = self.without_ignored(sent);
        let row = self.row(table, id)?;
        let mut updated = self.data.state.updated(table, row, &heard)?;
        if table == StoredTable::Users && self.faults.contains(&InjectedFault::BlankUnsent) {
            updated = blanked(&updated, &heard);
        }
        if table == StoredTable::Users {
            self.touch(&mut updated, UserWrite::Api);
        }
        let answer = self.keep_under(table, id, updated)?;
        Ok(match self.shared.behaviour.update_answer {
            UpdateAnswer::Id => answer,
            UpdateAnswer::NoContent => no_content(),
        })
    }

    fn move_user(&mut self, id: &str, shelf: UserShelf) -> RouteResult {
        let row = self.row(StoredTable::Users, id)?;
        let mut moved = moved(row, shelf);
        let comes_back = shelf == UserShelf::Current && is_archived(row);
        if comes_back && !self.shared.behaviour.unarchive_keeps_classroom {
            moved.remove("ClassroomID");
        }
        self.touch(&mut moved, UserWrite::Api);
        self.keep_under(StoredTable::Users, id, moved)
    }

    pub(super) fn row(&self, table: StoredTable, id: &str) -> Result<&StoredRow, RouteError> {
        let row = self.data.state.get(table, parse_id(id)?);
        row.ok_or(RouteError::NotFound)
    }

    /// What is stored of what was sent: without the fields that a fault ignores, and in the form of this service.
    pub(super) fn without_ignored(&self, sent: &StoredRow) -> StoredRow {
        let mut heard = sent.clone();
        for fault in self.faults {
            if let InjectedFault::IgnoreField(ignored) = fault {
                heard.retain(|name, _| !name.eq_ignore_ascii_case(ignored));
            }
        }
        self.shared.behaviour.stored_texts.rewrite(&mut heard);
        heard
    }

    /// Keeps a row that was changed, and answers with its ID.
    fn keep_under(&mut self, table: StoredTable, id: &str, row: StoredRow) -> RouteResult {
        self.keep(table, row, None)?;
        Ok(ok(json!({ "ID": parse_id(id)? })))
    }

    fn touch(&self, user: &mut StoredRow, write: UserWrite) {
        let modified = &self.shared.behaviour.last_modified;
        modified.touch(user, write, self.shared.clock);
    }

    /// The user to whom a row is assigned, if assigning moves the time of that user.
    fn touched_by_assignment(&self, table: StoredTable, row: &StoredRow) -> Option<StoredRow> {
        let id = number(row, table.assigned_to()?);
        let moves = (self.shared.behaviour.last_modified).moves(UserWrite::Assignment);
        let user = self.data.state.get(StoredTable::Users, id);
        let mut user = user.filter(|_| moves)?.clone();
        self.touch(&mut user, UserWrite::Assignment);
        Some(user)
    }

    /// Writes a row to disk before it is in the state, so that what is acknowledged is kept; unless a fault loses it.
    fn keep(
        &mut self,
        table: StoredTable,
        row: StoredRow,
        mail: Option<&Mail>,
    ) -> Result<(), RouteError> {
        self.data.state.note_id(table, number(&row, ID));
        if self.faults.contains(&InjectedFault::LoseWrite) {
            return Ok(());
        }
        let mut rows = vec![(table, row)];
        if let Some(user) = self.touched_by_assignment(table, &rows[0].1) {
            rows.push((StoredTable::Users, user));
        }
        let kept = self.data.store.keep(&rows, mail);
        kept.map_err(RouteError::Store)?;
        for (table, row) in rows {
            self.data.state.put(table, row);
        }
        Ok(())
    }
}

/// Pages count from 1. A page that holds more than `cap` rows is cut to it.
fn parse_page(page: &str, size: &str, cap: usize) -> Result<PageRequest, RouteError> {
    let (Ok(page @ 1..), Ok(size @ 1..)) = (page.parse::<usize>(), size.parse::<usize>()) else {
        return Err(RouteError::NotFound);
    };
    let capped = size.min(cap);
    Ok(PageRequest {
        from: (page - 1).saturating_mul(capped),
        size: capped,
    })
}

pub(super) fn parse_id(id: &str) -> Result<i64, RouteError> {
    id.parse().map_err(|_| RouteError::NotFound)
}

/// Whether a search asks for something that tells people apart. A list asks for organisation, role and time alone.
fn has_key(filter: &StoredRow) -> bool {
    filter.iter().any(|(name, value)| {
        let is_of_list = LIST_FILTERS
            .iter()
            .any(|of_list| name.eq_ignore_ascii_case(of_list));
        !is_of_list && !value.is_null()
    })
}

const LIST_FILTERS: &[&str] = &["OrganisationID", "Role", "LastModified"];

fn table(segment: &str) -> Result<StoredTable, RouteError> {
    StoredTable::with_segment(segment).ok_or(RouteError::NotFound)
}
