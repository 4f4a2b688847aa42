//! The folder of a project's journal: `--journal`, or else the project's data folder.

use std::path::{Path, PathBuf};

use crate::apply::private_files::make_folder;
use crate::project::data_folder::{DATA_FOLDER, make_data_folder};
use crate::project::error::ProjectError;

/// The folder to read the journal from. It may not exist.
pub fn journal_folder(dir: &Path, chosen: Option<&Path>) -> PathBuf {
    match chosen {
        Some(folder) => folder.to_owned(),
        None => dir.join(DATA_FOLDER),
    }
}

/// Creates the folder to write the journal to.
pub fn make_journal_folder(dir: &Path, chosen: Option<&Path>) -> Result<PathBuf, ProjectError> {
    let Some(folder) = chosen else {
        return make_data_folder(dir);
    };
    make_folder(folder).map_err(|source| {
        let folder = folder.display();
        ProjectError::io(format!("{folder} can't be used for the journal"), source)
    })?;
    Ok(folder.to_owned())
}
