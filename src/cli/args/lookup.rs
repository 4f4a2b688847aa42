//! Flags of `find` and `list`.

use clap::{Args, ValueEnum};

use crate::cli::args::shared::ServerArgs;
use crate::onboarding::listing::Listing;

#[derive(Args, Debug)]
pub struct FindArgs {
    /// A MIS value, an account number, a name or an e-mail address; or `assessor:A-0012` for the learners of that assessor.
    /// Names and e-mail addresses only on a terminal
    #[arg(value_name = "WORDS", required = true)]
    pub words: Vec<String>,
    /// Search the files only, without a request
    #[arg(long, conflicts_with_all = ["sandbox", "target"])]
    pub offline: bool,
    #[command(flatten)]
    pub server: ServerArgs,
}

#[derive(Args, Debug)]
pub struct ListArgs {
    /// What to list
    #[arg(value_enum)]
    pub what: ListedKind,
    /// Print a CSV, which Excel opens
    #[arg(long)]
    pub csv: bool,
    #[command(flatten)]
    pub server: ServerArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListedKind {
    Classrooms,
    Placements,
    Providers,
    /// Learner statuses
    Statuses,
    Standards,
    /// Framework templates
    Templates,
    /// Everybody who can be a `defaultAssessor`
    Assessors,
}

impl From<ListedKind> for Listing {
    fn from(kind: ListedKind) -> Self {
        match kind {
            ListedKind::Classrooms => Self::Classrooms,
            ListedKind::Placements => Self::Placements,
            ListedKind::Providers => Self::Providers,
            ListedKind::Statuses => Self::Statuses,
            ListedKind::Standards => Self::Standards,
            ListedKind::Templates => Self::Templates,
            ListedKind::Assessors => Self::Assessors,
        }
    }
}
