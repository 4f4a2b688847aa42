//! `reassign` moves a caseload: each place names the new assessor in the form in which it named the former one.

use std::path::Path;

use crate::harness::{project, rosterctl, transcript};

const STAFF: &str = "defaults: { firstName: Staff }
users:
  - { misId: A-0012, id: 12, role: assessor, lastName: Example1, email: a12@example.ac.uk }
  - { misId: A-0031, id: 31, role: assessor, lastName: Example2, email: a31@example.ac.uk }
  - { misId: A-0040, id: 40, role: traineeAssessor, lastName: Example3, email: a40@example.ac.uk }
  - { misId: S-1, id: 51, role: assessor, lastName: Example4, email: s1@example.ac.uk }
  - { misId: S-1, id: 52, role: iqa, lastName: Example4, email: s1@example.ac.uk }
  - { misId: E-1, id: 61, role: employer, lastName: Example5, email: e1@example.ac.uk }
";
const SETTINGS: &str =
    "# the college\norganisation: 5740\ndefaults:\n  defaultAssessor: A-0012 # for now\n";

/// Learners with every form of reference. Those without one have the project's default.
const LEARNERS: &str = "x-team: &team\n  defaultAssessor: A-0012\nx-tutor: &tutor A-0012\ndefaults: { role: learner }\nusers:
  - { misId: L-1, id: 101 }
  - { misId: L-2, id: 102, defaultAssessor: assessor:A-0012 } # second
  - misId: L-3
    id: 103
    defaultAssessor: 'A-0012' # third
  - misId: L-4
    id: 104
    defaultAssessor: {misId: A-0012}
  - misId: L-5
    id: 105
    defaultAssessor: { id: 12 }
  - misId: L-6
    id: 106
    defaultAssessor:
      email: A12@example.ac.uk
  - misId: L-7
    id: 107
    defaultAssessor: *tutor
  - misId: L-8
    id: 108
    <<: *team
  - { misId: L-9, id: 109, defaultAssessor: A-0040 }
";

const TABLE: &str = "defaults: { role: learner, defaultAssessor: A-0012 }\nfromCsv: { path: ../c.csv, columns: { misId: Ref, id: No, defaultAssessor: Tutor } }\n";
const ROWS: &str = "Ref;No;Tutor\r\nL-21;121;A-0012\r\nL-22;122;\"assessor:A-0012\"\r\nL-23;123;A-0040\r\nL-24;124;\r\n";

fn college() -> tempfile::TempDir {
    project(&[
        ("rosterctl.yaml", SETTINGS),
        ("users/staff.yaml", STAFF),
        ("users/learners.yaml", LEARNERS),
        ("users/table.yaml", TABLE),
        ("c.csv", ROWS),
    ])
}

fn run(folder: &Path, args: &[&str]) -> String {
    transcript(rosterctl().current_dir(folder).arg("reassign").args(args))
}

fn text(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn every_form_of_reference_is_kept_and_defaults_are_changed_where_they_stand() {
    let college = college();
    let folder = college.path();
    let said = run(folder, &["A-0012", "A-0031", "--auto-approve"]);
    assert!(said.ends_with("exit 0\n"), "{said}");
    assert_eq!(
        text(folder, "rosterctl.yaml"),
        SETTINGS.replace("A-0012", "A-0031")
    );
    assert_eq!(
        text(folder, "users/table.yaml"),
        TABLE.replace("A-0012", "A-0031")
    );
    assert_eq!(text(folder, "c.csv"), ROWS.replace("A-0012", "A-0031"));
    assert_eq!(text(folder, "users/staff.yaml"), STAFF);
    let expected = LEARNERS
        .replace("A-0012", "A-0031")
        .replace("&tutor A-0031", "&tutor A-0012")
        .replace("id: 12 }", "id: 31 }")
        .replace("A12@", "a31@")
        .replace("*tutor", "A-0031");
    assert_eq!(text(folder, "users/learners.yaml"), expected);
    let again = run(folder, &["A-0012", "A-0031", "--auto-approve"]);
    assert!(
        again.starts_with("Nothing to change: none of these users has A-0012"),
        "{again}"
    );
}

#[test]
fn a_part_of_a_caseload_gets_keys_of_its_own_and_defaults_stay() {
    let college = college();
    let folder = college.path();
    let args = [
        "A-0012",
        "A-0031",
        "--only",
        "L-1",
        "--only",
        "L-8",
        "--only",
        "L-9",
        "--only",
        "L-24",
        "--auto-approve",
    ];
    let said = run(folder, &args);
    assert!(said.ends_with("exit 0\n"), "{said}");
    assert_eq!(text(folder, "rosterctl.yaml"), SETTINGS);
    let expected = LEARNERS
        .replace("id: 101 }", "id: 101, defaultAssessor: A-0031 }")
        .replace("<<: *team\n", "<<: *team\n    defaultAssessor: A-0031\n");
    assert_eq!(text(folder, "users/learners.yaml"), expected);
    assert_eq!(text(folder, "users/table.yaml"), TABLE);
    assert_eq!(
        text(folder, "c.csv"),
        ROWS.replace("L-24;124;", "L-24;124;A-0031")
    );
    let rest = run(folder, &["A-0012", "A-0040", "--exclude", "file:c.csv"]);
    assert!(
        rest.contains("`--auto-approve` would move 6 learners from A-0012 to A-0040"),
        "{rest}"
    );
}

#[test]
fn a_successor_with_two_roles_is_named_with_the_role() {
    let college = college();
    let folder = college.path();
    let said = run(
        folder,
        &["A-0012", "S-1", "--only", "L-3", "--auto-approve"],
    );
    assert!(said.ends_with("exit 0\n"), "{said}");
    assert!(
        text(folder, "users/learners.yaml").contains("defaultAssessor: 'assessor:S-1' # third")
    );
    let said = run(folder, &["iqa:S-1", "A-0031", "--auto-approve"]);
    assert!(said.starts_with("Nothing to change"), "{said}");
    let said = run(folder, &["assessor:S-1", "A-0012", "--auto-approve"]);
    assert!(said.ends_with("exit 0\n"), "{said}");
    assert!(
        text(folder, "users/learners.yaml").contains("defaultAssessor: 'assessor:A-0012' # third")
    );
}

#[test]
fn whoever_cannot_take_over_is_refused_with_what_was_meant() {
    let college = college();
    let folder = college.path();
    for (args, words) in [
        (
            ["A-0012", "A-0013"],
            "no declared assessor is called A-0013; is `A-0012` meant?",
        ),
        (
            ["A-0012", "nobody@example.ac.uk"],
            "declare this user in a manifest first",
        ),
        (
            ["A-0012", "E-1"],
            "E-1 has the role `employer`, which has no learners",
        ),
        (["A-9912", "A-0031"], "is `A-0012` meant?"),
        (["iqa:A-9", "A-0031"], "no learner names one"),
        (["nobody@example.ac.uk", "A-0031"], "no learner names one"),
        (["A-0012", "A-0012"], "FROM and TO are the same user"),
    ] {
        let said = run(folder, &args);
        assert!(
            said.contains(words) && said.ends_with("exit 64\n"),
            "{args:?} {said}"
        );
        assert!(!said.contains('@'), "{said}");
    }
    let said = run(folder, &["A-0012", "A-0031"]);
    assert!(
        said.contains("-   defaultAssessor: A-0012") && said.ends_with("exit 4\n"),
        "{said}"
    );
    assert_eq!(text(folder, "users/learners.yaml"), LEARNERS);
}

#[test]
fn an_assessor_who_is_archived_hands_over_and_takes_nobody() {
    let staff = STAFF.replace(
        "id: 12, role: assessor",
        "id: 12, role: assessor, archived: true",
    );
    let learners = "defaults: { role: learner }\nusers:\n  - { misId: L-1, id: 101, defaultAssessor: A-0012 }\n";
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("users/staff.yaml", &staff),
        ("users/learners.yaml", learners),
    ]);
    let said = run(folder.path(), &["A-0031", "A-0012", "--auto-approve"]);
    assert!(said.contains("A-0012 is declared as archived"), "{said}");
    let said = run(folder.path(), &["A-0012", "A-0031", "--auto-approve"]);
    assert!(said.ends_with("exit 0\n"), "{said}");
    assert_eq!(text(folder.path(), "users/staff.yaml"), staff);
    assert_eq!(
        text(folder.path(), "users/learners.yaml"),
        learners.replace("A-0012", "A-0031")
    );
}

#[test]
fn an_assessor_who_is_gone_from_the_files_can_still_hand_over() {
    let staff = STAFF.lines().filter(|line| !line.contains("A-0012"));
    let staff: String = staff.map(|line| format!("{line}\n")).collect();
    let learners = "defaults: { role: learner }\nusers:\n  - { misId: L-1, id: 101, defaultAssessor: A-0012 }\n";
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("users/staff.yaml", &staff),
        ("users/learners.yaml", learners),
    ]);
    let said = run(folder.path(), &["A-0012", "A-0031", "--auto-approve"]);
    assert!(said.ends_with("exit 0\n"), "{said}");
    assert_eq!(
        text(folder.path(), "users/learners.yaml"),
        learners.replace("A-0012", "A-0031")
    );
}

/// The files don't say whose number an assessor has who is declared without it.
#[test]
fn learners_whose_assessor_has_an_unknown_number_or_address_are_named() {
    let learners = "defaults: { role: learner }\nusers:\n  - { misId: L-1, id: 101, defaultAssessor: A-1 }\n  - { misId: L-2, id: 102, defaultAssessor: { id: 11 } }\n  - { misId: L-3, id: 103, defaultAssessor: { email: a1@example.ac.uk } }\n  - { misId: L-4, id: 104, defaultAssessor: { id: 12 } }\n";
    let said = |former: &str, args: &[&str]| {
        let staff = format!(
            "defaults: {{ role: assessor, firstName: Ann, lastName: Abbot }}\nusers:\n{former}  - {{ misId: A-2, id: 12 }}\n"
        );
        let folder = project(&[
            ("rosterctl.yaml", "organisation: 5740\n"),
            ("users/staff.yaml", &staff),
            ("users/learners.yaml", learners),
        ]);
        run(
            folder.path(),
            &[&["A-1", "A-2", "--auto-approve"], args].concat(),
        )
    };
    let (by_id, by_email) = ("  users/learners.yaml:4\n", "  users/learners.yaml:5\n");
    for (former, args, is_named) in [
        ("", &[][..], (true, true)),
        ("  - { misId: A-1, id: 11 }\n", &[], (false, true)),
        (
            "  - { misId: A-1, email: a1@example.ac.uk }\n",
            &[],
            (true, false),
        ),
        ("", &["--only", "L-1"], (false, false)),
    ] {
        let said = said(former, args);
        let named = (said.contains(by_id), said.contains(by_email));
        assert_eq!(named, is_named, "{former} {args:?}: {said}");
        assert!(!said.contains("users/learners.yaml:6"), "{said}");
        assert!(said.ends_with("exit 0\n"), "{said}");
    }
}
