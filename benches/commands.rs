//! Whole commands against `rosterctl sandbox serve`, beside their floors, in one run: `plan` beside a bare HTTP loop that makes the same
//! calls and drops the answers, and beside calls × latency ÷ connections; its memory, where GNU time tells; and how long the
//! program takes to start. Then what a plan costs that remembers earlier readings, and how many instructions a user costs, where valgrind is on the path: a number that is the same on
//! every day. `cargo bench --bench commands`; with numbers behind `--`, of so many learners, and without the instructions.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench speaks, and stops where something is wrong"
)]

mod remembered;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use futures_util::stream::{self, StreamExt};
use rosterctl::sandbox::{College, write_college};
use serde_json::Value;

const CONNECTIONS: usize = 8;
/// The best of so many runs, where an answer takes no time.
const RUNS: usize = 5;

/// How much a user may cost more in ten times as many.
const LINEAR: f64 = 1.15;
/// The sizes whose instructions are counted.
const COUNTED: &[usize] = &[1_000, 10_000, 100_000];

/// What is timed: how rows of searches are, and how many milliseconds an answer takes.
const CASES: &[(usize, &str, u64)] = &[
    (1_000, "brief", 0),
    (1_000, "full", 0),
    (10_000, "full", 0),
    (100_000, "full", 0),
    (10_000, "brief", 20),
];

fn main() {
    let asked: Vec<usize> = std::env::args()
        .filter_map(|arg| arg.parse().ok())
        .collect();
    start();
    println!(
        "\nplan of                     calls   s        bare loop s  ratio   calls x latency / 8  ratio   MB of memory"
    );
    for (learners, rows, latency) in CASES
        .iter()
        .filter(|(learners, ..)| asked.is_empty() || asked.contains(learners))
    {
        plan(*learners, rows, *latency);
    }
    remembered::rows(&asked);
    if asked.is_empty() {
        instructions();
    }
}

/// What it costs to begin.
fn start() {
    let folder = tempfile::tempdir().unwrap();
    write_college(&college(1), folder.path()).unwrap();
    for args in [&["--help"][..], &["validate"]] {
        let seconds = best(RUNS * 4, || drop(run(folder.path(), args, None)));
        println!("{:<10} {:.1} ms of 15", args[0], seconds * 1e3);
    }
}

fn college(learners: usize) -> College {
    College {
        learners,
        seed: 1,
        drift: 0,
        absent: 0,
        shared_names: 0,
        without_mis: 0,
    }
}

fn plan(learners: usize, rows: &str, latency: u64) {
    let (folder, server) = served(learners, rows, latency);
    let runs = if latency == 0 { RUNS } else { 2 };
    let before = server.requests().len();
    let said = run(folder.path(), PLAN, Some(&server.base));
    assert!(said.starts_with("No changes: "), "{said}");
    let calls = server.requests().split_off(before);
    // In turns, so that both meet the machine in the same moods.
    let turns = (0..runs).map(|_| {
        (
            timed(&mut || drop(run(folder.path(), PLAN, Some(&server.base)))),
            timed(&mut || server.repeat(&calls)),
        )
    });
    let (seconds, bare) = turns.fold((f64::INFINITY, f64::INFINITY), |best, run| {
        (best.0.min(run.0), best.1.min(run.1))
    });
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let floor = calls.len() as f64 * latency as f64 / 1e3 / CONNECTIONS as f64;
    let by_latency = if latency == 0 {
        String::new()
    } else {
        format!("{floor:<20.2} {:.2}", seconds / floor)
    };
    let memory = memory(folder.path(), &server.base).unwrap_or_default();
    let what = format!("{learners}, {rows} rows, {latency} ms");
    println!(
        "{what:<27} {:<7} {seconds:<8.3} {bare:<12.3} {:<7.2} {by_latency:<28} {memory}",
        calls.len(),
        seconds / bare
    );
}

const PLAN: &[&str] = &["plan", "--calls-per-minute", "0"];

/// A project and a server that holds what it declares.
fn served(learners: usize, rows: &str, latency: u64) -> (tempfile::TempDir, Server) {
    let folder = tempfile::tempdir().unwrap();
    write_college(&college(learners), folder.path()).unwrap();
    std::fs::write(folder.path().join("rosterctl.yaml"), "organisation: 5740\n").unwrap();
    let seed = folder.path().join("sandbox.yaml");
    let text =
        std::fs::read_to_string(&seed).unwrap() + &format!("behaviour: {{ searchRows: {rows} }}\n");
    std::fs::write(seed, text).unwrap();
    let server = Server::start(folder.path(), latency);
    (folder, server)
}

/// The most memory that a plan holds, in MB and as a multiple of the manifests.
fn memory(folder: &Path, base: &str) -> Option<String> {
    let mut command = Command::new("/usr/bin/time");
    command
        .args(["-f", "%M", env!("CARGO_BIN_EXE_rosterctl")])
        .args(PLAN);
    let output = on(&mut command, folder, base).output().ok()?;
    let said = String::from_utf8(output.stderr).ok()?;
    let kilobytes: usize = said.lines().last()?.trim().parse().ok()?;
    let manifests = walkdir::WalkDir::new(folder.join("users"))
        .into_iter()
        .filter_map(Result::ok);
    let bytes: u64 = manifests
        .filter(|entry| entry.path().is_file())
        .map(|entry| entry.metadata().unwrap().len())
        .sum();
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let ratio = (kilobytes << 10) as f64 / bytes as f64;
    Some(format!("{} ({ratio:.1} times)", kilobytes >> 10))
}

/// What a user costs in instructions of one core. What the program costs at all is taken off.
fn instructions() {
    println!("\nof          command    instructions a user  step");
    let (nothing, server) = served(1, "full", 0);
    for args in [&["validate"][..], PLAN] {
        let Some(start) = counted(nothing.path(), args, &server.base) else {
            return println!("valgrind isn't on the path");
        };
        let mut before: Option<f64> = None;
        for learners in COUNTED {
            let (folder, server) = served(*learners, "full", 0);
            let all = counted(folder.path(), args, &server.base).unwrap();
            #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
            let a_user = (all - start) as f64 / *learners as f64;
            let step = before.map_or_else(String::new, |before| {
                format!("{:.2} of {LINEAR}", a_user / before)
            });
            println!("{learners:<11} {:<10} {a_user:<20.0} {step}", args[0]);
            before = Some(a_user);
        }
    }
}

fn counted(folder: &Path, args: &[&str], base: &str) -> Option<u64> {
    let mut command = Command::new("valgrind");
    command
        .args([
            "--tool=callgrind",
            "--callgrind-out-file=/dev/null",
            env!("CARGO_BIN_EXE_rosterctl"),
        ])
        .args(args);
    let output = on(&mut command, folder, base)
        .env("RAYON_NUM_THREADS", "1")
        .output()
        .ok()?;
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let number = said
        .lines()
        .find_map(|line| line.split_once("Collected : "))?
        .1;
    Some(number.trim().parse().unwrap())
}

/// What a command says, which has to go well.
fn run(folder: &Path, args: &[&str], base: Option<&str>) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rosterctl"));
    let output = on(command.args(args), folder, base.unwrap_or_default())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn on<'c>(command: &'c mut Command, folder: &Path, base: &str) -> &'c mut Command {
    command
        .current_dir(folder)
        .env("ONEFILE_BASE_URL", base)
        .env("ONEFILE_CUSTOMER_TOKEN", "sandbox")
}

/// The sandbox as a process of its own, so that it shares no memory with what is timed.
struct Server {
    child: Child,
    base: String,
    runtime: tokio::runtime::Runtime,
    http: reqwest::Client,
}

impl Server {
    fn start(folder: &Path, latency: u64) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rosterctl"));
        command
            .env_clear()
            .current_dir(folder)
            .args(["sandbox", "serve", "--rate-limit", "0"]);
        let mut child = command
            .args(["--latency", &latency.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        Self {
            child,
            base: line.trim().to_owned(),
            runtime,
            http,
        }
    }

    /// Every call so far.
    fn requests(&self) -> Vec<Value> {
        let answer = async {
            self.http
                .get(self.control("requests"))
                .send()
                .await
                .unwrap()
                .json::<Value>()
                .await
        };
        self.runtime.block_on(answer).unwrap()["requests"]
            .as_array()
            .unwrap()
            .clone()
    }

    /// All that the sandbox holds.
    fn state(&self) -> Value {
        let answer = async {
            let request = self.http.get(self.control("state")).send().await;
            request.unwrap().json().await
        };
        self.runtime.block_on(answer).unwrap()
    }

    fn put_state(&self, state: &Value) {
        let request = self.http.put(self.control("state")).json(state).send();
        let answer = self.runtime.block_on(request).unwrap();
        assert!(answer.status().is_success());
    }

    fn control(&self, what: &str) -> String {
        let root = self.base.strip_suffix("/api/v2.1").unwrap();
        format!("{root}/_sandbox/{what}")
    }

    /// The same calls, as many at once, whose answers nobody reads.
    fn repeat(&self, calls: &[Value]) {
        self.runtime.block_on(async {
            let token = self
                .http
                .post(format!("{}/Authentication", self.base))
                .header("X-CustomerToken", "sandbox");
            let key = token.send().await.unwrap().text().await.unwrap();
            let call = |call: &Value| {
                let url = format!("{}{}", self.base, call["path"].as_str().unwrap());
                let get = call["method"] == "GET";
                let request = if get {
                    self.http.get(url)
                } else {
                    self.http.post(url).json(&call["body"])
                };
                let request = request.header("X-TokenID", &key);
                async move { request.send().await.unwrap().bytes().await.unwrap() }
            };
            let calls = calls
                .iter()
                .filter(|call| call["path"] != "/Authentication")
                .map(call);
            stream::iter(calls)
                .buffer_unordered(CONNECTIONS)
                .for_each(|_| async {})
                .await;
        });
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The seconds of the fastest run.
fn best(runs: usize, mut work: impl FnMut()) -> f64 {
    (0..runs)
        .map(|_| timed(&mut work))
        .fold(f64::INFINITY, f64::min)
}

#[expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
fn timed(work: &mut impl FnMut()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}
