//! Remembered readings: a plan looks at what has changed, and comes to the same as a plan that looks at everybody.

use reqwest::Method;
use rosterctl::apply::journal::JournalScope;
use rosterctl::domain::OrganisationId;
use rosterctl::domain::clock::Clock;
use rosterctl::onefile::Readings;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Sandbox, project, readings_file, rosterctl_on, transcript, unwrapped};

const SEED: &str = "organisations:
  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }
classrooms: [{ ID: 1, OrganisationID: 5740, Name: Bakery }, { ID: 2, OrganisationID: 5740, Name: Garage }]
placements: [{ ID: 2, OrganisationID: 5740, Name: Mill, MISID: P-2 }]
users:
  - { ID: 5, OrganisationID: 5740, Role: 5, MISID: A-1, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk }
";

/// An organisation whose lists show names and MIS values alone, and a project that declares it as it is.
pub struct College {
    sandbox: Sandbox,
    pub folder: TempDir,
}

impl College {
    /// Learners from account 11 on, all of whom are declared.
    pub fn new(learners: usize, behaviour: &str) -> Self {
        Self::with_more(learners, behaviour, "", "")
    }

    /// The same, with further tables of the server and with further defaults of the manifest.
    pub fn with_more(learners: usize, behaviour: &str, tables: &str, defaults: &str) -> Self {
        let ids = 11..11 + learners;
        let rows: String = ids.clone().map(row).collect();
        let users: String = ids.map(declared).collect();
        let behaviour = format!("behaviour: {{ {behaviour} }}\n");
        let folder = project(&[
            (
                "rosterctl.yaml",
                "organisation: 5740\npolicy: { maxUpdates: 50% }\n",
            ),
            (
                "users/a.yaml",
                &format!("defaults: {{ {DEFAULTS}{defaults} }}\nusers:\n{users}"),
            ),
        ]);
        Self {
            sandbox: Sandbox::start(&format!("{SEED}{rows}{tables}{behaviour}")),
            folder,
        }
    }

    /// A college whose readings have proved themselves.
    pub fn proved(learners: usize, behaviour: &str) -> Self {
        let college = Self::new(learners, behaviour);
        college.prove();
        college
    }

    fn prove(&self) {
        assert!(self.run("plan").contains("No changes: "));
        self.edit("t11@", "new11@");
        assert!(self.run("apply --auto-approve").ends_with("exit 0"));
        let used = self.run("plan");
        assert!(used.contains("No changes since the readings of "), "{used}");
    }

    /// With readings and without them somebody is on hold.
    fn compare_held(&self, why: &str) {
        let (said, looks) = self.plan("");
        assert!(said.contains("1 user is on hold"), "{why}: {said}");
        assert!(looks < 40, "{looks}");
        let (fresh, _) = self.plan(" --fresh");
        assert_eq!(without_memory(&said), without_memory(&fresh), "{why}");
    }

    pub fn run(&self, line: &str) -> String {
        let mut command = rosterctl_on(&self.sandbox);
        command
            .current_dir(self.folder.path())
            .args(line.split(' '));
        unwrapped(&transcript(&mut command))
    }

    /// What a plan says, and how many accounts it looks at.
    pub fn plan(&self, flags: &str) -> (String, usize) {
        let before = self.looks();
        let said = self.run(&format!("plan{flags}"));
        (said, self.looks() - before)
    }

    pub fn edit(&self, from: &str, to: &str) {
        let path = self.folder.path().join("users/a.yaml");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from}");
        std::fs::write(path, text.replace(from, to)).unwrap();
    }

    /// Adds users to the file.
    fn add(&self, users: &str) {
        let path = self.folder.path().join("users/a.yaml");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, text + users).unwrap();
    }

    /// Adds lines to `rosterctl.yaml`.
    fn add_lines(&self, lines: &str) {
        let path = self.folder.path().join("rosterctl.yaml");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, text + lines).unwrap();
    }

    /// Adds a line to the policy.
    fn allow(&self, policy: &str) {
        let path = self.folder.path().join("rosterctl.yaml");
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.replace("policy: {", &format!("policy: {{ {policy},"));
        std::fs::write(path, text).unwrap();
    }

    fn add_account(&self, account: Value) {
        let mut state = self.sandbox.state();
        state["users"].as_array_mut().unwrap().push(account);
        self.put(&state);
    }

    pub fn state(&self) -> Value {
        self.sandbox.state()
    }

    pub fn requests(&self) -> Vec<Value> {
        self.sandbox.requests()
    }

    pub fn put(&self, state: &Value) {
        let (status, answer) = self
            .sandbox
            .control(Method::PUT, "state", &state.to_string());
        assert_eq!(status, 200, "{answer}");
    }

    fn looks(&self) -> usize {
        let requests = self.sandbox.requests();
        let looks = requests.iter().filter(|request| {
            request["method"] == "GET"
                && request["path"]
                    .as_str()
                    .is_some_and(|path| path.contains("/User/"))
        });
        looks.count()
    }

    /// Somebody edits an account in OneFile; `at` is when OneFile says that this was.
    pub fn change(&self, id: usize, field: &str, value: Value, at: &str) {
        let mut state = self.sandbox.state();
        let users = state["users"].as_array_mut().unwrap();
        let user = users.iter_mut().find(|user| user["ID"] == id).unwrap();
        user[field] = value;
        user["LastModified"] = json!(at);
        self.put(&state);
    }
}

const DEFAULTS: &str = "role: learner, classroom: Bakery, placement: P-2, defaultAssessor: A-1";

fn row(id: usize) -> String {
    format!(
        "  - {{ ID: {id}, OrganisationID: 5740, Role: 1, MISID: L-{id}, FirstName: Lee{id}, LastName: Lowick{id}, Email: t{id}@example.ac.uk, DOB: 2007-03-14, ULN: \"{}\", ClassroomID: 1, PlacementID: 2, DefaultAssessorID: 5 }}\n",
        1_000_000_000 + id
    )
}

fn declared(id: usize) -> String {
    format!(
        "  - {{ misId: L-{id}, firstName: Lee{id}, lastName: Lowick{id}, email: t{id}@example.ac.uk, dob: 2007-03-14 }}\n"
    )
}

pub fn now() -> String {
    Clock::REAL.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[test]
fn nobody_is_spared_before_the_search_has_shown_an_update_of_ours() {
    let college = College::new(45, "lastModified: shown");
    for _ in 0..2 {
        let (said, looks) = college.plan("");
        assert!(
            said.contains("No changes: 45 users are as declared."),
            "{said}"
        );
        assert_eq!(looks, 45);
    }
    college.edit("t11@", "new11@");
    assert!(college.run("apply --auto-approve").ends_with("exit 0"));
    let (said, looks) = college.plan("");
    assert!(
        said.contains("No changes since the readings of ")
            && said.contains("(19 accounts); `--fresh` reads them all."),
        "{said}"
    );
    assert_eq!(looks, 26, "a sample, and the account that was updated");
    let (said, looks) = college.plan(" --fresh");
    assert!(said.contains("No changes: 45 users"), "{said}");
    assert_eq!(looks, 45);
}

#[test]
fn what_has_changed_on_either_side_is_planned_as_ever() {
    let college = College::proved(45, "lastModified: shown");
    college.change(40, "PlacementID", Value::Null, &now());
    college.change(41, "Email", json!("other@example.ac.uk"), &now());
    college.edit("Lowick50, email: t50@", "Lowick50, email: new50@");
    let (said, looks) = college.plan(" --reveal personal");
    let (fresh, _) = college.plan(" --reveal personal --fresh");
    assert!(said.contains("Plan: 0 to create, 3 to update"), "{said}");
    assert!(looks < 35, "{looks}");
    assert_eq!(without_memory(&said), without_memory(&fresh));
}

/// What a plan says besides how it was read.
pub fn without_memory(said: &str) -> String {
    let (before, rest) = said
        .split_once("The rest is as of the readings of ")
        .unwrap_or((said, ""));
    let after = rest
        .split_once("reads them all.")
        .map_or("", |(_, after)| after);
    format!("{}{}", before.trim(), after)
}

/// When OneFile says that an account was changed, if it hides a change. It isn't the time before, which the sandbox would move.
pub const LONG_AGO: &str = "2026-01-02T00:00:00Z";

#[test]
fn a_row_that_changed_without_being_listed_ends_the_trust() {
    let college = College::proved(45, "lastModified: shown");
    college.change(40, "FirstName", json!("Other"), LONG_AGO);
    let (said, looks) = college.plan("");
    assert!(
        said.contains("note: OneFile doesn't list account 40 as modified, although its row in the list has changed; so all accounts were read, and for 30 days plans read all of them"),
        "{said}"
    );
    assert!(
        said.contains("1 to update") && looks == 45,
        "{looks} {said}"
    );
    let (again, looks) = college.plan("");
    assert!(!again.contains("note: OneFile") && looks == 45, "{again}");
}

#[test]
fn an_account_that_changed_without_being_listed_comes_to_its_turn() {
    let college = College::proved(60, "lastModified: shown");
    college.change(40, "PlacementID", Value::Null, LONG_AGO);
    for turn in 1.. {
        let (said, looks) = college.plan("");
        if said.contains("OneFile doesn't list account 40 as modified, although it shows other values than before") {
            assert!(said.contains("1 to update") && looks == 60, "{looks} {said}");
            break;
        }
        assert!(said.contains("No changes since the readings of "), "{said}");
        assert!(
            turn < 3,
            "each of 60 accounts is looked at within three plans"
        );
    }
    let (said, looks) = college.plan("");
    assert!(
        said.contains("1 to update") && looks == 60,
        "{looks} {said}"
    );
}

pub fn an_update_of_ours_that_is_not_listed_ends_the_trust() {
    for is_proved in [false, true] {
        let college = if is_proved {
            College::proved(40, "lastModified: shown")
        } else {
            let college = College::new(40, "lastModified: shown");
            college.run("plan");
            college
        };
        college.edit("t12@", "new12@");
        assert!(college.run("apply --auto-approve").ends_with("exit 0"));
        college.change(12, "Email", json!("new12@example.ac.uk"), LONG_AGO);
        let (said, looks) = college.plan("");
        assert!(
            said.contains(
                "OneFile doesn't list account 12 as modified, although rosterctl has updated it"
            ),
            "{said}"
        );
        assert_eq!(looks, 40);
        let (said, looks) = college.plan("");
        assert!(
            said.contains("No changes: 40 users") && looks == 40,
            "{said}"
        );
    }
}

/// What may become of the file, by somebody's hand or a machine's.
pub fn a_file_that_is_not_as_it_was_written_costs_calls_and_one_sentence() {
    let college = College::proved(40, "lastModified: shown");
    let folder = college.folder.path().join(".rosterctl");
    let file = readings_file(&folder);
    let whole = std::fs::read(&file).unwrap();
    let elsewhere = |token: &str, target: &str, organisation: i64| {
        let place = JournalScope {
            target: target.to_owned(),
            organisation: OrganisationId::new(organisation),
        };
        let folder = tempfile::tempdir().unwrap();
        Readings::new(token).save(folder.path(), &place).unwrap();
        std::fs::read(readings_file(folder.path())).unwrap()
    };
    let name = file.file_name().unwrap().to_str().unwrap();
    let of_version = |version: u8| {
        let first = format!("rosterctl readings {version}\n");
        [first.as_bytes(), &whole[first.len()..]].concat()
    };
    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 1;
    let unsealed = "was written with another customer token, or isn't whole";
    for (bytes, why) in [
        (whole[..whole.len() / 2].to_vec(), unsealed),
        (Vec::new(), unsealed),
        (damaged, unsealed),
        (elsewhere("other", "live", 5740), unsealed),
        (
            elsewhere("sandbox", "practice", 5740),
            "is about another server or organisation",
        ),
        (
            elsewhere("sandbox", "live", 5741),
            "is about another server or organisation",
        ),
        (of_version(1), "was written by another version of rosterctl"),
        (of_version(3), "was written by another version of rosterctl"),
    ] {
        std::fs::write(&file, bytes).unwrap();
        let (said, looks) = college.plan("");
        let note = format!("note: readings/{name} {why}, so every account is read");
        assert_eq!(said.matches(&note).count(), 1, "{said}");
        assert_eq!(said.matches("note: ").count(), 1, "{said}");
        assert!(
            said.contains("No changes: 40 users") && looks == 40,
            "{said}"
        );
        // It is as good as new.
        assert!(!college.run("plan").contains("note: "));
    }
}

#[test]
#[cfg(unix)]
fn what_is_no_file_is_not_opened_and_stops_no_plan() {
    let college = College::proved(40, "lastModified: shown");
    let journal = college.folder.path().join(".rosterctl");
    let file = readings_file(&journal);
    let outside = college.folder.path().join("outside");
    std::fs::rename(&file, &outside).unwrap();
    std::os::unix::fs::symlink(&outside, &file).unwrap();
    let (said, looks) = college.plan("");
    assert!(said.contains(".bin can't be read: "), "{said}");
    assert!(
        said.contains("No changes: 40 users") && looks == 40,
        "{said}"
    );
    assert!(
        file.symlink_metadata().unwrap().is_file(),
        "it was replaced"
    );
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    let (said, looks) = college.plan("");
    assert!(said.contains(".bin can't be read: "), "{said}");
    assert!(
        said.contains(
            "note: the next plan reads every account, since this reading can't be kept: "
        ),
        "{said}"
    );
    assert!(
        said.contains("No changes: 40 users") && looks == 40,
        "{said}"
    );
}

#[test]
#[cfg(unix)]
fn a_linked_folder_of_readings_is_not_followed() {
    let college = College::proved(40, "lastModified: shown");
    let folder = college.folder.path().join(".rosterctl/readings");
    let outside = college.folder.path().join("outside/readings");
    let kept = || std::fs::read(readings_file(outside.parent().unwrap())).unwrap();
    std::fs::create_dir(outside.parent().unwrap()).unwrap();
    std::fs::rename(&folder, &outside).unwrap();
    let whole = kept();
    std::os::unix::fs::symlink(&outside, &folder).unwrap();
    let (said, looks) = college.plan("");
    assert_eq!(
        said.matches("it isn't a folder but a symbolic link")
            .count(),
        2,
        "{said}"
    );
    assert!(
        said.contains("No changes: 40 users") && looks == 40,
        "{said}"
    );
    assert_eq!(whole, kept());
}

pub fn two_servers_that_are_planned_in_turn_are_both_remembered() {
    let mut college = College::proved(60, "lastModified: shown");
    let mut other = College::new(60, "lastModified: shown");
    std::mem::swap(&mut college.sandbox, &mut other.sandbox);
    let (said, looks) = college.plan("");
    assert!(said.contains("1 to update") && looks == 60, "{said}");
    assert!(college.run("apply --auto-approve").ends_with("exit 0"));
    for turn in 0..4 {
        let (said, looks) = college.plan("");
        assert!(
            said.contains("No changes since the readings of ") && looks < 30,
            "{turn}: {looks} {said}"
        );
        std::mem::swap(&mut college.sandbox, &mut other.sandbox);
    }
}

pub fn plans_at_once_leave_whole_readings() {
    let college = College::proved(45, "lastModified: shown");
    college.change(40, "PlacementID", Value::Null, &now());
    let said = std::thread::scope(|scope| {
        let plans: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| college.run("plan")))
            .collect();
        plans
            .into_iter()
            .map(|plan| plan.join().unwrap())
            .collect::<Vec<_>>()
    });
    for said in said {
        assert!(
            said.contains("1 to update") && !said.contains("note: "),
            "{said}"
        );
    }
    let (said, looks) = college.plan("");
    assert!(
        said.contains("1 to update") && looks == 27,
        "{looks} {said}"
    );
}

pub fn a_plan_of_a_part_keeps_what_it_has_not_looked_at() {
    let college = College::proved(45, "lastModified: shown");
    crate::change::git(college.folder.path(), &["init", "-q"]);
    crate::change::commit(college.folder.path());
    college.edit("Lowick50, email: t50@", "Lowick50, email: new50@");
    for flags in [
        " --only L-50",
        " --exclude L-50",
        " --only role:learner --exclude L-51",
        " --base HEAD --only-changed",
    ] {
        let (said, _) = college.plan(flags);
        let (fresh, _) = college.plan(&format!("{flags} --fresh"));
        assert_eq!(without_memory(&said), without_memory(&fresh), "{flags}");
        let (said, looks) = college.plan("");
        assert!(
            said.contains("1 to update") && looks == 27,
            "{flags}: {looks} {said}"
        );
    }
}

pub fn whoever_declares_special_data_pays_a_look_each_time() {
    let college = College::proved(45, "lastModified: shown");
    for id in [20, 30, 40] {
        college.edit(
            &format!("email: t{id}@example.ac.uk"),
            &format!("email: t{id}@example.ac.uk, nino: QQ12345{}C", id / 10),
        );
        college.change(id, "NINO", json!(format!("QQ12345{}C", id / 10)), LONG_AGO);
    }
    // OneFile doesn't list the change, and nobody can know, since special data isn't remembered.
    for _ in 0..3 {
        let (said, looks) = college.plan("");
        assert!(said.contains("No changes since the readings of "), "{said}");
        assert_eq!(looks, 29);
    }
    college.change(30, "NINO", json!("QQ123459C"), "2026-01-03T00:00:00Z");
    let (said, looks) = college.plan("");
    assert!(
        said.contains("1 to update") && looks == 29,
        "{looks} {said}"
    );
}

/// Somebody has to decide about these, and wants to see them.
pub fn an_account_in_question_is_never_spared() {
    let college = College::proved(45, "lastModified: shown");
    for (from, to) in [
        // Two users may have account 30.
        ("misId: L-31,", "misId: L-31, id: 30,"),
        // Account 40 is to get another MIS value, and 41 has got it.
        (
            "misId: L-40,",
            "misId: L-140, formerMisId: L-40, samePerson: true,",
        ),
        ("misId: L-41,", "misId: L-41, formerMisId: L-141,"),
        // Account 51 is said to be somebody else's than user 50.
        ("misId: L-50,", "misId: L-50, distinctFrom: [51],"),
    ] {
        college.edit(from, to);
    }
    for _ in 0..3 {
        let before = college.sandbox.requests().len();
        let (said, _) = college.plan("");
        let requests = college.sandbox.requests().split_off(before);
        for id in [30, 31, 40, 41, 51] {
            let path = format!("/User/{id}");
            let mut paths = requests
                .iter()
                .filter_map(|request| request["path"].as_str());
            // Nobody may have account 31 any more, so that it isn't looked at by anybody.
            assert!(
                id == 31 || paths.any(|seen| seen.ends_with(&path)),
                "{id}: {said}"
            );
        }
        let (fresh, _) = college.plan(" --fresh");
        assert_eq!(without_memory(&said), without_memory(&fresh));
    }
}

/// An account that isn't declared with an e-mail address, a ULN or a NINO has them all the same.
pub fn a_value_of_a_spared_account_is_not_given_to_somebody_else() {
    for (field, column, value) in [
        ("uln", "ULN", crate::planner::uln(51)),
        ("nino", "NINO", "QQ123456C".to_owned()),
        ("email", "Email", "shared@example.ac.uk".to_owned()),
    ] {
        let college = College::new(45, "lastModified: shown");
        let declared = declared(50);
        college.edit(declared.trim_end(), "  - { id: 50, placement: P-2 }");
        college.change(50, column, json!(value), LONG_AGO);
        college.prove();
        // Somebody new has it, and then somebody who has an account.
        let person = "firstName: Nia, lastName: Newcombe, dob: 2006-01-02";
        let email = if field == "email" {
            ""
        } else {
            "email: nia@example.ac.uk, "
        };
        let new = format!("  - {{ misId: L-999, {email}{person}, {field}: \"{value}\" }}\n");
        college.add(&new);
        college.compare_held(field);
        college.edit(&new, "");
        let own = "email: t51@example.ac.uk, ";
        let kept = if field == "email" { "" } else { own };
        college.edit(own, &format!("{kept}{field}: \"{value}\", "));
        college.compare_held(field);
    }
}

/// Where employers and assessors leave, it matters whom each learner names, declared or not.
pub fn a_leaver_is_held_for_a_spared_learner() {
    let college = College::proved(45, "lastModified: shown");
    let employer = json!({ "ID": 9, "OrganisationID": 5740, "Role": 40, "MISID": "E-9", "FirstName": "Eva", "LastName": "Emberton", "Email": "eva@example.ac.uk", "PlacementID": 2, "LastModified": LONG_AGO });
    college.add_account(employer);
    college.change(50, "DefaultEmployerID", json!(9), &now());
    college.run("plan");
    college.add("  - { misId: E-9, role: employer, archived: true }\n");
    college.allow("archives: allowed");
    assert!(college.plan("").0.contains("L-50 still has this employer"));
    college.compare_held("employer");
}

/// A plan knows whom each learner names, although the files don't say it, and looks only at those who name the leaver.
pub fn an_assessor_who_leaves_costs_a_look_at_their_own_learners() {
    let college = College::new(80, "lastModified: shown");
    for (id, mis_id) in [(6, "A-2"), (7, "A-3")] {
        let assessor = json!({ "ID": id, "OrganisationID": 5740, "Role": 5, "MISID": mis_id, "FirstName": "Asa", "LastName": format!("Ashcombe{id}"), "Email": format!("asa{id}@example.ac.uk"), "LastModified": LONG_AGO });
        college.add_account(assessor);
    }
    for (id, assessor) in [(70, 6), (71, 6), (72, 7)] {
        college.change(id, "DefaultAssessorID", json!(assessor), LONG_AGO);
    }
    college.edit(", defaultAssessor: A-1", "");
    college.edit("misId: L-", "id: ");
    college.prove();
    college.add("  - { misId: A-2, role: assessor, archived: true }\n");
    college.allow("archives: allowed");
    let (said, _) = college.plan("");
    assert!(said.contains("L-70") && said.contains("L-71"), "{said}");
    assert!(!said.contains("L-72"), "{said}");
    college.compare_held("assessor");
    // The last of them goes to somebody else.
    for id in [70, 71] {
        let (said, _) = college.plan("");
        assert!(said.contains("1 user is on hold"), "{said}");
        college.change(id, "DefaultAssessorID", json!(7), &now());
    }
    let (said, looks) = college.plan("");
    assert!(
        said.contains("1 to archive") && looks < 40,
        "{looks} {said}"
    );
    let (fresh, _) = college.plan(" --fresh");
    assert_eq!(without_memory(&said), without_memory(&fresh));
}

/// Learners who all have the declared standard, but for the last one.
fn with_standards(learners: usize, behaviour: &str) -> College {
    let aim = |id: usize| {
        format!(
            "  - {{ ID: {}, OrganisationID: 5740, StandardID: 31, UserID: {id} }}\n",
            id + 1_000
        )
    };
    let aims: String = (11..10 + learners).map(aim).collect();
    let tables = format!(
        "standards: [{{ ID: 31, OrganisationID: 5740, Title: Baker Level 2 }}, {{ ID: 32, OrganisationID: 5740, Title: English Level 2 }}]\nlearningAims:\n{aims}"
    );
    College::with_more(learners, behaviour, &tables, ", standards: [Baker Level 2]")
}

/// How many learners' aims a command reads.
fn aims_read(college: &College, line: &str) -> (String, usize) {
    let read = || {
        let requests = college.sandbox.requests();
        let paths = requests
            .iter()
            .filter_map(|request| request["path"].as_str());
        paths
            .filter(|path| path.ends_with("/LearningAim/Search"))
            .count()
    };
    let before = read();
    let said = college.run(line);
    (said, read() - before)
}

pub fn aims_are_remembered_once_an_assignment_of_ours_was_listed() {
    let college = with_standards(45, "touchedBy: everything");
    let (said, read) = aims_read(&college, "plan");
    assert!(said.contains("1 assignment"), "{said}");
    assert_eq!(read, 45);
    // An update proves that accounts are listed, and says nothing about aims.
    college.edit("t11@", "new11@");
    let (said, _) = aims_read(&college, "apply --auto-approve --only L-11");
    assert!(said.ends_with("exit 0"), "{said}");
    let (_, read) = aims_read(&college, "plan");
    assert_eq!(read, 45);
    let (said, _) = aims_read(&college, "apply --auto-approve");
    assert!(said.contains("1 assignment made"), "{said}");
    let (said, read) = aims_read(&college, "plan");
    assert!(said.contains("No changes since the readings of "), "{said}");
    assert_eq!(
        read, 27,
        "a sample, the learner who got a standard, and the one who was updated a moment ago"
    );
    let (said, read) = aims_read(&college, "plan --fresh");
    assert!(said.contains("No changes: 45 users"), "{said}");
    assert_eq!(read, 45);
}

/// A server whose users aren't touched by an assignment is never believed about aims.
#[test]
fn aims_are_read_where_an_assignment_is_not_listed() {
    let college = with_standards(45, "touchedBy: users");
    college.run("plan");
    college.edit("t11@", "new11@");
    assert!(college.run("apply --auto-approve").ends_with("exit 0"));
    let (said, read) = aims_read(&college, "plan");
    assert!(
        said.contains("note: OneFile doesn't list account 55 as modified, although rosterctl has assigned a standard to it; so all standards of learners were read, and for 30 days plans read all of them"),
        "{said}"
    );
    assert_eq!(read, 45);
    let (said, read) = aims_read(&college, "plan");
    assert!(
        !said.contains("note: ") && said.contains("No changes since"),
        "{said}"
    );
    assert_eq!(read, 45, "and the accounts are remembered all the same");
}

/// What a project leaves alone, and what this run can't manage, is counted with readings and without them.
#[test]
fn what_is_left_alone_is_counted_as_ever() {
    let college = College::new(45, "lastModified: shown");
    college.add_lines("fields: { lastName: ignoreCase, email: onCreate }\n");
    college.add("---\nfromCsv: { path: ../private/mobiles.csv, overlay: true, optional: true, columns: { misId: Ref, mobileNumber: Mobile } }\n");
    assert!(
        college
            .run("plan")
            .contains("1 field isn't managed in this run")
    );
    college.edit("misId: L-11,", "misId: L-11, classroom: Garage,");
    assert!(college.run("apply --auto-approve").ends_with("exit 0"));
    // One name in capitals, one address that the person has changed, one cell that can't be meant, one change.
    college.edit("Lowick20", "LOWICK20");
    college.change(21, "Email", json!("own@example.ac.uk"), &now());
    college.edit("misId: L-22,", "misId: L-22, companyName: N/A,");
    college.edit("misId: L-50,", "misId: L-50, classroom: Garage,");
    for _ in 0..2 {
        let (said, looks) = college.plan("");
        assert!(said.contains("1 to update") && looks < 40, "{looks} {said}");
        let (fresh, _) = college.plan(" --fresh");
        assert_eq!(without_memory(&said), without_memory(&fresh));
    }
}
