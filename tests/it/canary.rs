//! The canary test: a value that stands nowhere else is planted in every personal and special field, in manifests, CSVs, the
//! server's state and its messages. Whatever is run, in every format, at every verbosity, in success and in failure, none of
//! them comes out: not on stdout or stderr off a terminal, nor in any file that is left behind.

use std::path::{Path, PathBuf};
use std::time::Duration;

use assert_cmd::Command;
use rosterctl::apply::journal::Lock;
use rosterctl::domain::clock::Clock;
use rosterctl::domain::field::{Class, FIELDS, Field, Shape, ValueKind};
use rosterctl::domain::role::Role;

use crate::change::{commit, git};
use crate::harness::{Sandbox, pause, project, readings_file, rosterctl, rosterctl_on, transcript};
use crate::sealed::{CI, CI_KEY, TEAM};

/// Where a value is planted; each has values of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Manifest = 1,
    /// Another user of the same manifest.
    Second,
    Rows,
    Overlay,
    Live,
    /// Somebody undeclared, with the name, the e-mail address and the numbers of a declared user.
    Twin,
    Message,
}

/// The planted value of a field. Its own part can't come about by accident.
fn value(field: &Field, source: Source) -> Option<String> {
    let at = FIELDS.iter().position(|other| other.name == field.name)? + 100 * (source as usize);
    match field.kind {
        ValueKind::Text(Shape::Email) => Some(format!("zqm{at}@example.ac.uk")),
        ValueKind::Text(Shape::Uln) => Some(uln(at)),
        ValueKind::Text(Shape::Nino) => Some(format!("QQ{at:06}C")),
        ValueKind::Text(Shape::Free | Shape::Code(_) | Shape::Codes) => Some(format!("Zq{at}")),
        ValueKind::Day => Some(format!("{}-08-{:02}", 1931 + source as usize, 1 + at % 28)),
        // One of two words, which says nothing by itself; that its field is named off a terminal is no secret.
        ValueKind::Flag => Some("true".to_owned()),
        ValueKind::Instant
        | ValueKind::Number
        | ValueKind::Ids
        | ValueKind::Accounts
        | ValueKind::Role
        | ValueKind::Word(_)
        | ValueKind::Reference(_)
        | ValueKind::References(_)
        | ValueKind::Units => None,
    }
}

/// Ten digits, the last of which is ten less the rest by eleven of the others times 10 to 2.
fn uln(seed: usize) -> String {
    let with_digit = |stem: usize| {
        let digits = format!("{stem:09}");
        let sum: usize = digits
            .bytes()
            .zip((2..=10).rev())
            .map(|(digit, weight)| usize::from(digit - b'0') * weight)
            .sum();
        (!sum.is_multiple_of(11)).then(|| format!("{digits}{}", 10 - sum % 11))
    };
    (987_000_000 + seed * 7..).find_map(with_digit).unwrap()
}

/// What a learner has of these classes, as the lines of a mapping by `name`.
fn lines(
    source: Source,
    classes: &[Class],
    indent: &str,
    name: impl Fn(&Field) -> Option<&'static str>,
) -> String {
    let fields = FIELDS
        .iter()
        .filter(|field| field.roles.contains(&Role::Learner) && classes.contains(&field.class));
    let line = |field: &Field| {
        let (name, value) = (name(field)?, value(field, source)?);
        Some(if field.kind == ValueKind::Text(Shape::Codes) {
            format!("{indent}{name}: [\"{value}\"]\n")
        } else {
            format!("{indent}{name}: \"{value}\"\n")
        })
    };
    fields
        .filter_map(line)
        .collect::<String>()
        .replace("\"true\"", "true")
}

const HIDDEN: &[Class] = &[Class::Personal, Class::Special];

/// Whom to ask at a placement: declared, live, and of one that is new.
const PLACEMENT_CANARIES: [&str; 6] = [
    "Zq911",
    "zq912@example.com",
    "Zq921",
    "zq922@example.com",
    "Zq931",
    "zq932@example.com",
];

/// Every planted value, in the ways in which it may be written.
fn canaries() -> Vec<String> {
    let sources = [
        Source::Manifest,
        Source::Second,
        Source::Rows,
        Source::Overlay,
        Source::Live,
        Source::Twin,
        Source::Message,
    ];
    let hidden = FIELDS.iter().filter(|field| field.class > Class::Public);
    let of = |field: &'static Field| {
        sources
            .into_iter()
            .filter_map(|source| value(field, source))
            .collect::<Vec<_>>()
    };
    let mut all: Vec<String> = hidden
        .flat_map(of)
        .filter(|value| value != "true")
        .collect();
    let days: Vec<_> = all
        .iter()
        .filter(|value| value.contains("-08-"))
        .cloned()
        .collect();
    for day in days {
        let parts: Vec<_> = day.split('-').collect();
        all.push(format!("{}/{}/{}", parts[2], parts[1], parts[0]));
    }
    // Of placements, comments, and what stands where no value is due.
    all.extend(PLACEMENT_CANARIES.map(str::to_owned));
    all.extend(["Zqcomment", "Zqstray"].map(str::to_owned));
    all
}

fn manifest() -> String {
    let of = |source| lines(source, HIDDEN, "    ", |field| Some(field.name));
    let shared = "    classroom: Room\n    placement: Firm\n    defaultAssessor: A-001\n";
    let [contact, email, .., new_contact, new_email] = PLACEMENT_CANARIES;
    let placements = format!(
        "placements:\n  - {{ name: Firm, contact: {contact}, email: {email} }}\n  - {{ name: Yard, contact: {new_contact}, email: {new_email} }}\n"
    );
    let special = FIELDS.iter().filter(|field| {
        field.roles.contains(&Role::Learner)
            && field.class == Class::Special
            && value(field, Source::Second).is_some()
    });
    let columns: Vec<_> = special
        .map(|field| format!("{0}: {0}", field.name))
        .collect();
    let columns = columns.join(", ");
    format!(
        "# Zqcomment\n{placements}defaults: {{ role: learner }}\nusers:\n  - misId: L-NEW\n{}{shared}  - misId: L-LIVE\n    samePerson: true\n{}{shared}  - misId: A-001\n    role: assessor\n    firstName: Zq901\n    lastName: Zq902\n    email: zq903@example.ac.uk\n---\ndefaults: {{ role: learner, classroom: Room, placement: Firm, defaultAssessor: A-001 }}\nfromCsv: {{ path: rows.csv }}\n---\nfromCsv: {{ path: ../private/overlay.csv, overlay: true }}\n---\nfromTable: {{ path: live.sealed.csv, overlay: true, sealed: true, columns: {{ misId: misId, {columns} }} }}\n",
        of(Source::Manifest),
        of(Source::Second),
    )
}

/// A CSV of one row.
fn table(mis_id: &str, source: Source, classes: &[Class]) -> String {
    let fields = FIELDS
        .iter()
        .filter(|field| field.roles.contains(&Role::Learner) && classes.contains(&field.class));
    let cells: Vec<_> = fields
        .filter_map(|field| Some((field.name, value(field, source)?)))
        .collect();
    let (names, values): (Vec<_>, Vec<_>) = cells.into_iter().unzip();
    format!("misId,{}\n{mis_id},{}\n", names.join(","), values.join(","))
}

fn state() -> String {
    let live = |id: usize, mis_id: &str, source| {
        let fields = lines(source, HIDDEN, "    ", |field| field.api);
        format!(
            "  - ID: {id}\n    OrganisationID: 5740\n    Role: 1\n    ClassroomID: 1\n    PlacementID: 1\n    DefaultAssessorID: 100\n{mis_id}{fields}"
        )
    };
    // An account with the name and the ULN of a user to be created, and no MIS value.
    let twin = live(202, "", Source::Twin);
    let name = |field: &str| FIELDS.iter().find(|row| row.name == field).unwrap();
    let twin = ["firstName", "lastName", "uln"]
        .iter()
        .fold(twin, |twin, field| {
            let [theirs, declared] =
                [Source::Twin, Source::Rows].map(|source| value(name(field), source).unwrap());
            twin.replace(&theirs, &declared)
        });
    let [_, _, contact, email, ..] = PLACEMENT_CANARIES;
    format!(
        "organisations:\n  - {{ ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }}\nclassrooms:\n  - {{ ID: 1, OrganisationID: 5740, Name: Room }}\nplacements:\n  - {{ ID: 1, OrganisationID: 5740, Name: Firm, Contact: {contact}, Email: {email} }}\nusers:\n  - {{ ID: 100, OrganisationID: 5740, Role: 5, MISID: A-001, FirstName: Zq901, LastName: Zq902, Email: zq903@example.ac.uk }}\n{}{twin}",
        live(201, "    MISID: L-LIVE\n", Source::Live),
    )
}

/// What makes a good file a bad one.
type Spoil = fn(&str) -> String;

/// A project with all that is planted, in git, one commit before its last change.
struct Stage {
    folder: tempfile::TempDir,
    canaries: Vec<String>,
    listed: Vec<String>,
    /// Files that the test has put a value into, and that are nobody's output.
    damaged: Vec<PathBuf>,
}

impl Stage {
    fn new() -> Self {
        let overlay = table("L-NEW", Source::Overlay, &[Class::Special]);
        let personal = lines(Source::Manifest, &[Class::Special], "    ", |field| {
            Some(field.name)
        });
        let sealed = lines(Source::Second, &[Class::Special], "    ", |field| {
            Some(field.name)
        });
        // What the overlays give isn't declared twice.
        let users = manifest()
            .replacen(&personal, "", 1)
            .replacen(&sealed, "", 1);
        let settings =
            format!("organisation: 5740\nseal: {{ recipients: {{ ci: {CI}, team: {TEAM} }} }}\n");
        let files = [
            ("rosterctl.yaml", settings.as_str()),
            ("users/l.yaml", users.as_str()),
            ("users/rows.csv", &table("L-ROW", Source::Rows, HIDDEN)),
            ("private/overlay.csv", &overlay),
            (
                "private/live.csv",
                &table("L-LIVE", Source::Second, &[Class::Special]),
            ),
        ];
        let folder = project(&files);
        let mut seal = rosterctl();
        seal.current_dir(folder.path());
        let said = transcript(seal.args(["seal", "private/live.csv"]));
        assert!(said.contains("1 row new"), "{said}");
        git(folder.path(), &["init", "-q"]);
        commit(folder.path());
        Self {
            folder,
            canaries: canaries(),
            listed: Vec::new(),
            damaged: Vec::new(),
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs the program and looks through all that it says and leaves behind.
    fn run(&mut self, what: &str, mut command: Command, args: &str) -> String {
        let inputs = self.files();
        let output = command
            .current_dir(self.path())
            .args(args.split(' '))
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr]
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let exit = output.status.code().unwrap();
        self.listed
            .push(format!("{what}rosterctl {args}: exit {exit}"));
        let whose = self.listed.last().unwrap();
        let text = said.concat();
        let found = |text: &str| {
            self.canaries
                .iter()
                .find(|canary| text.contains(canary.as_str()))
                .cloned()
        };
        assert_eq!(found(&text), None, "{whose}:\n{text}");
        let own = self.path().join(".rosterctl");
        let is_output = |file: &PathBuf| !inputs.contains(file) || file.starts_with(&own);
        let is_damaged =
            |file: &PathBuf| self.damaged.iter().any(|damaged| file.ends_with(damaged));
        for file in self
            .files()
            .into_iter()
            .filter(|file| is_output(file) && !is_damaged(file))
        {
            let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
            assert_eq!(
                found(&text),
                None,
                "{whose} leaves it in {}:\n{text}",
                file.display()
            );
        }
        text
    }

    /// At every verbosity.
    fn all(&mut self, what: &str, command: &dyn Fn() -> Command, args: &str) -> String {
        ["", " -v", " -vv", " -q"]
            .map(|flag| self.run(what, command(), &format!("{args}{flag}")))
            .concat()
    }

    fn files(&self) -> Vec<PathBuf> {
        let inside = walkdir::WalkDir::new(self.path())
            .into_iter()
            .flatten()
            .filter(|entry| entry.file_type().is_file());
        inside
            .map(walkdir::DirEntry::into_path)
            .filter(|path| !path.starts_with(self.path().join(".git")))
            .collect()
    }

    fn write(&self, file: &str, text: &str) {
        std::fs::write(self.path().join(file), text).unwrap();
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.path().join(file)).unwrap()
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "a list of steps, read from top to bottom"
)]
pub fn nothing_personal_comes_out_of_any_command() {
    let mut stage = Stage::new();
    let sandbox = Sandbox::start(&state());
    let bare = || rosterctl();
    let online = || {
        let mut command = rosterctl_on(&sandbox);
        command.env("ROSTERCTL_AGE_KEY", CI_KEY);
        command
    };
    let in_ci = || {
        let mut command = online();
        command.env("CI", "true");
        command
    };
    for args in [
        "validate",
        "validate --format json",
        "validate --format github",
        "validate users/l.yaml",
        "explain",
        "explain nino",
    ] {
        stage.all("", &bare, args);
    }
    for args in [
        "schema users",
        "schema project",
        "schema plan",
        "schema events",
        "completions bash",
        "man",
    ] {
        stage.all("", &bare, args);
    }
    // Asked for and out of CI they do come out: what is looked for below is there to be found.
    let revealed = online()
        .current_dir(stage.path())
        .args(["plan", "--reveal", "special"])
        .output()
        .unwrap();
    let revealed = String::from_utf8(revealed.stdout).unwrap();
    let seen = stage
        .canaries
        .iter()
        .filter(|canary| revealed.contains(canary.as_str()))
        .count();
    assert!(seen > 40, "{seen} of {}: {revealed}", stage.canaries.len());
    let text = stage.all("", &online, "plan");
    assert!(
        text.contains("+ learner L-NEW")
            && text.contains("~ learner L-LIVE")
            && text.contains("! learner L-ROW"),
        "{text}"
    );
    for args in [
        "plan --full",
        "plan --format json",
        "plan --format markdown",
        "plan --explain L-LIVE",
        "plan --explain L-NEW",
        "plan --explain L-ROW",
        "plan --explain L-NOBODY",
        "plan --base HEAD",
        "plan --base HEAD --only-changed",
        "plan --base NOWHERE",
        "plan --out plan.json --markdown plan.md --html plan.html --csv plan.csv",
        "apply",
        "apply --strict",
        "apply --plan plan.json --strict",
        "apply --plan users/l.yaml",
        "settle L-NEW created",
        "seal --check",
        "seal private/live.csv",
        "seal --rotate",
        "seal --open L-LIVE",
    ] {
        stage.all("", &online, args);
    }
    // Without a key, what is sealed isn't managed.
    for args in [
        "plan",
        "seal --check",
        "seal --rotate",
        "seal private/live.csv",
    ] {
        stage.all("no key: ", &|| rosterctl_on(&sandbox), args);
    }
    let outside = tempfile::tempdir().unwrap();
    let outside = outside.path().to_str().unwrap();
    for args in [
        "doctor --organisation 5740 --whole",
        "doctor --organisation 5740 --format json",
        "doctor --organisation 5740 --contract --archived 201",
        // What is exported is personal; what is said of it isn't.
        &format!("export --dir {outside} --force"),
        &format!("export --dir {outside} --force --reveal special"),
        "adopt users/rows.csv --dir adopted --force",
        "adopt users/rows.csv --dir adopted --force --column misId=email --column email=misId",
        "rehearse",
        "rehearse --faults lostAnswers",
    ] {
        stage.all("", &online, args);
    }
    stage.run("", online(), "rehearse --faults outages --wait 0 -vv");
    let _ = std::fs::remove_dir_all(stage.path().join("adopted"));
    for args in [
        "plan --reveal special",
        "plan --reveal special --format markdown",
        "rehearse --reveal special",
        "apply --reveal special",
        "plan --reveal personal --explain L-LIVE",
    ] {
        stage.all("CI=true ", &in_ci, args);
    }
    // The service and its answers go wrong, one way after the other, before anything is written and then while it is.
    let message = FIELDS
        .iter()
        .filter_map(|field| Some(format!("{} {}", field.api?, value(field, Source::Message)?)));
    let message = message.collect::<Vec<_>>().join(" ");
    let ways = [
        "{ status: 400, body: MESSAGE }",
        "{ status: 403, body: MESSAGE }",
        "{ status: 500, body: MESSAGE }",
        "html",
        "cut",
        "brokenJson",
        "resetBefore",
        "endSession",
    ];
    for way in ways {
        let way = way.replace("MESSAGE", &format!("\"{message}\""));
        let named = way.split(", body").next().unwrap().to_owned();
        for on in ["GET /User/*", "POST /User/*", "POST /User/Search/**"] {
            let fault = format!(
                "- {{ on: {on}, when: {{ nth: 1 }}, do: {way} }}\n- {{ on: {on}, when: {{ nth: 2 }}, do: {way} }}\n"
            );
            assert_eq!(
                sandbox.control(reqwest::Method::PUT, "faults", &fault).0,
                200,
                "{fault}"
            );
            let what = format!("{on} {named}: ");
            // One call after the other, and each account looked at: which of them meets a fault is the same in every run.
            stage.run(&what, online(), "plan --wait 0 --fresh --concurrency 1 -vv");
        }
    }
    assert_eq!(sandbox.control(reqwest::Method::PUT, "faults", "[]").0, 200);
    let before = sandbox.state().to_string();
    for way in [
        "{ status: 400, body: MESSAGE }",
        "{ status: 500, body: MESSAGE }",
        "resetAfter",
        "failAfter",
        "blankUnsent",
        "loseWrite",
        "html",
    ] {
        let way = way.replace("MESSAGE", &format!("\"{message}\""));
        let named = way.split(", body").next().unwrap().to_owned();
        for (on, format) in [("POST /User", "text"), ("POST /User/*", "jsonl")] {
            // Whether an account was made is searched for during half a minute, which one such way shows.
            if on == "POST /User" && matches!(named.as_str(), "loseWrite" | "html" | "blankUnsent")
            {
                continue;
            }
            assert_eq!(
                sandbox.control(reqwest::Method::PUT, "state", &before).0,
                200
            );
            let _ = std::fs::remove_dir_all(stage.path().join(".rosterctl"));
            let fault = format!("- {{ on: {on}, when: {{ nth: 1 }}, do: {way} }}\n");
            assert_eq!(
                sandbox.control(reqwest::Method::PUT, "faults", &fault).0,
                200,
                "{fault}"
            );
            let what = format!("{on} {named}: ");
            stage.run(
                &what,
                online(),
                &format!("apply --auto-approve --wait 0 --format {format} -vv"),
            );
            stage.run(&what, online(), "history");
            stage.run(&what, online(), "history L-NEW");
        }
    }
    stage.run("", online(), "plan");
    stage.run("", online(), "settle L-NEW created");
    assert_eq!(sandbox.control(reqwest::Method::PUT, "faults", "[]").0, 200);
    assert_eq!(
        sandbox.control(reqwest::Method::PUT, "state", &before).0,
        200
    );
    std::fs::remove_dir_all(stage.path().join(".rosterctl")).unwrap();
    let lock = {
        std::fs::create_dir_all(stage.path().join(".rosterctl")).unwrap();
        Lock::take(&stage.path().join(".rosterctl"), Clock::REAL.now()).unwrap()
    };
    assert!(
        stage
            .run("locked: ", online(), "apply --auto-approve")
            .contains("another apply")
    );
    drop(lock);
    let text = stage.run("", online(), "apply --plan plan.json -vv");
    assert!(text.contains("Applied: 1 created, 1 updated"), "{text}");
    stage.all("", &online, "apply --plan plan.json");
    stage.all("", &online, "history");
    stage.all("", &online, "history L-NEW");
    stage.all("", &online, "history --html history.html");
    // What stands in the way of a plan.
    let elsewhere = || {
        let mut command = rosterctl();
        command
            .env("ONEFILE_BASE_URL", "http://127.0.0.1:9")
            .env("ONEFILE_CUSTOMER_TOKEN", "Zqstray");
        command
    };
    stage.all("nobody listens: ", &elsewhere, "plan --wait 0");
    let refused = || {
        let mut command = rosterctl_on(&sandbox);
        command.env("ONEFILE_CUSTOMER_TOKEN", "Zqstray");
        command
    };
    stage.all("a wrong token: ", &refused, "plan");
    stage.write(
        "plan.json",
        &stage.read("plan.json").replace("L-NEW", "Zqstray"),
    );
    stage.all("an altered review: ", &online, "apply --plan plan.json");
    let journal = stage.read(".rosterctl/journal.jsonl");
    stage.write(".rosterctl/journal.jsonl", "Zqstray\n");
    stage.damaged = vec![".rosterctl/journal.jsonl".into(), "plan.json".into()];
    stage.all("a damaged journal: ", &online, "plan");
    stage.write(".rosterctl/journal.jsonl", &journal);
    // Files that are wrong, in the ways in which files are.
    let (users, rows) = (stage.read("users/l.yaml"), stage.read("users/rows.csv"));
    let spoils: [(&str, Spoil); 8] = [
        ("misspelt keys", |text| {
            text.replace("Name", "Nme").replace("nino", "ninno")
        }),
        ("no blank behind a colon", |text| text.replace(": ", ":")),
        ("an open quote", |text| {
            text.replacen("\"\n", "\n", 1).replacen(',', ",\"", 1)
        }),
        ("a tab", |text| text.replacen("    ", "\t", 3)),
        ("a line too deep", |text| {
            text.replacen("    lastName", "        lastName", 1)
        }),
        ("cells too many", |text| {
            text.replace("L-ROW,", "L-ROW,Zqstray,")
        }),
        ("no header", |text| {
            text.split_once('\n')
                .map(|(_, rest)| rest.to_owned())
                .unwrap_or_default()
        }),
        ("half of it", |text| {
            text.chars().take(text.chars().count() / 2).collect()
        }),
    ];
    for (what, spoil) in spoils {
        stage.write("users/l.yaml", &spoil(&users));
        stage.write("users/rows.csv", &spoil(&rows));
        for args in [
            "validate",
            "validate --format json",
            "validate --format github",
            "plan",
            "apply --auto-approve",
        ] {
            let text = stage.run(&format!("{what}: "), online(), args);
            assert!(!text.contains("Applied:"), "{what}: {text}");
        }
    }
    insta::assert_snapshot!(
        "the_canary_ran",
        stage.listed.join("\n").replace(outside, "OUTSIDE")
    );
}

/// Every field of the accounts that a plan has looked at is remembered, and no value of any.
#[test]
fn what_a_plan_remembers_holds_no_value() {
    let company = FIELDS.iter().find(|field| field.name == "companyName");
    let company = value(company.unwrap(), Source::Live).unwrap();
    let users = format!("users:\n  - {{ id: 201, role: learner, companyName: {company} }}\n");
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("users/l.yaml", &users),
    ]);
    let sandbox = Sandbox::start(&state());
    let said = transcript(
        rosterctl_on(&sandbox)
            .current_dir(folder.path())
            .arg("plan"),
    );
    assert!(said.contains("No changes: 1 user is"), "{said}");
    let bytes = std::fs::read(readings_file(&folder.path().join(".rosterctl"))).unwrap();
    let lower = bytes.to_ascii_lowercase();
    // Names of fields stand there, which shows that this looks for the right thing.
    assert!(String::from_utf8_lossy(&lower).contains("companyname"));
    assert!(bytes.len() > 1000, "{}", bytes.len());
    let tokens = ["sandbox".to_owned(), "L-LIVE".to_owned()];
    for canary in canaries().into_iter().chain(tokens) {
        let canary = canary.to_lowercase();
        let wide: Vec<u8> = canary.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for form in [canary.as_bytes(), wide.as_slice()] {
            let mut places = lower.windows(form.len());
            assert!(!places.any(|place| place == form), "{canary}");
        }
    }
}

/// A rehearsal leaves nothing; one that was killed leaves people who don't exist.
#[test]
#[cfg(unix)]
fn a_rehearsal_that_was_killed_leaves_nobody_behind() {
    let stage = Stage::new();
    let sandbox = Sandbox::start(&state());
    stage.write(
        "slow.yaml",
        "- { on: POST /User/Search/**, do: { delayMs: 200000 } }\n",
    );
    let mut command = std::process::Command::new(rosterctl().get_program());
    command
        .env_clear()
        .env("ONEFILE_BASE_URL", sandbox.base_url())
        .env("ONEFILE_CUSTOMER_TOKEN", "sandbox");
    let silent = std::process::Stdio::null;
    command
        .current_dir(stage.path())
        .args(["rehearse", "--faults", "slow.yaml"])
        .stdout(silent())
        .stderr(silent());
    let mut child = command.spawn().unwrap();
    let left = stage.path().join(".rosterctl/rehearsal");
    let bytes = || {
        let files = walkdir::WalkDir::new(&left)
            .into_iter()
            .flatten()
            .filter(|entry| entry.file_type().is_file());
        let texts = files.map(|file| {
            String::from_utf8_lossy(&std::fs::read(file.path()).unwrap_or_default()).into_owned()
        });
        texts.collect::<String>()
    };
    for _ in 0..400 {
        if bytes().contains("L-LIVE") {
            break;
        }
        pause(Duration::from_millis(50));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let text = bytes();
    // The account is there, and its person isn't.
    assert!(
        text.contains("L-LIVE") && text.contains("nvented"),
        "{} bytes",
        text.len()
    );
    let found: Vec<_> = stage
        .canaries
        .iter()
        .filter(|canary| text.contains(canary.as_str()))
        .collect();
    assert!(found.is_empty(), "{found:?}");
    let said = transcript(
        rosterctl_on(&sandbox)
            .current_dir(stage.path())
            .arg("rehearse"),
    );
    assert!(said.contains("Rehearsed in the sandbox"), "{said}");
    assert!(!left.join("stage").exists());
}
