//! Where the journal of a project is.

use std::path::{Path, PathBuf};

use crate::cli::JournalArgs;
use crate::commands::Context;
use crate::commands::failure::Failure;
use crate::commands::session::{DATA_DIR, data_dir, io};
use crate::journal::{Known, Place, records};

/// Where the journal is read from, whether it is there or not.
pub(crate) fn folder(context: &Context<'_>, args: &JournalArgs) -> PathBuf {
    args.journal
        .clone()
        .unwrap_or_else(|| context.dir.join(DATA_DIR))
}

/// Where the journal is written to.
pub(crate) fn own_folder(context: &Context<'_>, args: &JournalArgs) -> Result<PathBuf, Failure> {
    match &args.journal {
        Some(folder) => {
            std::fs::create_dir_all(folder)
                .map_err(|source| io("the folder for the journal can't be made", source))?;
            Ok(folder.clone())
        }
        None => data_dir(context.dir),
    }
}

pub(crate) fn known(folder: &Path, place: &Place) -> Result<Known, Failure> {
    Ok(Known::of(&records(folder)?, place))
}
