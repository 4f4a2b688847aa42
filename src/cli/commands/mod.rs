//! One short script a command: settings, then the layers in their order, then the exit code.

mod adopt;
mod apply;
mod apply_output;
mod atomic_write;
mod connection;
mod doctor;
mod draft;
mod elsewhere;
mod error;
mod explain;
mod export;
mod fetch_complete;
mod history;
mod init;
mod journal_folder;
mod load_project;
mod man;
mod plan;
mod rehearse;
mod sandbox;
mod schema;
mod signal;
mod validate;

use crate::cli::args::{Cli, Command, GlobalArgs};
use crate::cli::commands::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::terminal::{TerminalEnvironment, Ui};
use crate::domain::clock::Clock;
use crate::domain::redact::Reveal;
use crate::plan::Plan;
use crate::project::settings::Environment;
use crate::render::{self, RenderOptions, TextLength};

/// Runs a command to its end and says what went wrong, if anything did.
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

/// Runs one command; some go on to others.
fn dispatch(context: &Context<'_>, command: &Command) -> CommandResult {
    match command {
        Command::Validate(args) => validate::run(context, args),
        Command::Plan(args) => connection::block_on(plan::run(context, args)),
        Command::Apply(args) => connection::block_on(apply::run(context, args)),
        Command::Init(args) => init::run(context, args),
        Command::Doctor(args) => connection::block_on(doctor::run(context, args)),
        Command::Export(args) => connection::block_on(export::run(context, args)),
        Command::Adopt(args) => connection::block_on(adopt::run(context, args)),
        Command::Rehearse(args) => connection::block_on(rehearse::run(context, args)),
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

/// What every command needs.
struct Context<'c> {
    dir: &'c std::path::Path,
    environment: Environment,
    ui: &'c Ui,
    clock: Clock,
    /// Totals alone are wanted.
    quiet: bool,
    /// How often `-v` was given.
    verbosity: u8,
}

impl Context<'_> {
    /// A plan as it was asked for.
    fn shown(&self, plan: &Plan, length: TextLength) -> String {
        let look = self.look(length);
        if self.quiet {
            render::totals_as(plan, look)
        } else {
            render::plan(plan, look)
        }
    }

    fn look(&self, length: TextLength) -> RenderOptions {
        RenderOptions {
            reveal: self.ui.reveal,
            width: self.ui.width,
            length,
        }
    }
}

type CommandResult = Result<Exit, CommandError>;
