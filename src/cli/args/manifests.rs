//! Flags of `validate`, `explain`, `schema` and `lsp`, which need no server.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Args, Debug)]
pub struct ValidateArgs {
    /// Files or folders to check instead of the project's manifests
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Exit with 3 on warnings as well
    #[arg(long, value_name = "SEVERITY", value_enum)]
    pub deny: Vec<Denied>,
    /// Change the manifests where a finding has one right answer; the others are shown as before
    #[arg(long)]
    pub fix: bool,
    /// Output format: for people, as one JSON document, as annotations of a pull request on GitHub, as a line each, or for code
    /// scanning
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
    /// `file:line:col: severity code message`, a line each
    Short,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// A field, a role, the code of a finding, the reason for a hold, or a word of the glossary; without it, rosterctl lists all of them
    #[arg(value_name = "WORD")]
    pub word: Option<String>,
}

#[derive(Args, Debug)]
pub struct SchemaArgs {
    /// Which: `users` for manifests, with the project's defaults folded in; `project` for rosterctl.yaml; `plan` for
    /// `plan --out`; `events` for `apply --format jsonl`
    #[arg(value_enum)]
    pub name: SchemaName,
    /// With `users`: offer the names that the last plan or export read, of classrooms, placements and the like
    #[arg(long)]
    pub directory: bool,
    /// Write the schema to a file, and make its folder if it is missing
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Serve an editor: findings as you type, with fixes, completion and where people stand.
///
/// Your editor starts this command and speaks the language server protocol with it over stdin and stdout. It finds what
/// `validate` finds, in texts that aren't saved yet, too. It never uses the token and sends no request.
/// docs/editor-server.md has the settings of editors.
#[derive(Args, Debug)]
pub struct LspArgs {
    /// What some editors add; stdin and stdout are used in any case
    #[arg(long, hide = true)]
    pub stdio: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SchemaName {
    Users,
    Project,
    Plan,
    Events,
}
