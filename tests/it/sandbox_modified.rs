//! The sandbox's switches about when users were modified, by a plain HTTP client that knows nothing of ours: servers that forget
//! to move `LastModified`, that move it late, and whose searches read the time otherwise.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::Sandbox;
use crate::sandbox_assignments::SEED;
use crate::service::Stranger;

/// `LastModified` of users in a seed that doesn't say it.
const SEEDED_AT: &str = "2026-01-01T00:00:00Z";

fn with(behaviour: &str) -> Sandbox {
    Sandbox::start(&format!("{SEED}behaviour: {behaviour}\n"))
}

/// Whether a user shows another time than that of the seed.
fn is_moved(stranger: &Stranger<'_>, user: i64) -> bool {
    stranger.get(&format!("User/{user}")).1["LastModified"] != SEEDED_AT
}

/// The users that a search since a time finds.
fn found_since(stranger: &Stranger<'_>, since: &str) -> Vec<i64> {
    let filter = json!({ "OrganisationID": 5740, "Role": 1, "LastModified": since });
    let mut ids = Vec::new();
    for path in ["User/Search", "User/Search/1/50"] {
        let rows = stranger.post(path, filter.clone()).1;
        let rows = rows.as_array().cloned().unwrap_or_default();
        ids = rows.iter().map(|row| row["ID"].as_i64().unwrap()).collect();
    }
    ids
}

/// Changes the state as a person does in the web pages.
fn edit(sandbox: &Sandbox, change: impl FnOnce(&mut Value)) {
    let mut state = sandbox.state();
    change(&mut state);
    let (status, answer) = sandbox.control(Method::PUT, "state", &state.to_string());
    assert_eq!(status, 200, "{answer}");
}

/// A user in a state.
fn user(state: &mut Value, id: i64) -> &mut Value {
    let users = state["users"].as_array_mut().unwrap();
    users.iter_mut().find(|user| user["ID"] == id).unwrap()
}

#[test]
fn a_switch_says_which_writes_of_the_api_move_the_time() {
    // Whether it moves by an update, by an archive, and by what is assigned.
    for (switch, by_update, by_assignment) in [
        ("everything", true, true),
        ("users", true, false),
        ("webEdits", false, false),
        ("nothing", false, false),
    ] {
        let sandbox = with(&format!("{{ touchedBy: {switch} }}"));
        let stranger = Stranger::new(&sandbox);
        let assignments = [
            ("Standard/31/Assign/20", json!({}), 20),
            ("Unit/41/Assign/21/31", json!({}), 21),
            ("LearningAim/61", json!({ "Status": 2 }), 21),
            ("FrameworkTemplate/51/Assign/20/true", json!({}), 20),
            (
                "User/10/Assign",
                json!({ "LearnerID": 21, "Role": 5, "Level": 1 }),
                21,
            ),
            ("User/11/AssignPlacement/2/true", json!({}), 11),
        ];
        for (path, body, touched) in assignments {
            edit(&sandbox, |state| {
                user(state, touched)["LastModified"] = json!(SEEDED_AT);
            });
            let status = stranger.post(path, body).0;
            assert!([200, 204].contains(&status), "{switch} {path}");
            assert_eq!(
                is_moved(&stranger, touched),
                by_assignment,
                "{switch} {path}"
            );
        }
        assert!(!is_moved(&stranger, 10), "{switch}: the assignee stays");
        edit(&sandbox, |state| {
            user(state, 20)["LastModified"] = json!(SEEDED_AT);
        });
        let website = json!({ "Website": "https://example.ac.uk" });
        assert_eq!(stranger.post("User/20", website).0, 200);
        assert_eq!(is_moved(&stranger, 20), by_update, "{switch}");
        assert_eq!(stranger.post("User/22/Unarchive", json!({})).0, 200);
        assert_eq!(is_moved(&stranger, 22), by_update, "{switch}");
        let found = found_since(&stranger, "2026-01-01T00:00:01Z");
        assert_eq!(found.contains(&20), by_update, "{switch}: {found:?}");
    }
}

#[test]
fn a_repeated_assignment_that_changes_nothing_moves_no_time() {
    let sandbox = with("{ repeatStandard: 200 }");
    let stranger = Stranger::new(&sandbox);
    assert_eq!(stranger.post("Standard/31/Assign/21", json!({})).0, 200);
    assert!(!is_moved(&stranger, 21));
}

#[test]
fn a_new_user_has_the_time_of_its_creation_whatever_moves_it() {
    for switch in ["everything", "users", "webEdits", "nothing"] {
        let sandbox = with(&format!("{{ touchedBy: {switch} }}"));
        let stranger = Stranger::new(&sandbox);
        let new = json!({ "OrganisationID": 5740, "Role": 5, "FirstName": "Fay",
            "LastName": "Farthingale", "Email": "fay@example.ac.uk" });
        let id = stranger.post("User", new).1["ID"].as_i64().unwrap();
        let shown = stranger.get(&format!("User/{id}")).1;
        assert_eq!(shown["LastModified"], shown["CreatedOn"], "{switch}");
    }
}

#[test]
fn what_a_person_edits_moves_the_time_by_the_same_switch() {
    for (switch, by_edit, by_assignment) in [
        ("everything", true, true),
        ("users", true, false),
        ("webEdits", true, false),
        ("nothing", false, false),
    ] {
        let sandbox = with(&format!("{{ touchedBy: {switch} }}"));
        let stranger = Stranger::new(&sandbox);
        edit(&sandbox, |state| {
            user(state, 20)["Website"] = json!("https://example.ac.uk");
            let aims = state["learningAims"].as_array_mut().unwrap();
            aims[0]["Status"] = json!(2);
            let new = json!({ "ID": 30, "OrganisationID": 5740, "Role": 1, "FirstName": "Gil" });
            state["users"].as_array_mut().unwrap().push(new);
        });
        for (id, moves) in [
            (20, by_edit),
            (21, by_assignment),
            (22, false),
            (30, by_edit),
        ] {
            assert_eq!(is_moved(&stranger, id), moves, "{switch} {id}");
        }
        // An assignment that is taken away counts as one that is made.
        edit(&sandbox, |state| {
            user(state, 21)["LastModified"] = json!(SEEDED_AT);
        });
        edit(&sandbox, |state| state["learningAims"] = json!([]));
        assert_eq!(is_moved(&stranger, 21), by_assignment, "{switch}");
    }
}

#[test]
fn a_time_that_a_state_says_is_taken_as_it_is() {
    for switch in ["everything", "users", "webEdits", "nothing"] {
        let sandbox = with(&format!("{{ touchedBy: {switch} }}"));
        let stranger = Stranger::new(&sandbox);
        edit(&sandbox, |state| {
            let user = user(state, 20);
            user["Website"] = json!("https://example.ac.uk");
            user["LastModified"] = json!("2026-07-01T09:30:00Z");
        });
        let shown = stranger.get("User/20").1["LastModified"].clone();
        assert_eq!(shown, "2026-07-01T09:30:00Z", "{switch}");
        let before = sandbox.state();
        edit(&sandbox, |_| {});
        assert_eq!(
            sandbox.state(),
            before,
            "{switch}: what is shown can be put"
        );
    }
}

#[test]
fn a_time_that_is_late_shows_and_is_found_only_when_it_is_due() {
    let sandbox = with("{ touchedAfter: 3600, searchRows: full }");
    let stranger = Stranger::new(&sandbox);
    let website = |site: &str| json!({ "Website": site });
    for site in ["a", "b"] {
        assert_eq!(stranger.post("User/20", website(site)).0, 200);
        assert_eq!(stranger.get("User/20").1["Website"], site);
        assert!(!is_moved(&stranger, 20), "after {site}");
    }
    let filter = json!({ "OrganisationID": 5740, "Role": 1 });
    let rows = stranger.post("User/Search/1/50", filter).1;
    assert_eq!(rows[0]["LastModified"], SEEDED_AT);
    assert!(found_since(&stranger, "2026-01-01T00:00:01Z").is_empty());
    assert_eq!(found_since(&stranger, SEEDED_AT), [20, 21, 22]);
    let held = sandbox.state()["users"][2]["LastModified"].clone();
    assert_ne!(
        held, SEEDED_AT,
        "the control calls show the time of the write"
    );
    // A state that is put forgets neither time.
    edit(&sandbox, |_| {});
    assert!(!is_moved(&stranger, 20));
    // A person's edit is late as well. An hour later the time shows.
    edit(&sandbox, |state| {
        user(state, 21)["Website"] = json!("c");
        user(state, 20)["LastModified"] = json!("2026-07-01T09:30:00Z");
    });
    assert!(is_moved(&stranger, 20) && !is_moved(&stranger, 21));
    assert_eq!(found_since(&stranger, "2026-07-01T09:30:00Z"), [20]);
}

#[test]
fn a_late_time_that_a_state_says_shows_the_former_one_until_then() {
    let sandbox = with("{ touchedAfter: 3600 }");
    let stranger = Stranger::new(&sandbox);
    edit(&sandbox, |state| {
        user(state, 20)["LastModified"] = json!("2999-01-01T00:00:00Z");
    });
    assert!(!is_moved(&stranger, 20));
}

#[test]
fn a_time_that_is_due_shows_by_itself() {
    let sandbox = with("{ touchedAfter: 1 }");
    let stranger = Stranger::new(&sandbox);
    assert_eq!(stranger.post("User/20", json!({ "Website": "a" })).0, 200);
    for _ in 0..100 {
        if is_moved(&stranger, 20) {
            return;
        }
        crate::harness::pause(std::time::Duration::from_millis(50));
    }
    panic!("the time never showed");
}

#[test]
fn searches_read_the_time_that_they_are_given_as_a_switch_says() {
    let noon = "2026-07-01T12:00:00Z";
    // Whether a search finds a user of this time, by the time that it is given.
    for (switch, expected) in [
        ("utc", [true, true, false, false]),
        ("local", [true, true, true, false]),
        ("ignored", [true; 4]),
        ("nothing", [false; 4]),
    ] {
        let sandbox = with(&format!("{{ modifiedFilter: {switch} }}"));
        let stranger = Stranger::new(&sandbox);
        edit(&sandbox, |state| {
            user(state, 20)["LastModified"] = json!(noon);
        });
        let mut found = Vec::new();
        for since in ["11:59:59", "12:00:00", "12:59:59", "13:00:01"] {
            let since = format!("2026-07-01T{since}Z");
            found.push(found_since(&stranger, &since).contains(&20));
        }
        assert_eq!(found, expected, "{switch}");
        let filter = json!({ "OrganisationID": 5740, "Role": 1, "LastModified": null });
        assert_eq!(stranger.post("User/Search", filter).0, 200, "{switch}");
        let wrong = json!({ "LastModified": "yesterday" });
        assert_eq!(stranger.post("User/Search", wrong).0, 400, "{switch}");
    }
}

#[test]
fn local_time_is_utc_in_winter() {
    for switch in ["utc", "local"] {
        let sandbox = with(&format!("{{ modifiedFilter: {switch} }}"));
        let stranger = Stranger::new(&sandbox);
        assert_eq!(found_since(&stranger, SEEDED_AT), [20, 21, 22], "{switch}");
        let later = found_since(&stranger, "2026-01-01T00:00:01Z");
        assert!(later.is_empty(), "{switch}: {later:?}");
    }
}

#[test]
fn a_switch_that_is_misspelt_says_what_it_takes() {
    let sandbox = Sandbox::start(SEED);
    let wrong =
        "touchedBy: users only, touchedAfter: soon, modifiedFilter: london, touchdBy: users";
    let seed = format!("{SEED}behaviour: {{ {wrong} }}\n");
    let (status, answer) = sandbox.control(Method::PUT, "state", &seed);
    let message = answer["message"].as_str().unwrap();
    assert_eq!(status, 400);
    for words in [
        "write one of `everything`, `users`, `webEdits`, `nothing`",
        "`touchedAfter` takes a whole number",
        "write one of `utc`, `local`, `ignored`, `nothing`",
        "unknown key `touchdBy`; write `touchedBy`",
    ] {
        assert!(message.contains(words), "{words}: {message}");
    }
}
