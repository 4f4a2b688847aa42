//! Applying beside its floor: 1,000 updates against a sandbox that takes 50 ms an answer, and 900 calls under the service's
//! limit of 300 a minute (which takes two minutes). `cargo bench --bench apply`.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench speaks, and stops where something is wrong"
)]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Mutex;
use std::time::Duration;

use jiff::civil::date;
use rosterctl::apply::journal::{Journal, JournalScope};
use rosterctl::apply::{ApplyContext, OperationResult, apply};
use rosterctl::domain::clock::Clock;
use rosterctl::domain::{
    AccountId, AssignPath, MaintenanceWindows, OrganisationId, Policy, Roster, Scope,
    UnmanagedFields,
};
use rosterctl::findings::Severities;
use rosterctl::findings::source::Sources;
use rosterctl::manifest::schema::{self, ProjectDefaults};
use rosterctl::manifest::schema_check::Structure;
use rosterctl::manifest::validate;
use rosterctl::manifest::{self, UNKNOWN_KEY_HELP};
use rosterctl::onefile::{Client, Endpoint, Pace, fetch};
use rosterctl::plan::plan;
use rosterctl::review::{Allowance, Consent, approve};
use rosterctl::sandbox::{SandboxServer, SandboxSettings, Store, seed};

const UPDATES: usize = 1_000;
const LATENCY: Duration = Duration::from_millis(50);
/// How much more than the floor the updates may take, and the calls under the limit.
const UPDATES_OVER: f64 = 1.15;
const CALLS_OVER: f64 = 1.05;
const CALLS: i64 = 900;
const CALLS_PER_MINUTE: u32 = 300;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(updates());
    runtime.block_on(calls());
}

async fn updates() {
    let sandbox = Sandbox::start(
        UPDATES + 1,
        &format!("{{ searchRows: full, latencyMs: {} }}", LATENCY.as_millis()),
    )
    .await;
    let pace = Pace {
        calls_per_minute: 0,
        ..Pace::default()
    };
    let client = Client::connect(&sandbox.endpoint(), pace, Clock::REAL)
        .await
        .unwrap();
    let roster = roster(UPDATES + 1);
    let read_at = Clock::REAL.reading_time();
    let snapshot = fetch(&client, OrganisationId::new(5740), &roster, &Scope::whole())
        .await
        .unwrap();
    let plan = plan(&roster, &snapshot, &Policy::default(), &Scope::whole());
    let allowance = Allowance {
        creates: None,
        updates: Some(plan.counts().updates),
        archives: None,
        removals: None,
        assignments: None,
        entries: None,
    };
    let approved = approve(plan, allowance, Consent::Given).unwrap();
    let place = JournalScope {
        target: "bench".to_owned(),
        organisation: OrganisationId::new(5740),
    };
    let journal = Mutex::new(
        Journal::open(
            sandbox.folder.path(),
            "bench".to_owned(),
            place,
            Clock::REAL,
        )
        .unwrap(),
    );
    let windows = MaintenanceWindows::default();
    let (client, snapshot) = (&client, &snapshot);
    let setting = ApplyContext {
        client,
        clock: Clock::REAL,
        journal: &journal,
        snapshot,
        read_at,
        windows: &windows,
        assign_path: AssignPath::Unknown,
    };
    let mut from_canary = None;
    let outcome = apply(approved, &setting, |_, fate| {
        assert!(matches!(fate, OperationResult::Done(_)), "{fate:?}");
        from_canary.get_or_insert_with(|| Clock::REAL.now());
    });
    assert_eq!(outcome.await.results.len(), UPDATES + 1);
    let seconds = Clock::REAL.since(from_canary.unwrap()).as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let floor = UPDATES as f64 * LATENCY.as_secs_f64() / pace.concurrency as f64;
    let ratio = seconds / floor;
    println!(
        "{UPDATES} updates at {LATENCY:?}: {seconds:.2} s, {ratio:.2} times the floor of {floor:.2} s ({UPDATES_OVER} allowed)"
    );
}

async fn calls() {
    let sandbox = Sandbox::start(
        10,
        &format!("{{ rateLimit: {CALLS_PER_MINUTE}, latencyMs: 50 }}"),
    )
    .await;
    let pace = Pace {
        calls_per_minute: CALLS_PER_MINUTE,
        ..Pace::default()
    };
    let begun = Clock::REAL.now();
    let client = Client::connect(&sandbox.endpoint(), pace, Clock::REAL)
        .await
        .unwrap();
    // One call was the session's.
    let ids: BTreeSet<AccountId> = (1..CALLS).map(AccountId::new).collect();
    client
        .accounts(OrganisationId::new(5740), ids)
        .await
        .unwrap();
    let seconds = Clock::REAL.since(begun).as_secs_f64();
    let requests = sandbox.requests().await;
    let refused = requests - usize::try_from(CALLS).unwrap();
    // The first minute's calls go at once, so that the last ones may go when two minutes are over.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let floor = (CALLS as f64 / f64::from(CALLS_PER_MINUTE) - 1.0) * 60.0;
    let ratio = seconds / floor;
    println!(
        "{CALLS} calls at {CALLS_PER_MINUTE} a minute: {seconds:.1} s, {ratio:.3} times the {floor:.0} s of the limit ({CALLS_OVER} allowed), {refused} refused"
    );
}

struct Sandbox {
    server: SandboxServer,
    folder: tempfile::TempDir,
}

impl Sandbox {
    async fn start(accounts: usize, behaviour: &str) -> Self {
        let mut text =
            "organisations:\n  - { ID: 5740, Name: Example College }\nusers:\n".to_owned();
        for at in 1..=accounts {
            writeln!(text, "  - {{ ID: {at}, OrganisationID: 5740, Role: 5, MISID: U-{at}, FirstName: Ann{at}, LastName: Abbotsley, Email: a{at}@example.ac.uk }}").unwrap();
        }
        let text = format!("{text}behaviour: {behaviour}\n");
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let file = Sources::default().add("sandbox.yaml", String::new());
        store.fill(&text, &seed(file, &text).unwrap()).unwrap();
        let server = SandboxServer::start(SandboxSettings::new(store, Clock::REAL).unwrap())
            .await
            .unwrap();
        Self { server, folder }
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint {
            base: self.server.base_url(),
            token: "sandbox".into(),
        }
    }

    /// How many calls it has seen.
    async fn requests(&self) -> usize {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("{}/_sandbox/requests", self.server.root_url());
        let log: serde_json::Value = http.get(url).send().await.unwrap().json().await.unwrap();
        log["requests"].as_array().unwrap().len()
    }
}

fn roster(size: usize) -> Roster {
    let user = |at: usize| {
        format!(
            "  - {{ misId: U-{at}, firstName: Ann{at}, lastName: Abbotsley, email: a{at}@example.ac.uk, telephone: 01632 960001 }}\n"
        )
    };
    let text = format!(
        "defaults: {{ role: assessor }}\nusers:\n{}",
        (1..=size).map(user).collect::<Vec<_>>().concat()
    );
    let mut sources = Sources::default();
    let file = sources.add("users.yaml", text.clone());
    let read = manifest::parse(file, &text);
    let (severities, unmanaged) = (Severities::default(), UnmanagedFields::default());
    let structure = Structure::new(
        &schema::users(&ProjectDefaults::default()),
        UNKNOWN_KEY_HELP,
    );
    let setting = validate::RuleContext {
        structure: &structure,
        today: date(2026, 11, 23),
        severities: &severities,
        unmanaged: &unmanaged,
    };
    validate::check(vec![read], Vec::new(), &setting)
        .declared
        .unwrap()
        .into_roster(&sources)
}
