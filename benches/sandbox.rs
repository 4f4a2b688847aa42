//! The sandbox with 100,000 learners: how long it takes to start from disk, and how many rows a second one client gets
//! from paged searches of 500 rows. `cargo bench --bench sandbox`.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench speaks, and stops where something is wrong"
)]

use rosterctl::domain::clock::Clock;
use rosterctl::findings::source::Sources;
use rosterctl::sandbox::{College, SandboxServer, SandboxSettings, Store, seed, write_college};
use serde_json::{Value, json};

const LEARNERS: usize = 100_000;
/// What the sandbox is meant to reach on two cores.
const ROWS_A_SECOND: f64 = 100_000.0;
const SECONDS_TO_START: f64 = 2.0;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let college = College {
        learners: LEARNERS,
        seed: 1,
        drift: 0,
        absent: 0,
        shared_names: 0,
        without_mis: 0,
    };
    write_college(&college, folder.path()).unwrap();
    let text = std::fs::read_to_string(folder.path().join("sandbox.yaml")).unwrap();
    let filling = timed(|| fill(folder.path(), &text));
    println!("fill from {} MB of YAML: {filling:.2} s", text.len() >> 20);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let mut server = None;
    let starting = timed(|| {
        let start = SandboxSettings::new(Store::open(folder.path()).unwrap(), Clock::REAL).unwrap();
        server = Some(runtime.block_on(SandboxServer::start(start)).unwrap());
    });
    println!(
        "start from disk: {starting:.2} s ({:.2} of {SECONDS_TO_START} s)",
        starting / SECONDS_TO_START
    );
    let server = server.unwrap();
    let mut rows = 0;
    let searching = timed(|| rows = runtime.block_on(read_all(&server.base_url())));
    let rate = f64::from(rows) / searching;
    println!(
        "paged searches of 500: {rows} rows in {searching:.2} s, {rate:.0} a second ({:.2} of {ROWS_A_SECOND})",
        rate / ROWS_A_SECOND
    );
    runtime.block_on(server.stop());
}

fn fill(folder: &std::path::Path, text: &str) {
    let file = Sources::default().add("sandbox.yaml", String::new());
    Store::open(folder)
        .unwrap()
        .fill(text, &seed(file, text).unwrap())
        .unwrap();
}

async fn read_all(base: &str) -> u32 {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let token = http
        .post(format!("{base}/Authentication"))
        .header("X-CustomerToken", "sandbox");
    let key = token.send().await.unwrap().text().await.unwrap();
    let mut rows = 0;
    for page in 1.. {
        let search = http
            .post(format!("{base}/User/Search/{page}/500"))
            .header("X-TokenID", &key);
        let answer = search
            .json(&json!({ "OrganisationID": 5740, "Role": 1 }))
            .send()
            .await
            .unwrap();
        let body = answer.bytes().await.unwrap();
        if body.is_empty() {
            break;
        }
        rows += u32::try_from(serde_json::from_slice::<Vec<Value>>(&body).unwrap().len()).unwrap();
    }
    rows
}

fn timed(work: impl FnOnce()) -> f64 {
    let begun = Clock::REAL.now();
    work();
    Clock::REAL.since(begun).as_secs_f64()
}
