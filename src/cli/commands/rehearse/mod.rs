//! `rehearse`: applies the real plan to a copy of the live state whose people are invented, in a sandbox of its own. The live
//! service is only read, and the sandbox is removed afterwards.

pub(crate) mod faults;
mod simulation;

use std::fs;
use std::path::{Path, PathBuf};

use crate::apply::journal::{Lock, LockError};
use crate::apply::private_files::make_folder;
use crate::cli::args::{JournalArgs, RehearseArgs, SETTLE_AFTER};
use crate::cli::commands::rehearse::faults::named_faults;
use crate::cli::commands::rehearse::simulation::Simulation;
use crate::cli::context::{CommandResult, Context};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::pipeline::{PlanInput, PlanRequest, PlannedRun, base_scope};
use crate::cli::selection::RunSelection;
use crate::cli::signal;
use crate::domain::redact::Reveal;
use crate::onboarding::rehearse::outline;
use crate::project::data_folder::make_data_folder;
use crate::render::{self, Rehearsed, RenderOptions};
use crate::review::{Allowance, past_limits};

pub(crate) async fn run(context: &Context<'_>, args: &RehearseArgs) -> CommandResult {
    let faults = args.faults.as_deref().map(named_faults).transpose()?;
    let base = base_scope(&args.base);
    let journal = JournalArgs { journal: None };
    let request = PlanRequest {
        server: &args.server,
        base: base.as_ref(),
        journal: &journal,
        selection: RunSelection::typed(args.selection.selection()),
        // Invented people are made of the values of accounts.
        is_fresh: true,
    };
    let input = PlanInput::load(context, request)?;
    let PlannedRun { plan, basis } = input.plan(context, SETTLE_AFTER).await?;
    let calls = basis.session.client.calls();
    let simulation = Simulation::of(&basis);
    basis.session.close().await;
    let shown = context.shown(&plan, args.shown.length());
    context.ui.print(&(basis.notes + &shown))?;
    let objections = past_limits(&plan, Allowance::default());
    context.ui.print(&render::objections(&objections))?;

    let (folder, lock) = empty_folder(context)?;
    let signals =
        signal::listen().map_err(|source| CommandError::io("signals can't be heard", source))?;
    let rehearsing = Box::pin(simulation.run(context, args, faults, &folder));
    let rehearsed = match signals.first.run_until_cancelled(rehearsing).await {
        Some(rehearsed) => rehearsed,
        None => Err(CommandError::Refused(STOPPED.to_owned())),
    };
    remove(context, &folder);
    drop(lock);
    let mut rehearsed = rehearsed?;
    rehearsed.calls.plan = calls;
    rehearsed.is_alike = args.faults.is_some() || outline(&plan) == rehearsed.outline;
    report(context, args, &rehearsed)?;
    Ok(if !objections.is_empty() {
        Exit::Refused
    } else if rehearsed.is_settled() {
        Exit::Done
    } else {
        Exit::Partly
    })
}

const STOPPED: &str = "Stopped. Nothing was sent to OneFile, and nothing of the rehearsal is left.";

fn report(
    context: &Context<'_>,
    args: &RehearseArgs,
    rehearsed: &Rehearsed,
) -> Result<(), CommandError> {
    // Invented names would only puzzle people.
    let options = RenderOptions {
        reveal: Reveal::Public,
        ..context.look(args.shown.length())
    };
    let after = if context.quiet {
        render::totals_as(&rehearsed.again, options)
    } else {
        render::plan(&rehearsed.again, options)
    };
    let text = render::rehearsed(rehearsed, &after, options);
    Ok(context.ui.print(&text)?)
}

/// An empty folder, and the lock of this rehearsal. Removes what a rehearsal left that was killed.
fn empty_folder(context: &Context<'_>) -> Result<(PathBuf, Lock), CommandError> {
    let folder = make_data_folder(context.dir)?.join("rehearsal");
    let failed =
        |source| CommandError::io(format!("{} can't be made anew", folder.display()), source);
    make_folder(&folder).map_err(failed)?;
    let lock = Lock::take(&folder, context.clock.now()).map_err(|error| match error {
        LockError::Held(_) => CommandError::Refused(
            "Another rehearsal of this project is under way; wait for its end.".to_owned(),
        ),
        error @ LockError::Failed { .. } => error.into(),
    })?;
    let stage = folder.join("stage");
    // A link of that name is removed, and what it leads to stays.
    if stage.symlink_metadata().is_ok() {
        fs::remove_dir_all(&stage).map_err(failed)?;
    }
    make_folder(&stage).map_err(failed)?;
    Ok((stage, lock))
}

fn remove(context: &Context<'_>, folder: &Path) {
    if let Err(error) = fs::remove_dir_all(folder) {
        let folder = render::shown(&folder.display().to_string());
        context.ui.say(&format!(
            "note: {folder} couldn't be removed ({}); delete it",
            error.kind()
        ));
    }
}
