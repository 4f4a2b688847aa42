//! Completion scripts and manual pages, made from the command line itself.

use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory};

use crate::cli::args::Cli;

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
