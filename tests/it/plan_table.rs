//! `plan --csv`: a line for each operation and hold, for a spreadsheet, without personal values.

use std::fs;

use crate::harness::{Sandbox, project, rosterctl_on};

const SEED: &str = "organisations:
  - { ID: 5740, Name: Example College }
classrooms:
  - { ID: 1, OrganisationID: 5740, Name: \"=Business, Admin\" }
placements:
  - { ID: 3, OrganisationID: 5740, Name: \"+Bakery\" }
users:
  - { ID: 11, OrganisationID: 5740, Role: 5, MISID: \"-A1\", FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk }
  - { ID: 21, OrganisationID: 5740, Role: 1, MISID: \"=L1\", FirstName: Chidi, LastName: Catterpole, Email: chidi@example.ac.uk, ClassroomID: 1, PlacementID: 3, DefaultAssessorID: 11, EpisodeName: Old }
  - { ID: 22, OrganisationID: 5740, Role: 1, MISID: L2, FirstName: Dana, LastName: Dunmarrow, Email: dana@example.ac.uk, ClassroomID: 1, PlacementID: 3, DefaultAssessorID: 11 }
";
const USERS: &str = "users:
  - { id: 21, misId: \"=L1\", role: learner, episodeName: \"=1+1\", mobileNumber: 07700 900123 }
  - { id: 22, misId: L2, role: learner, placement: Nowhere }
  - { misId: +L3, role: learner, firstName: Farah, lastName: Fernhollow, email: farah@example.ac.uk, ethnicity: \"31\", classroom: \"=Business, Admin\", placement: +Bakery, defaultAssessor: \"-A1\" }
";

/// The lines of the table, each as its cells.
fn table() -> Vec<Vec<String>> {
    let sandbox = Sandbox::start(SEED);
    let folder = project(&[
        (
            "rosterctl.yaml",
            "organisation: 5740\nseverity: { spreadsheet-key: ignore }\n",
        ),
        ("users/a.yaml", USERS),
    ]);
    let output = rosterctl_on(&sandbox)
        .current_dir(folder.path())
        .args(["plan", "--csv", "plan.csv", "--reveal", "personal"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let text = fs::read_to_string(folder.path().join("plan.csv")).unwrap();
    let text = text.strip_prefix('\u{feff}').expect("Excel needs the mark");
    for word in ["Farah", "@example", "07700", "ethnicity", "31"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    text.lines().map(cells).collect()
}

/// The cells of a line: no cell of these has a line end.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '"' if is_quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cells.last_mut().unwrap().push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(String::new()),
            c => cells.last_mut().unwrap().push(c),
        }
    }
    cells
}

#[test]
fn the_table_has_a_line_for_each_operation_and_hold() {
    let rows = table();
    insta::assert_debug_snapshot!(rows);
    let actions: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(actions, ["action", "create", "update", "on hold"]);
    assert!(rows.iter().all(|row| row.len() == rows[0].len()));
}

#[test]
fn no_cell_is_a_formula() {
    let rows = table();
    for cell in rows.iter().flatten() {
        assert!(
            !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
            "{cell}"
        );
    }
    let all: Vec<&String> = rows.iter().flatten().collect();
    for guarded in ["'=L1", "'+L3", "'-A1", "'=Business, Admin", "'+Bakery"] {
        assert!(
            all.iter().any(|cell| *cell == guarded),
            "{guarded}: {all:?}"
        );
    }
}
