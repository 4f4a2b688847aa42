//! Where the journal of a project is.

use std::path::{Path, PathBuf};

use crate::apply::journal::{JournalKnowledge, JournalScope, records};
use crate::cli::args::JournalArgs;
use crate::cli::commands::Context;
use crate::cli::commands::connection::{DATA_DIR, data_dir, io};
use crate::cli::commands::error::CommandError;

/// Where the journal is read from, whether it is there or not.
pub(crate) fn folder(context: &Context<'_>, args: &JournalArgs) -> PathBuf {
    args.journal
        .clone()
        .unwrap_or_else(|| context.dir.join(DATA_DIR))
}

/// Where the journal is written to.
pub(crate) fn own_folder(
    context: &Context<'_>,
    args: &JournalArgs,
) -> Result<PathBuf, CommandError> {
    match &args.journal {
        Some(folder) => {
            std::fs::create_dir_all(folder)
                .map_err(|source| io("the folder for the journal can't be made", source))?;
            Ok(folder.clone())
        }
        None => data_dir(context.dir),
    }
}

pub(crate) fn known(folder: &Path, place: &JournalScope) -> Result<JournalKnowledge, CommandError> {
    Ok(JournalKnowledge::of(&records(folder)?, place))
}
