//! What a person at a terminal sees: the prompt, names on their own screen, and what each answer does. A pseudo-terminal
//! comes from `script`, which every Linux has.
#![cfg(target_os = "linux")]

use std::path::Path;

use assert_cmd::Command;

use crate::change::{commit, git};
use crate::harness::{copy_of, root, rosterctl, transcript, unwrapped};

/// What a terminal shows of a run that is given these keys.
pub fn session(folder: &Path, args: &str, keys: &str) -> String {
    session_with(folder, args, keys, &[])
}

/// The same with more variables.
pub fn session_with(folder: &Path, args: &str, keys: &str, variables: &[(&str, String)]) -> String {
    let program = rosterctl().get_program().to_owned();
    let line = format!("{} {args}; echo exit $?", program.to_str().unwrap());
    shell_session(folder, &line, keys, variables)
}

/// What a terminal shows of a line of the shell.
pub fn shell_session(
    folder: &Path,
    line: &str,
    keys: &str,
    variables: &[(&str, String)],
) -> String {
    let mut script = Command::new("script");
    script.env_clear().envs([
        ("PATH", "/usr/bin:/bin"),
        ("TERM", "xterm"),
        ("SHELL", "/bin/sh"),
        ("COLUMNS", "80"),
    ]);
    script.envs(variables.iter().map(|(name, value)| (name, value)));
    let output = script
        .current_dir(folder)
        .args(["-qc", line, "/dev/null"])
        .write_stdin(keys)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Whether a text sets a colour. Where reading takes long, progress moves the cursor, which is no colour.
fn is_coloured(text: &str) -> bool {
    let codes = text.split("\u{1b}[").skip(1);
    let mut ends = codes.filter_map(|code| code.chars().find(char::is_ascii_alphabetic));
    ends.any(|end| end == 'm')
}

#[test]
fn a_plan_on_a_terminal_shows_names_and_no_special_values() {
    let college = copy_of(&root().join("examples/college"));
    let seen = session(college.path(), "plan --color never", "");
    assert!(
        seen.contains("L-0020  Aisha O'Neill-Khan") && seen.contains("ethnicity        (special)"),
        "{seen}"
    );
    assert!(
        seen.contains("`rosterctl apply` makes these changes, after asking."),
        "{seen}"
    );
    assert!(!is_coloured(&seen), "{seen:?}");
    assert!(session(college.path(), "plan", "").contains("\u{1b}[32m+ learner L-0020"));
}

/// What is said to apply the plan applies that plan, no more and no less.
#[test]
fn the_next_command_has_the_flags_of_the_plan() {
    let college = copy_of(&root().join("examples/college"));
    git(college.path(), &["init", "-q"]);
    commit(college.path());
    git(college.path(), &["checkout", "-q", "-b", "change"]);
    let users = college.path().join("users/staff.yaml");
    let text = std::fs::read_to_string(&users).unwrap();
    std::fs::write(
        &users,
        text + "  - { misId: A-900, firstName: Nia, lastName: Newcombe, email: nia@example.ac.uk, role: assessor }\n",
    )
    .unwrap();
    commit(college.path());
    let seen = session(
        college.path(),
        "plan --color never --base main --only-changed",
        "",
    );
    assert!(
        seen.contains("`rosterctl apply --base main --only-changed` makes these changes"),
        "{seen}"
    );
    let settings = college.path().join("rosterctl.yaml");
    let with = |policy: &str| {
        std::fs::write(
            &settings,
            format!("organisation: 5740\ntarget: sandbox\npolicy: {{ {policy} }}\n"),
        )
        .unwrap();
        session(college.path(), "plan --color never", "")
            .replace("\r\n", "\n")
            .replace("\n  ", " ")
    };
    let seen = with("maxCreates: 1, maxUpdates: 1");
    assert!(
        seen.contains("`rosterctl apply --allow-creates 5 --allow-updates 4` makes these"),
        "{seen}"
    );
    assert!(!with("creates: never").contains("makes these changes"));
    // A plan of the sandbox names no command that another server would hear.
    let other = copy_of(&root().join("examples/college"));
    let seen = session(other.path(), "plan --color never --sandbox", "");
    assert!(
        seen.contains("`rosterctl apply --sandbox` makes these changes"),
        "{seen}"
    );
}

#[test]
fn only_yes_is_a_yes() {
    let college = copy_of(&root().join("examples/college"));
    for answer in ["y\n", "no\n", "\n", "yes please\n", "\u{4}"] {
        let seen = session(college.path(), "apply --color never", answer);
        assert!(
            seen.contains(
                "Apply 12 changes to Example College (5740) on the sandbox (not OneFile)?"
            ),
            "{seen}"
        );
        assert!(
            seen.contains("Nothing was applied.") && seen.contains("exit 4"),
            "{answer:?}: {seen}"
        );
    }
    let seen = session(college.path(), "apply --color never", "yes\n");
    assert!(
        seen.contains("Applied: 4 created, 4 updated, 3 assignments made, 1 placement created.")
            && seen.contains("exit 0"),
        "{seen}"
    );
}

#[test]
fn nobody_consents_to_a_plan_that_went_into_a_file() {
    let college = copy_of(&root().join("examples/college"));
    let seen = session(college.path(), "apply > plan.txt", "yes\n");
    assert!(
        !seen.contains("Only `yes`") && seen.contains("exit 4"),
        "{seen}"
    );
}

/// People who know other tools type what those take. Each is answered with what to type here.
#[test]
fn words_of_other_tools_are_answered_with_ours() {
    for (typed, words) in [
        ("apply --yes", "--auto-approve"),
        ("apply -y", "--auto-approve"),
        ("accept L-1 --force", "--auto-approve"),
        (
            "apply --dry-run",
            "`rosterctl plan` shows what an apply would do",
        ),
        (
            "-C x apply -n",
            "`rosterctl plan` shows what an apply would do",
        ),
        ("plan --dry-run", "this command changes no account"),
        ("diff", "`rosterctl plan` shows what would change"),
        ("status", "`rosterctl plan` compares"),
        ("sync", "`rosterctl apply` plans"),
        ("undo", "`rosterctl history` shows what was done"),
        ("check", "`rosterctl validate` checks"),
        ("plan users/l.yaml", "--only file:PATH"),
        ("apply plan.json", "`--plan FILE`"),
        ("plan --token x", "ONEFILE_CUSTOMER_TOKEN"),
    ] {
        let mut command = rosterctl();
        let said = transcript(command.args(typed.split(' ')));
        assert!(unwrapped(&said).contains(words), "{typed}: {said}");
        assert!(said.ends_with("exit 64\n"), "{typed}: {said}");
    }
    let mut command = rosterctl();
    let said = transcript(command.args(["plan", "--nonsense"]));
    assert!(
        said.ends_with("For more information, try '--help'.\nexit 64\n"),
        "{said}"
    );
}
