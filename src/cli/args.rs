//! The command line: its flags, its help, and what shells and manuals are given of it.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::domain::field::{Class, FIELDS, Field, Key, ROLES};
use crate::domain::redact::Reveal;
use crate::findings::suggest::nearest;
use crate::manifest::csv_format::{DATE_FORMATS, ENCODINGS};
use crate::manifest::schema::TARGETS;
use crate::project::settings::ServerFlags;
use crate::render::TextLength;

/// Declare the users of OneFile in YAML, plan the difference, apply it on confirmation.
#[derive(Debug, Parser)]
#[command(name = "rosterctl", version = env!("ROSTERCTL_VERSION"), max_term_width = 100, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(flatten)]
    pub global: GlobalArgs,
    #[command(subcommand)]
    pub command: Command,
}

const AFTER_HELP: &str = "\
Environment:
  ONEFILE_CUSTOMER_TOKEN  the customer token; it comes from nowhere else
  ONEFILE_BASE_URL        the server, if it is none of the targets
  XDG_STATE_HOME          where apply locks an organisation [~/.local/state]

Exit codes:
  0   done, or no changes
  1   something failed
  2   changes or held users are pending (`plan --detailed-exitcode` only)
  3   the manifests, rosterctl.yaml or sandbox.yaml are invalid
  4   refused: a limit, a stale review, no consent, `--strict`, or another apply is under way
  5   not all is applied: something failed, is held or unclear
  6   the service can't be reached or is down for maintenance
  64  a wrong command line; no project, server or token named";

#[derive(Args, Debug)]
pub struct GlobalArgs {
    /// The project: a folder with rosterctl.yaml
    #[arg(
        short = 'C',
        value_name = "DIR",
        default_value = ".",
        global = true,
        hide_default_value = true
    )]
    pub dir: PathBuf,
    /// Say the totals alone, and what went wrong
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Log the steps of a run on stderr; twice: each call, too. No personal value is in it
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
    /// Write a new project that validates; what isn't said is asked
    Init(InitArgs),
    /// Say every finding of every manifest, with its place and its fix
    Validate(ValidateArgs),
    /// Show what would be created and updated; changes no account
    Plan(PlanArgs),
    /// Plan, show, ask for `yes`, and apply
    Apply(ApplyArgs),
    /// Say what would stop a plan, and what the accounts are like; only reads
    Doctor(DoctorArgs),
    /// Write manifests for what is live; changes no account
    Export(ExportArgs),
    /// Pair the rows of a MIS extract with live accounts; writes manifests, changes no account
    Adopt(AdoptArgs),
    /// Plan and apply in the sandbox, on a copy of the live state whose people are invented
    Rehearse(RehearseArgs),
    /// Show past applies, or what they did to one user
    History(HistoryArgs),
    /// Say whether an account was created of which nobody knows
    Settle(SettleArgs),
    /// Say what a field, a role or the code of a finding means
    Explain(ExplainArgs),
    /// Print a JSON Schema for editors
    Schema(SchemaArgs),
    /// Print what a shell needs to complete the command line
    Completions(CompletionsArgs),
    /// Print the manual page, or write one for each command
    Man(ManualArgs),
    /// The emulated OneFile that comes with this program
    #[command(subcommand)]
    Sandbox(SandboxCommand),
}

#[derive(Args, Debug)]
pub struct ValidateArgs {
    /// Files or folders to check instead of the project's manifests
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Exit with 3 on warnings, too
    #[arg(long, value_name = "SEVERITY", value_enum)]
    pub deny: Vec<Denied>,
    /// How findings are printed: for people, as one JSON document, or as annotations of a pull request on GitHub
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "human")]
    pub format: FindingsFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Denied {
    Warnings,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum FindingsFormat {
    Human,
    Json,
    Github,
}

#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// A field, a role, or the code of a finding; without it, all of them are listed
    #[arg(value_name = "WORD")]
    pub word: Option<String>,
}

#[derive(Args, Debug)]
pub struct PlanArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(flatten)]
    pub base: BaseArgs,
    #[command(flatten)]
    pub shown: ShownArgs,
    /// Say of one user how the account was found, and each field on both sides
    #[arg(long, value_name = "MISID")]
    pub explain: Option<String>,
    /// Write the plan to a file, for review and `apply --plan`; without a personal value in it
    #[arg(long, value_name = "FILE", conflicts_with = "explain")]
    pub out: Option<PathBuf>,
    /// How the plan is printed: for people, as the JSON of `--out`, or as the comment of a pull request
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "text",
        conflicts_with = "explain"
    )]
    pub format: PlanFormat,
    /// Write the comment of a pull request to a file, besides what is printed
    #[arg(long, value_name = "FILE", conflicts_with = "explain")]
    pub markdown: Option<PathBuf>,
    /// How long that comment may be; GitHub takes 65,536
    #[arg(long, value_name = "N", default_value_t = 60_000, value_parser = clap::value_parser!(u32).range(2_000..))]
    pub max_bytes: u32,
    /// Exit with 2 if changes or held users are pending
    #[arg(long)]
    pub detailed_exitcode: bool,
    #[command(flatten)]
    pub journal: JournalArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    Text,
    Json,
    Markdown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ApplyFormat {
    Text,
    Jsonl,
}

#[derive(Args, Debug)]
pub struct ApplyArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(flatten)]
    pub base: BaseArgs,
    #[command(flatten)]
    pub shown: ShownArgs,
    /// Apply what was reviewed in this file of `plan --out`, and nothing else
    #[arg(long, value_name = "FILE", conflicts_with_all = ["base", "only_changed"])]
    pub plan: Option<PathBuf>,
    /// Apply what was reviewed, and leave the rest
    #[arg(long, requires = "plan")]
    pub skip_unreviewed: bool,
    /// Apply without asking
    #[arg(long)]
    pub auto_approve: bool,
    /// What is printed: text for people, or each event as a line of JSON, without a personal value in it
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "text")]
    pub format: ApplyFormat,
    /// Apply nothing while anybody is held
    #[arg(long)]
    pub strict: bool,
    /// How long a create that is unclear is left alone before it may be tried again
    #[arg(long, value_name = "MINUTES", default_value_t = SETTLE_AFTER)]
    pub settle_after: u32,
    #[command(flatten)]
    pub journal: JournalArgs,
    /// Allow up to so many creates, past `maxCreates`
    #[arg(long, value_name = "N")]
    pub allow_creates: Option<usize>,
    /// Allow up to so many updates, past `maxUpdates`
    #[arg(long, value_name = "N")]
    pub allow_updates: Option<usize>,
}

#[derive(Args, Debug)]
pub struct InitArgs {
    /// The folder of the project [default: the one that you are in]
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// The organisation's ID in OneFile
    #[arg(long, value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
    pub organisation: Option<i64>,
    /// The server that it is for
    #[arg(long, value_name = "NAME", value_parser = clap::builder::PossibleValuesParser::new(TARGETS))]
    pub target: Option<String>,
    /// Write the workflows of `examples/ci`, too
    #[arg(long, value_name = "WHOSE", value_enum)]
    pub ci: Option<CiName>,
    /// With a token in the environment: write manifests for what is live in the place of the example
    #[arg(long)]
    pub export: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CiName {
    Github,
    Gitlab,
}

#[derive(Args, Debug)]
pub struct DoctorArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    /// The organisation's ID in OneFile [default: that of rosterctl.yaml]
    #[arg(long, value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
    pub organisation: Option<i64>,
    /// Look at each account, too, where lists don't show all: one call each
    #[arg(long)]
    pub whole: bool,
    /// Try what is known of the API instead, fact by fact; nothing of a person is in what it says
    #[arg(long, conflicts_with = "whole")]
    pub contract: bool,
    /// An account that you know to be archived: whether searches show it
    #[arg(long, value_name = "ID", requires = "contract", value_parser = clap::value_parser!(i64).range(1..))]
    pub archived: Option<i64>,
    /// How it is printed
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "text")]
    pub format: DoctorFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DoctorFormat {
    Text,
    Json,
}

#[derive(Args, Debug)]
pub struct ExportArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    /// The folder to write to [default: users of the project]
    #[arg(long = "dir", value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// What goes into one file: a role, or for learners a classroom
    #[arg(long, value_name = "WHAT", value_enum, default_value = "role")]
    pub by: GroupFlag,
    /// Write values of class `special`, too; nothing where `CI` is set
    #[arg(long, value_name = "CLASS", value_enum)]
    pub reveal: Option<RevealClass>,
    /// Write values of class `personal`, and `special` ones, into a CSV that git doesn't know, and join it
    #[arg(long, value_name = "FILE")]
    pub overlay: Option<PathBuf>,
    /// Overwrite files that are there
    #[arg(long)]
    pub force: bool,
}

#[derive(Args, Debug)]
pub struct AdoptArgs {
    /// The extract, a CSV
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub server: ServerArgs,
    /// Which column a field comes from, once for each [default: columns are named after fields]
    #[arg(long, value_name = "FIELD=HEADER", value_parser = column)]
    pub column: Vec<(Key, String)>,
    /// What the people of the extract are, unless a column for `role` says so
    #[arg(long, value_name = "ROLE", default_value = "learner", value_parser = clap::builder::PossibleValuesParser::new(ROLES.iter().map(|row| row.name)))]
    pub role: String,
    /// How its days are written
    #[arg(long, value_name = "FORM", default_value = DATE_FORMATS[0].name, value_parser = clap::builder::PossibleValuesParser::new(DATE_FORMATS.iter().map(|form| form.name)))]
    pub date_format: String,
    /// How it is saved
    #[arg(long, value_name = "NAME", default_value = ENCODINGS[0].0, value_parser = clap::builder::PossibleValuesParser::new(ENCODINGS.iter().map(|(name, _)| *name)))]
    pub encoding: String,
    /// Fields of the extract that the manifests declare besides `misId`
    #[arg(long, value_name = "FIELD,…", value_delimiter = ',', value_parser = declarable)]
    pub fields: Vec<Key>,
    /// The folder to write to [default: users of the project]
    #[arg(long = "dir", value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Go on although the accounts of many rows have other MIS values
    #[arg(long)]
    pub renumbered: bool,
    /// Where rows go that a person has to look at [default: doubtful.csv of the project]
    #[arg(long, value_name = "FILE")]
    pub doubtful: Option<PathBuf>,
    /// Overwrite files that are there
    #[arg(long)]
    pub force: bool,
}

#[derive(Args, Debug)]
pub struct RehearseArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(flatten)]
    pub base: BaseArgs,
    /// What goes wrong: lostAnswers, outages, lateSearches, or a file as of `sandbox serve`
    #[arg(long, value_name = "WHAT")]
    pub faults: Option<PathBuf>,
    #[command(flatten)]
    pub shown: ShownArgs,
}

/// `misId=Student Ref`
fn column(text: &str) -> Result<(Key, String), String> {
    let (name, header) = text
        .split_once('=')
        .ok_or("write it as in `misId=Student Ref`")?;
    let header = header.trim();
    if header.is_empty() {
        return Err("write the header behind the `=`, as it stands in the first row".to_owned());
    }
    Ok((of_extract(name)?, header.to_owned()))
}

/// A field that an extract can give.
pub(crate) fn of_extract(name: &str) -> Result<Key, String> {
    let of_extract =
        |field: &&Field| field.api.is_some() && !matches!(field.key, Key::Id | Key::CreatedOn);
    let mut fields = FIELDS.iter().filter(of_extract);
    if let Some(field) = fields.clone().find(|field| field.name == name.trim()) {
        return Ok(field.key);
    }
    let near = nearest(name, fields.by_ref().map(|field| field.name));
    let near = near
        .map(|near| format!("; is `{near}` meant?"))
        .unwrap_or_default();
    Err(format!("no field of an extract{near}"))
}

fn declarable(name: &str) -> Result<Key, String> {
    let key = of_extract(name)?;
    match (key, key.row().class) {
        (Key::Role, _) => Err("the role is that of the account".to_owned()),
        (_, Class::Special) => {
            Err("of class special: join it by `fromCsv` with `overlay: true`, from a CSV that git doesn't know"
                .to_owned())
        }
        _ => Ok(key),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GroupFlag {
    Role,
    Classroom,
}

/// Minutes.
pub const SETTLE_AFTER: u32 = 30;

#[derive(Args, Debug)]
pub struct JournalArgs {
    /// Where the journal is kept [default: .rosterctl of the project]
    #[arg(long, value_name = "DIR")]
    pub journal: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct HistoryArgs {
    /// The user, by MIS value; without it, the runs are shown
    #[arg(value_name = "MISID")]
    pub mis_id: Option<String>,
    #[command(flatten)]
    pub journal: JournalArgs,
}

#[derive(Args, Debug)]
pub struct SettleArgs {
    /// The user whose create is unclear
    #[arg(value_name = "MISID")]
    pub mis_id: String,
    /// What you have seen in OneFile
    #[arg(value_enum)]
    pub answer: SettleAnswer,
    #[command(flatten)]
    pub journal: JournalArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SettleAnswer {
    Created,
    NotCreated,
}

#[derive(Args, Debug)]
pub struct SchemaArgs {
    /// Which: `users` for manifests, with the project's defaults folded in; `project` for rosterctl.yaml; `plan` for
    /// `plan --out`; `events` for `apply --format jsonl`
    #[arg(value_enum)]
    pub name: SchemaName,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SchemaName {
    Users,
    Project,
    Plan,
    Events,
}

#[derive(Args, Debug)]
pub struct CompletionsArgs {
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

#[derive(Args, Debug)]
pub struct ManualArgs {
    /// Write a page for each command to a folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum SandboxCommand {
    /// Run the emulator as a server of its own, for any client
    Serve(ServeArgs),
    /// Write a project of invented people, of any size
    Seed(SeedArgs),
    /// Forget the sandbox's data; the next run starts from sandbox.yaml
    Reset(ResetArgs),
}

#[derive(Args, Debug)]
pub struct ServeArgs {
    /// The port; 0 picks a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub port: u16,
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub host: IpAddr,
    /// Where the data are kept [default: .rosterctl of the project]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// What to start from if there are no data yet [default: sandbox.yaml]
    #[arg(long, value_name = "FILE")]
    pub seed: Option<PathBuf>,
    /// How long every answer takes, in milliseconds
    #[arg(long, value_name = "MS")]
    pub latency: Option<u64>,
    /// Calls a minute and customer token; 0: no limit [default: 300]
    #[arg(long, value_name = "N")]
    pub rate_limit: Option<u32>,
    /// What goes wrong, and when
    #[arg(long, value_name = "FILE")]
    pub faults: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct ResetArgs {
    /// Where the data are kept [default: .rosterctl of the project]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct SeedArgs {
    /// How many learners, up to 1,000,000; staff and employers come with them
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub learners: u32,
    /// The same seed gives the same college
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// The folder to write; it has to be empty or new
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Per cent of the learners whose account differs from the manifest
    #[arg(long, value_name = "PERCENT", default_value_t = 5, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub drift: u8,
    /// Per cent of the learners who have no account yet
    #[arg(long, value_name = "PERCENT", default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub absent: u8,
    /// Per cent of the learners who share another's name
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub shared_names: u8,
    /// Per cent of the learners whose account has no MIS value
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub without_mis: u8,
}

#[derive(Args, Debug)]
pub struct ServerArgs {
    /// Talk to the emulator inside of this program (`--target sandbox`)
    #[arg(long, conflicts_with = "target")]
    pub sandbox: bool,
    /// The server to talk to
    #[arg(long, value_name = "NAME", value_parser = clap::builder::PossibleValuesParser::new(TARGETS))]
    pub target: Option<String>,
    /// Make at most so many calls a minute; 0: no limit [default: `callsPerMinute` of rosterctl.yaml, or 240]
    #[arg(long, value_name = "N")]
    pub calls_per_minute: Option<u32>,
    /// How many calls are under way at once
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub concurrency: u16,
    /// How long a service that is away is waited for [default: 10; before the first answer next to nothing]
    #[arg(long, value_name = "MINUTES")]
    pub wait: Option<u32>,
}

#[derive(Args, Debug)]
pub struct BaseArgs {
    /// Tell what this change brings about from the rest: compare with the commit that REF and HEAD stem from
    #[arg(long, value_name = "REF")]
    pub base: Option<String>,
    /// Look at and plan only the users that this change edits
    #[arg(long, requires = "base")]
    pub only_changed: bool,
}

#[derive(Args, Debug)]
pub struct ShownArgs {
    /// Show every operation, however many there are of a kind
    #[arg(long)]
    pub full: bool,
    /// Show values of this class, and those below it; nothing where `CI` is set
    #[arg(long, value_name = "CLASS", value_enum)]
    pub reveal: Option<RevealClass>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum RevealClass {
    Personal,
    Special,
}

impl From<&ServerArgs> for ServerFlags {
    fn from(args: &ServerArgs) -> Self {
        Self {
            sandbox: args.sandbox,
            target: args.target.clone(),
        }
    }
}

impl ShownArgs {
    pub fn length(&self) -> TextLength {
        if self.full {
            TextLength::Full
        } else {
            TextLength::Folded
        }
    }

    pub fn class(&self) -> Option<Reveal> {
        self.reveal.map(|class| match class {
            RevealClass::Personal => Reveal::Personal,
            RevealClass::Special => Reveal::Special,
        })
    }
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

pub fn completion_script(shell: clap_complete::Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "rosterctl", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// The manual page of the program as a whole.
pub fn manual_page() -> std::io::Result<String> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

/// A manual page for the program and each of its commands.
pub fn write_manual_pages(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    clap_mangen::generate_to(Cli::command(), folder)
}
