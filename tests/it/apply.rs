//! What apply promises, one promise a test: canaries, unclear creates and who settles them, sessions, maintenance, the limit of
//! calls, stopping, the lock and the journal.

use std::process::{Command, Stdio};
use std::time::Duration;

use reqwest::Method;
use rosterctl::domain::clock::Clock;
use rosterctl::domain::{AccountId, OrganisationId};
use rosterctl::onefile::{Client, Endpoint, Pace};
use serde_json::Value;
use tempfile::TempDir;

use crate::cases::is_write;
use crate::change::{commit, git};
use crate::harness::{Sandbox, pause, project, rosterctl_on, transcript};

const ORGANISATION: &str = "
organisations:
  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }
users:
";

fn account(number: usize, more: &str) -> String {
    format!(
        "  - {{ ID: {number}, OrganisationID: 5740, Role: 5, MISID: A-{number}, FirstName: Ann{number}, LastName: Abbotsley, Email: a{number}@example.ac.uk{more} }}\n"
    )
}

fn user(number: usize, more: &str) -> String {
    format!(
        "  - {{ misId: A-{number}, role: assessor, firstName: Ann{number}, lastName: Abbotsley, email: a{number}@example.ac.uk{more} }}\n"
    )
}

/// A sandbox with so many accounts, and the switches and faults that follow.
fn sandbox(accounts: usize, rest: &str) -> Sandbox {
    let accounts: String = (1..=accounts)
        .map(|number| account(number, ", Website: keep"))
        .collect();
    Sandbox::start(&format!("{ORGANISATION}{accounts}{rest}"))
}

fn folder(users: &[String], rest: &str) -> TempDir {
    let manifest = format!("users:\n{}", users.concat());
    project(&[
        ("rosterctl.yaml", &format!("organisation: 5740\n{rest}")),
        ("users/a.yaml", &manifest),
    ])
}

/// Users whose telephone differs from their account's.
fn changed(numbers: std::ops::RangeInclusive<usize>) -> Vec<String> {
    numbers
        .map(|number| user(number, ", telephone: 01632 960001"))
        .collect()
}

fn run(sandbox: &Sandbox, folder: &TempDir, args: &str) -> String {
    transcript(
        rosterctl_on(sandbox)
            .current_dir(folder.path())
            .args(args.split(' ')),
    )
}

fn apply(sandbox: &Sandbox, folder: &TempDir) -> String {
    run(sandbox, folder, "apply --auto-approve")
}

fn writes(sandbox: &Sandbox, path: &str) -> usize {
    sandbox
        .requests()
        .iter()
        .filter(|request| is_write(request) && request["path"] == path)
        .count()
}

fn users(sandbox: &Sandbox) -> Vec<Value> {
    sandbox.state()["users"].as_array().unwrap().clone()
}

#[test]
fn a_server_that_blanks_what_is_not_sent_is_found_out_at_one_account() {
    let sandbox = sandbox(6, "faults:\n  - { on: POST /User/*, do: blankUnsent }\n");
    let folder = folder(&changed(1..=6), "");
    let said = apply(&sandbox, &folder);
    assert!(
        said.contains("damaged assessor A-1 (1)\n    users/a.yaml:2: the update changed "),
        "{said}"
    );
    assert!(
        said.contains("Stopped: an update changed what wasn't sent."),
        "{said}"
    );
    assert!(
        said.contains("5 not attempted") && said.ends_with("exit 5\n"),
        "{said}"
    );
    assert!(!said.contains("goes on from here"), "{said}");
    let blanked = users(&sandbox)
        .iter()
        .filter(|user| user["Website"] != "keep")
        .count();
    assert_eq!(blanked, 1);
    // Who has lost the MIS value isn't created anew.
    let said = run(&sandbox, &folder, "plan");
    assert!(
        said.contains("! assessor A-1\n")
            && said.contains("put the values of account 1 back in OneFile"),
        "{said}"
    );
}

#[test]
fn a_create_whose_answer_is_lost_is_found_and_not_made_again() {
    let sandbox = sandbox(1, "faults:\n  - { on: POST /User, do: resetAfter }\n");
    let said = apply(&sandbox, &folder(&[user(2, ""), user(3, "")], ""));
    assert!(
        said.contains("created assessor A-2 (2)\n    users/a.yaml:2: the answer was lost"),
        "{said}"
    );
    assert!(
        said.contains("Applied: 2 created, 0 updated.") && said.ends_with("exit 0\n"),
        "{said}"
    );
    assert_eq!(writes(&sandbox, "/User"), 2);
}

/// The account doesn't show for a while: nobody knows, until a person has looked.
pub fn an_unclear_create_is_left_to_a_person() {
    let sandbox = sandbox(1, "faults:\n  - { on: POST /User, do: resetBefore }\n");
    let folder = folder(&[user(2, ""), user(3, "")], "");
    let said = apply(&sandbox, &folder);
    assert!(
        said.contains(
            "unclear whether created: assessor A-2\n    users/a.yaml:2: it may have been"
        ),
        "{said}"
    );
    assert!(
        said.contains(
            "not attempted: create assessor A-3\n    users/a.yaml:3: an earlier create is unclear"
        ),
        "{said}"
    );
    assert!(
        said.contains("  rosterctl settle A-2 created ")
            && said.contains("may have e-mailed 1 person")
            && said.contains("leaves them alone for 30 minutes (`--settle-after`).")
            && said.ends_with("exit 5\n"),
        "{said}"
    );
    sandbox.control(Method::PUT, "faults", "[]");
    let said = run(&sandbox, &folder, "apply --auto-approve");
    assert!(
        said.contains("`rosterctl settle A-2 created` or") && said.contains("created assessor A-3"),
        "{said}"
    );
    assert_eq!(writes(&sandbox, "/User"), 2, "A-2 isn't called again");
    assert!(
        run(&sandbox, &folder, "settle A-22 created")
            .contains("no create of A-22 is unclear; is `A-2` meant?")
    );
    assert!(run(&sandbox, &folder, "settle A-2 created").contains("no account is created for it"));
    let said = run(&sandbox, &folder, "plan");
    assert!(
        said.contains("somebody has said that this account was created"),
        "{said}"
    );
    assert!(
        run(&sandbox, &folder, "settle A-2 not-created").contains("the next apply may create it")
    );
    assert!(apply(&sandbox, &folder).ends_with("exit 0\n"));
    assert_eq!(users(&sandbox).len(), 3);
    let told = run(&sandbox, &folder, "history A-2");
    let expected = [
        "create called",
        "unclear whether it was created",
        "somebody said that it was created",
        "created as account 3",
    ];
    assert!(expected.iter().all(|words| told.contains(words)), "{told}");
    let told = run(&sandbox, &folder, "history");
    assert!(
        told.contains("2 to create, 0 to update\n")
            && told.contains("nothing done, 1 not attempted, 1 unclear"),
        "{told}"
    );
}

pub fn after_a_time_an_unclear_create_may_be_tried_again() {
    let sandbox = sandbox(
        1,
        "faults:\n  - { on: POST /User, when: { nth: 1 }, do: resetBefore }\n",
    );
    let folder = folder(&[user(2, "")], "");
    assert!(apply(&sandbox, &folder).contains("unclear whether created: assessor A-2"));
    let said = run(&sandbox, &folder, "apply --auto-approve --settle-after 0");
    assert!(
        said.contains("no account is to be found, so that it is planned anew")
            && said.ends_with("exit 0\n"),
        "{said}"
    );
}

#[test]
fn creates_stop_where_the_keychain_settings_have_changed() {
    let sandbox = sandbox(1, "");
    let folder = folder(&[user(2, "")], "");
    // The settings are read once for the plan and once before the first create.
    let faults = format!(
        "- {{ on: GET /Organisation/*, when: {{ nth: 2 }}, do: {{ status: 200, body: '{}' }} }}\n",
        r#"{"ID": 5740, "KeychainCreationForNewUserActive": true, "KeychainEmailSuppression": true}"#
    );
    sandbox.control(Method::PUT, "faults", &faults);
    let said = apply(&sandbox, &folder);
    assert!(
        said.contains("keychain settings have changed") && said.ends_with("exit 5\n"),
        "{said}"
    );
    assert_eq!(writes(&sandbox, "/User"), 0);
}

pub fn no_more_is_created_while_the_first_account_does_not_show() {
    let sandbox = sandbox(
        1,
        "faults:\n  - { on: POST /User, do: { hideCreatedMs: 600000 } }\n",
    );
    let folder = folder(&[user(2, ""), user(3, "")], "");
    let said = apply(&sandbox, &folder);
    assert!(said.contains("created assessor A-2 (2)"), "{said}");
    assert!(
        said.contains(
            "not attempted: create assessor A-3\n    users/a.yaml:3: the first account that was created doesn't show"
        ),
        "{said}"
    );
    // The next run knows of the account by its number, although no list shows it.
    let said = run(&sandbox, &folder, "plan");
    assert!(
        said.contains("1 to create, 0 to update, 1 unchanged, 0 held"),
        "{said}"
    );
}

/// Other creates would be searched for in vain; after the last one there are no others.
#[test]
fn after_the_last_create_no_search_is_waited_for() {
    let sandbox = sandbox(
        1,
        "faults:\n  - { on: POST /User, do: { hideCreatedMs: 600000 } }\n",
    );
    assert!(apply(&sandbox, &folder(&[user(2, "")], "")).contains("created assessor A-2 (2)"));
    let requests = sandbox.requests();
    let create = requests.iter().position(is_write).unwrap();
    let is_search = |request: &&Value| {
        request["path"]
            .as_str()
            .unwrap()
            .starts_with("/User/Search")
    };
    assert_eq!(
        requests[create..].iter().filter(is_search).count(),
        0,
        "{requests:?}"
    );
}

#[test]
fn a_create_that_was_refused_is_made_by_the_next_run() {
    let sandbox = sandbox(1, "faults:\n  - { on: POST /User, do: { status: 400 } }\n");
    let folder = folder(&[user(2, "")], "");
    assert!(apply(&sandbox, &folder).contains("Applied: 0 created, 0 updated, 1 failed."));
    sandbox.control(Method::PUT, "faults", "[]");
    let said = apply(&sandbox, &folder);
    assert!(
        said.contains("Applied: 1 created, 0 updated.") && said.ends_with("exit 0\n"),
        "{said}"
    );
}

/// The assessor's update does no harm, which says nothing of those of the IQAs.
#[test]
fn the_first_update_of_each_role_goes_alone_and_is_looked_at() {
    let iqas =
        [2, 3, 4].map(|number| account(number, ", Website: keep").replace("Role: 5", "Role: 10"));
    let rules: String = [2, 3, 4]
        .iter()
        .map(|id| format!("  - {{ on: POST /User/{id}, do: blankUnsent }}\n"))
        .collect();
    let sandbox = sandbox(1, &format!("{}faults:\n{rules}", iqas.concat()));
    let users = changed(1..=4).into_iter().enumerate().map(|(at, user)| {
        if at == 0 {
            user
        } else {
            user.replace("role: assessor", "role: iqa")
        }
    });
    let said = apply(&sandbox, &folder(&users.collect::<Vec<_>>(), ""));
    assert!(
        said.contains("updated assessor A-1 (1)") && said.contains("damaged IQA A-2 (2)"),
        "{said}"
    );
    let damaged = sandbox.state()["users"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|user| user["Website"] != "keep")
        .count();
    assert_eq!(damaged, 1, "{said}");
}

#[test]
fn a_session_that_dies_is_renewed_by_one_call() {
    let sandbox = sandbox(20, "behaviour: { sessionCalls: 30 }\n");
    let said = apply(&sandbox, &folder(&changed(1..=20), ""));
    assert!(
        said.contains("Applied: 0 created, 20 updated.") && said.ends_with("exit 0\n"),
        "{said}"
    );
    let renewals = sandbox
        .requests()
        .iter()
        .filter(|request| request["path"] == "/Authentication")
        .count();
    let calls = sandbox.requests().len();
    assert!(renewals <= calls / 20, "{renewals} of {calls}");
}

#[test]
fn keys_that_are_refused_end_the_run_and_say_why() {
    let fresh = sandbox(1, "behaviour: { sessionCalls: 0 }\n");
    let said = apply(&fresh, &folder(&changed(1..=1), ""));
    assert!(
        said.contains("a session key that was fetched just now was refused")
            && said.ends_with("exit 1\n"),
        "{said}"
    );
    let shared = sandbox(20, "behaviour: { sessionCalls: 2 }\n");
    let said = run(
        &shared,
        &folder(&changed(1..=20), ""),
        "apply --auto-approve --concurrency 1",
    );
    assert!(
        said.contains("another client may be using this token") && said.ends_with("exit 1\n"),
        "{said}"
    );
}

#[test]
fn maintenance_is_waited_out_or_ends_the_run_cleanly() {
    let down = "faults:\n  - { on: POST /User/3, when: { nth: 1 }, do: html }\n  - { on: POST /User/4, when: { nth: 1 }, do: { status: 503 } }\n";
    let waited = sandbox(5, down);
    let said = apply(&waited, &folder(&changed(1..=5), ""));
    assert!(
        said.contains("5 updated") && said.ends_with("exit 0\n"),
        "{said}"
    );
    let gone = sandbox(5, "faults:\n  - { on: POST /User/3, do: html }\n");
    let folder = folder(&changed(1..=5), "");
    let said = run(
        &gone,
        &folder,
        "apply --auto-approve --concurrency 1 --wait 0",
    );
    assert!(
        said.contains("updated assessor A-2")
            && said.contains("not attempted: update assessor A-4"),
        "{said}"
    );
    assert!(
        said.contains("Stopped: the service is away") && said.ends_with("exit 6\n"),
        "{said}"
    );
    gone.control(Method::PUT, "faults", "[]");
    let said = apply(&gone, &folder);
    assert!(
        said.contains("0 created, 3 updated") && said.ends_with("exit 0\n"),
        "{said}"
    );
}

/// Off a terminal a long wait is a line, and short ones are none.
pub fn a_long_wait_is_said_once_a_minute() {
    let rules: String = (1..=4)
        .map(|nth| format!("  - {{ on: POST /User/1, when: {{ nth: {nth} }}, do: html }}\n"))
        .collect();
    let sandbox = sandbox(1, &format!("faults:\n{rules}"));
    let said = apply(&sandbox, &folder(&changed(1..=1), ""));
    assert_eq!(
        said.matches("the service is away; asking again in 8 s")
            .count(),
        1,
        "{said}"
    );
    assert_eq!(said.matches("asking again").count(), 1, "{said}");
    assert!(said.ends_with("exit 0\n"), "{said}");
}

#[test]
fn nothing_is_begun_that_a_window_would_break_off() {
    let sandbox = sandbox(1, "");
    let all_day = "maintenance:\n  - { from: \"00:00\", to: \"12:00\" }\n  - { from: \"12:00\", to: \"00:00\" }\n";
    let said = apply(&sandbox, &folder(&changed(1..=1), all_day));
    assert!(
        said.contains("Nothing was applied.\nA maintenance window has been under way since "),
        "{said}"
    );
    assert!(
        said.contains("come back after") && said.ends_with("exit 6\n"),
        "{said}"
    );
    assert!(sandbox.requests().is_empty());
    let wrong = "maintenance:\n  - { from: \"21:00\", to: \"21:30\", zone: Europe/Londno }\n  - { date: 2026-02-31, from: \"21:00\", to: \"21:30\" }\n  - { from: \"21:00\", to: \"21:00\" }\n";
    let said = run(&sandbox, &folder(&changed(1..=1), wrong), "validate");
    assert!(
        said.contains("no such time zone") && said.contains("a day that isn't in the calendar"),
        "{said}"
    );
    assert!(said.contains("a window without an end"), "{said}");
    let early = "maintenance:\n  - { from: \"9:00\", to: \"9pm\" }\n  - { date: 24/12/2026, from: \"09:00\", to: \"10:00\" }\n";
    let said = run(&sandbox, &folder(&changed(1..=1), early), "validate");
    let helps = ["`\"09:00\"`", "`\"21:30\"`", "`2026-12-24`"];
    assert!(
        helps
            .iter()
            .all(|help| said.contains(&format!("write it as in {help}"))),
        "{said}"
    );
}

#[test]
fn five_failures_of_one_kind_in_a_row_stop_the_run() {
    let sandbox = sandbox(
        12,
        "faults:\n  - { on: POST /User/*, do: { status: 400 } }\n",
    );
    let said = run(
        &sandbox,
        &folder(&changed(1..=12), ""),
        "apply --auto-approve --concurrency 1",
    );
    assert!(
        said.contains("Stopped after 5 failures of one kind in a row."),
        "{said}"
    );
    assert!(
        said.contains("5 failed, 7 not attempted") && said.ends_with("exit 5\n"),
        "{said}"
    );
}

#[test]
fn what_is_acknowledged_and_not_done_is_found_out_afterwards() {
    let sandbox = sandbox(3, "faults:\n  - { on: POST /User/2, do: loseWrite }\n");
    let said = apply(&sandbox, &folder(&changed(1..=3), ""));
    assert!(
        said.contains("! assessor A-2 (2) doesn't hold `telephone`")
            && said.contains("1 of these not as declared")
            && said.ends_with("exit 5\n"),
        "{said}"
    );
}

/// Where rows show all, many accounts are read again by a search of their role; what a row doesn't bear out is looked at.
#[test]
fn many_touched_accounts_are_verified_by_one_search() {
    let switches =
        "behaviour: { searchRows: full }\nfaults:\n  - { on: POST /User/2, do: loseWrite }\n";
    let sandbox = sandbox(120, switches);
    let mut command = rosterctl_on(&sandbox);
    let args = ["apply", "--auto-approve", "--allow-updates", "120"];
    let said = transcript(
        command
            .current_dir(folder(&changed(1..=120), "").path())
            .args(args),
    );
    assert!(
        said.contains("! assessor A-2 (2) doesn't hold `telephone`"),
        "{said}"
    );
    assert!(
        said.contains("1 of these not as declared") && said.ends_with("exit 5\n"),
        "{said}"
    );
    let requests = sandbox.requests();
    let last = requests.iter().rposition(is_write).unwrap();
    let after: Vec<String> = requests[last + 1..]
        .iter()
        .map(|request| {
            format!(
                "{} {}",
                request["method"].as_str().unwrap(),
                request["path"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        after
            .iter()
            .filter(|call| call.starts_with("GET "))
            .collect::<Vec<_>>(),
        ["GET /User/2"],
        "{after:?}"
    );
    assert!(after.len() <= 4, "{after:?}");
}

#[test]
fn who_wants_totals_alone_hears_what_went_wrong_besides() {
    let sandbox = sandbox(
        3,
        "faults:\n  - { on: POST /User/2, do: { status: 400 } }\n",
    );
    let folder = folder(&changed(1..=3), "");
    let said = run(&sandbox, &folder, "plan -q");
    assert!(
        said.starts_with("Plan: 0 to create, 3 to update, 0 unchanged, 0 held.\n"),
        "{said}"
    );
    let said = run(&sandbox, &folder, "apply -q --auto-approve");
    assert!(
        said.contains("failed to update assessor A-2") && !said.contains("updated assessor"),
        "{said}"
    );
    assert!(
        said.contains("Applied: 0 created, 2 updated, 1 failed."),
        "{said}"
    );
}

#[test]
fn strict_applies_nothing_while_anybody_is_held() {
    let sandbox = sandbox(1, "");
    let folder = folder(
        &[
            user(1, ", telephone: 01632 960001"),
            "  - { id: 99, misId: A-9, role: assessor }\n".to_owned(),
        ],
        "",
    );
    let said = run(&sandbox, &folder, "apply --auto-approve --strict");
    assert!(
        said.contains("1 user is held, and `--strict` applies nothing then.")
            && said.ends_with("exit 4\n"),
        "{said}"
    );
    assert_eq!(writes(&sandbox, "/User/1"), 0);
}

fn spawn(sandbox: &Sandbox, folder: &TempDir, args: &str, stdout: Stdio) -> std::process::Child {
    let mut command = Command::new(rosterctl_on(sandbox).get_program());
    let base = sandbox.base_url();
    command.env_clear().envs([
        ("ONEFILE_BASE_URL", base.as_str()),
        ("ONEFILE_CUSTOMER_TOKEN", "sandbox"),
        ("NO_COLOR", "1"),
    ]);
    command.env("XDG_STATE_HOME", sandbox.state_home());
    command
        .current_dir(folder.path())
        .args(args.split(' '))
        .stdin(Stdio::null());
    command
        .stdout(stdout)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn until(condition: impl Fn() -> bool) {
    for _ in 0..500 {
        if condition() {
            return;
        }
        pause(Duration::from_millis(10));
    }
    panic!("it doesn't come about");
}

/// SIGTERM once: what is under way ends, and the rest isn't begun.
#[cfg(unix)]
#[test]
fn who_is_asked_to_stop_ends_what_is_under_way() {
    let sandbox = sandbox(40, "behaviour: { latencyMs: 40 }\n");
    let folder = folder(&changed(1..=40), "");
    let child = spawn(
        &sandbox,
        &folder,
        "apply --auto-approve --concurrency 2",
        Stdio::piped(),
    );
    until(|| {
        sandbox
            .requests()
            .iter()
            .filter(|request| is_write(request))
            .count()
            > 3
    });
    stop(&child);
    let output = child.wait_with_output().unwrap();
    let said =
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("Stopped. Updates that had started were finished.")
            && said.contains("Stopping: what is under way"),
        "{said}"
    );
    assert_eq!(output.status.code(), Some(5));
    let updated = said
        .lines()
        .filter(|line| line.starts_with("updated"))
        .count();
    let done = users(&sandbox)
        .iter()
        .filter(|user| user["Telephone"] == "01632 960001")
        .count();
    assert_eq!((updated, done < 40), (done, true), "{said}");
    assert!(apply(&sandbox, &folder).ends_with("exit 0\n"));
}

/// Twice: out at once, and the intent stays open.
#[cfg(unix)]
#[test]
fn who_is_asked_twice_goes_at_once() {
    let sandbox = sandbox(
        1,
        "faults:\n  - { on: POST /User, do: { delayMs: 3000 } }\n",
    );
    let folder = folder(&[user(2, "")], "");
    let child = spawn(&sandbox, &folder, "apply --auto-approve", Stdio::piped());
    until(|| writes(&sandbox, "/User") == 1);
    for _ in 0..2 {
        stop(&child);
        pause(Duration::from_millis(200));
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(5));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("Stopped immediately.")
    );
    let said = run(&sandbox, &folder, "plan");
    assert!(
        said.contains("nobody knows whether the create of")
            || said.contains("was unclear; account 2 is there now"),
        "{said}"
    );
}

fn stop(child: &std::process::Child) {
    assert!(
        Command::new("kill")
            .arg(child.id().to_string())
            .status()
            .unwrap()
            .success()
    );
}

/// While it waits for leave to call, somebody else creates the account: it looks again.
pub fn a_create_that_had_to_wait_is_searched_for_again() {
    let sandbox = sandbox(
        1,
        "faults:\n  - { on: POST /User, when: { nth: 1 }, do: { status: 429 } }\n",
    );
    let folder = folder(&[user(2, "")], "");
    let child = spawn(&sandbox, &folder, "apply --auto-approve", Stdio::piped());
    until(|| writes(&sandbox, "/User") == 1);
    sandbox.control(
        Method::PUT,
        "state",
        &format!(
            "{ORGANISATION}{}{}",
            account(1, ""),
            account(7, "").replace("A-7", "A-2")
        ),
    );
    let said = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    assert!(
        said.contains("not attempted: create assessor A-2\n    users/a.yaml:2: account 7 has this MIS value by now"),
        "{said}"
    );
    assert_eq!(users(&sandbox).len(), 2);
}

/// So, too, where what is there by then has the name alone.
pub fn a_create_that_had_to_wait_is_searched_for_by_name_again() {
    let sandbox = sandbox(
        1,
        "faults:\n  - { on: POST /User, when: { nth: 1 }, do: { status: 429 } }\n",
    );
    let folder = folder(&[user(2, "")], "");
    let child = spawn(&sandbox, &folder, "apply --auto-approve", Stdio::piped());
    until(|| writes(&sandbox, "/User") == 1);
    let namesake = account(7, "").replace("A-7", "X-7").replace("Ann7", "Ann2");
    sandbox.control(
        Method::PUT,
        "state",
        &format!("{ORGANISATION}{}{namesake}", account(1, "")),
    );
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("account 7 has the same name") && output.status.code() == Some(5),
        "{said}"
    );
    assert_eq!(users(&sandbox).len(), 2);
}

/// Nothing is created after somebody has asked to stop.
#[cfg(unix)]
pub fn a_create_that_had_to_wait_is_not_begun_after_a_stop() {
    let sandbox = sandbox(
        1,
        "faults:\n  - { on: POST /User, when: { nth: 1 }, do: { status: 429 } }\n",
    );
    let folder = folder(&[user(2, "")], "");
    let child = spawn(&sandbox, &folder, "apply --auto-approve", Stdio::piped());
    until(|| writes(&sandbox, "/User") == 1);
    stop(&child);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), users(&sandbox).len()), (Some(5), 1));
}

#[cfg(unix)]
#[test]
fn an_outage_is_not_waited_out_after_a_stop() {
    let sandbox = sandbox(3, "faults:\n  - { on: POST /User/2, do: html }\n");
    let folder = folder(&changed(1..=3), "");
    let child = spawn(
        &sandbox,
        &folder,
        "apply --auto-approve --concurrency 1",
        Stdio::piped(),
    );
    until(|| writes(&sandbox, "/User/2") > 1);
    stop(&child);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("1 updated, 1 failed, 1 not attempted"),
        "{said}"
    );
}

/// Some updates wait for the limit of calls. A stop ends their wait, and none of them is sent.
#[cfg(unix)]
#[test]
fn what_waits_for_the_limit_is_not_sent_after_a_stop() {
    let sandbox = sandbox(20, "behaviour: { searchRows: full }\n");
    let folder = folder(&changed(1..=20), "");
    let args = "apply --auto-approve --calls-per-minute 24";
    let child = spawn(&sandbox, &folder, args, Stdio::piped());
    let sent = || {
        sandbox
            .requests()
            .iter()
            .filter(|request| is_write(request))
            .count()
    };
    until(|| sent() >= 3);
    pause(Duration::from_millis(500));
    let before = sent();
    let begun = Clock::REAL.moment();
    stop(&child);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        Clock::REAL.elapsed(begun) < Duration::from_secs(10),
        "{said}"
    );
    assert_eq!((sent(), output.status.code()), (before, Some(5)), "{said}");
    let totals = format!("{before} updated, {} not attempted", 20 - before);
    assert!(before < 20 && said.contains(&totals), "{said}");
}

#[test]
fn what_is_forbidden_fails_alone() {
    let forbidden: String = [3, 6, 9, 12, 15, 18]
        .iter()
        .map(|id| format!("  - {{ on: POST /User/{id}, do: {{ status: 403 }} }}\n"))
        .collect();
    for concurrency in [1, 8] {
        let sandbox = sandbox(20, &format!("faults:\n{forbidden}"));
        let args = format!("apply --auto-approve --concurrency {concurrency}");
        let said = run(&sandbox, &folder(&changed(1..=20), ""), &args);
        assert!(
            said.contains("0 created, 14 updated, 6 failed.") && said.ends_with("exit 5\n"),
            "{said}"
        );
    }
}

/// What was sent is never said not to have been; the next update of the role goes alone in its place.
#[test]
fn a_canary_that_can_not_be_looked_at_again_is_done_and_proves_nothing() {
    let sandbox = sandbox(
        4,
        "faults:\n  - { on: GET /User/1, when: { nth: 3 }, do: { status: 404 } }\n",
    );
    let said = apply(&sandbox, &folder(&changed(1..=4), ""));
    assert!(
        said.contains("updated assessor A-1 (1)") && said.ends_with("exit 0\n"),
        "{said}"
    );
    let looks = sandbox
        .requests()
        .iter()
        .filter(|request| request["path"] == "/User/2")
        .count();
    assert_eq!(
        looks, 5,
        "for the plan, before, the update, after, verified"
    );
}

#[cfg(unix)]
#[test]
fn a_second_apply_of_one_project_is_refused() {
    let sandbox = sandbox(20, "behaviour: { latencyMs: 50 }\n");
    let folder = folder(&changed(1..=20), "");
    let mut child = spawn(
        &sandbox,
        &folder,
        "apply --auto-approve --concurrency 1",
        Stdio::null(),
    );
    until(|| sandbox.requests().iter().any(is_write));
    let said = apply(&sandbox, &folder);
    assert!(
        said.contains("another apply of this project is under way: process ")
            && said.ends_with("exit 4\n"),
        "{said}"
    );
    assert!(
        run(&sandbox, &folder, "plan").ends_with("exit 0\n"),
        "reading is free"
    );
    let said = run(
        &sandbox,
        &folder,
        "apply --auto-approve --journal elsewhere",
    );
    assert!(
        said.ends_with("exit 4\n"),
        "wherever its journal is: {said}"
    );
    child.wait().unwrap();
}

#[test]
fn a_journal_that_can_not_be_read_stops_everything() {
    let sandbox = sandbox(1, "");
    let folder = folder(&changed(1..=1), "");
    let journal = folder.path().join(".rosterctl/journal.jsonl");
    std::fs::create_dir(folder.path().join(".rosterctl")).unwrap();
    std::fs::write(&journal, "{\"at\": 1}\n{\"broken").unwrap();
    let said = apply(&sandbox, &folder);
    assert!(
        said.contains("line 1 of ./.rosterctl/journal.jsonl isn't a record")
            && said.ends_with("exit 1\n"),
        "{said}"
    );
    // A last line that broke off was never acted upon.
    std::fs::write(&journal, "{\"broken").unwrap();
    assert!(apply(&sandbox, &folder).ends_with("exit 0\n"));
    let text = std::fs::read_to_string(&journal).unwrap();
    assert!(
        text.lines()
            .all(|line| serde_json::from_str::<Value>(line).is_ok()),
        "{text}"
    );
}

#[test]
fn the_journal_may_be_kept_elsewhere_and_holds_nothing_personal() {
    let sandbox = sandbox(1, "");
    let folder = folder(&[user(1, ", telephone: 01632 960001"), user(2, "")], "");
    let said = run(
        &sandbox,
        &folder,
        "apply --auto-approve --journal kept/journal",
    );
    assert!(said.ends_with("exit 0\n"), "{said}");
    let text = std::fs::read_to_string(folder.path().join("kept/journal/journal.jsonl")).unwrap();
    assert!(
        text.contains("\"fields\":[\"telephone\"]") && text.contains("A-2"),
        "{text}"
    );
    assert!(
        !["Ann", "Abbotsley", "example.ac.uk", "01632"]
            .iter()
            .any(|value| text.contains(value)),
        "{text}"
    );
    assert!(
        run(&sandbox, &folder, "history --journal kept/journal").contains("1 created, 1 updated")
    );
    assert!(run(&sandbox, &folder, "history").contains("No apply is on record here."));
}

pub fn a_long_journal_is_put_aside_with_what_is_open_carried_over() {
    let sandbox = sandbox(1, "");
    let folder = folder(&[user(1, ", telephone: 01632 960001"), user(2, "")], "");
    let place = format!(
        "\"run\":\"r\",\"target\":\"{}\",\"organisation\":5740",
        sandbox.base_url()
    );
    let line = |event: &str| format!("{{\"at\":\"2026-11-23T12:00:00Z\",{place},{event}}}\n");
    let settled = line("\"event\":\"settled\",\"misId\":\"A-2\",\"created\":true");
    let others =
        line("\"event\":\"updated\",\"id\":1,\"misId\":\"A-1\",\"fields\":[]").repeat(40_000);
    let data = folder.path().join(".rosterctl");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("journal.jsonl"), settled + &others).unwrap();
    let said = apply(&sandbox, &folder);
    assert!(
        said.contains("somebody has said that this account was created"),
        "{said}"
    );
    assert!(said.contains("1 updated, 1 held"), "{said}");
    assert!(
        std::fs::metadata(data.join("journal.1.jsonl"))
            .unwrap()
            .len()
            > 4 << 20
    );
    let journal = std::fs::read_to_string(data.join("journal.jsonl")).unwrap();
    assert!(
        journal.len() < 10_000 && journal.contains("\"settled\""),
        "{journal}"
    );
    assert!(
        run(&sandbox, &folder, "plan").contains("somebody has said that this account was created")
    );
}

pub fn a_damaged_account_is_remembered_when_a_long_journal_is_put_aside() {
    let sandbox = sandbox(1, "");
    let folder = folder(&[user(1, ", telephone: 01632 960001"), user(2, "")], "");
    let place = format!(
        "\"run\":\"r\",\"target\":\"{}\",\"organisation\":5740",
        sandbox.base_url()
    );
    let line = |event: &str| format!("{{\"at\":\"2026-11-23T12:00:00Z\",{place},{event}}}\n");
    let damaged = line("\"event\":\"damaged\",\"id\":1,\"misId\":\"A-2\"");
    let others =
        line("\"event\":\"updated\",\"id\":1,\"misId\":\"A-1\",\"fields\":[]").repeat(40_000);
    let data = folder.path().join(".rosterctl");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("journal.jsonl"), damaged + &others).unwrap();
    // The apply puts the journal aside; the next one may put that aside in turn, and then only the new file is left.
    apply(&sandbox, &folder);
    std::fs::remove_file(data.join("journal.1.jsonl")).unwrap();
    let said = run(&sandbox, &folder, "plan");
    assert!(
        said.contains("put the values of account 1 back in OneFile"),
        "{said}"
    );
}

#[test]
fn history_says_which_commit_and_which_run_of_ci() {
    let sandbox = sandbox(1, "");
    let folder = folder(&changed(1..=1), "");
    git(folder.path(), &["init", "-q"]);
    commit(folder.path());
    let mut command = rosterctl_on(&sandbox);
    command
        .current_dir(folder.path())
        .args(["apply", "--auto-approve"])
        .env("GITHUB_RUN_ID", "4711")
        .env("CI", "true");
    assert!(transcript(&mut command).ends_with("exit 0\n"));
    let said = run(&sandbox, &folder, "history");
    assert!(said.contains("0 to create, 1 to update; commit "), "{said}");
    assert!(said.contains("; CI run 4711\n  1 updated\n"), "{said}");
}

/// A minute takes a second here, for both sides: no call is told that there were too many, and none is sent again.
pub fn a_limit_of_calls_is_kept_to_however_the_server_counts() {
    let clock = Clock::faster(60);
    let accounts: String = (1..=130).map(|number| account(number, "")).collect();
    let sandbox = Sandbox::start_with(
        &format!("{ORGANISATION}{accounts}behaviour: {{ rateLimit: 50 }}\n"),
        clock,
    );
    let endpoint = Endpoint {
        base: sandbox.base_url(),
        token: "sandbox".into(),
    };
    let begun = clock.now();
    sandbox.block_on(async {
        let client = Client::connect(
            &endpoint,
            Pace {
                calls_per_minute: 50,
                ..Pace::default()
            },
            clock,
        )
        .await
        .unwrap();
        let accounts = client
            .accounts(
                OrganisationId::new(5740),
                (1..=130).map(AccountId::new).collect(),
            )
            .await
            .unwrap();
        assert!(accounts.values().all(Option::is_some));
    });
    assert_eq!(sandbox.requests().len(), 131);
    let minutes = clock.since(begun).as_secs() / 60;
    assert_eq!(minutes, 2, "50 calls at once, and 50 more in each minute");
}

/// Somebody else uses the token: calls are made more slowly, and all of them go through.
pub fn a_server_that_says_too_many_is_asked_less() {
    let clock = Clock::faster(60);
    for behaviour in ["{ rateLimit: 40 }", "{ rateLimit: 40, retryAfter: false }"] {
        let accounts: String = (1..=100).map(|number| account(number, "")).collect();
        let sandbox = Sandbox::start_with(
            &format!("{ORGANISATION}{accounts}behaviour: {behaviour}\n"),
            clock,
        );
        let endpoint = Endpoint {
            base: sandbox.base_url(),
            token: "sandbox".into(),
        };
        sandbox.block_on(async {
            let client = Client::connect(&endpoint, Pace::default(), clock)
                .await
                .unwrap();
            let accounts = client
                .accounts(
                    OrganisationId::new(5740),
                    (1..=100).map(AccountId::new).collect(),
                )
                .await
                .unwrap();
            assert!(accounts.values().all(Option::is_some));
        });
        let refused = sandbox.requests().len() - 101;
        assert!((1..100).contains(&refused), "{refused}");
    }
}
