//! What machines read keeps to the schemas that are committed, in every case that the tests know.

use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::cases::{changes, prepared};
use crate::harness::{Sandbox, root, rosterctl_on};

/// A schema that knows of no key besides those that it names.
fn strict(name: &str) -> Validator {
    let text = std::fs::read_to_string(root().join(format!("schema/{name}.schema.json"))).unwrap();
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    close(&mut schema);
    jsonschema::validator_for(&schema).unwrap()
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.contains_key("properties") && members.get("type") == Some(&json!("object")) {
                members.insert("unevaluatedProperties".to_owned(), json!(false));
            }
            // The parts of an object of several forms have its other keys beside them.
            let others = members.iter_mut().filter(|(name, _)| *name != "anyOf");
            others.for_each(|(_, member)| close(member));
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

fn check(schema: &Validator, document: &Value, whose: &str) {
    let errors: Vec<_> = schema
        .iter_errors(document)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{whose}: {errors:?}\n{document:#}");
}

/// Standard output and exit code.
fn answer(sandbox: &Sandbox, folder: &Path, args: &[&str]) -> (String, i32) {
    let output = rosterctl_on(sandbox)
        .current_dir(folder)
        .args(args)
        .output()
        .unwrap();
    (
        String::from_utf8(output.stdout).unwrap(),
        output.status.code().unwrap(),
    )
}

fn cases() -> Vec<PathBuf> {
    std::fs::read_dir(root().join("tests/cases"))
        .unwrap()
        .map(|case| case.unwrap().path())
        .collect()
}

pub fn every_plan_and_every_event_keeps_to_its_schema() {
    let (plans, events) = (strict("plan"), strict("events"));
    let (mut planned, mut outcomes, mut reasons) = (0, Vec::new(), Vec::new());
    for case in cases() {
        let (project, sandbox) = prepared(&case);
        changes(&case, project.path(), &sandbox);
        let whose = case.display().to_string();
        for scope in [&[][..], &["--base", "HEAD"]] {
            let args = [&["plan", "--format", "json"][..], scope].concat();
            let (text, code) = answer(&sandbox, project.path(), &args);
            assert_eq!(code == 0, !text.is_empty(), "{whose}: {text}");
            if code == 0 {
                let document = serde_json::from_str(&text).unwrap();
                check(&plans, &document, &whose);
                assert_eq!(
                    document["totals"]["held"],
                    document["held"].as_array().unwrap().len()
                );
                let held = document["held"].as_array().unwrap().iter();
                reasons.extend(
                    held.flat_map(|held| held["reasons"].as_array().unwrap().clone())
                        .map(|one| one["reason"].clone()),
                );
                planned += 1;
            }
        }
        // First where every write is refused, then as it is.
        for faults in [
            "- { on: POST /User, do: { status: 400 } }\n- { on: POST /User/*, do: { status: 400 } }\n",
            "[]",
        ] {
            assert_eq!(
                sandbox.control(reqwest::Method::PUT, "faults", faults).0,
                200
            );
            let (text, code) = answer(
                &sandbox,
                project.path(),
                &["apply", "--auto-approve", "--format", "jsonl"],
            );
            let lines: Vec<Value> = text
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect();
            for line in &lines {
                check(&events, line, &whose);
                outcomes.extend(line.get("outcome").cloned());
            }
            if let Some(last) = lines.last() {
                assert_eq!(
                    (&last["event"], &last["exitCode"]),
                    (&json!("summary"), &json!(code)),
                    "{whose}: {text}"
                );
            }
        }
    }
    assert!(planned > 30, "{planned}");
    for outcome in ["done", "failed", "notAttempted"] {
        assert!(outcomes.contains(&json!(outcome)), "no case has {outcome}");
    }
    reasons.sort_by_key(Value::to_string);
    reasons.dedup();
    assert!(reasons.len() > 10, "{reasons:?}");
}

const SEED: &str = "organisations:\n  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }\nusers:\n  - { ID: 101, OrganisationID: 5740, Role: 5, FirstName: Ben, LastName: Birdwhistle, Email: ben@example.ac.uk, MISID: A-001, Telephone: 01632 960001 }\n";
const USERS: &str = "users:\n  - { misId: A-001, role: assessor, firstName: Ben, lastName: Birdwhistle, email: ben@example.ac.uk, telephone: 01632 960002 }\n";

/// A service that is away for a moment is an event, and a field that a write ignores is in the summary.
#[test]
fn waits_and_what_does_not_hold_are_events_too() {
    let sandbox = Sandbox::start(SEED);
    let folder = crate::harness::project(&[
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("users/a.yaml", USERS),
    ]);
    let faults = "- { on: POST /User/*, when: { nth: 1 }, do: { status: 503, body: Down } }\n- { on: POST /User/*, when: { nth: 2 }, do: { ignoreField: Telephone } }\n";
    assert_eq!(
        sandbox.control(reqwest::Method::PUT, "faults", faults).0,
        200
    );
    let (text, code) = answer(
        &sandbox,
        folder.path(),
        &["apply", "--auto-approve", "--format", "jsonl"],
    );
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let schema = strict("events");
    for line in &lines {
        check(&schema, line, "a wait");
    }
    let events: Vec<_> = lines
        .iter()
        .map(|line| line["event"].as_str().unwrap())
        .collect();
    assert_eq!(
        events,
        ["started", "waiting", "operation", "summary"],
        "{text}"
    );
    assert_eq!(lines[1]["why"], "outage");
    assert_eq!(
        (lines[3]["deviating"][0]["fields"].clone(), code),
        (json!(["telephone"]), 5),
        "{text}"
    );
    assert!(
        !text.contains("01632") && !text.contains("Birdwhistle"),
        "{text}"
    );
}

/// Events are no plan, so that nobody is asked to consent to one.
#[test]
fn events_ask_nobody() {
    let sandbox = Sandbox::start(SEED);
    let folder = crate::harness::project(&[
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("users/a.yaml", USERS),
    ]);
    assert_eq!(
        answer(&sandbox, folder.path(), &["apply", "--format", "jsonl"]),
        (String::new(), 4)
    );
}
