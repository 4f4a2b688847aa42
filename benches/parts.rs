//! The parts of `validate` and `plan`, one at a time and in memory: reading, checking, matching, comparing, showing.
//! `cargo bench --bench parts`; with words behind `--`, of those alone whose names hold one.
#![expect(clippy::unwrap_used, reason = "a bench stops where something is wrong")]

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::Duration;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use granit_parser::Parser;
use jiff::Timestamp;
use jiff::civil::date;
use rosterctl::apply::journal::JournalScope;
use rosterctl::domain::field::{FIELDS, Key};
use rosterctl::domain::redact::Reveal;
use rosterctl::domain::role::Role;
use rosterctl::domain::{
    Account, AccountId, Directory, ObservedFields, ObservedValue, Organisation, OrganisationId,
    Policy, Roster, Scope, ShownArchive, Snapshot, UnmanagedFields,
};
use rosterctl::findings::Severities;
use rosterctl::findings::source::Sources;
use rosterctl::manifest::csv_format::{CsvSettings, Encoding};
use rosterctl::manifest::schema::{self, ProjectDefaults};
use rosterctl::manifest::schema_check::Structure;
use rosterctl::manifest::sealed::{AgeKeys, NewKey, PlainRow, Recipients, SealedFile, Sealing};
use rosterctl::manifest::validate::{self, Checked, RuleContext};
use rosterctl::manifest::{self, ReadDocuments, SealedFormat, TableFormat, UNKNOWN_KEY_HELP};
use rosterctl::onefile::Readings;
use rosterctl::plan::{Plan, plan};
use rosterctl::render::{self, AllGroups, PlanComment, RenderOptions, TextLength};
use rosterctl::review::{PlanFile, PlanTarget};

const USERS: &[usize] = &[100, 1_000, 10_000, 100_000];
/// A plan of more than that is nothing that a person reads.
const OPERATIONS: &[usize] = &[100, 1_000, 10_000];

fn main() {
    // The largest take a second each.
    divan::Divan::from_args()
        .max_time(Duration::from_secs(2))
        .main();
}

/// The floor of reading: every event of the parser, made and dropped.
#[divan::bench(args = USERS)]
fn read_bare(bencher: Bencher<'_, '_>, users: usize) {
    let text = manifest(users);
    counted(bencher, users, &text).bench(|| {
        let mut parser = Parser::new_from_str(&text);
        while let Some(event) = parser.next_event() {
            black_box(event.unwrap());
        }
    });
}

#[divan::bench(args = USERS)]
fn read_tree(bencher: Bencher<'_, '_>, users: usize) {
    let text = manifest(users);
    let file = Sources::default().add("users.yaml", String::new());
    counted(bencher, users, &text).bench(|| manifest::parse(file, &text));
}

/// Schema, rules and roster, of a tree that is there.
#[divan::bench(args = USERS)]
fn check(bencher: Bencher<'_, '_>, users: usize) {
    let text = manifest(users);
    let file = Sources::default().add("users.yaml", String::new());
    let bencher = counted(bencher, users, &text);
    bencher
        .with_inputs(|| manifest::parse(file, &text))
        .bench_values(checked);
}

#[divan::bench(args = USERS)]
fn find_accounts(bencher: Bencher<'_, '_>, users: usize) {
    let (roster, snapshot) = (roster(users), snapshot(users, usize::MAX));
    let found = || {
        roster
            .users()
            .iter()
            .map(|user| snapshot.candidates(user).len())
            .sum::<usize>()
    };
    bencher
        .counter(ItemsCount::new(users))
        .bench(|| assert_eq!(found(), users));
}

#[divan::bench(args = USERS)]
fn compare_equal(bencher: Bencher<'_, '_>, users: usize) {
    planned(bencher, users, usize::MAX);
}

/// One user of twenty differs in a field.
#[divan::bench(args = USERS)]
fn compare_with_drift(bencher: Bencher<'_, '_>, users: usize) {
    planned(bencher, users, 20);
}

/// The digests of learners whose accounts show every field.
#[divan::bench(args = USERS)]
fn remember(bencher: Bencher<'_, '_>, users: usize) {
    bencher
        .counter(ItemsCount::new(users))
        .bench(|| readings(users));
}

#[divan::bench(args = USERS)]
fn write_readings(bencher: Bencher<'_, '_>, users: usize) {
    let (folder, readings) = (tempfile::tempdir().unwrap(), readings(users));
    bencher
        .counter(ItemsCount::new(users))
        .bench(|| readings.save(folder.path(), &place()).unwrap());
}

#[divan::bench(args = USERS)]
fn read_readings(bencher: Bencher<'_, '_>, users: usize) {
    let folder = tempfile::tempdir().unwrap();
    readings(users).save(folder.path(), &place()).unwrap();
    let mut files = folder.path().join("readings").read_dir().unwrap();
    let file = files.next().unwrap().unwrap();
    let size = file.metadata().unwrap().len();
    let read = || Readings::load(folder.path(), TOKEN, &place()).unwrap();
    bencher
        .counter(ItemsCount::new(users))
        .counter(BytesCount::new(size))
        .bench(|| assert_eq!(read().unwrap().len(), users));
}

const TOKEN: &str = "token";

fn place() -> JournalScope {
    JournalScope {
        target: "bench".to_owned(),
        organisation: OrganisationId::new(5740),
    }
}

fn readings(users: usize) -> Readings {
    let mut readings = Readings::new(TOKEN);
    for at in 1..=users {
        let fields = FIELDS.iter().filter(|field| field.is_of(Role::Learner));
        let shown = fields.map(|field| {
            let value = ObservedValue::of_text(field.kind, &format!("{at}@example.ac.uk"));
            (field.key, Some(value))
        });
        let account = Account {
            archive: ShownArchive::NotShown,
            id: AccountId::new(i64::try_from(at).unwrap()),
            role: Role::Learner,
            shown: shown.collect(),
        };
        readings.see(&account, Timestamp::UNIX_EPOCH);
    }
    readings
}

#[divan::bench(args = OPERATIONS)]
fn show_text(bencher: Bencher<'_, '_>, operations: usize) {
    show(bencher, operations, |plan| {
        render::plan(plan, look(TextLength::Folded))
    });
}

#[divan::bench(args = OPERATIONS)]
fn show_full(bencher: Bencher<'_, '_>, operations: usize) {
    show(bencher, operations, |plan| {
        render::plan(plan, look(TextLength::Full))
    });
}

#[divan::bench(args = OPERATIONS)]
fn show_markdown(bencher: Bencher<'_, '_>, operations: usize) {
    show(bencher, operations, |plan| {
        let comment = PlanComment {
            plan,
            groups: &AllGroups::default(),
            heading: "Example College",
            notes: "",
        };
        render::markdown(&comment, 60_000)
    });
}

#[divan::bench(args = OPERATIONS)]
fn show_json(bencher: Bencher<'_, '_>, operations: usize) {
    let bound = PlanTarget {
        target: "sandbox".to_owned(),
        organisation: OrganisationId::new(1),
        base: None,
        only_changed: false,
        only: Vec::new(),
        exclude: Vec::new(),
        fields: std::collections::BTreeMap::new(),
    };
    show(bencher, operations, move |plan| {
        PlanFile::of(plan, bound.clone(), "token").to_text()
    });
}

fn counted<'a, 'b>(bencher: Bencher<'a, 'b>, users: usize, text: &str) -> Bencher<'a, 'b> {
    bencher
        .counter(ItemsCount::new(users))
        .counter(BytesCount::of_str(text))
}

fn planned(bencher: Bencher<'_, '_>, users: usize, every: usize) {
    let (roster, snapshot) = (roster(users), snapshot(users, every));
    let (policy, scope) = (Policy::default(), Scope::whole());
    bencher
        .counter(ItemsCount::new(users))
        .bench(|| plan(&roster, &snapshot, &policy, &scope));
}

fn show(bencher: Bencher<'_, '_>, operations: usize, show: impl Fn(&Plan) -> String + Sync) {
    let plan = plan(
        &roster(operations),
        &snapshot(operations, 1),
        &Policy::default(),
        &Scope::whole(),
    );
    assert_eq!(plan.operations.len(), operations);
    bencher
        .counter(ItemsCount::new(operations))
        .bench(|| show(&plan));
}

fn look(length: TextLength) -> RenderOptions {
    RenderOptions {
        reveal: Reveal::Personal,
        width: 80,
        length,
    }
}

fn manifest(users: usize) -> String {
    let user = |at: usize| {
        format!(
            "  - misId: U-{at}\n    firstName: Ann{at}\n    lastName: Abbotsley\n    email: a{at}@example.ac.uk\n    dob: 2004-03-14\n    telephone: 01632 960{:03}\n",
            at % 1000
        )
    };
    format!(
        "defaults: {{ role: assessor }}\nusers:\n{}",
        (0..users).map(user).collect::<Vec<_>>().concat()
    )
}

fn checked(read: ReadDocuments<'_>) -> Checked {
    static STRUCTURE: LazyLock<Structure> = LazyLock::new(|| {
        Structure::new(
            &schema::users(&ProjectDefaults::default()),
            UNKNOWN_KEY_HELP,
        )
    });
    let (severities, unmanaged) = (Severities::default(), UnmanagedFields::default());
    let setting = RuleContext {
        structure: &STRUCTURE,
        today: date(2026, 11, 23),
        severities: &severities,
        unmanaged: &unmanaged,
    };
    validate::check(vec![read], Vec::new(), &setting)
}

fn roster(users: usize) -> Roster {
    let mut sources = Sources::default();
    let text = manifest(users);
    let file = sources.add("users.yaml", text.clone());
    checked(manifest::parse(file, &text))
        .declared
        .unwrap()
        .into_roster(&sources)
}

/// The same users as accounts, of whom every so many have another telephone number.
fn snapshot(users: usize, every: usize) -> Snapshot {
    let text = |key: Key, text: &str| (key, Some(ObservedValue::of_text(key.row().kind, text)));
    let account = |at: usize| {
        let telephone = if at.is_multiple_of(every) && every < users {
            "01632 961000".to_owned()
        } else {
            format!("01632 960{:03}", at % 1000)
        };
        let shown = ObservedFields::from_iter([
            text(Key::MisId, &format!("U-{at}")),
            text(Key::FirstName, &format!("Ann{at}")),
            text(Key::LastName, "Abbotsley"),
            text(Key::Email, &format!("a{at}@example.ac.uk")),
            text(Key::Dob, "2004-03-14T00:00:00Z"),
            text(Key::Telephone, &telephone),
        ]);
        Account {
            archive: ShownArchive::NotShown,
            id: AccountId::new(i64::try_from(at).unwrap() + 1),
            role: Role::Assessor,
            shown,
        }
    };
    let accounts = (0..users).map(account).collect();
    let organisation = Organisation {
        id: OrganisationId::new(1),
        name: String::new(),
        keychain_creation: Some(true),
        email_suppression: Some(false),
    };
    Snapshot::new(
        organisation,
        Directory::default(),
        Role::all().collect(),
        accounts,
    )
}

const SEALED: &[usize] = &[2_000, 20_000];

/// Two recipients, and the key of one.
fn recipients() -> (Recipients, AgeKeys) {
    let now = Timestamp::UNIX_EPOCH;
    let [ci, team] = [(); 2].map(|()| NewKey::generate(now).unwrap());
    let keys = AgeKeys::parse(&ci.text).unwrap();
    let named = [
        ("ci".to_owned(), ci.public),
        ("team".to_owned(), team.public),
    ];
    (Recipients::new(named), keys)
}

/// What an overlay has of each user.
fn plain_rows(rows: usize) -> (Vec<String>, Vec<PlainRow>) {
    let headers = ["nino", "ethnicity", "homeAddress"].map(str::to_owned);
    let row = |number: usize| PlainRow {
        name: format!("L-{number:06}"),
        cells: vec![
            format!("QQ{number:06}C"),
            "31".to_owned(),
            format!("{number} Elm Close, Exampleton"),
        ],
    };
    (headers.to_vec(), (0..rows).map(row).collect())
}

fn sealed_file(rows: usize, recipients: &Recipients) -> SealedFile {
    let (headers, plain) = plain_rows(rows);
    let mut file = SealedFile::default();
    let whom = (OrganisationId::new(1), recipients);
    file.update(&headers, plain, whom).unwrap();
    file
}

#[divan::bench(args = SEALED)]
fn seal_rows(bencher: Bencher<'_, '_>, rows: usize) {
    let (recipients, _) = recipients();
    bencher
        .counter(ItemsCount::new(rows))
        .bench(|| sealed_file(rows, &recipients));
}

#[divan::bench(args = SEALED)]
fn open_rows(bencher: Bencher<'_, '_>, rows: usize) {
    let (recipients, keys) = recipients();
    let text = sealed_file(rows, &recipients).text();
    let sealing = Sealing {
        organisation: OrganisationId::new(1),
        recipients: Some(&recipients),
        keys: Some(&keys),
    };
    let format = TableFormat {
        file_name: "personal.sealed.csv",
        encoding: Encoding::Utf8,
        sheet: None,
        settings: CsvSettings::Manifest,
        sealed: Some(SealedFormat {
            sealing: Some(sealing),
            title: "misId",
        }),
    };
    bencher
        .counter(ItemsCount::new(rows))
        .with_inputs(|| text.clone().into_bytes())
        .bench_values(|bytes| format.read(bytes).unwrap());
}
