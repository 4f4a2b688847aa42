//! `history`: who ran what, how many of what it did, and one run user by user.

use std::path::Path;

use tempfile::TempDir;

use crate::change::{commit, git};
use crate::harness::{Sandbox, project, rosterctl_on, transcript};

const SEED: &str = "organisations:
  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }
users:
  - { ID: 1, OrganisationID: 5740, Role: 5, MISID: A-1, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk }
  - { ID: 2, OrganisationID: 5740, Role: 5, MISID: A-2, FirstName: Ben, LastName: Birdwhistle, Email: ben@example.ac.uk }
  - { ID: 3, OrganisationID: 5740, Role: 5, FirstName: Chidi, LastName: Catterpole, Email: chidi@example.ac.uk }
";
const USERS: &str = "defaults: { role: assessor, telephone: 01632 960001 }
users:
  - { misId: A-1, firstName: Ann, lastName: Abbotsley, email: ann@example.ac.uk }
  - { misId: A-2, firstName: Ben, lastName: Birdwhistle, email: ben@example.ac.uk }
  - { id: 3 }
  - { misId: A-4, firstName: Dana, lastName: Dunmarrow, email: dana@example.ac.uk }
";

struct College {
    sandbox: Sandbox,
    folder: TempDir,
}

impl College {
    fn new(more: &str) -> Self {
        let folder = project(&[
            ("rosterctl.yaml", "organisation: 5740\n"),
            ("users/a.yaml", USERS),
        ]);
        let sandbox = Sandbox::start(&format!("{SEED}{more}"));
        Self { sandbox, folder }
    }

    fn run(&self, args: &str, variables: &[(&str, &str)]) -> String {
        let mut command = rosterctl_on(&self.sandbox);
        command
            .current_dir(self.folder.path())
            .args(args.split(' '))
            .envs(variables.iter().copied());
        transcript(&mut command)
    }

    fn history(&self, args: &str) -> String {
        self.run(format!("history {args}").trim_end(), &[])
    }

    /// The ID of the only run.
    fn id(&self) -> String {
        let said = self.history("");
        let (_, from) = said.split_once("\n  run ").unwrap();
        from.split(['\n', ',']).next().unwrap().to_owned()
    }

    fn journal(&self) -> std::path::PathBuf {
        self.folder.path().join(".rosterctl/journal.jsonl")
    }
}

fn named(folder: &Path, name: &str) {
    git(folder, &["init", "-q"]);
    commit(folder);
    git(folder, &["config", "user.name", name]);
}

#[test]
fn a_run_says_how_many_of_what_it_did_and_its_id() {
    let college = College::new("");
    assert!(
        college
            .run("apply --auto-approve", &[])
            .ends_with("exit 0\n")
    );
    let said = college.history("");
    let id = college.id();
    assert!(
        said.contains(&format!("  run {id}\n  1 to create, 3 to update\n")),
        "{said}"
    );
    assert!(said.contains("\n  1 created, 3 updated\n"), "{said}");
}

#[test]
fn a_run_is_listed_user_by_user_by_its_id_or_the_beginning_of_it() {
    let college = College::new(
        "faults:\n  - { on: POST /User/2, when: { nth: 1 }, do: { status: 400, body: no } }\n",
    );
    college.run("apply --auto-approve", &[]);
    let id = college.id();
    let said = college.history(&id);
    for line in [
        "  A-4: created as account 4\n",
        "  A-1: account 1 updated: telephone\n",
        "  account 3 updated: telephone\n",
        "  A-2: account 2 not updated: ",
        "\n  1 created, 2 updated, 1 failed\nexit 0\n",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let (day, _) = id.split_at(8);
    assert_eq!(college.history(day), said);
    college.run("apply --auto-approve", &[]);
    let several = college.history(day);
    assert!(
        several.contains(&format!("2 runs begin with {day}; write more of the ID"))
            && several.ends_with("exit 64\n"),
        "{several}"
    );
    assert_eq!(college.history(&id), said);
    let none = college.history("20010101");
    assert!(
        none.starts_with("No history for 20010101. `rosterctl history` shows the runs.\n"),
        "{none}"
    );
}

#[test]
fn in_ci_the_login_of_the_forge_says_who() {
    for (variables, login) in [
        (&[("GITHUB_ACTOR", "octo-ann")][..], "octo-ann"),
        (
            &[
                ("GITHUB_ACTOR", "octo-ann"),
                ("GITHUB_TRIGGERING_ACTOR", "octo-ben"),
            ],
            "octo-ben",
        ),
        (&[("GITLAB_USER_LOGIN", "lab.ann")], "lab.ann"),
        (
            &[("GITLAB_USER_LOGIN", "zqlogin@example.ac.uk")],
            "(e-mail address)",
        ),
    ] {
        let college = College::new("");
        named(college.folder.path(), "Zqname Zqother");
        let variables = [variables, &[("CI", "true")]].concat();
        college.run("apply --auto-approve", &variables);
        let said = college.history("");
        assert!(
            said.contains(&format!(", started by {login}\n")),
            "{login}: {said}"
        );
        let journal = std::fs::read_to_string(college.journal()).unwrap();
        assert!(
            !journal.contains("Zqname"),
            "git's name isn't asked: {journal}"
        );
    }
}

pub fn away_from_ci_the_name_that_git_has_says_who_and_only_a_person_sees_it() {
    let college =
        College::new("faults:\n  - { on: POST /User, when: { nth: 1 }, do: resetBefore }\n");
    named(college.folder.path(), "Zqname Zqother");
    college.run("apply --auto-approve", &[]);
    college.run("settle A-4 not-created", &[]);
    let said = college.history("");
    assert_eq!(
        said.matches(", started by (personal)\n").count(),
        2,
        "{said}"
    );
    assert!(!said.contains("Zqname"), "{said}");
    #[cfg(target_os = "linux")]
    {
        let seen = crate::terminal::session(college.folder.path(), "history", "");
        assert_eq!(
            seen.matches(", started by Zqname Zqother\r\n").count(),
            2,
            "{seen}"
        );
        let third = College::new("");
        named(third.folder.path(), "\u{1b}[31mRed");
        third.run("apply --auto-approve", &[]);
        let seen = crate::terminal::session(third.folder.path(), "history", "");
        assert!(
            seen.contains("started by \\u{1b}[31mRed") && !seen.contains('\u{1b}'),
            "{seen:?}"
        );
    }
    let other = College::new("");
    other.run("apply --auto-approve", &[]);
    assert!(!other.history("").contains("started by"), "nobody is known");
}

#[test]
fn journals_of_older_versions_are_shown_and_a_user_comes_before_a_run() {
    let college = College::new("");
    std::fs::create_dir(college.folder.path().join(".rosterctl")).unwrap();
    let lines = r#"{"at":"2026-11-03T09:00:00Z","run":"20261103T090000000-1","target":"sandbox","organisation":5740,"event":"started","creates":1,"updates":1,"commit":"0123456789abcdef"}
{"at":"2026-11-03T09:00:01Z","run":"20261103T090000000-1","target":"sandbox","organisation":5740,"event":"intent","misId":"20261103"}
{"at":"2026-11-03T09:00:02Z","run":"20261103T090000000-1","target":"sandbox","organisation":5740,"event":"created","misId":"20261103","id":7}
{"at":"2026-11-03T09:00:03Z","run":"20261103T090000000-1","target":"sandbox","organisation":5740,"event":"updated","id":8,"fields":["email"]}
{"at":"2026-11-03T09:00:04Z","run":"20261103T090000000-1","target":"sandbox","organisation":5740,"event":"ended","done":2,"failed":0,"notAttempted":0,"unclear":0}
"#;
    std::fs::write(college.journal(), lines).unwrap();
    let said = college.history("");
    assert!(
        said.contains("  run 20261103T090000000-1\n  1 to create, 1 to update; commit 0123456789ab\n  1 created, 1 updated\n"),
        "{said}"
    );
    let of_user = college.history("20261103");
    assert!(
        of_user.contains("created as account 7\n") && !of_user.contains("updated"),
        "{of_user}"
    );
    let of_run = college.history("20261103T09");
    assert!(
        of_run.contains("  20261103: created as account 7\n  account 8 updated: email\n"),
        "{of_run}"
    );
}
