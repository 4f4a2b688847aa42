//! `doctor`: what would stop a plan and what the accounts are like, in numbers and without a name.

use serde_json::Value;

use crate::cases::is_write;
use crate::harness::{Sandbox, project, readings_file, rosterctl, rosterctl_on, transcript};
use crate::readings::College;

/// Accounts without a MIS value, with one that another has, with one address, learners without an assessor; and rooms of one name.
pub const ODD: &str = "organisations:
  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }
classrooms:
  - { ID: 1, OrganisationID: 5740, Name: Room }
  - { ID: 2, OrganisationID: 5740, Name: room }
users:
  - { ID: 1, OrganisationID: 5740, Role: 5, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk, MISID: A-1 }
  - { ID: 2, OrganisationID: 5740, Role: 5, FirstName: Ben, LastName: Birdwhistle, Email: ANN@example.ac.uk, MISID: a-1 }
  - { ID: 3, OrganisationID: 5740, Role: 1, FirstName: Chidi, LastName: Catterpole, Email: chidi@example.ac.uk, DefaultAssessorID: 1 }
  - { ID: 4, OrganisationID: 5740, Role: 1, FirstName: Dana, LastName: Dunmarrow, Email: dana@example.ac.uk, MISID: L-4 }
";

fn doctor(sandbox: &Sandbox, args: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let args = format!("doctor --organisation {args}");
    transcript(
        rosterctl_on(sandbox)
            .current_dir(folder.path())
            .args(args.split(' ')),
    )
}

#[test]
fn accounts_are_counted_by_what_is_odd_about_them_and_nobody_is_named() {
    let sandbox = Sandbox::start(ODD);
    let said = doctor(&sandbox, "5740 --whole");
    insta::assert_snapshot!(
        said.replace(&sandbox.base_url(), "BASE")
            .replace("http://127.0.0.1:PORT/api/v2.1", "BASE")
    );
    for value in ["Abbotsley", "Dunmarrow", "@example", "A-1", "L-4"] {
        assert!(!said.contains(value), "{value}: {said}");
    }
    assert!(!sandbox.requests().iter().any(is_write), "it only reads");
    let brief = doctor(&sandbox, "5740");
    assert!(
        brief.contains("e-mail addresses aren't in the lists"),
        "{brief}"
    );
    // What several want done is said once.
    assert_eq!(
        brief
            .matches("`rosterctl doctor --whole` reads each account")
            .count(),
        1,
        "{brief}"
    );
}

#[test]
fn mis_values_that_differ_only_by_leading_zeros_are_shared() {
    let account = |id: usize, mis_id: &str| {
        format!(
            "  - {{ ID: {id}, OrganisationID: 5740, Role: 5, FirstName: Ann{id}, LastName: Abbotsley, MISID: {mis_id} }}\n"
        )
    };
    let organisation = "organisations:\n  - { ID: 5740, Name: Example College }\nusers:\n";
    let accounts = ["A-17", "a-0017", "A-18"]
        .iter()
        .enumerate()
        .map(|(at, mis_id)| account(at + 1, mis_id));
    let sandbox = Sandbox::start(&(organisation.to_owned() + &accounts.collect::<String>()));
    let said = doctor(&sandbox, "5740 --whole");
    assert!(
        said.contains("accounts with the same or almost the same MIS value as another: 2\n"),
        "{said}"
    );
}

#[test]
fn what_machines_read_says_the_same() {
    let sandbox = Sandbox::start(ODD);
    let folder = tempfile::tempdir().unwrap();
    let args = [
        "doctor",
        "--organisation",
        "5740",
        "--whole",
        "--format",
        "json",
    ];
    let output = rosterctl_on(&sandbox)
        .current_dir(folder.path())
        .args(args)
        .output()
        .unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["formatVersion"], "1.0");
    let checks = document["checks"].as_array().unwrap();
    let of = |level: &str| {
        let some = checks.iter().filter(|check| check["level"] == level);
        some.map(|check| check["check"].as_str().unwrap())
            .collect::<Vec<_>>()
    };
    let odd = [
        "emails",
        "withoutMisId",
        "sharedMisId",
        "sharedEmail",
        "classrooms",
        "withoutAssessor",
    ];
    assert_eq!(
        (of("warn"), of("fail").len()),
        (odd.to_vec(), 0),
        "{document}"
    );
    assert!(
        checks
            .iter()
            .all(|check| check["help"].is_null() == (check["level"] == "ok")),
        "{document}"
    );
}

/// What `doctor` says of remembered readings: the line of its text, and the field for machines.
fn remembered(college: &College) -> (String, Value) {
    let document = college.run("doctor --format json");
    let (document, _) = document.rsplit_once(" exit 0").unwrap();
    let document: Value = serde_json::from_str(document).unwrap();
    let mut checks = document["checks"].as_array().unwrap().iter();
    let check = checks.find(|check| check["check"] == "readings").unwrap();
    let word = |key: &str| check[key].as_str().unwrap();
    let line = format!("{} {}", word("level"), word("says"));
    let text = college.run("doctor");
    assert!(text.contains(&line), "{text}");
    (line, document["readings"].clone())
}

#[test]
fn what_plans_remember_is_said_with_whether_they_use_it() {
    let college = College::new(40, "lastModified: shown");
    let (line, field) = remembered(&college);
    assert_eq!(line, "ok plans remember no earlier reading");
    assert_eq!(field, serde_json::json!({ "state": "none" }));
    college.run("plan");
    let (line, field) = remembered(&college);
    assert!(line.starts_with("ok accounts remembered, as of "), "{line}");
    assert!(
        line.contains(": 40; plans read every account until "),
        "{line}"
    );
    assert_eq!(
        (&field["state"], &field["accounts"]),
        (&"unproved".into(), &40.into())
    );
    std::fs::write(
        readings_file(&college.folder.path().join(".rosterctl")),
        "of somebody else",
    )
    .unwrap();
    let (line, field) = remembered(&college);
    assert!(
        line.starts_with("warn readings/")
            && line.contains(".bin was written with another customer token, or isn't whole"),
        "{line}"
    );
    assert_eq!(field["state"], "passedOver");
}

#[test]
fn readings_that_are_used_or_were_contradicted_are_said() {
    let college = College::proved(60, "lastModified: shown");
    let (line, field) = remembered(&college);
    assert!(
        line.contains(": 60; plans read those that have changed since, and a sample"),
        "{line}"
    );
    assert_eq!(
        (&field["state"], &field["accounts"]),
        (&"proved".into(), &60.into())
    );
    assert!(field["asOf"].is_string(), "{field}");
    college.change(
        50,
        "Email",
        "other@example.ac.uk".into(),
        "2026-01-02T00:00:00Z",
    );
    let (said, _) = college.plan("");
    assert!(
        said.contains("doesn't list account 50 as modified"),
        "{said}"
    );
    let (line, field) = remembered(&college);
    assert!(
        line.starts_with("warn OneFile didn't list a changed account"),
        "{line}"
    );
    assert_eq!(field["state"], "off");
    assert!(field["until"].is_string(), "{field}");
}

#[test]
fn what_stops_a_plan_is_a_failure_and_a_service_that_is_away_another() {
    let sandbox = Sandbox::start(ODD);
    let said = doctor(&sandbox, "4711");
    assert!(
        said.contains("fail  there is no organisation 4711") && said.ends_with("exit 1\n"),
        "{said}"
    );
    let refused = transcript(
        rosterctl_on(&sandbox)
            .env("ONEFILE_CUSTOMER_TOKEN", "wrong")
            .args(["doctor", "--organisation", "5740"]),
    );
    assert!(
        refused.contains("fail  the customer token was refused") && refused.ends_with("exit 1\n"),
        "{refused}"
    );
    let mut away = rosterctl();
    away.env("ONEFILE_BASE_URL", "http://127.0.0.1:9")
        .env("ONEFILE_CUSTOMER_TOKEN", "x");
    let away = transcript(away.args(["doctor", "--organisation", "5740", "--wait", "0"]));
    assert!(
        away.starts_with("fail  the service is away") && away.ends_with("exit 6\n"),
        "{away}"
    );
}

/// The document of a run, and its exit code.
fn checks(command: &mut assert_cmd::Command) -> (Vec<(String, String)>, i32) {
    let folder = tempfile::tempdir().unwrap();
    let output = command
        .current_dir(folder.path())
        .args(["--format", "json"])
        .output()
        .unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["formatVersion"], "1.0");
    let text = |check: &Value, key: &str| check[key].as_str().unwrap().to_owned();
    let line = |check: &Value| {
        (
            text(check, "check"),
            format!("{}: {}", text(check, "level"), text(check, "says")),
        )
    };
    (
        document["checks"]
            .as_array()
            .unwrap()
            .iter()
            .map(line)
            .collect(),
        output.status.code().unwrap(),
    )
}

#[test]
fn a_list_that_cannot_be_read_keeps_nothing_else_from_being_looked_at() {
    let faults = "faults:
  - { on: POST /Provider/Search/1/500, do: { status: 404 } }
  - { on: GET /Organisation/5740/LearnerStatuses, do: { status: 403 } }
";
    let sandbox = Sandbox::start(&format!("{ODD}{faults}"));
    let said = doctor(&sandbox, "5740");
    for line in [
        "warn  the list of providers can't be read: POST /Provider/Search/1/500:",
        "warn  the list of learner statuses can't be read",
        "warn  classrooms with the name of another one: 2",
    ] {
        assert!(
            said.contains(line) && said.ends_with("exit 0\n"),
            "{line}: {said}"
        );
    }
    let faults = "faults:\n  - { on: POST /Classroom/Search/1/500, do: { status: 403 } }\n";
    let sandbox = Sandbox::start(&format!("{ODD}{faults}"));
    let said = doctor(&sandbox, "5740");
    for line in [
        "fail  the list of classrooms can't be read: POST /Classroom/Search/1/500:\n      answered 403",
        "ok    placements with the name of another one: 0",
        "ok    accounts by role: learner 2, assessor 2",
    ] {
        assert!(
            said.contains(line) && said.ends_with("exit 1\n"),
            "{line}: {said}"
        );
    }
    assert!(!said.contains("classrooms with the name"), "{said}");
}

/// Nothing rests on what nobody documents, until a manifest does.
#[test]
fn a_list_that_cannot_be_read_stops_who_needs_it_alone() {
    let faults = "faults:\n  - { on: POST /Provider/Search/1/500, do: { status: 404 } }\n";
    let sandbox = Sandbox::start(&format!("{ODD}{faults}"));
    let run = |folder: &tempfile::TempDir, args: &[&str]| {
        transcript(rosterctl_on(&sandbox).current_dir(folder.path()).args(args))
    };
    let folder = project(&[("rosterctl.yaml", "organisation: 5740\n")]);
    let said = run(&folder, &["export"]);
    assert!(said.ends_with("exit 0\n"), "{said}");
    let user = "users: [{ id: 4, role: learner, provider: Example }]\n";
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("users/l.yaml", user),
    ]);
    let said = run(&folder, &["plan"]);
    assert!(
        said.contains("POST /Provider/Search/1/500: answered 404") && said.ends_with("exit 1\n"),
        "{said}"
    );
}

#[test]
fn a_row_without_an_id_is_named_by_its_place() {
    for (rows, row) in [
        ("[null, {\"ID\": 3}]", 1),
        ("[{\"ID\": 3}, {\"ID\": null}]", 2),
    ] {
        let fault = format!(
            "on: POST /User/Search/1/500, when: {{ nth: 1 }}, do: {{ status: 200, body: '{rows}' }}"
        );
        let sandbox = Sandbox::start(&format!("{ODD}faults: [{{ {fault} }}]\n"));
        let (checks, exit) =
            checks(rosterctl_on(&sandbox).args(["doctor", "--organisation", "5740"]));
        let says = format!(
            "fail: POST /User/Search/1/500: row {row} has no `ID` that is a number; OneFile's support has to look at that list"
        );
        assert!(
            checks.contains(&("lists".to_owned(), says)) && exit == 1,
            "{checks:?}"
        );
    }
}

#[test]
fn the_only_organisation_of_a_token_needs_no_name() {
    let sandbox = Sandbox::start(ODD);
    let said = transcript(rosterctl_on(&sandbox).current_dir("/").arg("doctor"));
    assert!(
        said.contains("ok    organisation 5740 is Example College\n") && said.ends_with("exit 0\n"),
        "{said}"
    );
    assert!(
        said.contains("organisation 5740 (Example College) is the only one that this token sees"),
        "{said}"
    );
    let two = ODD.replace(
        "classrooms:",
        "  - { ID: 5741, Name: Quiet College }\nclassrooms:",
    );
    let sandbox = Sandbox::start(&two);
    let (checks, exit) = checks(rosterctl_on(&sandbox).args(["doctor", "--contract"]));
    let says = "fail: no organisation is named; this token sees 5740 (Example College), 5741 (Quiet College)";
    assert_eq!((checks.last().unwrap().1.as_str(), exit), (says, 64));
}

#[test]
fn machines_get_a_document_however_it_ends() {
    let sandbox = Sandbox::start(&format!(
        "{ODD}faults:\n  - {{ on: GET /Customer, do: {{ status: 400 }} }}\n"
    ));
    for more in [&["--contract"][..], &[]] {
        let mut away = rosterctl();
        away.env("ONEFILE_BASE_URL", "http://127.0.0.1:9")
            .env("ONEFILE_CUSTOMER_TOKEN", "x");
        let (said, exit) = checks(
            away.args(["doctor", "--organisation", "5740", "--wait", "0"])
                .args(more),
        );
        assert!(
            said[0].1.starts_with("fail: the service is away") && exit == 6,
            "{said:?}"
        );
        let mut refused = rosterctl_on(&sandbox);
        refused
            .env("ONEFILE_CUSTOMER_TOKEN", "wrong")
            .args(["doctor", "--organisation", "5740"]);
        let (said, exit) = checks(refused.args(more));
        assert!(
            said[0]
                .1
                .starts_with("fail: the customer token was refused")
                && exit == 1,
            "{said:?}"
        );
    }
    let (said, exit) = checks(rosterctl_on(&sandbox).arg("doctor"));
    let says =
        "fail: which organisations this token sees can't be read: GET /Customer: answered 400";
    assert_eq!((said.last().unwrap().1.as_str(), exit), (says, 1));
}

pub fn facts(sandbox: &Sandbox, args: &str) -> String {
    let said = doctor(
        sandbox,
        format!("5740 --contract --format json {args}").trim(),
    );
    let document: Value = serde_json::from_str(said.split("exit ").next().unwrap()).unwrap();
    let line = |fact: &Value| {
        let part = |key: &str| fact[key].as_str().unwrap().to_owned();
        format!("{} {}: {}\n", part("found"), part("fact"), part("says"))
    };
    document["facts"]
        .as_array()
        .unwrap()
        .iter()
        .map(line)
        .collect()
}

#[test]
fn each_fact_of_the_api_is_tried_by_reading() {
    let sandbox = Sandbox::start(ODD);
    insta::assert_snapshot!(facts(&sandbox, ""));
    assert!(!sandbox.requests().iter().any(is_write), "it only reads");
    let text = doctor(&sandbox, "5740 --contract");
    assert!(
        text.contains("not tried  searches show archived accounts, or don't\n"),
        "{text}"
    );
    assert!(
        text.contains("Nothing that rosterctl rests on differs; 2 facts that it rests on"),
        "{text}"
    );
    for value in ["Abbotsley", "Dunmarrow", "@example", "A-1", "L-4"] {
        assert!(!text.contains(value), "{value}: {text}");
    }
}

#[test]
fn what_differs_from_what_is_known_is_said() {
    let more = "  - { ID: 5, OrganisationID: 5740, Role: 1, FirstName: Ewan, LastName: Eddlestone, MISID: L-5, Archived: true, DOB: 2007-07-01 }
behaviour: { pageCap: 1, archived: hidden, neverShown: [Website], searchRows: [Email] }
faults:
  - { on: GET /Customer, do: html }
  - { on: POST /Classroom/Search, do: { status: 400 } }
  - { on: GET /User/2147483647, do: { status: 200, body: \"[]\" } }
";
    let sandbox = Sandbox::start(&format!("{ODD}{more}"));
    let said = facts(&sandbox, "--archived 5");
    for line in [
        "differs customer: answered 200 with a web page\n",
        "notTried organisations: no customer is shown\n",
        "differs classrooms: answered 400 with nothing\n",
        "holds pagedRows: Email, FirstName, ID, LastName, MISID\n",
        "differs pageSize: asked for 500, got 1\n",
        "differs writableFields: never: Website\n",
        "differs unknownId: answered 200 with an empty list\n",
        "holds archived: searches don't show it: `archivedAccounts: hidden`\n",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
}

#[test]
fn what_shows_that_an_account_is_archived_is_said() {
    for (flag, words) in [
        ("shown", "; Archived says that it is archived\n"),
        ("DateArchived", "; DateArchived says that it is archived\n"),
        ("hidden", "searches show it, if it is archived\n"),
    ] {
        let more = format!(
            "  - {{ ID: 5, OrganisationID: 5740, Role: 1, FirstName: Ewan, LastName: Eddlestone, Archived: true }}\nbehaviour: {{ archivedFlag: {flag} }}\n"
        );
        let sandbox = Sandbox::start(&format!("{ODD}{more}"));
        let said = facts(&sandbox, "--archived 5");
        assert!(said.contains(words), "{flag}: {said}");
    }
    let body = "{\\\"ID\\\": 5, \\\"Role\\\": 1, \\\"OrganisationID\\\": 5740, \\\"ArchiveNote\\\": \\\"x\\\"}";
    let faults = format!(
        "  - {{ ID: 5, OrganisationID: 5740, Role: 1, FirstName: Ewan, LastName: Eddlestone, Archived: true }}\nfaults: [{{ on: GET /User/5, do: {{ status: 200, body: \"{body}\" }} }}]\n"
    );
    let sandbox = Sandbox::start(&format!("{ODD}{faults}"));
    let said = facts(&sandbox, "--archived 5");
    assert!(
        said.contains("; rosterctl doesn't read ArchiveNote\n"),
        "{said}"
    );
}

/// Searches that plans rest on are broken, and those that they don't aren't.
#[test]
fn broken_pages_are_said_and_the_rest_is_tried_by_what_else_shows_accounts() {
    for (answer, form) in [
        ("html", "answered 200 with a web page"),
        ("{ status: 400, body: '{}' }", "answered 400 with an object"),
        (
            "{ status: 200, body: '{\"Users\": [{\"ID\": 1}]}' }",
            "answered 200 with an object",
        ),
    ] {
        let sandbox = Sandbox::start(&format!(
            "{ODD}faults: [{{ on: POST /User/Search/1/500, do: {answer} }}]\n"
        ));
        let said = facts(&sandbox, "--archived 1");
        for line in [
            format!("differs pagedRows: {form}\n"),
            "holds briefRows: FirstName, ID, LastName, MISID\n".to_owned(),
            "holds filterMisId: 1 of 1 rows fit\n".to_owned(),
            "holds writableFields: all\n".to_owned(),
            format!("notTried archived: page 1 {form}\n"),
        ] {
            assert!(said.contains(&line), "{line}: {said}");
        }
    }
    let fault = "{ on: POST /User/Search/2/500, do: { status: 400 } }";
    let said = facts(
        &Sandbox::start(&format!("{ODD}faults: [{fault}]\n")),
        "--archived 99",
    );
    assert!(
        said.contains("differs pagedRows: page 2 answered 400 with nothing\n"),
        "{said}"
    );
}

/// `archivedAccounts: hidden` lets creates go on that may be second ones: it takes more than not seeing an account.
#[test]
fn an_account_that_was_not_looked_for_everywhere_is_not_said_to_be_hidden() {
    let more = "  - { ID: 5, OrganisationID: 5740, Role: 1, FirstName: Ewan, LastName: Eddlestone, Archived: true }
  - { ID: 6, OrganisationID: 5741, Role: 1, FirstName: Fay, LastName: Farthingale }
behaviour: { archived: hidden }
faults: [{ on: POST /User/Search/2/500, do: { status: 400 } }]
";
    let odd = ODD.replace(
        "classrooms:",
        "  - { ID: 5741, Name: Quiet College }\nclassrooms:",
    );
    let sandbox = Sandbox::start(&format!("{odd}{more}"));
    for (archived, why) in [
        ("5", "page 2 answered 400 with nothing"),
        ("6", "that account isn't shown to be of this organisation"),
        ("7", "that account isn't shown: answered 404 with an object"),
    ] {
        let said = facts(&sandbox, &format!("--archived {archived}"));
        assert!(
            said.contains(&format!("notTried archived: {why}\n")),
            "{said}"
        );
    }
}

pub fn what_passes_loses_no_fact_and_what_stays_loses_one() {
    let faults = "faults:
  - { on: GET /Customer, when: { nth: 1 }, do: resetBefore }
  - { on: POST /Placement/Search, when: { nth: 1 }, do: { status: 500 } }
  - { on: POST /User/Search/1/500, when: { nth: 2 }, do: endSession }
  - { on: POST /User/Search/100000/500, do: { status: 500 } }
  - { on: POST /Classroom/Search, do: { status: 503 } }
  - { on: GET /User/2147483647, do: { status: 401 } }
";
    let sandbox = Sandbox::start(&format!("{ODD}{faults}"));
    let said = facts(&sandbox, "");
    for line in [
        "holds customer: ID, Name\n",
        "notTried placements: there is none: answered 204 with nothing\n",
        "holds pagedRows: FirstName, ID, LastName, MISID\n",
        "differs pastTheEnd: answered 500 with nothing\n",
        "notTried classrooms: POST /Classroom/Search: answered 503\n",
        "notTried unknownId: GET /User/2147483647: answered 401\n",
        "holds session: 200, the key bare\n",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
}

pub fn a_service_that_goes_away_is_not_asked_for_ever() {
    let paths = [
        "GET /**",
        "POST /Classroom/**",
        "POST /Placement/**",
        "POST /Provider/**",
        "POST /User/**",
    ];
    let faults: String = paths
        .iter()
        .map(|path| format!("  - {{ on: {path}, do: resetBefore }}\n"))
        .collect();
    let said = doctor(
        &Sandbox::start(&format!("{ODD}faults:\n{faults}")),
        "5740 --contract",
    );
    assert!(
        said.contains("GET /Customer: the connection closed before an answer"),
        "{said}"
    );
    let last = "not tried  an unknown id answers 404\n           the service is away\n";
    assert!(said.contains(last) && said.ends_with("exit 6\n"), "{said}");
}

/// One learner with a standard and a unit of it.
const ASSIGNED: &str = "standards: [{ ID: 31, OrganisationID: 5740, Title: Baker Level 2 }]
units: [{ ID: 41, StandardID: 31, Title: Bread }]
frameworkTemplates: [{ ID: 51, OrganisationID: 5740, Title: Baker with English, StandardIDs: [31] }]
learningAims: [{ ID: 61, UserID: 4, StandardID: 31 }]
unitSummaries: [{ ID: 71, UserID: 4, StandardID: 31, UnitID: 41 }]
";

#[test]
fn it_says_which_assignments_can_be_confirmed() {
    let found = |behaviour: &str| {
        let sandbox = Sandbox::start(&format!("{ODD}{ASSIGNED}behaviour: {behaviour}\n"));
        let found = facts(&sandbox, "");
        assert!(!sandbox.requests().iter().any(is_write), "it only reads");
        found
    };
    let known = found("{ aimsInBulk: true }");
    for line in [
        "holds standards: ID, Title\n",
        "holds frameworkTemplates: ID, Title\n",
        "holds aims: ID, StandardID, Status, UserID: `standards` are confirmed\n",
        "`units` are confirmed\n",
        "holds aimsInBulk: 1 rows on the first page\n",
        "holds assessorKeys: none: further staff are sent once and not confirmed\n",
    ] {
        assert!(known.contains(line), "{line}{known}");
    }
    let unknown = found("{ unitSummaries: withoutIds }");
    assert!(unknown.contains("differs unitSummaries: "), "{unknown}");
    for line in [
        "`units` can't be confirmed\n",
        "differs aimsInBulk: answered 400 with an object: a request for each learner\n",
    ] {
        assert!(unknown.contains(line), "{line}{unknown}");
    }
}

#[test]
fn winter_days_do_not_tell_whose_midnights_they_are() {
    let found = |day: &str| {
        facts(
            &Sandbox::start(&ODD.replace("MISID: L-4", &format!("MISID: L-4, DOB: {day}"))),
            "",
        )
    };
    let winter = found("2007-01-12");
    assert!(
        winter.contains(
            "notTried days: only winter days were seen, whose midnights are those of UTC, too\n"
        ),
        "{winter}"
    );
    let summer = found("2007-07-12");
    assert!(
        summer.contains("holds days: London midnights in UTC\n"),
        "{summer}"
    );
}

#[test]
fn only_fields_that_are_known_are_named() {
    let rows = "[{\"ID\": 1, \"MISID\": \"x\", \"FirstName\": \"x\", \"LastName\": \"x\", \"Smith\": 1, \"Jones\": 1}]";
    let sandbox = Sandbox::start(&format!(
        "{ODD}faults: [{{ on: POST /User/Search, do: {{ status: 200, body: '{rows}' }} }}]\n"
    ));
    let said = facts(&sandbox, "");
    assert!(
        said.contains("holds briefRows: FirstName, ID, LastName, MISID, and 2 others\n"),
        "{said}"
    );
    assert!(!said.contains("Smith"), "{said}");
}

/// Whatever a server answers, it is an answer: to each fact, and to the person who asked.
#[test]
fn no_answer_is_too_odd_to_be_tried() {
    let bodies = [
        "",
        "[]",
        "[1, null]",
        "[{}]",
        "{}",
        "\"x\"",
        "<html>",
        "{\"ID\": \"x\"}",
        "[{\"ID\": 1, \"DOB\": \"yesterday\", \"Émile's\": 2}]",
    ];
    for body in bodies {
        let runtime = crate::harness::runtime();
        let answer = move |request: axum::extract::Request| async move {
            if request.uri().path().ends_with("Authentication") {
                "key"
            } else {
                body
            }
        };
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async move {
            axum::serve(listener, axum::Router::new().fallback(answer))
                .await
                .unwrap();
        });
        let mut command = rosterctl();
        command
            .env("ONEFILE_BASE_URL", base)
            .env("ONEFILE_CUSTOMER_TOKEN", "sandbox");
        let said = transcript(command.args([
            "doctor",
            "--organisation",
            "5740",
            "--contract",
            "--calls-per-minute",
            "0",
        ]));
        assert!(
            said.contains("differs") && said.ends_with("exit 0\n"),
            "{body}: {said}"
        );
        assert!(!said.contains("mile"), "{said}");
    }
}
