//! `sandbox serve` as a process: what it prints, how it stops, and what a `kill -9` leaves.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rosterctl::domain::clock::Clock;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::harness::{http, project, rosterctl, runtime, transcript};

const SEED: &str = "
organisations:
  - { ID: 5740, Name: Example College }
users:
  - { ID: 1, OrganisationID: 5740, Role: 5, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk }
";

struct Process {
    child: Child,
    base: String,
    stdout: BufReader<std::process::ChildStdout>,
}

impl Process {
    fn start(folder: &Path, args: &[&str]) -> Self {
        let program = rosterctl().get_program().to_owned();
        let mut command = Command::new(program);
        command
            .env_clear()
            .current_dir(folder)
            .args(["sandbox", "serve"])
            .args(args);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        Self {
            child,
            base: line.trim().to_owned(),
            stdout,
        }
    }

    fn signal(&self, name: &str) {
        let kill = Command::new("kill")
            .args([name, &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(kill.success());
    }

    /// What was printed besides the first line, and how it ended.
    fn end(mut self) -> (String, String, Option<i32>) {
        let status = self.child.wait().unwrap();
        let (mut out, mut err) = (String::new(), String::new());
        self.stdout.read_to_string(&mut out).unwrap();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut err)
            .unwrap();
        (out, err, status.code())
    }
}

async fn key(base: &str) -> Option<String> {
    let answer = http()
        .post(format!("{base}/Authentication"))
        .header("X-CustomerToken", "sandbox")
        .send()
        .await
        .ok()?;
    answer.text().await.ok()
}

#[test]
fn it_prints_its_base_url_and_stops_cleanly() {
    let folder = project(&[("sandbox.yaml", SEED)]);
    for signal in ["-INT", "-TERM"] {
        let process = Process::start(folder.path(), &["--data", "data"]);
        assert!(
            process.base.starts_with("http://127.0.0.1:") && process.base.ends_with("/api/v2.1"),
            "{}",
            process.base
        );
        assert!(runtime().block_on(key(&process.base)).is_some());
        process.signal(signal);
        assert_eq!(process.end(), (String::new(), String::new(), Some(0)));
    }
}

#[test]
fn flags_set_limit_faults_latency_and_talk() {
    let faults = "- { on: GET /Customer, do: { status: 418 } }\n";
    let folder = project(&[
        ("seed.yaml", SEED),
        ("faults.yaml", faults),
        ("bad.yaml", "- { on: 5 }\n"),
    ]);
    let args = [
        "--data",
        "data",
        "--seed",
        "seed.yaml",
        "--faults",
        "faults.yaml",
        "--rate-limit",
        "3",
        "--latency",
        "30",
        "-v",
    ];
    let process = Process::start(folder.path(), &args);
    let statuses: Vec<u16> = runtime().block_on(async {
        let key = key(&process.base).await.unwrap();
        let mut statuses = Vec::new();
        for path in ["Customer", "User/1", "User/1", "User/1"] {
            let request = http()
                .get(format!("{}/{path}", process.base))
                .header("X-TokenID", &key);
            statuses.push(request.send().await.unwrap().status().as_u16());
        }
        statuses
    });
    // A call that a fault answers is none that the service counts.
    assert_eq!(statuses, [418, 200, 200, 429]);
    process.signal("-TERM");
    let (_, said, _) = process.end();
    assert!(
        said.starts_with("POST /api/v2.1/Authentication\nGET /api/v2.1/Customer\n"),
        "{said}"
    );
    let bad = transcript(
        rosterctl()
            .current_dir(folder.path())
            .args(["sandbox", "serve", "--data", "data", "--faults", "bad.yaml"]),
    );
    assert!(
        bad.contains("bad.yaml:1") && bad.ends_with("exit 3\n"),
        "{bad}"
    );
    let gone = transcript(
        rosterctl()
            .current_dir(folder.path())
            .args(["sandbox", "serve", "--data", "new", "--seed", "gone"]),
    );
    assert!(
        gone.contains("gone isn't there") && gone.ends_with("exit 64\n"),
        "{gone}"
    );
}

/// 200 kills at random moments during writes: no acknowledged write is lost, and every restart works.
pub fn no_kill_loses_an_acknowledged_write() {
    let folder = project(&[("sandbox.yaml", SEED)]);
    let runtime = runtime();
    let mut acknowledged = BTreeSet::from([1]);
    for round in 0..200_u64 {
        let mut process = Process::start(folder.path(), &["--data", "data", "--rate-limit", "0"]);
        acknowledged.extend(write_until_killed(
            &runtime,
            &mut process,
            Duration::from_micros(round * 7919 % 40_000),
        ));
    }
    let process = Process::start(folder.path(), &["--data", "data"]);
    let kept = runtime.block_on(kept(&process.base));
    assert!(
        acknowledged.len() > 20,
        "{} writes were acknowledged",
        acknowledged.len()
    );
    assert!(
        acknowledged.is_subset(&kept),
        "{:?} are lost",
        acknowledged.difference(&kept).collect::<Vec<_>>()
    );
    process.signal("-TERM");
    process.end();
}

/// The IDs that creates were answered with before the kill.
fn write_until_killed(runtime: &Runtime, process: &mut Process, after: Duration) -> Vec<i64> {
    let killed = AtomicBool::new(false);
    let client = http();
    let key = runtime.block_on(key(&process.base)).unwrap();
    let writes = async {
        let mut made = Vec::new();
        let body = json!({ "OrganisationID": 5740, "Role": 5, "FirstName": "A", "LastName": "B", "Email": "a@example.ac.uk" });
        while !killed.load(Ordering::Relaxed) {
            let request = client
                .post(format!("{}/User", process.base))
                .header("X-TokenID", &key)
                .json(&body);
            let Ok(answer) = request.send().await else {
                break;
            };
            let Ok(answer) = answer.json::<Value>().await else {
                break;
            };
            made.extend(answer["ID"].as_i64());
        }
        made
    };
    let kill = async {
        Clock::REAL.sleep(after).await;
        process.signal("-KILL");
        killed.store(true, Ordering::Relaxed);
    };
    let (made, ()) = runtime.block_on(async { tokio::join!(writes, kill) });
    process.child.wait().unwrap();
    made
}

async fn kept(base: &str) -> BTreeSet<i64> {
    let root = base.strip_suffix("/api/v2.1").unwrap();
    let state: Value = http()
        .get(format!("{root}/_sandbox/state"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    state["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["ID"].as_i64().unwrap())
        .collect()
}

/// A first start that is killed while it makes its data leaves a folder that the next start can use.
pub fn a_kill_of_the_first_start_leaves_nothing_that_is_in_the_way() {
    for round in 0..40_u64 {
        let folder = project(&[("sandbox.yaml", SEED)]);
        let program = rosterctl().get_program().to_owned();
        let mut command = Command::new(program);
        command
            .env_clear()
            .current_dir(folder.path())
            .args(["sandbox", "serve", "--data", "data"])
            .stdout(Stdio::null());
        let mut child = command.spawn().unwrap();
        runtime().block_on(Clock::REAL.sleep(Duration::from_micros(500 + round * 600)));
        child.kill().unwrap();
        child.wait().unwrap();
        let process = Process::start(folder.path(), &["--data", "data"]);
        assert!(process.base.starts_with("http://"), "round {round}");
        process.signal("-TERM");
        process.end();
    }
}

#[test]
fn an_answer_under_way_ends_before_the_server_does_and_a_second_signal_does_not_wait() {
    let folder = project(&[("sandbox.yaml", SEED)]);
    let slow = |signals: usize| {
        let process = Process::start(folder.path(), &["--data", "data", "--latency", "2000"]);
        let answered = runtime().block_on(async {
            let call = key(&process.base);
            let stop = async {
                for _ in 0..signals {
                    Clock::REAL.sleep(Duration::from_millis(800)).await;
                    process.signal("-TERM");
                }
            };
            tokio::join!(call, stop).0
        });
        (answered.is_some(), process.end().2)
    };
    assert_eq!(slow(1), (true, Some(0)));
    assert_eq!(slow(2), (false, Some(1)));
}

#[test]
fn a_port_that_is_in_use_is_named() {
    let folder = project(&[("sandbox.yaml", SEED)]);
    let process = Process::start(folder.path(), &["--data", "one"]);
    let port = process
        .base
        .rsplit(':')
        .next()
        .unwrap()
        .split('/')
        .next()
        .unwrap()
        .to_owned();
    let said = transcript(
        rosterctl()
            .current_dir(folder.path())
            .args(["sandbox", "serve", "--data", "two", "--port", &port]),
    );
    assert!(
        said.contains(&format!("can't listen on 127.0.0.1:{port}")) && said.ends_with("exit 1\n"),
        "{said}"
    );
    process.signal("-TERM");
    process.end();
}
