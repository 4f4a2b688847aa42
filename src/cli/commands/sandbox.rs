//! `sandbox serve`, `sandbox seed` and `sandbox reset`: the emulator as a separate server, and its data.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use crate::apply::journal::{Journal, JournalEvent, Lock, records};
use crate::apply::ledger::Ledger;
use crate::apply::private_files::make_folder;
use crate::cli::args::{ResetArgs, SandboxCommand, SeedArgs, ServeArgs};
use crate::cli::commands::history::places;
use crate::cli::commands::rehearse::faults::read_faults;
use crate::cli::connection::{SEED_FILE, block_on, parse_seed, wait_for};
use crate::cli::context::{CommandResult, Context, run_name};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::signal;
use crate::project::data_folder::make_data_folder;
use crate::project::files::read_named_text;
use crate::project::settings;
use crate::sandbox::{College, SandboxServer, SandboxSettings, Store, write_college};

pub(crate) fn run(context: &Context<'_>, command: &SandboxCommand) -> CommandResult {
    match command {
        SandboxCommand::Serve(args) => block_on(serve(context, args)),
        SandboxCommand::Seed(args) => seed(context, args),
        SandboxCommand::Reset(args) => reset(context, args),
    }
}

/// The service's limit of calls a minute (`docs/onefile-api.md`, Hosts and session).
const RATE_LIMIT: u32 = 300;

async fn serve(context: &Context<'_>, args: &ServeArgs) -> CommandResult {
    let mut start = SandboxSettings::new(store(context, args)?, context.clock)?;
    start.behaviour.rate_limit = match args.rate_limit {
        Some(limit) => Some(limit).filter(|limit| *limit > 0),
        None => start.behaviour.rate_limit.or(Some(RATE_LIMIT)),
    };
    start.behaviour.latency = args
        .latency
        .map_or(start.behaviour.latency, Duration::from_millis);
    if let Some(path) = &args.faults {
        start.faults = read_faults(path)?;
    }
    if context.verbosity > 0 {
        start.on_request = say_request;
    }
    let server = SandboxServer::listen(start, SocketAddr::new(args.host, args.port)).await?;
    let signals =
        signal::listen().map_err(|source| CommandError::io("signals can't be heard", source))?;
    context.ui.print(&format!("{}\n", server.base_url()))?;
    signals.first.cancelled().await;
    // The first signal lets the answers in progress finish; the second doesn't.
    tokio::select! {
        () = server.stop() => Ok(Exit::Done),
        () = signals.second.cancelled() => Ok(Exit::Failed),
    }
}

/// The sandbox's data. If there is none yet, it is filled from the seed.
fn store(context: &Context<'_>, args: &ServeArgs) -> Result<Store, CommandError> {
    let folder = match &args.data {
        Some(folder) => {
            make_folder(folder).map_err(|source| {
                let folder = folder.display();
                CommandError::io(format!("{folder} can't be used for the data"), source)
            })?;
            folder.clone()
        }
        None => make_data_folder(context.dir)?,
    };
    let store = Store::open(&folder)?;
    if store.seed()?.is_none() {
        let path = args
            .seed
            .clone()
            .unwrap_or_else(|| context.dir.join(SEED_FILE));
        let text = read_named_text(&path).map_err(CommandError::Misused)?;
        store.fill(&text, &parse_seed(&text, &path.to_string_lossy())?)?;
    }
    Ok(store)
}

fn say_request(line: &str) {
    // The server goes on even if its log can't be written.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

fn seed(context: &Context<'_>, args: &SeedArgs) -> CommandResult {
    let is_free = fs::read_dir(&args.out).map_or(true, |mut entries| entries.next().is_none());
    if !is_free {
        return Err(CommandError::Misused(format!(
            "{} isn't empty; name a new folder",
            args.out.display()
        )));
    }
    let college = College {
        learners: args.learners as usize,
        seed: args.seed,
        drift: args.drift,
        absent: args.absent,
        shared_names: args.shared_names,
        without_mis: args.without_mis,
    };
    write_college(&college, &args.out)
        .map_err(|source| CommandError::io("the college can't be written", source))?;
    let out = args.out.display();
    context.ui.print(&format!(
        "{out} is a project of {} learners; `rosterctl plan -C {out}` plans it.\n",
        args.learners
    ))?;
    Ok(Exit::Done)
}

fn reset(context: &Context<'_>, args: &ResetArgs) -> CommandResult {
    let removed = if let Some(folder) = &args.data {
        Store::reset(folder)?
    } else {
        context.project_folder().settings()?;
        let folder = make_data_folder(context.dir)?;
        let removed = Store::reset(&folder)?;
        forget(context, &folder)?;
        let target = settings::ChosenServer::Sandbox.identity();
        let forgetting = Ledger::update(&folder, context.clock, |ledger| {
            ledger.forget_target(&target);
        });
        wait_for(async { Ok(forgetting.await?) })?;
        removed
    };
    let refill = if context.dir.join(SEED_FILE).exists() {
        "the next run fills it from sandbox.yaml"
    } else {
        "write a sandbox.yaml to fill it from"
    };
    let was = if removed { "is empty now" } else { "was empty" };
    context
        .ui
        .print(&format!("The sandbox {was}; {refill}.\n"))?;
    Ok(Exit::Done)
}

/// Notes the reset in the project's journal, because its older records don't apply to the new sandbox.
fn forget(context: &Context<'_>, folder: &Path) -> Result<(), CommandError> {
    let now = context.clock.now();
    let _lock = Lock::take(folder, now)?;
    let mut places = places(&records(folder)?);
    let target = settings::ChosenServer::Sandbox.identity();
    places.retain(|place| place.target == target);
    for place in places {
        Journal::open(folder, run_name(now), place, context.clock)?.note(JournalEvent::Reset)?;
    }
    Ok(())
}
