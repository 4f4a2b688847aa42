//! `plan --out` and `apply --plan`: what is applied is what was reviewed, and nothing else.

use std::path::Path;

use assert_cmd::Command;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Sandbox, copy_of, project, root, rosterctl_on, transcript};

const ORGANISATION: &str = "organisations:\n  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }\n";
const STATE: &str = "users:\n  - { ID: 101, OrganisationID: 5740, Role: 5, FirstName: Ben, LastName: Birdwhistle, Email: ben@example.ac.uk, MISID: A-001, Telephone: 01632 960001 }\n  - { ID: 102, OrganisationID: 5740, Role: 5, FirstName: Chidi, LastName: Catterpole, Email: chidi@example.ac.uk, MISID: A-002, Telephone: 01632 960001 }\n";
const USERS: &str = "defaults: { role: assessor, telephone: 01632 960009 }\nusers:\n  - { misId: A-001, firstName: Ben, lastName: Birdwhistle, email: ben@example.ac.uk }\n  - { misId: A-002, firstName: Chidi, lastName: Catterpole, email: chidi@example.ac.uk }\n  - { misId: A-003, firstName: Dana, lastName: Dunmarrow, email: dana@example.ac.uk, mobileNumber: 07700 900123 }\n";

fn folder() -> TempDir {
    project(&[
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("users/a.yaml", USERS),
    ])
}

fn run(sandbox: &Sandbox, folder: &Path, args: &str) -> String {
    transcript(
        rosterctl_on(sandbox)
            .current_dir(folder)
            .args(args.split(' ')),
    )
}

/// Changes a row of the sandbox's users behind the program's back.
fn meddle(sandbox: &Sandbox, mis_id: &str, field: &str, value: Value) {
    let mut state = sandbox.state();
    let rows = state["users"].as_array_mut().unwrap();
    rows.iter_mut().find(|row| row["MISID"] == mis_id).unwrap()[field] = value;
    let (status, answer) = sandbox.control(reqwest::Method::PUT, "state", &state.to_string());
    assert_eq!(status, 200, "{answer}");
}

#[test]
fn what_was_reviewed_is_applied_without_a_question() {
    let (folder, sandbox) = (folder(), Sandbox::start(&format!("{ORGANISATION}{STATE}")));
    run(&sandbox, folder.path(), "plan --out plan.json");
    let said = run(&sandbox, folder.path(), "apply --plan plan.json");
    assert!(said.ends_with("Applied: 1 created, 2 updated.\nOneFile e-mails 1 person.\nstderr:\nExample College (5740) on http://127.0.0.1:PORT/api/v2.1\n\nexit 0\n"), "{said}");
    let again = run(&sandbox, folder.path(), "apply --plan plan.json");
    assert!(
        again.contains("No changes") && again.ends_with("exit 0\n"),
        "{again}"
    );
}

#[test]
fn what_was_not_reviewed_is_refused_or_left() {
    let (folder, sandbox) = (folder(), Sandbox::start(&format!("{ORGANISATION}{STATE}")));
    run(&sandbox, folder.path(), "plan --out plan.json");
    // A former value, a desired value, and somebody who is new.
    meddle(&sandbox, "A-002", "Telephone", json!("01632 960002"));
    let users = USERS.replace("07700 900123", "07700 900124")
        + "  - { misId: A-004, firstName: Ewan, lastName: Eddlestone, email: ewan@example.ac.uk }\n";
    std::fs::write(folder.path().join("users/a.yaml"), users).unwrap();
    let refused = run(&sandbox, folder.path(), "apply --plan plan.json");
    assert!(
        refused.contains(
            "3 operations were not reviewed: users/a.yaml:4, users/a.yaml:5, users/a.yaml:6."
        ),
        "{refused}"
    );
    assert!(refused.ends_with("exit 4\n"), "{refused}");
    let left = run(
        &sandbox,
        folder.path(),
        "apply --plan plan.json --skip-unreviewed",
    );
    assert!(
        left.contains("Applied: 0 created, 1 updated.") && left.contains("3 operations skipped"),
        "{left}"
    );
    assert!(left.ends_with("exit 5\n"), "{left}");
}

/// The create has happened, its answer shows less than was sent, and the updates have not.
#[test]
fn a_run_that_stopped_goes_on_from_the_same_review() {
    let (folder, sandbox) = (folder(), Sandbox::start(&format!("{ORGANISATION}{STATE}")));
    run(&sandbox, folder.path(), "plan --out plan.json");
    let fault = "- { on: POST /User/*, do: { status: 400, body: no } }";
    assert_eq!(
        sandbox.control(reqwest::Method::PUT, "faults", fault).0,
        200
    );
    let first = run(&sandbox, folder.path(), "apply --plan plan.json");
    assert!(
        first.contains("Applied: 1 created, 0 updated, 2 failed.") && first.ends_with("exit 5\n"),
        "{first}"
    );
    assert_eq!(sandbox.control(reqwest::Method::PUT, "faults", "[]").0, 200);
    meddle(&sandbox, "A-003", "MobileNumber", Value::Null);
    let second = run(&sandbox, folder.path(), "apply --plan plan.json");
    assert!(
        second.contains("Applied: 0 created, 3 updated.") && second.ends_with("exit 0\n"),
        "{second}"
    );
    // What nobody has reviewed of that user is no follow-up.
    meddle(&sandbox, "A-003", "Telephone", json!("01632 960077"));
    let users = USERS.replace("07700 900123", "07700 900124");
    std::fs::write(folder.path().join("users/a.yaml"), users).unwrap();
    assert!(run(&sandbox, folder.path(), "apply --plan plan.json").ends_with("exit 4\n"));
}

#[test]
fn a_plan_is_bound_to_token_organisation_and_server() {
    let behaviour = "behaviour:\n  tokens: [another]\n";
    let (folder, sandbox) = (
        folder(),
        Sandbox::start(&format!("{ORGANISATION}{STATE}{behaviour}")),
    );
    run(&sandbox, folder.path(), "plan --out plan.json");
    let apply = |command: &mut Command| {
        transcript(
            command
                .current_dir(folder.path())
                .args(["apply", "--plan", "plan.json"]),
        )
    };
    let said = apply(rosterctl_on(&sandbox).env("ONEFILE_CUSTOMER_TOKEN", "another"));
    assert!(
        said.contains("the token has changed since") && said.ends_with("exit 4\n"),
        "{said}"
    );
    let other = Sandbox::start(&format!("{ORGANISATION}{STATE}"));
    let said = apply(&mut rosterctl_on(&other));
    assert!(
        said.contains("it was made for organisation 5740 on") && said.ends_with("exit 4\n"),
        "{said}"
    );
    let text = std::fs::read_to_string(folder.path().join("plan.json")).unwrap();
    for (spoilt, why) in [
        (text.replace("\"1.2\"", "\"2.0\""), "it is of format 2.0"),
        (
            text.replace("\"organisation\": 5740", "\"organisation\": 5741"),
            "organisation 5741",
        ),
        (
            text[..text.len() / 2].to_owned(),
            "it isn't a plan of rosterctl",
        ),
        ("users: []".to_owned(), "it isn't a plan of rosterctl"),
    ] {
        std::fs::write(folder.path().join("plan.json"), spoilt).unwrap();
        let said = apply(&mut rosterctl_on(&sandbox));
        assert!(
            said.contains(why) && said.ends_with("exit 4\n"),
            "{why}: {said}"
        );
    }
    assert!(!sandbox.requests().iter().any(crate::cases::is_write));
}

/// What a reviewer reads is under a digest, too, and none can be made without the token.
#[test]
fn a_file_that_was_changed_reviews_nothing() {
    let (folder, sandbox) = (folder(), Sandbox::start(&format!("{ORGANISATION}{STATE}")));
    run(&sandbox, folder.path(), "plan --out plan.json");
    let path = folder.path().join("plan.json");
    let mut plan: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let whole = plan.clone();
    plan["operations"][1]["fields"][0]["digest"] = json!("0".repeat(64));
    let mut told = whole;
    told["totals"]["create"] = json!(0);
    for altered in [plan, told] {
        std::fs::write(&path, altered.to_string()).unwrap();
        let said = run(&sandbox, folder.path(), "apply --plan plan.json");
        assert!(
            said.contains("somebody has changed it since") && said.ends_with("exit 4\n"),
            "{said}"
        );
    }
}

#[test]
fn a_published_plan_holds_no_personal_value_and_is_as_its_schema_says() {
    let college = copy_of(&root().join("examples/college"));
    let seed = std::fs::read_to_string(college.path().join("sandbox.yaml")).unwrap();
    let sandbox = Sandbox::start(&seed);
    run(&sandbox, college.path(), "plan --out plan.json");
    run(&sandbox, college.path(), "plan --out again.json");
    let text = std::fs::read_to_string(college.path().join("plan.json")).unwrap();
    assert_eq!(
        text,
        std::fs::read_to_string(college.path().join("again.json")).unwrap()
    );
    let planted = crate::privacy::planted(college.path());
    assert!(planted.len() > 200);
    for value in planted {
        assert!(!text.contains(&value), "{value}");
    }
    for word in ["nino", "ethnicity", "\"sex\""] {
        assert!(!text.contains(word), "{word}");
    }
    let plan: Value = serde_json::from_str(&text).unwrap();
    let totals = &plan["totals"];
    assert_eq!(
        [
            &totals["create"],
            &totals["update"],
            &totals["unchanged"],
            &totals["held"]
        ],
        [4, 4, 43, 0]
    );
    assert_eq!(
        (&totals["undeclared"], &totals["effects"]["emailsPerson"]),
        (&json!(1), &json!(4))
    );
}

/// Between review and apply somebody has given another account this MIS value. Its e-mail address is the declared one, so
/// that the plan is refused for the first name and telephone number, not for an effect of another address.
#[test]
fn a_reviewed_create_is_no_leave_to_overwrite() {
    let (folder, sandbox) = (folder(), Sandbox::start(&format!("{ORGANISATION}{STATE}")));
    run(&sandbox, folder.path(), "plan --out plan.json");
    let mut state = sandbox.state();
    let mut other = state["users"][0].clone();
    for (field, value) in [
        ("ID", json!(103)),
        ("MISID", json!("A-003")),
        ("FirstName", json!("Someone")),
        ("LastName", json!("Dunmarrow")),
        ("Email", json!("dana@example.ac.uk")),
    ] {
        other[field] = value;
    }
    state["users"].as_array_mut().unwrap().push(other);
    assert_eq!(
        sandbox
            .control(reqwest::Method::PUT, "state", &state.to_string())
            .0,
        200
    );
    let said = run(&sandbox, folder.path(), "apply --plan plan.json");
    assert!(
        said.contains("was not reviewed: users/a.yaml:5.") && said.ends_with("exit 4\n"),
        "{said}"
    );
}

/// The learner was reviewed as she is, but the assessor of hers whom the plan creates before was edited since.
#[test]
fn who_depends_on_an_unreviewed_create_is_left_out_too() {
    let lists = "classrooms:\n  - { ID: 1, OrganisationID: 5740, Name: Bakery }\nplacements:\n  - { ID: 1, OrganisationID: 5740, Name: Mill }\n";
    let sandbox = Sandbox::start(&format!("{ORGANISATION}{lists}{STATE}"));
    let learner = "  - { misId: L-001, role: learner, firstName: Eve, lastName: Eastwick, email: eve@example.ac.uk, classroom: Bakery, placement: Mill, defaultAssessor: A-003 }\n";
    let users = format!("{USERS}{learner}");
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("users/a.yaml", &users),
    ]);
    run(&sandbox, folder.path(), "plan --out plan.json");
    std::fs::write(
        folder.path().join("users/a.yaml"),
        users.replace("07700 900123", "07700 900124"),
    )
    .unwrap();
    let said = run(
        &sandbox,
        folder.path(),
        "apply --plan plan.json --skip-unreviewed",
    );
    assert!(
        said.contains("2 operations skipped, not reviewed: users/a.yaml:5, users/a.yaml:6."),
        "{said}"
    );
}

/// A limit is one on what is applied.
#[test]
fn what_is_skipped_passes_no_limit() {
    let (folder, sandbox) = (folder(), Sandbox::start(&format!("{ORGANISATION}{STATE}")));
    let without = USERS
        .rsplit_once("  - { misId: A-003")
        .unwrap()
        .0
        .to_owned();
    std::fs::write(folder.path().join("users/a.yaml"), without).unwrap();
    run(&sandbox, folder.path(), "plan --out plan.json");
    std::fs::write(folder.path().join("users/a.yaml"), USERS).unwrap();
    std::fs::write(
        folder.path().join("rosterctl.yaml"),
        "organisation: 5740\npolicy: { creates: never }\n",
    )
    .unwrap();
    let said = run(
        &sandbox,
        folder.path(),
        "apply --plan plan.json --skip-unreviewed",
    );
    assert!(
        said.contains("Applied: 0 created, 2 updated.") && said.ends_with("exit 5\n"),
        "{said}"
    );
}
