//! The sandbox as a stranger's client meets it, and its data from one run to the next.

use rosterctl::findings::source::Sources;
use rosterctl::sandbox::{Store, seed};
use serde_json::{Value, json};

use crate::harness::{Sandbox, http, project, rosterctl, runtime, transcript};

const SEED: &str = "
customers:
  - { ID: 1, Name: Example Colleges }
organisations:
  - { ID: 5740, CustomerID: 1, Name: Example College, KeychainCreationForNewUserActive: true }
classrooms:
  - { ID: 1, OrganisationID: 5740, Name: Business }
placements:
  - { ID: 2, OrganisationID: 5740, Name: Bakery, MISID: BT01 }
providers:
  - { ID: 3, OrganisationID: 5740, Name: Provider }
learnerStatuses:
  - { ID: 4, OrganisationID: 5740, Name: Active }
users:
  - { ID: 10, OrganisationID: 5740, Role: 5, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk, MISID: A-1 }
  - { ID: 11, OrganisationID: 5740, Role: 5, FirstName: Ben, LastName: Birdwhistle, Email: ben@example.ac.uk }
";

/// A project's one user, whose account is there.
const USERS: &str = "users:\n  - { id: 10, role: assessor }\n";

/// One call of a client that knows nothing of ours: status and body.
pub async fn call(
    base: &str,
    method: reqwest::Method,
    path: &str,
    session: &str,
    form: &[(&str, &str)],
) -> (u16, Value) {
    let mut request = http()
        .request(method, format!("{base}/{path}"))
        .header("X-TokenID", session);
    if !form.is_empty() {
        let body: String = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        request = request
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(body);
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (
        status,
        serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or(Value::Null),
    )
}

pub async fn authenticate(base: &str, token: &str) -> (u16, String) {
    let response = http()
        .post(format!("{base}/authentication"))
        .header("X-CustomerToken", token)
        .send()
        .await
        .unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "a list of steps, read from top to bottom"
)]
fn a_client_that_sends_forms_and_lower_case_paths_is_served() {
    let sandbox = Sandbox::start(SEED);
    let base = sandbox.base_url();
    runtime().block_on(async {
        use reqwest::Method;
        assert_eq!(authenticate(&base, "wrong").await.0, 401);
        let (status, key) = authenticate(&base, "sandbox").await;
        assert_eq!(status, 200);
        let get = async |path: &str| call(&base, Method::GET, path, &key, &[]).await;
        let post = async |path: &str, form: &[(&str, &str)]| {
            call(&base, Method::POST, path, &key, form).await
        };
        assert_eq!(
            call(&base, Method::GET, "customer", "wrong", &[]).await.0,
            401
        );
        assert_eq!(get("customer").await.1["Name"], "Example Colleges");
        assert_eq!(
            post("organisation/search", &[("customerid", "1")]).await.1[0]["ID"],
            5740
        );
        assert_eq!(
            get("organisation/5740/learnerstatuses").await.1[0]["Name"],
            "Active"
        );
        assert_eq!(
            post("provider/search", &[("organisationid", "5740")])
                .await
                .1[0]["ID"],
            3
        );
        assert_eq!(get("classroom/1").await.1["Name"], "Business");
        assert_eq!(
            get("nonsense").await,
            (404, json!({ "message": "Not found" }))
        );
        // A brief row, whose MIS value may be null; 204 for nothing found.
        let rows = post("user/search", &[("organisationID", "5740"), ("role", "5")])
            .await
            .1;
        assert_eq!(
            rows[1],
            json!({ "ID": 11, "FirstName": "Ben", "LastName": "Birdwhistle", "MISID": null })
        );
        assert_eq!(
            post("user/search/2/500", &[("organisationID", "5740")])
                .await
                .0,
            204
        );
        assert_eq!(
            post("user/search", &[("misid", "A-1"), ("firstname", "Ann")])
                .await
                .1
                .as_array()
                .unwrap()
                .len(),
            1
        );
        // Creating asks for what the role needs and for references that exist, and says what is wrong.
        let learner = [
            ("organisationID", "5740"),
            ("role", "1"),
            ("firstname", "Zoë"),
            ("lastname", "Example"),
            ("email", "zoe@example.ac.uk"),
            ("classroomid", "1"),
            ("placementid", "2"),
            ("defaultassessorid", "10"),
            ("dob", "2026-07-01T12:00:00Z"),
            ("supportfunding", "true"),
        ];
        assert_eq!(
            post("user", &learner[..7]).await,
            (400, json!({ "message": "DefaultAssessorID is required" }))
        );
        assert_eq!(
            post("user", &[("classroomid", "9")]).await,
            (400, json!({ "message": "ClassroomID is not valid" }))
        );
        let (status, made) = post("user", &learner).await;
        assert_eq!((status, &made["ID"]), (200, &json!(12)));
        assert_eq!(post("user", &learner).await.1["ID"], 13, "twice makes two");
        // Days come as the UTC instant of their London midnight; every key is shown.
        let whole = get("user/12").await.1;
        assert_eq!(
            (&whole["DOB"], &whole["SupportFunding"]),
            (&json!("2026-06-30T23:00:00Z"), &json!(true))
        );
        assert!(
            whole.as_object().unwrap()["NINO"].is_null() && whole["Username"] == made["Username"]
        );
        // An update changes what is sent and nothing else.
        assert_eq!(post("user/12", &[("uln", "9999999999")]).await.0, 200);
        let updated = get("user/12").await.1;
        assert_eq!(
            (&updated["ULN"], &updated["Email"]),
            (&json!("9999999999"), &whole["Email"])
        );
        assert_eq!(post("user/12", &[("role", "5")]).await.0, 400);
        assert_eq!(post("user/99", &[("uln", "9999999999")]).await.0, 404);
        assert_eq!(call(&base, Method::PUT, "user/12", &key, &[]).await.0, 404);
        assert_eq!(post("user/12/archive", &[]).await.0, 200);
        assert_eq!(
            post("user/12/unarchive", &[("reason", "none")]).await.0,
            200
        );
    });
    let tokens: Vec<_> = sandbox
        .requests()
        .into_iter()
        .filter(|request| request.to_string().contains("sandbox-"))
        .collect();
    assert!(tokens.is_empty(), "the log holds no session keys");
}

#[test]
fn a_body_that_is_no_json_is_a_400() {
    let sandbox = Sandbox::start(SEED);
    let base = sandbox.base_url();
    runtime().block_on(async {
        let (_, key) = authenticate(&base, "sandbox").await;
        for body in ["{", "[1]", "\"x\"", "\u{0}"] {
            let request = http()
                .post(format!("{base}/User"))
                .header("X-TokenID", &key)
                .body(body.to_owned());
            assert_eq!(request.send().await.unwrap().status(), 400, "{body}");
        }
    });
}

#[test]
fn what_is_kept_is_there_when_it_is_opened_again() {
    let mut sources = Sources::default();
    let file = sources.add("sandbox.yaml", SEED.to_owned());
    let state = seed(file, SEED).unwrap();
    let folder = tempfile::tempdir().unwrap();
    Store::open(folder.path())
        .unwrap()
        .fill(SEED, &state)
        .unwrap();
    assert_eq!(
        Store::open(folder.path())
            .unwrap()
            .seed()
            .unwrap()
            .as_deref(),
        Some(SEED)
    );
    assert!(Store::reset(folder.path()).unwrap());
    assert!(!Store::reset(folder.path()).unwrap());
    assert_eq!(Store::open(folder.path()).unwrap().seed().unwrap(), None);
}

#[test]
fn two_runs_at_once_do_not_share_the_data() {
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("sandbox.yaml", SEED),
        ("users/a.yaml", USERS),
    ]);
    std::fs::create_dir(folder.path().join(".rosterctl")).unwrap();
    let held = Store::open(&folder.path().join(".rosterctl")).unwrap();
    let said = transcript(
        rosterctl()
            .current_dir(folder.path())
            .args(["plan", "--sandbox"]),
    );
    assert!(
        said.contains("in use by another rosterctl") && said.ends_with("exit 1\n"),
        "{said}"
    );
    drop(held);
    let said = transcript(
        rosterctl()
            .current_dir(folder.path())
            .args(["plan", "--sandbox"]),
    );
    assert!(said.ends_with("exit 0\n"), "{said}");
}

#[test]
fn a_seed_that_can_not_be_understood_says_where() {
    let seed = "organisation: []\nclassrooms: 5\nusers:\n  - { ID: 1, Role: 7, ClassroomID: 9, DOB: soon, FirstNam: x }\n  - { Role: 1 }\n  - { ID: 1, Role: 1 }\n";
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("sandbox.yaml", seed),
        ("users/a.yaml", USERS),
    ]);
    insta::assert_snapshot!(transcript(
        rosterctl()
            .current_dir(folder.path())
            .args(["plan", "--sandbox"])
    ));
}

#[test]
fn a_changed_seed_is_noticed_and_a_missing_one_is_said() {
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("users/a.yaml", USERS),
    ]);
    let plan = || {
        transcript(
            rosterctl()
                .current_dir(folder.path())
                .args(["plan", "--sandbox"]),
        )
    };
    assert_eq!(
        plan(),
        "stderr:\nerror: the sandbox is empty, and there is no sandbox.yaml to fill it from; to try a plan of a real server, use `rosterctl rehearse`\nexit 64\n"
    );
    std::fs::write(folder.path().join("sandbox.yaml"), SEED).unwrap();
    let settled = "No changes: 1 user is as declared.\n1 live account isn't declared here.\n";
    let first = plan();
    assert!(
        first.starts_with(settled) && !first.contains("note:"),
        "{first}"
    );
    std::fs::write(
        folder.path().join("sandbox.yaml"),
        format!("{SEED}\n# more\n"),
    )
    .unwrap();
    let note = "note: sandbox.yaml has changed since the sandbox was filled from it; `rosterctl sandbox reset` starts anew\n";
    assert!(plan().contains(note));
    let reset = || {
        transcript(
            rosterctl()
                .current_dir(folder.path())
                .args(["sandbox", "reset"]),
        )
    };
    assert_eq!(
        reset(),
        "The sandbox is empty now; the next run fills it from sandbox.yaml.\nexit 0\n"
    );
    std::fs::remove_file(folder.path().join("sandbox.yaml")).unwrap();
    assert_eq!(
        reset(),
        "The sandbox was empty; write a sandbox.yaml to fill it from.\nexit 0\n"
    );
}

/// What was created before isn't there any more, and is no reason to wait for it.
#[test]
fn a_sandbox_that_was_started_anew_is_not_held_to_its_past() {
    let new = "  - { misId: A-900, role: assessor, firstName: Zed, lastName: Zillow, email: zed@example.ac.uk }\n";
    let files = [
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("users/a.yaml", &format!("{USERS}{new}")),
        ("sandbox.yaml", SEED),
    ];
    let folder = project(&files);
    let run = |args: &str| transcript(rosterctl().current_dir(folder.path()).args(args.split(' ')));
    for _ in 0..2 {
        assert!(run("apply --sandbox --auto-approve").contains("created assessor A-900"));
        assert!(run("plan --sandbox").starts_with("No changes"));
        assert!(run("sandbox reset").ends_with("exit 0\n"));
    }
    assert!(run("history").contains("  the sandbox was started anew\n"));
}

#[test]
fn a_day_at_the_end_of_the_calendar_is_refused_and_nothing_breaks() {
    let sandbox = Sandbox::start(SEED);
    let base = sandbox.base_url();
    runtime().block_on(async {
        let (_, key) = authenticate(&base, "sandbox").await;
        let answer = call(
            &base,
            reqwest::Method::POST,
            "user/10",
            &key,
            &[("dob", "9999-12-31")],
        )
        .await;
        assert_eq!(answer, (400, json!({ "message": "DOB is not valid" })));
        assert_eq!(
            call(&base, reqwest::Method::GET, "user/10", &key, &[])
                .await
                .0,
            200
        );
    });
}

#[test]
fn a_reset_leaves_the_data_of_a_run_alone() {
    let folder = tempfile::tempdir().unwrap();
    let open = Store::open(folder.path()).unwrap();
    assert!(Store::reset(folder.path()).is_err());
    drop(open);
    assert!(Store::reset(folder.path()).unwrap());
}
