//! Atomic writes: a temporary file in the same folder, then a rename. Symbolic links aren't followed.

use std::fmt;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

use crate::apply::platform;
use crate::apply::private_files::{self, persist, temporary_file};
use crate::project::error::ProjectError;
use crate::render;

/// Writes a file with the permissions that the umask allows.
pub fn write(path: &Path, text: &str) -> Result<(), ProjectError> {
    let mut builder = temporary_file();
    platform::let_umask_decide(&mut builder);
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

/// Refuses a file that can't be written, as far as that can be told without trying. A plan may take an hour before it writes.
pub fn refuse_unwritable(path: &Path) -> Result<(), ProjectError> {
    let shown = render::shown(&path.display().to_string());
    let parent = path.parent().filter(|parent| *parent != Path::new(""));
    let words = if let Some(why) = platform::unusable_name(path) {
        format!("{shown} can't be written: {why}")
    } else if path.is_dir() {
        format!("{shown} is a folder; name a file")
    } else if let Some(folder) = parent.filter(|folder| !folder.is_dir()) {
        let folder = render::shown(&folder.display().to_string());
        format!("{shown} can't be written: there is no folder {folder}")
    } else {
        return Ok(());
    };
    Err(ProjectError::Misused(words))
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
