//! How many requests a plan of an invented college costs, where lists show names alone and earlier plans have seen the accounts.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::Method;
use rosterctl::domain::clock::Clock;
use rosterctl::sandbox::{College, write_college};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Sandbox, pause, rosterctl_on, transcript, unwrapped};

/// A college whose readings plans use, since the search by `LastModified` has listed an update by rosterctl.
struct RememberedCollege {
    sandbox: Sandbox,
    folder: TempDir,
    learners: usize,
}

/// The learners of the first files who declare a standard and a unit, which all of them have, and some more of each.
const WITH_UNITS: usize = 300;
const FIRST_LEARNER: usize = 1_000_002;

impl RememberedCollege {
    fn of(learners: usize) -> Self {
        let college = Self::new(learners, "");
        college.run("plan");
        college.edit(1, ("07700 900", "07700 901"));
        let applied = college.run("apply --auto-approve");
        assert!(applied.contains("1 updated."), "{applied}");
        college.run("plan");
        college
    }

    /// The same of 1,000 learners of whom 300 declare units, and how many requests the first plan costs.
    fn with_units() -> (Self, usize) {
        let college = Self::new(1_000, &tables_of_units());
        for file in 1..=WITH_UNITS / 100 {
            let path = college.manifest(file);
            let text = std::fs::read_to_string(&path).unwrap();
            let declared = text.replacen("  role: learner\n", DECLARED, 1);
            std::fs::write(path, declared).unwrap();
        }
        let (said, first) = college.plan();
        assert!(said.contains("No changes: "), "{said}");
        college.edit(1, ("07700 900", "07700 901"));
        college.edit_state(|state| {
            // One learner is to get a standard, and another one a unit: each proves itself alone.
            for (table, learner) in [("learningAims", 150), ("unitSummaries", 250)] {
                let rows = state[table].as_array_mut().unwrap();
                let declared = rows.iter().position(|row| {
                    row["UserID"] == FIRST_LEARNER + learner && row["StandardID"] == 2
                });
                rows.remove(declared.unwrap());
            }
        });
        let applied = college.run("apply --auto-approve");
        assert!(applied.contains("2 assignments made"), "{applied}");
        college.run("plan");
        (college, first)
    }

    fn new(learners: usize, tables: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let college = College {
            learners,
            seed: 1,
            drift: 0,
            absent: 0,
            shared_names: 0,
            without_mis: 0,
        };
        write_college(&college, folder.path()).unwrap();
        std::fs::write(folder.path().join("rosterctl.yaml"), "organisation: 5740\n").unwrap();
        let seed = std::fs::read_to_string(folder.path().join("sandbox.yaml")).unwrap();
        let behaviour = "behaviour: { searchRows: brief, lastModified: shown }\n";
        Self {
            sandbox: Sandbox::start(&(seed + tables + behaviour)),
            folder,
            learners,
        }
    }

    fn run(&self, line: &str) -> String {
        let mut command = rosterctl_on(&self.sandbox);
        command
            .current_dir(self.folder.path())
            .args(line.split(' '))
            .args(["--calls-per-minute", "0"]);
        unwrapped(&transcript(&mut command))
    }

    /// What a plan says, and how many requests it sends.
    fn plan(&self) -> (String, usize) {
        let before = self.sandbox.requests().len();
        let said = self.run("plan");
        (said, self.sandbox.requests().len() - before)
    }

    /// Another beginning of the telephone number of a learner, in each of the first files. A file has a hundred learners.
    fn edit(&self, files: usize, (from, to): (&str, &str)) {
        for file in 1..=files {
            let path = self.manifest(file);
            let text = std::fs::read_to_string(&path).unwrap();
            let edited = text.replacen(from, to, 1);
            assert_ne!(text, edited);
            std::fs::write(path, edited).unwrap();
        }
    }

    fn manifest(&self, file: usize) -> PathBuf {
        let name = format!("users/learners/{file:04}.yaml");
        self.folder.path().join(name)
    }

    /// Somebody edits one in a hundred learners in OneFile.
    fn change(&self) {
        let now = Clock::REAL.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        self.edit_state(|state| {
            let users = state["users"].as_array_mut().unwrap();
            let learners = users.iter_mut().filter(|user| user["Role"] == 1);
            for learner in learners.step_by(100) {
                learner["MobileNumber"] = json!("01632 960001");
                learner["LastModified"] = json!(now);
            }
        });
    }

    /// A search for what has changed goes back further than the last plan, and so finds what rosterctl updated just before it.
    /// Within a minute it has to.
    fn grow_old(&self) {
        pause(Duration::from_secs(61));
        self.run("plan");
        self.edit_state(|state| {
            let users = state["users"].as_array_mut().unwrap();
            for user in users
                .iter_mut()
                .filter(|user| user["LastModified"].is_string())
            {
                user["LastModified"] = json!("2026-01-01T00:00:00Z");
            }
        });
    }

    fn edit_state(&self, edit: impl FnOnce(&mut Value)) {
        let mut state = self.sandbox.state();
        edit(&mut state);
        let state = state.to_string();
        let (status, answer) = self.sandbox.control(Method::PUT, "state", &state);
        assert_eq!(status, 200, "{answer}");
    }
}

const DECLARED: &str = "  role: learner
  standards: [Team Leader Level 3]
  units: [{ standard: Team Leader Level 3, unit: Leading people }]
";

/// What the learners with units have: the standard and the unit that they declare, one unit more of it, and another standard.
fn tables_of_units() -> String {
    let (mut aims, mut units) = (String::new(), String::new());
    for number in 0..WITH_UNITS {
        let learner = FIRST_LEARNER + number;
        for standard in [2, 3] {
            let id = 10_000 * standard + number;
            aims += &format!(
                "  - {{ ID: {id}, OrganisationID: 5740, StandardID: {standard}, UserID: {learner} }}\n"
            );
        }
        for unit in [3, 4] {
            let id = 10_000 * unit + number;
            units +=
                &format!("  - {{ ID: {id}, StandardID: 2, UserID: {learner}, UnitID: {unit} }}\n");
        }
    }
    format!("learningAims:\n{aims}unitSummaries:\n{units}")
}

/// The requests of a plan with nothing changed, with one in a hundred changed in git, and with as many changed in OneFile.
fn counts(college: &RememberedCollege) -> [usize; 3] {
    let changed = college.learners / 100;
    let updates = format!("Plan: 0 to create, {changed} to update");
    let (said, unchanged) = college.plan();
    assert!(said.contains("No changes since the readings of "), "{said}");
    college.edit(changed, ("07700 90", "07700 91"));
    let (said, in_git) = college.plan();
    assert!(said.contains(&updates), "{said}");
    college.edit(changed, ("07700 91", "07700 90"));
    // A plan forgets whom it plans an update for, so that the next one looks at them.
    college.plan();
    college.change();
    let (said, in_onefile) = college.plan();
    assert!(said.contains(&updates), "{said}");
    [unchanged, in_git, in_onefile]
}

pub fn a_plan_of_1_000_remembered_learners_costs_60_requests_and_one_for_each_change() {
    let [unchanged, in_git, in_onefile] = counts(&RememberedCollege::of(1_000));
    assert!(unchanged <= 60, "{unchanged}");
    assert!(in_git <= 60 + 10, "{in_git}");
    assert!(in_onefile <= 60 + 10, "{in_onefile}");
}

#[test]
fn a_plan_of_1_000_remembered_learners_of_whom_300_declare_units_costs_120_requests() {
    let (college, first) = RememberedCollege::with_units();
    let [unchanged, in_git, in_onefile] = counts(&college);
    assert!(first <= 1_061 + 2 * WITH_UNITS + 4, "{first}");
    // A sample of each, the list of standards and that of units, and the three whom rosterctl has just changed.
    let learners = 2 * 25 + 4 + 2 * 3;
    assert!(unchanged <= 60 + learners, "{unchanged}");
    assert!(in_git <= 60 + learners + 10, "{in_git}");
    // Three of those who were changed in OneFile declare units.
    assert!(in_onefile <= 60 + learners + 10 + 2 * 3, "{in_onefile}");
}

#[test]
#[ignore = "takes minutes: it looks at 10,000 learners twice, and waits"]
fn a_plan_of_10_000_remembered_learners_costs_250_requests_and_one_for_each_change() {
    let college = RememberedCollege::of(10_000);
    college.grow_old();
    let [unchanged, in_git, in_onefile] = counts(&college);
    assert!(unchanged <= 250, "{unchanged}");
    assert!(in_git <= 250 + 100, "{in_git}");
    assert!(in_onefile <= 250 + 100, "{in_onefile}");
}
