//! The binary: reads the command line, runs the command, exits.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use rosterctl::cli::args::{Cli, advice};
use rosterctl::cli::commands::run;
use rosterctl::cli::exit::Exit;
use rosterctl::cli::terminal::quiet_panics;

fn main() -> ExitCode {
    quiet_panics();
    // The hook has said what there is to say.
    std::panic::catch_unwind(answer).unwrap_or(Exit::Failed.into())
}

fn answer() -> ExitCode {
    // Shells on Windows leave `users/*.yaml` as it is.
    match Cli::try_parse_from(wild::args_os()) {
        Ok(cli) => run(&cli).into(),
        Err(error) => {
            // There is nowhere to report that the message can't be printed.
            let _ = error.print();
            let typed: Vec<String> = std::env::args_os()
                .map(|word| word.to_string_lossy().into_owned())
                .collect();
            if let Some(advice) = advice(&error, &typed) {
                let _ = writeln!(anstream::stderr(), "\n  {advice}");
            }
            let asked = matches!(
                error.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            );
            if asked {
                Exit::Done.into()
            } else {
                Exit::Usage.into()
            }
        }
    }
}
