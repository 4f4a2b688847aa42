//! `sandbox seed`: an invented college is the same each time, valid, and as drifted and absent as it was asked to be.

use std::collections::BTreeSet;
use std::path::Path;

use rosterctl::sandbox::{College, write_college};

use crate::harness::{rosterctl, transcript};

const COLLEGE: College = College {
    learners: 230,
    seed: 7,
    drift: 10,
    absent: 5,
    shared_names: 0,
    without_mis: 0,
};

fn written(college: &College) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_college(college, folder.path()).unwrap();
    folder
}

fn text(folder: &Path, path: &str) -> String {
    std::fs::read_to_string(folder.join(path)).unwrap()
}

/// The values of a key, in their order.
fn values(text: &str, key: &str) -> Vec<String> {
    let values = text
        .lines()
        .filter_map(|line| line.trim_start_matches([' ', '-']).strip_prefix(key));
    values.map(|value| value.trim().to_owned()).collect()
}

#[test]
fn the_same_seed_gives_the_same_college_and_another_seed_another() {
    let [one, same, other] = [7, 7, 8].map(|seed| written(&College { seed, ..COLLEGE }));
    for path in [
        "sandbox.yaml",
        "users/staff.yaml",
        "users/learners/0001.yaml",
        "users/learners/0003.yaml",
    ] {
        assert_eq!(text(one.path(), path), text(same.path(), path));
    }
    assert_ne!(
        text(one.path(), "sandbox.yaml"),
        text(other.path(), "sandbox.yaml")
    );
}

#[test]
fn names_and_e_mails_are_unique_unless_shared_names_are_asked_for() {
    let distinct = |college: &College| {
        let seed = text(written(college).path(), "sandbox.yaml");
        let (names, emails) = (values(&seed, "LastName:"), values(&seed, "Email:"));
        let unique = |all: &[String]| all.iter().collect::<BTreeSet<_>>().len() == all.len();
        (unique(&names), unique(&emails))
    };
    assert_eq!(distinct(&COLLEGE), (true, true));
    assert_eq!(
        distinct(&College {
            shared_names: 20,
            ..COLLEGE
        }),
        (false, true)
    );
}

pub fn a_college_plans_applies_and_is_settled() {
    let folder = written(&COLLEGE);
    let run = |args: &[&str]| transcript(rosterctl().current_dir(folder.path()).args(args));
    assert!(run(&["validate"]).starts_with("Valid: 241 users in 4 files."));
    let plan = run(&["plan"]);
    let counts = plan.lines().find(|line| line.starts_with("Plan:")).unwrap();
    let number = |at: usize| {
        counts
            .split_whitespace()
            .nth(at)
            .unwrap()
            .parse::<usize>()
            .unwrap()
    };
    let (creates, updates) = (number(1), number(4));
    assert!(
        (4..25).contains(&creates) && (10..40).contains(&updates) && counts.ends_with("0 held."),
        "{counts}"
    );
    assert!(run(&["apply", "--auto-approve"]).ends_with("exit 0\n"));
    assert!(
        run(&["plan", "--detailed-exitcode"])
            .starts_with("No changes: 241 users are as declared.\n")
    );
}

#[test]
fn accounts_without_a_mis_value_are_as_many_as_asked_for() {
    let seed = text(
        written(&College {
            without_mis: 40,
            absent: 0,
            ..COLLEGE
        })
        .path(),
        "sandbox.yaml",
    );
    let learners = values(&seed, "MISID:")
        .iter()
        .filter(|mis_id| mis_id.starts_with("L-"))
        .count();
    assert!((110..170).contains(&learners), "{learners}");
}

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let folder = written(&COLLEGE);
    let before = text(folder.path(), "sandbox.yaml");
    let out = folder.path().to_str().unwrap();
    let said = transcript(rosterctl().args(["sandbox", "seed", "--learners", "5", "--out", out]));
    assert!(
        said.contains("isn't empty; name a new folder") && said.ends_with("exit 64\n"),
        "{said}"
    );
    assert_eq!(text(folder.path(), "sandbox.yaml"), before);
}
