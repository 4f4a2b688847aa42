//! What a person sees while a run takes long: how much of how much is done, and how long the rest will take.
#![cfg(target_os = "linux")]

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::harness::{Sandbox, project, rosterctl};
use crate::terminal::shell_session;

/// A college whose lists show names alone, so that a plan reads every account.
fn college(learners: usize, behaviour: &str) -> (Sandbox, TempDir) {
    let mut seed = format!(
        "organisations:
  - {{ ID: 5740, Name: Example College }}
classrooms:
  - {{ ID: 1, OrganisationID: 5740, Name: Bakery }}
placements:
  - {{ ID: 1, OrganisationID: 5740, Name: Mill }}
behaviour: {{ {behaviour} }}
users:
  - {{ ID: 5, OrganisationID: 5740, Role: 5, MISID: A-1, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk }}
"
    );
    let mut users = "defaults: { role: learner, classroom: Bakery, placement: Mill, defaultAssessor: A-1 }\nusers:\n".to_owned();
    for at in 0..learners {
        let id = 100 + at;
        let _ = writeln!(
            seed,
            "  - {{ ID: {id}, OrganisationID: 5740, Role: 1, MISID: L-{id}, FirstName: Lee{id}, LastName: Lowick, Email: l{id}@example.ac.uk, ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 5 }}"
        );
        let _ = writeln!(
            users,
            "  - {{ misId: L-{id}, firstName: Lee{id}, lastName: Lowick, email: new.l{id}@example.ac.uk }}"
        );
    }
    let settings = "organisation: 5740\npolicy: { maxUpdates: 100 % }\n";
    let folder = project(&[("rosterctl.yaml", settings), ("users/a.yaml", &users)]);
    (Sandbox::start(&seed), folder)
}

fn server(sandbox: &Sandbox) -> Vec<(&'static str, String)> {
    vec![
        ("ONEFILE_BASE_URL", sandbox.base_url()),
        ("ONEFILE_CUSTOMER_TOKEN", "sandbox".to_owned()),
        (
            "XDG_STATE_HOME",
            sandbox.state_home().to_str().unwrap().to_owned(),
        ),
    ]
}

/// A line of the shell that ends a run after some seconds.
fn at_most(seconds: u32, args: &str) -> String {
    let program = rosterctl().get_program().to_str().unwrap().to_owned();
    format!("timeout --foreground {seconds} {program} {args}; echo exit $?")
}

/// What a log gets, where nobody is at a terminal.
fn log(folder: &Path, line: &str, variables: &[(&str, String)]) -> String {
    let output = Command::new("/bin/sh")
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .current_dir(folder)
        .args(["-c", line])
        .output()
        .unwrap();
    String::from_utf8(output.stderr).unwrap()
}

pub fn a_plan_on_a_terminal_counts_the_accounts_and_says_how_long_they_take() {
    let (sandbox, folder) = college(300, "searchRows: brief, latencyMs: 20");
    let plan = at_most(4, "plan --calls-per-minute 60");
    let seen = shell_session(folder.path(), &plan, "", &server(&sandbox));
    assert!(
        seen.contains("/300  accounts; about 5 min left at 60 calls a minute")
            || seen.contains("/300  accounts; about 6 min left at 60 calls a minute"),
        "{seen:?}"
    );
    // One line, rewritten: each new state goes back to its beginning.
    assert!(!seen.contains("left at 60 calls a minute\r\n"), "{seen:?}");
    for value in ["Lowick", "Lee1", "@example"] {
        assert!(!seen.contains(value), "{value}: {seen:?}");
    }
}

#[test]
fn lists_are_counted_by_the_page_while_they_are_read() {
    let (sandbox, folder) = college(40, "pageCap: 2, searchRows: full, latencyMs: 60");
    let seen = shell_session(folder.path(), &at_most(20, "plan"), "", &server(&sandbox));
    assert!(
        seen.contains("Reading the accounts: ") && seen.contains(" pages of lists so far"),
        "{seen:?}"
    );
    assert!(seen.contains("40 to update"), "{seen}");
}

pub fn a_log_gets_one_line_for_a_long_reading_and_none_for_a_short_one() {
    let (sandbox, folder) = college(300, "searchRows: brief");
    let plan = at_most(4, "plan --calls-per-minute 60");
    for more in [&[][..], &[("CI", "true".to_owned())]] {
        let variables = [server(&sandbox), more.to_vec()].concat();
        let said = log(folder.path(), &plan, &variables);
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines.len(), 1, "{said}");
        assert!(
            lines[0].starts_with("Reading the accounts: ")
                && lines[0].contains(" of 300 accounts read; about ")
                && lines[0].ends_with(" min left at 60 calls a minute"),
            "{said}"
        );
    }
    let (sandbox, folder) = college(30, "searchRows: brief, latencyMs: 100");
    let said = log(folder.path(), &at_most(60, "plan"), &server(&sandbox));
    assert_eq!(
        said.lines().count(),
        2,
        "the heading and a blank line: {said}"
    );
}

#[test]
fn an_apply_on_a_terminal_says_before_and_meanwhile_how_long_it_takes() {
    let (sandbox, folder) = college(40, "searchRows: full");
    let apply = at_most(8, "apply --calls-per-minute 60 --color never");
    let seen = shell_session(folder.path(), &apply, "yes\n", &server(&sandbox));
    assert!(seen.contains("This takes up to 2 minutes."), "{seen}");
    assert!(
        seen.contains("/40  about ") && seen.contains(" min left at 60 calls a minute"),
        "{seen:?}"
    );
    let (sandbox, folder) = college(3, "searchRows: full");
    let seen = shell_session(
        folder.path(),
        &at_most(60, "apply --color never"),
        "yes\n",
        &server(&sandbox),
    );
    assert!(
        seen.contains("Applied: 0 created, 3 updated.") && !seen.contains("This takes"),
        "{seen}"
    );
}
