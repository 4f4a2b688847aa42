//! The README keeps its word: every command of it runs, every output of it is what comes, every file of it is valid.

use std::path::Path;

use crate::harness::{copy_of, project, root, rosterctl, transcript};
use crate::workbook_files::{WrittenCell, sheet, xlsx};

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).unwrap()
}

/// The blocks of one language.
fn blocks(language: &str) -> Vec<String> {
    let readme = readme();
    let opening = format!("```{language}\n");
    readme
        .split(&opening)
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

/// A command and the lines that the README shows for it.
fn commands(block: &str) -> Vec<(String, String)> {
    block
        .split("$ ")
        .skip(1)
        .map(|part| part.split_once('\n').unwrap())
        .map(|(c, o)| (c.to_owned(), o.to_owned()))
        .collect()
}

pub fn every_command_works_and_says_what_is_shown() {
    let college = copy_of(&root().join("examples/college"));
    let mut ran = 0;
    for (command, shown) in blocks("console").iter().flat_map(|block| commands(block)) {
        match command.split(' ').collect::<Vec<_>>().as_slice() {
            ["rosterctl", args @ ..] => check(college.path(), args, &shown),
            ["cargo", "run", "--", args @ ..] => {
                let clone = copy_of(&root().join("examples"));
                let here: Vec<_> = args
                    .iter()
                    .map(|arg| arg.strip_prefix("examples/").unwrap_or(arg))
                    .collect();
                check(clone.path(), &here, &shown);
            }
            // What the gate runs is what the README says.
            ["cargo", "test"] => {
                assert!(
                    std::fs::read_to_string(root().join(".ci/run"))
                        .unwrap()
                        .contains("cargo test")
                );
            }
            ["cargo", "install", "--locked", "--path", "."] | ["cd", "examples/college"] => {}
            ["mkdir", "-p", folder] => {
                std::fs::create_dir_all(college.path().join(folder)).unwrap();
            }
            ["export", assignment] => assert_eq!(*assignment, "ONEFILE_CUSTOMER_TOKEN=…"),
            _ => panic!("nothing runs `{command}`"),
        }
        ran += 1;
    }
    assert!(ran > 10);
    for name in ["users", "project"] {
        let path = format!("schema/{name}.schema.json");
        assert_eq!(
            std::fs::read_to_string(college.path().join(&path)).unwrap(),
            std::fs::read_to_string(root().join(&path)).unwrap()
        );
    }
}

fn check(folder: &Path, args: &[&str], shown: &str) {
    let (args, file) = args.split_at(
        args.iter()
            .position(|arg| *arg == ">")
            .unwrap_or(args.len()),
    );
    let mut command = rosterctl();
    command.current_dir(folder).args(args);
    if args
        .iter()
        .any(|arg| ["--target", "serve", "--base"].contains(arg))
    {
        // The vendor's servers aren't for tests, a server doesn't end, and the example is in no repository of its own:
        // whether the flags are there is what can be known.
        command.arg("--help");
    }
    if let [_, file] = file {
        std::fs::write(folder.join(file), command.output().unwrap().stdout).unwrap();
        return;
    }
    let said = transcript(&mut command);
    assert!(said.ends_with("exit 0\n"), "{args:?}: {said}");
    for part in shown.split("…\n").filter(|part| !part.trim().is_empty()) {
        assert!(
            said.contains(part),
            "{args:?} doesn't say\n{part}\nbut\n{said}"
        );
    }
}

#[test]
fn every_file_is_valid() {
    let blocks = blocks("yaml");
    let [
        first,
        manifest,
        _,
        _,
        _,
        severity,
        sandbox,
        policy,
        fields,
        leavers,
        windows,
        _,
        switches,
        renumbered,
        entries,
    ] = blocks.as_slice()
    else {
        panic!("{} files", blocks.len())
    };
    let folder = project(&[
        ("rosterctl.yaml", first),
        ("users/learners.yaml", renumbered),
    ]);
    let mut validate = rosterctl();
    validate
        .current_dir(folder.path())
        .args(["validate", "--deny", "warnings"]);
    assert_eq!(
        transcript(&mut validate),
        "Valid: 4 users in 1 file.\nexit 0\n"
    );
    let listed = project(&[
        ("rosterctl.yaml", first),
        ("users/placements.yaml", entries),
    ]);
    let said = transcript(rosterctl().current_dir(listed.path()).arg("validate"));
    assert_eq!(
        said,
        "Valid: 1 placement and 1 classroom in 1 file.\nexit 0\n"
    );
    let all = format!("{sandbox}{switches}");
    let leaver = project(&[("rosterctl.yaml", first), ("users/leavers.yaml", leavers)]);
    let said = transcript(rosterctl().current_dir(leaver.path()).arg("validate"));
    assert_eq!(said, "Valid: 1 user in 1 file.\nexit 0\n");
    for (text, seed) in [
        (first, sandbox),
        (severity, sandbox),
        (policy, sandbox),
        (fields, sandbox),
        (windows, sandbox),
        (first, &all),
    ] {
        let folder = project(&[
            ("rosterctl.yaml", text),
            ("users/users.yaml", manifest),
            ("sandbox.yaml", seed),
        ]);
        let said = transcript(rosterctl().current_dir(folder.path()).arg("validate"));
        assert_eq!(said, "Valid: 1 user in 1 file.\nexit 0\n");
        let said = transcript(
            rosterctl()
                .current_dir(folder.path())
                .args(["plan", "--sandbox"]),
        );
        assert!(
            said.contains("1 to create, 0 to update, 0 unchanged, 0 held.")
                && said.ends_with("exit 0\n"),
            "{said}"
        );
    }
}

#[test]
fn every_csv_is_read() {
    let yaml = blocks("yaml");
    let [first, _, starters, workbook, overlay, ..] = yaml.as_slice() else {
        panic!("{} files", yaml.len())
    };
    let csv = blocks("csv").remove(0);
    let special = "Student Ref,NI number,Ethnic origin\nL-0101,QQ123456C,31\n";
    let files = [
        ("rosterctl.yaml", first.as_str()),
        ("users/starters.yaml", starters),
        ("users/starters.csv", &csv),
        ("users/special.yaml", overlay),
        ("private/special.csv", special),
    ];
    for files in [&files[..], &files[..4]] {
        let said = transcript(
            rosterctl()
                .current_dir(project(files).path())
                .args(["validate", "--deny", "warnings"]),
        );
        assert_eq!(said, "Valid: 2 users in 2 files.\nexit 0\n");
    }
    let defaults = "defaults: { role: learner, classroom: Business Admin L3, placement: BT01, defaultAssessor: JFAYE51P }\n";
    let folder = project(&[
        ("rosterctl.yaml", first),
        ("users/september.yaml", &format!("{defaults}{workbook}")),
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
    std::fs::write(
        folder.path().join("users/september.xlsx"),
        xlsx(&[written, other]),
    )
    .unwrap();
    let mut command = rosterctl();
    command
        .current_dir(folder.path())
        .args(["validate", "--deny", "warnings"]);
    assert_eq!(
        transcript(&mut command),
        "Valid: 1 user in 1 file.\nexit 0\n"
    );
}
