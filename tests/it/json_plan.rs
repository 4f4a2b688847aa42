//! A plan as programs read it: what is planned, and why somebody is on hold, whatever the words for people are.

use std::path::Path;

use serde_json::Value;

use crate::harness::{Sandbox, rosterctl_on};

/// The JSON of a plan.
#[derive(Debug)]
pub struct JsonPlan(Value);

/// Why a user is on hold: the word for it, and the numbers that it is about.
pub type Hold = (String, Vec<i64>);

pub fn hold(reason: &str, ids: &[i64]) -> Hold {
    (reason.to_owned(), ids.to_vec())
}

impl JsonPlan {
    /// Plans with these arguments, of which `plan` is the first.
    pub fn of(sandbox: &Sandbox, folder: &Path, args: &[&str]) -> Self {
        let mut command = rosterctl_on(sandbox);
        let output = command
            .current_dir(folder)
            .args(args)
            .args(["--format", "json"])
            .output()
            .unwrap();
        let parsed = serde_json::from_slice(&output.stdout);
        Self(parsed.unwrap_or_else(|error| panic!("{error}: {output:?}")))
    }

    /// One of the totals, by name.
    pub fn total(&self, name: &str) -> u64 {
        let total = &self.0["totals"][name];
        total.as_u64().unwrap_or_else(|| panic!("{name}: {self:?}"))
    }

    /// Why a user is on hold, in the order of the plan; empty if the user isn't.
    pub fn holds(&self, mis_id: &str) -> Vec<Hold> {
        let mut holds = Vec::new();
        for held in self.0["held"].as_array().unwrap() {
            if held["misId"] == mis_id {
                let reasons = held["reasons"].as_array().unwrap();
                holds.extend(reasons.iter().map(of_reason));
            }
        }
        holds
    }
}

fn of_reason(reason: &Value) -> Hold {
    let ids = reason.get("ids").and_then(Value::as_array);
    let ids = ids.into_iter().flatten().filter_map(Value::as_i64);
    (reason["reason"].as_str().unwrap().to_owned(), ids.collect())
}
