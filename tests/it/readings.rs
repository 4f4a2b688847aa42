//! Remembered readings: a plan looks at what has changed, and comes to the same as a plan that looks at everybody.

use reqwest::Method;
use rosterctl::domain::clock::Clock;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Sandbox, project, rosterctl_on, transcript, unwrapped};

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
    fn with_more(learners: usize, behaviour: &str, tables: &str, defaults: &str) -> Self {
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
        assert!(college.run("plan").contains("No changes: "));
        college.edit("t11@", "new11@");
        assert!(college.run("apply --auto-approve").ends_with("exit 0"));
        let used = college.run("plan");
        assert!(used.contains("No changes since the readings of "), "{used}");
        college
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

    fn edit(&self, from: &str, to: &str) {
        let path = self.folder.path().join("users/a.yaml");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from}");
        std::fs::write(path, text.replace(from, to)).unwrap();
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
        let (status, answer) = self
            .sandbox
            .control(Method::PUT, "state", &state.to_string());
        assert_eq!(status, 200, "{answer}");
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

fn now() -> String {
    Clock::REAL.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[test]
fn nobody_is_spared_before_the_search_has_shown_an_update_of_ours() {
    let college = College::new(80, "lastModified: shown");
    for _ in 0..2 {
        let (said, looks) = college.plan("");
        assert!(
            said.contains("No changes: 80 users are as declared."),
            "{said}"
        );
        assert_eq!(looks, 80);
    }
    college.edit("t11@", "new11@");
    assert!(college.run("apply --auto-approve").ends_with("exit 0"));
    let (said, looks) = college.plan("");
    assert!(
        said.contains("No changes since the readings of ")
            && said.contains("(54 accounts); `--fresh` reads them all."),
        "{said}"
    );
    assert_eq!(looks, 26, "a sample, and the account that was updated");
    let (said, looks) = college.plan(" --fresh");
    assert!(said.contains("No changes: 80 users"), "{said}");
    assert_eq!(looks, 80);
}

#[test]
fn what_has_changed_on_either_side_is_planned_as_ever() {
    let college = College::proved(100, "lastModified: shown");
    college.change(40, "PlacementID", Value::Null, &now());
    college.change(41, "Email", json!("other@example.ac.uk"), &now());
    college.edit("Lowick50, email: t50@", "Lowick50, email: new50@");
    let (said, looks) = college.plan(" --reveal personal");
    let (fresh, _) = college.plan(" --reveal personal --fresh");
    assert!(said.contains("Plan: 0 to create, 3 to update"), "{said}");
    assert!(looks < 35, "{looks}");
    let without = |text: &str| {
        let (before, rest) = text
            .split_once("The rest is as of the readings of ")
            .unwrap_or((text, ""));
        let after = rest
            .split_once("reads them all.")
            .map_or("", |(_, after)| after);
        format!("{}{}", before.trim(), after)
    };
    assert_eq!(without(&said), without(&fresh));
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

#[test]
fn aims_are_remembered_once_an_assignment_of_ours_was_listed() {
    let college = with_standards(80, "touchedBy: everything");
    let (said, read) = aims_read(&college, "plan");
    assert!(said.contains("1 assignment"), "{said}");
    assert_eq!(read, 80);
    // An update proves that accounts are listed, and says nothing about aims.
    college.edit("t11@", "new11@");
    let (said, _) = aims_read(&college, "apply --auto-approve --only L-11");
    assert!(said.ends_with("exit 0"), "{said}");
    let (_, read) = aims_read(&college, "plan");
    assert_eq!(read, 80);
    let (said, _) = aims_read(&college, "apply --auto-approve");
    assert!(said.contains("1 assignment made"), "{said}");
    let (said, read) = aims_read(&college, "plan");
    assert!(said.contains("No changes since the readings of "), "{said}");
    assert_eq!(
        read, 27,
        "a sample, the learner who got a standard, and the one who was updated a moment ago"
    );
    let (said, read) = aims_read(&college, "plan --fresh");
    assert!(said.contains("No changes: 80 users"), "{said}");
    assert_eq!(read, 80);
}

/// A server whose users aren't touched by an assignment is never believed about aims.
#[test]
fn aims_are_read_where_an_assignment_is_not_listed() {
    let college = with_standards(80, "touchedBy: users");
    college.run("plan");
    college.edit("t11@", "new11@");
    assert!(college.run("apply --auto-approve").ends_with("exit 0"));
    let (said, read) = aims_read(&college, "plan");
    assert!(
        said.contains("note: OneFile doesn't list account 90 as modified, although rosterctl has assigned a standard to it; so all standards of learners were read, and for 30 days plans read all of them"),
        "{said}"
    );
    assert_eq!(read, 80);
    let (said, read) = aims_read(&college, "plan");
    assert!(
        !said.contains("note: ") && said.contains("No changes since"),
        "{said}"
    );
    assert_eq!(read, 80, "and the accounts are remembered all the same");
}
