//! `--only` and `--exclude`: a part of the users is read and planned, and what guards many users together still holds.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::cases::{prepared, requests};
use crate::change::{commit, in_git};
use crate::harness::{Sandbox, project, root, rosterctl_on, transcript, unwrapped};

const SEED: &str = "organisations:\n  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }\nusers:\n";
const PROJECT: (&str, &str) = ("rosterctl.yaml", "organisation: 5740\n");

fn user(number: usize, more: &str) -> String {
    format!(
        "  - {{ misId: A-{number:03}, role: assessor, firstName: Ann{number}, lastName: Abbotsley, email: a{number}@example.ac.uk{more} }}\n"
    )
}

/// A file of users who differ from their accounts in one field.
fn manifest(numbers: impl Iterator<Item = usize>) -> String {
    let users = numbers.map(|number| user(number, ", telephone: 01632 960002"));
    format!("users:\n{}", users.collect::<String>())
}

fn sandbox(numbers: impl Iterator<Item = usize>) -> Sandbox {
    let account = |at: usize| {
        format!(
            "  - {{ ID: {at}, OrganisationID: 5740, Role: 5, MISID: A-{at:03}, FirstName: Ann{at}, LastName: Abbotsley, Email: a{at}@example.ac.uk, Telephone: 01632 960001 }}\n"
        )
    };
    Sandbox::start(&(SEED.to_owned() + &numbers.map(account).collect::<String>()))
}

fn run(sandbox: &Sandbox, folder: &Path, line: &str) -> String {
    let mut command = rosterctl_on(sandbox);
    transcript(command.current_dir(folder).args(line.split(' ')))
}

/// Three hundred users in two files, each of whom would be updated.
fn college() -> (TempDir, Sandbox) {
    let files = [
        PROJECT,
        ("users/a.yaml", &manifest(1..=220)),
        ("users/b.yaml", &manifest(221..=300)),
    ];
    (project(&files), sandbox(1..=300))
}

#[test]
fn only_the_selected_accounts_are_read() {
    let (folder, sandbox) = college();
    for (selection, looks) in [
        ("--only A-007", 1),
        ("--only A-007 --only A-008 --only A-009", 3),
        ("--only file:users/b.yaml", 80),
        ("--exclude file:users/a.yaml --exclude A-300", 79),
    ] {
        let before = sandbox.requests().len();
        let said = run(&sandbox, folder.path(), &format!("plan -q {selection}"));
        let head = format!("Plan: 0 to create, {looks} to update, 0 unchanged, 0 held.");
        assert!(said.contains(&head), "{selection}: {said}");
        let calls = requests(&sandbox.requests()[before..]);
        let looked = calls.lines().filter(|line| line.contains("GET /User/"));
        assert_eq!(looked.count(), looks, "{selection}: {calls}");
    }
}

/// A share of the selected users alone would be less; a share of nobody else's would be more.
#[test]
fn a_selection_has_the_limits_of_the_whole() {
    let (folder, sandbox) = college();
    let said = run(
        &sandbox,
        folder.path(),
        "apply --auto-approve --only file:users/a.yaml",
    );
    let words = "220 updates, and `maxUpdates` is 90";
    assert!(
        unwrapped(&said).contains(words) && said.ends_with("exit 4\n"),
        "{said}"
    );
    let said = run(&sandbox, folder.path(), "plan --only file:users/b.yaml");
    assert!(!said.contains("maxUpdates"), "{said}");
}

#[test]
fn a_selection_stands_in_the_comment_and_in_the_plan_file() {
    let (folder, sandbox) = college();
    let line = "plan --only A-007 --only role:iqa --exclude A-008 --format";
    assert!(run(&sandbox, folder.path(), &format!("{line} json")).contains("`role:iqa`"));
    let line = line.replace("--only role:iqa ", "");
    let said = run(&sandbox, folder.path(), &format!("{line} json"));
    let json: Value = serde_json::from_str(said.split("stderr:").next().unwrap()).unwrap();
    assert_eq!(json["only"], serde_json::json!(["A-007"]));
    assert_eq!(json["exclude"], serde_json::json!(["A-008"]));
    assert_eq!(json["totals"]["notSelected"], 299);
    assert_eq!(json["totals"]["notPlanned"], 299);
    let said = run(&sandbox, folder.path(), &format!("{line} markdown"));
    let words = "299 declared users aren't selected by";
    assert!(
        said.contains(words) && said.contains("--only A-007 --exclude A-008"),
        "{said}"
    );
}

/// Who was reviewed may leave the files before the apply.
#[test]
fn a_reviewed_selection_is_kept_whoever_is_left() {
    let (folder, sandbox) = college();
    let plan = "plan -q --only A-001 --only A-002 --out plan.json";
    assert!(run(&sandbox, folder.path(), plan).contains("2 to update"));
    let rest = [
        PROJECT,
        ("users/a.yaml", &manifest(2..=220)),
        ("users/b.yaml", &manifest(221..=300)),
    ];
    for (path, text) in rest {
        std::fs::write(folder.path().join(path), text).unwrap();
    }
    let said = run(
        &sandbox,
        folder.path(),
        "apply --plan plan.json --auto-approve",
    );
    assert!(said.contains("updated assessor A-002"), "{said}");
    assert!(said.ends_with("exit 0\n"), "{said}");
    let said = run(
        &sandbox,
        folder.path(),
        "apply --plan plan.json --only A-002",
    );
    assert!(
        said.contains("cannot be used with") && said.ends_with("exit 64\n"),
        "{said}"
    );
}

/// The plan of a part must not make people forget who has left.
#[test]
fn an_apply_of_a_part_names_who_left_and_so_does_the_next_plan() {
    let folder = project(&[PROJECT, ("users/a.yaml", &manifest(1..=20))]);
    let sandbox = sandbox(1..=20);
    let apply = "apply -q --auto-approve --allow-updates 20";
    assert!(run(&sandbox, folder.path(), apply).ends_with("exit 0\n"));
    let left = manifest(2..=20).replacen("960002", "960003", 1);
    std::fs::write(folder.path().join("users/a.yaml"), left).unwrap();
    let named = "No longer managed: A-001.";
    let said = run(
        &sandbox,
        folder.path(),
        "apply -q --auto-approve --only A-002",
    );
    assert!(said.contains(named) && said.ends_with("exit 0\n"), "{said}");
    assert!(run(&sandbox, folder.path(), "plan -q").contains(named));
    assert!(run(&sandbox, folder.path(), apply).contains(named));
    assert!(!run(&sandbox, folder.path(), "plan -q").contains(named));
}

/// Four of forty are too few to look like a column that moved; the other thirty-six show that it did.
#[test]
fn a_selection_out_of_a_column_that_moved_is_held() {
    let case = root().join("tests/cases/a_column_that_was_sorted_on_its_own_is_held");
    let (folder, sandbox) = prepared(&case);
    let few = "plan -q --only L-001 --only L-002 --only L-003 --only L-004";
    let said = run(&sandbox, folder.path(), few);
    assert!(said.contains("Held: a column has moved (4)."), "{said}");
}

#[test]
fn a_selection_narrows_a_change_further() {
    let folder = in_git(&[PROJECT, ("users/a.yaml", &manifest(1..=9))]);
    let sandbox = sandbox(1..=9);
    let edited = manifest(1..=9).replacen("960002", "960003", 4);
    std::fs::write(folder.path().join("users/a.yaml"), edited).unwrap();
    commit(folder.path());
    let line = "plan -q --base main --only-changed --exclude A-001";
    let said = run(&sandbox, folder.path(), line);
    for words in [
        "Plan: 0 to create, 3 to update",
        "5 declared users aren't edited by this change: not checked.",
        "1 declared user isn't selected by `--exclude A-001`: not checked.",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn an_address_that_selects_is_kept_out_of_files_and_logs() {
    let address = "a1@example.ac.uk";
    let named = manifest(1..=3).replacen("misId: A-001", &format!("misId: {address}"), 1);
    let folder = project(&[PROJECT, ("users/a.yaml", &named)]);
    let sandbox = sandbox(2..=3);
    for line in ["--out plan.json", "--format json"] {
        let said = run(
            &sandbox,
            folder.path(),
            &format!("plan --only {address} {line}"),
        );
        assert!(
            said.contains("a plan file holds no e-mail addresses"),
            "{said}"
        );
        assert!(
            !said.contains(address) && said.ends_with("exit 64\n"),
            "{said}"
        );
    }
    for line in ["plan -q", "plan --format markdown", "plan"] {
        let said = run(&sandbox, folder.path(), &format!("{line} --only {address}"));
        assert!(!said.contains(address), "{said}");
        assert!(said.contains("--only (e-mail address)"), "{said}");
    }
    let said = run(&sandbox, folder.path(), "plan --only b1@example.ac.uk");
    assert!(!said.contains('@') && said.ends_with("exit 64\n"), "{said}");
}

#[test]
fn zeros_that_a_spreadsheet_dropped_are_asked_about() {
    let manifest = "users:\n  - { misId: \"00701\", role: assessor, firstName: Ann, lastName: Abbot, email: a@example.ac.uk }\n";
    let folder = project(&[PROJECT, ("users/a.yaml", manifest)]);
    let sandbox = sandbox(1..=1);
    for line in [
        "plan --only 701",
        "plan --exclude 0701",
        "plan --explain 701",
    ] {
        let said = run(&sandbox, folder.path(), line);
        assert!(
            said.contains("is `00701` meant?") && said.ends_with("exit 64\n"),
            "{line}: {said}"
        );
    }
}
