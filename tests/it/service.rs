//! The sandbox's switches, limits, control calls and faults, by a plain HTTP client that knows nothing of ours.

use std::time::Duration;

use reqwest::Method;
use rosterctl::domain::clock::Clock;
use serde_json::{Value, json};

use crate::harness::{Sandbox, http};

const SEED: &str = "
customers:
  - { ID: 1, Name: Example Colleges }
organisations:
  - { ID: 5740, CustomerID: 1, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }
  - { ID: 5741, CustomerID: 1, Name: Quiet College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: true }
classrooms:
  - { ID: 1, OrganisationID: 5740, Name: Business }
users:
  - { ID: 10, OrganisationID: 5740, Role: 5, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk, MISID: A-1, DOB: 1990-07-01, Website: x }
  - { ID: 11, OrganisationID: 5740, Role: 5, FirstName: Ben, LastName: Birdwhistle, Email: ben@example.ac.uk }
  - { ID: 12, OrganisationID: 5740, Role: 5, FirstName: Cy, LastName: Cloverdene, Email: cy@example.ac.uk }
";

/// A stranger with a session.
pub struct Stranger<'s> {
    sandbox: &'s Sandbox,
    key: String,
}

impl<'s> Stranger<'s> {
    pub fn new(sandbox: &'s Sandbox) -> Self {
        let url = format!("{}/Authentication", sandbox.base_url());
        let request = http().post(url).header("X-CustomerToken", "sandbox");
        let key = sandbox.block_on(async { request.send().await.unwrap().text().await.unwrap() });
        Self { sandbox, key }
    }

    /// Status and body; `None` where the connection closed without an answer, or the body broke off.
    pub fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Option<(u16, Value)> {
        let mut request = http()
            .request(method, format!("{}/{path}", self.sandbox.base_url()))
            .header("X-TokenID", &self.key);
        request = body.iter().fold(request, reqwest::RequestBuilder::json);
        self.sandbox.block_on(async {
            let response = request.send().await.ok()?;
            let status = response.status().as_u16();
            let bytes = response.bytes().await.ok()?;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            Some((
                status,
                serde_json::from_slice(&bytes).unwrap_or(Value::String(text)),
            ))
        })
    }

    pub fn get(&self, path: &str) -> (u16, Value) {
        self.call(Method::GET, path, None).expect("an answer")
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers write the body in place"
    )]
    pub fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.call(Method::POST, path, Some(&body))
            .expect("an answer")
    }

    /// The IDs that a search of assessors shows.
    fn found(&self) -> Vec<i64> {
        let rows = self
            .post(
                "User/Search/1/500",
                json!({ "OrganisationID": 5740, "Role": 5 }),
            )
            .1;
        rows.as_array()
            .map(|rows| rows.iter().map(|row| row["ID"].as_i64().unwrap()).collect())
            .unwrap_or_default()
    }
}

fn with(behaviour: &str) -> Sandbox {
    Sandbox::start(&format!("{SEED}behaviour: {behaviour}\n"))
}

fn assessor(email: &str) -> Value {
    json!({ "OrganisationID": 5740, "Role": 5, "FirstName": "Dana", "LastName": "Dunmarrow", "Email": email })
}

#[test]
fn archived_users_are_in_searches_or_not_by_a_switch() {
    for (behaviour, shown) in [
        ("{ archived: shown }", vec![10, 11, 12]),
        ("{ archived: hidden }", vec![10, 12]),
    ] {
        let sandbox = with(behaviour);
        let stranger = Stranger::new(&sandbox);
        assert_eq!(stranger.post("user/11/archive", json!({})).0, 200);
        assert_eq!(stranger.found(), shown, "{behaviour}");
        assert_eq!(stranger.get("User/11").0, 200);
        assert_eq!(stranger.post("User/11/Unarchive", json!({})).0, 200);
        assert_eq!(stranger.found(), [10, 11, 12]);
        assert_eq!(stranger.post("User/99/Archive", json!({})).0, 404);
    }
}

#[test]
fn what_shows_that_a_user_is_archived_is_a_switch() {
    for (flag, name) in [
        ("shown", "Archived"),
        ("IsArchived", "IsArchived"),
        ("DateArchived", "DateArchived"),
        ("ArchivedOn", "ArchivedOn"),
    ] {
        let sandbox = with(&format!("{{ archivedFlag: {flag}, searchRows: full }}"));
        let stranger = Stranger::new(&sandbox);
        let before = stranger.get("User/11").1[name].clone();
        assert!(
            before.is_null() || before == json!(false),
            "{flag}: {before}"
        );
        stranger.post("User/11/Archive", json!({}));
        let after = stranger.get("User/11").1[name].clone();
        assert!(after == json!(true) || after.is_string(), "{flag}: {after}");
        stranger.post("User/11/Unarchive", json!({}));
        assert_eq!(stranger.get("User/11").1[name], before, "{flag}");
    }
    let sandbox = with("{ searchRows: [Archived] }");
    let stranger = Stranger::new(&sandbox);
    stranger.post("User/11/Archive", json!({}));
    assert!(!stranger.get("User/11").1.to_string().contains("rchived"));
}

#[test]
fn who_comes_back_from_the_archive_has_a_classroom_or_not_by_a_switch() {
    for (keeps, expected) in [("true", json!(1)), ("false", Value::Null)] {
        let seed = "organisations: [{ ID: 5740, Name: Example College }]
classrooms: [{ ID: 1, OrganisationID: 5740, Name: Room }]
users:
  - { ID: 11, OrganisationID: 5740, Role: 1, FirstName: Ines, LastName: Ibbotsen, ClassroomID: 1, Archived: true }
";
        let sandbox = Sandbox::start(&format!(
            "{seed}behaviour: {{ unarchiveKeepsClassroom: {keeps} }}\n"
        ));
        let stranger = Stranger::new(&sandbox);
        assert_eq!(stranger.post("User/11/Unarchive", json!({})).0, 200);
        assert_eq!(
            stranger.get("User/11").1["ClassroomID"],
            expected,
            "{keeps}"
        );
    }
}

#[test]
fn classrooms_and_placements_are_created_and_updated() {
    let sandbox = Sandbox::start(SEED);
    let stranger = Stranger::new(&sandbox);
    for (kind, id) in [("Classroom", 2), ("Placement", 1)] {
        let sent = json!({ "OrganisationID": 5740, "Name": "New", "MISID": "N-1" });
        assert_eq!(stranger.post(kind, sent), (200, json!({ "ID": id })));
        assert_eq!(
            stranger
                .post(&format!("{kind}/{id}"), json!({ "name": "Newer" }))
                .0,
            200
        );
        let shown = stranger.get(&format!("{kind}/{id}")).1;
        assert_eq!(
            (&shown["Name"], &shown["MISID"]),
            (&json!("Newer"), &json!("N-1"))
        );
        assert_eq!(
            stranger.post(kind, json!({ "Name": "x" })),
            (400, json!({ "message": "OrganisationID is required" }))
        );
    }
}

#[test]
fn searches_are_brief_or_full_and_fields_shown_or_never() {
    let sandbox = with("{ searchRows: full, neverShown: [Website], pageCap: 2 }");
    let stranger = Stranger::new(&sandbox);
    let rows = stranger
        .post("User/Search/1/500", json!({ "OrganisationID": 5740 }))
        .1;
    assert_eq!(rows.as_array().unwrap().len(), 2);
    assert_eq!(rows[0]["DOB"], "1990-06-30T23:00:00Z");
    let plain = stranger
        .post("User/Search", json!({ "OrganisationID": 5740 }))
        .1;
    assert_eq!(
        (
            plain.as_array().unwrap().len(),
            plain[0].as_object().unwrap().len()
        ),
        (3, 4)
    );
    assert_eq!(stranger.post("User/10", json!({ "Website": "y" })).0, 200);
    assert!(stranger.get("User/10").1.get("Website").is_none());
    assert_eq!(sandbox.state()["users"][0]["Website"], "y");
}

#[test]
fn search_rows_may_show_some_fields_more() {
    let sandbox = with("{ searchRows: [Email, DOB] }");
    let row = Stranger::new(&sandbox)
        .post("User/Search/1/500", json!({ "OrganisationID": 5740 }))
        .1[0]
        .clone();
    assert_eq!(
        (row.as_object().unwrap().len(), &row["DOB"]),
        (6, &json!("1990-06-30T23:00:00Z"))
    );
}

#[test]
fn a_search_asks_for_what_was_modified_since() {
    let sandbox = Sandbox::start(SEED);
    let stranger = Stranger::new(&sandbox);
    assert_eq!(
        stranger
            .post("User/11", json!({ "Telephone": "01632 960000" }))
            .0,
        200
    );
    let since = |at: &str| stranger.post("User/Search", json!({ "LastModified": at }));
    let rows = since("2026-01-01T00:00:01Z").1;
    assert_eq!(
        rows.as_array()
            .unwrap()
            .iter()
            .map(|row| &row["ID"])
            .collect::<Vec<_>>(),
        [11]
    );
    assert_eq!(since("2999-01-01T00:00:00Z").0, 204);
}

#[test]
fn the_outbox_holds_what_would_have_been_sent() {
    let sandbox = Sandbox::start(SEED);
    let stranger = Stranger::new(&sandbox);
    assert_eq!(stranger.post("User", assessor("dana@example.ac.uk")).0, 200);
    let mut quiet = assessor("quiet@example.ac.uk");
    quiet["OrganisationID"] = json!(5741);
    assert_eq!(stranger.post("User", quiet).0, 200);
    let messages = sandbox.control(Method::GET, "outbox", "").1["messages"].clone();
    assert_eq!(messages.as_array().unwrap().len(), 1);
    assert_eq!(
        (&messages[0]["to"], &messages[0]["userId"]),
        (&json!("dana@example.ac.uk"), &json!(13))
    );
    assert!(messages[0]["at"].is_string());
}

#[test]
fn a_state_is_put_whole_or_not_at_all() {
    let sandbox = Sandbox::start(SEED);
    let before = sandbox.state();
    let (status, answer) = sandbox.control(
        Method::PUT,
        "state",
        "{\"organisations\": [{\"ID\": 1}],\n \"users\": [{\"ID\": 1, \"Rol\": 5}]}",
    );
    let message = answer["message"].as_str().unwrap();
    assert!(
        status == 400 && message.contains("body:2: unknown key `Rol`; write `Role`"),
        "{message}"
    );
    assert_eq!(sandbox.state(), before);
    assert_eq!(
        sandbox.control(Method::PUT, "state", &before.to_string()).0,
        200
    );
    assert_eq!(sandbox.state(), before, "what is shown can be put");
    assert_eq!(
        sandbox
            .control(
                Method::PUT,
                "state",
                "{\"organisations\": [{\"ID\": 1, \"Name\": \"x\"}]}"
            )
            .0,
        200
    );
    assert_eq!(sandbox.state()["users"], json!([]));
    assert_eq!(sandbox.control(Method::GET, "nonsense", "").0, 404);
}

pub fn a_window_of_calls_ends_and_begins_again() {
    for (retry_after, has_header) in [("true", true), ("false", false)] {
        let seed = format!("{SEED}behaviour: {{ rateLimit: 5, retryAfter: {retry_after} }}\n");
        let sandbox = Sandbox::start_with(&seed, Clock::faster(30));
        let stranger = Stranger::new(&sandbox);
        let statuses: Vec<u16> = (0..6).map(|_| stranger.get("Customer").0).collect();
        assert_eq!(
            statuses,
            [200, 200, 200, 200, 429, 429],
            "the authentication counts, too"
        );
        let url = format!("{}/Customer", sandbox.base_url());
        let limited = sandbox.block_on(async {
            http()
                .get(url)
                .header("X-TokenID", &stranger.key)
                .send()
                .await
                .unwrap()
        });
        assert_eq!(limited.headers().contains_key("Retry-After"), has_header);
        sandbox.state();
        sandbox.block_on(Clock::REAL.sleep(Duration::from_millis(2100)));
        assert_eq!(
            stranger.get("Customer").0,
            200,
            "a minute of sandbox time has passed"
        );
    }
}

#[test]
fn a_session_key_ends_after_its_calls_and_after_a_day() {
    let sandbox = with("{ sessionCalls: 2 }");
    let stranger = Stranger::new(&sandbox);
    assert_eq!(
        [
            stranger.get("Customer").0,
            stranger.get("Customer").0,
            stranger.get("Customer").0
        ],
        [200, 200, 401]
    );
    assert_eq!(Stranger::new(&sandbox).get("Customer").0, 200);
    let sandbox = Sandbox::start_with(SEED, Clock::faster(1_000_000));
    let stranger = Stranger::new(&sandbox);
    sandbox.block_on(Clock::REAL.sleep(Duration::from_millis(100)));
    assert_eq!(stranger.get("Customer").0, 401);
}

#[test]
fn other_customer_tokens_can_be_listed_and_maintenance_switched_on() {
    let sandbox = with("{ tokens: [another] }");
    let url = format!("{}/Authentication", sandbox.base_url());
    for (token, status) in [("another", 200), ("third", 401)] {
        let request = http().post(&url).header("X-CustomerToken", token);
        assert_eq!(
            sandbox
                .block_on(async { request.send().await.unwrap() })
                .status(),
            status
        );
    }
    let sandbox = with("{ maintenance: true }");
    assert_eq!(Stranger::new(&sandbox).get("Customer").0, 503);
}

/// Puts one rule, and gives a stranger.
pub fn struck<'s>(sandbox: &'s Sandbox, rule: &str) -> Stranger<'s> {
    let (status, answer) = sandbox.control(Method::PUT, "faults", &format!("[{rule}]"));
    assert_eq!(status, 200, "{answer}");
    Stranger::new(sandbox)
}

fn users(sandbox: &Sandbox) -> usize {
    sandbox.state()["users"].as_array().unwrap().len()
}

#[test]
fn faults_of_answers() {
    let sandbox = Sandbox::start(SEED);
    let stranger = struck(
        &sandbox,
        r#"{"on": "GET /Customer", "do": {"status": 502, "body": "bad gateway"}}"#,
    );
    assert_eq!(stranger.get("Customer"), (502, json!("bad gateway")));
    assert_eq!(stranger.get("User/10").0, 200, "other calls are left alone");
    let stranger = struck(&sandbox, r#"{"on": "/customer", "do": "html"}"#);
    assert!(
        stranger
            .get("Customer")
            .1
            .as_str()
            .unwrap()
            .starts_with("<html>")
    );
    let stranger = struck(&sandbox, r#"{"on": "GET /User/*", "do": "cut"}"#);
    assert_eq!(stranger.call(Method::GET, "User/10", None), None);
    let stranger = struck(&sandbox, r#"{"on": "GET /User/*", "do": "brokenJson"}"#);
    let (status, body) = stranger.get("User/10");
    assert!(status == 200 && body.is_string(), "{body}");
    let stranger = struck(&sandbox, r#"{"on": "GET /Customer", "do": "endSession"}"#);
    assert_eq!(stranger.get("Customer").0, 401);
    let sandbox = Sandbox::start_with(SEED, Clock::faster(10));
    let stranger = struck(
        &sandbox,
        r#"{"on": "GET /Customer", "do": {"delayMs": 2000}}"#,
    );
    let begun = Clock::REAL.now();
    assert_eq!(stranger.get("Customer").0, 200);
    assert!(Clock::REAL.since(begun).as_millis() >= 200);
}

#[test]
fn faults_of_writes() {
    let sandbox = Sandbox::start(SEED);
    let create = |stranger: &Stranger<'_>| {
        stranger.call(Method::POST, "User", Some(&assessor("d@example.ac.uk")))
    };
    assert_eq!(
        create(&struck(
            &sandbox,
            r#"{"on": "POST /User", "do": "resetBefore"}"#
        )),
        None
    );
    assert_eq!(users(&sandbox), 3);
    assert_eq!(
        create(&struck(
            &sandbox,
            r#"{"on": "POST /User", "do": "resetAfter"}"#
        )),
        None
    );
    assert_eq!(users(&sandbox), 4, "the work was done");
    assert_eq!(
        create(&struck(
            &sandbox,
            r#"{"on": "POST /User", "do": "loseWrite"}"#
        ))
        .unwrap()
        .0,
        200
    );
    assert_eq!(users(&sandbox), 4, "the work was acknowledged and lost");
    let fails = json!({ "OrganisationID": 5740, "Role": 5, "FirstName": "Flo", "LastName": "Fernhollow", "Email": "f@example.ac.uk" });
    let stranger = struck(&sandbox, r#"{"on": "POST /User", "do": "failAfter"}"#);
    assert_eq!(
        stranger.call(Method::POST, "User", Some(&fails)).unwrap().0,
        500
    );
    assert_eq!(users(&sandbox), 5, "the work was done");
    let stranger = struck(
        &sandbox,
        r#"{"on": "POST /User/*", "do": {"ignoreField": "telephone"}}"#,
    );
    assert_eq!(
        stranger
            .post("User/10", json!({ "Telephone": "1", "MobileNumber": "2" }))
            .0,
        200
    );
    let row = sandbox.state()["users"][0].clone();
    assert_eq!(
        (&row["Telephone"], &row["MobileNumber"]),
        (&json!(null), &json!("2"))
    );
    let stranger = struck(&sandbox, r#"{"on": "POST /User/*", "do": "blankUnsent"}"#);
    assert_eq!(
        stranger.post("User/10", json!({ "FirstName": "Anna" })).0,
        200
    );
    let row = sandbox.state()["users"][0].clone();
    assert_eq!(
        (&row["FirstName"], &row["Email"], &row["Role"]),
        (&json!("Anna"), &json!(null), &json!(5))
    );
}

#[test]
fn faults_of_searches() {
    let sandbox = Sandbox::start_with(SEED, Clock::faster(10));
    assert_eq!(
        struck(
            &sandbox,
            r#"{"on": "POST /User/Search/**", "do": "repeatRow"}"#
        )
        .found(),
        [10, 10, 11, 12]
    );
    assert_eq!(
        struck(
            &sandbox,
            r#"{"on": "POST /User/Search/**", "do": "skipRow"}"#
        )
        .found(),
        [11, 12]
    );
    let stranger = struck(
        &sandbox,
        r#"{"on": "POST /User", "do": {"hideCreatedMs": 20000}}"#,
    );
    assert_eq!(stranger.post("User", assessor("d@example.ac.uk")).0, 200);
    assert_eq!(stranger.found(), [10, 11, 12]);
    assert_eq!(stranger.get("User/13").0, 200);
    sandbox.block_on(Clock::REAL.sleep(Duration::from_millis(2100)));
    assert_eq!(stranger.found(), [10, 11, 12, 13]);
}

pub fn faults_strike_when_they_are_meant_to_and_the_same_way_each_time() {
    let sandbox = Sandbox::start(SEED);
    let statuses = |rule: &str, calls: usize| {
        let stranger = struck(&sandbox, rule);
        (0..calls)
            .map(|_| stranger.get("Customer").0)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        statuses(
            r#"{"on": "GET /Customer", "when": {"nth": 2}, "do": {"status": 500}}"#,
            4
        ),
        [200, 500, 200, 200]
    );
    assert_eq!(
        statuses(
            r#"{"on": "GET /Customer", "when": {"every": 2}, "do": {"status": 500}}"#,
            4
        ),
        [200, 500, 200, 500]
    );
    let chance =
        r#"{"on": "GET /Customer", "when": {"chance": 0.5, "seed": 7}, "do": {"status": 500}}"#;
    let first = statuses(chance, 40);
    assert_eq!(first, statuses(chance, 40));
    assert!((10..30).contains(&first.iter().filter(|status| **status == 500).count()));
}

#[test]
fn a_fault_that_can_not_be_understood_says_what_to_write() {
    let sandbox = Sandbox::start(SEED);
    for (rule, expected) in [
        (
            r#"{"do": "html"}"#,
            "a fault without `on`; add `on: POST /User`",
        ),
        (
            r#"{"on": "POST /User"}"#,
            "a fault without `do`; add `do: html`",
        ),
        (
            r#"{"on": "POST /User", "do": "htm"}"#,
            "`do` takes one of a few words",
        ),
        (
            r#"{"on": "POST /User", "do": {"status": "x"}}"#,
            "`status` takes a whole number",
        ),
        (
            r#"{"on": "POST /User", "do": {"status": 101}}"#,
            "`status` takes a status",
        ),
        (
            r#"{"on": "GTE /User", "do": "html"}"#,
            "`on` takes a method and a path",
        ),
        (
            r#"{"on": "POST /api/v2.1/User", "do": "html"}"#,
            "below the base URL",
        ),
        (
            r#"{"on": "/**/x", "do": "html"}"#,
            "`on` takes a method and a path",
        ),
        (
            r#"{"on": "/User", "when": {"nth": 0}, "do": "html"}"#,
            "`when` takes a time",
        ),
        (
            r#"{"on": "/User", "when": {"chance": 5}, "do": "html"}"#,
            "`chance` takes a number up to 1",
        ),
        (
            r#"{"on": "/User", "do": {"ignoreField": "Emial"}}"#,
            "`ignoreField` takes a field of the API",
        ),
        (
            r#"{"on": "/User", "do": {"delayMs": 5, "body": "x"}}"#,
            "`do` takes a fault",
        ),
        (
            r#"{"on": "a b c", "do": "html"}"#,
            "`on` takes a method and a path",
        ),
        (
            r#"{"on": "/User", "when": {"nth": 1, "every": 2}, "do": "html"}"#,
            "`when` takes a time",
        ),
        (
            r#"{"on": "/User", "wen": 1, "do": "html"}"#,
            "unknown key `wen`; write `when`",
        ),
        ("5", "a mapping is due here"),
    ] {
        let (status, answer) = sandbox.control(Method::PUT, "faults", &format!("[{rule}]"));
        let message = answer["message"].as_str().unwrap();
        assert!(
            status == 400 && message.contains(expected),
            "{rule}: {message}"
        );
    }
}

#[test]
fn faults_of_the_seed_strike_and_what_is_wrong_in_it_is_said() {
    let sandbox = Sandbox::start(&format!(
        "{SEED}faults:\n  - on: GET /Customer\n    do: {{ status: 503 }}\n"
    ));
    assert_eq!(Stranger::new(&sandbox).get("Customer").0, 503);
    let seed = format!(
        "{SEED}behaviour: {{ pageCap: x, searchRows: ful, neverShown: [Wbsite], latncyMs: 5, retryAfter: 1 }}\n"
    );
    let (status, answer) = sandbox.control(Method::PUT, "state", &seed);
    let message = answer["message"].as_str().unwrap();
    for expected in [
        "`pageCap` takes a whole number",
        "`searchRows` takes one of",
        "a field that users don't have",
        "`latencyMs`",
        "`retryAfter` takes a flag",
    ] {
        assert!(
            status == 400 && message.contains(expected),
            "{expected}: {message}"
        );
    }
}

#[test]
fn searches_ask_by_value_and_refuse_what_is_none() {
    let sandbox = Sandbox::start(SEED);
    let stranger = Stranger::new(&sandbox);
    let ids = |filter: Value| {
        let (status, rows) = stranger.post("User/Search", filter);
        let ids = rows.as_array().map(|rows| {
            rows.iter()
                .map(|row| row["ID"].as_i64().unwrap())
                .collect::<Vec<_>>()
        });
        (status, ids.unwrap_or_default())
    };
    assert_eq!(ids(json!({ "MISID": "null" })), (204, vec![]));
    assert_eq!(ids(json!({ "MISID": "" })), (200, vec![10, 11, 12]));
    assert_eq!(
        ids(json!({ "DOB": "1990-06-30T23:00:00Z" })),
        (200, vec![10])
    );
    assert_eq!(
        ids(json!({ "LastModified": "2020-01-01" })),
        (200, vec![10, 11, 12])
    );
    assert_eq!(ids(json!({ "ClassroomID": 99 })), (204, vec![]));
    for wrong in [
        json!({ "LastModified": "junk" }),
        json!({ "Role": 5.5 }),
        json!({ "FirstName": { "a": 1 } }),
    ] {
        assert_eq!(ids(wrong.clone()).0, 400, "{wrong}");
    }
    assert_eq!(stranger.get("Organisation/99/LearnerStatuses").0, 404);
}

#[test]
fn an_update_empties_nothing_that_is_mandatory() {
    let sandbox = Sandbox::start(SEED);
    let stranger = Stranger::new(&sandbox);
    assert_eq!(
        stranger.post("User/10", json!({ "Email": "" })),
        (400, json!({ "message": "Email is required" }))
    );
    assert_eq!(
        stranger.post("Classroom/1", json!({ "Name": null })),
        (400, json!({ "message": "Name is required" }))
    );
    assert_eq!(stranger.post("User/10", json!({ "Website": "" })).0, 200);
}

#[test]
fn a_lost_create_hides_nobody_and_its_id_is_not_given_again() {
    let sandbox = Sandbox::start(SEED);
    let rules = r#"{"on": "POST /User", "when": {"nth": 1}, "do": "loseWrite"}, {"on": "POST /User", "when": {"nth": 1}, "do": {"hideCreatedMs": 60000}}"#;
    let stranger = struck(&sandbox, rules);
    assert_eq!(
        stranger.post("User", assessor("d@example.ac.uk")).1["ID"],
        13
    );
    assert_eq!(
        stranger.post("User", assessor("d@example.ac.uk")).1["ID"],
        14
    );
    assert_eq!(stranger.found(), [10, 11, 12, 14]);
}

#[test]
fn a_page_of_one_row_that_is_skipped_or_repeated_is_answered() {
    let sandbox = Sandbox::start(SEED);
    let one = json!({ "MISID": "A-1" });
    let both = r#"{"on": "POST /User/Search", "do": "skipRow"}, {"on": "POST /User/Search", "do": "repeatRow"}"#;
    assert_eq!(
        struck(&sandbox, both)
            .post("User/Search", one.clone())
            .1
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        struck(&sandbox, r#"{"on": "POST /User/Search", "do": "skipRow"}"#)
            .post("User/Search", one)
            .0,
        204
    );
}

#[test]
fn any_text_that_is_shown_in_a_state_can_be_put_again() {
    let sandbox = Sandbox::start(SEED);
    let stranger = Stranger::new(&sandbox);
    let odd: String = (1..0x1_0000_u32)
        .filter_map(char::from_u32)
        .filter(|c| !c.is_alphanumeric())
        .collect();
    assert_eq!(
        stranger
            .post("User/10", json!({ "WorkAddress": format!("x{odd}😀") }))
            .0,
        200
    );
    let (_, before) = sandbox.control(Method::GET, "state", "");
    let text = sandbox.text_of("state");
    assert_eq!(sandbox.control(Method::PUT, "state", &text).0, 200);
    assert_eq!(sandbox.state(), before);
}

#[test]
fn a_state_that_says_how_to_behave_is_refused_and_aliases_break_nothing() {
    let sandbox = Sandbox::start(SEED);
    let seed = format!("{SEED}behaviour: {{ maintenance: true }}\n");
    assert_eq!(sandbox.control(Method::PUT, "state", &seed).0, 400);
    let seed = "organisations: [{ID: 1, Name: &n x}]\nplacements: [{ID: 1, OrganisationID: 1, Name: *n}]\n";
    assert_eq!(sandbox.control(Method::PUT, "state", seed).0, 200);
    let compact = r#"{"organisations":[{"ID":1}],"behaviour":{"maintenance":true}}"#;
    assert_eq!(
        Stranger::new(&Sandbox::start(compact)).get("Customer").0,
        503
    );
    let two =
        format!("{SEED}behaviour: {{ pageCap: 1 }}\n---\nbehaviour: {{ maintenance: true }}\n");
    assert_eq!(Stranger::new(&Sandbox::start(&two)).get("Customer").0, 503);
}

#[test]
fn a_seed_without_a_customer_has_one_all_the_same() {
    let sandbox = Sandbox::start("organisations: [{ID: 5740, Name: Example College}]\n");
    let stranger = Stranger::new(&sandbox);
    assert_eq!(stranger.get("Customer").1["ID"], 1);
    assert_eq!(
        stranger
            .post("Organisation/Search", json!({ "CustomerID": 1 }))
            .1[0]["ID"],
        5740
    );
}
