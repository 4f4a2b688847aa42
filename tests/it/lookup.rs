//! `find` and `list`: who somebody is and what exists. Where everybody may read they say no name, and answer no question
//! about one.

use std::path::Path;

use tempfile::TempDir;

use crate::cases::requests;
use crate::harness::{Sandbox, copy_of, project, root, rosterctl, rosterctl_on, transcript};

const ORGANISATION: &str = "organisations:\n  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }\n";
const ROOMS: &str = "classrooms:\n  - { ID: 11, OrganisationID: 5740, Name: Health, MISID: H1 }\n  - { ID: 12, OrganisationID: 5740, Name: Health, MISID: H2 }\n  - { ID: 13, OrganisationID: 5740, Name: zq@example.ac.uk }\n  - { ID: 14, OrganisationID: 5740, Name: =1+1 }\nplacements:\n  - { ID: 21, OrganisationID: 5740, Name: Bakery, MISID: BT01 }\n";
const ACCOUNTS: &str = "users:
  - { ID: 101, OrganisationID: 5740, Role: 5, FirstName: Ben, LastName: Birdwhistle, Email: ben@example.ac.uk, MISID: A-1 }
  - { ID: 102, OrganisationID: 5740, Role: 5, FirstName: Carys, LastName: Cloverdene, Email: carys@example.ac.uk, MISID: A-2 }
  - { ID: 103, OrganisationID: 5740, Role: 10, FirstName: Carys, LastName: Cloverdene, Email: carys@example.ac.uk }
  - { ID: 201, OrganisationID: 5740, Role: 1, FirstName: Siân, LastName: O'Neill-Khan, Email: sian@example.ac.uk, MISID: L-0001, ClassroomID: 11, PlacementID: 21, DefaultAssessorID: 101 }
  - { ID: 202, OrganisationID: 5740, Role: 1, FirstName: Dana, LastName: Dunmarrow, Email: dana@example.ac.uk, MISID: L-0002, ClassroomID: 11, PlacementID: 21, DefaultAssessorID: 102 }
  - { ID: 203, OrganisationID: 5740, Role: 1, FirstName: Ewan, LastName: Eddlestone, Email: ewan@example.ac.uk, MISID: L-0003, ClassroomID: 12, PlacementID: 21, DefaultAssessorID: 101 }
  - { ID: 204, OrganisationID: 5740, Role: 1, FirstName: Farah, LastName: Fernhollow, Email: farah@example.ac.uk, MISID: L-0004, ClassroomID: 12, PlacementID: 21, DefaultAssessorID: 101 }
  - { ID: 205, OrganisationID: 5740, Role: 1, FirstName: Fred, LastName: Fernhollow, Email: fred@example.ac.uk, MISID: L-0004, ClassroomID: 12, PlacementID: 21, DefaultAssessorID: 102 }
";
const USERS: &str = "defaults: { role: learner, classroom: H1, placement: BT01, defaultAssessor: A-1 }
users:
  - { misId: L-0001, firstName: Siân, lastName: O'Neill-Khan, email: sian@example.ac.uk }
  - { misId: L-0002, firstName: Dana, lastName: Dunmarrow, email: dana@example.ac.uk }
  - { misId: L-0004, firstName: Farah, lastName: Fernhollow, email: farah@example.ac.uk, defaultAssessor: A-2 }
  - { misId: L-0005, firstName: Gwen, lastName: Gorsebank, email: gwen@example.ac.uk, defaultAssessor: A-2 }
";

fn college(rows: &str) -> (TempDir, Sandbox) {
    let files = [
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("users/l.yaml", USERS),
    ];
    let seed = format!("{ORGANISATION}{ROOMS}{ACCOUNTS}behaviour: {{ searchRows: {rows} }}\n");
    (project(&files), Sandbox::start(&seed))
}

fn run(sandbox: &Sandbox, folder: &Path, args: &[&str]) -> String {
    transcript(rosterctl_on(sandbox).current_dir(folder).args(args))
}

#[test]
fn a_key_finds_where_somebody_is_declared_and_which_account_they_have() {
    let (folder, sandbox) = college("brief");
    let find = |word: &str| run(&sandbox, folder.path(), &["find", word]);
    for (word, answer) in [
        ("L-0001", "learner L-0001\n  users/l.yaml:3, account 201\n"),
        ("l-1", "learner L-0001\n  users/l.yaml:3, account 201\n"),
        (
            "learner:L-0002",
            "learner L-0002\n  users/l.yaml:4, account 202\n",
        ),
        ("202", "learner L-0002\n  users/l.yaml:4, account 202\n"),
        (
            "L-0005",
            "learner L-0005\n  users/l.yaml:6, no account yet\n",
        ),
        (
            "A-1",
            "assessor A-1\n  not declared in the files, account 101\n",
        ),
        ("103", "IQA\n  not declared in the files, account 103\n"),
    ] {
        let said = find(word);
        assert!(
            said.starts_with(answer) && said.ends_with("exit 0\n"),
            "{word}: {said}"
        );
    }
    let said = find("L-0004");
    let words = "users/l.yaml:5, account not clear: `rosterctl plan --explain L-0004` says why";
    assert!(
        said.contains(words) && said.contains("account 205"),
        "{said}"
    );
    let said = find("L-0009");
    assert!(
        said.contains("Nobody found for `L-0009`; is `L-0001` meant?"),
        "{said}"
    );
    assert!(said.ends_with("exit 1\n"), "{said}");
}

#[test]
fn an_archived_account_is_found_as_archived() {
    for (flag, said_archived) in [
        ("shown", true),
        ("DateArchived", true),
        ("ArchivedOn", true),
        ("hidden", false),
    ] {
        let (folder, _) = college("full");
        let accounts = ACCOUNTS.replace("MISID: L-0001,", "MISID: L-0001, Archived: true,");
        let seed = format!(
            "{ORGANISATION}{ROOMS}{accounts}behaviour: {{ searchRows: full, archivedFlag: {flag} }}\n"
        );
        let said = run(&Sandbox::start(&seed), folder.path(), &["find", "L-0001"]);
        assert!(said.contains("account 201"), "{flag}: {said}");
        assert_eq!(
            said.contains("account 201, archived\n"),
            said_archived,
            "{flag}: {said}"
        );
    }
}

#[test]
fn a_word_of_a_selection_that_finds_nobody_is_not_told_of_names() {
    let (folder, sandbox) = college("full");
    for (word, is_told) in [
        ("assessor:A-9", false),
        ("classroom:H9", false),
        ("role:iqa", false),
        ("L-9999", true),
    ] {
        let said = run(&sandbox, folder.path(), &["find", word]);
        assert_eq!(said.contains("on a terminal only"), is_told, "{said}");
    }
}

/// A log must not answer whether a person is here.
pub fn off_a_terminal_nobody_is_found_by_name_or_address() {
    let (folder, sandbox) = college("full");
    let find = |args: &[&str]| run(&sandbox, folder.path(), &[&["find"], args].concat());
    for words in [
        &["Dana", "Dunmarrow"][..],
        &["dana@example.ac.uk"],
        &["nobody@example.ac.uk"],
        &["L-0001", "dana@example.ac.uk"],
    ] {
        let said = find(words);
        assert!(
            said.contains("on a terminal only") && said.ends_with("exit 64\n"),
            "{said}"
        );
    }
    // The same answer for a name that is there and for one that isn't.
    let answers = ["Dunmarrow", "Dunmerrow", "Siân", "Sian O'Neill-Khan"];
    for name in answers {
        let said = find(&[name]);
        let words = format!("Nobody found for `{name}`.\nstderr:\n");
        assert!(
            said.starts_with(&words) && said.ends_with("exit 1\n"),
            "{said}"
        );
    }
    let mut command = rosterctl_on(&sandbox);
    command.env("CI", "true").current_dir(folder.path());
    let said = transcript(command.args(["find", "Dana", "Dunmarrow"]));
    assert!(said.ends_with("exit 64\n"), "{said}");
    for args in [
        &["L-0001"][..],
        &["assessor:A-1"],
        &["classroom:H1"],
        &["role:learner"],
    ] {
        let said = find(args);
        for name in ["Siân", "Khan", "Dunmarrow", "Ewan", "@"] {
            assert!(!said.contains(name), "{args:?}: {said}");
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn on_a_terminal_a_name_is_found_in_any_order_and_spelling() {
    let (folder, sandbox) = college("full");
    let variables = [
        ("ONEFILE_BASE_URL", sandbox.base_url()),
        ("ONEFILE_CUSTOMER_TOKEN", "sandbox".to_owned()),
    ];
    let find = |words: &str| {
        let args = format!("find {words} --color never");
        crate::terminal::session_with(folder.path(), &args, "", &variables)
    };
    for words in [
        "khan sian",
        "SIÂN",
        "\"O’Neill\"",
        "oneillkhan",
        "\"O'Neill Khan, Sian\"",
        "sian@EXAMPLE.ac.uk",
        "l-1",
    ] {
        let said = find(words);
        assert!(
            said.contains("learner L-0001  Siân O'Neill-Khan"),
            "{words}: {said}"
        );
        assert!(!said.contains("Dana"), "{words}: {said}");
    }
    for words in ["hollow", "nobody", "sian dana", "example.ac.uk", "@"] {
        assert!(find(words).contains("Nobody found for"), "{words}");
    }
    let said = find("ewan");
    assert!(
        said.contains("Ewan Eddlestone") && said.contains("not declared in the files, account 203"),
        "{said}"
    );
}

#[test]
fn a_caseload_is_found_on_both_sides() {
    let (folder, sandbox) = college("full");
    let said = run(&sandbox, folder.path(), &["find", "assessor:A-1"]);
    let expected = "learner L-0001
  users/l.yaml:3, account 201
learner L-0002
  users/l.yaml:4, account 202
  OneFile has another defaultAssessor
learner L-0003
  not declared in the files, account 203
learner L-0004
  not declared in the files, account 204

4 people found.
";
    assert!(said.starts_with(expected), "{said}");
    // Where lists show names alone, it says so, and costs no look at each account.
    let (folder, sandbox) = college("brief");
    let said = run(&sandbox, folder.path(), &["find", "assessor:A-1"]);
    assert!(
        said.contains("OneFile's lists show no defaultAssessor for 5 accounts"),
        "{said}"
    );
    assert!(
        !requests(&sandbox.requests()).contains("GET /User/"),
        "{said}"
    );
    let said = run(&sandbox, folder.path(), &["find", "assessor:A-9"]);
    assert!(
        said.contains("is `assessor:A-1` meant?") && said.ends_with("exit 1\n"),
        "{said}"
    );
}

#[test]
fn without_a_token_the_files_alone_are_searched() {
    let (folder, sandbox) = college("brief");
    let mut command = rosterctl();
    let said = transcript(command.current_dir(folder.path()).args(["find", "L-0001"]));
    let alone = "learner L-0001\n  users/l.yaml:3\nOnly the files were searched, not OneFile.\n";
    assert_eq!(said, format!("{alone}exit 0\n"));
    let offline = run(&sandbox, folder.path(), &["find", "L-0001", "--offline"]);
    assert_eq!(offline, said);
    assert!(sandbox.requests().is_empty());
    let said = run(&sandbox, folder.path(), &["find", "A-1", "--offline"]);
    assert!(
        said.contains("Nobody found") && said.contains("Only the files"),
        "{said}"
    );
    let mut command = rosterctl();
    command
        .current_dir(folder.path())
        .args(["find", "L-0001", "--target", "practice"]);
    assert!(transcript(&mut command).contains("no token; set ONEFILE_CUSTOMER_TOKEN"));
}

#[test]
fn a_list_says_what_to_write_in_a_manifest() {
    let (folder, sandbox) = college("brief");
    let list = |args: &[&str]| run(&sandbox, folder.path(), &[&["list"], args].concat());
    let said = list(&["classrooms"]);
    let expected = "id  MIS value  name              write in a manifest
14             =1+1              \"=1+1\"
11  H1         Health            { id: 11 }
12  H2         Health            { id: 12 }
13             (e-mail address)  { id: 13 }

4 classrooms.
";
    assert!(said.starts_with(expected), "{said}");
    let csv = list(&["classrooms", "--csv"]);
    let expected = "\u{feff}id,misId,name,reference\n14,,\"'=1+1\",\"\"\"=1+1\"\"\"\n11,H1,Health,\"{ id: 11 }\"\n12,H2,Health,\"{ id: 12 }\"\n13,,,\"{ id: 13 }\"\n";
    assert!(csv.starts_with(expected), "{csv}");
    assert!(list(&["placements"]).contains("21  BT01       Bakery  Bakery"));
    assert!(list(&["providers"]).starts_with("There are no providers in Example College (5740)"));
    assert!(list(&["statuses"]).starts_with("There are no learner statuses"));
    assert!(list(&["learners"]).ends_with("exit 64\n"));
}

#[test]
fn standards_and_templates_are_listed_by_title() {
    const TITLES: &str = "standards:
  - { ID: 31, OrganisationID: 5740, Title: Baker Level 2 }
  - { ID: 32, OrganisationID: 5740, Title: English Level 2 }
  - { ID: 33, OrganisationID: 5740, Title: English level 2 }
frameworkTemplates:
  - { ID: 51, OrganisationID: 5740, Title: \"Baker: with English\", StandardIDs: [31, 32] }
";
    let folder = project(&[("rosterctl.yaml", "organisation: 5740\n")]);
    let sandbox = Sandbox::start(&format!("{ORGANISATION}{TITLES}"));
    let list = |args: &[&str]| run(&sandbox, folder.path(), &[&["list"], args].concat());
    let said = list(&["standards"]);
    let expected = "id  MIS value  name             write in a manifest
31             Baker Level 2    Baker Level 2
32             English Level 2  { id: 32 }
33             English level 2  { id: 33 }

3 standards.
";
    assert!(said.starts_with(expected), "{said}");
    let csv = list(&["templates", "--csv"]);
    let expected = "\u{feff}id,misId,name,reference\n51,,\"Baker: with English\",\"\"\"Baker: with English\"\"\"\n";
    assert!(csv.starts_with(expected), "{csv}");
}

#[test]
fn names_of_staff_are_listed_on_a_terminal_only() {
    let (folder, sandbox) = college("brief");
    for args in [&["list", "assessors"][..], &["list", "assessors", "--csv"]] {
        let said = run(&sandbox, folder.path(), args);
        assert!(
            said.contains("A-1") && !said.contains("Birdwhistle"),
            "{said}"
        );
        assert!(
            said.contains("note: names of people are shown on a terminal only"),
            "{said}"
        );
    }
    let calls = requests(&sandbox.requests());
    assert!(
        !calls.contains("\"Role\":1}") && !calls.contains("Classroom"),
        "{calls}"
    );
    assert!(calls.contains("\"Role\":5}"), "{calls}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_list_of_staff_on_a_terminal_has_names() {
    let college = copy_of(&root().join("examples/college"));
    let seen = crate::terminal::session(college.path(), "list assessors --color never", "");
    assert!(
        seen.contains("122761  JFAYE51P   assessor         James Fayre"),
        "{seen}"
    );
}

/// `schema users --directory`: what OneFile has, as the last plan read it, and nobody's name.
#[test]
fn editors_are_offered_the_names_that_onefile_has() {
    let sandbox = Sandbox::start(
        "organisations:\n  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }\nclassrooms:\n  - { ID: 1, OrganisationID: 5740, Name: Room A }\n  - { ID: 2, OrganisationID: 5740, Name: room@example.ac.uk }\nplacements:\n  - { ID: 3, OrganisationID: 5740, Name: Firm }\nusers:\n  - { ID: 100, OrganisationID: 5740, Role: 5, MISID: A-1, FirstName: Cat, LastName: Cedar, Email: a1@example.ac.uk }\n  - { ID: 101, OrganisationID: 5740, Role: 5, MISID: a2@example.ac.uk, FirstName: Dan, LastName: Deal, Email: a2@example.ac.uk }\n  - { ID: 201, OrganisationID: 5740, Role: 1, MISID: L-1, FirstName: Ann, LastName: Alder, Email: l1@example.ac.uk, ClassroomID: 1, PlacementID: 3, DefaultAssessorID: 100 }\n",
    );
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 5740\n"),
        (
            "users/l.yaml",
            "users:\n  - { misId: L-1, role: learner, firstName: Ann, lastName: Alder, email: l1@example.ac.uk, classroom: Room A, placement: Firm, defaultAssessor: A-1 }\n",
        ),
    ]);
    let run = |args: &[&str], ci: bool| {
        let mut command = rosterctl_on(&sandbox);
        command.current_dir(folder.path()).args(args);
        if ci {
            command.env("CI", "true");
        }
        transcript(&mut command)
    };
    let schema = ["schema", "users", "--directory"];
    let file = folder.path().join(".rosterctl/directory.json");
    assert!(run(&schema, false).contains("no names are known yet"));
    run(&["plan"], true);
    assert!(!file.exists());
    run(&["plan"], false);
    let kept = std::fs::read_to_string(&file).unwrap();
    for personal in ["Alder", "Cedar", "@", "L-1"] {
        assert!(!kept.contains(personal), "{personal}: {kept}");
    }
    let said = run(&schema, false);
    let (document, note) = said.split_once("stderr:\n").unwrap();
    assert!(note.contains("these names were read today"), "{note}");
    let document: serde_json::Value = serde_json::from_str(document).unwrap();
    let fields = &document["$defs"]["fields"]["properties"];
    assert_eq!(
        fields["classroom"]["examples"],
        serde_json::json!(["Room A"])
    );
    assert_eq!(fields["placement"]["examples"], serde_json::json!(["Firm"]));
    assert_eq!(
        fields["defaultAssessor"]["examples"],
        serde_json::json!(["A-1"])
    );
    // The file of another organisation, or one that somebody has changed, is as none.
    std::fs::write(&file, kept.replace("5740", "5741")).unwrap();
    assert!(run(&schema, false).contains("no names are known yet"));
    std::fs::write(&file, "{").unwrap();
    assert!(run(&schema, false).contains("no names are known yet"));
    assert!(run(&["schema", "plan", "--directory"], false).contains("belongs to"));
    assert!(run(&["export", "--dir", "exported"], false).contains("exit 0"));
    assert!(run(&schema, false).contains("Room A"));
}
