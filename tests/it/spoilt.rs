//! What may not be written into OneFile: values that exports, spreadsheets and git have spoilt, by kind.

use tempfile::TempDir;

use crate::harness::{checked, project, rosterctl, transcript};

/// The codes of what is found for a learner with these fields, which is valid without them.
fn codes(fields: &str) -> Vec<&'static str> {
    let learner = "role: learner, classroom: B, placement: P, defaultAssessor: A-1";
    let own = |name: &str, value: &str| {
        let is_given = fields.starts_with(&format!("{name}:"));
        if is_given {
            String::new()
        } else {
            format!(", {name}: {value}")
        }
    };
    let text = format!(
        "users:\n  - {{ {learner}{}{}{}{}, {fields} }}\n",
        own("misId", "L-1"),
        own("firstName", "Ann"),
        own("lastName", "Abbotsley"),
        own("email", "ann@example.ac.uk")
    );
    let (checked, _) = checked(&[&text]);
    let mut codes: Vec<_> = checked
        .findings
        .iter()
        .map(|found| found.rule.name)
        .collect();
    codes.retain(|code| *code != "special-in-manifest");
    codes.dedup();
    codes
}

fn validate(folder: &TempDir) -> String {
    transcript(rosterctl().current_dir(folder.path()).arg("validate"))
}

/// A project with a CSV of learners.
fn college(settings: &str, columns: &str, csv: &str) -> TempDir {
    let manifest = format!(
        "defaults: {{ role: learner, classroom: B, placement: P, defaultAssessor: A-1 }}\nfromCsv:\n  path: l.csv\n  columns: {columns}\n"
    );
    project(&[
        ("rosterctl.yaml", &format!("organisation: 1\n{settings}")),
        ("users/l.yaml", &manifest),
        ("users/l.csv", csv),
    ])
}

const COLUMNS: &str =
    "{ misId: Ref, firstName: F, lastName: L, email: E, mobileNumber: M, dob: B, nino: N }";
const HEADER: &str = "Ref,F,L,E,M,B,N\n";

fn said_of_row(settings: &str, row: &str) -> String {
    let csv = format!("{HEADER}L-1,Ann,Abbotsley,ann@example.ac.uk,,,\n{row}\n");
    validate(&college(settings, COLUMNS, &csv))
}

#[test]
fn placeholders_of_exports_are_warnings() {
    for fields in [
        "telephone: \"NULL\"",
        "mobileNumber: \"(null)\"",
        "homeAddress: nan",
        "episodeName: None",
        "website: N/A",
        "companyName: TBC",
        "telephone: \"-\"",
        "mobileNumber: \"0\"",
        "dob: NaT",
        "uln: N/A",
        "nino: TBC",
        "sex: \"NULL\"",
        "firstName: \"NULL\"",
        "lastName: (null)",
        "lastName: TBC",
        "email: none",
        "misId: \"NULL\"",
        "defaultEmployer: \"NULL\"",
        "workAddress: \"#N/A\"",
    ] {
        assert_eq!(codes(fields), ["placeholder"], "{fields}");
    }
    for fields in [
        "lastName: \"Null\"",
        "lastName: None",
        "firstName: Nan",
        "lastName: Na",
        "lastName: \"-\"",
        "companyName: Nil Desperandum Ltd",
    ] {
        assert_eq!(codes(fields), [""; 0], "{fields}");
    }
}

#[test]
fn text_that_was_encoded_twice_is_a_warning() {
    for fields in [
        "firstName: ZoÃ«",
        "lastName: Oâ€™Neill",
        "lastName: O&#39;Neill",
        "lastName: \"Smith &amp; Sons\"",
        "firstName: 'Zo\\u00eb'",
        "firstName: Zo?",
        "homeAddress: CafÃ© Row",
        "episodeName: Health &amp; Care",
    ] {
        assert_eq!(codes(fields), ["double-encoded"], "{fields}");
    }
    for fields in [
        "firstName: São",
        "firstName: ÂNGELA",
        "lastName: CONCEIÇÃO",
        "lastName: LÍŠKOVÁ",
        "lastName: O’Neill",
        "companyName: Marks & Spencer",
    ] {
        assert_eq!(codes(fields), [""; 0], "{fields}");
    }
}

#[test]
fn addresses_that_can_not_be_are_errors() {
    for email in [
        "mailto:a@example.ac.uk",
        "\"a@example.ac.uk;\"",
        "\"'a@example.ac.uk'\"",
        "a@example",
        "a@exam_ple.ac.uk",
        "a..b@example.ac.uk",
    ] {
        assert_eq!(codes(&format!("email: {email}")), ["bad-email"], "{email}");
    }
    let raised = said_of_row("", "L-2,Bea,Birdwhistle,b@example,,,");
    assert!(
        raised.contains("bad-email") && raised.ends_with("1 error.\nexit 3\n"),
        "{raised}"
    );
    let lowered = said_of_row(
        "severity: { bad-email: warning }\n",
        "L-2,Bea,Birdwhistle,b@example,,,",
    );
    assert!(
        lowered.ends_with("Valid: 2 users in 1 file; 1 warning.\nexit 0\n"),
        "{lowered}"
    );
}

#[test]
fn telephone_numbers_that_lost_their_zero_are_warnings() {
    for number in [
        "7700900124",
        "1632960102",
        "+44 (0)7700 900124",
        "01632 960102 / 07700 900124",
        "447700900124",
    ] {
        assert_eq!(
            codes(&format!("mobileNumber: \"{number}\"")),
            ["phone-number"],
            "{number}"
        );
    }
    for number in [
        "07700 900124",
        "+44 7700 900124",
        "+1 202 555 0123",
        "0033 1 99 00 12 34",
    ] {
        assert_eq!(
            codes(&format!("telephone: \"{number}\"")),
            [""; 0],
            "{number}"
        );
    }
}

#[test]
fn keys_that_a_spreadsheet_has_changed_are_errors() {
    for key in [
        "\"=\\\"00102\\\"\"",
        "\"'00103\"",
        "\"104.0\"",
        "\"1,005\"",
        "\"1.04E+05\"",
        "01-Mar",
        "\"#REF\"",
    ] {
        assert_eq!(
            codes(&format!("misId: {key}")),
            ["spreadsheet-key"],
            "{key}"
        );
        assert_eq!(
            codes(&format!("defaultEmployer: {key}")),
            ["spreadsheet-key"],
            "{key}"
        );
        assert_eq!(
            codes(&format!("defaultEmployer: {{ misId: {key} }}")),
            ["spreadsheet-key"],
            "{key}"
        );
    }
    for fine in [
        "placement: \"'Spoons\"",
        "classroom: \"1,005\"",
        "misId: \"#123\"",
        "misId: \"`a`\"",
    ] {
        assert!(!codes(fine).contains(&"spreadsheet-key"), "{fine}");
    }
    let said = said_of_row("", "104.0,Bea,Birdwhistle,b@example.ac.uk,,,");
    assert!(
        said.contains("[users/l.csv:3:1]") && said.ends_with("1 error.\nexit 3\n"),
        "{said}"
    );
    let meant = said_of_row(
        "severity: { spreadsheet-key: ignore }\n",
        "104.0,Bea,Birdwhistle,b@example.ac.uk,,,",
    );
    assert!(
        meant.ends_with("Valid: 2 users in 1 file.\nexit 0\n"),
        "{meant}"
    );
}

#[test]
fn national_insurance_numbers_take_blanks_and_no_impossible_beginnings() {
    let found = |nino: &str| codes(&format!("nino: {nino}"));
    for nino in ["QQ 12 34 56 C", "QQ123456C", "QQ 123456 C", "AB 12 34 56 A"] {
        assert_eq!(found(nino), [""; 0], "{nino}");
    }
    for nino in [
        "GB 12 34 56 C",
        "TN123456A",
        "ZZ123456A",
        "DA123456A",
        "AO123456A",
        "QQ123456E",
        "QQ12345C",
        "QQ-12-34-56-C",
    ] {
        assert_eq!(found(nino), ["bad-nino"], "{nino}");
    }
}

#[test]
fn empty_dates_are_empty_and_midnights_are_passed_over() {
    for day in [
        "01/01/0001",
        "01/01/0001 00:00:00",
        "1/1/0001 12:00:00 AM",
        "0001-01-01T00:00:00",
        "14/06/2007 00:00",
        "14/06/2007 00:00:00.000",
        "14/06/2007 12:00:00 AM",
    ] {
        let columns = format!("{COLUMNS}\n  dateFormat: DD/MM/YYYY");
        let csv = format!("{HEADER}L-1,Ann,Abbotsley,ann@example.ac.uk,,{day},\n");
        let said = validate(&college("", &columns, &csv));
        assert_eq!(said, "Valid: 1 user in 1 file.\nexit 0\n", "{day}");
    }
    for day in [
        "2007-06-14 00:00:00",
        "2007-06-14T00:00:00",
        "2007-06-14T00:00:00.000Z",
    ] {
        let said = said_of_row("", &format!("L-2,Bea,Birdwhistle,b@example.ac.uk,,{day},"));
        assert_eq!(said, "Valid: 2 users in 1 file.\nexit 0\n", "{day}");
    }
    for day in ["2007-06-14 09:30:00", "2007-06-14 12:00:00 PM"] {
        let said = said_of_row("", &format!("L-2,Bea,Birdwhistle,b@example.ac.uk,,{day},"));
        assert!(said.contains("bad-day"), "{day}: {said}");
    }
    assert_eq!(codes("dob: 0001-01-01"), [""; 0]);
}

/// One bad cell stops nobody else, unless the project says so.
#[test]
fn a_project_may_raise_what_leaves_a_field_alone() {
    let row = "L-2,Bea,Birdwhistle,b@example.ac.uk,NULL,NULL,";
    let said = said_of_row("", row);
    assert!(
        said.ends_with("Valid: 2 users in 1 file; 2 warnings.\nexit 0\n"),
        "{said}"
    );
    let raised = said_of_row("severity: { placeholder: error }\n", row);
    assert!(raised.ends_with("2 errors.\nexit 3\n"), "{raised}");
    let ignored = said_of_row("severity: { placeholder: ignore }\n", row);
    assert!(
        ignored.ends_with("Valid: 2 users in 1 file.\nexit 0\n"),
        "{ignored}"
    );
}

#[test]
fn conflicts_that_git_left_are_said_by_name() {
    let users = "users:\n<<<<<<< HEAD\n  - { id: 5, role: iqa }\n=======\n  - { id: 6, role: iqa }\n>>>>>>> other\n";
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 1\n"),
        ("users/a.yaml", users),
    ]);
    let said = validate(&folder);
    for place in ["users/a.yaml:2:1", "users/a.yaml:4:1", "users/a.yaml:6:1"] {
        assert!(said.contains(&format!("[{place}]")), "{place}: {said}");
    }
    assert!(
        said.contains("conflict-marker") && !said.contains("syntax"),
        "{said}"
    );
    let csv = format!(
        "{HEADER}<<<<<<< HEAD\nL-1,Ann,Abbotsley,a@example.ac.uk,,,\n=======\nL-1,Ann,Abbotsley,b@example.ac.uk,,,\n>>>>>>> x\n"
    );
    let said = validate(&college("", COLUMNS, &csv));
    assert!(
        said.contains("conflict-marker") && !said.contains("bad-table"),
        "{said}"
    );
    let settings = project(&[(
        "rosterctl.yaml",
        "<<<<<<< HEAD\norganisation: 1\n=======\norganisation: 2\n>>>>>>> x\n",
    )]);
    assert!(validate(&settings).contains("conflict-marker"));
}

#[test]
fn notes_of_git_lfs_and_files_of_git_crypt_are_said_by_name() {
    let note = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 1\n"),
        ("users/a.yaml", note),
    ]);
    let said = validate(&folder);
    assert!(
        said.contains("lfs-pointer") && said.contains("git lfs pull"),
        "{said}"
    );
    let said = validate(&college("", COLUMNS, note));
    assert!(
        said.contains("lfs-pointer") && !said.contains("unknown-column"),
        "{said}"
    );
    std::fs::write(folder.path().join("users/a.yaml"), b"\0GITCRYPT\0\x9a\xff").unwrap();
    let said = validate(&folder);
    assert!(
        said.contains("is encrypted by git-crypt") && said.contains("git-crypt unlock"),
        "{said}"
    );
}

#[test]
fn files_that_look_meant_and_are_not_read_are_warnings() {
    let folder = college(
        "",
        COLUMNS,
        &format!("{HEADER}L-1,Ann,Abbotsley,a@example.ac.uk,,,\n"),
    );
    assert_eq!(validate(&folder), "Valid: 1 user in 1 file.\nexit 0\n");
    for (name, text) in [
        ("users/new.yaml.txt", "users: []\n"),
        ("users/old.csv", "Ref\nL-1\n"),
        ("users/deep/Learners.XLSX", "PK"),
        ("more.yaml", "users:\n  - { id: 7, role: iqa }\n"),
    ] {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        let said = validate(&folder);
        assert!(
            said.contains("unread-file") && said.contains(name),
            "{name}: {said}"
        );
        assert!(
            said.ends_with("Valid: 1 user in 1 file; 1 warning.\nexit 0\n"),
            "{name}: {said}"
        );
        std::fs::remove_file(&path).unwrap();
    }
    for (name, text) in [
        ("notes.txt", "x"),
        ("docker.yaml", "services: {}\n"),
        ("users/README.md", "x"),
        ("users/.old.csv", "x"),
        ("old.csv", "x"),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
        assert_eq!(
            validate(&folder),
            "Valid: 1 user in 1 file.\nexit 0\n",
            "{name}"
        );
    }
}

#[test]
fn several_columns_make_one_text_of_lines() {
    let columns =
        "{ misId: Ref, firstName: F, lastName: L, email: E, homeAddress: [A1, A2, Town, Post] }";
    let header = "Ref,F,L,E,A1,A2,Town,Post\n";
    let row = |cells: &str| {
        validate(&college(
            "",
            columns,
            &format!("{header}L-1,Ann,Abbotsley,a@example.ac.uk,{cells}\n"),
        ))
    };
    assert_eq!(
        row("1 High Street,,Bath,BA1 1AA"),
        "Valid: 1 user in 1 file.\nexit 0\n"
    );
    let said = row("1 High Street,NULL,Bath,BA1 1AA");
    assert!(
        said.contains("row 2, column \"A2\"") && said.contains("placeholder"),
        "{said}"
    );
    let missing = validate(&college(
        "",
        columns,
        "Ref,F,L,E,A1,A2,Town\nL-1,Ann,Abbotsley,a@example.ac.uk,1,2,3\n",
    ));
    assert!(
        missing.contains("the CSV has no column for `homeAddress`"),
        "{missing}"
    );
    let names = "{ misId: Ref, firstName: [F, M], lastName: L, email: E }";
    let refused = validate(&college(
        "",
        names,
        "Ref,F,M,L,E\nL-1,Ann,B,Abbotsley,a@example.ac.uk\n",
    ));
    assert!(refused.contains("wrong-kind"), "{refused}");
}
