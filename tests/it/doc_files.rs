//! Every file that the documentation shows is valid.

use crate::doc_pages::{block_with, pages};
use crate::harness::{project, rosterctl, transcript};
use crate::workbook_files::{WrittenCell, sheet, xlsx};

/// Pages whose files are steps of a walk, and the one whose files belong together.
const ELSEWHERE: &[&str] = &[
    "docs/everyday.md",
    "docs/assignments.md",
    "docs/spreadsheets.md",
];

/// What a block of YAML is.
enum ShownFile {
    Settings,
    Sandbox,
    Manifest,
    /// A line of a workflow, which `tests/ci` puts in its place.
    Workflow,
}

fn kind(block: &str) -> ShownFile {
    if block.trim_start().starts_with("include:") {
        ShownFile::Workflow
    } else if block.starts_with("# rosterctl.yaml") || block.starts_with("organisation:") {
        ShownFile::Settings
    } else if block.starts_with("organisations:") || block.starts_with("behaviour:") {
        ShownFile::Sandbox
    } else {
        ShownFile::Manifest
    }
}

fn settings() -> String {
    block_with("docs/manifests.md", "yaml", "# rosterctl.yaml")
}

fn manifest() -> String {
    block_with("docs/manifests.md", "yaml", "yaml-language-server")
}

fn seed() -> String {
    block_with("docs/sandbox.md", "yaml", "organisations:")
}

#[test]
fn every_file_is_valid() {
    let mut checked = [0; 4];
    for page in pages() {
        if ELSEWHERE.contains(&page.path.as_str()) {
            continue;
        }
        for block in page.blocks_of("yaml") {
            let kind = kind(&block);
            match kind {
                ShownFile::Settings => plans(&page.path, &block, &manifest(), &seed()),
                ShownFile::Sandbox if block.contains("organisations:") => {
                    plans(&page.path, &settings(), &manifest(), &block);
                }
                ShownFile::Sandbox => {
                    let all = format!("{}{block}", seed());
                    plans(&page.path, &settings(), &manifest(), &all);
                }
                ShownFile::Manifest => is_valid(&page.path, &block),
                ShownFile::Workflow => {}
            }
            checked[kind as usize] += 1;
        }
    }
    assert!(
        checked[0] > 5 && checked[1] == 2 && checked[2] > 4 && checked[3] == 1,
        "{checked:?}"
    );
}

/// A project of these files creates one user.
fn plans(path: &str, settings: &str, manifest: &str, seed: &str) {
    let folder = project(&[
        ("rosterctl.yaml", settings),
        ("users/users.yaml", manifest),
        ("sandbox.yaml", seed),
    ]);
    let mut validate = rosterctl();
    let said = transcript(validate.current_dir(folder.path()).arg("validate"));
    assert_eq!(
        said, "Valid: 1 user in 1 file.\nexit 0\n",
        "{path}: {settings}"
    );
    let mut plan = rosterctl();
    let said = transcript(plan.current_dir(folder.path()).args(["plan", "--sandbox"]));
    assert!(
        said.contains("1 to create, 0 to update, 0 unchanged, 0 held.")
            && said.ends_with("exit 0\n"),
        "{path}: {said}"
    );
}

fn is_valid(path: &str, manifest: &str) {
    let folder = project(&[
        ("rosterctl.yaml", &settings()),
        ("users/users.yaml", manifest),
    ]);
    let mut validate = rosterctl();
    validate
        .current_dir(folder.path())
        .args(["validate", "--deny", "warnings"]);
    let said = transcript(&mut validate);
    assert!(
        said.starts_with("Valid: ") && said.ends_with("exit 0\n"),
        "{path}: {said}"
    );
}

fn sheets(words: &str) -> String {
    block_with("docs/spreadsheets.md", "yaml", words)
}

#[test]
fn every_table_is_read_with_its_overlay_and_without_it() {
    let (settings, starters, overlay) = (settings(), sheets("starters.csv"), sheets("special.csv"));
    let csv = block_with("docs/spreadsheets.md", "csv", "L-0101");
    let special = "Student Ref,NI number,Ethnic origin\nL-0101,QQ123456C,31\n";
    let files = [
        ("rosterctl.yaml", settings.as_str()),
        ("users/starters.yaml", &starters),
        ("users/starters.csv", &csv),
        ("users/special.yaml", &overlay),
        ("private/special.csv", special),
    ];
    for files in [&files[..], &files[..4]] {
        let folder = project(files);
        let mut validate = rosterctl();
        validate
            .current_dir(folder.path())
            .args(["validate", "--deny", "warnings"]);
        let said = transcript(&mut validate);
        assert_eq!(said, "Valid: 2 users in 2 files.\nexit 0\n");
    }
}

#[test]
fn a_workbook_is_read_as_the_page_says() {
    let defaults = "defaults: { role: learner, classroom: Business Admin L3, placement: BT01, defaultAssessor: JFAYE51P }\n";
    let manifest = format!("{defaults}{}", sheets("september.xlsx"));
    let folder = project(&[
        ("rosterctl.yaml", &settings()),
        ("users/september.yaml", &manifest),
    ]);
    let mut written = sheet(
        "Starters",
        &[
            &["Starters of September"],
            &[],
            &["Student Ref", "Forename", "Surname", "E-mail", "Born"],
            &["L-0103", "Gil", "Greenholt", "gil@example.ac.uk"],
        ],
    );
    written.rows[3].push(WrittenCell::Day(39_247.0));
    let other = sheet("Notes", &[&["x"]]);
    let workbook = xlsx(&[written, other]);
    std::fs::write(folder.path().join("users/september.xlsx"), workbook).unwrap();
    let mut validate = rosterctl();
    validate
        .current_dir(folder.path())
        .args(["validate", "--deny", "warnings"]);
    let said = transcript(&mut validate);
    assert_eq!(said, "Valid: 1 user in 1 file.\nexit 0\n");
}
