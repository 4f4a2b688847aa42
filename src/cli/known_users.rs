//! The ledger of a project: read before a plan, kept after every reading.

use std::path::{Path, PathBuf};

use tracing::info;

use crate::apply::journal::JournalScope;
use crate::apply::ledger::Ledger;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::domain::{KnownUsers, Snapshot};
use crate::onefile::in_words;
use crate::project::journal_folder::make_journal_folder;
use crate::project::known_names::keep_names;
use crate::project::settings::{ChosenServer, Project, SANDBOX};
use crate::render;

/// What the ledger in `folder` knows of an organisation, and what the ledgers of other checkouts add. One of those that can't
/// be read is named.
pub(crate) fn known(
    context: &Context<'_>,
    folder: &Path,
    others: Vec<PathBuf>,
    place: &JournalScope,
) -> Result<KnownUsers, CommandError> {
    let mut known = Ledger::read(folder)?.known(place);
    for other in others {
        match Ledger::read(&other) {
            Ok(ledger) => known.add_accounts_of(ledger.known(place)),
            Err(error) => context
                .ui
                .say(&format!("note: {}", render::shown(&in_words(&error)))),
        }
    }
    Ok(known)
}

/// Changes the ledger of the project. If that isn't possible, prints a note: what was read and done holds all the same.
pub(crate) async fn keep(
    context: &Context<'_>,
    chosen: Option<&Path>,
    change: impl FnOnce(&mut Ledger),
) {
    let kept = match make_journal_folder(context.dir, chosen) {
        Ok(folder) => Ledger::update(&folder, context.clock, change)
            .await
            .map_err(CommandError::from),
        Err(error) => Err(error.into()),
    };
    if let Err(error) = kept {
        context.ui.say(&format!(
            "note: rosterctl can't keep a record of the accounts that it has seen: {}",
            render::shown(&in_words(&error))
        ));
    }
}

/// Keeps the accounts of a reading.
pub(crate) async fn keep_reading(context: &Context<'_>, place: &JournalScope, snapshot: &Snapshot) {
    let now = context.clock.now();
    keep(context, None, |ledger| ledger.see(place, snapshot, now)).await;
}

/// Keeps the names of classrooms and the like for editors. On a CI machine nobody edits, and a sandbox that is only tried has
/// other names than the project's server.
pub(crate) fn keep_names_for_editors(
    context: &Context<'_>,
    project: &Project,
    (server, snapshot): (&ChosenServer, &Snapshot),
) {
    let is_tried = matches!(server, ChosenServer::Sandbox);
    let is_own = !is_tried || project.target.as_deref() == Some(SANDBOX);
    if context.environment.ci || !is_own {
        return;
    }
    if let Err(error) = keep_names(context.dir, snapshot, context.clock.now()) {
        info!("the names for editors weren't kept: {error}");
    }
}
