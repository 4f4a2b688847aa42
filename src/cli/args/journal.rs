//! Flags of `history` and `settle`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::args::shared::JournalArgs;
use crate::domain::EntryId;

#[derive(Args, Debug)]
pub struct HistoryArgs {
    /// A user, by MIS value, or a run, by its ID or the beginning of it; without it, rosterctl shows the runs
    #[arg(value_name = "MISID|ID")]
    pub name: Option<String>,
    /// Also write a page for the browser: what plans found night by night, and the runs; it has no names
    #[arg(long, value_name = "FILE", conflicts_with = "name")]
    pub html: Option<PathBuf>,
    #[command(flatten)]
    pub journal: JournalArgs,
}

#[derive(Args, Debug)]
pub struct SettleArgs {
    /// The user whose create or assignment is unconfirmed (by account if there is no MIS value), or `placement:NAME` or `classroom:NAME`
    #[arg(value_name = "MISID")]
    pub mis_id: String,
    /// What you have seen in OneFile
    #[arg(value_enum)]
    pub answer: SettleAnswer,
    /// Of several unconfirmed assignments, only that of the standard, unit, template or account with this number
    #[arg(long, value_name = "ID")]
    pub number: Option<EntryId>,
    #[command(flatten)]
    pub journal: JournalArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SettleAnswer {
    Created,
    NotCreated,
    Assigned,
    NotAssigned,
}
