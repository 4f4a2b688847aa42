//! One short script for each command: it reads the settings, calls the layers in order and returns the exit code.

mod adopt;
mod apply;
mod doctor;
mod explain;
mod export;
mod history;
mod init;
mod man;
mod plan;
mod rehearse;
mod sandbox;
mod schema;
mod validate;

use crate::cli::args::{Cli, Command, GlobalArgs};
use crate::cli::connection::block_on;
use crate::cli::context::{CommandResult, Context};
use crate::cli::exit::Exit;
use crate::cli::terminal::{TerminalEnvironment, Ui};
use crate::domain::clock::Clock;
use crate::domain::redact::Reveal;
use crate::project::settings::Environment;

/// Runs a command, and reports its error if it fails.
pub fn run(cli: &Cli) -> Exit {
    let environment = Environment::read();
    let surroundings = TerminalEnvironment {
        ci: environment.ci,
        columns: environment.columns,
        verbosity: cli.global.verbose,
    };
    let ui = Ui::new(cli.global.color.into(), reveal(&cli.command), &surroundings);
    let GlobalArgs {
        dir,
        quiet,
        verbose,
        ..
    } = &cli.global;
    let context = Context {
        dir,
        environment,
        ui: &ui,
        clock: Clock::REAL,
        quiet: *quiet,
        verbosity: *verbose,
    };
    dispatch(&context, &cli.command).unwrap_or_else(|failure| failure.report(&ui))
}

/// Runs one command. Some commands run others afterwards.
fn dispatch(context: &Context<'_>, command: &Command) -> CommandResult {
    match command {
        Command::Validate(args) => validate::run(context, args),
        Command::Plan(args) => block_on(plan::run(context, args)),
        Command::Apply(args) => block_on(apply::run(context, args)),
        Command::Init(args) => init::run(context, args),
        Command::Doctor(args) => block_on(doctor::run(context, args)),
        Command::Export(args) => block_on(export::run(context, args)),
        Command::Adopt(args) => block_on(adopt::run(context, args)),
        Command::Rehearse(args) => block_on(rehearse::run(context, args)),
        Command::History(args) => history::run(context, args),
        Command::Settle(args) => history::settle(context, args),
        Command::Explain(args) => explain::run(context, args),
        Command::Schema(args) => schema::run(context, args),
        Command::Completions(args) => man::completions(context, args),
        Command::Man(args) => man::manual(context, args),
        Command::Sandbox(command) => sandbox::run(context, command),
    }
}

fn reveal(command: &Command) -> Option<Reveal> {
    match command {
        Command::Plan(args) => args.shown.class(),
        Command::Apply(args) => args.shown.class(),
        Command::Rehearse(args) => args.shown.class(),
        Command::Validate(_)
        | Command::Init(_)
        | Command::Doctor(_)
        | Command::Export(_)
        | Command::Adopt(_)
        | Command::History(_)
        | Command::Settle(_)
        | Command::Explain(_)
        | Command::Schema(_)
        | Command::Completions(_)
        | Command::Man(_)
        | Command::Sandbox(_) => None,
    }
}
