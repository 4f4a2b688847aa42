//! The planner on 1,000 to 300,000 declared and as many live users, both in memory: one in twenty differs in a field and one
//! in a hundred has no account. Then a plan of 10,000 operations, shown in every way. `cargo bench --bench plan`; with numbers
//! behind `--`, of so many users.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench speaks, and stops where something is wrong")]

use std::collections::BTreeSet;

use jiff::civil::date;
use rosterctl::diagnostic::Severities;
use rosterctl::field::{Key, Role};
use rosterctl::manifest::structure::Structure;
use rosterctl::manifest::{self, OF_USERS};
use rosterctl::model::{Account, Directory, Live, Organisation, Policy, Roster, Scope, Shown, Snapshot};
use rosterctl::plan::plan;
use rosterctl::redact::Reveal;
use rosterctl::review::{Bound, PlanFile};
use rosterctl::schema::{self, Given};
use rosterctl::source::Sources;
use rosterctl::validate::{self, Setting};
use rosterctl::view::{self, Length, Look};

const SIZES: &[usize] = &[1_000, 10_000, 100_000, 300_000];
/// How much a user of the larger roster may cost more than one of the smaller.
const LINEAR: f64 = 1.15;
/// What is hoped for with 100,000 users, in seconds.
const HOPED: f64 = 0.150;
/// The best of so many runs.
const RUNS: usize = 7;

fn main() {
    println!("users    plan ms   µs a user  step");
    let mut before: Option<f64> = None;
    let asked: Vec<usize> = std::env::args().filter_map(|arg| arg.parse().ok()).collect();
    for size in if asked.is_empty() { SIZES } else { &asked } {
        let (roster, snapshot) = (roster(*size), snapshot(*size, 20));
        let seconds = (0..RUNS).map(|_| timed(|| work(&roster, &snapshot))).fold(f64::INFINITY, f64::min);
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        let a_user = seconds / *size as f64;
        let step = before.map_or_else(String::new, |before| format!("{:.2} of {LINEAR}", a_user / before));
        let hoped = if *size == 100_000 { format!("  ({:.2} of {HOPED} s)", seconds / HOPED) } else { String::new() };
        println!("{size:<8} {:<9.2} {:<10.3} {step}{hoped}", seconds * 1e3, a_user * 1e6);
        before = Some(a_user);
    }
    views();
}

/// How long 10,000 operations may take to be shown: as Markdown, and as text.
const MARKDOWN: f64 = 0.1;
const TEXT: f64 = 1.0;

fn views() {
    let (roster, snapshot) = (roster(10_000), snapshot(10_000, 1));
    let plan = plan(&roster, &snapshot, &Policy::default(), &Scope::whole());
    assert_eq!(plan.operations.len(), 10_000);
    let look = |length| Look { reveal: Reveal::Personal, width: 80, length };
    let (folded, full) = (look(Length::Folded), look(Length::Full));
    let bound = Bound { target: "sandbox".to_owned(), organisation: 1, base: None, only_changed: false };
    let ways: [(&str, f64, &dyn Fn() -> String); 4] = [
        ("text", TEXT, &|| view::plan(&plan, folded)),
        ("--full", TEXT, &|| view::plan(&plan, full)),
        ("Markdown", MARKDOWN, &|| view::markdown(&plan, "Example College", "", 60_000)),
        ("JSON", TEXT, &|| PlanFile::of(&plan, bound.clone(), "token").to_text()),
    ];
    println!("\n10,000 operations as   ms       of what is allowed   bytes");
    for (name, allowed, show) in ways {
        let seconds = (0..RUNS).map(|_| timed(|| drop(show()))).fold(f64::INFINITY, f64::min);
        println!("{name:<22} {:<8.2} {:<20.3} {}", seconds * 1e3, seconds / allowed, show().len());
    }
}

fn work(roster: &Roster, snapshot: &Snapshot) {
    let plan = plan(roster, snapshot, &Policy::default(), &Scope::whole());
    assert_eq!(plan.creates(), roster.users().len() / 100);
}

fn roster(size: usize) -> Roster {
    let user = |at: usize| {
        format!(
            "  - {{ misId: U-{at}, firstName: Ann{at}, lastName: Abbotsley, email: a{at}@example.ac.uk, dob: 2004-03-14, telephone: 01632 960{:03} }}\n",
            at % 1000
        )
    };
    let text = format!("defaults: {{ role: assessor }}\nusers:\n{}", (0..size).map(user).collect::<Vec<_>>().concat());
    let mut sources = Sources::default();
    let file = sources.add("users.yaml", text.clone());
    let read = manifest::parse(file, &text);
    let (severities, unmanaged) = (Severities::default(), BTreeSet::new());
    let structure = Structure::new(&schema::users(&Given::default()), OF_USERS);
    let today = date(2026, 11, 23);
    let setting = Setting { structure: &structure, today, severities: &severities, unmanaged: &unmanaged };
    validate::check(vec![read], Vec::new(), &setting).declared.unwrap().into_roster(&sources)
}

/// Every so many accounts have another telephone number.
fn snapshot(size: usize, every: usize) -> Snapshot {
    let text = |text: String| Some(Live::Text(text.into()));
    let account = |at: usize| {
        let telephone =
            if at.is_multiple_of(every) { "01632 961000".to_owned() } else { format!("01632 960{:03}", at % 1000) };
        let shown = Shown::from_iter([
            (Key::MisId, text(format!("U-{at}"))),
            (Key::FirstName, text(format!("Ann{at}"))),
            (Key::LastName, text("Abbotsley".to_owned())),
            (Key::Email, text(format!("a{at}@example.ac.uk"))),
            (Key::Dob, text("2004-03-14T00:00:00Z".to_owned())),
            (Key::Telephone, text(telephone)),
        ]);
        Account { id: i64::try_from(at).unwrap() + 1, role: Role::Assessor, shown }
    };
    let accounts = (0..size).filter(|at| at % 100 != 99).map(account).collect();
    let organisation =
        Organisation { id: 1, name: String::new(), keychain_creation: Some(true), email_suppression: Some(false) };
    Snapshot::new(organisation, Directory::default(), Role::all().collect(), accounts)
}

#[expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
fn timed(mut work: impl FnMut()) -> f64 {
    let start = std::time::Instant::now();
    work();
    start.elapsed().as_secs_f64()
}
