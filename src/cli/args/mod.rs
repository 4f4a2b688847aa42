//! The command line: the commands, the flags that all of them have, and the help.

mod documentation;
mod edits;
mod journal;
mod lookup;
mod manifests;
mod onboarding;
mod plan_and_apply;
mod sandbox;
mod seal;
mod shared;
mod wrong_words;

use std::fmt::Write;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use crate::cli::args::documentation::{
    CompletionsArgs, ManualArgs, completion_script, manual_page, write_manual_pages,
};
pub use crate::cli::args::edits::{AcceptArgs, ReassignArgs};
pub use crate::cli::args::journal::{HistoryArgs, SettleAnswer, SettleArgs};
pub use crate::cli::args::lookup::{FindArgs, ListArgs, ListedKind};
pub use crate::cli::args::manifests::{
    Denied, ExplainArgs, FindingsFormat, LspArgs, SchemaArgs, SchemaName, ValidateArgs,
};
pub use crate::cli::args::onboarding::{
    AdoptArgs, CiName, DoctorArgs, DoctorFormat, ExportArgs, GroupFlag, InitArgs,
};
pub use crate::cli::args::plan_and_apply::{
    ApplyArgs, ApplyFormat, PageOrder, PlanArgs, PlanFormat, RehearseArgs, SETTLE_AFTER,
};
pub use crate::cli::args::sandbox::{ResetArgs, SandboxCommand, SeedArgs, ServeArgs};
pub use crate::cli::args::seal::SealArgs;
pub use crate::cli::args::shared::{
    BaseArgs, JournalArgs, RevealClass, SelectionArgs, ServerArgs, ShownArgs,
};
pub use crate::cli::args::wrong_words::advice;
use crate::cli::exit::Exit;

/// Declare the users of OneFile in YAML, plan the difference, apply it on confirmation.
#[derive(Debug, Parser)]
#[command(name = "rosterctl", bin_name = "rosterctl", version = env!("ROSTERCTL_VERSION"), max_term_width = 100, after_help = after_help())]
pub struct Cli {
    #[command(flatten)]
    pub global: GlobalArgs,
    #[command(subcommand)]
    pub command: Command,
}

/// What stands below the flags: environment variables and exit codes.
fn after_help() -> String {
    let mut text = ENVIRONMENT.to_owned() + "\n\nExit codes:";
    for exit in Exit::ALL {
        let _ = write!(text, "\n  {:<3} {}", exit.code(), exit.meaning());
    }
    text
}

const ENVIRONMENT: &str = "\
Environment:
  ONEFILE_CUSTOMER_TOKEN  the customer token; there is no other way to give it
  ONEFILE_BASE_URL        the server, if it isn't one of the targets
  ROSTERCTL_AGE_KEY       the key that opens sealed overlays
  ROSTERCTL_AGE_KEY_FILE  the file of such a key
  XDG_STATE_HOME          where apply locks an organisation [~/.local/state]";

#[derive(Args, Debug)]
pub struct GlobalArgs {
    /// The project: a folder with rosterctl.yaml [default: this folder, or the nearest one above it that is a project]
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub dir: Option<PathBuf>,
    /// Show only totals and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Log the steps of a run on stderr; twice: also each request. Logs hold no personal values
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
    /// Colour in the output
    #[arg(
        long,
        value_name = "WHEN",
        value_enum,
        default_value = "auto",
        global = true
    )]
    pub color: Color,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a new project; asks for what the flags leave out
    Init(InitArgs),
    /// Report every finding of every manifest, with place and fix
    Validate(ValidateArgs),
    /// Show what would be created and updated; changes no account
    Plan(PlanArgs),
    /// Plan, show, ask for `yes`, and apply
    Apply(ApplyArgs),
    /// Take live values into the files that declare others; changes no account
    Accept(AcceptArgs),
    /// Move the learners of an assessor to another one, in the files; changes no account
    Reassign(ReassignArgs),
    /// Report what would stop a plan, and the state of the accounts; only reads
    Doctor(DoctorArgs),
    /// Write manifests for the live accounts; changes no account
    Export(ExportArgs),
    /// Pair the rows of a MIS extract with live accounts; writes manifests, changes no account
    Adopt(AdoptArgs),
    /// Plan and apply in the sandbox, on a copy of the live accounts with invented people
    Rehearse(RehearseArgs),
    /// Find people in the files and in OneFile: where they are declared, which account they have
    Find(FindArgs),
    /// List what exists in OneFile, with what to write in a manifest; only reads
    List(ListArgs),
    /// Show past applies, or what they did to one user
    History(HistoryArgs),
    /// Tell rosterctl whether an unconfirmed account was created, or an assignment made
    Settle(SettleArgs),
    /// Make and check sealed overlays: data that may lie in git, since only holders of a key can read it
    Seal(SealArgs),
    /// Explain a field, a role, a finding, a hold, or a word of the glossary
    Explain(ExplainArgs),
    /// Print a JSON Schema for editors
    Schema(SchemaArgs),
    /// Serve an editor: findings as you type, with fixes, completion and where people stand
    Lsp(LspArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Print the manual page, or write one for each command
    Man(ManualArgs),
    /// The emulated OneFile that comes with this program
    #[command(subcommand)]
    Sandbox(SandboxCommand),
}

impl From<Color> for anstream::ColorChoice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => Self::Auto,
            Color::Always => Self::Always,
            Color::Never => Self::Never,
        }
    }
}

/// A command with nothing but its defaults.
pub fn standard(name: &str) -> Command {
    Cli::parse_from(["rosterctl", name]).command
}
