//! Servers that leave the client unsure about who exists: nobody is created, nobody is updated in another's place, and
//! one odd account stops nobody else.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::client::{Script, Scripted, status};
use crate::harness::{project, rosterctl, transcript};

const ANN: &str = "users:\n  - { misId: Q-1, role: iqa, firstName: Ann, lastName: Abbotsley, email: ann@example.ac.uk }\n";
const ORGANISATION: &str = r#"{"ID": 5740, "Name": "Example College"}"#;

/// What an apply says and how many creates it sent; `project` is the rest of `rosterctl.yaml`.
fn apply(script: Script, users: &str, rest: &str) -> (String, usize) {
    let server = Scripted::start(script);
    let folder = project(&[
        ("rosterctl.yaml", &format!("organisation: 5740\n{rest}")),
        ("users/a.yaml", users),
    ]);
    let mut command = rosterctl();
    command
        .current_dir(folder.path())
        .args(["apply", "--auto-approve"]);
    command
        .env("ONEFILE_BASE_URL", &server.base)
        .env("ONEFILE_CUSTOMER_TOKEN", "example");
    (transcript(&mut command), server.times("/User"))
}

/// The calls that every script answers alike; no lists but what a script gives.
fn usual(path: &str) -> Response {
    match path {
        "/Authentication" => "key".into_response(),
        "/Organisation/5740" => ORGANISATION.into_response(),
        _ => StatusCode::NO_CONTENT.into_response(),
    }
}

const LIST: &str = "/User/Search/1/500";
const ROW: &str = r#"[{"ID": 7, "FirstName": "Ann", "LastName": "Abbotsley", "MISID": "Q-1"}]"#;

#[test]
fn a_closer_look_that_lacks_the_mis_value_loses_nobody() {
    let shown: [Script; 2] = [
        |path, _| {
            match path {
            LIST => ROW.into_response(),
            "/User/7" => {
                r#"{"ID": 7, "Role": 10, "FirstName": "Ann", "LastName": "Abbotsley", "Email": "ann@example.ac.uk"}"#
                    .into_response()
            }
            _ => usual(path),
        }
        },
        |path, _| {
            match path {
            LIST => ROW.into_response(),
            "/User/7" => r#"{"ID": 7, "Role": 10, "MISID": null, "FirstName": "Ann", "LastName": "Abbotsley", "Email": "ann@example.ac.uk"}"#.into_response(),
            _ => usual(path),
        }
        },
    ];
    for script in shown {
        let (said, creates) = apply(script, ANN, "");
        assert!(
            said.starts_with("No changes: 1 user is as declared.") && creates == 0,
            "{said}"
        );
    }
}

pub fn only_204_or_an_empty_list_ends_a_search() {
    let (said, creates) = apply(
        |path, _| {
            if path == LIST {
                "null".into_response()
            } else {
                usual(path)
            }
        },
        ANN,
        "",
    );
    assert!(
        said.contains("POST /User/Search/1/500: the answer has no list of rows") && creates == 0,
        "{said}"
    );
    let (said, creates) = apply(
        |path, nth| {
            if path == LIST && nth < 6 {
                "".into_response()
            } else {
                usual(path)
            }
        },
        ANN,
        "",
    );
    assert!(
        said.contains("the answer isn't JSON") || creates == 1,
        "{said}"
    );
}

#[test]
fn an_account_that_contradicts_its_list_is_left_alone() {
    let shown: [Script; 3] = [
        |path, _| {
            match path {
            LIST => ROW.into_response(),
            "/User/7" => r#"{"ID": 7, "Role": 10, "OrganisationID": 2, "MISID": "Q-1", "Email": "x@example.ac.uk"}"#
                .into_response(),
            _ => usual(path),
        }
        },
        |path, _| {
            if path == LIST {
                ROW.into_response()
            } else if path == "/User/7" {
                status(404)
            } else {
                usual(path)
            }
        },
        |path, _| match path {
            LIST => ROW.into_response(),
            "/User/7" => r#"{"ID": 7, "Role": 30, "MISID": "Q-1", "Email": "x@example.ac.uk"}"#
                .into_response(),
            _ => usual(path),
        },
    ];
    for script in shown {
        let (said, creates) = apply(script, ANN, "");
        assert!(
            said.contains("account 7 doesn't show what its list says")
                && said.ends_with("exit 5\n"),
            "{said}"
        );
        assert_eq!(creates, 0);
    }
}

#[test]
fn lists_that_hide_an_account_stop_creates_unless_the_policy_knows() {
    let script: Script = |path, _| match path {
        "/User/7" => {
            r#"{"ID": 7, "Role": 10, "MISID": null, "OrganisationID": 5740}"#.into_response()
        }
        "/User" => r#"{"ID": 8}"#.into_response(),
        _ => usual(path),
    };
    let users = format!("{ANN}  - {{ id: 7, role: iqa }}\n");
    let (said, creates) = apply(script, &users, "");
    assert!(
        said.contains("no list shows 7, which exist") && creates == 0,
        "{said}"
    );
    let (said, creates) = apply(script, &users, "policy: { archivedAccounts: hidden }\n");
    assert!(
        said.contains("Applied: 1 created") && creates == 1,
        "{said}"
    );
}

#[test]
fn a_pin_on_somebody_else_is_held() {
    let script: Script = |path, _| {
        match path {
        LIST => r#"[{"ID": 7, "FirstName": "Cy", "LastName": "Cloverdene", "MISID": null}]"#.into_response(),
        "/User/7" => r#"{"ID": 7, "Role": 1, "FirstName": "Cy", "LastName": "Cloverdene", "Email": "cy@example.ac.uk", "ULN": "9999999999", "MISID": null}"#.into_response(),
        _ => usual(path),
    }
    };
    let pin = |rest: &str| format!("users:\n  - {{ id: 7, role: learner, {rest} }}\n");
    let held = "account 7 has another name, e-mail and ULN";
    let (said, _) = apply(
        script,
        &pin("firstName: Ann, lastName: Abbotsley, email: ann@example.ac.uk, uln: \"9999999999\""),
        "",
    );
    assert!(said.contains(held), "{said}");
    // Who marries and gets a new address keeps a first name.
    let (said, _) = apply(
        script,
        &pin("firstName: Cy, lastName: Abbotsley, email: cy.abbotsley@example.ac.uk"),
        "",
    );
    assert!(!said.contains(held) && said.contains("1 updated"), "{said}");
}

#[test]
fn a_day_of_an_unknown_form_is_not_compared_and_not_sent_for_ever() {
    let script: Script = |path, _| {
        match path {
        LIST => ROW.into_response(),
        "/User/7" => r#"{"ID": 7, "Role": 10, "MISID": "Q-1", "FirstName": "Ann", "LastName": "Abbotsley", "Email": "ann@example.ac.uk", "DOB": "14/03/1990 00:00:00"}"#.into_response(),
        _ => usual(path),
    }
    };
    let (said, _) = apply(script, &ANN.replace(" }", ", dob: 1990-03-14 }"), "");
    assert!(
        said.starts_with("Nothing to change. 1 field was not compared."),
        "{said}"
    );
}

pub fn a_page_in_the_place_of_a_session_key_is_an_outage() {
    let (said, _) = apply(|_, _| "<html>maintenance</html>".into_response(), ANN, "");
    assert!(said.ends_with("exit 6\n"), "{said}");
}

#[test]
fn an_error_names_no_special_field_off_a_terminal() {
    let script: Script = |path, _| match path {
        "/User" => (
            StatusCode::BAD_REQUEST,
            r#"{"message": "L15 and Email of Ann are bad"}"#,
        )
            .into_response(),
        _ => usual(path),
    };
    let (said, _) = apply(script, ANN, "");
    assert!(
        said.contains("POST /User: answered 400, and names `email`\n"),
        "{said}"
    );
}
