//! Leavers: when an account is archived, when it isn't, and what becomes of an archive whose answer is lost.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{Sandbox, pause, project, rosterctl_on, transcript, unwrapped};

const SEED: &str = "organisations:
  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }
classrooms: [{ ID: 1, OrganisationID: 5740, Name: Bakery }]
placements: [{ ID: 1, OrganisationID: 5740, Name: Mill }]
users:
  - { ID: 5, OrganisationID: 5740, Role: 5, MISID: A-1, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk }
  - { ID: 6, OrganisationID: 5740, Role: 5, MISID: A-2, FirstName: Ben, LastName: Birdwhistle, Email: ben@example.ac.uk }
";
const ALLOWED: &str = "organisation: 5740\npolicy: { archives: allowed }\n";
const SHOWN: &str = "behaviour: { archivedFlag: shown }\n";

/// A college with this many learners, from account 11 on, whose assessor is account 5.
fn college(learners: i64, more: &str) -> Sandbox {
    let row = |id: i64| {
        format!(
            "  - {{ ID: {id}, OrganisationID: 5740, Role: 1, MISID: L-{id}, FirstName: Lee{id}, LastName: Lowick, Email: l{id}@example.ac.uk, ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 5 }}\n"
        )
    };
    let rows: String = (11..11 + learners).map(row).collect();
    Sandbox::start(&format!("{SEED}{rows}{more}"))
}

fn leaver(id: i64) -> String {
    format!("  - {{ misId: L-{id}, role: learner, archived: true, reason: left }}\n")
}

fn learner(id: i64, assessor: &str) -> String {
    format!(
        "  - {{ misId: L-{id}, role: learner, firstName: Lee{id}, lastName: Lowick, email: l{id}@example.ac.uk, classroom: Bakery, placement: Mill, defaultAssessor: {assessor} }}\n"
    )
}

fn declared(users: &str) -> TempDir {
    project(&[
        ("rosterctl.yaml", ALLOWED),
        ("users/a.yaml", &format!("users:\n{users}")),
    ])
}

fn run(sandbox: &Sandbox, folder: &TempDir, line: &str) -> String {
    let mut command = rosterctl_on(sandbox);
    command.current_dir(folder.path()).args(line.split(' '));
    unwrapped(&transcript(&mut command))
}

/// The archives and returns that the service got, by path.
fn moves(sandbox: &Sandbox) -> Vec<String> {
    let is_move = |path: &str| path.ends_with("/Archive") || path.ends_with("/Unarchive");
    let requests = sandbox.requests();
    let paths = requests.iter().filter_map(|one| one["path"].as_str());
    paths
        .filter(|path| is_move(path))
        .map(str::to_owned)
        .collect()
}

fn is_archived(sandbox: &Sandbox, id: i64) -> bool {
    let state = sandbox.state();
    let mut users = state["users"].as_array().unwrap().iter();
    let user = users.find(|user| user["ID"] == id).unwrap();
    user["Archived"] == Value::Bool(true)
}

pub fn an_archive_whose_answer_is_lost_is_read_and_not_repeated() {
    for (fault, is_done) in [
        ("resetAfter", true),
        ("failAfter", true),
        ("cut", true),
        ("resetBefore", false),
        ("{ status: 502 }", false),
    ] {
        let faults =
            format!("faults: [{{ on: POST /User/*/Archive, when: {{ nth: 1 }}, do: {fault} }}]\n");
        let sandbox = college(2, &format!("{SHOWN}{faults}"));
        let folder = declared(&(leaver(11) + &learner(12, "A-1")));
        let said = run(&sandbox, &folder, "apply --auto-approve");
        assert_eq!(moves(&sandbox), ["/User/11/Archive"], "{fault}: {said}");
        assert_eq!(is_archived(&sandbox, 11), is_done, "{fault}: {said}");
        assert_eq!(said.ends_with("exit 0"), is_done, "{fault}: {said}");
        let again = run(&sandbox, &folder, "apply --auto-approve");
        assert!(again.ends_with("exit 0"), "{fault}: {again}");
        assert_eq!(moves(&sandbox).len(), 1 + usize::from(!is_done), "{fault}");
        assert!(is_archived(&sandbox, 11), "{fault}");
    }
}

pub fn an_archive_that_the_service_did_not_take_is_sent_again_in_the_same_run() {
    for status in [429, 401] {
        let faults = format!(
            "faults: [{{ on: POST /User/*/Archive, when: {{ nth: 1 }}, do: {{ status: {status} }} }}]\n"
        );
        let sandbox = college(1, &format!("{SHOWN}{faults}"));
        let folder = declared(&leaver(11));
        let said = run(&sandbox, &folder, "apply --auto-approve");
        assert!(said.ends_with("exit 0"), "{status}: {said}");
        assert!(is_archived(&sandbox, 11), "{status}: {said}");
    }
}

#[test]
fn an_archive_that_the_service_forgets_is_told_by_the_verification() {
    let faults = "faults: [{ on: POST /User/*/Archive, do: loseWrite }]\n";
    for (behaviour, policy) in [
        ("archivedFlag: shown", "archives: allowed"),
        (
            "archived: hidden",
            "archives: allowed, archivedAccounts: hidden",
        ),
    ] {
        let sandbox = college(1, &format!("behaviour: {{ {behaviour} }}\n{faults}"));
        let folder = project(&[
            (
                "rosterctl.yaml",
                &format!("organisation: 5740\npolicy: {{ {policy} }}\n"),
            ),
            ("users/a.yaml", &format!("users:\n{}", leaver(11))),
        ]);
        let said = run(&sandbox, &folder, "apply --auto-approve");
        assert!(said.contains("doesn't hold `archived`"), "{said}");
        assert!(!said.ends_with("exit 0"), "{said}");
    }
}

#[test]
fn more_archives_than_the_limit_want_a_flag() {
    let sandbox = college(11, SHOWN);
    let leavers: String = (11..22).map(leaver).collect();
    let folder = declared(&leavers);
    let said = run(&sandbox, &folder, "apply --auto-approve");
    assert!(
        said.contains("11 accounts are archived or brought back, and `maxArchives` is 10"),
        "{said}"
    );
    assert!(said.contains("`--allow-archives 11`"), "{said}");
    assert!(moves(&sandbox).is_empty());
    let said = run(
        &sandbox,
        &folder,
        "apply --auto-approve --allow-archives 11",
    );
    assert!(said.contains("11 archived."), "{said}");
    assert_eq!(moves(&sandbox).len(), 11);
}

#[test]
fn an_assessor_stays_while_a_learner_could_not_be_moved() {
    let faults = "faults: [{ on: POST /User/12, do: { status: 400 } }]\n";
    let sandbox = college(2, &format!("{SHOWN}{faults}"));
    let staff = "  - { misId: A-1, role: assessor, archived: true }\n  - { misId: A-2, role: assessor, firstName: Ben, lastName: Birdwhistle, email: ben@example.ac.uk }\n";
    let folder = declared(&(staff.to_owned() + &learner(11, "A-2") + &learner(12, "A-2")));
    let said = run(&sandbox, &folder, "apply --auto-approve");
    assert!(
        said.contains("1 learner wasn't taken away from this account before"),
        "{said}"
    );
    assert!(moves(&sandbox).is_empty(), "{said}");
    assert!(!is_archived(&sandbox, 5));
}

#[test]
fn a_leaver_whose_lines_come_back_is_held_until_a_manifest_says_so() {
    for (switch, reason) in [
        ("", "rosterctl archived account 11"),
        (SHOWN, "account 11 is archived in OneFile"),
        (
            "behaviour: { archivedFlag: DateArchived }\n",
            "account 11 is archived in OneFile",
        ),
    ] {
        let sandbox = college(1, switch);
        let folder = declared(&leaver(11));
        let left = run(&sandbox, &folder, "apply --auto-approve");
        assert!(is_archived(&sandbox, 11), "{switch}{left}");
        let write = |user: &str| {
            std::fs::write(
                folder.path().join("users/a.yaml"),
                format!("users:\n{user}"),
            )
            .unwrap();
        };
        write(&learner(11, "A-1"));
        let again = run(&sandbox, &folder, "plan --detailed-exitcode");
        assert!(
            again.contains(reason) && again.ends_with("exit 2"),
            "{switch}{again}"
        );
        write(&learner(11, "A-1").replace(" }", ", archived: false }"));
        let back = run(&sandbox, &folder, "apply --auto-approve");
        assert!(!is_archived(&sandbox, 11), "{switch}{back}");
        write(&learner(11, "A-1"));
        let settled = run(&sandbox, &folder, "plan --detailed-exitcode");
        assert!(settled.ends_with("exit 0"), "{switch}{settled}");
    }
}

#[test]
fn learners_are_archived_before_their_assessor() {
    let sandbox = college(2, SHOWN);
    let staff = "  - { misId: A-1, role: assessor, archived: true }\n";
    let folder = declared(&(staff.to_owned() + &leaver(11) + &leaver(12)));
    let said = run(&sandbox, &folder, "apply --auto-approve");
    assert!(said.ends_with("exit 0"), "{said}");
    let expected = ["/User/11/Archive", "/User/12/Archive", "/User/5/Archive"];
    assert_eq!(moves(&sandbox), expected);
    let said = run(&sandbox, &folder, "plan --detailed-exitcode");
    assert!(
        said.contains("No changes: 3 users are as declared."),
        "{said}"
    );
}

/// The first of each role is read again, so neither the learner nor the assessor is archived at the cost of a name.
#[test]
fn an_archive_that_changes_the_person_stops_the_run_whichever_role_is_hit() {
    let staff = "  - { misId: A-1, role: assessor, archived: true }\n  - { misId: A-2, role: assessor, archived: true }\n";
    for (id, sent) in [(11, 1), (5, 3)] {
        let delay =
            format!("faults: [{{ on: POST /User/{id}/Archive, do: {{ delayMs: 1500 }} }}]\n");
        let sandbox = college(2, &format!("{SHOWN}{delay}"));
        let folder = declared(&(staff.to_owned() + &leaver(11) + &leaver(12)));
        let path = format!("/User/{id}/Archive");
        std::thread::scope(|scope| {
            let run = scope.spawn(|| run(&sandbox, &folder, "apply --auto-approve"));
            while !moves(&sandbox).contains(&path) && !run.is_finished() {
                pause(Duration::from_millis(20));
            }
            let mut state = sandbox.state();
            let mut users = state["users"].as_array_mut().unwrap().iter_mut();
            let user = users.find(|user| user["ID"] == id).unwrap();
            user["LastName"] = Value::from("Thistledown");
            let (status, answer) = sandbox.control(Method::PUT, "state", &state.to_string());
            assert_eq!(status, 200, "{answer}");
            let said = run.join().unwrap();
            assert!(said.contains("Stopped: "), "{id}: {said}");
        });
        assert_eq!(moves(&sandbox).len(), sent, "{id}");
    }
}

/// Those whom the files give to somebody else still have the former assessor in OneFile until they are planned, too.
pub fn an_assessor_who_is_selected_alone_stays_while_learners_remain() {
    let staff = "  - { misId: A-1, role: assessor, archived: true }\n  - { misId: A-2, role: assessor, firstName: Ben, lastName: Birdwhistle, email: ben@example.ac.uk }\n";
    let users = staff.to_owned() + &learner(11, "A-2") + &learner(12, "A-2");
    for rows in ["full", "brief", "[DefaultAssessorID]"] {
        let more = format!("behaviour: {{ archivedFlag: shown, searchRows: {rows} }}\n");
        let (sandbox, folder) = (college(2, &more), declared(&users));
        for part in [
            "--only A-1",
            "--only A-1 --only L-11",
            "--exclude L-11 --exclude L-12",
        ] {
            let said = run(&sandbox, &folder, &format!("apply {part} --auto-approve"));
            assert!(
                said.contains(" still ha") && said.contains("in this plan or an earlier one"),
                "{rows} {part}: {said}"
            );
            assert!(moves(&sandbox).is_empty(), "{rows} {part}: {said}");
        }
        let said = run(&sandbox, &folder, "apply --only L-12 --auto-approve");
        assert!(said.contains("1 updated"), "{rows}: {said}");
        let said = run(&sandbox, &folder, "apply --only A-1 --auto-approve");
        assert!(
            said.contains("1 account is archived.") && said.contains("1 archived."),
            "{rows}: {said}"
        );
        assert_eq!(moves(&sandbox), ["/User/5/Archive"]);
    }
}

#[test]
fn learners_whose_assessor_is_not_known_keep_an_assessor_where_they_are() {
    let sandbox = college(101, SHOWN);
    let folder = declared("  - { misId: A-2, role: assessor, archived: true }\n");
    let said = run(&sandbox, &folder, "apply --auto-approve");
    assert!(
        said.contains("nobody knows who the assessor of 101 learners is"),
        "{said}"
    );
    assert!(moves(&sandbox).is_empty());
    // So few can be read one by one.
    let sandbox = college(3, SHOWN);
    let said = run(&sandbox, &folder, "apply --auto-approve");
    assert!(said.contains("1 archived."), "{said}");
}

#[test]
fn who_names_a_leaver_is_on_hold() {
    let staff = "  - { misId: A-1, role: assessor, archived: true }\n";
    for (reference, words) in [
        ("A-1", "`A-1`"),
        ("{ id: 5 }", "5"),
        ("{ misId: A-1 }", "`A-1`"),
    ] {
        let sandbox = college(2, SHOWN);
        let folder = declared(&(staff.to_owned() + &learner(11, reference) + &leaver(12)));
        let said = run(&sandbox, &folder, "plan");
        assert!(
            said.contains(&format!(
                "defaultAssessor {words} is declared with `archived: true`"
            )),
            "{said}"
        );
        assert!(said.contains("L-11 still has this assessor"), "{said}");
    }
}

#[test]
fn nobody_is_archived_before_the_last_day_is_over() {
    for (day, planned) in [("2999-12-31", 0), ("2020-07-31", 1)] {
        let sandbox = college(1, SHOWN);
        let user = leaver(11).replace("reason: left", &format!("lastDay: {day}"));
        let folder = declared(&user);
        let said = run(&sandbox, &folder, "apply --auto-approve");
        assert_eq!(moves(&sandbox).len(), planned, "{said}");
        assert_eq!(said.contains("1 user leaves later"), planned == 0, "{said}");
    }
}

#[test]
fn an_archive_that_nobody_reviewed_is_not_sent() {
    let sandbox = college(1, SHOWN);
    let folder = declared(&learner(11, "A-1"));
    run(&sandbox, &folder, "plan --out plan.json");
    std::fs::write(
        folder.path().join("users/a.yaml"),
        format!("users:\n{}", leaver(11)),
    )
    .unwrap();
    let said = run(&sandbox, &folder, "apply --plan plan.json");
    assert!(said.contains("1 operation was not reviewed"), "{said}");
    assert!(moves(&sandbox).is_empty());
    // A reason that was edited since the review is another archive.
    run(&sandbox, &folder, "plan --out plan.json");
    let edited = leaver(11).replace("left", "completed");
    std::fs::write(
        folder.path().join("users/a.yaml"),
        format!("users:\n{edited}"),
    )
    .unwrap();
    let said = run(&sandbox, &folder, "apply --plan plan.json");
    assert!(said.contains("1 operation was not reviewed"), "{said}");
    assert!(moves(&sandbox).is_empty());
}

#[test]
fn a_leaver_without_an_account_is_counted_and_holds_up_nobody() {
    let sandbox = college(1, "behaviour: { archived: hidden, archivedFlag: shown }\n");
    let users = "  - { misId: L-99, role: learner, archived: true }\n  - { id: 98, role: iqa, archived: true }\n  - { misId: A-7, role: assessor, firstName: Cai, lastName: Caldermoor, email: cai@example.ac.uk }\n";
    let folder = declared(&(users.to_owned() + &leaver(11)));
    let said = run(&sandbox, &folder, "apply --auto-approve");
    assert!(
        said.contains("2 leavers have no account that OneFile shows."),
        "{said}"
    );
    assert!(said.contains("1 created, 0 updated, 1 archived."), "{said}");
    let said = run(&sandbox, &folder, "plan --detailed-exitcode");
    assert!(
        said.contains("3 leavers have no account that OneFile shows."),
        "{said}"
    );
    assert!(said.ends_with("exit 0"), "{said}");
}

#[test]
fn only_the_person_that_is_meant_is_archived() {
    let sandbox = college(1, SHOWN);
    let other = "  - { misId: L-11, role: learner, firstName: Somebody, lastName: Else, dob: 2001-02-03, archived: true }\n";
    let folder = declared(other);
    let said = run(&sandbox, &folder, "apply --auto-approve");
    assert!(said.contains("as if this were somebody else"), "{said}");
    assert!(moves(&sandbox).is_empty());
}

#[test]
fn who_comes_back_gets_the_classroom_again_in_the_next_run() {
    let sandbox = college(
        1,
        "behaviour: { archivedFlag: IsArchived, unarchiveKeepsClassroom: false }\n",
    );
    let folder = declared(&leaver(11));
    run(&sandbox, &folder, "apply --auto-approve");
    let back = learner(11, "A-1").replace(" }", ", archived: false }");
    std::fs::write(
        folder.path().join("users/a.yaml"),
        format!("users:\n{back}"),
    )
    .unwrap();
    let said = run(&sandbox, &folder, "apply --auto-approve");
    assert!(said.contains("1 brought back."), "{said}");
    let said = run(&sandbox, &folder, "apply --auto-approve");
    assert!(said.contains("1 updated."), "{said}");
    let said = run(&sandbox, &folder, "plan --detailed-exitcode");
    assert!(said.ends_with("exit 0"), "{said}");
    assert!(!is_archived(&sandbox, 11));
}

#[test]
fn a_return_without_an_account_creates_nobody() {
    let sandbox = college(0, SHOWN);
    let back = learner(11, "A-1").replace(" }", ", archived: false }");
    let folder = declared(&back);
    let said = run(&sandbox, &folder, "apply --auto-approve");
    assert!(said.contains("write `id: NUMBER`"), "{said}");
    assert_eq!(sandbox.mails(), 0);
}

#[test]
fn history_and_events_name_archives() {
    let sandbox = college(1, "");
    let folder = declared(&leaver(11));
    let said = run(&sandbox, &folder, "apply --auto-approve --format jsonl");
    assert!(said.contains("\"action\":\"archive\""), "{said}");
    assert!(said.contains("\"archived\":1"), "{said}");
    assert!(said.contains("\"unconfirmed\":1"), "{said}");
    let said = run(&sandbox, &folder, "history L-11");
    assert!(said.contains("account 11 archived"), "{said}");
    let said = run(&sandbox, &folder, "history");
    assert!(
        said.contains("1 to archive") && said.contains("1 archived"),
        "{said}"
    );
}

#[test]
fn a_rehearsal_archives_nobody_real() {
    let sandbox = college(2, SHOWN);
    let folder = declared(&(leaver(11) + &learner(12, "A-1")));
    let said = run(&sandbox, &folder, "rehearse");
    assert!(said.contains("1 archived"), "{said}");
    assert!(said.ends_with("exit 0"), "{said}");
    assert!(moves(&sandbox).is_empty());
}
