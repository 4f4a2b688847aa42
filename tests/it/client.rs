//! The client against servers that behave in every way that `docs/onefile-api.md` leaves open, and some that misbehave.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use rosterctl::domain::clock::Clock;
use rosterctl::domain::field::Key;
use rosterctl::domain::role::Role;
use rosterctl::domain::{AccountId, FieldText, OrganisationId, Roster, Scope, Snapshot, Value};
use rosterctl::onefile::{Client, ClientError, CreateFailure, Endpoint, Outgoing, Pace, fetch};
use tokio::runtime::Runtime;

use crate::harness::{Sandbox, project, rosterctl, rosterctl_on, runtime, transcript};

/// A server whose every answer is a function of the path and of how often that path was asked for before.
pub struct Scripted {
    pub runtime: Runtime,
    pub base: String,
    asked: Arc<Mutex<Vec<String>>>,
}

pub type Script = fn(path: &str, nth: usize) -> Response;

impl Scripted {
    pub fn start(script: Script) -> Self {
        let runtime = runtime();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = Arc::clone(&asked);
        let answer = move |request: Request| {
            let path = request.uri().path().to_owned();
            let mut log = log.lock().unwrap();
            let nth = log.iter().filter(|asked| **asked == path).count();
            log.push(path.clone());
            let answer = script(&path, nth);
            async move { answer }
        };
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async move {
            axum::serve(listener, Router::new().fallback(answer))
                .await
                .unwrap();
        });
        Self {
            runtime,
            base,
            asked,
        }
    }

    pub fn connect(&self) -> Result<Client, ClientError> {
        self.connect_with(Pace::default())
    }

    pub fn connect_with(&self, pace: Pace) -> Result<Client, ClientError> {
        let endpoint = Endpoint {
            base: self.base.clone(),
            token: "example".into(),
        };
        self.runtime
            .block_on(Client::connect(&endpoint, pace, Clock::faster(1_000)))
    }

    pub fn fetch(&self) -> Result<Snapshot, ClientError> {
        self.fetch_with(Pace::default())
    }

    pub fn fetch_with(&self, pace: Pace) -> Result<Snapshot, ClientError> {
        let client = self.connect_with(pace)?;
        self.runtime.block_on(fetch(
            &client,
            OrganisationId::new(5740),
            &Roster::default(),
            &Scope::whole(),
        ))
    }

    pub fn times(&self, path: &str) -> usize {
        self.asked
            .lock()
            .unwrap()
            .iter()
            .filter(|asked| *asked == path)
            .count()
    }
}

const ORGANISATION: &str = r#"{"id": "5740", "name": "Example College"}"#;

pub fn status(code: u16) -> Response {
    (StatusCode::from_u16(code).unwrap(), "{}").into_response()
}

#[test]
fn the_session_key_may_come_in_quotes_and_keys_in_any_case() {
    let server = Scripted::start(|path, _| match path {
        "/Authentication" => " \"key\"\n".into_response(),
        "/Organisation/5740" => ORGANISATION.into_response(),
        "/User/Search/1/500" => r#"[{"id": 7, "firstname": "Ann", "misid": 12}]"#.into_response(),
        _ => "[]".into_response(),
    });
    let snapshot = server.fetch().unwrap();
    assert_eq!(snapshot.organisation.name, "Example College");
    assert_eq!(
        snapshot
            .account(AccountId::new(7))
            .unwrap()
            .text(Key::MisId)
            .as_deref(),
        Some("12")
    );
}

/// Any page size comes to the same rows: the closing page is what ends a list.
pub fn every_page_size_of_the_server_gives_the_same_plan() {
    let seed =
        std::fs::read_to_string(crate::harness::root().join("examples/college/sandbox.yaml"))
            .unwrap();
    let mut plans = Vec::new();
    for page_cap in [1, 2, 7, 37, 38, 500] {
        let sandbox = Sandbox::start(&format!("{seed}behaviour: {{ pageCap: {page_cap} }}\n"));
        // Each has a folder of its own, so that no plan knows of another.
        let college = crate::harness::copy_of(&crate::harness::root().join("examples/college"));
        plans.push(transcript(
            rosterctl_on(&sandbox)
                .current_dir(college.path())
                .arg("plan"),
        ));
    }
    assert!(
        plans[0].contains("4 to create, 4 to update, 3 assignments, 1 new placement, 43 unchanged"),
        "{}",
        plans[0]
    );
    assert!(plans.iter().all(|plan| *plan == plans[0]));
}

#[test]
fn a_server_that_answers_every_page_alike_ends_and_is_not_whole() {
    let server = Scripted::start(|path, _| match path {
        "/Authentication" => "key".into_response(),
        "/Organisation/5740" => ORGANISATION.into_response(),
        _ => r#"[{"ID": 1}]"#.into_response(),
    });
    let snapshot = server.fetch().unwrap();
    assert!(snapshot.whole.is_empty());
}

/// Nobody knows whether a server that gives fewer rows counts its pages by those, or by what was asked for.
#[test]
fn no_row_is_lost_however_a_server_counts_its_pages() {
    let server = Scripted::start(|path, _| {
        let Some(asked) = path.strip_prefix("/User/Search/") else {
            return match path {
                "/Authentication" => "key".into_response(),
                _ => ORGANISATION.into_response(),
            };
        };
        let (page, size) = asked.split_once('/').unwrap();
        let first = (page.parse::<usize>().unwrap() - 1) * size.parse::<usize>().unwrap();
        let rows: Vec<String> = (first + 1..=5)
            .take(2)
            .map(|id| format!("{{\"ID\": {id}}}"))
            .collect();
        if rows.is_empty() {
            StatusCode::NO_CONTENT.into_response()
        } else {
            format!("[{}]", rows.join(",")).into_response()
        }
    });
    let snapshot = server.fetch().unwrap();
    assert_eq!(snapshot.accounts().count(), 5);
}

#[test]
fn a_row_after_a_short_page_makes_a_list_suspicious() {
    let server = Scripted::start(|path, _| match path {
        "/Authentication" => "key".into_response(),
        "/Organisation/5740" => ORGANISATION.into_response(),
        "/User/Search/1/500" => r#"[{"ID": 1}, {"ID": 2}]"#.into_response(),
        "/User/Search/2/2" => r#"[{"ID": 3}]"#.into_response(),
        "/User/Search/3/2" => r#"[{"ID": 4}]"#.into_response(),
        _ => StatusCode::NO_CONTENT.into_response(),
    });
    assert!(server.fetch().unwrap().whole.is_empty());
}

#[test]
fn a_read_is_repeated_on_what_passes_and_on_nothing_else() {
    let passing = Scripted::start(|path, nth| match (path, nth) {
        ("/Authentication", _) => "key".into_response(),
        ("/Organisation/5740", 0) => status(503),
        ("/Organisation/5740", 1) => {
            (StatusCode::TOO_MANY_REQUESTS, [("Retry-After", "2")], "").into_response()
        }
        ("/Organisation/5740", 2) => "<html>maintenance</html>".into_response(),
        ("/Organisation/5740", _) => ORGANISATION.into_response(),
        _ => "[]".into_response(),
    });
    passing.fetch().unwrap();
    assert_eq!(passing.times("/Organisation/5740"), 4);
    let unwilling = Scripted::start(|path, _| {
        if path == "/Authentication" {
            "key".into_response()
        } else {
            status(400)
        }
    });
    assert!(matches!(
        unwilling.fetch(),
        Err(ClientError::Status { status: 400, .. })
    ));
    assert_eq!(unwilling.times("/Organisation/5740"), 1);
}

#[test]
fn a_refused_token_ends_the_run_at_once() {
    let server = Scripted::start(|_, _| status(401));
    assert!(matches!(server.connect(), Err(ClientError::TokenRefused)));
    assert_eq!(server.times("/Authentication"), 1);
}

#[test]
fn a_create_is_sent_once_and_only_some_answers_mean_that_there_is_no_account() {
    let server = Scripted::start(|path, nth| match (path, nth) {
        ("/Authentication", _) => "key".into_response(),
        (_, 0) => status(400),
        (_, 1) => status(404),
        (_, 2) => status(500),
        (_, 3) => status(302),
        (_, 4) => "{}".into_response(),
        (_, 5) => "<html>".into_response(),
        (_, 6) => StatusCode::NO_CONTENT.into_response(),
        (_, 7) => status(429),
        (_, 8) => status(401),
        (_, 9) => r#"{"ID": 0}"#.into_response(),
        _ => r#"{"ID": 9}"#.into_response(),
    });
    let client = server.connect().unwrap();
    let create = || {
        server
            .runtime
            .block_on(client.create(OrganisationId::new(5740), Role::Iqa, &[], None))
    };
    for _ in 0..2 {
        assert!(matches!(create(), Err(CreateFailure::NotCreated(_))));
    }
    for _ in 0..5 {
        assert!(matches!(create(), Err(CreateFailure::Unclear(_))));
    }
    // The server did nothing, and who asks again looks first what there is by then.
    for _ in 0..2 {
        assert!(matches!(create(), Err(CreateFailure::NotCreated(_))));
    }
    assert!(matches!(create(), Err(CreateFailure::Unclear(_))));
    assert_eq!(create().unwrap(), AccountId::new(9));
    assert_eq!(server.times("/User"), 2 + 5 + 2 + 2);
}

#[test]
fn an_update_is_repeated_and_needs_no_json_in_its_answer() {
    let server = Scripted::start(|path, nth| match (path, nth) {
        ("/Authentication", _) => "key".into_response(),
        (_, 0) => status(500),
        (_, 1) => "<html>".into_response(),
        _ => "OK".into_response(),
    });
    let client = server.connect().unwrap();
    let website = Value::Text(FieldText::new(
        Key::Website.row().kind,
        "https://example.ac.uk",
    ));
    server
        .runtime
        .block_on(client.update(
            AccountId::new(7),
            &[(Key::Website, Outgoing::Value(&website))],
            None,
        ))
        .unwrap();
    assert_eq!(server.times("/User/7"), 3);
}

#[test]
fn an_update_that_had_to_wait_for_too_long_is_not_sent() {
    let server = Scripted::start(|path, _| match path {
        "/Authentication" => "key".into_response(),
        _ => "<html>".into_response(),
    });
    let client = server.connect().unwrap();
    let website = Value::Text(FieldText::new(
        Key::Website.row().kind,
        "https://example.ac.uk",
    ));
    // It is asked again after 1, 2 and 4 s, and isn't to be sent after 5.
    let until = Clock::faster(1_000).moment_after(Duration::from_secs(5));
    let sent = server.runtime.block_on(client.update(
        AccountId::new(7),
        &[(Key::Website, Outgoing::Value(&website))],
        Some(until),
    ));
    assert!(matches!(sent, Err(ClientError::TooLate { .. })), "{sent:?}");
    assert!(
        (1..=3).contains(&server.times("/User/7")),
        "{}",
        server.times("/User/7")
    );
}

#[test]
fn a_redirect_is_not_followed_with_a_token() {
    let server = Scripted::start(|path, _| match path {
        "/Authentication" => (StatusCode::FOUND, [("Location", "/elsewhere")], "").into_response(),
        _ => "key".into_response(),
    });
    assert!(matches!(
        server.connect(),
        Err(ClientError::Status { status: 302, .. })
    ));
    assert_eq!(server.times("/elsewhere"), 0);
}

#[test]
fn an_account_of_another_organisation_is_not_there() {
    let seed = "organisations:\n  - { ID: 1, Name: One }\n  - { ID: 2, Name: Two }\nusers:\n  - { ID: 7, OrganisationID: 2, Role: 10, FirstName: Ann, MISID: Q-1 }\n";
    let sandbox = Sandbox::start(seed);
    let users = "users:\n  - { id: 7, misId: Q-1, role: iqa }\n";
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 1\n"),
        ("users/a.yaml", users),
    ]);
    let said = transcript(
        rosterctl_on(&sandbox)
            .current_dir(folder.path())
            .arg("plan"),
    );
    assert!(said.contains("there is no account 7"), "{said}");
}

pub fn a_server_that_is_not_there_is_exit_6_and_a_bad_one_says_why() {
    let users = [
        ("rosterctl.yaml", "organisation: 1\n"),
        ("users/a.yaml", "users:\n  - { id: 10, role: assessor }\n"),
    ];
    let folder = project(&users);
    let run = |variables: &[(&str, &str)]| {
        let mut command = rosterctl();
        command
            .current_dir(folder.path())
            .arg("plan")
            .envs(variables.iter().copied());
        transcript(&mut command)
    };
    let token = ("ONEFILE_CUSTOMER_TOKEN", "example");
    let gone = run(&[token, ("ONEFILE_BASE_URL", "http://127.0.0.1:9")]);
    assert!(
        gone.contains("POST /Authentication: the server can't be reached")
            && gone.ends_with("exit 6\n"),
        "{gone}"
    );
    insta::assert_snapshot!(
        [
            run(&[]),
            run(&[("ONEFILE_BASE_URL", "https://example.ac.uk/api")]),
            run(&[token, ("ONEFILE_BASE_URL", "http://example.ac.uk/api")]),
        ]
        .concat()
    );
    assert!(transcript(rosterctl().args(["plan", "--nonsense"])).ends_with("exit 64\n"));
}
