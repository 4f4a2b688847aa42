//! Sealed overlays: what nobody can read without a key, and what a plan sees of it with one.

use std::path::Path;
use std::process::Command as Process;
use std::sync::LazyLock;

use assert_cmd::Command;
use proptest::prelude::*;
use rosterctl::domain::OrganisationId;
use rosterctl::findings::source::Sources;
use rosterctl::manifest::sealed::{AgeKeys, Recipients, Sealing};
use rosterctl::manifest::tree::node::Node;
use rosterctl::manifest::{TableFormat, TableText, csv_sources, parse, table};
use tempfile::TempDir;

use crate::change::{commit, git};
use crate::doc_pages::words_of_line;
use crate::harness::{
    Sandbox, cases_of_property, project, root, rosterctl, rosterctl_on, transcript, unwrapped,
};

/// Keys that were made for these tests alone.
pub const CI_KEY: &str =
    "AGE-SECRET-KEY-1UE9FYY82QQ02J0QJ7S0FAWLYN8FJSMG5H7V8HETYMT9H25N7CVTQUJKL4K";
pub const CI: &str = "age16uvyjgs2cs0pm4wy8uzvpzs4nptvnx807tahsnxyjzdg6rvfk9xqp8awgn";
const TEAM_KEY: &str = "AGE-SECRET-KEY-1LP39KN2HT32QGES7JDKFZE22MHW7C4TGLYHCFG8Q7DTY2D0X5LKSVSDU30";
pub const TEAM: &str = "age16ncqjg4543830rl4fdhj9n5uae5xgr7khzhacdxhp84za3gkadxsskvuhu";
const LEAVER_KEY: &str =
    "AGE-SECRET-KEY-1L3Q9PG4MZ905Q92YWF0VU7DZKSTWQNQXXXYV38A7YP0Z0VK32KDSVM6KN2";
const LEAVER: &str = "age1zkk3tzg5zgn9w6j86t95l929wmluftjvzgl7pz8psw0924y0uf6qnxscpj";

const MANIFEST: &str = "users:\n  - { misId: L-1, role: learner, firstName: Ann, lastName: Alder, email: l1@example.ac.uk, classroom: Room, placement: Firm, defaultAssessor: A-1 }\n  - { misId: L-2, role: learner, firstName: Bob, lastName: Birch, email: l2@example.ac.uk, classroom: Room, placement: Firm, defaultAssessor: A-1 }\n  - { misId: A-1, role: assessor, firstName: Cat, lastName: Cedar, email: a1@example.ac.uk }\n---\nfromTable:\n  path: personal.sealed.csv\n  columns: { misId: misId, nino: nino, homeAddress: homeAddress }\n  overlay: true\n  sealed: true\n";

const PLAIN: &str =
    "misId,nino,homeAddress\nL-2,QQ000002C,2 Oak Row\nL-1,QQ000001C,\"1 Ash Lane, Exampleton\"\n";

/// The values of the plain table. None may come out of anything but `--open`.
const SECRETS: [&str; 6] = [
    "QQ000001C",
    "QQ000002C",
    "1 Ash Lane",
    "2 Oak Row",
    "QQ000009C",
    "9 Elm Close",
];

const SEED: &str = "organisations:\n  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }\nclassrooms:\n  - { ID: 1, OrganisationID: 5740, Name: Room }\nplacements:\n  - { ID: 1, OrganisationID: 5740, Name: Firm }\nusers:\n  - { ID: 100, OrganisationID: 5740, Role: 5, MISID: A-1, FirstName: Cat, LastName: Cedar, Email: a1@example.ac.uk }\n  - { ID: 201, OrganisationID: 5740, Role: 1, MISID: L-1, FirstName: Ann, LastName: Alder, Email: l1@example.ac.uk, ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 100, NINO: QQ000001C, HomeAddress: \"1 Ash Lane, Exampleton\" }\n  - { ID: 202, OrganisationID: 5740, Role: 1, MISID: L-2, FirstName: Bob, LastName: Birch, Email: l2@example.ac.uk, ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 100, NINO: QQ000002C, HomeAddress: 2 Oak Row }\n";

/// `rosterctl.yaml` with these recipients.
fn settings(recipients: &[(&str, &str)]) -> String {
    let mut text = "organisation: 5740\nseal:\n  recipients:\n".to_owned();
    for (name, key) in recipients {
        text += &format!("    {name}: {key}\n");
    }
    text
}

/// A project with a plain table that isn't sealed yet.
fn unsealed() -> TempDir {
    project(&[
        ("rosterctl.yaml", &settings(&[("ci", CI), ("team", TEAM)])),
        ("users/l.yaml", MANIFEST),
        ("private/personal.csv", PLAIN),
    ])
}

/// A project whose overlay is sealed for CI and the data team.
fn sealed() -> TempDir {
    let folder = unsealed();
    let said = run(folder.path(), None, "seal private/personal.csv");
    assert!(
        said.contains("users/personal.sealed.csv: 2 rows new."),
        "{said}"
    );
    folder
}

/// What a command says, with a key or without.
fn run(folder: &Path, key: Option<&str>, args: &str) -> String {
    said(rosterctl(), folder, key, args)
}

fn run_on(sandbox: &Sandbox, folder: &Path, key: Option<&str>, args: &str) -> String {
    said(rosterctl_on(sandbox), folder, key, args)
}

fn said(mut command: Command, folder: &Path, key: Option<&str>, args: &str) -> String {
    command.current_dir(folder).args(args.split(' '));
    if let Some(key) = key {
        command.env("ROSTERCTL_AGE_KEY", key);
    }
    let said = transcript(&mut command);
    for secret in SECRETS {
        assert!(!said.contains(secret), "{args}: {said}");
    }
    for key in [CI_KEY, TEAM_KEY, LEAVER_KEY, NEW_KEY] {
        assert!(!said.contains(key), "{args}: {said}");
    }
    said
}

fn read(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).unwrap()
}

fn write(folder: &Path, file: &str, text: &str) {
    std::fs::write(folder.join(file), text).unwrap();
}

const SEALED: &str = "users/personal.sealed.csv";

#[test]
fn a_sealed_file_has_a_line_a_person_and_nothing_plain() {
    let folder = sealed();
    let text = read(folder.path(), SEALED);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "misId,sealed");
    assert!(lines[1].starts_with("L-1,YWdl") && lines[2].starts_with("L-2,YWdl"));
    for secret in SECRETS {
        assert!(!text.contains(secret));
    }
    let ignored = read(folder.path(), ".gitignore");
    assert!(ignored.contains("/private/personal.csv"), "{ignored}");
}

#[test]
fn sealing_again_keeps_every_row_that_is_as_before() {
    let folder = sealed();
    let first = read(folder.path(), SEALED);
    let said = run(folder.path(), Some(TEAM_KEY), "seal private/personal.csv");
    assert!(
        said.contains("personal.sealed.csv: 2 rows unchanged."),
        "{said}"
    );
    assert_eq!(read(folder.path(), SEALED), first);
    // One person changes, and one is new.
    let more = PLAIN.replace("QQ000002C", "QQ000009C") + "L-3,,9 Elm Close\n";
    write(folder.path(), "private/personal.csv", &more);
    let said = run(folder.path(), Some(CI_KEY), "seal private/personal.csv");
    assert!(
        said.contains("1 row new, 1 row changed, 1 row unchanged"),
        "{said}"
    );
    let second = read(folder.path(), SEALED);
    let line = |text: &str, at: usize| text.lines().nth(at).unwrap().to_owned();
    assert_eq!(line(&first, 1), line(&second, 1));
    assert_ne!(line(&first, 2), line(&second, 2));
    // Whom the plain file doesn't have stays, unless it is asked for.
    write(
        folder.path(),
        "private/personal.csv",
        "misId,nino\nL-1,QQ000001C\n",
    );
    let said = run(folder.path(), Some(CI_KEY), "seal private/personal.csv");
    assert!(
        unwrapped(&said).contains("2 other rows stay: the plain file doesn't have those people")
    );
    assert_eq!(read(folder.path(), SEALED), second);
    let said = run(
        folder.path(),
        Some(CI_KEY),
        "seal private/personal.csv --prune",
    );
    assert!(
        unwrapped(&said).contains("2 rows taken out, 1 row unchanged"),
        "{said}"
    );
    assert_eq!(read(folder.path(), SEALED).lines().count(), 2);
}

#[test]
fn a_plan_sees_edits_of_sealed_rows_with_a_key_and_says_what_it_misses_without() {
    let sandbox = Sandbox::start(SEED);
    let folder = sealed();
    let path = folder.path();
    git(path, &["init", "-q"]);
    commit(path);
    git(path, &["checkout", "-q", "-b", "change"]);
    let said = run_on(&sandbox, path, Some(CI_KEY), "plan");
    assert!(said.contains("No changes"), "{said}");
    let edited = PLAIN
        .replace("QQ000001C", "QQ000009C")
        .replace("1 Ash Lane, Exampleton", "9 Elm Close");
    write(path, "private/personal.csv", &edited);
    run(path, Some(TEAM_KEY), "seal private/personal.csv");
    commit(path);
    let args = "plan --base main --only-changed";
    let with_key = run_on(&sandbox, path, Some(CI_KEY), args);
    assert!(
        with_key.contains("special data changed")
            && unwrapped(&with_key).contains("homeAddress (personal)"),
        "{with_key}"
    );
    assert!(
        with_key.contains("2 declared users aren't edited by this change"),
        "{with_key}"
    );
    let without = run_on(&sandbox, path, None, args);
    assert!(
        unwrapped(&without).contains(
            "2 fields aren't managed in this run: an overlay is sealed, and no key is set"
        ),
        "{without}"
    );
    assert!(without.contains("Nothing to change. "), "{without}");
    let applied = run_on(&sandbox, path, Some(CI_KEY), "apply --auto-approve");
    assert!(applied.contains("1 updated"), "{applied}");
    let account = sandbox.state()["users"]
        .as_array()
        .unwrap()
        .iter()
        .find(|user| user["ID"] == 201)
        .unwrap()
        .clone();
    assert_eq!(account["NINO"], "QQ000009C");
    let said = run_on(&sandbox, path, Some(CI_KEY), "plan");
    assert!(said.contains("No changes"), "{said}");
}

#[test]
fn a_create_waits_for_the_key_if_its_fields_are_sealed() {
    let sandbox = Sandbox::start(SEED);
    let folder = sealed();
    let new = "  - { misId: L-9, role: learner, firstName: Dan, lastName: Deal, email: l9@example.ac.uk, classroom: Room, placement: Firm, defaultAssessor: A-1 }\n---\n";
    let manifest = MANIFEST
        .replace("---\n", new)
        .replace("nino: nino,", "nino: nino, uln: uln,");
    write(folder.path(), "users/l.yaml", &manifest);
    let plain = "misId,nino,homeAddress,uln\nL-9,,9 Elm Close,9999999999\n";
    write(folder.path(), "private/personal.csv", plain);
    run(folder.path(), Some(CI_KEY), "seal private/personal.csv");
    let said = run_on(&sandbox, folder.path(), None, "plan");
    assert!(said.contains("! learner L-9"), "{said}");
    assert!(
        unwrapped(&said).contains("an overlay can't be read, and nobody is created without uln"),
        "{said}"
    );
    let said = run_on(&sandbox, folder.path(), Some(CI_KEY), "plan");
    assert!(said.contains("+ learner L-9"), "{said}");
}

/// Ten people, so that git finds lines that stay between those that change.
fn people(nino_of: impl Fn(usize) -> String) -> String {
    let rows = (1..=10).map(|number| format!("L-{number:02},{},\n", nino_of(number)));
    "misId,nino,homeAddress\n".to_owned() + &rows.collect::<String>()
}

#[test]
fn changes_of_two_people_merge_and_changes_of_one_conflict_in_one_line() {
    let folder_text = |changed: &[usize], suffix: &str| {
        people(|number| {
            if changed.contains(&number) {
                format!("QQ{number:04}{suffix}C")
            } else {
                format!("QQ{number:04}00C")
            }
        })
    };
    let folder = unsealed();
    let path = folder.path();
    write(path, "private/personal.csv", &folder_text(&[], "00"));
    run(path, None, "seal private/personal.csv");
    git(path, &["init", "-q"]);
    commit(path);
    for (branch, changed, suffix) in [("a", 2, "01"), ("b", 8, "01"), ("c", 8, "02")] {
        git(path, &["checkout", "-q", "-b", branch, "main"]);
        write(
            path,
            "private/personal.csv",
            &folder_text(&[changed], suffix),
        );
        run(path, Some(TEAM_KEY), "seal private/personal.csv");
        commit(path);
    }
    git(path, &["checkout", "-q", "a"]);
    git(path, &["merge", "-q", "-m", "x", "b"]);
    let said = run(path, Some(CI_KEY), "seal --check");
    assert!(
        unwrapped(&said).contains("10 rows, opened with the key of this run; nothing is wrong"),
        "{said}"
    );
    let merge = Process::new("git")
        .current_dir(path)
        .args(["-c", "user.name=A", "-c", "user.email=a@example.ac.uk"])
        .args(["merge", "-q", "-m", "x", "c"])
        .output()
        .unwrap();
    assert!(!merge.status.success());
    let text = read(path, SEALED);
    let of_conflict = text
        .split("<<<<<<<")
        .nth(1)
        .and_then(|rest| rest.split(">>>>>>>").next())
        .unwrap();
    assert_eq!(of_conflict.matches("L-08,").count(), 2);
    assert_eq!(of_conflict.matches("L-").count(), 2);
    let said = run(path, Some(CI_KEY), "validate");
    assert!(said.contains("conflict-marker"), "{said}");
}

/// A way to spoil a sealed file, and the finding that it gives.
type Spoil = (&'static str, fn(&str) -> String, &'static str);

fn lines(text: &str) -> Vec<&str> {
    text.lines().collect()
}

const SPOILS: &[Spoil] = &[
    (
        "rows swapped",
        |text| {
            let of = |at: usize| lines(text)[at].split(',').nth(1).unwrap();
            format!("misId,sealed\nL-1,{}\nL-2,{}\n", of(2), of(1))
        },
        "sealed-row-moved",
    ),
    (
        "a row copied to another person",
        |text| {
            let cell = lines(text)[1].split(',').nth(1).unwrap();
            format!("misId,sealed\nL-1,{cell}\nL-2,{cell}\n")
        },
        "sealed-row-moved",
    ),
    (
        "a row twice",
        |text| {
            let all = lines(text);
            [all[0], all[1], all[1], all[2]].join("\n") + "\n"
        },
        "sealed-row-broken",
    ),
    (
        "cut off",
        |text| text[..text.len() - 300].to_owned(),
        "sealed-row-broken",
    ),
    (
        "half of the header",
        |text| text[..60].to_owned() + "\n",
        "sealed-row-broken",
    ),
    (
        "one character changed",
        |text| {
            let at = text.len() - 40;
            let other = if &text[at..=at] == "A" { "B" } else { "A" };
            format!("{}{other}{}", &text[..at], &text[at + 1..])
        },
        "sealed-row-broken",
    ),
    (
        "10 MB in a cell",
        |text| text.trim_end().to_owned() + &"A".repeat(10 << 20) + "\n",
        "sealed-row-broken",
    ),
    (
        "a cell too many",
        |text| text.replacen("L-1,", "L-1,x,", 1),
        "sealed-row-broken",
    ),
    (
        "no MIS value",
        |text| text.replacen("L-1,", ",", 1),
        "sealed-row-broken",
    ),
    (
        "an open quote",
        |text| text.replacen("L-1,", "L-1,\"", 1),
        "sealed-row-broken",
    ),
    (
        "a plain cell",
        |text| text.replacen(lines(text)[1], "L-1,QQ000001C", 1),
        "sealed-plain",
    ),
    (
        "base64 of something plain",
        |text| text.replacen(lines(text)[1], "L-1,UVEwMDAwMDFD", 1),
        "sealed-plain",
    ),
    ("all plain", |_| PLAIN.to_owned(), "sealed-plain"),
    (
        "another order",
        |text| {
            let all = lines(text);
            [all[0], all[2], all[1]].join("\n") + "\n"
        },
        "sealed-order",
    ),
    (
        "a conflict",
        |text| {
            let all = lines(text);
            format!(
                "{}\n<<<<<<< ours\n{}\n=======\n{}\n>>>>>>> theirs\n",
                all[0], all[1], all[1]
            )
        },
        "conflict-marker",
    ),
    ("nothing", |_| String::new(), "sealed-row-broken"),
];

#[test]
fn whatever_is_done_to_a_sealed_file_is_a_finding_with_its_place() {
    let folder = sealed();
    let whole = read(folder.path(), SEALED);
    for (what, spoil, code) in SPOILS {
        write(folder.path(), SEALED, &spoil(&whole));
        for key in [Some(CI_KEY), None] {
            let said = run(folder.path(), key, "validate");
            let only_with_key = *code == "sealed-row-moved" || *what == "one character changed";
            if key.is_none() && only_with_key {
                continue;
            }
            assert!(said.contains(code), "{what}: {said}");
            assert!(said.contains("personal.sealed.csv"), "{what}: {said}");
            // A finding doesn't print a sealed cell, which nobody could read.
            assert!(said.len() < 4_000, "{what}: {}", said.len());
        }
    }
}

#[test]
fn a_row_of_another_organisation_is_a_finding() {
    let folder = sealed();
    let path = folder.path();
    write(
        path,
        "rosterctl.yaml",
        &read(path, "rosterctl.yaml").replace("5740", "5741"),
    );
    let said = run(path, Some(CI_KEY), "validate");
    assert!(said.contains("sealed-row-moved"), "{said}");
    assert!(said.contains("another organisation"), "{said}");
}

#[test]
fn a_key_that_cannot_be_used_says_what_it_is() {
    let folder = sealed();
    let keys = [
        (CI, "holds a public key, which opens nothing"),
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA", "holds an SSH key"),
        (
            "-----BEGIN OPENSSH PRIVATE KEY-----",
            "holds an SSH key or a key of another kind",
        ),
        (
            "-----BEGIN AGE ENCRYPTED FILE-----",
            "holds a key that is itself encrypted",
        ),
        ("AGE-PLUGIN-YUBIKEY-1QQQ", "plugins aren't run"),
        ("AGE-SECRET-KEY-PQ-1QQQ", "post-quantum"),
        (&CI_KEY[..40], "holds a damaged key"),
        ("# only a comment", "holds no key"),
        ("Passw0rd", "holds no key of age"),
    ];
    for (key, words) in keys {
        for args in ["validate", "plan --sandbox", "seal --check"] {
            let said = unwrapped(&run(folder.path(), Some(key), args).replace('│', ""));
            assert!(said.contains(words), "{key}: {said}");
            assert!(said.contains("ROSTERCTL_AGE_KEY"), "{key}: {said}");
            assert!(!said.contains(key), "{said}");
        }
    }
    let said = unwrapped(&run(folder.path(), Some(LEAVER_KEY), "validate"));
    assert!(said.contains("not-sealed-for"), "{said}");
    assert!(
        said.contains("the key of this run doesn't open this row"),
        "{said}"
    );
}

#[test]
fn keys_come_from_files_too_but_not_from_git() {
    let folder = sealed();
    let path = folder.path();
    git(path, &["init", "-q"]);
    let keys = tempfile::tempdir().unwrap();
    let file = keys.path().join("key.txt");
    std::fs::write(
        &file,
        format!("# created: 2026-01-02T03:04:05Z\n{CI_KEY}\n"),
    )
    .unwrap();
    let check = |variable: &str, file: &Path| {
        let mut command = rosterctl();
        command.current_dir(path).args(["seal", "--check"]);
        transcript(command.env(variable, file))
    };
    for variable in ["ROSTERCTL_AGE_KEY_FILE", "SOPS_AGE_KEY_FILE"] {
        let said = check(variable, &file);
        assert!(said.contains("opened with the key of this run"), "{said}");
        let said = check(variable, &keys.path().join("none"));
        assert!(
            unwrapped(&said).contains(&format!("the file that {variable} names isn't there")),
            "{said}"
        );
    }
    write(path, "key.txt", CI_KEY);
    commit(path);
    let said = check("ROSTERCTL_AGE_KEY_FILE", &path.join("key.txt"));
    assert!(unwrapped(&said).contains("is kept by git"), "{said}");
    assert!(!said.contains(CI_KEY));
}

#[test]
fn recipients_that_cannot_be_are_findings_in_the_settings() {
    let folder = sealed();
    let path = folder.path();
    let refused = [
        (settings(&[("ci", CI)]), "fewer than two recipients"),
        (
            settings(&[("ci", CI), ("team", CI)]),
            "two recipients have one public key",
        ),
        (
            settings(&[("ci", CI), ("team", TEAM_KEY)]),
            "this is a private key",
        ),
        (
            settings(&[("ci", CI), ("team", "ssh-ed25519")]),
            "SSH keys aren't taken",
        ),
        (
            settings(&[("ci", CI), ("team", &TEAM[..50])]),
            "it isn't a public key of age",
        ),
        (
            settings(&[("ci", CI), ("team", &CI.to_uppercase())]),
            "two recipients have one public key",
        ),
        (
            settings(&[("ci", CI), (CI_KEY, TEAM)]),
            "this can't be the name of a recipient",
        ),
        (
            "organisation: 5740\nseal: { keys: {} }\n".to_owned(),
            "`seal` names no `recipients`",
        ),
        (
            "organisation: 5740\nseal: { recipients: [a] }\n".to_owned(),
            "`recipients` takes a mapping",
        ),
        (
            "organisation: 5740\n".to_owned(),
            "rosterctl.yaml doesn't say for whom",
        ),
    ];
    for (settings, words) in refused {
        write(path, "rosterctl.yaml", &settings);
        let said = unwrapped(&run(path, Some(CI_KEY), "validate"));
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn a_change_of_recipients_stands_at_the_top_of_its_plan_and_needs_a_rotation() {
    let sandbox = Sandbox::start(SEED);
    let folder = sealed();
    let path = folder.path();
    git(path, &["init", "-q"]);
    write(
        path,
        "rosterctl.yaml",
        &settings(&[("ci", CI), ("leaver", LEAVER), ("team", TEAM)]),
    );
    let said = run(path, Some(CI_KEY), "validate");
    assert!(said.contains("not-sealed-for"), "{said}");
    // Even without a key, the number of recipients shows.
    let said = run(path, None, "validate");
    assert!(said.contains("not-sealed-for"), "{said}");
    let said = run(path, Some(CI_KEY), "seal --rotate");
    assert!(
        unwrapped(&said).contains("2 rows sealed again for ci, leaver, team"),
        "{said}"
    );
    assert!(unwrapped(&run(path, Some(LEAVER_KEY), "seal --check")).contains("nothing is wrong"));
    commit(path);
    git(path, &["checkout", "-q", "-b", "change"]);
    write(
        path,
        "rosterctl.yaml",
        &settings(&[("ci", CI), ("team", TEAM), ("new", NEW)]),
    );
    run(path, Some(CI_KEY), "seal --rotate");
    commit(path);
    let said = run_on(&sandbox, path, Some(CI_KEY), "plan --base main");
    let top = said.lines().take(6).collect::<Vec<_>>().join("\n");
    assert!(
        top.contains("This change edits who can open sealed overlays")
            && top.contains("+ new (age1")
            && unwrapped(&said).contains("…): what was sealed before can still be opened")
            && top.contains("- leaver (age1"),
        "{said}"
    );
    assert!(said.contains("No changes"), "{said}");
    let said = run_on(
        &sandbox,
        path,
        Some(CI_KEY),
        "plan --base main --format markdown",
    );
    assert!(said.contains("who can open sealed overlays"), "{said}");
    let said = run(path, Some(LEAVER_KEY), "seal --check");
    assert!(said.contains("not-sealed-for"), "{said}");
    // Who holds only the new key sees the plan, but not what was sealed at the base.
    let said = run_on(
        &sandbox,
        path,
        Some(NEW_KEY),
        "plan --base main --only-changed",
    );
    assert!(
        unwrapped(&said).contains("can't be opened with the key of this run at the base"),
        "{said}"
    );
}

const NEW_KEY: &str = "AGE-SECRET-KEY-1J2CV5U7FN7JKUFARYEX2RZ5EU0W5NZM7C9C9ZUJ859R7SZ3S7Y3QF6X804";
const NEW: &str = "age1vr8qf4z0tngd9wfwr9us7humycvqya883v9dn0vs5tfchq2e4y0qlws573";

#[test]
fn what_seal_cannot_do_it_says_and_nothing_is_written() {
    let folder = sealed();
    let path = folder.path();
    let before = read(path, SEALED);
    let refused = [
        (
            None,
            "seal private/personal.csv",
            "needs a key that opens it",
        ),
        (
            Some(CI_KEY),
            "seal users/personal.sealed.csv",
            "is sealed already",
        ),
        (Some(CI_KEY), "seal private/none.csv", "isn't there"),
        (
            Some(CI_KEY),
            "seal private/personal.csv --mis-id Learner",
            "has no column `Learner`",
        ),
        (
            Some(CI_KEY),
            "seal private/personal.csv --to ../elsewhere.csv",
            "below the project's folder",
        ),
        (
            Some(CI_KEY),
            "seal private/personal.csv --to users/l.yaml",
            "a sealed file is a CSV",
        ),
        (Some(CI_KEY), "seal --open L-1", "on a terminal only"),
        (Some(LEAVER_KEY), "seal --rotate", "not-sealed-for"),
        (None, "seal --rotate", "needs a key that opens it"),
        (Some(CI_KEY), "seal", "required"),
    ];
    for (key, args, words) in refused {
        let said = unwrapped(&run(path, key, args));
        assert!(said.contains(words), "{args}: {said}");
        assert!(!said.contains("exit 0"), "{args}: {said}");
        assert_eq!(read(path, SEALED), before, "{args}");
    }
    let spoilt = [
        (
            "misId,nino\nL-1,QQ000001C\nL-1,QQ000002C\n",
            "duplicate-user",
        ),
        ("misId,nino\n,QQ000001C\n", "missing-field"),
        ("misId,nino\nL-1,QQ000001C,x\n", "bad-table"),
        ("misId,nino,nino\nL-1,QQ000001C,x\n", "bad-table"),
        ("misId,nino,\nL-1,QQ000001C,x\n", "bad-table"),
        ("misId,nino\nL-1,\"QQ000001C\n", "bad-table"),
    ];
    for (text, code) in spoilt {
        write(path, "private/personal.csv", text);
        let said = run(path, Some(CI_KEY), "seal private/personal.csv");
        assert!(said.contains(code), "{text}: {said}");
        assert_eq!(read(path, SEALED), before, "{text}");
    }
    // A plain table that git keeps isn't helped by sealing it once more.
    git(path, &["init", "-q"]);
    std::fs::remove_file(path.join(".gitignore")).unwrap();
    write(path, "private/personal.csv", PLAIN);
    commit(path);
    let said = run(path, Some(CI_KEY), "seal private/personal.csv");
    assert!(said.contains("is in git already"), "{said}");
}

#[test]
fn a_manifest_that_does_not_say_sealed_is_told_to() {
    let folder = sealed();
    let path = folder.path();
    write(
        path,
        "users/l.yaml",
        &MANIFEST.replace("  sealed: true\n", ""),
    );
    let said = run(path, Some(CI_KEY), "validate");
    assert!(said.contains("add `sealed: true`"), "{said}");
    write(
        path,
        "users/l.yaml",
        &MANIFEST.replace("  overlay: true\n", ""),
    );
    let said = run(path, Some(CI_KEY), "validate");
    assert!(said.contains("`overlay` is missing"), "{said}");
}

#[test]
fn findings_about_sealed_values_name_the_line_and_not_the_value() {
    let folder = sealed();
    let path = folder.path();
    let plain = PLAIN.replace("QQ000002C", "ZZ77").replace("L-1", "L-7");
    write(path, "private/personal.csv", &plain);
    run(path, Some(CI_KEY), "seal private/personal.csv");
    let said = run(path, Some(CI_KEY), "validate");
    assert!(said.contains("personal.sealed.csv:3"), "{said}");
    assert!(!said.contains("ZZ77"), "{said}");
    // Whose rows there are is known without a key.
    let said = run(path, None, "validate");
    assert!(said.contains("overlay-stranger"), "{said}");
}

#[test]
fn accept_seals_what_was_edited_by_hand() {
    let sandbox = Sandbox::start(
        &SEED
            .replace("NINO: QQ000001C", "NINO: QQ000009C")
            .replace("1 Ash Lane, Exampleton", "9 Elm Close"),
    );
    let folder = sealed();
    let path = folder.path();
    let before = read(path, SEALED);
    let said = run_on(&sandbox, path, Some(TEAM_KEY), "accept L-1 --auto-approve");
    assert!(said.contains("exit 0"), "{said}");
    let after = read(path, SEALED);
    assert_eq!(lines(&before)[2], lines(&after)[2]);
    assert_ne!(lines(&before)[1], lines(&after)[1]);
    let said = run_on(&sandbox, path, Some(CI_KEY), "plan");
    assert!(said.contains("No changes"), "{said}");
    assert!(!read(path, "users/l.yaml").contains("homeAddress:  "));
    // Without a key the fields aren't managed, so that nothing is taken over, least of all in plain.
    let said = run_on(&sandbox, path, None, "accept --all --auto-approve");
    assert!(!said.contains("Wrote"), "{said}");
    assert_eq!(read(path, SEALED), after);
}

#[test]
fn an_export_may_be_sealed_at_once() {
    let sandbox = Sandbox::start(SEED);
    let folder = project(&[("rosterctl.yaml", &settings(&[("ci", CI), ("team", TEAM)]))]);
    let path = folder.path();
    let args = "export --overlay users/personal.csv --sealed --reveal special";
    let said = run_on(&sandbox, path, None, args);
    assert!(unwrapped(&said).contains("exit 0"), "{said}");
    for file in walkdir::WalkDir::new(path.join("users"))
        .into_iter()
        .flatten()
    {
        if file.file_type().is_file() {
            let text = std::fs::read_to_string(file.path()).unwrap();
            for secret in SECRETS.iter().chain(&["Alder", "l1@example.ac.uk"]) {
                assert!(!text.contains(secret), "{}: {text}", file.path().display());
            }
        }
    }
    assert!(!path.join(".gitignore").exists());
    let said = run_on(&sandbox, path, Some(CI_KEY), "plan");
    assert!(said.contains("No changes"), "{said}");
    let said = run_on(&sandbox, path, None, "plan");
    assert!(said.contains("an overlay is sealed"), "{said}");
    // Without recipients nothing is read, and nothing is written.
    write(path, "rosterctl.yaml", "organisation: 5740\n");
    let requests = sandbox.requests().len();
    let said = run_on(&sandbox, path, None, args);
    assert!(
        unwrapped(&said).contains("doesn't say who can open sealed overlays"),
        "{said}"
    );
    assert_eq!(sandbox.requests().len(), requests);
}

#[test]
fn a_key_is_made_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = rosterctl();
    command
        .current_dir(folder.path())
        .args(["seal", "--keygen", "keys/mine.txt"]);
    let said = transcript(&mut command);
    let key = read(folder.path(), "keys/mine.txt");
    assert!(key.starts_with("# created: 20") && key.contains("\nAGE-SECRET-KEY-1"));
    assert!(!said.contains("AGE-SECRET-KEY-1"), "{said}");
    let public = said.lines().find(|line| line.starts_with("age1")).unwrap();
    assert!(key.contains(&format!("# public key: {public}")));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let metadata = std::fs::metadata(folder.path().join("keys/mine.txt")).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    }
    let mut command = rosterctl();
    command
        .current_dir(folder.path())
        .args(["seal", "--keygen", "keys/mine.txt"]);
    let again = transcript(&mut command);
    assert!(again.contains("is there already"), "{again}");
    assert_eq!(read(folder.path(), "keys/mine.txt"), key);
}

#[test]
fn doctor_says_whose_key_a_run_has_and_how_old_it_is() {
    let sandbox = Sandbox::start(SEED);
    let folder = sealed();
    let old = format!("# created: 2020-01-02T03:04:05Z\n{CI_KEY}");
    let keys = [
        (None, "2 recipients; no key is set", "ok"),
        (
            Some(CI_KEY),
            "the key of `ci`; nothing says how old it is",
            "ok",
        ),
        (Some(old.as_str()), "make a new one each year", "warn"),
        (Some(LEAVER_KEY), "isn't that of a recipient", "fail"),
        (Some("Passw0rd"), "holds no key of age", "fail"),
    ];
    for (key, words, level) in keys {
        let said = run_on(&sandbox, folder.path(), key, "doctor");
        assert!(unwrapped(&said).contains(words), "{words}: {said}");
        let first_word = words.split(' ').next().unwrap();
        let has_level = said.lines().any(|line| line.starts_with(level));
        assert!(has_level && said.contains(first_word), "{level}: {said}");
    }
}

#[test]
fn what_is_sealed_comes_out_in_no_field_that_plans_show() {
    let folder = sealed();
    let path = folder.path();
    for (field, header) in [
        ("placement", "homeAddress"),
        ("startOn", "nino"),
        ("classroom", "nino"),
    ] {
        let columns = format!("{{ misId: misId, {field}: {header} }}");
        let manifest = MANIFEST.replace(
            "{ misId: misId, nino: nino, homeAddress: homeAddress }",
            &columns,
        );
        write(path, "users/l.yaml", &manifest);
        let said = run(path, Some(CI_KEY), "validate");
        assert!(
            said.contains(&format!("a sealed overlay can't give `{field}`")),
            "{said}"
        );
    }
}

#[test]
fn swapped_names_of_recipients_are_said_and_unknown_ones_of_before_count_as_new() {
    let sandbox = Sandbox::start(SEED);
    let folder = sealed();
    let path = folder.path();
    git(path, &["init", "-q"]);
    commit(path);
    git(path, &["checkout", "-q", "-b", "change"]);
    write(
        path,
        "rosterctl.yaml",
        &settings(&[("ci", TEAM), ("team", CI)]),
    );
    commit(path);
    let said = run_on(&sandbox, path, Some(CI_KEY), "plan --base main");
    for words in ["+ ci (age1", "+ team (age1", "- ci (age1", "- team (age1"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    // Settings of the base that can't be read.
    git(path, &["checkout", "-q", "main"]);
    write(path, "rosterctl.yaml", "organisation: 5740\nnonsense: 1\n");
    commit(path);
    git(path, &["checkout", "-q", "-b", "other"]);
    write(
        path,
        "rosterctl.yaml",
        &settings(&[("ci", CI), ("team", TEAM)]),
    );
    commit(path);
    let said = run_on(&sandbox, path, Some(CI_KEY), "plan --base main");
    assert!(
        said.contains("+ ci (age1") && said.contains("+ team (age1"),
        "{said}"
    );
}

#[test]
fn rows_without_values_go_and_columns_that_nobody_reads_are_named() {
    let folder = sealed();
    let path = folder.path();
    write(
        path,
        "private/personal.csv",
        "misId,nino,homeAddress\nL-1,,\n",
    );
    let said = run(path, Some(CI_KEY), "seal private/personal.csv");
    assert!(said.contains("1 row taken out"), "{said}");
    assert!(run(path, Some(CI_KEY), "validate").contains("Valid"));
    write(path, "private/personal.csv", "misId,nnio\nL-2,QQ000009C\n");
    let said = run(path, Some(CI_KEY), "seal private/personal.csv");
    assert!(
        unwrapped(&said).contains("No manifest reads `nnio`"),
        "{said}"
    );
    let before = read(path, SEALED);
    write(path, "private/personal.csv", "misId,nino\n");
    for args in [
        "seal private/personal.csv",
        "seal private/personal.csv --prune",
    ] {
        let said = run(path, Some(CI_KEY), args);
        assert!(said.contains("has no rows"), "{said}");
        assert_eq!(read(path, SEALED), before);
    }
}

#[test]
fn a_manifest_with_an_error_stops_seal_and_rotate() {
    let folder = sealed();
    let path = folder.path();
    let before = read(path, SEALED);
    write(
        path,
        "users/m.yaml",
        "fromTable:\n  path: second.sealed.csv\n  sealed: yes\n",
    );
    for args in ["seal --rotate", "seal private/personal.csv"] {
        let said = run(path, Some(CI_KEY), args);
        assert!(said.contains("wrong-kind"), "{args}: {said}");
        assert_eq!(read(path, SEALED), before);
    }
    // One that may be missing, and is, stops nothing.
    write(
        path,
        "users/m.yaml",
        "fromTable:\n  path: second.sealed.csv\n  columns: { misId: misId, ethnicity: e }\n  overlay: true\n  sealed: true\n  optional: true\n",
    );
    let said = run(path, Some(CI_KEY), "seal --rotate");
    assert!(said.contains("2 rows sealed again"), "{said}");
}

#[test]
fn a_reviewed_plan_is_not_applied_by_a_run_that_cannot_see_what_it_has() {
    let sandbox = Sandbox::start(&SEED.replace("2 Oak Row", "9 Elm Close"));
    let folder = sealed();
    let path = folder.path();
    let said = run_on(&sandbox, path, Some(CI_KEY), "plan --out plan.json");
    assert!(said.contains("1 to update"), "{said}");
    let args = "apply --plan plan.json --auto-approve";
    let said = run_on(&sandbox, path, None, args);
    assert!(
        unwrapped(&said).contains("2 fields of a sealed overlay that this run can't open"),
        "{said}"
    );
    assert!(said.ends_with("exit 4\n"), "{said}");
    let said = run_on(&sandbox, path, Some(CI_KEY), args);
    assert!(said.contains("1 updated"), "{said}");
}

#[test]
fn keys_and_plain_files_are_not_written_where_another_repository_would_take_them() {
    let outside = tempfile::tempdir().unwrap();
    git(outside.path(), &["init", "-q"]);
    let path = &outside.path().join("college");
    std::fs::create_dir_all(path.join("users")).unwrap();
    write(
        path,
        "rosterctl.yaml",
        &settings(&[("ci", CI), ("team", TEAM)]),
    );
    write(path, "users/l.yaml", MANIFEST);
    std::fs::write(outside.path().join("personal.csv"), PLAIN).unwrap();
    for args in ["seal --keygen ../keys/mine.txt", "seal ../personal.csv"] {
        let said = run(path, Some(CI_KEY), args);
        assert!(
            unwrapped(&said).contains("lies in a repository of git that doesn't ignore it"),
            "{args}: {said}"
        );
    }
    assert!(!outside.path().join("keys").exists());
    assert!(!path.join(SEALED).exists());
    std::fs::write(outside.path().join(".gitignore"), "/keys/\n/personal.csv\n").unwrap();
    assert!(run(path, None, "seal --keygen ../keys/mine.txt").contains("Wrote a key"));
    assert!(run(path, None, "seal ../personal.csv").contains("2 rows new"));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(outside.path().join("personal.csv"), path.join("link.csv"))
            .unwrap();
        assert!(run(path, Some(CI_KEY), "seal link.csv").contains("is a link"));
    }
}

/// The program `age` opens our rows, and what it seals opens here.
#[test]
#[ignore = "needs the program `age`, which CI installs"]
fn the_program_age_opens_our_rows_and_we_open_its() {
    let folder = sealed();
    let path = folder.path();
    let key = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(key.path(), CI_KEY).unwrap();
    let text = read(path, SEALED);
    let cell = lines(&text)[1].split(',').nth(1).unwrap();
    let script = format!(
        "printf %s {cell} | base64 -d | age -d -i {}",
        key.path().display()
    );
    let opened = shell(&script);
    let opened = String::from_utf8(opened).unwrap();
    assert!(
        opened.starts_with("sealed,organisation,misId,recipients,nino,homeAddress\n1,5740,L-1,"),
        "{opened}"
    );
    assert_eq!(opened.len() % 512, 0);
    std::fs::write(path.join("row"), opened.replace("QQ000001C", "QQ000009C")).unwrap();
    let script = format!(
        "age -r {CI} -r {TEAM} {} | base64 -w0",
        path.join("row").display()
    );
    let cell_of_age = String::from_utf8(shell(&script)).unwrap();
    write(path, SEALED, &text.replacen(cell, &cell_of_age, 1));
    std::fs::remove_file(path.join("row")).unwrap();
    let said = run(path, Some(TEAM_KEY), "seal --check");
    assert!(unwrapped(&said).contains("nothing is wrong"), "{said}");
}

/// The rows of a text as a manifest would read them, and whether a finding is about it.
fn rows_of(text: &str, sealing: Sealing<'_>) -> (Vec<String>, bool) {
    let manifest = "users: []\nfromTable:\n  path: a.csv\n  columns: { misId: misId, nino: nino, homeAddress: homeAddress }\n  overlay: true\n  sealed: true\n";
    let mut sources = Sources::default();
    let id = sources.add("users/a.yaml", manifest.to_owned());
    let (documents, _) = parse(id, manifest);
    let source = csv_sources(&documents).pop().unwrap();
    let read = TableFormat::of(&source, Some(sealing)).read(text.as_bytes().to_vec());
    let Ok(TableText { text, form }) = read else {
        return (Vec::new(), true);
    };
    let file = sources.add("users/a.csv", text);
    let text = sources.file(file).text.to_string();
    let table = table(file, &text, &form, &source);
    for finding in &table.findings {
        assert!(finding.span().end as usize <= text.len());
        for secret in SECRETS {
            assert!(!finding.message.contains(secret) && !finding.help.contains(secret));
        }
    }
    let row = |row: &Node<'_>| {
        let entries = row.entries().iter();
        let cells =
            entries.map(|entry| format!("{}={}", entry.key.value, entry.value.text().unwrap()));
        cells.collect::<Vec<_>>().join(";")
    };
    let rows = table.rows.iter().map(row).collect();
    (rows, !table.findings.is_empty())
}

proptest! {
    #![proptest_config(cases_of_property(200))]

    /// However a sealed file is spoilt, nobody gets a value that isn't theirs, and what is lost is a finding.
    #[test]
    fn a_spoilt_file_gives_nobody_anything_else(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..3_usize, any::<char>()), 1..4),
        has_key in any::<bool>(),
    ) {
        static SEALED_ONCE: LazyLock<String> = LazyLock::new(|| read(sealed().path(), SEALED));
        let named = [("ci", CI), ("team", TEAM)].map(|(name, key)| (name.to_owned(), key.to_owned()));
        let recipients = Recipients::new(named);
        let keys = AgeKeys::parse(&CI_KEY.to_owned().into()).unwrap();
        let sealing = Sealing {
            organisation: OrganisationId::new(5740),
            recipients: Some(&recipients),
            keys: has_key.then_some(&keys),
        };
        let (whole, is_found) = rows_of(&SEALED_ONCE, sealing);
        prop_assert!(!is_found);
        prop_assert_eq!(whole.len(), 2);
        let mut text: Vec<char> = SEALED_ONCE.chars().collect();
        for (at, how, other) in edits {
            let at = at.index(text.len());
            match how {
                0 => text[at] = other,
                1 => drop(text.remove(at)),
                _ => text.insert(at, other),
            }
        }
        let text: String = text.into_iter().collect();
        let (rows, is_found) = rows_of(&text, sealing);
        if has_key {
            prop_assert!(is_found || rows.iter().all(|row| whole.contains(row)));
        } else {
            prop_assert!(rows.iter().all(|row| !row.contains(';')));
        }
    }
}

/// The steps of `docs/sealed-overlays.md`, as a newcomer types them.
#[test]
fn the_page_of_sealed_overlays_is_a_walk_that_works() {
    let page = std::fs::read_to_string(root().join("docs/sealed-overlays.md")).unwrap();
    let blocks = |language: &str| -> Vec<String> {
        let opening = format!("```{language}\n");
        let parts = page.split(&opening).skip(1);
        parts
            .map(|part| part.split("```").next().unwrap().to_owned())
            .collect()
    };
    let (yaml, csv, console) = (blocks("yaml"), blocks("csv"), blocks("console"));
    let sandbox = Sandbox::start(&SEED.replace("L-1", "L-0001").replace("L-2", "L-0002"));
    let outside = tempfile::tempdir().unwrap();
    let path = &outside.path().join("college");
    std::fs::create_dir_all(path.join("private")).unwrap();
    std::fs::create_dir_all(outside.path().join("keys")).unwrap();
    std::fs::write(outside.path().join("keys/mine.txt"), CI_KEY).unwrap();
    write(path, "rosterctl.yaml", &yaml[0]);
    git(path, &["init", "-q"]);
    let mut said = Vec::new();
    for line in console.concat().lines() {
        let line = line.strip_prefix("$ ").unwrap();
        if line.starts_with("rosterctl seal private/changes.csv") {
            write(path, "private/changes.csv", &csv[0]);
        }
        let words = words_of_line(line);
        match words
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .as_slice()
        {
            ["export", assignment] => {
                assert_eq!(*assignment, "ROSTERCTL_AGE_KEY_FILE=../keys/mine.txt");
            }
            ["git", args @ ..] => git(path, args),
            ["rosterctl", args @ ..] => {
                let mut command = rosterctl_on(&sandbox);
                command
                    .current_dir(path)
                    .args(args)
                    .env("ROSTERCTL_AGE_KEY_FILE", "../keys/mine.txt");
                if args == ["apply"] {
                    command.arg("--auto-approve");
                }
                let output = transcript(&mut command);
                assert!(output.ends_with("exit 0\n"), "{line}: {output}");
                for secret in SECRETS {
                    assert!(!output.contains(secret), "{line}: {output}");
                }
                said.push(output);
            }
            other => panic!("nothing runs {other:?}"),
        }
    }
    let [.., planned, applied] = said.as_slice() else {
        panic!("{said:?}")
    };
    assert!(planned.contains("special data changed"), "{planned}");
    assert!(
        unwrapped(planned).contains("homeAddress (personal)"),
        "{planned}"
    );
    assert!(applied.contains("1 updated"), "{applied}");
    let again = run_on(&sandbox, path, Some(CI_KEY), "plan");
    assert!(again.contains("No changes"), "{again}");
}

fn shell(script: &str) -> Vec<u8> {
    let done = Process::new("sh").args(["-c", script]).output().unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    done.stdout
}
