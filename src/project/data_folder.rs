//! `.rosterctl`: the folder for the journal and the sandbox's data.

use std::path::{Path, PathBuf};

use crate::apply::private_files::{make_private_folder, read, replace};
use crate::project::error::ProjectError;

pub const DATA_FOLDER: &str = ".rosterctl";

/// Creates the folder for its owner only, and makes git ignore it.
pub fn make_data_folder(dir: &Path) -> Result<PathBuf, ProjectError> {
    let folder = dir.join(DATA_FOLDER);
    make_private_folder(&folder)
        .and_then(|()| ignore_everything(&folder))
        .map_err(|source| {
            ProjectError::io(format!("{} can't be used", folder.display()), source)
        })?;
    Ok(folder)
}

/// Somebody may have put a link in the place of the file; it is replaced, and what it leads to stays as it is.
fn ignore_everything(folder: &Path) -> std::io::Result<()> {
    const EVERYTHING: &[u8] = b"*\n";
    let path = folder.join(".gitignore");
    if read(&path).is_ok_and(|text| text == EVERYTHING) {
        return Ok(());
    }
    replace(&path, EVERYTHING)
}
