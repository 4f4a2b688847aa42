//! A member of staff with two roles, from the files to the accounts: two users with one MIS value, told apart by role in
//! every file and command.

use reqwest::Method;
use tempfile::TempDir;

use crate::harness::{Sandbox, project, rosterctl_on, transcript};

const ORGANISATION: &str = "
organisations:
  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: false, KeychainEmailSuppression: false }
classrooms:
  - { ID: 1, OrganisationID: 5740, Name: Business }
placements:
  - { ID: 2, OrganisationID: 5740, Name: Bakery }
users:
";
const SAM: &str = "  - { ID: 5, OrganisationID: 5740, Role: 5, MISID: S-1, FirstName: Sam, LastName: Silverbirch, Email: sam@example.ac.uk }
  - { ID: 6, OrganisationID: 5740, Role: 10, MISID: S-1, FirstName: Sam, LastName: Silverbirch, Email: sam@example.ac.uk }
  - { ID: 9, OrganisationID: 5740, Role: 1, MISID: L-1, FirstName: Lena, LastName: Larkspurne, Email: lena@example.ac.uk, ClassroomID: 1, PlacementID: 2, DefaultAssessorID: 5 }
";
const BOTH: &str = "users:
  - { misId: S-1, role: assessor, firstName: Sam, lastName: Silverbirch, email: sam@example.ac.uk }
  - { misId: S-1, role: iqa, firstName: Sam, lastName: Silverbirch, email: sam@example.ac.uk }
";

struct College {
    sandbox: Sandbox,
    folder: TempDir,
}

impl College {
    fn new(accounts: &str, users: &str) -> Self {
        let sandbox = Sandbox::start(&format!("{ORGANISATION}{accounts}"));
        let files = [
            ("rosterctl.yaml", "organisation: 5740\n"),
            ("users/a.yaml", users),
        ];
        Self {
            sandbox,
            folder: project(&files),
        }
    }

    fn run(&self, args: &str) -> String {
        let mut command = rosterctl_on(&self.sandbox);
        command.current_dir(self.folder.path());
        transcript(command.args(args.split(' ')))
    }

    fn journal(&self) -> String {
        std::fs::read_to_string(self.folder.path().join(".rosterctl/journal.jsonl")).unwrap()
    }

    fn roles(&self) -> Vec<i64> {
        let state = self.sandbox.state();
        let users = state["users"].as_array().unwrap();
        let mut roles: Vec<i64> = users
            .iter()
            .filter_map(|user| user["Role"].as_i64())
            .collect();
        roles.sort_unstable();
        roles
    }
}

#[test]
fn the_files_may_declare_one_mis_value_for_two_roles_and_warn_of_nothing() {
    let college = College::new("  []", BOTH);
    let said = college.run("validate");
    assert!(
        said.contains("exit 0") && !said.contains("warning"),
        "{said}"
    );
    for (one, other) in [
        ("assessor", "assessor"),
        ("learner", "assessor"),
        ("iqa", "learner"),
    ] {
        let users = BOTH
            .replacen("role: assessor", &format!("role: {one}"), 1)
            .replacen("role: iqa", &format!("role: {other}"), 1);
        let said = College::new("  []", &users).run("validate");
        assert!(said.contains("duplicate-user"), "{one} and {other}: {said}");
    }
}

#[test]
fn both_accounts_of_a_new_person_are_created_and_journalled_by_role() {
    let college = College::new("  []", BOTH);
    let said = college.run("apply --auto-approve");
    assert!(said.ends_with("exit 0\n"), "{said}");
    assert_eq!(college.roles(), [5, 10]);
    let journal = college.journal();
    for role in ["assessor", "iqa"] {
        let named = format!("\"misId\":\"S-1\",\"role\":\"{role}\"");
        assert_eq!(journal.matches(&named).count(), 2, "{role}: {journal}");
    }
    assert!(college.run("plan").contains("No changes"));
    let both = college.run("history S-1");
    assert!(
        both.contains("assessor:S-1: created") && both.contains("iqa:S-1: created"),
        "{both}"
    );
    let one = college.run("history iqa:S-1");
    assert!(
        one.contains("created as account") && !one.contains("assessor"),
        "{one}"
    );
}

pub fn a_create_whose_answer_is_lost_is_settled_by_role() {
    let college = College::new("  []", BOTH);
    let faults = "- { on: POST /User, do: { hideCreatedMs: 600000 } }\n- { on: POST /User, do: resetAfter }\n";
    let set = college.sandbox.control(Method::PUT, "faults", faults);
    assert_eq!(set.0, 200, "{}", set.1);
    let said = college.run("apply --auto-approve");
    assert!(
        said.contains("rosterctl settle assessor:S-1 created"),
        "{said}"
    );
    let said = college.run("settle iqa:S-1 not-created");
    assert!(said.contains("no create of iqa:S-1 is unclear"), "{said}");
    let said = college.run("settle assessor:S-1 created");
    assert!(said.ends_with("exit 0\n"), "{said}");
    assert!(
        college
            .journal()
            .contains("\"event\":\"settled\",\"misId\":\"S-1\",\"role\":\"assessor\"")
    );
}

#[test]
fn a_journal_line_without_a_role_is_still_read() {
    let college = College::new("  []", BOTH);
    college.run("apply --auto-approve");
    let line = college
        .journal()
        .lines()
        .find(|line| line.contains("\"event\":\"intent\""))
        .unwrap()
        .replace(",\"role\":\"assessor\"", "")
        .replace(",\"role\":\"iqa\"", "")
        .replace("S-1", "S-7");
    let path = college.folder.path().join(".rosterctl/journal.jsonl");
    std::fs::write(&path, format!("{}{line}\n", college.journal())).unwrap();
    std::fs::write(
        college.folder.path().join("users/a.yaml"),
        BOTH.replace("S-1", "S-7")
            .replace("sam@", "sue@")
            .replace("Sam", "Sue"),
    )
    .unwrap();
    let said = college.run("plan");
    assert!(said.contains("settle") && said.contains("S-7"), "{said}");
    assert!(college.run("settle S-7 not-created").ends_with("exit 0\n"));
    assert!(
        college.run("plan").contains("2 to create"),
        "{}",
        college.run("plan")
    );
}

#[test]
fn one_user_is_explained_by_role() {
    let college = College::new(SAM, BOTH);
    let said = college.run("plan --explain S-1");
    assert!(
        said.contains("`assessor:S-1` or `iqa:S-1`") && said.contains("exit 64"),
        "{said}"
    );
    let said = college.run("plan --explain iqa:S-1");
    assert!(
        said.contains("IQA S-1") && said.contains("exit 0"),
        "{said}"
    );
}

#[test]
fn two_accounts_with_one_mis_value_are_exported_as_two_users_that_plan_as_unchanged() {
    for args in ["", " --overlay private/personal.csv"] {
        let college = College::new(SAM, "users: []\n");
        std::fs::remove_dir_all(college.folder.path().join("users")).unwrap();
        let said = college.run(&format!("export --dir users{args}"));
        assert!(said.contains("exit 0"), "{said}");
        let said = college.run("plan");
        assert!(said.contains("No changes"), "{said}");
        let staff = std::fs::read_dir(college.folder.path().join("users")).unwrap();
        let mut text = String::new();
        for file in staff.flatten() {
            text += &std::fs::read_to_string(file.path()).unwrap();
        }
        assert!(text.matches("misId: S-1").count() == 2, "{text}");
        assert!(text.contains("defaultAssessor: \"assessor:S-1\""), "{text}");
        assert!(!text.contains("id: 5"), "{text}");
    }
}

#[test]
fn a_row_of_an_overlay_is_for_both_roles_unless_it_names_one() {
    let users = BOTH.to_owned()
        + "fromCsv: { path: personal.csv, columns: { misId: misId, telephone: telephone }, overlay: true }\n";
    let college = College::new(SAM, &users);
    let csv = college.folder.path().join("users/personal.csv");
    std::fs::write(&csv, "misId,telephone\nS-1,01632 960102\n").unwrap();
    assert!(
        college.run("plan").contains("2 to update"),
        "{}",
        college.run("plan")
    );
    std::fs::write(&csv, "misId,telephone\niqa:S-1,01632 960102\n").unwrap();
    let said = college.run("plan");
    assert!(
        said.contains("1 to update") && said.contains("IQA S-1"),
        "{said}"
    );
    std::fs::write(&csv, "misId,telephone\nobserver:S-1,01632 960102\n").unwrap();
    assert!(college.run("validate").contains("overlay-stranger"));
}

#[test]
fn a_contradiction_is_found_between_any_two_of_id_also_has_and_distinct_from() {
    for fields in [
        "id: 5, alsoHas: [5]",
        "id: 5, distinctFrom: [5]",
        "misId: S-2, alsoHas: [7, 5], distinctFrom: [5]",
    ] {
        let users = format!(
            "users:\n  - {{ {fields}, role: iqa, firstName: Sam, lastName: Silverbirch, email: sam@example.ac.uk }}\n"
        );
        let said = College::new("  []", &users).run("validate");
        assert!(said.contains("contradiction"), "{fields}: {said}");
    }
}
