//! What a plan costs that remembers earlier readings, where lists show names alone and an answer takes 20 ms: the first plan, which
//! reads everybody, beside plans with nothing changed, with one learner in a hundred changed in git, and with as many changed in OneFile.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rosterctl::domain::clock::Clock;
use serde_json::{Value, json};

use crate::{PLAN, Server, on, run, served, timed};

const LATENCY: u64 = 20;
/// The sizes that are planned unless others are asked for. 100,000 takes a quarter of an hour.
const SIZES: &[usize] = &[1_000, 10_000];
const MEMORY_FILE: &str = "memory.txt";

pub(crate) fn rows(asked: &[usize]) {
    println!("\nplan of brief rows, {LATENCY} ms           calls   s        MB of memory");
    let sizes = if asked.is_empty() { SIZES } else { asked };
    for learners in sizes {
        plans_of(*learners);
    }
}

fn plans_of(learners: usize) {
    let (folder, server) = served(learners, "brief", LATENCY);
    let folder = folder.path();
    let row = |what: &str, says: &str, least| {
        measure(
            folder,
            &server,
            (&format!("{learners}, {what}"), says),
            least,
        );
    };
    let updates = format!("Plan: 0 to create, {} to update", learners / 100);
    row("first", "No changes: ", learners);
    // OneFile proves itself by listing an update of ours.
    edit(folder, 1, ("07700 900", "07700 901"));
    run(folder, APPLY, Some(&server.base));
    run(folder, PLAN, Some(&server.base));
    // A search for what has changed goes back further than the last plan, and so finds what rosterctl updated just before it.
    // Within a minute it has to.
    wait(Duration::from_secs(61));
    run(folder, PLAN, Some(&server.base));
    server.put_state(&long_unchanged(server.state()));
    row("nothing changed", "No changes since the readings of ", 0);
    edit(folder, learners / 100, ("07700 90", "07700 91"));
    row("1 % changed in git", &updates, 0);
    edit(folder, learners / 100, ("07700 91", "07700 90"));
    // A plan forgets whom it plans an update for, so that the next one looks at them.
    run(folder, PLAN, Some(&server.base));
    server.put_state(&changed(server.state()));
    row("1 % changed in OneFile", &updates, 0);
}

const APPLY: &[&str] = &["apply", "--auto-approve", "--calls-per-minute", "0"];

/// The log of the sandbox begins again after so many requests.
const LOGGED: usize = 100_000;

/// Prints the requests, the seconds and the memory of one plan. It isn't repeated: the next plan remembers more. `least` is
/// how many requests the plan sends at least.
fn measure(folder: &Path, server: &Server, (what, says): (&str, &str), least: usize) {
    let before = server.requests().len();
    let mut said = String::new();
    let seconds = timed(&mut || said = run_with_memory(folder, &server.base));
    assert!(said.contains(says), "{said}");
    let mut calls = (server.requests().len() + LOGGED - before) % LOGGED;
    while calls < least {
        calls += LOGGED;
    }
    let memory = std::fs::read_to_string(folder.join(MEMORY_FILE)).unwrap_or_default();
    let memory = memory
        .trim()
        .parse()
        .map_or(0, |kilobytes: usize| kilobytes >> 10);
    println!("{what:<35} {calls:<7} {seconds:<8.2} {memory}");
}

/// A plan under GNU time, where that is, which writes the memory to a file.
fn run_with_memory(folder: &Path, base: &str) -> String {
    let mut command = Command::new("/usr/bin/time");
    command
        .args([
            "-f",
            "%M",
            "-o",
            MEMORY_FILE,
            env!("CARGO_BIN_EXE_rosterctl"),
        ])
        .args(PLAN);
    match on(&mut command, folder, base).output() {
        Ok(output) if output.status.success() => String::from_utf8(output.stdout).unwrap(),
        Ok(output) => panic!("{}", String::from_utf8_lossy(&output.stderr)),
        Err(_) => run(folder, PLAN, Some(base)),
    }
}

/// Replaces the beginning of the telephone number of the first learner in so many files.
fn edit(folder: &Path, files: usize, (from, to): (&str, &str)) {
    for file in 1..=files {
        let path = folder.join(format!("users/learners/{file:04}.yaml"));
        let text = std::fs::read_to_string(&path).unwrap();
        let edited = text.replacen(from, to, 1);
        assert_ne!(text, edited, "each file has a learner with a number");
        std::fs::write(path, edited).unwrap();
    }
}

#[expect(clippy::disallowed_methods, reason = "the minute has to pass")]
fn wait(time: Duration) {
    std::thread::sleep(time);
}

/// A state in which nobody was modified lately.
fn long_unchanged(mut state: Value) -> Value {
    let users = state["users"].as_array_mut().unwrap();
    for user in users
        .iter_mut()
        .filter(|user| user["LastModified"].is_string())
    {
        user["LastModified"] = json!("2026-01-01T00:00:00Z");
    }
    state
}

/// A state in which one learner in a hundred was modified just now, and has another telephone number.
fn changed(mut state: Value) -> Value {
    let now = Clock::REAL.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let users = state["users"].as_array_mut().unwrap();
    let learners = users.iter_mut().filter(|user| user["Role"] == 1);
    for learner in learners.step_by(100) {
        learner["LastModified"] = json!(now);
        learner["MobileNumber"] = json!("01632 960001");
    }
    state
}
