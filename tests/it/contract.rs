//! The contract: `tests/fixtures/api/*.json`, one exchange a file, written from `docs/onefile-api.md` with its evidence. The
//! sandbox is sent the recorded requests, the client is given the recorded answers, so that neither drifts with the other.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use rosterctl::domain::clock::Clock;
use rosterctl::domain::field::{Key, Referent};
use rosterctl::domain::role::Role;
use rosterctl::domain::{
    self, AccountId, AimId, EntryKind, FieldText, LearningAim, ObservedValue, OrganisationId,
    StandardId, TemplateId, UnitId,
};
use rosterctl::onefile::{AdditionalStaff, Client, Endpoint, Outgoing, Pace, fetch_part};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::harness::{Sandbox, http, project, root, rosterctl, runtime, transcript};

/// The exchanges, in the order of their numbers.
fn exchanges() -> Vec<(String, Value)> {
    let folder = root().join("tests/fixtures/api");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|file| {
        file.extension()
            .is_some_and(|extension| extension == "json")
    });
    files.sort();
    let read = |file: &std::path::PathBuf| {
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
    };
    files
        .iter()
        .map(|file| {
            (
                file.file_stem().unwrap().to_string_lossy().into_owned(),
                read(file),
            )
        })
        .collect()
}

#[test]
fn every_exchange_names_its_evidence() {
    for (name, exchange) in exchanges() {
        let evidence = exchange["evidence"].as_array().unwrap();
        let is_graded = |line: &Value| ["G", "C", "A"].contains(&&line.as_str().unwrap()[..1]);
        assert!(
            !evidence.is_empty() && evidence.iter().all(is_graded),
            "{name}"
        );
    }
}

#[test]
fn the_sandbox_answers_the_recorded_requests_as_recorded() {
    let seed = std::fs::read_to_string(root().join("tests/fixtures/api/seed.yaml")).unwrap();
    let sandbox = Sandbox::start(&seed);
    let base = sandbox.base_url();
    let mut key = String::new();
    for (name, exchange) in exchanges() {
        let (status, text) = sandbox.block_on(send(&base, &exchange["request"], &key));
        let expected = &exchange["response"];
        assert_eq!(Value::from(status), expected["status"], "{name}: {text}");
        if name.ends_with("authentication") {
            key = text;
            continue;
        }
        let body: Value = if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).unwrap()
        };
        let is_later = exchange.get("after").is_some();
        let timeless = |body: &Value| {
            if is_later && body.is_object() {
                without_times(body)
            } else {
                body.clone()
            }
        };
        assert_eq!(timeless(&body), timeless(&expected["body"]), "{name}");
    }
}

/// What the server writes by its own clock isn't as it was recorded.
fn without_times(body: &Value) -> Value {
    let mut body = body.clone();
    for name in ["LastModified", "CreatedOn"] {
        body[name] = Value::Null;
    }
    body
}

async fn send(base: &str, request: &Value, key: &str) -> (u16, String) {
    let method = request["method"].as_str().unwrap().parse().unwrap();
    let mut call = http().request(
        method,
        format!("{base}{}", request["path"].as_str().unwrap()),
    );
    for (header, value) in request["headers"].as_object().unwrap() {
        call = call.header(
            header,
            value
                .as_str()
                .map(|value| if value == "…" { key } else { value })
                .unwrap(),
        );
    }
    if !request["body"].is_null() {
        call = call.json(&request["body"]);
    }
    let answer = call.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

type Log = Arc<Mutex<Vec<String>>>;

/// The client, given the recorded answers, sends recorded requests alone and comes to the right plan.
#[test]
fn the_client_sends_what_is_recorded_and_understands_the_answers() {
    let recorded = Recorded::start();
    let users = "
defaults: { role: learner, classroom: Business Admin L3, placement: BT01, defaultAssessor: JFAYE51P }
users:
  - misId: L-0001
    firstName: Zoë
    lastName: O'Neill-Khan
    email: Zoe.ONeill@example.ac.uk
    dob: 2007-06-14
    startOn: 2026-09-07
    plannedEndDate: 2027-12-17
    homeAddress: \"1 Example Street\\nExampleton\"
    uln: \"9999999999\"
  - { misId: L-0002, firstName: Dana, lastName: Dunmarrow, email: dana@example.ac.uk }
";
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("users/l.yaml", users),
    ]);
    let mut command = rosterctl();
    command
        .current_dir(folder.path())
        .args(["apply", "--auto-approve"]);
    command
        .env("ONEFILE_BASE_URL", &recorded.base)
        .env("ONEFILE_CUSTOMER_TOKEN", "sandbox");
    let said = transcript(&mut command);
    assert!(
        said.contains("startOn          2026-07-01 -> 2026-09-07\n\n"),
        "only the start differs: {said}"
    );
    assert!(
        said.contains("Applied: 1 created, 1 updated.\n") && said.ends_with("exit 0\n"),
        "{said}"
    );
    recorded.check();
}

#[test]
fn the_client_assigns_as_is_recorded_and_understands_the_answers() {
    let recorded = Recorded::start();
    let endpoint = Endpoint {
        base: recorded.base.clone(),
        token: "sandbox".into(),
    };
    recorded.runtime.block_on(async {
        let connecting = Client::connect(&endpoint, Pace::default(), Clock::faster(1_000));
        let client = connecting.await.unwrap();
        let (college, learner) = (OrganisationId::new(5740), AccountId::new(137_945));
        let referents = BTreeSet::from([Referent::Standard, Referent::FrameworkTemplate]);
        let snapshot = fetch_part(&client, college, &referents, &[]).await.unwrap();
        let titles = |of: Referent| snapshot.directory.of(of)[0].name.clone();
        assert_eq!(titles(Referent::Standard), "Baker Level 2");
        assert_eq!(titles(Referent::FrameworkTemplate), "Baker");
        let (standard, unit) = (StandardId::new(31), UnitId::new(41));
        assert_eq!(client.units(standard).await.unwrap()[0].id, unit);
        assert_eq!(client.aims(learner).await.unwrap(), Some(Vec::new()));
        let id = client
            .assign_standard(standard, learner, None)
            .await
            .unwrap();
        assert_eq!(id, Some(AimId::new(1)));
        let aim = LearningAim {
            id: AimId::new(1),
            standard,
        };
        assert_eq!(client.aims(learner).await.unwrap(), Some(vec![aim]));
        client
            .assign_unit((standard, unit), learner, None)
            .await
            .unwrap();
        let units = client.unit_summaries(learner).await.unwrap();
        assert_eq!(units, Some(BTreeSet::from([(standard, unit)])));
        let template = TemplateId::new(51);
        client
            .assign_template(template, learner, None)
            .await
            .unwrap();
        let staff = AdditionalStaff {
            in_path: AccountId::new(122_762),
            in_body: learner,
            role: Role::from_api(5).unwrap(),
        };
        client.assign_staff(staff, None).await.unwrap();
        let kind = EntryKind::Placement;
        let text = |key: Key, text: &str| domain::Value::Text(FieldText::new(key.row().kind, text));
        let name = text(Key::Name, "Mill");
        let address = text(Key::Address, "2 Low Street");
        let fields = [
            (Key::Name, Outgoing::Value(&name)),
            (Key::Address, Outgoing::Value(&address)),
        ];
        let id = client
            .create_entry(college, kind, &fields, None)
            .await
            .unwrap();
        let entry = client.live_entry(college, kind, id).await.unwrap().unwrap();
        assert_eq!(
            entry.shown.get(Key::Address),
            Some(&ObservedValue::Value(address))
        );
        let active = [(Key::Active, Outgoing::Value(&domain::Value::Flag(true)))];
        client.update_entry(kind, id, &active, None).await.unwrap();
    });
    recorded.check();
}

/// A server that gives the recorded answers.
struct Recorded {
    runtime: Runtime,
    base: String,
    /// The requests that aren't recorded.
    strays: Log,
}

impl Recorded {
    fn start() -> Self {
        let runtime = runtime();
        let (strays, done) = (Log::default(), Log::default());
        let (log, seen) = (Arc::clone(&strays), Arc::clone(&done));
        let recorded = Arc::new(exchanges());
        let answer = move |request: Request| {
            let (recorded, log, seen) =
                (Arc::clone(&recorded), Arc::clone(&log), Arc::clone(&seen));
            async move { replay(&recorded, &log, &seen, request).await }
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
            strays,
        }
    }

    fn check(&self) {
        let strays = self.strays.lock().unwrap();
        assert!(strays.is_empty(), "{strays:?}");
    }
}

/// The last recorded answer whose time has come: some are given only `after` another exchange.
async fn replay(
    recorded: &[(String, Value)],
    log: &Mutex<Vec<String>>,
    seen: &Mutex<Vec<String>>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let body: Value = if body.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&body).unwrap()
    };
    let asked = json!([parts.method.as_str(), parts.uri.path(), body]);
    let is_it = |exchange: &Value| {
        let request = &exchange["request"];
        let has_headers = request["headers"]
            .as_object()
            .unwrap()
            .keys()
            .all(|header| parts.headers.contains_key(header));
        json!([request["method"], request["path"], request["body"]]) == asked && has_headers
    };
    let mut seen = seen.lock().unwrap();
    let is_due = |exchange: &Value| {
        exchange["after"]
            .as_str()
            .is_none_or(|after| seen.iter().any(|name| name == after))
    };
    let Some((name, exchange)) = recorded
        .iter()
        .rfind(|(_, exchange)| is_it(exchange) && is_due(exchange))
    else {
        log.lock().unwrap().push(asked.to_string());
        return StatusCode::BAD_REQUEST.into_response();
    };
    seen.push(name.clone());
    let status = StatusCode::from_u16(
        u16::try_from(exchange["response"]["status"].as_u64().unwrap()).unwrap(),
    )
    .unwrap();
    match &exchange["response"]["body"] {
        Value::Null => status.into_response(),
        Value::String(text) => (status, text.clone()).into_response(),
        body => (status, body.to_string()).into_response(),
    }
}
