//! `tests/cases/<rule>/`: a project, its sandbox and the commands of `commands`, one a line; `= FOLDER` lays the files of a
//! folder over the project, `git commit` commits all of it. The snapshot `outcome.snap` beside them holds what was said,
//! every request, and every row that isn't as it was.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::change::{commit, git};
use crate::harness::{Sandbox, copy_into, copy_of, root, rosterctl_on, transcript};

#[test]
fn every_case_comes_out_as_its_snapshot_says() {
    let mut cases: Vec<_> =
        std::fs::read_dir(root().join("tests/cases")).unwrap().map(|case| case.unwrap().path()).collect();
    cases.sort();
    assert!(!cases.is_empty());
    for case in cases {
        let outcome = run(&case);
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(&case);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!("outcome", outcome));
    }
}

fn run(case: &Path) -> String {
    let (project, sandbox) = prepared(case);
    let before = sandbox.state();
    let mut text = String::new();
    for line in commands(case) {
        writeln!(text, "{}", step(&line, project.path(), &sandbox)).unwrap();
    }
    text + &requests(&sandbox.requests()) + &changed_rows(&before, &sandbox.state())
}

/// The project of a case, and its sandbox.
pub fn prepared(case: &Path) -> (TempDir, Sandbox) {
    let seed = std::fs::read_to_string(case.join("sandbox.yaml")).unwrap();
    (copy_of(case), Sandbox::start(&seed))
}

fn commands(case: &Path) -> Vec<String> {
    std::fs::read_to_string(case.join("commands")).unwrap().lines().map(str::to_owned).collect()
}

/// Takes the steps of a case that write no account.
pub fn steps(case: &Path, project: &Path, sandbox: &Sandbox) {
    for line in commands(case).iter().filter(|line| !line.starts_with("apply")) {
        step(line, project, sandbox);
    }
}

fn step(line: &str, project: &Path, sandbox: &Sandbox) -> String {
    if let Some(folder) = line.strip_prefix("= ") {
        copy_into(&project.join(folder), project);
        return format!("{line}\n");
    }
    if line == "git commit" {
        git(project, &["init", "-q"]);
        commit(project);
        return format!("{line}\n");
    }
    let mut command = rosterctl_on(sandbox);
    command.current_dir(project).args(line.split(' '));
    format!("$ rosterctl {line}\n{}", transcript(&mut command))
}

/// Reads go side by side, and so come in any order: counted. Writes are shown whole.
pub fn requests(requests: &[Value]) -> String {
    let line = |request: &Value| {
        let body =
            request["body"].as_object().map(|body| format!(" {}", Value::from(body.clone()))).unwrap_or_default();
        format!("{} {}{body}\n", request["method"].as_str().unwrap(), request["path"].as_str().unwrap())
    };
    let (mut writes, reads): (Vec<_>, Vec<_>) = requests.iter().partition(|request| is_write(request));
    // Creates come in their order; updates go side by side, after them.
    writes.sort_by_key(|write| if write["path"] == "/User" { String::new() } else { line(write) });
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for read in reads {
        *counts.entry(line(read)).or_default() += 1;
    }
    let reads: String = counts.iter().map(|(line, count)| format!("{count} x {line}")).collect();
    format!("reads:\n{reads}writes:\n{}", writes.into_iter().map(line).collect::<String>())
}

pub fn is_write(request: &Value) -> bool {
    let path = request["path"].as_str().unwrap();
    request["method"] == "POST" && !path.to_lowercase().contains("/search") && path != "/Authentication"
}

/// Rows that are new or differ, without the times of this run.
fn changed_rows(before: &Value, after: &Value) -> String {
    let mut text = "state that changed:\n".to_owned();
    for (table, rows) in after.as_object().unwrap() {
        let old = before[table].as_array().unwrap();
        for row in rows.as_array().unwrap().iter().filter(|row| !old.contains(row)) {
            let was = old.iter().find(|old| old["ID"] == row["ID"]);
            let differs = |name: &str, value: &Value| was.map_or(!value.is_null(), |was| was[name] != *value);
            let cells = row.as_object().unwrap().iter().filter(|(name, value)| differs(name, value));
            let timeless = cells.filter(|(name, _)| !matches!(name.as_str(), "LastModified" | "CreatedOn"));
            let shown: Vec<_> = timeless.map(|(name, value)| format!("{name}: {value}")).collect();
            writeln!(text, "{table} {}: {}", row["ID"], shown.join(", ")).unwrap();
        }
    }
    text
}
