//! What earlier applies left behind: where the journal is, and what follows from it for a plan.

use std::path::{Path, PathBuf};

use jiff::SignedDuration;

use crate::cli::JournalArgs;
use crate::client::{Client, fetch_created};
use crate::clock::Clock;
use crate::commands::Context;
use crate::commands::failure::Failure;
use crate::commands::session::{DATA_DIR, data_dir, io};
use crate::journal::{Known, Place, records};
use crate::model::{Declared, Roster, Snapshot, Taken, Unclear};

/// Where the journal is read from, whether it is there or not.
pub(crate) fn folder(context: &Context<'_>, args: &JournalArgs) -> PathBuf {
    args.journal.clone().unwrap_or_else(|| context.dir.join(DATA_DIR))
}

/// Where the journal is written to.
pub(crate) fn own_folder(context: &Context<'_>, args: &JournalArgs) -> Result<PathBuf, Failure> {
    match &args.journal {
        Some(folder) => {
            std::fs::create_dir_all(folder).map_err(|source| io("the folder for the journal can't be made", source))?;
            Ok(folder.clone())
        }
        None => data_dir(context.dir),
    }
}

pub(crate) fn known(folder: &Path, place: &Place) -> Result<Known, Failure> {
    Ok(Known::of(&records(folder)?, place))
}

/// What earlier runs left open, and for how long that is left alone.
pub(crate) struct Earlier<'k> {
    pub(crate) known: &'k Known,
    pub(crate) settle_after: SignedDuration,
}

/// Adds to a snapshot what the journal knows: accounts that no list shows yet, and creates of which nobody knows. Answers with
/// the latter that are clear by now: the account is there, or it has been long enough.
pub(crate) async fn take_up(
    client: &Client,
    clock: Clock,
    Earlier { known, settle_after }: &Earlier<'_>,
    roster: &Roster,
    snapshot: &mut Snapshot,
) -> Result<Vec<Taken>, Failure> {
    let absent = |mis_id: &str, snapshot: &Snapshot| snapshot.with_mis_id(mis_id).next().is_none();
    let declared = roster.users().iter().filter_map(Declared::mis_id);
    let unlisted = declared.filter(|mis_id| absent(mis_id, snapshot)).filter_map(|mis_id| known.created.get(mis_id));
    fetch_created(client, unlisted.copied().collect(), snapshot).await?;
    let mut taken = Vec::new();
    for (mis_id, open) in &known.open {
        let found = snapshot.with_mis_id(mis_id).next().map(|account| account.id);
        let is_over = !open.said_created && clock.since(open.since) >= *settle_after;
        if found.is_some() || is_over {
            taken.push(Taken { mis_id: mis_id.clone(), since: open.since, found });
        } else {
            let unclear = Unclear { since: open.since, said_created: open.said_created };
            snapshot.unclear.insert(mis_id.clone(), unclear);
        }
    }
    Ok(taken)
}
