//! `.rosterctl`: the folder for the journal and the sandbox's data.

use std::fs;
use std::path::{Path, PathBuf};

use crate::project::error::ProjectError;

pub const DATA_FOLDER: &str = ".rosterctl";

/// Creates the folder for its owner only, and makes git ignore it.
pub fn make_data_folder(dir: &Path) -> Result<PathBuf, ProjectError> {
    let folder = dir.join(DATA_FOLDER);
    make_private(&folder)
        .and_then(|()| fs::write(folder.join(".gitignore"), "*\n"))
        .map_err(|source| {
            ProjectError::io(format!("{} can't be made", folder.display()), source)
        })?;
    Ok(folder)
}

#[cfg(unix)]
fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    const OWNER_ONLY: u32 = 0o700;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(OWNER_ONLY)
        .create(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(OWNER_ONLY))
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)
}
