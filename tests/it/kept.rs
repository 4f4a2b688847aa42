//! Services that store texts in a form of their own: it is told once, and not sent for ever.

use reqwest::Method;
use serde_json::Value;
use tempfile::TempDir;

use crate::cases::is_write;
use crate::harness::{Sandbox, project, rosterctl_on, transcript, unwrapped};

const SEED: &str = "
organisations:
  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }
users:
  - { ID: 1, OrganisationID: 5740, Role: 5, MISID: A-1, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk }
";

const USERS: &str = "users:
  - { misId: A-1, role: assessor, firstName: Zoë, lastName: O'Neill-Ŵynne, email: ann@example.ac.uk, mobileNumber: 07700 900 001, homeAddress: \"12 Long Street, Example Town\", samePerson: true }
  - { misId: A-2, role: assessor, firstName: Siân, lastName: d'Arcy-Łukasz, email: ben@example.ac.uk, homeAddress: \"1 High Street, Example Town\" }
";

struct College {
    sandbox: Sandbox,
    folder: TempDir,
}

impl College {
    fn storing(texts: &str) -> Self {
        Self::new(
            &format!("{SEED}behaviour: {{ storedTexts: {texts} }}\n"),
            USERS,
        )
    }

    fn new(seed: &str, users: &str) -> Self {
        let files = [
            ("rosterctl.yaml", "organisation: 5740\n"),
            ("users/a.yaml", users),
        ];
        Self {
            sandbox: Sandbox::start(seed),
            folder: project(&files),
        }
    }

    fn declare(&self, users: &str) {
        std::fs::write(self.folder.path().join("users/a.yaml"), users).unwrap();
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

    fn writes(&self) -> usize {
        let requests = self.sandbox.requests();
        requests.iter().filter(|request| is_write(request)).count()
    }

    /// Somebody sets a field in OneFile.
    fn set(&self, id: i64, field: &str, value: &str) {
        let mut state = self.sandbox.state();
        let users = state["users"].as_array_mut().unwrap();
        let user = users.iter_mut().find(|user| user["ID"] == id).unwrap();
        user[field] = Value::from(value);
        let answer = self
            .sandbox
            .control(Method::PUT, "state", &state.to_string());
        assert_eq!(answer.0, 200);
    }
}

/// The forms, and a field of account 1 that each changes.
const FORMS: &[(&str, &str)] = &[
    ("capitals", "lastName"),
    ("titleCase", "lastName"),
    ("cut", "homeAddress"),
    ("entities", "lastName"),
    ("withoutBlanks", "mobileNumber"),
    ("ascii", "firstName"),
    ("latin", "lastName"),
];

pub fn what_the_service_rewrites_is_told_once_and_not_sent_again() {
    for (form, field) in FORMS {
        let college = College::storing(form);
        let said = college.apply();
        assert!(
            said.contains("OneFile keeps a different value of "),
            "{form}{said}"
        );
        assert!(
            said.contains("declare it as OneFile keeps it"),
            "{form}{said}"
        );
        assert!(said.contains(&format!("`{field}`")), "{form}{said}");
        assert!(
            !said.contains("hold `misId`") && said.ends_with("exit 5"),
            "{form}{said}"
        );
        let writes = college.writes();
        let said = college.run("plan");
        assert!(
            said.contains("declare it as OneFile keeps it"),
            "{form}{said}"
        );
        assert!(
            said.contains("kept differently by OneFile."),
            "{form}{said}"
        );
        let said = college.apply();
        assert!(said.ends_with("exit 0"), "{form}{said}");
        assert_eq!(college.writes(), writes, "{form}{said}");
    }
}

/// Everything is compared in NFC, or else it is told like any other form.
#[test]
fn accents_of_their_own_are_not_sent_for_ever() {
    let college = College::storing("decomposed");
    college.apply();
    let writes = college.writes();
    let said = college.apply();
    assert!(said.ends_with("exit 0"), "{said}");
    assert_eq!(college.writes(), writes);
}

#[test]
fn what_a_person_has_changed_since_is_sent_and_so_is_what_is_declared_anew() {
    let college = College::storing("capitals");
    college.apply();
    college.set(2, "LastName", "Somebody");
    let said = college.run("plan");
    assert!(said.contains("0 to create, 1 to update"), "{said}");
    assert!(said.contains("~ assessor A-2 (2)"), "{said}");
    college.apply();
    assert!(college.apply().ends_with("exit 0"));
    college.declare(&USERS.replace("d'Arcy-Łukasz", "d'Arcy"));
    assert!(college.run("plan").contains("1 to update"));
    college.declare(&USERS.replace("d'Arcy-Łukasz", "D'ARCY-ŁUKASZ"));
    let said = college.run("plan --explain A-2");
    assert!(said.contains("lastName as declared"), "{said}");
}

#[test]
fn without_its_journal_it_sends_again_and_learns_again() {
    let college = College::storing("capitals");
    college.apply();
    std::fs::remove_dir_all(college.folder.path().join(".rosterctl")).unwrap();
    let said = college.run("plan");
    assert!(said.contains("0 to create, 2 to update"), "{said}");
    let said = college.apply();
    assert!(said.ends_with("exit 5"), "{said}");
    // What was there before the write may be a write that was lost: the second time tells.
    college.apply();
    assert!(college.apply().ends_with("exit 0"));
}

#[test]
fn a_write_that_was_lost_is_sent_again() {
    for former in ["abbotsley", "Smith"] {
        let seed = format!(
            "{SEED}faults:\n  - {{ on: POST /User/1, when: {{ nth: 1 }}, do: loseWrite }}\n"
        );
        let users = "users:\n  - { misId: A-1, role: assessor, firstName: Ann, lastName: Abbotsley, email: ann@example.ac.uk }\n";
        let college = College::new(&seed.replace("Abbotsley", former), users);
        let said = college.apply();
        assert!(said.contains("doesn't hold `lastName`"), "{said}");
        assert!(!said.contains("OneFile keeps"), "{said}");
        assert!(college.apply().contains("updated assessor A-1"));
        assert!(college.run("plan").starts_with("No changes"));
    }
}

#[test]
fn no_value_and_no_special_field_is_in_the_journal() {
    let college = College::storing("capitals");
    college.apply();
    let path = college.folder.path().join(".rosterctl/journal.jsonl");
    let journal = std::fs::read_to_string(path).unwrap();
    assert!(journal.contains("\"event\":\"kept\""), "{journal}");
    for value in ["Neill", "NEILL", "Sian", "Street", "STREET", "900"] {
        let kept = journal.lines().filter(|line| line.contains("\"kept\""));
        let shown: Vec<&str> = kept.filter(|line| line.contains(value)).collect();
        let is_digest = value.chars().all(|digit| digit.is_ascii_digit());
        assert!(is_digest || shown.is_empty(), "{value} {shown:?}");
    }
    let said = college.run("plan --out plan.json");
    let plan = std::fs::read_to_string(college.folder.path().join("plan.json")).unwrap();
    let plan: Value = serde_json::from_str(&plan).unwrap();
    assert_eq!(plan["kept"].as_array().unwrap().len(), 2, "{said}");
}

#[test]
fn capitals_that_onefile_stores_are_no_deviation_where_the_project_ignores_them() {
    let fields = ["firstName", "lastName", "mobileNumber", "homeAddress"];
    let rules: String = fields
        .iter()
        .map(|name| format!("  {name}: ignoreCase\n"))
        .collect();
    let college = College::storing("capitals");
    let settings = format!("organisation: 5740\nfields:\n{rules}");
    std::fs::write(college.folder.path().join("rosterctl.yaml"), settings).unwrap();
    let said = college.apply();
    assert!(said.contains("exit 0"), "{said}");
    let writes = college.writes();
    let again = college.apply();
    assert!(again.contains("leaves alone"), "{again}");
    assert!(!again.contains("keeps another form"), "{again}");
    assert_eq!(college.writes(), writes);
}
