//! Flags of `history` and `settle`.

use clap::{Args, ValueEnum};

use crate::cli::args::shared::JournalArgs;

#[derive(Args, Debug)]
pub struct HistoryArgs {
    /// A user, by MIS value, or a run, by its ID or the beginning of it; without it, rosterctl shows the runs
    #[arg(value_name = "MISID|ID")]
    pub name: Option<String>,
    #[command(flatten)]
    pub journal: JournalArgs,
}

#[derive(Args, Debug)]
pub struct SettleArgs {
    /// The user whose create is unconfirmed
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
