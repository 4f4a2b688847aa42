//! Whoever was here before is not new: an account that OneFile doesn't show any more holds the create, on the machine that saw it
//! and in a fresh clone that only has git.

use std::path::Path;

use reqwest::Method;
use serde_json::Value;
use tempfile::TempDir;

use crate::change::{commit, git, in_git};
use crate::harness::{Sandbox, project, rosterctl_on, transcript, unwrapped};
use crate::json_plan::{Hold, JsonPlan, hold};

const SEED: &str = "
organisations:
  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }
classrooms:
  - { ID: 1, OrganisationID: 5740, Name: Bakery }
placements:
  - { ID: 1, OrganisationID: 5740, Name: Mill }
users:
  - { ID: 5, OrganisationID: 5740, Role: 5, MISID: A-1, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk }
";
const PROJECT: (&str, &str) = ("rosterctl.yaml", "organisation: 5740\n");
const PLAN: &[&str] = &["plan"];
const BASE: &[&str] = &["plan", "--base", "main"];
const APPLY: &[&str] = &["apply", "--auto-approve"];

/// A server where somebody can be archived, and where no search shows that account any more.
fn college(learners: &[(i64, &str)]) -> Sandbox {
    college_where(learners, "hidden")
}

fn college_where(learners: &[(i64, &str)], archived: &str) -> Sandbox {
    let row = |(id, mis_id): &(i64, &str)| {
        format!(
            "  - {{ ID: {id}, OrganisationID: 5740, Role: 1, MISID: {mis_id}, FirstName: Lee{id}, LastName: Lowick, Email: l{id}@example.ac.uk, ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 5 }}\n"
        )
    };
    let rows: String = learners.iter().map(row).collect();
    Sandbox::start(&format!(
        "{SEED}{rows}behaviour: {{ archived: {archived} }}\n"
    ))
}

fn learner(id: i64, mis_id: &str, more: &str) -> String {
    format!(
        "  - {{ misId: {mis_id}, role: learner, firstName: Lee{id}, lastName: Lowick, email: l{id}@example.ac.uk, classroom: Bakery, placement: Mill, defaultAssessor: A-1{more} }}\n"
    )
}

fn users(users: &[String]) -> String {
    format!("users:\n{}", users.concat())
}

fn run(sandbox: &Sandbox, folder: &Path, args: &[&str]) -> String {
    transcript(rosterctl_on(sandbox).current_dir(folder).args(args))
}

/// Why a plan with these arguments puts a user on hold.
fn holds(sandbox: &Sandbox, folder: &Path, args: &[&str], mis_id: &str) -> Vec<Hold> {
    JsonPlan::of(sandbox, folder, args).holds(mis_id)
}

/// How many accounts such a plan creates.
fn creates(sandbox: &Sandbox, folder: &Path, args: &[&str]) -> u64 {
    JsonPlan::of(sandbox, folder, args).total("create")
}

/// An apply that leaves a decision to a person.
fn apply_on_hold(sandbox: &Sandbox, folder: &Path) {
    let said = run(sandbox, folder, APPLY);
    assert!(said.ends_with("exit 5\n"), "{said}");
    assert_eq!(sandbox.mails(), 0, "{said}");
}

fn write(folder: &TempDir, text: &str) {
    std::fs::write(folder.path().join("users/a.yaml"), text).unwrap();
}

/// Changes one account behind the back of rosterctl; `None` deletes it.
fn change(sandbox: &Sandbox, id: i64, change: Option<(&str, Value)>) {
    let mut state = sandbox.state();
    let rows = state["users"].as_array_mut().unwrap();
    match change {
        Some((name, value)) => {
            let row = rows.iter_mut().find(|row| row["ID"] == id).unwrap();
            row[name] = value;
        }
        None => rows.retain(|row| row["ID"] != id),
    }
    let (status, _) = sandbox.control(Method::PUT, "state", &state.to_string());
    assert_eq!(status, 200);
}

fn archive(sandbox: &Sandbox, id: i64) {
    change(sandbox, id, Some(("Archived", true.into())));
}

fn ledger(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("known.jsonl")).unwrap()
}

/// A project that has seen two learners, in git on a branch of its own.
fn seen(sandbox: &Sandbox) -> TempDir {
    let text = users(&[learner(11, "L-1", ""), learner(12, "L-2", "")]);
    let folder = in_git(&[PROJECT, ("users/a.yaml", &text)]);
    let said = run(sandbox, folder.path(), PLAN);
    assert!(said.contains("No changes"), "{said}");
    folder
}

#[test]
fn an_archived_leaver_is_never_created_again_on_the_machine_that_planned_before() {
    let sandbox = college(&[(11, "L-1"), (12, "L-2")]);
    let folder = seen(&sandbox);
    archive(&sandbox, 11);
    for args in [PLAN, PLAN, BASE] {
        let held = holds(&sandbox, folder.path(), args, "L-1");
        assert_eq!(held, [hold("hadAccount", &[11])]);
        apply_on_hold(&sandbox, folder.path());
    }
}

#[test]
fn a_deleted_account_and_one_that_another_command_saw_hold_the_create_too() {
    for seeing in [
        &["doctor"][..],
        &["export", "--dir", "elsewhere"],
        &["rehearse"],
    ] {
        let sandbox = college(&[(11, "L-1"), (12, "L-2")]);
        let folder = project(&[PROJECT, ("users/a.yaml", &users(&[learner(12, "L-2", "")]))]);
        run(&sandbox, folder.path(), seeing);
        change(&sandbox, 11, None);
        write(
            &folder,
            &users(&[learner(11, "L-1", ""), learner(12, "L-2", "")]),
        );
        apply_on_hold(&sandbox, folder.path());
        let held = holds(&sandbox, folder.path(), PLAN, "L-1");
        assert_eq!(held, [hold("hadAccount", &[11])], "{seeing:?}");
    }
}

#[test]
fn an_account_with_another_mis_value_now_is_named_with_it() {
    let sandbox = college(&[(11, "L-1"), (12, "L-2")]);
    let folder = seen(&sandbox);
    change(&sandbox, 11, Some(("MISID", "L-9".into())));
    change(&sandbox, 11, Some(("FirstName", "Somebody".into())));
    change(&sandbox, 11, Some(("Email", "x@example.ac.uk".into())));
    let held = holds(&sandbox, folder.path(), PLAN, "L-1");
    assert_eq!(held, [hold("hadAccount", &[11])]);
    let said = unwrapped(&run(&sandbox, folder.path(), PLAN));
    assert!(said.contains("it has the MIS value L-9 now"), "{said}");
}

/// A spreadsheet loses zeros and changes capitals; the person is the same.
#[test]
fn a_key_that_a_spreadsheet_has_changed_makes_nobody_new() {
    for key in ["l-1", "L-001", "L 1"] {
        let sandbox = college(&[(11, "L-01"), (12, "L-2")]);
        let folder = project(&[
            PROJECT,
            ("users/a.yaml", &users(&[learner(11, "L-01", "")])),
        ]);
        run(&sandbox, folder.path(), PLAN);
        archive(&sandbox, 11);
        write(&folder, &users(&[learner(11, &format!("\"{key}\""), "")]));
        run(&sandbox, folder.path(), APPLY);
        let held = holds(&sandbox, folder.path(), PLAN, key);
        let is_held = key == "L 1" || held == [hold("hadAccount", &[11])];
        assert!(is_held, "{key}: {held:?}");
    }
}

#[test]
fn replaces_answers_the_account_that_it_names_and_no_other() {
    let sandbox = college(&[(11, "L-1"), (12, "L-2")]);
    let folder = seen(&sandbox);
    archive(&sandbox, 11);
    for (answer, is_created) in [
        (", replaces: [12]", false),
        (", creates: again", false),
        (", replaces: [11]", true),
    ] {
        write(
            &folder,
            &users(&[learner(11, "L-1", answer), learner(12, "L-2", "")]),
        );
        let created = creates(&sandbox, folder.path(), BASE);
        assert_eq!(created, u64::from(is_created), "{answer}");
    }
    let said = run(&sandbox, folder.path(), APPLY);
    assert!(said.contains("Applied: 1 created"), "{said}");
    assert_eq!(sandbox.mails(), 1);
    assert!(run(&sandbox, folder.path(), PLAN).contains("No changes"));
}

/// Where a search by MIS value finds archived accounts, the account that is replaced isn't taken for the new one.
#[test]
fn a_replaced_account_that_a_search_still_finds_is_not_taken_for_the_new_one() {
    let sandbox = college_where(&[(11, "L-1"), (12, "L-2")], "hiddenFromLists");
    let folder = seen(&sandbox);
    archive(&sandbox, 11);
    write(
        &folder,
        &users(&[
            learner(11, "L-1", ", replaces: [11]"),
            learner(12, "L-2", ""),
        ]),
    );
    let said = run(&sandbox, folder.path(), APPLY);
    assert!(said.contains("Applied: 1 created"), "{said}");
    assert!(run(&sandbox, folder.path(), PLAN).contains("No changes"));
    assert_eq!(sandbox.mails(), 1);
}

/// The search just before a create finds the account, and the next plan knows it.
#[test]
fn what_the_search_before_a_create_finds_is_kept() {
    let sandbox = college_where(&[(11, "L-1")], "hiddenFromLists");
    archive(&sandbox, 11);
    let folder = project(&[PROJECT, ("users/a.yaml", &users(&[learner(11, "L-1", "")]))]);
    let said = run(&sandbox, folder.path(), APPLY);
    assert!(
        said.contains("account 11 has this MIS value by now"),
        "{said}"
    );
    let held = holds(&sandbox, folder.path(), PLAN, "L-1");
    assert_eq!(held, [hold("hadAccount", &[11])]);
    assert_eq!(sandbox.mails(), 0);
}

pub fn in_a_fresh_clone_with_a_base_nobody_who_was_declared_before_is_created() {
    let sandbox = college(&[(11, "L-1"), (12, "L-2")]);
    let folder = seen(&sandbox);
    archive(&sandbox, 11);
    let clone = tempfile::tempdir().unwrap();
    let path = folder.path().display().to_string();
    git(
        clone.path(),
        &["clone", "-q", "-b", "change", &path, "project"],
    );
    let clone = clone.path().join("project");
    let base = ["--base", "origin/main"];
    for before in [None, None, Some(APPLY)] {
        if let Some(apply) = before {
            let said = run(&sandbox, &clone, &[apply, &base[..]].concat());
            assert!(said.ends_with("exit 5\n"), "{said}");
        }
        let held = holds(&sandbox, &clone, &[PLAN, &base[..]].concat(), "L-1");
        assert_eq!(held, [hold("declaredBefore", &[])]);
    }
    assert_eq!(sandbox.mails(), 0);
    let again = users(&[
        learner(11, "L-1", ", creates: again"),
        learner(12, "L-2", ""),
    ]);
    std::fs::write(clone.join("users/a.yaml"), &again).unwrap();
    let said = run(&sandbox, &clone, &["plan", "--base", "origin/main"]);
    assert!(
        said.contains("1 to create")
            && said.contains("This change makes 1 create. Nothing else is waiting."),
        "{said}"
    );
    git(&clone, &["checkout", "-q", "-B", "main"]);
    commit(&clone);
    git(&clone, &["checkout", "-q", "-b", "later"]);
    let held = holds(&sandbox, &clone, BASE, "L-1");
    let why = "it counts in the change that adds it";
    assert_eq!(held, [hold("declaredBefore", &[])], "{why}");
}

/// Without a ledger nobody knows which account was the user's. One that is shown was not.
#[test]
fn with_a_base_replaces_does_not_answer_by_the_number_of_somebody_who_is_there() {
    for (answer, is_created) in [
        ("replaces: [12]", false),
        ("replaces: [5]", false),
        ("replaces: [12, 5]", false),
        ("replaces: [11]", true),
        ("replaces: [12, 11]", true),
    ] {
        let sandbox = college(&[(12, "L-2")]);
        let before = users(&[learner(11, "L-1", ""), learner(12, "L-2", "")]);
        let folder = in_git(&[PROJECT, ("users/a.yaml", &before)]);
        let after = [
            learner(11, "L-1", &format!(", {answer}")),
            learner(12, "L-2", ""),
        ];
        write(&folder, &users(&after));
        let plan = JsonPlan::of(&sandbox, folder.path(), BASE);
        assert_eq!(plan.total("create"), u64::from(is_created), "{answer}");
        let held = plan.holds("L-1");
        let is_held = held == [hold("declaredBefore", &[])];
        assert_eq!(is_held, !is_created, "{answer}: {held:?}");
    }
}

#[test]
fn a_user_pinned_by_number_is_known_under_a_new_mis_value() {
    let sandbox = college(&[(11, "L-1"), (12, "L-2")]);
    for declared in [
        "firstName: Lee11, lastName: Lowick",
        "email: l11@example.ac.uk",
        "firstName: Lee11, dob: 2007-01-02",
    ] {
        let pinned = format!("  - {{ id: 11, role: learner, {declared} }}\n");
        let folder = in_git(&[PROJECT, ("users/a.yaml", &users(&[pinned]))]);
        if !declared.contains("dob") {
            archive(&sandbox, 11);
        }
        write(&folder, &users(&[learner(11, "N-1", ", dob: 2007-01-02")]));
        let plan = JsonPlan::of(&sandbox, folder.path(), BASE);
        assert_eq!(plan.total("create"), 0, "{declared}");
        let reasons: Vec<_> = plan.holds("N-1").into_iter().map(|held| held.0).collect();
        assert!(
            reasons.iter().any(|reason| reason == "declaredBefore"),
            "{declared}: {reasons:?}"
        );
    }
    assert_eq!(sandbox.mails(), 0);
}

/// Nothing else of the account agrees any more, so that only the ledger knows it.
#[test]
fn a_live_account_with_another_key_is_kept_rather_than_brought_back() {
    for (name, value, way_out) in [
        ("MISID", Value::Null, "write `id: 11` here"),
        (
            "MISID",
            "L-9".into(),
            "correct its role or MIS value in OneFile",
        ),
        (
            "Archived",
            true.into(),
            "write `archived: false` here to bring it back",
        ),
    ] {
        let sandbox = college(&[(11, "L-1"), (12, "L-2")]);
        let folder = seen(&sandbox);
        change(&sandbox, 11, Some((name, value.clone())));
        for (name, other) in [
            ("FirstName", "Wren"),
            ("LastName", "Oakhollow"),
            ("Email", "wren@example.ac.uk"),
        ] {
            change(&sandbox, 11, Some((name, other.into())));
        }
        let said = unwrapped(&run(&sandbox, folder.path(), PLAN));
        assert!(said.contains(way_out), "{name} {value}: {said}");
        let plan = JsonPlan::of(&sandbox, folder.path(), PLAN);
        assert_eq!(plan.total("held"), 1, "{name} {value}");
        assert_eq!(plan.holds("L-1").len(), 1, "{name} {value}");
    }
}

/// What a person reads of each reason to be on hold because of an account that was.
#[test]
fn a_hold_for_a_former_account_says_what_to_write() {
    let sandbox = college(&[(11, "L-1"), (12, "L-2")]);
    let folder = seen(&sandbox);
    archive(&sandbox, 11);
    let mut plan = rosterctl_on(&sandbox);
    plan.current_dir(folder.path()).args(PLAN);
    // At this width a line with the day of the run wraps alike on 1 May and on 30 September.
    let with_ledger = transcript(plan.env("COLUMNS", "74"));
    std::fs::remove_dir_all(folder.path().join(".rosterctl")).unwrap();
    let with_base = run(&sandbox, folder.path(), BASE);
    insta::assert_snapshot!(format!("{with_ledger}\n{with_base}"));
}

/// A change is merged and its create fails or is on hold; the next day's change goes on.
#[test]
fn who_has_waited_since_an_earlier_change_is_planned_by_the_next_one() {
    let sandbox = college(&[(11, "L-1")]);
    let folder = in_git(&[PROJECT, ("users/a.yaml", &users(&[learner(11, "L-1", "")]))]);
    let on_hold = learner(13, "L-3", "").replace("Bakery", "Nowhere");
    let failing = learner(14, "L-4", "");
    write(
        &folder,
        &users(&[learner(11, "L-1", ""), on_hold, failing.clone()]),
    );
    commit(folder.path());
    let faults = "- { on: POST /User, do: { status: 400 } }";
    sandbox.control(Method::PUT, "faults", faults);
    let said = run(
        &sandbox,
        folder.path(),
        &[APPLY, &["--base", "main"]].concat(),
    );
    assert!(said.contains("1 failed"), "{said}");
    sandbox.control(Method::PUT, "faults", "[]");
    git(folder.path(), &["checkout", "-q", "-B", "main"]);
    git(folder.path(), &["checkout", "-q", "-b", "next"]);
    write(
        &folder,
        &users(&[learner(11, "L-1", ""), learner(13, "L-3", ""), failing]),
    );
    assert_eq!(creates(&sandbox, folder.path(), BASE), 2);
}

/// That a person is created in a pull request of whose plan nothing was kept isn't known; a new user of this one is.
#[test]
fn a_user_whom_the_change_adds_is_created() {
    let sandbox = college(&[(11, "L-1")]);
    let folder = in_git(&[PROJECT, ("users/a.yaml", &users(&[learner(11, "L-1", "")]))]);
    write(
        &folder,
        &users(&[learner(11, "L-1", ""), learner(13, "L-3", "")]),
    );
    let said = run(&sandbox, folder.path(), BASE);
    assert!(said.contains("1 to create"), "{said}");
    assert!(said.contains("This is the first plan here"), "{said}");
    let again = run(&sandbox, folder.path(), BASE);
    assert!(
        again.contains("1 to create") && !again.contains("first plan here"),
        "{again}"
    );
}

/// With the base, an edited MIS value leads to the account that isn't shown any more.
#[test]
fn an_edited_mis_value_of_an_archived_learner_makes_nobody_new() {
    let sandbox = college(&[(11, "L-1"), (12, "L-2")]);
    let folder = seen(&sandbox);
    archive(&sandbox, 11);
    write(
        &folder,
        &users(&[learner(11, "L-100", ""), learner(12, "L-2", "")]),
    );
    let held = || holds(&sandbox, folder.path(), BASE, "L-100");
    assert!(held().contains(&hold("hadAccount", &[11])), "{:?}", held());
    std::fs::remove_dir_all(folder.path().join(".rosterctl")).unwrap();
    let without_ledger = held();
    let is_held = without_ledger
        .iter()
        .any(|(reason, _)| reason == "declaredBefore");
    assert!(is_held, "{without_ledger:?}");
}

#[test]
fn doctor_counts_the_accounts_that_were_seen_before_and_that_no_list_shows() {
    let sandbox = college(&[(11, "L-1"), (12, "L-2")]);
    let folder = seen(&sandbox);
    let counted = |sandbox: &Sandbox| {
        let said = unwrapped(&run(sandbox, folder.path(), &["doctor"]));
        let (_, from) = said
            .split_once("accounts that were seen before")
            .unwrap_or_else(|| panic!("{said}"));
        let (counted, _) = from.split_once(" ok ").unwrap();
        counted.to_owned()
    };
    assert_eq!(counted(&sandbox), " and that no list shows now: 0");
    archive(&sandbox, 11);
    assert_eq!(counted(&sandbox), " and that no list shows now: 1");
    change(&sandbox, 11, Some(("Archived", false.into())));
    run(&sandbox, folder.path(), APPLY);
    archive(&sandbox, 11);
    change(&sandbox, 12, None);
    assert!(
        counted(&sandbox).starts_with(
            " and that no list shows now: 2, of which 2 belonged to users who were declared at the last apply"
        )
    );
    // Somewhere that has no ledger nothing is said of one, and one that is spoilt says what stops.
    let fresh = project(&[PROJECT]);
    let said = run(&sandbox, fresh.path(), &["doctor"]);
    assert!(!said.contains("seen before"), "{said}");
    std::fs::write(folder.path().join(".rosterctl/known.jsonl"), "{}\n").unwrap();
    let said = unwrapped(&run(&sandbox, folder.path(), &["doctor"]));
    assert!(
        said.contains("fail line 1 of") && said.ends_with("exit 1"),
        "{said}"
    );
    assert_eq!(said.matches("line 1 of").count(), 1, "{said}");
}

#[test]
fn machines_read_which_answers_have_no_effect_any_more() {
    let sandbox = college(&[(11, "L-1"), (12, "L-2")]);
    let text = users(&[
        learner(11, "L-1", ", creates: again, replaces: [7]"),
        learner(12, "L-2", ""),
    ]);
    let folder = project(&[PROJECT, ("users/a.yaml", &text)]);
    let said = run(&sandbox, folder.path(), &["plan", "--format", "json"]);
    let json: Value = serde_json::from_str(said.split("stderr:").next().unwrap()).unwrap();
    let unneeded = serde_json::json!([
        { "role": "learner", "misId": "L-1", "file": "users/a.yaml", "line": 2, "field": "replaces" },
        { "role": "learner", "misId": "L-1", "file": "users/a.yaml", "line": 2, "field": "creates" },
    ]);
    assert_eq!(json["unneeded"], unneeded, "{said}");
}

pub fn a_ledger_that_is_not_whole_stops_the_run_and_is_left_as_it_is() {
    let sandbox = college(&[(11, "L-1"), (12, "L-2")]);
    let folder = seen(&sandbox);
    archive(&sandbox, 11);
    let file = folder.path().join(".rosterctl/known.jsonl");
    let good = std::fs::read_to_string(&file).unwrap();
    let cut = good.rsplit_once("{\"end\"").unwrap().0.to_owned();
    for (spoilt, why) in [
        (String::new(), "line 1 of"),
        ("\0".repeat(4_096), "line 1 of"),
        ("{}\n".to_owned(), "line 1 of"),
        (cut, "has no end"),
        (good.replace("\"learner\"", "\"pupil\""), "line 3 of"),
        (good.replace("}\n{\"target\"", "}{\"target\""), "line 1 of"),
        (format!("{good}more\n"), "line 6 of"),
        (
            good.replace("{\"known\":1}", "{\"known\":2}"),
            "a later rosterctl",
        ),
    ] {
        std::fs::write(&file, &spoilt).unwrap();
        for args in [PLAN, APPLY] {
            let said = run(&sandbox, folder.path(), args);
            assert!(
                said.contains(why) && said.ends_with("exit 1\n"),
                "{why}: {said}"
            );
        }
        assert_eq!(std::fs::read_to_string(&file).unwrap(), spoilt);
    }
    for kept in [
        good.replace('\n', "\r\n"),
        format!("\u{feff}{good}"),
        good.trim_end().to_owned(),
    ] {
        std::fs::write(&file, kept).unwrap();
        let held = holds(&sandbox, folder.path(), PLAN, "L-1");
        assert_eq!(held, [hold("hadAccount", &[11])]);
    }
    assert_eq!(sandbox.mails(), 0);
}

#[cfg(unix)]
#[test]
fn the_ledger_is_private_and_no_link_or_pipe_is_followed() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let sandbox = college(&[(11, "L-1"), (12, "L-2")]);
    let folder = seen(&sandbox);
    let data = folder.path().join(".rosterctl");
    let file = data.join("known.jsonl");
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let elsewhere = folder.path().join("elsewhere");
    std::fs::rename(&file, &elsewhere).unwrap();
    symlink(&elsewhere, &file).unwrap();
    let said = run(&sandbox, folder.path(), PLAN);
    assert!(
        said.contains("isn't a regular file") && said.ends_with("exit 1\n"),
        "{said}"
    );
    std::fs::remove_file(&file).unwrap();
    std::process::Command::new("mkfifo")
        .arg(&file)
        .status()
        .unwrap();
    assert!(run(&sandbox, folder.path(), PLAN).ends_with("exit 1\n"));
}

/// CI hands the journal's folder on; another runner takes it up.
#[test]
fn the_ledger_lies_with_the_journal_wherever_that_is() {
    let sandbox = college(&[(11, "L-1"), (12, "L-2")]);
    let text = users(&[learner(11, "L-1", ""), learner(12, "L-2", "")]);
    let files = [PROJECT, ("users/a.yaml", text.as_str())];
    let (one, other, journal) = (
        project(&files),
        project(&files),
        tempfile::tempdir().unwrap(),
    );
    let place = journal.path().display().to_string();
    let with = |args: &[&'static str]| {
        let mut all: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        all.extend(["--journal".to_owned(), place.clone()]);
        all
    };
    let run = |folder: &TempDir, args: &[&'static str]| {
        transcript(
            rosterctl_on(&sandbox)
                .current_dir(folder.path())
                .args(with(args)),
        )
    };
    assert!(run(&one, APPLY).ends_with("exit 0\n"));
    assert!(!one.path().join(".rosterctl/known.jsonl").exists());
    archive(&sandbox, 11);
    assert!(unwrapped(&run(&other, APPLY)).contains("account 11 was this learner's"));
    assert_eq!(sandbox.mails(), 0);
}

#[test]
fn the_ledger_holds_what_is_documented_and_no_personal_value() {
    let sandbox = college(&[(11, "L-1"), (12, "L-2")]);
    let folder = seen(&sandbox);
    run(&sandbox, folder.path(), APPLY);
    let text = ledger(&folder.path().join(".rosterctl"));
    for private in ["Lee11", "Lowick", "l11@example.ac.uk"] {
        assert!(!text.contains(private), "{text}");
    }
    let line: Value =
        serde_json::from_str(text.lines().find(|line| line.contains("L-1")).unwrap()).unwrap();
    let keys: Vec<_> = line.as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        keys,
        [
            "account",
            "lastSeen",
            "managed",
            "misId",
            "organisation",
            "role",
            "target"
        ]
    );
}

/// Without a base, the last apply says who was managed; an apply with nothing to do says it, too.
#[test]
fn without_a_base_who_was_managed_at_the_last_apply_is_named() {
    let numbers: Vec<(i64, String)> = (11..=30).map(|id| (id, format!("L-{id}"))).collect();
    let rows: Vec<(i64, &str)> = numbers
        .iter()
        .map(|(id, key)| (*id, key.as_str()))
        .collect();
    let sandbox = college(&rows);
    let all: Vec<String> = rows.iter().map(|(id, key)| learner(*id, key, "")).collect();
    let folder = project(&[PROJECT, ("users/a.yaml", &users(&all))]);
    run(&sandbox, folder.path(), PLAN);
    write(&folder, &users(&all[1..]));
    let quiet = run(&sandbox, folder.path(), &["plan", "--detailed-exitcode"]);
    assert!(
        quiet.ends_with("exit 0\n"),
        "nobody was managed yet: {quiet}"
    );
    write(&folder, &users(&all));
    assert!(run(&sandbox, folder.path(), APPLY).ends_with("exit 0\n"));
    write(&folder, &users(&all[1..]));
    let said = run(&sandbox, folder.path(), &["plan", "--detailed-exitcode"]);
    assert!(
        said.contains("No longer managed: L-11.") && said.ends_with("exit 2\n"),
        "{said}"
    );
    write(&folder, &users(&all[11..]));
    let said = run(&sandbox, folder.path(), APPLY);
    assert!(
        said.contains("`--allow-removals 11`") && said.ends_with("exit 4\n"),
        "{said}"
    );
    let said = run(
        &sandbox,
        folder.path(),
        &["apply", "--auto-approve", "--allow-removals", "11"],
    );
    assert!(said.ends_with("exit 0\n"), "{said}");
    let said = run(&sandbox, folder.path(), &["plan", "--detailed-exitcode"]);
    assert!(
        !said.contains("o longer managed") && said.ends_with("exit 0\n"),
        "{said}"
    );
    write(&folder, &users(&all[19..]));
    assert!(run(&sandbox, folder.path(), PLAN).contains("No longer managed: L-22, L-23, L-24"));
}

/// The sandbox's accounts are gone; those of a server aren't.
#[test]
fn a_reset_of_the_sandbox_forgets_its_accounts_alone() {
    let server = college(&[(11, "L-1"), (12, "L-2")]);
    let folder = seen(&server);
    let rows = "  - { ID: 11, OrganisationID: 5740, Role: 1, MISID: L-1, FirstName: Lee11, LastName: Lowick, Email: l11@example.ac.uk, ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 5 }\n";
    std::fs::write(folder.path().join("sandbox.yaml"), format!("{SEED}{rows}")).unwrap();
    run(&server, folder.path(), &["plan", "--sandbox"]);
    assert!(ledger(&folder.path().join(".rosterctl")).contains("\"target\":\"sandbox\""));
    run(&server, folder.path(), &["sandbox", "reset"]);
    let text = ledger(&folder.path().join(".rosterctl"));
    assert!(
        !text.contains("\"target\":\"sandbox\"") && text.contains("L-2"),
        "{text}"
    );
}
