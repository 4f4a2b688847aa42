//! `tests/fixtures/broken/`: manifests that are wrong in every way that is known. Every finding is reported at once, and
//! no input ends in a panic.

use rosterctl::manifest::rules::{RULES, syntax, unsupported_yaml};
use std::collections::BTreeSet;

use proptest::prelude::*;
use rosterctl::cli::terminal::report;
use rosterctl::domain::redact::Reveal;
use rosterctl::findings::Finding;

use crate::harness::{cases_of_property, checked, project, root, rosterctl, transcript};
use crate::sealed::CI_KEY;

/// What is found in a text, and how it is shown.
fn findings(text: &str) -> (Vec<Finding>, String) {
    let (checked, sources) = checked(&[text]);
    let report = report(&checked.findings, &sources, Reveal::Public);
    (checked.findings, report)
}

fn codes(text: &str) -> Vec<&'static str> {
    findings(text)
        .0
        .iter()
        .map(|finding| finding.rule.name)
        .collect()
}

#[test]
fn every_finding_of_a_broken_folder_is_reported_at_once() {
    let mut command = rosterctl();
    command
        .current_dir(root())
        .args(["validate", "tests/fixtures/broken"]);
    insta::assert_snapshot!(transcript(&mut command));
}

#[test]
fn every_code_has_a_fixture() {
    let validate =
        |folder: &str| transcript(rosterctl().current_dir(root()).args(["validate", folder]));
    let mut sealed = rosterctl();
    sealed
        .current_dir(root().join("tests/fixtures/sealed"))
        .env("ROSTERCTL_AGE_KEY", CI_KEY)
        .arg("validate");
    let said = validate("tests/fixtures/broken")
        + &validate("tests/fixtures/nobody")
        + &transcript(&mut sealed);
    let seen: BTreeSet<&str> = said.lines().collect();
    let missing: Vec<_> = RULES
        .iter()
        .map(|row| row.name)
        .filter(|name| !seen.contains(name))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn no_user_is_passed_over_in_silence() {
    assert_eq!(
        codes("users:\n  - { id: 5 }\n  - { id: 6, role: iqa }\n"),
        ["missing-field"]
    );
    assert_eq!(codes("users:\n  - { id: 6, role: iqa }\n"), [""; 0]);
}

#[test]
fn helps_say_what_to_type() {
    for (text, help) in [
        (
            "users:\n  - { id: 1, role: learner, classroom: 15379 }",
            "`{ id: 15379 }` is the one with that number in OneFile",
        ),
        (
            "users:\n  - { id: 1, role: iqa, lastName: Null }",
            "quote it if it is text",
        ),
        (
            "users:\n  - { id: 1, role: iqa, defaults: 5 }",
            "change its indentation",
        ),
        ("users:\n\t- id: 1", "indent with spaces"),
        (
            "users:\n  - id: 1\n     role: iqa",
            "indent like the lines around",
        ),
    ] {
        let (found, _) = findings(text);
        assert!(
            found.iter().any(|finding| finding.help.contains(help)),
            "{text}: {found:?}"
        );
    }
}

#[test]
fn a_valid_folder_says_how_much_it_holds() {
    let mut command = rosterctl();
    command
        .current_dir(root())
        .args(["validate", "-C", "examples/college"]);
    assert_eq!(
        transcript(&mut command),
        "Valid: 51 users and 1 placement in 5 files.\nexit 0\n"
    );
}

#[test]
fn files_that_can_not_be_read_are_findings() {
    let folder = project(&[
        (
            "rosterctl.yaml",
            "organisation: 1\nmanifests: [users, users/a.yaml, gone, ../outside]\n",
        ),
        ("users/a.yaml", ""),
        ("users/E.YAML", "users: 5\n"),
    ]);
    std::fs::create_dir_all(folder.path().join("users/b.yaml")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("a.yaml", folder.path().join("users/c.yaml")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(".", folder.path().join("users/loop")).unwrap();
    std::fs::write(folder.path().join("users/d.yaml"), b"\xff\xfeu\0s\0").unwrap();
    insta::assert_snapshot!(transcript(
        rosterctl().current_dir(folder.path()).args(["validate"])
    ));
}

#[test]
fn a_fifo_does_not_hang() {
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 1\n"),
        ("users/a.yaml", ""),
    ]);
    let made = std::process::Command::new("mkfifo")
        .arg(folder.path().join("users/f.yaml"))
        .status()
        .unwrap();
    assert!(made.success());
    let said = transcript(rosterctl().current_dir(folder.path()).args(["validate"]));
    assert!(
        said.contains("`users/f.yaml` isn't a regular file"),
        "{said}"
    );
}

/// Each is refused in a moment, however large: a file is never read past its limit.
pub fn hostile_files_end_in_a_finding() {
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 1\n"),
        ("users/a.yaml", ""),
    ]);
    let users = folder.path().join("users");
    let large = std::fs::File::create(users.join("large.yaml")).unwrap();
    large.set_len(100 << 20).unwrap();
    std::fs::write(users.join("scalar.yaml"), "a".repeat(60 << 20)).unwrap();
    std::fs::write(users.join("deep.yaml"), "[".repeat(100_000)).unwrap();
    std::fs::write(users.join("utf16.yaml"), b"\xfe\xff\0u\0s").unwrap();
    std::fs::write(users.join("latin1.yaml"), b"users: caf\xe9").unwrap();
    std::fs::write(users.join("nul.yaml"), b"users: \0").unwrap();
    let said = transcript(rosterctl().current_dir(folder.path()).args(["validate"]));
    for what in [
        "a manifest that holds nothing",
        "`users/large.yaml` is larger than 64 MiB",
        "nested deeper than 64 levels",
        "`users/utf16.yaml` is UTF-16",
        "`users/latin1.yaml` isn't UTF-8",
    ] {
        assert!(said.contains(what), "{what}: {said:.4000}");
    }
    assert!(said.ends_with("exit 3\n"));
}

#[test]
fn a_project_file_is_checked_as_manifests_are() {
    for (text, code) in [
        ("", "missing-field"),
        ("organisation: five", "wrong-kind"),
        ("organisation: 0", "bad-number"),
        ("organisation: 1\ntarget: liv", "unknown-word"),
        ("organisation: 1\npolicy: { maxCreate: 5 }", "unknown-key"),
        ("organisation: 1\n---\norganisation: 2", "unsupported-yaml"),
        ("organisation: [", "syntax"),
    ] {
        let folder = project(&[("rosterctl.yaml", text)]);
        let said = transcript(rosterctl().current_dir(folder.path()).args(["validate"]));
        assert!(
            said.contains(code) && said.ends_with("exit 3\n"),
            "{text}: {said}"
        );
    }
}

#[test]
fn a_folder_without_a_project_says_what_to_type() {
    let folder = project(&[]);
    let said = transcript(
        rosterctl()
            .current_dir(folder.path())
            .args(["plan", "--sandbox"]),
    );
    assert_eq!(
        said,
        "stderr:\nerror: this folder has no rosterctl.yaml; `-C DIR` names the project's folder\nexit 64\n"
    );
}

#[test]
fn aliases_and_merge_keys_are_read() {
    let text = "x-base: &base { role: iqa, lastName: Abbotsley }\nusers:\n  - <<: *base\n    misId: Q-1\n    firstName: Ann\n    email: ann@example.ac.uk\n";
    assert_eq!(codes(text), [""; 0]);
}

#[test]
fn defaults_fill_only_what_the_role_has() {
    let text = "defaults: { placement: BT01, classroom: B, defaultAssessor: A-1 }\nusers:\n  - { misId: A-1, role: assessor, firstName: A, lastName: B, email: a@example.ac.uk }\n  - { misId: L-1, role: learner, firstName: A, lastName: B, email: l@example.ac.uk }\n";
    assert_eq!(codes(text), [""; 0]);
}

#[test]
fn hostile_texts_end_in_a_finding() {
    let bomb = (1..40).fold("a0: &a0 [x, x]\n".to_owned(), |text, at| {
        format!("{text}a{at}: &a{at} [*a{0}, *a{0}, *a{0}]\n", at - 1)
    });
    let chain = (1..5000).fold("a0: &a0 [x]\n".to_owned(), |text, at| {
        format!("{text}a{at}: &a{at} [*a{}]\n", at - 1)
    });
    let line = |depth: usize, rest: &str| format!("{}- {rest}\n", " ".repeat(depth));
    let anchored = (0..50)
        .map(|at| line(at, &format!("&a{at}")))
        .collect::<String>();
    let anchors = anchored + &line(50, "[x]").repeat(3000);
    let long = format!(
        "x-a: &a \"{}\"\nx-b: [{}]\n",
        "v".repeat(50_000),
        "*a,".repeat(12_000)
    );
    let texts = [
        long,
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        "- ".repeat(100_000),
        bomb,
        chain,
        "a: &a [*a]".to_owned(),
        anchors,
    ];
    for text in texts {
        let (found, _) = findings(&text);
        let fatal = found
            .iter()
            .any(|finding| [&unsupported_yaml::RULE, &syntax::RULE].contains(&finding.rule));
        assert!(fatal, "{text:.20}");
    }
}

proptest! {
    #![proptest_config(cases_of_property(400))]

    /// Texts of the pieces that manifests are made of, put together wrongly.
    #[test]
    fn no_text_panics(pieces in prop::collection::vec(prop::sample::select(&[
        "users:", "defaults:", "\n", "  ", "- ", "misId:", " L-1", "role: learner", "{", "}", "[", "]", ",", "\"", "'", "|", ">",
        "&a ", "*a", "<<: ", "!!str ", "!x ", "---\n", "...\n", "# c\n", "\t", "\r\n", "\u{feff}", "é", "😀", "~", "dob: 2026-02-30",
        "email: x", "id: 5", "? ", ": ", "%YAML 1.2\n", "\u{0}", "uln: 1", "x-a: ",
    ][..]), 0..40)) {
        let _ = findings(&pieces.concat());
    }

    #[test]
    fn no_characters_panic(text in any::<String>()) {
        let _ = findings(&text);
    }
}
