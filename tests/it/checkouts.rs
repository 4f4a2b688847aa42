//! Two checkouts of one project on one machine: they never apply at once, and each knows of the other's open creates.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::Method;
use rosterctl::apply::journal::{
    JournalEvent, JournalKnowledge, JournalRecord, JournalScope, JournalUser, in_order,
};
use rosterctl::domain::RecordedUser;
use tempfile::TempDir;

use crate::cases::is_write;
use crate::harness::{Sandbox, copy_of, pause, project, rosterctl, rosterctl_on, transcript};

const SEED: &str = "
organisations:
  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }
users:
  - { ID: 1, OrganisationID: 5740, Role: 5, MISID: A-1, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk }
behaviour: { latencyMs: 20 }
";
const APPLY: &[&str] = &["apply", "--auto-approve"];

/// A project that declares so many people who have no account.
fn newcomers(number: usize) -> TempDir {
    let user = |at: usize| {
        format!(
            "  - {{ misId: A-{at:03}, role: assessor, firstName: Ann{at}, lastName: Number{at}, email: a{at}@example.ac.uk }}\n"
        )
    };
    let users: String = (101..=100 + number).map(user).collect();
    let files = [
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("sandbox.yaml", SEED),
        ("users/a.yaml", &format!("users:\n{users}")),
    ];
    project(&files)
}

fn spawn(program: &assert_cmd::Command, folder: &Path, args: &[&str]) -> Child {
    let mut command = Command::new(program.get_program());
    command.env_clear().envs(
        program
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    command
        .current_dir(folder)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn spawn_on(sandbox: &Sandbox, folder: &TempDir) -> Child {
    spawn(&rosterctl_on(sandbox), folder.path(), APPLY)
}

fn until(condition: impl Fn() -> bool) {
    for _ in 0..1_000 {
        if condition() {
            return;
        }
        pause(Duration::from_millis(10));
    }
    panic!("it doesn't come about");
}

fn has_begun(sandbox: &Sandbox) -> bool {
    sandbox
        .requests()
        .iter()
        .any(|request| is_write(request) && request["path"] == "/User")
}

fn run(sandbox: &Sandbox, folder: &TempDir, args: &[&str]) -> String {
    transcript(rosterctl_on(sandbox).current_dir(folder.path()).args(args))
}

fn creates(sandbox: &Sandbox) -> usize {
    sandbox
        .requests()
        .iter()
        .filter(|request| is_write(request) && request["path"] == "/User")
        .count()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn real(folder: &TempDir) -> String {
    folder.path().canonicalize().unwrap().display().to_string()
}

/// The files by which applies keep apart.
fn shared(sandbox: &Sandbox, extension: &str) -> PathBuf {
    let files = fs::read_dir(sandbox.state_home().join("rosterctl"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    files
        .into_iter()
        .find(|path| path.extension().is_some_and(|own| own == extension))
        .unwrap()
}

pub fn two_checkouts_that_start_at_once_e_mail_each_person_once() {
    let sandbox = Sandbox::start(SEED);
    let one = newcomers(24);
    let other = copy_of(one.path());
    let children = [spawn_on(&sandbox, &one), spawn_on(&sandbox, &other)];
    let outputs = children.map(|child| child.wait_with_output().unwrap());
    let exits = outputs
        .each_ref()
        .map(|output| output.status.code().unwrap());
    assert!(
        exits.contains(&0) && exits.iter().all(|exit| [0, 4].contains(exit)),
        "{exits:?}"
    );
    assert_eq!(
        (sandbox.mails(), creates(&sandbox)),
        (24, 24),
        "{}",
        outputs.each_ref().map(text).concat()
    );
    for folder in [&one, &other] {
        assert!(run(&sandbox, folder, APPLY).ends_with("exit 0\n"));
    }
    assert_eq!(sandbox.mails(), 24);
}

pub fn the_refusal_names_the_process_and_the_folder_of_the_other_apply() {
    let sandbox = Sandbox::start(SEED);
    let one = newcomers(24);
    let other = copy_of(one.path());
    let first = spawn_on(&sandbox, &one);
    until(|| has_begun(&sandbox));
    let said = run(&sandbox, &other, APPLY);
    let words = format!(
        "another apply to this organisation is running on this machine: process {}, since 20",
        first.id()
    );
    assert!(
        said.contains("Nothing was applied.\n") && said.contains(&words),
        "{said}"
    );
    assert!(
        said.contains(&format!(
            " UTC, in {}.\nWait until it ends, or stop it",
            real(&one)
        )),
        "{said}"
    );
    assert!(said.ends_with("exit 4\n"), "{said}");
    assert!(
        run(&sandbox, &other, &["plan"]).ends_with("exit 0\n"),
        "reading is free"
    );
    assert_eq!(first.wait_with_output().unwrap().status.code(), Some(0));
    let said = run(&sandbox, &other, APPLY);
    let words = format!(
        "note: the last apply to this organisation ran in {}; its journal in ",
        real(&one)
    );
    assert!(
        said.contains(&words) && said.ends_with("exit 0\n"),
        "{said}"
    );
    assert!(
        !run(&sandbox, &other, APPLY).contains("the last apply"),
        "the last one is its own now"
    );
    assert_eq!(sandbox.mails(), 24);
}

/// Another server is another organisation, whatever its number.
pub fn two_servers_do_not_block_each_other() {
    let (here, there) = (Sandbox::start(SEED), Sandbox::start(SEED));
    let one = newcomers(24);
    let other = copy_of(one.path());
    let first = spawn_on(&here, &one);
    until(|| has_begun(&here));
    let mut second = rosterctl_on(&there);
    second
        .env("XDG_STATE_HOME", here.state_home())
        .current_dir(other.path());
    let said = transcript(second.args(APPLY));
    assert!(
        said.contains("Applied: 24 created") && !said.contains("the last apply"),
        "{said}"
    );
    assert_eq!(first.wait_with_output().unwrap().status.code(), Some(0));
}

/// Its data are in the project, so that no other checkout shares them.
pub fn the_sandbox_of_a_project_blocks_nobody_else() {
    let state = tempfile::tempdir().unwrap();
    let one = newcomers(24);
    let other = copy_of(one.path());
    let in_sandbox = || {
        let mut program = rosterctl();
        program.env("XDG_STATE_HOME", state.path());
        program
    };
    let args = ["apply", "--auto-approve", "--sandbox"];
    let first = spawn(&in_sandbox(), one.path(), &args);
    let journal = one.path().join(".rosterctl/journal.jsonl");
    until(|| fs::read_to_string(&journal).is_ok_and(|text| text.contains("intent")));
    let said = transcript(in_sandbox().current_dir(other.path()).args(args));
    assert!(
        said.contains("Applied: 24 created") && said.ends_with("exit 0\n"),
        "{said}"
    );
    assert_eq!(first.wait_with_output().unwrap().status.code(), Some(0));
    assert_eq!(
        fs::read_dir(state.path()).unwrap().count(),
        0,
        "nothing is kept of a sandbox"
    );
}

#[test]
fn without_a_state_folder_apply_says_so_once_and_goes_on() {
    let sandbox = Sandbox::start(SEED);
    let folder = newcomers(1);
    let file = folder.path().join("rosterctl.yaml");
    let mut nowhere = rosterctl_on(&sandbox);
    nowhere
        .env_remove("XDG_STATE_HOME")
        .env("HOME", "")
        .current_dir(folder.path());
    let mut not_a_folder = rosterctl_on(&sandbox);
    not_a_folder
        .env("XDG_STATE_HOME", &file)
        .current_dir(folder.path());
    for (program, why) in [
        (nowhere, "HOME and LOCALAPPDATA name none"),
        (not_a_folder, "rosterctl.yaml/rosterctl can't be used"),
    ] {
        let said = transcript({ program }.args(APPLY));
        assert_eq!(
            said.matches("note: rosterctl can't lock this organisation")
                .count(),
            1,
            "{said}"
        );
        assert!(said.contains(why) && said.ends_with("exit 0\n"), "{said}");
    }
    assert_eq!(sandbox.mails(), 1);
}

/// `HOME` alone will do; a path that isn't from the root isn't one.
#[test]
fn the_state_folder_is_below_home_by_default() {
    let sandbox = Sandbox::start(SEED);
    let (folder, home) = (newcomers(1), tempfile::tempdir().unwrap());
    let mut program = rosterctl_on(&sandbox);
    program
        .env("XDG_STATE_HOME", "state")
        .env("HOME", home.path())
        .current_dir(folder.path());
    assert!(transcript(program.args(APPLY)).ends_with("exit 0\n"));
    assert!(
        home.path().join(".local/state/rosterctl").is_dir()
            && !folder.path().join("state").exists()
    );
}

#[test]
fn the_shared_files_are_private_and_name_no_server() {
    let sandbox = Sandbox::start(SEED);
    let folder = newcomers(1);
    let state = sandbox.state_home().join("rosterctl");
    fs::create_dir_all(&state).unwrap();
    fs::set_permissions(&state, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(run(&sandbox, &folder, APPLY).ends_with("exit 0\n"));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&state), 0o700);
    for extension in ["lock", "json"] {
        let path = shared(&sandbox, extension);
        let name = path.file_stem().unwrap().to_str().unwrap();
        let digest = name.strip_prefix("organisation-").unwrap();
        assert!(
            digest.len() == 16 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{name}"
        );
        assert_eq!(mode(&path), 0o600, "{name}");
    }
    let kept = fs::read_to_string(shared(&sandbox, "json")).unwrap();
    for secret in ["sandbox\"", "example.ac.uk", "A-101", "127.0.0.1"] {
        assert!(!kept.contains(secret), "{secret}: {kept}");
    }
}

/// What isn't a folder or a file of its own isn't used: nothing is written through a link, and no pipe is waited for.
#[test]
fn links_and_pipes_in_the_state_folder_are_left_alone() {
    let sandbox = Sandbox::start(SEED);
    let (folder, elsewhere) = (newcomers(1), tempfile::tempdir().unwrap());
    assert!(run(&sandbox, &folder, APPLY).ends_with("exit 0\n"));
    let (lock, state) = (
        shared(&sandbox, "lock"),
        sandbox.state_home().join("rosterctl"),
    );
    let precious = elsewhere.path().join("precious");
    fs::write(&precious, "precious").unwrap();
    let refused = |what: &str| {
        let said = run(&sandbox, &folder, APPLY);
        assert!(
            said.contains("note: rosterctl can't lock") && said.contains(what),
            "{said}"
        );
        assert!(said.ends_with("exit 0\n"), "{said}");
    };
    fs::remove_file(&lock).unwrap();
    symlink(&precious, &lock).unwrap();
    refused("isn't a regular file");
    fs::remove_file(&lock).unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(&lock)
            .status()
            .unwrap()
            .success()
    );
    refused("isn't a regular file");
    fs::remove_dir_all(&state).unwrap();
    symlink(elsewhere.path(), &state).unwrap();
    refused("it isn't a folder");
    assert_eq!(fs::read_to_string(&precious).unwrap(), "precious");
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 1);
    // Of the file that remembers others, the link itself is replaced.
    fs::remove_file(&state).unwrap();
    assert!(run(&sandbox, &folder, APPLY).ends_with("exit 0\n"));
    let json = shared(&sandbox, "json");
    fs::remove_file(&json).unwrap();
    symlink(&precious, &json).unwrap();
    assert!(run(&sandbox, &folder, APPLY).ends_with("exit 0\n"));
    assert!(json.symlink_metadata().unwrap().is_file());
    assert_eq!(fs::read_to_string(&precious).unwrap(), "precious");
}

/// The first apply is killed within its create, so that nobody knows whether there is an account.
pub fn a_create_that_is_open_in_one_checkout_is_not_sent_from_another() {
    let sandbox = Sandbox::start(&format!(
        "{SEED}faults:\n  - {{ on: POST /User, do: {{ delayMs: 60000 }} }}\n"
    ));
    let one = newcomers(1);
    let other = copy_of(one.path());
    let mut killed = spawn_on(&sandbox, &one);
    until(|| has_begun(&sandbox));
    killed.kill().unwrap();
    killed.wait().unwrap();
    let journal = format!("{}/.rosterctl", real(&one));
    let note = format!(
        "note: 1 create is unconfirmed in the journal of another checkout; to settle one, look in OneFile and add `--journal {journal}` to `rosterctl settle`"
    );
    for args in [&["plan"][..], APPLY] {
        let said = run(&sandbox, &other, args);
        assert!(
            said.contains(&note) && said.contains("nobody knows whether the create of"),
            "{said}"
        );
    }
    assert!(
        run(
            &sandbox,
            &other,
            &["settle", "A-101", "created", "--journal", &journal]
        )
        .ends_with("exit 0\n")
    );
    assert!(run(&sandbox, &other, APPLY).ends_with("exit 5\n"));
    assert_eq!(creates(&sandbox), 1);
    // Once the account shows, its create is open for nobody.
    let state = SEED.split("behaviour").next().unwrap();
    let shown = "  - { ID: 7, OrganisationID: 5740, Role: 5, MISID: A-101, FirstName: Ann101, LastName: Number101, Email: a101@example.ac.uk }\n";
    let (status, why) = sandbox.control(Method::PUT, "state", &format!("{state}{shown}"));
    assert_eq!(status, 200, "{why}");
    let said = run(&sandbox, &other, APPLY);
    assert!(said.ends_with("exit 0\n"), "{said}");
    let said = run(&sandbox, &other, &["plan"]);
    assert!(
        said.contains("No changes") && !said.contains("unconfirmed"),
        "{said}"
    );
}

/// A checkout that was deleted has taken its journal with it.
#[test]
fn a_journal_that_is_gone_is_told_once() {
    let sandbox = Sandbox::start(SEED);
    let one = newcomers(1);
    let other = copy_of(one.path());
    assert!(run(&sandbox, &one, APPLY).ends_with("exit 0\n"));
    fs::remove_dir_all(one.path().join(".rosterctl")).unwrap();
    let said = run(&sandbox, &other, APPLY);
    assert!(
        said.contains("any more, so rosterctl can't tell whether it left a create unconfirmed"),
        "{said}"
    );
    let said = run(&sandbox, &other, APPLY);
    assert!(
        !said.contains("note:") && said.ends_with("exit 0\n"),
        "{said}"
    );
}

#[test]
fn a_damaged_journal_of_another_checkout_stops_an_apply() {
    let sandbox = Sandbox::start(SEED);
    let one = newcomers(1);
    let other = copy_of(one.path());
    assert!(run(&sandbox, &one, APPLY).ends_with("exit 0\n"));
    let journal = one.path().join(".rosterctl/journal.jsonl");
    let damaged = "not a record\n".to_owned() + &fs::read_to_string(&journal).unwrap();
    fs::write(&journal, damaged).unwrap();
    let said = run(&sandbox, &other, APPLY);
    assert!(
        said.contains("line 1 of ") && said.contains(&real(&one)) && said.ends_with("exit 1\n"),
        "{said}"
    );
}

/// A clock may have been put back: what one journal says last is the last of it.
#[test]
fn journals_are_read_by_time_and_each_in_its_own_order() {
    let record = |second: i64, event: JournalEvent| JournalRecord {
        at: Timestamp::from_second(second).unwrap(),
        skew: None,
        run: "run".to_owned(),
        target: "https://example.ac.uk".to_owned(),
        organisation: 5740.into(),
        event,
    };
    let intent = |second, mis_id: &str| {
        record(
            second,
            JournalEvent::Intent {
                user: JournalUser(RecordedUser::of_any_role(mis_id)),
            },
        )
    };
    let created = |second, mis_id: &str| {
        record(
            second,
            JournalEvent::Created {
                user: JournalUser(RecordedUser::of_any_role(mis_id)),
                id: 7.into(),
            },
        )
    };
    let place = JournalScope {
        target: "https://example.ac.uk".to_owned(),
        organisation: 5740.into(),
    };
    let open = |one: &[JournalRecord], other: &[JournalRecord]| {
        let known = [
            in_order(one.to_vec(), other.to_vec()),
            in_order(other.to_vec(), one.to_vec()),
        ]
        .map(|all| {
            JournalKnowledge::of(&all, &place)
                .open
                .into_keys()
                .map(|user| user.mis_id)
                .collect::<Vec<_>>()
        });
        assert_eq!(known[0], known[1]);
        known[0].clone()
    };
    let put_back = [intent(100, "A-1"), created(50, "A-1")];
    assert!(open(&put_back, &[intent(10, "A-9"), created(11, "A-9")]).is_empty());
    assert_eq!(open(&[created(10, "A-1")], &[intent(20, "A-1")]), ["A-1"]);
    assert!(open(&[intent(10, "A-1")], &[created(20, "A-1")]).is_empty());
}
