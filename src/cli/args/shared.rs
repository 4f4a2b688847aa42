//! Flags that several commands share.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::domain::redact::Reveal;
use crate::domain::{Selection, Selector};
use crate::manifest::schema::TARGETS;
use crate::project::settings::ServerFlags;
use crate::render::TextLength;

#[derive(Args, Debug)]
pub struct JournalArgs {
    /// The folder for the journal [default: .rosterctl of the project]
    #[arg(long, value_name = "DIR")]
    pub journal: Option<PathBuf>,
}

#[derive(Args, Debug, Default)]
pub struct ReadingArgs {
    /// Read every account, also those that are as an earlier reading has seen them
    #[arg(long)]
    pub fresh: bool,
}

#[derive(Args, Debug)]
pub struct ServerArgs {
    /// Use the emulator inside this program (`--target sandbox`)
    #[arg(long, conflicts_with = "target")]
    pub sandbox: bool,
    /// The server to use
    #[arg(long, value_name = "NAME", value_parser = clap::builder::PossibleValuesParser::new(TARGETS))]
    pub target: Option<String>,
    /// Maximum requests a minute; 0: no limit [default: `callsPerMinute` of rosterctl.yaml, or 240]
    #[arg(long, value_name = "N")]
    pub calls_per_minute: Option<u32>,
    /// Maximum requests at the same time
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub concurrency: u16,
    /// How long to wait if the service is down [default: 10; only briefly before the first response]
    #[arg(long, value_name = "MINUTES")]
    pub wait: Option<u32>,
}

#[derive(Args, Debug)]
pub struct BaseArgs {
    /// Mark what this change edits: compare with the newest common ancestor of REF and HEAD
    #[arg(long, value_name = "REF")]
    pub base: Option<String>,
    /// Read and plan only the users that this change edits
    #[arg(long, requires = "base")]
    pub only_changed: bool,
}

#[derive(Args, Debug, Default)]
pub struct SelectionArgs {
    /// Read and plan only these users: a MIS value, `role:assessor`, `classroom:NAME`, `assessor:MISID` (the learners whose
    /// assessor that is) or `file:GLOB`. Repeat it to add more. `misId:assessor:S-1` is the assessor S-1, not the learners
    #[arg(long, value_name = "WHO", value_parser = Selector::of)]
    pub only: Vec<Selector>,
    /// Leave these users out, named as for `--only`, even if `--only` names them
    #[arg(long, value_name = "WHO", value_parser = Selector::of)]
    pub exclude: Vec<Selector>,
}

impl SelectionArgs {
    pub fn selection(&self) -> Selection {
        Selection {
            only: self.only.clone(),
            exclude: self.exclude.clone(),
        }
    }
}

#[derive(Args, Debug)]
pub struct ShownArgs {
    /// Show every operation, even if many are alike
    #[arg(long)]
    pub full: bool,
    /// Show values up to this class; has no effect if `CI` is set
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
