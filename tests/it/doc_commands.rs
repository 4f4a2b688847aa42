//! Every command of the documentation runs, and says what is shown for it.

use std::collections::BTreeSet;
use std::path::Path;

use tempfile::TempDir;

use crate::change::{commit, git};
use crate::doc_pages::{DocPage, page, pages};
use crate::harness::{copy_of, root, rosterctl, transcript};

/// Pages whose blocks are steps of a walk, and what runs them.
const WALKS: &[(&str, &str)] = &[
    ("docs/everyday.md", "everyday"),
    ("docs/assignments.md", "assignment_recipes"),
    ("docs/sealed-overlays.md", "sealed"),
    ("docs/first-hour.md", "first_hour"),
];

/// What has happened in the college before the first command of a page.
const BEFORE: &[(&str, &[&str])] =
    &[("docs/journal.md", &["apply", "--sandbox", "--auto-approve"])];

/// A command and the lines that a page shows for it.
fn commands(block: &str) -> Vec<(String, String)> {
    let mut commands: Vec<(String, String)> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command.to_owned(), String::new())),
            (None, Some((_, shown))) => {
                shown.push_str(line);
                shown.push('\n');
            }
            (None, None) => panic!("no command stands above {line:?}"),
        }
    }
    commands
}

/// The example college in a repository of its own.
fn college() -> TempDir {
    let college = copy_of(&root().join("examples/college"));
    git(college.path(), &["init", "-q"]);
    commit(college.path());
    college
}

pub fn every_command_works_and_says_what_is_shown() {
    let mut ran = 0;
    for page in pages() {
        if WALKS.iter().any(|(path, _)| *path == page.path) {
            continue;
        }
        let college = college();
        for (_, args) in BEFORE.iter().filter(|(path, _)| *path == page.path) {
            check(college.path(), args, "");
        }
        for block in page.blocks_of("console") {
            for (command, shown) in commands(&block) {
                run(college.path(), &command, &shown);
                ran += 1;
            }
        }
    }
    assert!(ran > 40, "{ran} commands");
}

fn run(folder: &Path, command: &str, shown: &str) {
    match command.split(' ').collect::<Vec<_>>().as_slice() {
        ["rosterctl", args @ ..] => check(folder, args, shown),
        ["cargo", "run", "--", args @ ..] => {
            let clone = copy_of(&root().join("examples"));
            let here: Vec<_> = args
                .iter()
                .map(|arg| arg.strip_prefix("examples/").unwrap_or(arg))
                .collect();
            check(clone.path(), &here, shown);
        }
        ["cp", from, to] => {
            let name = Path::new(from).file_name().unwrap();
            std::fs::copy(folder.join(from), folder.join(to).join(name)).unwrap();
        }
        // What the gate runs is what the pages say.
        ["cargo", "test"] => {
            let gate = std::fs::read_to_string(root().join(".ci/run")).unwrap();
            assert!(gate.contains("cargo test"));
        }
        ["cargo", "install", "--locked", "--path", "."] | ["cd", "examples/college"] => {}
        _ => panic!("nothing runs `{command}`"),
    }
}

fn check(folder: &Path, args: &[&str], shown: &str) {
    let mut command = rosterctl();
    command.current_dir(folder).args(args);
    if args.iter().any(|arg| ["practice", "serve"].contains(arg)) {
        // The vendor's servers aren't for tests, and a server doesn't end: that the flags are there is what can be known.
        command.arg("--help");
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

/// Blocks that people paste into bash.
#[cfg(unix)]
#[test]
fn every_block_of_bash_runs() {
    let program = assert_cmd::cargo::cargo_bin("rosterctl");
    let path = format!(
        "{}:/usr/local/bin:/usr/bin:/bin",
        program.parent().unwrap().display()
    );
    let mut ran = 0;
    for page in pages() {
        let college = college();
        for block in page.blocks_of("bash") {
            let mut command = assert_cmd::Command::new("bash");
            command
                .env_clear()
                .env("PATH", &path)
                .current_dir(college.path());
            // What `read` waits for.
            command
                .args(["-euo", "pipefail", "-c", &block])
                .write_stdin("token\n");
            let said = transcript(&mut command);
            assert_eq!(said, "exit 0\n", "{}: {block}", page.path);
            ran += 1;
        }
    }
    assert!(ran > 3, "{ran} blocks");
}

/// A college officer has PowerShell, and a CI has bash.
#[test]
fn what_is_set_in_bash_is_set_in_powershell_as_well() {
    for page in pages() {
        let (bash, powershell) = (page.blocks_of("bash"), page.blocks_of("powershell"));
        if bash.is_empty() {
            continue;
        }
        assert_eq!(bash.len(), powershell.len(), "{}", page.path);
        for (bash, powershell) in bash.iter().zip(&powershell) {
            assert_eq!(
                names_after(bash, "export "),
                names_after(powershell, "$env:"),
                "{}",
                page.path
            );
        }
    }
}

fn names_after(block: &str, mark: &str) -> BTreeSet<String> {
    let parts = block.split(mark).skip(1);
    let is_part = |c: &char| c.is_ascii_uppercase() || *c == '_';
    parts
        .map(|part| part.chars().take_while(is_part).collect())
        .collect()
}

/// A block in a language that no test reads would be free to be wrong.
#[test]
fn every_block_is_in_a_language_that_is_tested_or_is_text() {
    for page in pages() {
        for block in &page.blocks {
            let known = ["console", "bash", "powershell", "yaml", "csv", "text"];
            let is_known = known.contains(&block.language.as_str());
            assert!(is_known, "{}: {:?}", page.path, block.language);
        }
    }
}

#[test]
fn every_walk_is_a_page_with_commands() {
    for (path, _) in WALKS {
        assert!(!page(path).blocks_of("console").is_empty(), "{path}");
    }
}

/// The words of the command line after which nothing else has to fit.
#[test]
fn every_command_that_a_page_names_exists() {
    let help = page("docs/reference/commands.md");
    let known: BTreeSet<&str> = help
        .anchors
        .iter()
        .filter_map(|anchor| anchor.strip_prefix("rosterctl-"))
        .collect();
    assert!(known.contains("plan") && known.len() > 15, "{known:?}");
    let mut wrong = Vec::new();
    for page in pages() {
        for name in commands_named(&page) {
            if !known.contains(name.as_str()) && name != "help" {
                wrong.push(format!("{}: {name}", page.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn commands_named(page: &DocPage) -> Vec<String> {
    let mut lines: Vec<String> = page.codes.clone();
    for block in &page.blocks {
        lines.extend(
            block
                .text
                .lines()
                .map(|line| line.trim_start_matches("$ ").to_owned()),
        );
    }
    let mut names = Vec::new();
    for line in lines {
        let mut words = line.split_whitespace().skip_while(|word| *word == "cmd");
        if words.next() != Some("rosterctl") {
            continue;
        }
        let name = words
            .next()
            .filter(|word| word.chars().all(|c| c.is_ascii_lowercase()));
        names.extend(name.map(str::to_owned));
    }
    names
}
