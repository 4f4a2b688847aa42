//! Runs the program in a cleared environment against a sandbox on a free port, and reads back what the sandbox saw.

use std::path::{Path, PathBuf};

use std::sync::LazyLock;
use std::time::Duration;

use assert_cmd::Command;
use jiff::civil::date;
use proptest::prelude::ProptestConfig;
use rosterctl::domain::clock::Clock;
use rosterctl::domain::field::Key;
use rosterctl::domain::london::day_in_words;
use rosterctl::domain::{Roster, UnmanagedFields};
use rosterctl::findings::Severities;
use rosterctl::findings::source::Sources;
use rosterctl::manifest::schema::{self, ProjectDefaults};
use rosterctl::manifest::validate::{self, Checked, RuleContext};
use rosterctl::manifest::{self, schema_check::Structure};
use rosterctl::sandbox::{SandboxServer, SandboxSettings, Store, seed};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A sandbox in this process, with an empty request log.
pub struct Sandbox {
    runtime: Runtime,
    server: Option<SandboxServer>,
    data: TempDir,
}

impl Sandbox {
    pub fn start(seed_text: &str) -> Self {
        Self::start_with(seed_text, Clock::REAL)
    }

    /// A sandbox whose time goes faster.
    pub fn start_with(seed_text: &str, clock: Clock) -> Self {
        let mut sources = Sources::default();
        let file = sources.add("sandbox.yaml", seed_text.to_owned());
        let seed = seed(file, seed_text).expect("the seed is valid");
        let data = tempfile::tempdir().unwrap();
        let store = Store::open(data.path()).unwrap();
        store.fill(seed_text, &seed).unwrap();
        let runtime = runtime();
        let server = runtime
            .block_on(SandboxServer::start(
                SandboxSettings::new(store, clock).unwrap(),
            ))
            .unwrap();
        Self {
            runtime,
            server: Some(server),
            data,
        }
    }

    pub fn base_url(&self) -> String {
        self.server.as_ref().unwrap().base_url()
    }

    /// Where the program keeps its locks: for each sandbox elsewhere, since a port may be used again.
    pub fn state_home(&self) -> PathBuf {
        self.data.path().join("state")
    }

    /// Every request so far.
    pub fn requests(&self) -> Vec<Value> {
        self.control(reqwest::Method::GET, "requests", "").1["requests"]
            .as_array()
            .unwrap()
            .clone()
    }

    /// All rows of all tables.
    pub fn state(&self) -> Value {
        self.control(reqwest::Method::GET, "state", "").1
    }

    /// A control call: status and body.
    /// How many e-mails the service would have sent.
    pub fn mails(&self) -> usize {
        let (_, outbox) = self.control(reqwest::Method::GET, "outbox", "");
        outbox["messages"].as_array().unwrap().len()
    }

    pub fn control(&self, method: reqwest::Method, what: &str, body: &str) -> (u16, Value) {
        let url = format!(
            "{}/_sandbox/{what}",
            self.server.as_ref().unwrap().root_url()
        );
        self.block_on(async {
            let response = http()
                .request(method, url)
                .body(body.to_owned())
                .send()
                .await
                .unwrap();
            (response.status().as_u16(), response.json().await.unwrap())
        })
    }

    /// What a control call answers, byte for byte.
    pub fn text_of(&self, what: &str) -> String {
        let url = format!(
            "{}/_sandbox/{what}",
            self.server.as_ref().unwrap().root_url()
        );
        self.block_on(async { http().get(url).send().await.unwrap().text().await.unwrap() })
    }

    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            self.runtime.block_on(server.stop());
        }
    }
}

pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

/// A plain HTTP client, as a stranger would use one. All servers of the tests speak plain HTTP, and reading the certificates of
/// this machine takes longer than most tests.
pub fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .build()
        .unwrap()
}

/// The program, with nothing of this environment but what keeps its memory of terminals out.
pub fn rosterctl() -> Command {
    let mut command = Command::cargo_bin("rosterctl").unwrap();
    command
        .env_clear()
        .env("NO_COLOR", "1")
        .env("COLUMNS", "80");
    command
}

/// The program against a sandbox that this process runs.
pub fn rosterctl_on(sandbox: &Sandbox) -> Command {
    let mut command = rosterctl();
    command
        .env("ONEFILE_BASE_URL", sandbox.base_url())
        .env("ONEFILE_CUSTOMER_TOKEN", "sandbox");
    command.env("XDG_STATE_HOME", sandbox.state_home());
    command
}

/// What a run said and how it ended, as one text.
pub fn transcript(command: &mut Command) -> String {
    let before = day_in_words(Clock::REAL.now());
    let output = command.output().unwrap();
    let today = [before, day_in_words(Clock::REAL.now())];
    let text = |bytes: &[u8]| without_today(str::from_utf8(bytes).unwrap(), &today);
    let (stdout, stderr) = (text(&output.stdout), without_port(&text(&output.stderr)));
    let exit = output.status.code().unwrap();
    let stderr = if stderr.is_empty() {
        String::new()
    } else {
        format!("stderr:\n{stderr}")
    };
    format!("{stdout}{stderr}exit {exit}\n")
}

/// The text on one line: where its lines end depends on the width.
pub fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The port of a sandbox is another one in each run.
fn without_port(text: &str) -> String {
    let mut parts = text.split("http://127.0.0.1:");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |text, part| {
        text + "http://127.0.0.1:PORT" + part.trim_start_matches(|c: char| c.is_ascii_digit())
    })
}

/// The day of a run is another one each day, and two if the run is at midnight. Every other day stays.
fn without_today(text: &str, today: &[String]) -> String {
    let mut text = text.to_owned();
    for day in today {
        let mut parts = text.split(day.as_str());
        let mut hidden = parts.next().unwrap().to_owned();
        for part in parts {
            // `21 November 2026` ends as `1 November 2026` does.
            let is_another_day = hidden.ends_with(|c: char| c.is_ascii_digit());
            hidden += if is_another_day { day } else { "TODAY" };
            hidden += part;
        }
        text = hidden;
    }
    text
}

#[test]
fn the_day_of_a_run_is_in_no_transcript_and_other_days_are() {
    let today = ["1 May 2027", "2 May 2027"].map(str::to_owned);
    for (text, shown) in [
        ("until 1 May 2027; it", "until TODAY; it"),
        ("On 2 May 2027, on 1 May 2027", "On TODAY, on TODAY"),
        (
            "on 21 May 2027 or 12 May 2027",
            "on 21 May 2027 or 12 May 2027",
        ),
        ("on 1 May 2026", "on 1 May 2026"),
    ] {
        assert_eq!(without_today(text, &today), shown);
    }
}

/// What becomes of manifests, on a fixed day.
pub fn checked(texts: &[&str]) -> (Checked, Sources) {
    checked_without(texts, &[])
}

/// The same where an overlay that would give these fields isn't there.
fn checked_without(texts: &[&str], unmanaged: &[Key]) -> (Checked, Sources) {
    static STRUCTURE: LazyLock<Structure> = LazyLock::new(|| {
        Structure::new(
            &schema::users(&ProjectDefaults::default()),
            manifest::UNKNOWN_KEY_HELP,
        )
    });
    let mut sources = Sources::default();
    let mut read = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        let file = sources.add(format!("users/{at}.yaml"), (*text).to_owned());
        read.push(manifest::parse(file, text));
    }
    let severities = Severities::default();
    let unmanaged = UnmanagedFields {
        keys: unmanaged.iter().copied().collect(),
        ..UnmanagedFields::default()
    };
    let today = date(2026, 11, 23);
    let setting = RuleContext {
        structure: &STRUCTURE,
        today,
        severities: &severities,
        unmanaged: &unmanaged,
    };
    let checked = validate::check(read, Vec::new(), &setting);
    (checked, sources)
}

/// The file in which plans keep what they have seen of one place.
pub fn readings_file(journal: &Path) -> PathBuf {
    let files = std::fs::read_dir(journal.join("readings")).unwrap();
    let mut paths = files.map(|file| file.unwrap().path());
    let only = paths.next().expect("plans have kept something");
    assert_eq!(paths.next(), None);
    only
}

/// The roster of manifests that are valid.
pub fn roster(texts: &[&str]) -> Roster {
    roster_without(texts, &[])
}

/// The roster of manifests that are valid, where an overlay that would give these fields isn't there.
pub fn roster_without(texts: &[&str], unmanaged: &[Key]) -> Roster {
    let (checked, sources) = checked_without(texts, unmanaged);
    checked
        .declared
        .unwrap_or_else(|| panic!("{:?}", checked.findings))
        .into_roster(&sources)
}

/// How many cases a property is tried on, unless `PROPTEST_CASES` says otherwise.
#[expect(clippy::disallowed_methods, reason = "people set it for a quick run")]
pub fn cases_of_property(usual: u32) -> ProptestConfig {
    match std::env::var_os("PROPTEST_CASES") {
        // The default reads the variable.
        Some(_) => ProptestConfig::default(),
        None => ProptestConfig::with_cases(usual),
    }
}

/// Real time, for what happens outside of this process.
#[expect(
    clippy::disallowed_methods,
    reason = "the other process has a clock of its own"
)]
pub fn pause(time: Duration) {
    std::thread::sleep(time);
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A copy of a project that a test may write into.
pub fn copy_of(project: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    copy_into(project, copy.path());
    copy
}

pub fn copy_into(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_name() == ".rosterctl" {
            continue;
        }
        if entry.path().is_dir() {
            copy_into(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A project in a folder of its own: path and text of each file.
pub fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}
