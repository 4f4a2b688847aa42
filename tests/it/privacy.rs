//! Off a terminal, nothing of class `personal` or `special` is said, in success and in failure.

use rosterctl::domain::field::{Class, FIELDS};

use crate::harness::{Sandbox, copy_of, project, readings_file, root, rosterctl_on, transcript};

/// Every value under a key that isn't public, from manifests (by key) and sandbox (by API name).
pub fn planted(folder: &std::path::Path) -> Vec<String> {
    let hidden = |line: &str| {
        let (key, value) = line.trim_start_matches([' ', '-']).split_once(": ")?;
        let is_hidden = FIELDS.iter().any(|field| {
            field.class > Class::Public && (field.name == key || field.api == Some(key))
        });
        let value = value.trim_matches('"');
        // Short codes and flags stand in other words too; what is looked for has to be unmistakable.
        (is_hidden && value.len() > 4 && value != "false").then(|| value.to_owned())
    };
    let files = walkdir::WalkDir::new(folder)
        .into_iter()
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|e| e == "yaml"));
    let texts = files.map(|entry| std::fs::read_to_string(entry.path()).unwrap());
    texts
        .flat_map(|text| text.lines().filter_map(hidden).collect::<Vec<_>>())
        .collect()
}

pub fn no_command_says_a_personal_value_off_a_terminal() {
    let college = copy_of(&root().join("examples/college"));
    let planted = planted(college.path());
    assert!(planted.len() > 200, "{}", planted.len());
    let seed = std::fs::read_to_string(college.path().join("sandbox.yaml")).unwrap();
    let sandbox = Sandbox::start(&seed);
    let mut said = String::new();
    let run = |args: &[&str]| {
        transcript(
            rosterctl_on(&sandbox)
                .current_dir(college.path())
                .args(args),
        )
    };
    for args in [
        &["validate"][..],
        &["plan"],
        &["accept", "--all"],
        &["accept", "L-0105"],
        &["reassign", "A-003", "A-002"],
        &["apply"],
        &["apply", "--auto-approve"],
        &["plan"],
        &["plan", "--only", "role:learner", "--exclude", "L-0004"],
        &["find", "L-0004"],
        &["find", "assessor:A-003"],
        &["find", "role:assessor", "--offline"],
        &["list", "classrooms"],
        &["list", "assessors"],
        &["list", "assessors", "--csv"],
    ] {
        said += &run(args);
    }
    // The same where `CI` is set, whatever is asked for.
    for class in ["personal", "special"] {
        said += &transcript(
            rosterctl_on(&sandbox)
                .env("CI", "true")
                .current_dir(college.path())
                .args(["plan", "--reveal", class]),
        );
    }
    // And where every file is broken: each key misspelt, then each line cut.
    for spoil in [
        |text: &str| text.replace("Name: ", "Nme: "),
        |text: &str| text.replace(": ", ":"),
        |text: &str| text.replace("  - ", " - \""),
    ] {
        for entry in walkdir::WalkDir::new(college.path().join("users"))
            .into_iter()
            .flatten()
            .filter(|entry| entry.path().is_file())
        {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            std::fs::write(entry.path(), spoil(&text)).unwrap();
        }
        said += &run(&["validate"]);
        said += &run(&["plan"]);
    }
    assert!(said.contains("unknown-key") && said.contains("syntax"));
    // What plans remember stands beside the journal.
    let remembered = std::fs::read(readings_file(&college.path().join(".rosterctl"))).unwrap();
    assert!(remembered.len() > 10_000, "{}", remembered.len());
    let remembered = String::from_utf8_lossy(&remembered).to_lowercase();
    for value in planted {
        assert!(!said.contains(&value), "{value}");
        assert!(!remembered.contains(&value.to_lowercase()), "{value}");
    }
}

#[test]
fn reveal_widens_what_is_shown_but_not_where_ci_is_set() {
    let users =
        "users:\n  - { misId: L-1, id: 201, role: learner, firstName: Aisha, nino: QQ123456C }\n";
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("users/l.yaml", users),
    ]);
    let seed = "organisations:\n  - { ID: 5740, Name: Example College }\nusers:\n  - { ID: 201, OrganisationID: 5740, Role: 1, FirstName: Ann }\n";
    let sandbox = Sandbox::start(seed);
    let plan = |ci: bool, args: &[&str]| {
        let mut command = rosterctl_on(&sandbox);
        command.current_dir(folder.path()).arg("plan").args(args);
        if ci {
            command.env("CI", "true");
        }
        let said = transcript(&mut command);
        (
            said.contains("Aisha"),
            said.contains("QQ123456C"),
            said.contains("nino"),
        )
    };
    assert_eq!(plan(false, &[]), (false, false, false));
    assert_eq!(plan(false, &["--reveal", "personal"]), (true, false, true));
    assert_eq!(plan(false, &["--reveal", "special"]), (true, true, true));
    assert_eq!(plan(true, &["--reveal", "special"]), (false, false, false));
}

fn checked_report(text: &str) -> String {
    let (checked, sources) = crate::harness::checked(&[text]);
    rosterctl::cli::terminal::report(
        &checked.findings,
        &sources,
        rosterctl::domain::redact::Reveal::Public,
    )
}

/// Values under keys that are wrong, keys that are names, and control characters.
#[test]
fn values_in_the_wrong_place_are_not_said() {
    let turned = checked_report("users:\n  - { misId: \"L\u{202e}1\", role: iqa, id: 5 }\n");
    assert!(
        turned.contains("hidden-character") && !turned.contains('\u{202e}'),
        "{turned}"
    );
    let users = "users:\n  - misId: \"Q-1\\e]0;x\\a\"\n    organisation: Zqorg\n    target: Zqtarget\n    Nina: x\n    Rosee: y\n    Bob: z\n    placement: { id: 5, Zqkey: Zqvalue }\n    role: iqa # Zqcomment\n  - misId: &n Zqalias\n    lastName: *n\n    role: iqa\n  - misId: *n\n    role: iqa\n  - misId: \"Q-1\\e]0;x\\a\"\n";
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("users/l.yaml", users),
    ]);
    let said = transcript(
        crate::harness::rosterctl()
            .current_dir(folder.path())
            .arg("validate"),
    );
    assert!(
        said.contains("duplicate-user") && said.contains("unknown-key"),
        "{said}"
    );
    for value in ["Zq", "Nina", "Rosee", "Bob", "\u{1b}", "\u{7}"] {
        assert!(!said.contains(value), "{value:?}: {said}");
    }
}

/// A shifted column puts a name where a day, a number or a role is due, which are public.
#[test]
fn what_no_public_field_can_hold_is_not_said() {
    let users = "users:\n  - { misId: L-1, role: Zqrole, id: Zqid, startOn: Zqday, createdOn: Zqwhen, samePerson: Zqsame, distinctFrom: [Zqother], centreRegister: 2026-09-01 }\n";
    let said = checked_report(users);
    assert!(
        said.contains("wrong-kind") && said.contains("L-1") && said.contains("2026-09-01"),
        "{said}"
    );
    assert!(!said.contains("Zq"), "{said}");
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("users/a.yaml", "users:\n  - { id: 1, role: iqa }\n"),
        (
            "sandbox.yaml",
            "organisations:\n  - { ID: Zqid, Name: College }\nusers:\n  - { ID: 5, Role: Zqrole }\n",
        ),
    ]);
    let said = transcript(
        crate::harness::rosterctl()
            .current_dir(folder.path())
            .args(["plan", "--sandbox"]),
    );
    assert!(said.ends_with("exit 3\n") && !said.contains("Zq"), "{said}");
}

/// A CSV with a person in every row, broken in the ways in which CSVs break; and the same rows without a header, so that a
/// person stands where the names of columns are due.
pub fn a_csv_says_no_value_however_it_is_broken() {
    let header = "misId,firstName,lastName,email,dob,nino,homeAddress\n";
    let rows = "L-1,Zqfirst,Zqlast,zqmail@example.ac.uk,1907-03-14,QQ000000C,\"1 Zqstreet\nZqtown\"\nL-2,Zqfirst,Zqlast,zqmail@example.ac.uk,1907-03-14,QQ000000C,Zqstreet\n";
    let whole = format!("{header}{rows}");
    let broken = [
        whole.clone(),
        rows.to_owned(),
        whole.replace("1907-03-14", "14/03/1907"),
        whole.replace(',', ";"),
        whole.replacen("Zqfirst,", "", 1),
        whole.replace("Zqfirst", "\"Zqfirst"),
        whole
            .replace("misId,", "misId,classroom,")
            .replace("L-1,", "L-1,\"Zqroom,"),
        whole
            .replace("misId,", "misId,classroom,")
            .replace("L-1,", "L-1,Flat 3, Zqroom,"),
        whole.replace("zqmail@", "zqmail"),
        whole.replace("QQ000000C", "Zq0000"),
        whole.replace("firstName", "firstNme"),
        whole.replace("L-1", "").replace("L-2", "9.99E+09"),
        whole.replace("Zqlast", "Zq\u{200b}last"),
    ];
    let overlaid = "users:\n  - { misId: L-1, role: iqa, nino: QQ000000C }\n---\n";
    for (csv, before, flags) in broken.iter().flat_map(|csv| {
        [
            (csv, "defaults: { role: learner }\n", ""),
            (csv, overlaid, "overlay: true"),
            (csv, "", "columns: { misId: L-1, lastName: Zqnone }"),
        ]
    }) {
        let manifest = format!("{before}fromCsv: {{ path: x.csv, {flags} }}\n");
        let folder = project(&[
            ("rosterctl.yaml", "organisation: 1\n"),
            ("users/a.yaml", &manifest),
            ("users/x.csv", csv),
        ]);
        for args in [
            &["validate"][..],
            &["validate", "--format", "json"],
            &["validate", "--format", "github"],
            &["plan", "--sandbox"],
        ] {
            let said = transcript(
                crate::harness::rosterctl()
                    .current_dir(folder.path())
                    .args(args),
            );
            assert!(said.ends_with("exit 3\n"), "{said}");
            for value in [
                "Zqfirst",
                "Zqlast",
                "zqmail",
                "Zqstreet",
                "Zqtown",
                "Zqroom",
                "QQ000000C",
                "Zq0000",
                "1907",
            ] {
                assert!(
                    !said.contains(value),
                    "{value}: {args:?}\n{csv}\n{manifest}\n{said}"
                );
            }
        }
    }
}

/// Where a cell stands says nothing of how long those before it are.
#[test]
fn a_place_in_a_csv_tells_no_length() {
    let csv = "misId,firstName,lastName,email\nL-1,Bartholomew,Khan,bad\nL-2,Al,Khan,bad\n";
    let manifest = "defaults: { role: iqa }\nfromCsv: { path: x.csv }\n";
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 1\n"),
        ("users/a.yaml", manifest),
        ("users/x.csv", csv),
    ]);
    for (format, places) in [
        ("human", ["x.csv:2:4", "x.csv:3:4"]),
        ("github", ["line=2,col=4", "line=3,col=4"]),
    ] {
        let args = ["validate", "--format", format];
        let said = transcript(
            crate::harness::rosterctl()
                .current_dir(folder.path())
                .args(args),
        );
        assert!(places.iter().all(|place| said.contains(place)), "{said}");
    }
}

/// A line that is indented too far, and an address where a MIS value is due.
#[test]
fn values_below_from_csv_and_addresses_are_not_said() {
    let users = "fromCsv:\n  path: x.csv\n  defaults: { role: learner, nino: QQ000000C, lastName: Zqlast }\n  users:\n    - firstName: Zqfirst\n---\nusers:\n  - { id: 5, role: learner, defaultAssessor: zqmail@example.ac.uk, uln: 5 }\n";
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("users/l.yaml", users),
    ]);
    let said = transcript(
        crate::harness::rosterctl()
            .current_dir(folder.path())
            .arg("validate"),
    );
    assert!(
        said.contains("unknown-key") && said.contains("wrong-kind"),
        "{said}"
    );
    for value in ["Zq", "zq", "QQ0"] {
        assert!(!said.contains(value), "{value}: {said}");
    }
    let users = "users:\n  - { id: 5, role: learner, defaultAssessor: zqmail@example.ac.uk }\n";
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("users/l.yaml", users),
    ]);
    let seed = "organisations:\n  - { ID: 5740, Name: Example College }\nusers:\n  - { ID: 5, OrganisationID: 5740, Role: 1 }\n";
    let sandbox = Sandbox::start(seed);
    let said = transcript(
        rosterctl_on(&sandbox)
            .current_dir(folder.path())
            .arg("plan"),
    );
    assert!(
        said.contains("write `defaultAssessor: { email: … }`") && !said.contains("zq"),
        "{said}"
    );
}

#[test]
#[cfg(target_os = "linux")]
fn findings_on_a_stderr_that_is_no_terminal_are_masked_although_stdout_is_one() {
    let users = "users:\n  - { misId: L-1, firstName: Zqfirst }\n";
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("users/l.yaml", users),
    ]);
    let seen = crate::terminal::session(folder.path(), "validate --color never", "");
    assert!(seen.contains("Zqfirst"), "{seen}");
    crate::terminal::session(
        folder.path(),
        "plan --sandbox --reveal special 2>errors.txt",
        "",
    );
    let errors = std::fs::read_to_string(folder.path().join("errors.txt")).unwrap();
    assert!(
        errors.contains("missing-field") && !errors.contains("Zqfirst"),
        "{errors}"
    );
}

/// What a panic says is nobody's business: its message may hold anything.
#[test]
fn a_panic_says_its_place_and_no_value() {
    let this = std::env::current_exe().unwrap();
    let run = [
        "--ignored",
        "--exact",
        "privacy::a_panic_on_purpose",
        "--nocapture",
    ];
    let output = std::process::Command::new(this).args(run).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains(
            "error: this is a bug of rosterctl, and no fault of yours (tests/it/privacy.rs:"
        ),
        "{said}"
    );
    assert!(!said.contains("Abbotsley"), "{said}");
}

#[test]
#[ignore = "it panics, for the test above"]
fn a_panic_on_purpose() {
    rosterctl::cli::terminal::quiet_panics();
    panic!("{}", "Ann Abbotsley");
}
