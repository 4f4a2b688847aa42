//! `validate --fix`: findings with one right answer are answered, and nothing else changes.

use crate::harness::{copy_of, project, root, rosterctl, transcript, unwrapped};

const USERS: &str = "# Who begins in September.
defaults: { role: learner, classroom: Room, placement: Firm, defaultAssessor: A-1 }
users:
  - misId: L-1 # a pupil
    firstNam: Ann
    lastName: True
    email: l1@example.ac.uk
  - { misId: L-2, firstName: \" Bob \", lastName: Birch, email: l2@example.ac.uk, supportFunding: \"5\" }
  - misId: 00301
    firstName: Cy
    lastName: Cedar
    email: l3@example.ac.uk
    standards: [Bakery, Bakery]
";

fn validate(folder: &std::path::Path, args: &[&str]) -> String {
    let mut command = rosterctl();
    command.current_dir(folder).arg("validate").args(args);
    transcript(&mut command)
}

#[test]
fn each_fix_answers_its_finding_and_leaves_the_rest_as_it_was() {
    let cases = [
        ("firstNam: Ann", "firstName: Ann"),
        ("lastName: True", "lastName: \"True\""),
        ("\" Bob \"", "\"Bob\""),
        ("misId: 00301", "misId: \"00301\""),
        ("[Bakery, Bakery]", "[Bakery]"),
    ];
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 1\n"),
        ("users/l.yaml", USERS),
    ]);
    let said = validate(folder.path(), &["--fix"]);
    let text = std::fs::read_to_string(folder.path().join("users/l.yaml")).unwrap();
    let mut expected = USERS.to_owned();
    for (wrong, right) in cases {
        assert!(text.contains(right), "{right}: {text}\n{said}");
        expected = expected.replace(wrong, right);
    }
    let others = |text: &str| {
        text.lines()
            .filter(|line| line.contains('#'))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(others(&text), others(USERS));
    assert!(said.contains("in 1 file."), "{said}");
    // A second run has nothing to do.
    let again = validate(folder.path(), &["--fix"]);
    assert!(again.contains("Nothing was fixed"), "{again}");
    assert_eq!(
        std::fs::read_to_string(folder.path().join("users/l.yaml")).unwrap(),
        text
    );
}

const LEARNER: &str = "# Who begins in September.
users:
  - misId: L-1
    role: learner
    firstName: Ann
    lastName: Ash
    email: l1@example.ac.uk
    classroom: Room
    placement: Firm
    defaultAssessor: A-1
";

/// What is wrong, what is right, and the code of the finding. `None`: the line goes.
const ANSWERS: &[(&str, Option<&str>, &str)] = &[
    (
        "uln: \"999 999 9999\"",
        Some("uln: \"9999999999\""),
        "bad-uln",
    ),
    ("uln: 999-999-9999", Some("uln: \"9999999999\""), "bad-uln"),
    ("nino: qq123456c", Some("nino: QQ123456C"), "bad-nino"),
    ("nino: Qq 12 34 56 c", Some("nino: QQ123456C"), "bad-nino"),
    ("dob: 2007-3-4", Some("dob: 2007-03-04"), "bad-day"),
    (
        "startOn: 2026/09/01",
        Some("startOn: 2026-09-01"),
        "bad-day",
    ),
    ("samePerson: false", None, "no-longer-needed"),
    ("distinctFrom: []", None, "no-longer-needed"),
    ("formerMisId: L-1", None, "no-longer-needed"),
    (
        "companyName: Zo\u{200b}ë\u{a0}Ltd",
        Some("companyName: Zoë Ltd"),
        "hidden-character",
    ),
    (
        "defaultEmployer: '=\"00102\"'",
        Some("defaultEmployer: \"00102\""),
        "spreadsheet-key",
    ),
    (
        "defaultEmployer: \"'00103\"",
        Some("defaultEmployer: \"00103\""),
        "spreadsheet-key",
    ),
];

#[test]
fn a_fix_removes_its_finding_and_adds_none() {
    for (wrong, right, code) in ANSWERS {
        let folder = project(&[
            ("rosterctl.yaml", "organisation: 1\n"),
            ("users/l.yaml", &format!("{LEARNER}    {wrong}\n")),
        ]);
        let said = validate(folder.path(), &[]);
        assert!(said.contains(code), "{wrong}: {said}");
        validate(folder.path(), &["--fix"]);
        let text = std::fs::read_to_string(folder.path().join("users/l.yaml")).unwrap();
        let line = right.map_or_else(String::new, |right| format!("    {right}\n"));
        assert_eq!(text, format!("{LEARNER}{line}"), "{wrong}");
        let said = validate(folder.path(), &[]);
        assert!(!said.contains(code), "{wrong}: {said}");
    }
}

#[test]
fn a_suggestion_is_left_to_a_person() {
    for line in [
        "sex:",
        "misIdd: L-2",
        "uln: 99",
        "dob: 03/04/2007",
        "defaultEmployer: \"104.0\"",
    ] {
        let text = format!("{LEARNER}    {line}\n");
        let folder = project(&[
            ("rosterctl.yaml", "organisation: 1\n"),
            ("users/l.yaml", &text),
        ]);
        validate(folder.path(), &["--fix"]);
        let after = std::fs::read_to_string(folder.path().join("users/l.yaml")).unwrap();
        assert_eq!(after, text, "{line}");
    }
}

#[test]
fn what_a_person_has_to_decide_stays() {
    for (text, why) in [
        (
            "users:\n  - { misId: L-1, role: learner, classroom: 15379, placement: Firm, defaultAssessor: A-1, firstName: A, lastName: B, email: a@example.ac.uk }\n",
            "a name or a number of OneFile",
        ),
        (
            "users:\n  - { misId: L-1, role: teacher, firstName: A, lastName: B, email: a@example.ac.uk }\n",
            "no word is near",
        ),
        (
            "defaults:\n  role: iqa\n  classroom: Room # of last year\nusers:\n  - { id: 7 }\n",
            "a comment would be lost",
        ),
        (
            "users:\n  - { misId: L-1, role: iqa, firstName: A, frstName: C, lastName: B, email: a@example.ac.uk }\n",
            "the key is there already",
        ),
    ] {
        let folder = project(&[
            ("rosterctl.yaml", "organisation: 1\n"),
            ("users/l.yaml", text),
        ]);
        let said = validate(folder.path(), &["--fix"]);
        let after = std::fs::read_to_string(folder.path().join("users/l.yaml")).unwrap();
        assert_eq!(after, text, "{why}: {said}");
        assert!(said.contains("Nothing was fixed"), "{why}: {said}");
    }
}

#[test]
fn a_default_that_nobody_uses_goes_and_bad_neighbours_stop_no_other_fix() {
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 1\n"),
        (
            "users/a.yaml",
            "defaults:\n  role: iqa\n  classroom: Room\nusers:\n  - { id: 7 }\n",
        ),
        (
            "users/b.yaml",
            "users:\n  - { misId: A-1, role: iqa, firstName: A, frstName: C, lastName: True, email: a@example.ac.uk }\n",
        ),
    ]);
    let said = validate(folder.path(), &["--fix"]);
    assert!(said.contains("Fixed 2 findings in 2 files."), "{said}");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(
        read("users/a.yaml"),
        "defaults:\n  role: iqa\nusers:\n  - { id: 7 }\n"
    );
    assert!(read("users/b.yaml").contains("frstName: C, lastName: \"True\""));
    assert!(said.contains("unknown-key"), "{said}");
}

#[test]
fn line_ends_and_files_without_findings_stay() {
    let text = USERS.replace('\n', "\r\n");
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 1\n"),
        ("users/l.yaml", &text),
        ("users/ok.yaml", "users:\n  - { id: 7, role: iqa }\n"),
    ]);
    let said = validate(folder.path(), &["users/l.yaml", "--fix"]);
    assert!(said.contains("in 1 file."), "{said}");
    let after = std::fs::read_to_string(folder.path().join("users/l.yaml")).unwrap();
    assert_eq!(after.matches("\r\n").count(), text.matches("\r\n").count());
    assert_eq!(after.matches('\n').count(), text.matches('\n').count());
}

/// Of the folder of all that can be wrong, each fix leaves fewer findings and no other.
#[test]
fn the_broken_folder_has_fewer_findings_afterwards_and_no_new_ones() {
    let folder = copy_of(&root().join("tests/fixtures/broken"));
    let codes = |args: &[&str]| {
        let said = validate(folder.path(), &[&["."], args].concat());
        let rules = rosterctl::manifest::rules::RULES;
        let is_code = |line: &&str| rules.iter().any(|rule| rule.name == *line);
        let mut codes: Vec<String> = said.lines().filter(is_code).map(str::to_owned).collect();
        codes.sort();
        (codes, said)
    };
    let (before, _) = codes(&[]);
    let (after, said) = codes(&["--fix"]);
    let fixed = unwrapped(&said);
    let number: usize = fixed
        .split("Fixed ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next())
        .unwrap()
        .parse()
        .unwrap();
    assert!(number > 5, "{number}");
    assert_eq!(before.len() - after.len(), number);
}
