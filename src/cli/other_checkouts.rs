//! Other checkouts of this user: their locks and journals for the organisation of a run.

use std::path::{Path, PathBuf};

use crate::apply::journal::{
    Holder, JournalKnowledge, JournalScope, NotLocked, OrganisationFiles, OrganisationLock,
    has_journal, in_order, records,
};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::onefile::in_words;
use crate::project::settings::ChosenServer;
use crate::render;

/// What the journals of this checkout and of other checkouts say about a server and organisation.
pub(crate) fn known(
    context: &Context<'_>,
    server: &ChosenServer,
    journal: &Path,
    place: &JournalScope,
) -> Result<JournalKnowledge, CommandError> {
    let mut all = records(journal)?;
    let mut open_elsewhere = Vec::new();
    if let Some(files) = files(context, server, place) {
        for folder in files.journals_besides(&absolute(journal)) {
            let others = records(&folder)?;
            open_elsewhere.push((folder, JournalKnowledge::of(&others, place).open));
            all = in_order(all, others);
        }
    }
    let known = JournalKnowledge::of(&all, place);
    for (folder, mut open) in open_elsewhere {
        open.retain(|mis_id, _| known.open.contains_key(mis_id));
        tell_of_open(context, &folder, open.len());
    }
    Ok(known)
}

/// The journal folders of other checkouts that have applied to this organisation.
pub(crate) fn journals(
    context: &Context<'_>,
    server: &ChosenServer,
    journal: &Path,
    place: &JournalScope,
) -> Vec<PathBuf> {
    let files = files(context, server, place);
    files.map_or_else(Vec::new, |files| files.journals_besides(&absolute(journal)))
}

fn tell_of_open(context: &Context<'_>, folder: &Path, open: usize) {
    if open > 0 {
        let (creates, folder) = (
            render::count(open, "create is", "creates are"),
            shown(folder),
        );
        context.ui.say(&format!(
            "note: {creates} unconfirmed in the journal of another checkout; to settle one, look in OneFile and add `--journal {folder}` to `rosterctl settle`"
        ));
    }
}

/// Takes this user's lock for the organisation. If that isn't possible, prints a note; the project's own lock must then
/// suffice.
pub(crate) fn lock(
    context: &Context<'_>,
    server: &ChosenServer,
    journal: &Path,
    place: &JournalScope,
) -> Result<Option<OrganisationLock>, CommandError> {
    let ChosenServer::Remote { .. } = server else {
        return Ok(None);
    };
    let Some(files) = files(context, server, place) else {
        context.ui.say(&without_lock(
            "there is no folder for it: XDG_STATE_HOME, HOME and LOCALAPPDATA name none",
        ));
        return Ok(None);
    };
    let holder = this_apply(context, journal);
    match files.lock(holder.clone()) {
        Ok(lock) => {
            if let Some(former) = lock
                .former
                .as_ref()
                .filter(|former| former.journal != holder.journal)
            {
                context.ui.say(&applied_elsewhere(former));
            }
            Ok(Some(lock))
        }
        Err(running @ NotLocked::Running(_)) => Err(CommandError::Refused(format!(
            "Nothing was applied.\n{}.\nWait until it ends, or stop it with Ctrl-C where it runs. Then apply again.",
            render::shown(&running.to_string())
        ))),
        Err(unusable @ NotLocked::Unusable { .. }) => {
            context.ui.say(&without_lock(&in_words(&unusable)));
            Ok(None)
        }
    }
}

fn this_apply(context: &Context<'_>, journal: &Path) -> Holder {
    Holder {
        process: std::process::id(),
        since: context.clock.now(),
        folder: absolute(context.dir).to_string_lossy().into_owned(),
        journal: absolute(journal).to_string_lossy().into_owned(),
    }
}

fn without_lock(why: &str) -> String {
    let why = render::shown(why);
    format!(
        "note: rosterctl can't lock this organisation for the whole machine ({why}); don't apply from another checkout meanwhile"
    )
}

fn applied_elsewhere(former: &Holder) -> String {
    let (folder, journal) = (
        shown(Path::new(&former.folder)),
        shown(Path::new(&former.journal)),
    );
    if has_journal(Path::new(&former.journal)) {
        format!(
            "note: the last apply to this organisation ran in {folder}; its journal in {journal} is read, too"
        )
    } else {
        format!(
            "note: the last apply to this organisation ran in {folder}; its journal isn't in {journal} any more, so rosterctl can't tell whether it left a create unconfirmed"
        )
    }
}

/// The files that checkouts share. The sandbox's data is in the project, so no other checkout shares it.
fn files(
    context: &Context<'_>,
    server: &ChosenServer,
    place: &JournalScope,
) -> Option<OrganisationFiles> {
    match server {
        ChosenServer::Sandbox => None,
        ChosenServer::Remote { .. } => Some(OrganisationFiles::of(
            context.environment.state.as_deref()?,
            place,
        )),
    }
}

/// The canonical path of a folder; if the folder is missing, its absolute path.
fn absolute(folder: &Path) -> PathBuf {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    folder
        .canonicalize()
        .or_else(|_| std::path::absolute(folder))
        .unwrap_or_else(|_| folder.to_owned())
}

fn shown(path: &Path) -> String {
    render::shown(&path.display().to_string())
}
