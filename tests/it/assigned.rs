//! Manifests that say what learners get by calls of their own, and which placements and classrooms there are.

use rosterctl::domain::field::Key;
use rosterctl::domain::{EntryKind, Reference, Roster, Value};

use crate::harness::{checked, project, roster, rosterctl, transcript};

const LEARNER: &str = "role: learner, firstName: Ann, lastName: Abbotsley, email: ann@example.ac.uk, classroom: B, placement: P, defaultAssessor: A-1";

fn learner(fields: &str) -> String {
    format!("users:\n  - {{ misId: L-1, {LEARNER}, {fields} }}\n")
}

/// The codes of what is found, each once, but for the rule on special data.
pub(crate) fn codes(text: &str) -> Vec<&'static str> {
    let (checked, _) = checked(&[text]);
    let mut codes: Vec<_> = checked
        .findings
        .iter()
        .map(|found| found.rule.name)
        .collect();
    codes.retain(|code| *code != "special-in-manifest");
    codes.dedup();
    codes
}

fn titles(references: &[Reference]) -> Vec<String> {
    references
        .iter()
        .map(|reference| format!("{reference:?}"))
        .collect()
}

fn standards_of(roster: &Roster, at: usize) -> Vec<String> {
    let assignments = roster.users()[at].assignments.as_deref();
    titles(assignments.map_or(&[], |assignments| &assignments.standards))
}

#[test]
fn a_list_of_a_learner_wins_over_the_default_and_others_have_the_default() {
    let text = format!(
        "defaults: {{ standards: [Team Leader L3] }}\nusers:\n  - {{ misId: L-1, {LEARNER}, standards: [{{ id: 310 }}, ' Care L2 '] }}\n  - {{ misId: L-2, {LEARNER} }}\n  - {{ misId: S-1, role: iqa, firstName: Ben, lastName: Birdwhistle, email: ben@example.ac.uk }}\n"
    );
    let roster = roster(&[&text]);
    assert_eq!(
        standards_of(&roster, 0),
        ["Id(EntryId(310))", r#"Named("Care L2")"#]
    );
    assert_eq!(standards_of(&roster, 1), [r#"Named("Team Leader L3")"#]);
    assert!(
        roster.users()[2].assignments.is_none(),
        "an IQA takes no standards"
    );
}

#[test]
fn every_field_of_assignments_is_read() {
    let text = learner(
        "standards: [Care L2], units: [{ standard: Care L2, unit: { id: 7 } }], frameworkTemplate: { name: Care }, additionalAssessors: [A-2, { email: a3@example.ac.uk }], additionalObservers: [O-1]",
    );
    let roster = roster(&[&text]);
    let assignments = roster.users()[0].assignments.as_deref().unwrap();
    let keys: Vec<_> = assignments.keys().into_iter().map(Key::name).collect();
    assert_eq!(
        keys,
        [
            "standards",
            "units",
            "frameworkTemplate",
            "additionalAssessors",
            "additionalObservers"
        ]
    );
    assert_eq!(assignments.units[0].unit, Reference::Id(7.into()));
    assert_eq!(assignments.template, Some(Reference::Name("Care".into())));
    assert_eq!(
        titles(&assignments.staff[&Key::AdditionalAssessors]),
        [r#"Named("A-2")"#, r#"Email("a3@example.ac.uk")"#]
    );
}

#[test]
fn a_learner_who_gets_nothing_has_no_assignments() {
    assert!(
        roster(&[&learner("startOn: 2026-09-01")]).users()[0]
            .assignments
            .is_none()
    );
}

#[test]
fn an_empty_list_is_an_error_since_nothing_is_taken_away() {
    for fields in [
        "standards: []",
        "units: []",
        "additionalIqas: []",
        "secondaryLlddCodes: []",
    ] {
        assert_eq!(codes(&learner(fields)), ["empty-value"], "{fields}");
    }
    for list in ["placements", "classrooms"] {
        assert_eq!(codes(&format!("{list}: []\n")), ["empty-value"], "{list}");
    }
}

#[test]
fn an_item_twice_in_a_list_is_a_warning_and_counts_once() {
    for fields in [
        "standards: [Care L2, { name: B }, Care L2]",
        "units: [{ standard: C, unit: U }, { standard: C, unit: U }], standards: [C]",
        "additionalEmployers: [E-1, E-2, E-1]",
        "secondaryLlddCodes: ['04', '12', '04']",
    ] {
        assert_eq!(codes(&learner(fields)), ["repeated-item"], "{fields}");
    }
    let twice = roster(&[&learner("standards: [Care L2, ' Care L2']")]);
    assert_eq!(standards_of(&twice, 0).len(), 1);
}

#[test]
fn a_unit_needs_its_standard_beside_it() {
    for fields in [
        "units: [{ standard: Care L2, unit: U }]",
        "units: [{ standard: Care L2, unit: U }], standards: [Team Leader L3]",
        "units: [{ standard: { id: 5 }, unit: U }], standards: [{ id: 6 }]",
    ] {
        assert_eq!(
            codes(&learner(fields)),
            ["unit-without-standard"],
            "{fields}"
        );
    }
    for fields in [
        "units: [{ standard: Care L2, unit: U }], standards: [{ name: Care L2 }]",
        "units: [{ standard: Care L2, unit: U }], standards: [{ id: 6 }]",
        "units: [{ standard: Care L2, unit: U }], frameworkTemplate: Care",
        "standards: [Care L2]",
    ] {
        assert_eq!(codes(&learner(fields)), [""; 0], "{fields}");
    }
}

#[test]
fn what_exports_spoil_is_found_in_items_too() {
    for (fields, code) in [
        ("standards: ['NULL']", "placeholder"),
        ("standards: ['Health &amp; Care']", "double-encoded"),
        (
            "standards: [Care L2, \"Care\\u200bL3\"]",
            "hidden-character",
        ),
        ("standards: [01108]", "needs-quotes"),
        ("standards: [310]", "wrong-kind"),
        ("standards: Care L2", "wrong-kind"),
        ("additionalAssessors: ['=\"A-1\"']", "spreadsheet-key"),
        ("secondaryLlddCodes: [4]", "wrong-kind"),
        (
            "units: [{ standard: '(null)', unit: U }], standards: [C]",
            "placeholder",
        ),
        ("frameworkTemplate: '(null)'", "placeholder"),
    ] {
        assert_eq!(codes(&learner(fields)).first(), Some(&code), "{fields}");
    }
}

#[test]
fn a_list_with_a_placeholder_is_left_out_whole() {
    let roster = roster(&[&learner(
        "standards: [Care L2, '(null)'], additionalIqas: [I-1]",
    )]);
    let assignments = roster.users()[0].assignments.as_deref().unwrap();
    assert_eq!(assignments.keys(), [Key::AdditionalIqas]);
}

#[test]
fn placements_and_classrooms_are_declared_without_users() {
    let roster = roster(&[
        "placements:\n  - name: ' Riverside Care Home '\n    misId: P-204\n    email: Desk@example.com\n    active: true\n    address: |\n      1 High Street\n      Bath\n  - id: 77\n    fax: 01632 960099\nclassrooms:\n  - { name: Carpentry L2, startOn: 2026-09-01, ivFinalSignOff: false }\n",
    ]);
    assert!(roster.users().is_empty());
    let entries = roster.entries();
    let kinds: Vec<_> = entries.iter().map(|entry| entry.kind).collect();
    assert_eq!(
        kinds,
        [
            EntryKind::Placement,
            EntryKind::Placement,
            EntryKind::Classroom
        ]
    );
    assert_eq!(entries[0].name(), Some("Riverside Care Home"));
    assert_eq!(entries[0].mis_id(), Some("P-204"));
    assert_eq!(entries[0].place.line, 2);
    assert_eq!(entries[1].id, Some(77.into()));
    assert_eq!(entries[1].values.keys().collect::<Vec<_>>(), [Key::Fax]);
    assert_eq!(
        entries[2].values.get(Key::IvFinalSignOff),
        Some(&Value::Flag(false))
    );
}

#[test]
fn a_placement_needs_a_name_or_its_number() {
    assert_eq!(
        codes("placements:\n  - { misId: P-1 }\n"),
        ["missing-field"]
    );
    assert_eq!(codes("placements:\n  - { id: 7 }\n"), [""; 0]);
}

#[test]
fn two_placements_of_one_name_key_or_number_are_an_error() {
    for items in [
        "[{ name: A, misId: P-1 }, { name: B, misId: P-1 }]",
        "[{ name: A }, { name: B }, { name: A }]",
        "[{ name: A, id: 1 }, { name: A }]",
        "[{ id: 1 }, { id: 1 }]",
        "[{ name: Mill }, { name: MILL }]",
        "[{ name: St Mary's }, { name: St Marys, misId: P-1 }]",
        "[{ name: Café  Nine }, { name: Cafe nine }]",
    ] {
        assert_eq!(
            codes(&format!("placements: {items}\n")),
            ["duplicate-entry"],
            "{items}"
        );
    }
    for text in [
        "placements: [{ name: A, id: 1 }, { name: A, id: 2 }]\n",
        "placements: [{ name: A }]\nclassrooms: [{ name: A }]\n",
        "placements: [{ name: A, id: 1 }, { name: a, id: 2 }]\n",
        "placements: [{ name: Group A }, { name: Group A+ }]\n",
    ] {
        assert_eq!(codes(text), [""; 0], "{text}");
    }
}

#[test]
fn an_emptied_list_of_users_is_an_error_beside_placements_too() {
    let (found, _) = checked(&["users: []\nplacements: [{ name: A }]\n"]);
    assert_eq!(found.findings[0].rule.name, "empty-file");
    assert!(found.findings[0].help.contains("take the key away"));
}

#[test]
fn a_placement_that_two_files_declare_is_an_error() {
    let (one, two) = ("placements: [{ name: A }]\n", "placements: [{ name: A }]\n");
    let (checked, _) = checked(&[one, two]);
    let codes: Vec<_> = checked
        .findings
        .iter()
        .map(|found| found.rule.name)
        .collect();
    assert_eq!(codes, ["duplicate-entry"]);
}

#[test]
fn values_of_placements_are_checked_as_those_of_users_are() {
    for (field, code) in [
        ("email: desk@example", "bad-email"),
        ("telephone: '1632960001'", "phone-number"),
        ("fax: '1632960099'", "phone-number"),
        ("contact: N/A", "placeholder"),
        ("web: ''", "empty-value"),
        ("active: yes", "wrong-kind"),
        ("address: \"1 High\\u200bStreet\"", "hidden-character"),
        ("addres: 1 High Street", "unknown-key"),
        ("misid: P-1", "unknown-key"),
        ("mobileNumber: '01632 960001'", "unknown-key"),
        ("startOn: 2026-09-01", "unknown-key"),
    ] {
        let text = format!("placements:\n  - {{ name: A, {field} }}\n");
        assert_eq!(codes(&text).first(), Some(&code), "{field}");
    }
}

#[test]
fn a_misspelt_key_of_a_placement_is_answered_with_a_key_of_placements() {
    for (written, help) in [
        ("addres", "write `address`"),
        ("misid", "write `misId`"),
        ("phone", "write `telephone`"),
        ("mobileNumber", "the keys here are `id`, `misId`, `name`"),
    ] {
        let text = format!("placements:\n  - {{ name: A, {written}: B }}\n");
        let (checked, _) = checked(&[&text]);
        assert!(
            checked.findings[0].help.contains(help),
            "{:?}",
            checked.findings
        );
    }
}

#[test]
fn a_field_in_the_singular_or_in_another_word_is_answered_with_ours() {
    for (written, help) in [
        ("standard: A", "write `standards`"),
        ("unit: A", "write `units`"),
        ("template: A", "write `frameworkTemplate`"),
        ("qualification: A", "write `standards`"),
        ("secondAssessor: A-2", "write `additionalAssessors`"),
    ] {
        let (checked, _) = checked(&[&learner(written)]);
        assert_eq!(checked.findings[0].help, help, "{:?}", checked.findings);
    }
}

#[test]
fn a_placement_whose_only_name_is_a_placeholder_is_not_declared() {
    assert!(
        roster(&["placements: [{ name: (null) }, { name: B }]\n"])
            .entries()
            .len()
            == 1
    );
}

/// A project whose learners come from a CSV with these columns.
fn validate_csv(columns: &str, csv: &str) -> String {
    let manifest = format!(
        "defaults: {{ role: learner, classroom: B, placement: P, defaultAssessor: A-1 }}\nfromCsv:\n  path: l.csv\n  columns: {columns}\n"
    );
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 1\n"),
        ("users/l.yaml", &manifest),
        ("users/l.csv", csv),
    ]);
    transcript(rosterctl().current_dir(folder.path()).arg("validate"))
}

#[test]
fn a_cell_holds_several_standards_with_semicolons_between() {
    let columns = "{ misId: Ref, firstName: F, lastName: L, email: E, standards: S, additionalAssessors: A, secondaryLlddCodes: C }";
    let header = "Ref,F,L,E,S,A,C\n";
    let row = "L-1,Ann,Abbotsley,ann@example.ac.uk,\"Care L2; Team Leader, L3\",A-2;A-3,04;12\n";
    let said = validate_csv(columns, &format!("{header}{row}"));
    assert_eq!(said, "Valid: 1 user in 1 file.\nexit 0\n");
    let row = "L-1,Ann,Abbotsley,ann@example.ac.uk,Care L2; NULL;Care L2,,\n";
    let said = validate_csv(columns, &format!("{header}{row}"));
    assert!(
        said.contains("placeholder") && said.contains("repeated-item"),
        "{said}"
    );
}

#[test]
fn a_csv_gives_no_units() {
    let csv = "Ref,F,L,E,U\nL-1,Ann,Abbotsley,ann@example.ac.uk,Unit 1\n";
    let said = validate_csv(
        "{ misId: Ref, firstName: F, lastName: L, email: E, units: U }",
        csv,
    );
    assert!(said.contains("a CSV can't give `units`"), "{said}");
}

#[test]
fn an_overlay_gives_no_assignments() {
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 1\n"),
        ("users/l.yaml", &learner("startOn: 2026-09-01")),
        ("users/o.yaml", "fromCsv: { path: o.csv, overlay: true }\n"),
        ("users/o.csv", "misId,standards\nL-1,Care L2\n"),
    ]);
    let said = transcript(rosterctl().current_dir(folder.path()).arg("validate"));
    assert!(said.contains("an overlay can't give `standards`"), "{said}");
}

#[test]
fn lists_their_fields_and_the_path_of_further_staff_are_explained() {
    let words = [
        "placements",
        "classrooms",
        "address",
        "assignPath",
        "standards",
        "units",
    ];
    let mut text = String::new();
    for word in words {
        text += &format!("$ rosterctl explain {word}\n");
        text += &transcript(rosterctl().args(["explain", word]));
        text.push('\n');
    }
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    insta::assert_snapshot!(text);
}

#[test]
fn codes_of_an_account_are_written_as_a_list() {
    let seed = "organisations: [{ ID: 1, CustomerID: 1, Name: A }]\ncustomers: [{ ID: 1, Name: A }]\nusers:\n  - { ID: 7, OrganisationID: 1, Role: 1, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk, MISID: L-1, SecondaryLLDDCodes: [\"12\", \"04\"] }\n";
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 1\ntarget: sandbox\n"),
        ("sandbox.yaml", seed),
        (
            "users/l.yaml",
            "users:\n  - { id: 7, role: learner, secondaryLlddCodes: [\"04\"] }\n",
        ),
    ]);
    let said = transcript(rosterctl().current_dir(folder.path()).args([
        "accept",
        "--all",
        "--sandbox",
        "--auto-approve",
    ]));
    let text = std::fs::read_to_string(folder.path().join("users/l.yaml")).unwrap();
    assert!(
        text.contains("secondaryLlddCodes: [\"04\", \"12\"]"),
        "{said}{text}"
    );
}
