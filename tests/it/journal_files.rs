//! The files that rosterctl keeps for itself: read to their last byte, private, and never a link, a pipe or a device, whoever
//! put one there.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::harness::{Sandbox, project, rosterctl_on, transcript, unwrapped};

const SEED: &str = "
organisations:
  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }
users:
  - { ID: 1, OrganisationID: 5740, Role: 5, MISID: A-1, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk }
";

const USERS: &str = "users:
  - { misId: A-1, role: assessor, firstName: Ann, lastName: Abbotsley, email: ann@example.ac.uk, telephone: 01632 960001 }
  - { misId: A-2, role: assessor, firstName: Ben, lastName: Birdwhistle, email: ben@example.ac.uk }
";

struct College {
    sandbox: Sandbox,
    folder: TempDir,
}

impl College {
    fn new() -> Self {
        let files = [
            ("rosterctl.yaml", "organisation: 5740\n"),
            ("users/a.yaml", USERS),
            ("sandbox.yaml", SEED),
        ];
        Self {
            sandbox: Sandbox::start(SEED),
            folder: project(&files),
        }
    }

    fn run(&self, args: &str) -> String {
        let mut command = rosterctl_on(&self.sandbox);
        let said = transcript(
            command
                .current_dir(self.folder.path())
                .args(args.split(' ')),
        );
        unwrapped(&said)
    }

    fn apply(&self) -> String {
        self.run("apply --auto-approve")
    }

    fn mails(&self) -> usize {
        self.sandbox.mails()
    }

    fn own(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(".rosterctl").join(name)
    }

    fn make_own(&self) {
        fs::create_dir_all(self.own("")).unwrap();
    }

    fn journal(&self) -> String {
        fs::read_to_string(self.own("journal.jsonl")).unwrap()
    }

    fn write_journal(&self, text: impl AsRef<[u8]>) {
        self.make_own();
        fs::write(self.own("journal.jsonl"), text).unwrap();
    }

    /// A line of the journal of this sandbox.
    fn line(&self, event: &str) -> String {
        format!(
            "{{\"at\":\"2026-01-05T12:00:00Z\",\"run\":\"r\",\"target\":\"{}\",\"organisation\":5740,{event}}}",
            self.sandbox.base_url()
        )
    }
}

/// As an editor or a copy that was cut short leaves it: without the line end, the brace, the quote.
#[test]
fn an_intent_without_its_end_is_not_created_again() {
    for cut in 0..=3 {
        let college = College::new();
        let before = college.line("\"event\":\"started\",\"creates\":1,\"updates\":0");
        let intent = college.line("\"event\":\"intent\",\"misId\":\"A-2\"");
        let text = format!("{before}\n{}", &intent[..intent.len() - cut]);
        college.write_journal(&text);
        let said = college.run(LATER);
        assert!(said.ends_with("exit 5"), "{cut}{said}");
        assert_eq!(college.mails(), 0, "{cut}{said}");
        let journal = college.journal();
        let is_record = |line: &str| serde_json::from_str::<serde_json::Value>(line).is_ok();
        assert!(journal.lines().all(is_record), "{cut}{journal}");
        assert!(journal.starts_with(&text), "{cut}{journal}");
    }
}

/// However old a record is, the create that it is about waits.
const LATER: &str = "apply --auto-approve --settle-after 600000000";

#[test]
fn a_journal_that_an_editor_saved_in_its_own_way_still_counts() {
    let college = College::new();
    let (one, two) = (
        college.line("\"event\":\"started\",\"creates\":1,\"updates\":0"),
        college.line("\"event\":\"intent\",\"misId\":\"A-2\""),
    );
    for text in [
        format!("{one}\r\n{two}\r\n"),
        format!("{one}\r\n{two}"),
        format!("\u{feff}{one}\n{two}\n"),
        format!("{one}{two}\n"),
        format!("{one}\n\n{two}\n\n"),
    ] {
        college.write_journal(&text);
        let said = college.run(LATER);
        assert!(
            said.contains("nobody knows whether the create of 2026-01-05"),
            "{said}"
        );
        assert_eq!(college.mails(), 0, "{text:?}");
        assert!(
            college.journal().starts_with(&text),
            "nothing is taken away"
        );
    }
}

#[test]
fn what_is_no_record_stops_the_run_and_is_kept() {
    let college = College::new();
    let one = college.line("\"event\":\"intent\",\"misId\":\"A-2\"");
    for (text, line) in [
        ("\0".repeat(4096), 1),
        (format!("{one}\n{}", "\0".repeat(100)), 2),
        ("a text without a line end".to_owned(), 1),
        (format!("{one}\n{}\n", &one[..60]), 2),
        (one.replace("intent", "from-the-future"), 1),
    ] {
        college.write_journal(&text);
        for command in [
            "plan",
            "apply --auto-approve",
            "history",
            "settle A-2 created",
        ] {
            let said = college.run(command);
            let place = format!("line {line} of ./.rosterctl/journal.jsonl isn't a record");
            assert!(said.contains(&place), "{text:?} {command}{said}");
            assert!(
                said.contains("check in OneFile who was created last"),
                "{said}"
            );
            assert!(said.ends_with("exit 1"), "{said}");
        }
        assert_eq!(college.journal(), text);
    }
    assert_eq!(college.mails(), 0);
}

/// Each name that rosterctl uses below `.rosterctl`.
const OWN_NAMES: &[&str] = &[
    ".gitignore",
    "lock",
    "journal.jsonl",
    "journal.1.jsonl",
    "journal.new.jsonl",
    "sandbox.redb",
];

pub fn no_link_below_the_data_folder_is_written_through() {
    for name in OWN_NAMES {
        let college = College::new();
        let outside = tempfile::tempdir().unwrap();
        let precious = outside.path().join("precious");
        fs::write(&precious, "precious").unwrap();
        college.make_own();
        symlink(&precious, college.own(name)).unwrap();
        for command in [
            "apply --auto-approve",
            "plan --sandbox",
            "apply --sandbox --auto-approve",
            "sandbox reset",
            "rehearse",
        ] {
            let said = college.run(command);
            assert_eq!(
                fs::read(&precious).unwrap(),
                b"precious",
                "{name} {command}{said}"
            );
        }
    }
}

#[test]
fn a_link_in_the_place_of_a_folder_is_refused() {
    let outside = tempfile::tempdir().unwrap();
    fs::set_permissions(outside.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let college = College::new();
    symlink(outside.path(), college.folder.path().join(".rosterctl")).unwrap();
    symlink(outside.path(), college.folder.path().join("kept")).unwrap();
    for command in [
        "apply --auto-approve",
        "plan --sandbox",
        "plan --journal kept",
        "apply --auto-approve --journal kept/",
        "history --journal kept",
        "rehearse",
        "sandbox serve --data kept --port 0",
    ] {
        let said = college.run(command);
        assert!(said.contains("but a symbolic link"), "{command}{said}");
    }
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    let mode = outside.path().metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
}

#[test]
fn what_a_rehearsal_removes_is_its_own() {
    let college = College::new();
    let outside = tempfile::tempdir().unwrap();
    fs::create_dir(outside.path().join("stage")).unwrap();
    fs::write(outside.path().join("stage/precious"), "precious").unwrap();
    college.make_own();
    symlink(outside.path(), college.own("rehearsal")).unwrap();
    assert!(college.run("rehearse").contains("but a symbolic link"));
    fs::remove_file(college.own("rehearsal")).unwrap();
    fs::create_dir(college.own("rehearsal")).unwrap();
    symlink(outside.path().join("stage"), college.own("rehearsal/stage")).unwrap();
    college.run("rehearse");
    assert!(outside.path().join("stage/precious").is_file());
}

#[test]
fn a_pipe_or_a_device_is_not_opened() {
    for name in ["journal.jsonl", "journal.1.jsonl", "lock", "sandbox.redb"] {
        let college = College::new();
        college.make_own();
        let made = Command::new("mkfifo").arg(college.own(name)).status();
        assert!(made.unwrap().success());
        let command = if name == "sandbox.redb" {
            "apply --sandbox --auto-approve"
        } else {
            "apply --auto-approve"
        };
        let said = college.run(command);
        assert!(
            said.contains("isn't a regular file; delete it"),
            "{name}{said}"
        );
        assert_eq!(college.mails(), 0);
    }
}

#[test]
fn a_link_in_the_journal_of_another_checkout_is_not_followed() {
    let college = College::new();
    assert!(college.apply().ends_with("exit 0"));
    let outside = tempfile::tempdir().unwrap();
    let moved = outside.path().join("journal.jsonl");
    fs::rename(college.own("journal.jsonl"), &moved).unwrap();
    symlink(&moved, college.own("journal.jsonl")).unwrap();
    let other = project(&[
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("users/a.yaml", USERS),
    ]);
    let mut command = rosterctl_on(&college.sandbox);
    let said = transcript(
        command
            .current_dir(other.path())
            .args(["apply", "--auto-approve"]),
    );
    assert!(said.contains("No changes"), "{said}");
    let text = fs::read_to_string(moved).unwrap();
    assert!(
        !text.contains(&other.path().display().to_string()),
        "{text}"
    );
}

fn mode(path: &Path) -> u32 {
    path.symlink_metadata().unwrap().permissions().mode() & 0o777
}

#[test]
fn what_is_made_is_for_its_owner_only() {
    let college = College::new();
    assert!(
        college
            .run("plan --out plan.json --markdown plan.md")
            .ends_with("exit 0")
    );
    assert!(
        college
            .run("apply --auto-approve --journal kept/journal")
            .ends_with("exit 0")
    );
    assert!(
        !college
            .run("sandbox serve --data data --seed gone")
            .ends_with("exit 0")
    );
    let at = |name: &str| college.folder.path().join(name);
    for folder in ["kept", "kept/journal", ".rosterctl", "data"] {
        assert_eq!(mode(&at(folder)), 0o700, "{folder}");
    }
    for file in [
        "plan.json",
        "plan.md",
        "kept/journal/journal.jsonl",
        "kept/journal/lock",
        ".rosterctl/lock",
        ".rosterctl/.gitignore",
    ] {
        assert_eq!(mode(&at(file)), 0o600, "{file}");
    }
    assert!(college.run("plan --sandbox").ends_with("exit 0"));
    assert_eq!(mode(&college.own("sandbox.redb")), 0o600);
}
