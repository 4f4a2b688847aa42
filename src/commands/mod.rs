//! One short script a command: settings, then the layers in their order, then the exit code.

mod adopt;
mod apply;
mod doctor;
mod draft;
mod elsewhere;
mod explain;
mod export;
mod failure;
mod history;
mod init;
mod live;
mod loaded;
mod manual;
mod plan;
mod record;
mod rehearse;
mod sandbox;
mod schema;
mod session;
mod signal;
mod told;
mod validate;
mod written;

use crate::cli::{Cli, Command, GlobalArgs};
use crate::clock::Clock;
use crate::commands::failure::CommandError;
use crate::exit::Exit;
use crate::plan::Plan;
use crate::redact::Reveal;
use crate::settings::Environment;
use crate::ui::{TerminalEnvironment, Ui};
use crate::view::{self, RenderOptions, TextLength};

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
        Command::Plan(args) => session::block_on(plan::run(context, args)),
        Command::Apply(args) => session::block_on(apply::run(context, args)),
        Command::Init(args) => init::run(context, args),
        Command::Doctor(args) => session::block_on(doctor::run(context, args)),
        Command::Export(args) => session::block_on(export::run(context, args)),
        Command::Adopt(args) => session::block_on(adopt::run(context, args)),
        Command::Rehearse(args) => session::block_on(rehearse::run(context, args)),
        Command::History(args) => history::run(context, args),
        Command::Settle(args) => history::settle(context, args),
        Command::Explain(args) => explain::run(context, args),
        Command::Schema(args) => schema::run(context, args),
        Command::Completions(args) => manual::completions(context, args),
        Command::Man(args) => manual::manual(context, args),
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
            view::totals_as(plan, look)
        } else {
            view::plan(plan, look)
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
