//! Atomic writes: a temporary file in the same folder, then a rename. Symbolic links aren't followed.

use std::fmt;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

use crate::apply::private_files;
use crate::project::error::ProjectError;

/// Writes a file with the permissions that the umask allows.
pub fn write(path: &Path, text: &str) -> Result<(), ProjectError> {
    #[cfg_attr(
        not(unix),
        expect(unused_mut, reason = "only Unix has these permissions")
    )]
    let mut builder = temporary_file();
    // Temporary files are private by default; with this mode the umask decides instead.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    write_by(&builder, path, text)
}

/// Writes over an existing file. Its permissions stay.
pub fn write_over(path: &Path, bytes: &[u8]) -> Result<(), ProjectError> {
    let written = fs::metadata(path).and_then(|metadata| {
        let temporary = filled(&temporary_file(), path, bytes)?;
        temporary
            .as_file()
            .set_permissions(metadata.permissions())?;
        persist(temporary, path)
    });
    written.map_err(|source| not_written(path, source))
}

/// Writes a file about people, so that only its owner can read it.
pub fn write_private(path: &Path, text: &str) -> Result<(), ProjectError> {
    let written = private_files::replace(path, text.as_bytes());
    written.map_err(|source| not_written(path, source))
}

/// Like [`write_private()`], for a text that is written piece by piece.
pub fn write_private_with(
    path: &Path,
    write: impl FnOnce(&mut dyn fmt::Write) -> fmt::Result,
) -> Result<(), ProjectError> {
    let written = private_files::replace_with(path, |file| {
        let mut pieces = Pieces {
            file: BufWriter::new(file),
            failure: None,
        };
        let written = write(&mut pieces);
        match (pieces.failure, written) {
            (Some(failure), _) => Err(failure),
            (None, Err(fmt::Error)) => Err(io::Error::other("the text isn't complete")),
            (None, Ok(())) => pieces.file.flush(),
        }
    });
    written.map_err(|source| not_written(path, source))
}

/// A file that takes text, and the failure that stopped it.
struct Pieces<'f> {
    file: BufWriter<&'f mut dyn Write>,
    failure: Option<io::Error>,
}

impl fmt::Write for Pieces<'_> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        self.file.write_all(piece.as_bytes()).map_err(|failure| {
            self.failure = Some(failure);
            fmt::Error
        })
    }
}

/// Like [`write_private()`], but creates the folder if it is missing. A new folder is for its owner only, too.
pub fn write_private_in_new_folder(path: &Path, text: &str) -> Result<(), ProjectError> {
    if let Some(parent) = path.parent().filter(|parent| !parent.exists()) {
        let made = private_files::make_folder(parent);
        made.map_err(|source| not_made(parent, source))?;
    }
    write_private(path, text)
}

/// Like [`write()`], but creates the folder if it is missing.
pub fn write_in_new_folder(path: &Path, text: &str) -> Result<(), ProjectError> {
    make_parent(path)?;
    write(path, text)
}

fn make_parent(path: &Path) -> Result<(), ProjectError> {
    let Some(parent) = path.parent() else {
        return Ok(());
    };
    fs::create_dir_all(parent).map_err(|source| not_made(parent, source))
}

fn not_made(folder: &Path, source: io::Error) -> ProjectError {
    ProjectError::io(format!("{} can't be made", folder.display()), source)
}

fn not_written(path: &Path, source: io::Error) -> ProjectError {
    ProjectError::io(format!("{} can't be written", path.display()), source)
}

/// The leading dot and the suffix make sure that a leftover file is never read as a manifest.
fn temporary_file() -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(".rosterctl-").suffix(".partial");
    builder
}

fn write_by(builder: &Builder<'_, '_>, path: &Path, text: &str) -> Result<(), ProjectError> {
    replace(builder, path, text).map_err(|source| not_written(path, source))
}

/// Removes the temporary file if a step fails.
fn replace(builder: &Builder<'_, '_>, path: &Path, text: &str) -> io::Result<()> {
    persist(filled(builder, path, text.as_bytes())?, path)
}

/// A temporary file beside `path` that holds these bytes.
fn filled(builder: &Builder<'_, '_>, path: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut temporary = builder.tempfile_in(folder)?;
    temporary.write_all(bytes)?;
    Ok(temporary)
}

fn persist(temporary: NamedTempFile, path: &Path) -> io::Result<()> {
    temporary.persist(path).map_err(|failed| failed.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::write_private_with;

    #[test]
    fn a_text_that_fails_half_way_leaves_the_file_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.html");
        write_private_with(&path, |out| out.write_str("whole")).unwrap();
        let failed = write_private_with(&path, |out| {
            out.write_str("half")?;
            Err(fmt::Error)
        });
        assert!(failed.is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "whole");
        let left = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 1, "no part of it is left");
    }
}
