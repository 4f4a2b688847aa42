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

impl RememberedCollege {
    fn of(learners: usize) -> Self {
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
        let college = Self {
            sandbox: Sandbox::start(&(seed + behaviour)),
            folder,
            learners,
        };
        college.run("plan");
        college.edit(1, ("07700 900", "07700 901"));
        let applied = college.run("apply --auto-approve");
        assert!(applied.contains("1 updated."), "{applied}");
        college.run("plan");
        college
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
        self.edit_state(|users| {
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
        self.edit_state(|users| {
            for user in users
                .iter_mut()
                .filter(|user| user["LastModified"].is_string())
            {
                user["LastModified"] = json!("2026-01-01T00:00:00Z");
            }
        });
    }

    fn edit_state(&self, edit: impl FnOnce(&mut Vec<Value>)) {
        let mut state = self.sandbox.state();
        edit(state["users"].as_array_mut().unwrap());
        let state = state.to_string();
        let (status, answer) = self.sandbox.control(Method::PUT, "state", &state);
        assert_eq!(status, 200, "{answer}");
    }
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
#[ignore = "takes minutes: it looks at 10,000 learners twice, and waits"]
fn a_plan_of_10_000_remembered_learners_costs_250_requests_and_one_for_each_change() {
    let college = RememberedCollege::of(10_000);
    college.grow_old();
    let [unchanged, in_git, in_onefile] = counts(&college);
    assert!(unchanged <= 250, "{unchanged}");
    assert!(in_git <= 250 + 100, "{in_git}");
    assert!(in_onefile <= 250 + 100, "{in_onefile}");
}
