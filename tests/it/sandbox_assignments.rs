//! What the sandbox assigns to learners, as a client meets it that isn't ours: forms, other case, each switch, faults.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Sandbox, runtime};
use crate::sandbox::{authenticate, call};
use crate::service::{Stranger, struck};

pub const SEED: &str = "
organisations:
  - { ID: 5740, Name: Example College }
  - { ID: 5741, Name: Other College }
classrooms: [{ ID: 1, OrganisationID: 5740, Name: Bakery }]
placements: [{ ID: 2, OrganisationID: 5740, Name: Mill, Address: 1 High Street }]
standards:
  - { ID: 31, OrganisationID: 5740, Title: Baker Level 2 }
  - { ID: 32, OrganisationID: 5740, Title: English Level 2 }
  - { ID: 33, OrganisationID: 5741, Title: Baker Level 2 }
units:
  - { ID: 41, StandardID: 31, Title: Bread, NDAQCode: A/000/0041, Display: \"1\" }
  - { ID: 42, StandardID: 31, Title: Cakes }
  - { ID: 43, StandardID: 32, Title: Reading }
frameworkTemplates:
  - { ID: 51, OrganisationID: 5740, Title: Baker with English, StandardIDs: [31, 32] }
users:
  - { ID: 10, OrganisationID: 5740, Role: 5, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk }
  - { ID: 11, OrganisationID: 5740, Role: 40, FirstName: Ben, LastName: Birdwhistle, Email: ben@example.ac.uk, PlacementID: 2 }
  - { ID: 20, OrganisationID: 5740, Role: 1, FirstName: Cy, LastName: Cloverdene, Email: cy@example.ac.uk, StartOn: 2026-09-07 }
  - { ID: 21, OrganisationID: 5740, Role: 1, FirstName: Di, LastName: Dunmarrow, Email: di@example.ac.uk }
  - { ID: 22, OrganisationID: 5740, Role: 1, FirstName: Ed, LastName: Eastmere, Email: ed@example.ac.uk, Archived: true }
learningAims:
  - { ID: 61, UserID: 21, StandardID: 31, AchievedDate: 2026-07-01 }
";

fn with(behaviour: &str) -> Sandbox {
    Sandbox::start(&format!("{SEED}behaviour: {behaviour}\n"))
}

/// The rows of a table as the sandbox holds them.
fn held(sandbox: &Sandbox, table: &str) -> Vec<Value> {
    sandbox.state()[table].as_array().unwrap().clone()
}

#[test]
fn a_client_that_is_not_ours_finds_and_assigns_with_forms_in_another_case() {
    let sandbox = Sandbox::start(SEED);
    let base = sandbox.base_url();
    runtime().block_on(async {
        let key = authenticate(&base, "sandbox").await.1;
        let get = async |path: &str| call(&base, Method::GET, path, &key, &[]).await;
        let post = async |path: &str, form: &[(&str, &str)]| {
            call(&base, Method::POST, path, &key, form).await
        };
        let rows = post("standard/search", &[("organisationid", "5740")])
            .await
            .1;
        assert_eq!(
            rows,
            json!([
                { "ID": 31, "Title": "Baker Level 2" },
                { "ID": 32, "Title": "English Level 2" },
            ])
        );
        let titled = [("organisationID", "5740"), ("title", "English Level 2")];
        assert_eq!(post("standard/search/1/50", &titled).await.1[0]["ID"], 32);
        assert_eq!(post("standard/search/2/50", &titled).await.0, 204);
        assert_eq!(get("standard/31").await.1, rows[0]);
        assert_eq!(
            post("frameworktemplate/search", &[("organisationid", "5740")])
                .await
                .1,
            json!([{ "ID": 51, "Title": "Baker with English" }])
        );
        let units = post("unit/search", &[("standardid", "31")]).await.1;
        assert_eq!(
            units[0],
            json!({ "ID": 41, "Title": "Bread", "NDAQCode": "A/000/0041", "Display": "1" })
        );
        assert_eq!(units.as_array().unwrap().len(), 2);
        assert_eq!(get("unit/43").await.1["Title"], "Reading");
        // An assignment answers with a bare number.
        assert_eq!(
            post("learningaim/search/", &[("userid", "20")]).await.0,
            204
        );
        assert_eq!(post("standard/31/assign/20", &[]).await, (200, json!(62)));
        assert_eq!(
            post("learningaim/search/", &[("userid", "20")]).await.1,
            json!([{ "ID": 62, "StandardID": 31, "UserID": 20, "Status": 0 }])
        );
        assert_eq!(
            post("learningaim/search/1/50", &[("userid", "20")]).await.1[0]["ID"],
            62
        );
        assert_eq!(post("unit/41/assign/20/31", &[]).await, (200, json!(1)));
        assert_eq!(get("user/20/unitsummary").await.1[0]["UnitID"], 41);
        assert_eq!(
            post("unitsummary/search/1/50", &[("userid", "20")]).await.1[0]["StandardID"],
            31
        );
        assert_eq!(get("user/21/unitsummary").await.0, 204);
        // A learning aim takes its days.
        let days = [
            ("startdate", "2026-09-07T00:00:00Z"),
            ("registrationnumber", "R-1"),
        ];
        assert_eq!(post("learningaim/62", &days).await.0, 200);
        let aim = get("learningaim/62").await.1;
        assert_eq!(aim["StartDate"], "2026-09-06T23:00:00Z");
        assert_eq!(
            (&aim["RegistrationNumber"], &aim["Progress"]),
            (&json!("R-1"), &json!(0))
        );
        // A template brings the aims and units that aren't there.
        assert_eq!(
            post("frameworktemplate/51/assign/21/true", &[]).await,
            (204, Value::Null)
        );
        assert_eq!(
            get("user/21/unitsummary").await.1.as_array().unwrap().len(),
            3
        );
    });
}

#[test]
fn what_can_not_be_assigned_is_refused() {
    let sandbox = Sandbox::start(SEED);
    let stranger = Stranger::new(&sandbox);
    for (path, status) in [
        ("Standard/99/Assign/20", 404),
        ("Standard/31/Assign/99", 400),
        ("Standard/31/Assign/10", 400),
        ("Standard/31/Assign/22", 400),
        ("Standard/33/Assign/20", 400),
        ("Unit/99/Assign/20/31", 404),
        ("Unit/41/Assign/20/99", 400),
        ("Unit/41/Assign/20/32", 400),
        ("Unit/41/Assign/22/31", 400),
        ("FrameworkTemplate/99/Assign/20/true", 404),
        ("FrameworkTemplate/51/Assign/22/true", 400),
        ("FrameworkTemplate/51/Assign/20/perhaps", 400),
        ("User/99/AssignPlacement/2/true", 404),
        ("User/11/AssignPlacement/99/true", 400),
        ("User/20/AssignPlacement/2/true", 400),
        ("LearningAim/Search", 400),
        ("UnitSummary/Search/1/50", 400),
        ("Unit/Search", 400),
        ("LearningAim/99", 404),
    ] {
        let (answered, body) = stranger.post(path, json!({}));
        assert_eq!(answered, status, "{path}: {body}");
        assert!(body["message"].is_string(), "{path}: {body}");
    }
    let nobody = json!({ "UserID": "" });
    assert_eq!(stranger.post("LearningAim/Search", nobody).0, 400);
    for table in [
        "unitSummaries",
        "employerPlacements",
        "additionalAssignments",
    ] {
        assert!(held(&sandbox, table).is_empty(), "{table}");
    }
    assert_eq!(held(&sandbox, "learningAims").len(), 1);
}

#[test]
fn a_repeated_standard_or_unit_is_answered_by_a_switch() {
    for (switch, path, again) in [
        ("{}", "Standard/31/Assign/20", (200, json!(63))),
        (
            "{ repeatStandard: 200 }",
            "Standard/31/Assign/20",
            (200, json!(62)),
        ),
        (
            "{ repeatStandard: 400 }",
            "Standard/31/Assign/20",
            (400, json!({ "message": "The learner has this already" })),
        ),
        (
            "{}",
            "Unit/41/Assign/20/31",
            (400, json!({ "message": "The learner has this already" })),
        ),
        (
            "{ repeatUnit: 200 }",
            "Unit/41/Assign/20/31",
            (200, json!({ "message": "The learner has this already" })),
        ),
    ] {
        let sandbox = with(switch);
        let stranger = Stranger::new(&sandbox);
        assert_eq!(stranger.post(path, json!({})).0, 200, "{switch} {path}");
        assert_eq!(stranger.post(path, json!({})), again, "{switch} {path}");
        let aims = held(&sandbox, "learningAims").len() - 1;
        let units = held(&sandbox, "unitSummaries").len();
        let made = 1 + usize::from(again.1 == json!(63));
        assert_eq!(aims + units, made, "{switch} {path}");
    }
}

#[test]
fn all_aims_of_an_organisation_are_listed_by_a_switch() {
    let of_college = json!({ "OrganisationID": 5740 });
    let stranger = Sandbox::start(SEED);
    assert_eq!(
        Stranger::new(&stranger)
            .post("LearningAim/Search/1/50", of_college.clone())
            .0,
        400
    );
    let sandbox = with("{ aimsInBulk: true }");
    let stranger = Stranger::new(&sandbox);
    let rows = stranger.post("LearningAim/Search/1/50", of_college).1;
    assert_eq!(
        rows,
        json!([{ "ID": 61, "StandardID": 31, "UserID": 21, "Status": 0 }])
    );
    let elsewhere = json!({ "OrganisationID": 5741 });
    assert_eq!(stranger.post("LearningAim/Search/1/50", elsewhere).0, 204);
}

#[test]
fn achieved_aims_are_found_by_their_days() {
    let sandbox = Sandbox::start(SEED);
    let stranger = Stranger::new(&sandbox);
    for (from, to, status) in [
        ("2026-07-01", "2026-07-31", 200),
        ("2026-06-01", "2026-07-01", 200),
        ("2026-07-02", "2026-07-31", 204),
        ("2026-06-01", "2026-06-30", 204),
        ("soon", "2026-06-30", 400),
    ] {
        let filter = json!({ "LearningAimCompletionStatus": 1, "DateFrom": from, "DateTo": to });
        let answered = stranger.post("LearningAim/Search", filter).0;
        assert_eq!(answered, status, "{from} {to}");
    }
    let other = json!({ "LearningAimCompletionStatus": 7 });
    assert_eq!(stranger.post("LearningAim/Search", other).0, 400);
}

#[test]
fn rows_of_unit_summaries_show_ids_or_not_by_a_switch() {
    for (switch, shown) in [("withIds", true), ("withoutIds", false)] {
        let sandbox = with(&format!("{{ unitSummaries: {switch} }}"));
        let stranger = Stranger::new(&sandbox);
        stranger.post("Unit/41/Assign/20/31", json!({}));
        for row in [
            stranger.get("User/20/UnitSummary").1[0].clone(),
            stranger
                .post("UnitSummary/Search/1/50", json!({ "UserID": 20 }))
                .1[0]
                .clone(),
        ] {
            let has = |name: &str| row.get(name).is_some();
            assert!(has("ID"), "{switch}: {row}");
            assert_eq!(
                (has("UnitID"), has("StandardID")),
                (shown, shown),
                "{switch}"
            );
        }
    }
}

#[test]
fn whose_number_is_in_the_path_of_an_additional_assessor_is_a_switch() {
    let body = |other: i64| json!({ "LearnerID": other, "Role": 5, "Level": 1 });
    for (switch, right, wrong) in [
        ("assignee", ("User/10/Assign", 20), ("User/20/Assign", 10)),
        ("learner", ("User/20/Assign", 10), ("User/10/Assign", 20)),
    ] {
        let sandbox = with(&format!("{{ assignPath: {switch} }}"));
        let stranger = Stranger::new(&sandbox);
        assert_eq!(stranger.post(wrong.0, body(wrong.1)).0, 400, "{switch}");
        assert!(
            held(&sandbox, "additionalAssignments").is_empty(),
            "{switch}"
        );
        assert_eq!(stranger.post(right.0, body(right.1)).0, 200, "{switch}");
        let row = held(&sandbox, "additionalAssignments")[0].clone();
        assert_eq!(
            (&row["LearnerID"], &row["AssigneeID"], &row["Level"]),
            (&json!(20), &json!(10), &json!(1)),
            "{switch}"
        );
    }
}

#[test]
fn an_additional_assessor_needs_a_learner_a_role_and_what_the_level_asks_for() {
    let sandbox = Sandbox::start(SEED);
    let stranger = Stranger::new(&sandbox);
    for (path, body, message) in [
        (
            "User/10/Assign",
            json!({ "Role": 5, "Level": 1 }),
            "LearnerID is required",
        ),
        (
            "User/10/Assign",
            json!({ "LearnerID": 22, "Role": 5, "Level": 1 }),
            "The learner is archived",
        ),
        (
            "User/10/Assign",
            json!({ "LearnerID": 20, "Role": 40, "Level": 1 }),
            "Role is not valid",
        ),
        (
            "User/10/Assign",
            json!({ "LearnerID": 20, "Role": 5, "Level": 4 }),
            "Level is not valid",
        ),
        (
            "User/10/Assign",
            json!({ "LearnerID": 20, "Role": 5, "Level": 3 }),
            "StandardID is required",
        ),
        (
            "User/10/Assign",
            json!({ "LearnerID": 20, "Role": 5, "Level": 2, "UnitID": 99 }),
            "UnitID is not valid",
        ),
    ] {
        assert_eq!(
            stranger.post(path, body.clone()),
            (400, json!({ "message": message })),
            "{body}"
        );
    }
    let body = json!({ "learnerid": "20", "role": "5", "level": "3", "standardid": "31" });
    assert_eq!(stranger.post("user/10/assign", body).0, 200);
    assert_eq!(
        stranger.post("User/11/AssignPlacement/2/true", json!({})).0,
        200
    );
    let row = held(&sandbox, "employerPlacements")[0].clone();
    assert_eq!(
        (&row["UserID"], &row["GrantAccess"]),
        (&json!(11), &json!(true))
    );
    let shown = stranger.get("User/20").1.to_string() + &stranger.get("User/10").1.to_string();
    assert!(!shown.contains("Assignee"), "nothing documented shows them");
}

#[test]
fn placements_and_classrooms_take_all_their_fields_and_rows_are_brief() {
    let sandbox = Sandbox::start(SEED);
    let stranger = Stranger::new(&sandbox);
    for (kind, field, value) in [
        ("Placement", "Address", json!("2 Low Street")),
        ("Placement", "Active", json!(true)),
        ("Classroom", "CompletionMessage", json!("Well done")),
        ("Classroom", "IVFinalSignOff", json!(false)),
    ] {
        let sent = json!({ "OrganisationID": 5740, "Name": "New", field: value });
        let id = stranger.post(kind, sent).1["ID"].clone();
        let shown = stranger.get(&format!("{kind}/{id}")).1;
        assert_eq!(shown[field], value, "{kind}");
        assert_eq!(
            stranger
                .post(&format!("{kind}/{id}"), json!({ "Name": "Newer" }))
                .0,
            200
        );
        let shown = stranger.get(&format!("{kind}/{id}")).1;
        assert_eq!(
            (&shown["Name"], &shown[field]),
            (&json!("Newer"), &value),
            "{kind}"
        );
        let rows = stranger.post(
            &format!("{kind}/Search/1/50"),
            json!({ "OrganisationID": 5740 }),
        );
        assert!(rows.1[0].get(field).is_none(), "{kind}: {}", rows.1);
    }
}

#[test]
fn an_update_is_answered_with_200_or_204_by_a_switch() {
    for (switch, status) in [("{}", 200), ("{ updateAnswer: 204 }", 204)] {
        let sandbox = with(switch);
        let stranger = Stranger::new(&sandbox);
        for (path, body) in [
            ("User/10", json!({ "Website": "https://example.ac.uk" })),
            ("Placement/2", json!({ "Fax": "01632 960001" })),
            ("LearningAim/61", json!({ "Status": 2 })),
        ] {
            assert_eq!(
                stranger.post(path, body.clone()).0,
                status,
                "{switch} {path}"
            );
            let (name, value) = body.as_object().unwrap().iter().next().unwrap();
            assert_eq!(stranger.get(path).1[name], *value, "{switch} {path}");
        }
    }
}

#[test]
fn users_show_when_they_were_modified_or_not_by_a_switch() {
    for (switch, shown) in [("shown", true), ("missing", false)] {
        let sandbox = with(&format!("{{ lastModified: {switch}, searchRows: full }}"));
        let stranger = Stranger::new(&sandbox);
        let rows = stranger
            .post("User/Search/1/50", json!({ "OrganisationID": 5740 }))
            .1;
        for user in [&stranger.get("User/10").1, &rows[0]] {
            assert_eq!(
                user.get("LastModified").is_some(),
                shown,
                "{switch}: {user}"
            );
        }
        let since = json!({ "LastModified": "2999-01-01T00:00:00Z" });
        assert_eq!(stranger.post("User/Search", since).0, 204, "{switch}");
    }
}

#[test]
fn codes_of_difficulties_are_a_text_and_a_list_of_texts() {
    let sandbox = Sandbox::start(SEED);
    let stranger = Stranger::new(&sandbox);
    let sent = json!({ "PrimaryLLDDCode": "04", "SecondaryLLDDCodes": ["05", "12"] });
    assert_eq!(stranger.post("User/20", sent.clone()).0, 200);
    let shown = stranger.get("User/20").1;
    for name in ["PrimaryLLDDCode", "SecondaryLLDDCodes"] {
        assert_eq!(shown[name], sent[name]);
    }
    assert_eq!(
        stranger
            .post("User/20", json!({ "PrimaryLLDDCode": ["04"] }))
            .0,
        400
    );
    let base = sandbox.base_url();
    runtime().block_on(async {
        let key = authenticate(&base, "sandbox").await.1;
        for (form, expected) in [
            (
                vec![
                    ("secondarylldDcodes[0]", "05"),
                    ("secondarylldDcodes[1]", "12"),
                ],
                json!(["05", "12"]),
            ),
            (
                vec![("SecondaryLLDDCodes", "12"), ("SecondaryLLDDCodes", "05")],
                json!(["12", "05"]),
            ),
            (vec![("SecondaryLLDDCodes[]", "09")], json!(["09"])),
            (vec![("SecondaryLLDDCodes", "")], Value::Null),
        ] {
            let (status, _) = call(&base, Method::POST, "user/20", &key, &form).await;
            assert_eq!(status, 200, "{form:?}");
            let shown = call(&base, Method::GET, "user/20", &key, &[]).await.1;
            assert_eq!(shown["SecondaryLLDDCodes"], expected, "{form:?}");
        }
    });
}

#[test]
fn faults_strike_the_calls_that_assign() {
    let sandbox = Sandbox::start(SEED);
    let aims = || held(&sandbox, "learningAims").len();
    for (fault, made) in [
        ("\"resetBefore\"", 0),
        ("\"resetAfter\"", 1),
        ("\"failAfter\"", 1),
        ("\"loseWrite\"", 0),
        ("{\"status\": 502}", 0),
    ] {
        let rule = format!("{{\"on\": \"POST /Standard/*/Assign/*\", \"do\": {fault}}}");
        let before = aims();
        struck(&sandbox, &rule).call(Method::POST, "Standard/31/Assign/20", None);
        assert_eq!(aims() - before, made, "{fault}");
    }
    let hide = r#"{"on": "POST /Standard/*/Assign/*", "do": {"hideCreatedMs": 600000}}"#;
    let stranger = struck(&sandbox, hide);
    let of_20 = json!({ "UserID": 20 });
    let shown = |stranger: &Stranger<'_>| {
        let rows = stranger.post("LearningAim/Search", of_20.clone()).1;
        rows.as_array().map_or(0, Vec::len)
    };
    assert_eq!(stranger.post("Standard/32/Assign/20", json!({})).0, 200);
    assert_eq!(shown(&stranger), 2, "of three");
    let skip = r#"{"on": "POST /LearningAim/Search", "do": "skipRow"}"#;
    assert_eq!(shown(&struck(&sandbox, skip)), 1);
    let lose = r#"{"on": "POST /FrameworkTemplate/**", "do": "loseWrite"}"#;
    let before = held(&sandbox, "unitSummaries").len();
    struck(&sandbox, lose).post("FrameworkTemplate/51/Assign/21/true", json!({}));
    assert_eq!(held(&sandbox, "unitSummaries").len(), before);
    let ignore = r#"{"on": "POST /User/*/Assign", "do": {"ignoreField": "StandardID"}}"#;
    let body = json!({ "LearnerID": 20, "Role": 5, "Level": 1, "StandardID": 31 });
    assert_eq!(struck(&sandbox, ignore).post("User/10/Assign", body).0, 200);
    assert!(held(&sandbox, "additionalAssignments")[0]["StandardID"].is_null());
}

/// What the sandbox shows can be put back, with lists and references.
#[test]
fn a_state_with_assignments_is_put_as_it_was_shown() {
    let sandbox = Sandbox::start(SEED);
    let stranger = Stranger::new(&sandbox);
    stranger.post("FrameworkTemplate/51/Assign/20/true", json!({}));
    let before = sandbox.state();
    let put = sandbox.control(Method::PUT, "state", &before.to_string());
    assert_eq!(put.0, 200, "{}", put.1);
    assert_eq!(sandbox.state(), before);
    assert_eq!(before["learningAims"][1]["StartDate"], "2026-09-07");
    let wrong =
        r#"{"organisations": [{"ID": 1}], "frameworkTemplates": [{"ID": 1, "StandardIDs": [9]}]}"#;
    let (status, answer) = sandbox.control(Method::PUT, "state", wrong);
    let message = answer["message"].as_str().unwrap();
    assert!(
        status == 400 && message.contains("`StandardIDs` names no row"),
        "{message}"
    );
}
