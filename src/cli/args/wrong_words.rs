//! Words of other tools, and what to type here instead.

use std::path::Path;

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::cli::args::Cli;

/// Words that stand in the place of a command.
const COMMANDS: &[(&[&str], &str)] = &[
    (
        &["diff", "dry-run", "preview"],
        "`rosterctl plan` shows what would change, and changes nothing",
    ),
    (
        &["status"],
        "`rosterctl plan` compares the files with OneFile; `rosterctl doctor` looks at the accounts",
    ),
    (
        &["sync", "push", "run", "deploy", "update"],
        "`rosterctl apply` plans, asks for your consent, and applies",
    ),
    (
        &["undo", "rollback", "revert", "destroy", "delete"],
        "nothing takes an apply back. Change the files (`git revert`), and plan again; `rosterctl history` shows what was done",
    ),
    (
        &["check", "lint", "test", "verify"],
        "`rosterctl validate` checks the files",
    ),
    (
        &["import", "pull", "fetch", "refresh"],
        "`rosterctl export` writes the accounts of OneFile as manifests; `rosterctl adopt FILE` pairs them with an extract of the MIS",
    ),
    (
        &["show", "get", "search"],
        "`rosterctl find WORDS` finds people, and `rosterctl list` what exists in OneFile",
    ),
    (
        &["encrypt", "sops"],
        "`rosterctl seal FILE.csv` seals an overlay",
    ),
];

/// Flags, the commands that they are typed after, and what to type. Without commands it is for all.
const FLAGS: &[(&[&str], &[&str], &str)] = &[
    (
        &["--yes", "-y", "--force", "-f", "--assume-yes"],
        &["apply", "accept", "reassign"],
        "`--auto-approve` goes on without asking",
    ),
    (
        &["--dry-run", "-n", "--diff", "--check"],
        &["apply"],
        "`rosterctl plan` shows what an apply would do, and changes nothing",
    ),
    (
        &["--dry-run", "-n"],
        &["accept", "reassign"],
        "it shows the changes and asks; answer anything but `yes`, and nothing is written",
    ),
    (
        &["--dry-run", "-n", "--yes", "-y"],
        &["plan", "validate", "doctor", "export"],
        "leave it out: this command changes no account",
    ),
    (
        &["--token", "--password", "--api-key"],
        &[],
        "the token comes from ONEFILE_CUSTOMER_TOKEN, so that no list of processes shows it",
    ),
    (
        &["--user", "--filter", "--target-user"],
        &["plan", "apply"],
        "`--only WHO` plans some of the users",
    ),
];

/// Files behind `plan` and `apply`.
const TAKES_NO_MANIFEST: &str =
    "a plan is about the whole project; `--only file:PATH` plans the users of one manifest";
const TAKES_PLAN: &str = "`--plan FILE` names the file of a reviewed plan";

/// What to type in the place of a word that the command line doesn't take. `typed` is the command line.
pub fn advice(error: &clap::Error, typed: &[String]) -> Option<&'static str> {
    let text = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        Some(_) | None => None,
    };
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let word = text(ContextKind::InvalidSubcommand)?;
            let found = COMMANDS.iter().find(|(words, _)| words.contains(&word));
            found.map(|(_, advice)| *advice)
        }
        ErrorKind::UnknownArgument => unknown(text(ContextKind::InvalidArg)?, typed),
        _ => None,
    }
}

fn unknown(argument: &str, typed: &[String]) -> Option<&'static str> {
    let known = Cli::command();
    let command = typed
        .iter()
        .skip(1)
        .find(|word| known.find_subcommand(word.as_str()).is_some())?;
    if !argument.starts_with('-') {
        return match command.as_str() {
            "apply"
                if Path::new(argument)
                    .extension()
                    .is_some_and(|end| end == "json") =>
            {
                Some(TAKES_PLAN)
            }
            "plan" | "apply" => Some(TAKES_NO_MANIFEST),
            _ => None,
        };
    }
    let found = FLAGS.iter().find(|(flags, commands, _)| {
        flags.contains(&argument) && (commands.is_empty() || commands.contains(&command.as_str()))
    });
    found.map(|(.., advice)| *advice)
}
