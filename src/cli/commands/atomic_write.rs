//! Files that commands write, whole or not at all, and never through a link: into a new file of a name that nobody knows, which then
//! takes the place of the old one.

use std::fs;
use std::io::Write;
use std::path::Path;

use tempfile::Builder;

use crate::cli::commands::connection::io;
use crate::cli::commands::error::CommandError;

/// Writes a file for whoever the folder is for.
pub(crate) fn write(text: &str, path: &Path) -> Result<(), CommandError> {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "permissions are Unix's"))]
    let mut builder = builder();
    // The umask takes away what it takes.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    written(text, path, &builder)
}

/// Writes a file of personal data into a folder, which is made if need be: for its owner alone.
pub(crate) fn write_private(text: &str, path: &Path) -> Result<(), CommandError> {
    make_folder(path)?;
    written(text, path, &builder())
}

/// Writes a file into a folder, which is made if need be.
pub(crate) fn put(path: &Path, text: &str) -> Result<(), CommandError> {
    make_folder(path)?;
    write(text, path)
}

fn make_folder(path: &Path) -> Result<(), CommandError> {
    let Some(parent) = path.parent() else {
        return Ok(());
    };
    fs::create_dir_all(parent)
        .map_err(|source| io(&format!("{} can't be made", parent.display()), source))
}

/// A dot keeps the new file from being read as a manifest, and its end from being taken for one that is whole.
fn builder() -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(".rosterctl-").suffix(".partial");
    builder
}

fn written(text: &str, path: &Path, builder: &Builder<'_, '_>) -> Result<(), CommandError> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let put = || {
        let mut partial = builder.tempfile_in(folder)?;
        partial.write_all(text.as_bytes())?;
        // What can't be put in its place goes with it.
        partial.persist(path).map_err(|error| error.error)
    };
    put()
        .map(drop)
        .map_err(|source| io(&format!("{} can't be written", path.display()), source))
}
