//! Flags of `plan`, `apply` and `rehearse`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::args::shared::{
    BaseArgs, JournalArgs, ReadingArgs, SelectionArgs, ServerArgs, ShownArgs,
};
use crate::plan::GroupedBy;

#[derive(Args, Debug)]
pub struct PlanArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(flatten)]
    pub base: BaseArgs,
    #[command(flatten)]
    pub selection: SelectionArgs,
    #[command(flatten)]
    pub shown: ShownArgs,
    /// Explain one user: how the account was matched, and each field on both sides
    #[arg(long, value_name = "MISID")]
    pub explain: Option<String>,
    /// Write the plan to a file, for review and `apply --plan`; it holds no personal values
    #[arg(long, value_name = "FILE", conflicts_with = "explain")]
    pub out: Option<PathBuf>,
    /// Output format: for people, as the JSON of `--out`, or as the comment of a pull request
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "text",
        conflicts_with = "explain"
    )]
    pub format: PlanFormat,
    /// Also write the comment of a pull request to a file
    #[arg(long, value_name = "FILE", conflicts_with = "explain")]
    pub markdown: Option<PathBuf>,
    /// Also write a page for the browser: what will happen, what must be decided, then a row a person. It has names only with
    /// `--reveal personal`, which is refused if `CI` is set
    #[arg(long, value_name = "FILE", conflicts_with = "explain")]
    pub html: Option<PathBuf>,
    /// What the people of that page are sorted by [default: classroom]
    #[arg(long, value_name = "WHAT", value_enum, requires = "html")]
    pub by: Option<PageOrder>,
    /// Also write the plan as a table for Excel; it holds no personal values
    #[arg(long, value_name = "FILE", conflicts_with = "explain")]
    pub csv: Option<PathBuf>,
    /// Maximum size of the comment in bytes; GitHub takes 65,536
    #[arg(long, value_name = "N", default_value_t = 60_000, value_parser = clap::value_parser!(u32).range(2_000..))]
    pub max_bytes: u32,
    /// Exit with 2 if changes or held users are pending, or users left the manifests
    #[arg(long)]
    pub detailed_exitcode: bool,
    #[command(flatten)]
    pub reading: ReadingArgs,
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
pub enum PageOrder {
    Classroom,
    Assessor,
    Placement,
}

impl From<PageOrder> for GroupedBy {
    fn from(order: PageOrder) -> Self {
        match order {
            PageOrder::Classroom => Self::Classroom,
            PageOrder::Assessor => Self::Assessor,
            PageOrder::Placement => Self::Placement,
        }
    }
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
    pub selection: SelectionArgs,
    #[command(flatten)]
    pub shown: ShownArgs,
    /// Apply what was reviewed in this file of `plan --out`, and nothing else
    #[arg(long, value_name = "FILE", conflicts_with_all = ["base", "only_changed", "only", "exclude"])]
    pub plan: Option<PathBuf>,
    /// Apply what was reviewed, and skip all other operations
    #[arg(long, requires = "plan")]
    pub skip_unreviewed: bool,
    /// Apply without asking
    #[arg(long)]
    pub auto_approve: bool,
    /// Output format: text for people, or each event as a line of JSON without personal values
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "text")]
    pub format: ApplyFormat,
    /// Apply nothing while any user is held
    #[arg(long)]
    pub strict: bool,
    /// How long to wait before an unconfirmed create may be tried again
    #[arg(long, value_name = "MINUTES", default_value_t = SETTLE_AFTER)]
    pub settle_after: u32,
    #[command(flatten)]
    pub reading: ReadingArgs,
    #[command(flatten)]
    pub journal: JournalArgs,
    /// Allow up to N creates, even if `maxCreates` is lower
    #[arg(long, value_name = "N")]
    pub allow_creates: Option<usize>,
    /// Allow up to N updates, even if `maxUpdates` is lower
    #[arg(long, value_name = "N")]
    pub allow_updates: Option<usize>,
    /// Allow up to N accounts to be archived or brought back, even if `maxArchives` is lower
    #[arg(long, value_name = "N")]
    pub allow_archives: Option<usize>,
    /// Go on although up to N users left the manifests, even if `maxRemovals` is lower
    #[arg(long, value_name = "N")]
    pub allow_removals: Option<usize>,
    /// Allow up to N assignments, even if `maxAssignments` is lower
    #[arg(long, value_name = "N")]
    pub allow_assignments: Option<usize>,
    /// Allow up to N placements and classrooms to be created or updated, even if `maxEntries` is lower
    #[arg(long, value_name = "N")]
    pub allow_entries: Option<usize>,
}

#[derive(Args, Debug)]
pub struct RehearseArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(flatten)]
    pub base: BaseArgs,
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// Faults to inject: lostAnswers, outages, lateSearches, or a file as for `sandbox serve`
    #[arg(long, value_name = "WHAT")]
    pub faults: Option<PathBuf>,
    #[command(flatten)]
    pub shown: ShownArgs,
}

/// How many minutes an unconfirmed create is left alone, unless `--settle-after` says so.
pub const SETTLE_AFTER: u32 = 30;
