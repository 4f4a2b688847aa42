//! `history`: shows what earlier applies did.

use std::collections::BTreeSet;

use crate::apply::checked_plans::checked_plans;
use crate::apply::journal::{JournalRecord, JournalScope, records};
use crate::cli::args::HistoryArgs;
use crate::cli::context::{CommandResult, Context};
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::domain::UserName;
use crate::project::atomic_write::write_private_with;
use crate::project::error::ProjectError;
use crate::project::journal_folder::journal_folder;
use crate::render;

pub(crate) fn run(context: &Context<'_>, args: &HistoryArgs) -> CommandResult {
    let folder = journal_folder(context.dir, args.journal.journal.as_deref());
    let records = records(&folder)?;
    if let Some(path) = &args.html {
        let checked = checked_plans(&folder).map_err(|source| {
            let what = format!("what plans found can't be read in {}", folder.display());
            ProjectError::io(what, source)
        })?;
        write_private_with(path, |out| render::history_page(&records, &checked, out))?;
    }
    let reveal = context.ui.reveal;
    let text = match &args.name {
        None => render::history(&records, reveal),
        Some(name) => match what_is_named(&records, name)? {
            Named::Run(run) => render::history_of_run(&records, run, reveal),
            Named::User => render::history_of(&records, name, reveal),
        },
    };
    context.ui.print(&text)?;
    Ok(Exit::Done)
}

/// What a person wants to know about.
enum Named<'r> {
    User,
    Run(&'r str),
}

/// A run may be named by the beginning of its ID. A user of that name comes first.
fn what_is_named<'r>(records: &'r [JournalRecord], name: &str) -> Result<Named<'r>, CommandError> {
    let user = UserName::of(name);
    let mut runs: BTreeSet<&str> = BTreeSet::new();
    for record in records {
        if record.event.is_about(user) {
            return Ok(Named::User);
        }
        if record.run == name {
            return Ok(Named::Run(&record.run));
        }
        if name.len() >= SHORTEST_RUN && record.run.starts_with(name) {
            runs.insert(&record.run);
        }
    }
    let mut found = runs.iter();
    match (found.next(), found.next()) {
        (None, _) => Ok(Named::User),
        (Some(run), None) => Ok(Named::Run(run)),
        (Some(_), Some(_)) => Err(CommandError::Misused(format!(
            "{} runs begin with {name}; write more of the ID that `rosterctl history` shows",
            runs.len()
        ))),
    }
}

/// The day of a run.
const SHORTEST_RUN: usize = 8;

pub(crate) fn places(records: &[JournalRecord]) -> Vec<JournalScope> {
    let place = |record: &JournalRecord| JournalScope {
        target: record.target.clone(),
        organisation: record.organisation,
    };
    let mut places: Vec<JournalScope> = records.iter().map(place).collect();
    places.sort_by(|one, other| {
        (&one.target, one.organisation).cmp(&(&other.target, other.organisation))
    });
    places.dedup();
    places
}
