//! The readings of a project: what earlier plans have seen of accounts. They spare calls, so that nothing about them stops a run.

use std::path::Path;

use secrecy::ExposeSecret;

use crate::apply::journal::JournalScope;
use crate::cli::context::Context;
use crate::onboarding::doctor::ReadingsState;
use crate::onefile::{Readings, in_words};
use crate::plan::{Operation, Plan};
use crate::project::journal_folder::{journal_folder, make_journal_folder};
use crate::project::settings::ChosenServer;
use crate::render;

/// The readings in a folder, or new ones. `None` for the sandbox of this process, whose calls cost nothing.
pub(crate) fn load(
    context: &Context<'_>,
    folder: &Path,
    server: &ChosenServer,
    place: &JournalScope,
) -> Option<Readings> {
    let ChosenServer::Remote { token, .. } = server else {
        return None;
    };
    let token = token.expose_secret();
    let loaded = Readings::load(folder, token, place);
    let known = loaded.unwrap_or_else(|error| {
        let why = in_words(&error);
        context.ui.say(&render::readings_passed_over(&why));
        None
    });
    Some(known.unwrap_or_else(|| Readings::new(token)))
}

/// The state of the readings that the project's own folder holds. `None` for the sandbox of this process.
pub(crate) fn state(
    context: &Context<'_>,
    server: &ChosenServer,
    place: &JournalScope,
) -> Option<ReadingsState> {
    let ChosenServer::Remote { token, .. } = server else {
        return None;
    };
    let folder = journal_folder(context.dir, None);
    let token = token.expose_secret();
    let loaded = Readings::load(&folder, token, place);
    Some(ReadingsState::new(loaded, context.clock.now()))
}

/// Keeps what was seen, but for the accounts that the plan is about to change.
pub(crate) fn keep(
    context: &Context<'_>,
    chosen: Option<&Path>,
    place: &JournalScope,
    (mut readings, plan): (Readings, &Plan),
) {
    let planned = plan.operations.iter();
    readings.forget(&planned.filter_map(Operation::account).collect());
    if !readings.is_worth_keeping(context.clock.now()) {
        return;
    }
    let failed = match make_journal_folder(context.dir, chosen) {
        Ok(folder) => {
            let saved = readings.save(&folder, place);
            saved.err().map(|error| in_words(&error))
        }
        Err(error) => Some(in_words(&error)),
    };
    if let Some(why) = failed {
        context.ui.say(&render::readings_not_kept(&why));
    }
}
