//! Lists that change while they are read, or never show a row: nobody is created who is there.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::harness::{project, rosterctl, runtime, transcript};

/// A server with assessors whose lists change as a test wants it.
struct College {
    _runtime: Runtime,
    base: String,
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    rows: Vec<Value>,
    /// What happens before a page of the list of assessors is read.
    before_page: fn(&mut Vec<Value>, page: usize, nth: usize),
    /// Rows that lists never show, by number; searches by name or MIS value do.
    unlisted: Vec<i64>,
    /// How many rows a page has.
    cap: usize,
    pages: Vec<usize>,
    created: Vec<Value>,
}

/// A person without a MIS value, as some of those who were here before.
fn row(id: i64, first: &str, last: &str) -> Value {
    json!({ "ID": id, "OrganisationID": 5740, "Role": 5, "FirstName": first, "LastName": last, "MISID": null })
}

/// So many strangers, and Ben as the last one.
fn rows(strangers: i64) -> Vec<Value> {
    let mut rows: Vec<Value> = (1..=strangers)
        .map(|id| row(id, &format!("F{id}"), "Fernhollow"))
        .collect();
    rows.push(row(5_000, "Ben", "Birdwhistle"));
    rows
}

const BEN: &str = "  - { misId: A-2, role: assessor, firstName: Ben, lastName: Birdwhistle, email: ben@example.ac.uk }\n";

impl College {
    fn start(shared: Shared) -> Self {
        let runtime = runtime();
        let shared = Arc::new(Mutex::new(shared));
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&shared));
        runtime.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            _runtime: runtime,
            base,
            shared,
        }
    }

    fn apply(&self, users: &str) -> String {
        let files = [
            ("rosterctl.yaml", "organisation: 5740\n"),
            ("users/a.yaml", &format!("users:\n{users}")),
        ];
        let folder = project(&files);
        let mut command = rosterctl();
        command
            .current_dir(folder.path())
            .args(["apply", "--auto-approve"]);
        command
            .env("ONEFILE_BASE_URL", &self.base)
            .env("ONEFILE_CUSTOMER_TOKEN", "example");
        transcript(&mut command)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn creates(&self) -> usize {
        self.shared.lock().unwrap().created.len()
    }
}

async fn answer(State(shared): State<Arc<Mutex<Shared>>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let body = axum::body::to_bytes(request.into_body(), 1 << 20)
        .await
        .unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let mut shared = shared.lock().unwrap();
    if let Some(page) = path.strip_prefix("/User/Search/") {
        return search(
            &mut shared,
            page.split('/').next().unwrap().parse().unwrap(),
            &body,
        );
    }
    match path.as_str() {
        "/Authentication" => "key".into_response(),
        "/Organisation/5740" => r#"{"ID": 5740, "Name": "Example College"}"#.into_response(),
        "/User" => {
            let id = 6_001 + i64::try_from(shared.created.len()).unwrap();
            let mut created = body;
            created["ID"] = json!(id);
            shared.created.push(created.clone());
            shared.rows.push(created);
            json!({ "ID": id }).to_string().into_response()
        }
        path => {
            let id = path
                .strip_prefix("/User/")
                .and_then(|id| id.parse::<i64>().ok());
            let row = shared
                .rows
                .iter()
                .find(|row| id.is_some() && row["ID"].as_i64() == id);
            row.map_or(StatusCode::NOT_FOUND.into_response(), |row| {
                row.to_string().into_response()
            })
        }
    }
}

fn search(shared: &mut Shared, page: usize, body: &Value) -> Response {
    let is_list = body.as_object().unwrap().len() == 2;
    if body["Role"] == 5 && is_list {
        let nth = shared.pages.iter().filter(|read| **read == page).count();
        shared.pages.push(page);
        (shared.before_page)(&mut shared.rows, page, nth);
    }
    let fits = |row: &&Value| {
        body.as_object()
            .unwrap()
            .iter()
            .all(|(key, value)| row[key] == *value)
            && !(is_list && shared.unlisted.contains(&row["ID"].as_i64().unwrap()))
    };
    let found: Vec<&Value> = shared
        .rows
        .iter()
        .filter(fits)
        .skip((page - 1) * shared.cap)
        .take(shared.cap)
        .collect();
    if found.is_empty() {
        StatusCode::NO_CONTENT.into_response()
    } else {
        json!(found).to_string().into_response()
    }
}

fn still(_: &mut Vec<Value>, _: usize, _: usize) {}

fn shared(strangers: i64, cap: usize, before_page: fn(&mut Vec<Value>, usize, usize)) -> Shared {
    let unlisted = Vec::new();
    Shared {
        rows: rows(strangers),
        before_page,
        unlisted,
        cap,
        pages: Vec::new(),
        created: Vec::new(),
    }
}

/// A colleague archives or deletes somebody after the first page was read, or in the middle of many pages.
#[test]
fn a_row_that_goes_between_two_pages_hides_nobody() {
    let first_goes: fn(&mut Vec<Value>, usize, usize) = |rows, page, nth| {
        if (page, nth) == (2, 0) {
            rows.remove(0);
        }
    };
    let one_of_the_middle_goes: fn(&mut Vec<Value>, usize, usize) = |rows, page, nth| {
        if (page, nth) == (4, 0) {
            rows.remove(120);
        }
    };
    // The row that is hidden is the first one of the page that is read next.
    for (strangers, cap, goes) in [
        (500, 500, first_goes),
        (100, 100, first_goes),
        (150, 50, one_of_the_middle_goes),
    ] {
        let college = College::start(shared(strangers, cap, goes));
        let said = college.apply(BEN);
        assert!(
            said.contains("account 5000 (assessor) has the same name"),
            "{cap}: {said}"
        );
        assert_eq!(college.creates(), 0, "{cap}");
    }
}

#[test]
fn nobody_is_created_while_a_list_never_reads_the_same_twice() {
    let comes: fn(&mut Vec<Value>, usize, usize) = |rows, page, nth| {
        if page == 2 {
            rows.insert(1, row(7_000 + i64::try_from(nth).unwrap(), "New", "Person"));
        }
    };
    let mut changing = shared(120, 50, comes);
    changing.rows.pop();
    let college = College::start(changing);
    let said = college.apply(BEN);
    assert!(
        said.contains("couldn't be read to their ends") && college.creates() == 0,
        "{said}"
    );
}

#[test]
fn lists_of_one_page_and_plans_without_creates_are_read_once() {
    for (strangers, users, readings) in [
        (48, BEN, 1),
        (120, BEN, 2),
        (120, "  - { id: 7, role: assessor }\n", 1),
    ] {
        let mut quiet = shared(strangers, 50, still);
        quiet.rows.pop();
        let college = College::start(quiet);
        college.apply(users);
        let firsts = college
            .shared
            .lock()
            .unwrap()
            .pages
            .iter()
            .filter(|page| **page == 1)
            .count();
        assert_eq!(firsts, readings, "{strangers} {users}");
    }
}

/// Whatever the lists lack, a search by name shows.
#[test]
fn who_is_found_by_name_just_before_a_create_is_not_created() {
    let hiding = || Shared {
        unlisted: vec![5_000],
        ..shared(3, 500, still)
    };
    let college = College::start(hiding());
    let said = college.apply(BEN);
    assert!(
        said.contains(
            "not attempted: create assessor A-2 users/a.yaml:2: account 5000 has the same name"
        ),
        "{said}"
    );
    assert!(
        said.contains("`distinctFrom: [5000]`") && said.ends_with("exit 5"),
        "{said}"
    );
    assert_eq!(college.creates(), 0);
    let other = Shared {
        rows: vec![row(5_000, "ben", "Birdwhistle")],
        ..hiding()
    };
    assert!(
        College::start(other)
            .apply(BEN)
            .contains("created assessor A-2"),
        "this server compares as written"
    );
    let college = College::start(hiding());
    let said = college.apply(&BEN.replace(" }", ", distinctFrom: [5000] }"));
    assert!(
        said.contains("created assessor A-2 (6001)") && said.ends_with("exit 0"),
        "{said}"
    );
}

/// Two people of one name, both new: the first one's account is no reason not to create the second one's.
#[test]
fn namesakes_of_one_plan_are_both_created() {
    let mut empty = shared(3, 500, still);
    empty.rows.pop();
    let college = College::start(empty);
    let ben = BEN.replace(" }", ", dob: 1980-01-02 }");
    let other = BEN.replace("A-2", "A-3").replace("ben@", "ben.b@");
    let other = other.replace(" }", ", dob: 1975-06-07 }");
    let said = college.apply(&format!("{ben}{other}"));
    assert!(
        said.contains("Applied: 2 created") && said.ends_with("exit 0"),
        "{said}"
    );
}
