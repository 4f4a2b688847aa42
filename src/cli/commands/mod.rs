//! One short script for each command: it reads the settings, calls the layers in order and returns the exit code.

mod accept;
mod adopt;
mod apply;
mod doctor;
mod edit;
mod explain;
mod export;
mod find;
mod history;
mod init;
mod list;
mod man;
mod plan;
mod plan_files;
mod reassign;
mod rehearse;
mod sandbox;
mod schema;
mod seal;
mod settle;
mod validate;

use std::path::{Path, PathBuf};

use crate::cli::args::{Cli, Command, GlobalArgs, SandboxCommand, SealArgs};
use crate::cli::connection::block_on;
use crate::cli::context::{CommandResult, Context};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::lsp;
use crate::cli::terminal::{TerminalEnvironment, Ui};
use crate::domain::clock::Clock;
use crate::domain::redact::Reveal;
use crate::project::discover::{find_project, named_project};
use crate::project::error::ProjectError;
use crate::project::keyring::AgeKeyring;
use crate::project::settings::Environment;
use crate::render::shown;

/// Runs a command, and reports its error if it fails.
pub fn run(cli: &Cli) -> Exit {
    let environment = environment_of(&cli.command);
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
    let found = match project_folder(dir.as_deref(), &cli.command, &environment) {
        Ok(found) => found,
        Err(failure) => return CommandError::from(failure).report(&ui),
    };
    if found != Path::new(".") && dir.is_none() {
        let folder = shown(&found.display().to_string());
        ui.say(&format!(
            "note: the project is in {folder}; its files are named from there"
        ));
    }
    let keyring = AgeKeyring::new(environment.age_key.clone());
    let context = Context {
        dir: &found,
        named_dir: dir.as_deref(),
        environment,
        keyring: &keyring,
        ui: &ui,
        clock: Clock::REAL,
        quiet: *quiet,
        verbosity: *verbose,
    };
    dispatch(&context, &cli.command).unwrap_or_else(|failure| failure.report(&ui))
}

/// The environment. An editor's server runs all day, sends no request and opens no sealed row, so that it gets no secret.
fn environment_of(command: &Command) -> Environment {
    let environment = Environment::read();
    if !matches!(command, Command::Lsp(_)) {
        return environment;
    }
    Environment {
        token: None,
        age_key: None,
        ..environment
    }
}

/// The folder that a command works in: the one that `-C` names and no other, or else the project that is found here or above.
fn project_folder(
    named: Option<&Path>,
    command: &Command,
    environment: &Environment,
) -> Result<PathBuf, ProjectError> {
    match named {
        Some(named) => {
            if uses_project(command) {
                named_project(named)?;
            }
            Ok(named.to_owned())
        }
        None if uses_project(command) => match std::env::current_dir() {
            Ok(current) => find_project(&current, environment),
            Err(_) => Ok(PathBuf::from(".")),
        },
        None => Ok(PathBuf::from(".")),
    }
}

/// Whether a command works on a project that is there already.
fn uses_project(command: &Command) -> bool {
    match command {
        Command::Validate(_)
        | Command::Plan(_)
        | Command::Apply(_)
        | Command::Accept(_)
        | Command::Reassign(_)
        | Command::Doctor(_)
        | Command::Export(_)
        | Command::Adopt(_)
        | Command::Rehearse(_)
        | Command::Find(_)
        | Command::List(_)
        | Command::History(_)
        | Command::Settle(_)
        | Command::Schema(_)
        | Command::Seal(SealArgs { keygen: false, .. })
        | Command::Sandbox(SandboxCommand::Serve(_) | SandboxCommand::Reset(_)) => true,
        Command::Init(_)
        | Command::Seal(SealArgs { keygen: true, .. })
        | Command::Explain(_)
        | Command::Lsp(_)
        | Command::Completions(_)
        | Command::Man(_)
        | Command::Sandbox(SandboxCommand::Seed(_)) => false,
    }
}

/// Runs one command. Some commands run others afterwards.
fn dispatch(context: &Context<'_>, command: &Command) -> CommandResult {
    match command {
        Command::Validate(args) => validate::run(context, args),
        Command::Plan(args) => block_on(plan::run(context, args)),
        Command::Apply(args) => block_on(apply::run(context, args)),
        Command::Init(args) => init::run(context, args),
        Command::Accept(args) => block_on(accept::run(context, args)),
        Command::Reassign(args) => reassign::run(context, args),
        Command::Doctor(args) => block_on(doctor::run(context, args)),
        Command::Export(args) => block_on(export::run(context, args)),
        Command::Adopt(args) => block_on(adopt::run(context, args)),
        Command::Rehearse(args) => block_on(rehearse::run(context, args)),
        Command::Find(args) => block_on(find::run(context, args)),
        Command::List(args) => block_on(list::run(context, args)),
        Command::History(args) => history::run(context, args),
        Command::Settle(args) => settle::run(context, args),
        Command::Seal(args) => seal::run(context, args),
        Command::Explain(args) => explain::run(context, args),
        Command::Schema(args) => schema::run(context, args),
        Command::Lsp(_) => lsp::run(context),
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
        | Command::Accept(_)
        | Command::Reassign(_)
        | Command::Doctor(_)
        | Command::Export(_)
        | Command::Adopt(_)
        | Command::Find(_)
        | Command::List(_)
        | Command::History(_)
        | Command::Settle(_)
        | Command::Seal(_)
        | Command::Explain(_)
        | Command::Schema(_)
        | Command::Lsp(_)
        | Command::Completions(_)
        | Command::Man(_)
        | Command::Sandbox(_) => None,
    }
}
