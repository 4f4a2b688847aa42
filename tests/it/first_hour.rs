//! `docs/first-hour.md`: a newcomer who types what the page says comes to a first change.

use std::path::Path;

use tempfile::TempDir;

use crate::change::git;
use crate::doc_pages::{page, words_of_line};
use crate::harness::{Sandbox, root, rosterctl_on, transcript};

/// What a command says, among other things.
const SAYS: &[(&str, &str)] = &[
    ("rosterctl init", "ok    the token is accepted"),
    (
        "rosterctl export --overlay private/personal.csv",
        "No changes",
    ),
    ("rosterctl validate", "Valid: "),
    ("rosterctl plan --base main --only-changed", "1 to update"),
    (
        "rosterctl rehearse --base main --only-changed",
        "Rehearsed in the sandbox",
    ),
    (
        "rosterctl apply --base main --only-changed",
        "Applied: 0 created, 1 updated.",
    ),
];

pub fn typing_what_the_page_says_leads_to_a_first_change() {
    let seed = std::fs::read_to_string(root().join("examples/college/sandbox.yaml")).unwrap();
    let sandbox = Sandbox::start(&seed);
    let outside = TempDir::new().unwrap();
    let folder = outside.path().join("college");
    let mut said = Vec::new();
    for line in page("docs/first-hour.md")
        .blocks_of("console")
        .concat()
        .lines()
    {
        let line = line.strip_prefix("$ ").unwrap();
        said.push(line.to_owned());
        match words_of_line(line)
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .as_slice()
        {
            ["mkdir", "college"] => std::fs::create_dir(&folder).unwrap(),
            ["cd", "college"] => {}
            ["git", "status", "--short"] => no_personal_file_is_listed(&folder),
            ["git", args @ ..] => {
                git(&folder, args);
                if args == ["switch", "-c", "first"] {
                    edit(&folder);
                }
            }
            ["rosterctl", args @ ..] => run(&sandbox, &folder, line, args),
            other => panic!("nothing runs {other:?}"),
        }
    }
    for (command, _) in SAYS {
        assert!(said.iter().any(|line| line == command), "{command}");
    }
    let mut plan = rosterctl_on(&sandbox);
    let after = transcript(plan.current_dir(&folder).arg("plan"));
    assert!(after.contains("No changes"), "{after}");
    assert_eq!(sandbox.mails(), 0);
}

fn run(sandbox: &Sandbox, folder: &Path, line: &str, args: &[&str]) {
    let mut command = rosterctl_on(sandbox);
    command.current_dir(folder).args(args);
    match args[0] {
        // Nobody is asked here.
        "init" => command.args(["--organisation", "5740", "--target", "practice"]),
        "apply" => command.arg("--auto-approve"),
        _ => &mut command,
    };
    let output = transcript(&mut command);
    let (_, words) = SAYS
        .iter()
        .find(|(command, _)| *command == line)
        .expect("it is known");
    assert!(
        output.contains(words) && output.ends_with("exit 0\n"),
        "{line}: {output}"
    );
}

/// Another placement for one learner.
fn edit(folder: &Path) {
    let file = folder.join("users/learners.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    let (before, rest) = text.split_once("    placement: ").unwrap();
    let (former, after) = rest.split_once('\n').unwrap();
    let other = if former.contains("Harbour") {
        "Brightwater Bakery"
    } else {
        "Harbour Logistics"
    };
    std::fs::write(file, format!("{before}    placement: {other}\n{after}")).unwrap();
}

fn no_personal_file_is_listed(folder: &Path) {
    let output = std::process::Command::new("git")
        .current_dir(folder)
        .args(["status", "--short", "--untracked-files=all"])
        .output()
        .unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    assert!(listed.contains("rosterctl.yaml"), "{listed}");
    assert!(
        !listed.contains("private") && !listed.contains(".rosterctl"),
        "{listed}"
    );
}
