//! Files and folders for rosterctl's own data. Only their owner can use them. A symbolic link may lead to somebody else's
//! file, and opening a pipe or a device can wait for ever or do harm, so none of these is opened. This module must not know
//! what the files hold.

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use tempfile::{Builder, NamedTempFile};

use crate::apply::platform;

/// What a file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileAccess {
    Read,
    /// Creates the file if it is missing.
    ReadAndWrite,
    /// Creates the file if it is missing. Whatever is written goes to its end.
    Append,
}

/// Opens a regular file. A new one can only be used by its owner.
///
/// # Errors
/// If there is something else than a regular file; then it isn't opened.
pub fn open(path: &Path, access: FileAccess) -> io::Result<File> {
    match path.symlink_metadata() {
        Ok(there) => refuse_irregular(path, &there)?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut options = OpenOptions::new();
    match access {
        FileAccess::Read => options.read(true),
        FileAccess::ReadAndWrite => options.read(true).write(true).create(true).truncate(false),
        FileAccess::Append => options.append(true).create(true),
    };
    platform::open_privately(&mut options);
    let file = options.open(path)?;
    // Somebody may have put something else in its place meanwhile.
    refuse_irregular(path, &file.metadata()?)?;
    Ok(file)
}

/// The bytes of a regular file.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path, FileAccess::Read)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether there is a regular file. A link to one doesn't count.
pub fn is_file(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|there| there.is_file())
}

/// Replaces a file as a whole. Other processes see the old content or the new one, even after a power cut. If there was a link
/// or a pipe of that name, it is gone afterwards.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace_with(path, |file| file.write_all(bytes))
}

/// The same, with what is written piece by piece. If that fails, the file stays as it was.
pub fn replace_with(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let folder = parent.unwrap_or(Path::new("."));
    let mut temporary = temporary_file().tempfile_in(folder)?;
    write(&mut temporary)?;
    temporary.as_file().sync_all()?;
    persist(temporary, path)
}

/// Puts a finished temporary file in the place of `path`.
///
/// # Errors
/// On Windows also if another program has the file open. A virus scanner lets go after a moment, so this tries for a second.
#[expect(
    clippy::disallowed_methods,
    reason = "other programs let go of files in real time"
)]
pub fn persist(mut temporary: NamedTempFile, path: &Path) -> io::Result<()> {
    let mut waits = [50, 100, 200, 300, 350].into_iter();
    loop {
        let failed = match temporary.persist(path) {
            Ok(_) => return Ok(()),
            Err(failed) if platform::in_use_elsewhere(&failed.error) => failed,
            Err(failed) => return Err(failed.error),
        };
        let Some(wait) = waits.next() else {
            let words = "another program has it open, such as Excel, or it may not be written; close it there";
            return Err(io::Error::new(failed.error.kind(), words));
        };
        temporary = failed.file;
        thread::sleep(Duration::from_millis(wait));
    }
}

/// Temporary files are private by default. The leading dot and the suffix make sure that a leftover is never read as a manifest.
pub fn temporary_file() -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(".rosterctl-").suffix(".partial");
    builder
}

/// Creates a folder, and the missing ones above it, for its owner only. The permissions of an existing folder stay.
///
/// # Errors
/// If the folder is a link, because it may lead to somebody else's folder.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    let folder = without_slash(folder);
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    platform::new_folder_is_private(&mut builder);
    let made = builder.create(&folder);
    refuse_linked_folder(&folder)?;
    made
}

/// The same, and an existing folder becomes private, too.
pub fn make_private_folder(folder: &Path) -> io::Result<()> {
    make_folder(folder)?;
    platform::make_private(folder)
}

/// Refuses a folder that is a link. A missing one is fine.
pub fn refuse_linked_folder(folder: &Path) -> io::Result<()> {
    match without_slash(folder).symlink_metadata() {
        Ok(there) if there.is_symlink() => Err(io::Error::other(
            "it isn't a folder but a symbolic link, which rosterctl doesn't follow; name the folder itself",
        )),
        Ok(there) if !there.is_dir() => Err(io::Error::other("it isn't a folder")),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// A path that ends in a slash names what a link leads to, not the link.
fn without_slash(path: &Path) -> PathBuf {
    path.components().collect()
}

fn refuse_irregular(path: &Path, there: &Metadata) -> io::Result<()> {
    if there.is_file() {
        return Ok(());
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let but = if there.is_symlink() {
        " but a symbolic link, which rosterctl doesn't follow"
    } else {
        ""
    };
    Err(io::Error::other(format!(
        "`{name}` isn't a regular file{but}; delete it"
    )))
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::Path;
    use std::process::Command;

    use super::{FileAccess, make_folder, open, read, replace};

    fn mode(path: &Path) -> u32 {
        let there = path.symlink_metadata().expect("it was made just now");
        there.permissions().mode() & 0o777
    }

    #[test]
    fn what_is_made_is_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        make_folder(&inner).unwrap();
        open(&inner.join("appended"), FileAccess::Append).unwrap();
        open(&inner.join("locked"), FileAccess::ReadAndWrite).unwrap();
        replace(&inner.join("replaced"), b"text").unwrap();
        assert_eq!(
            (mode(&folder.path().join("a")), mode(&inner)),
            (0o700, 0o700)
        );
        for name in ["appended", "locked", "replaced"] {
            assert_eq!(mode(&inner.join(name)), 0o600, "{name}");
        }
    }

    #[test]
    fn nothing_but_a_regular_file_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("precious"), "precious").unwrap();
        symlink(at("precious"), at("link")).unwrap();
        symlink(at("missing"), at("dangling")).unwrap();
        symlink("/dev/null", at("device")).unwrap();
        fs::create_dir(at("folder")).unwrap();
        let made = Command::new("mkfifo").arg(at("fifo")).status().unwrap();
        assert!(made.success());
        for name in ["link", "dangling", "device", "folder", "fifo"] {
            for access in [
                FileAccess::Read,
                FileAccess::ReadAndWrite,
                FileAccess::Append,
            ] {
                assert!(open(&at(name), access).is_err(), "{name} {access:?}");
            }
        }
        assert!(open(Path::new("/dev/null"), FileAccess::Append).is_err());
        assert!(!at("missing").exists());
        assert_eq!(read(&at("precious")).unwrap(), b"precious");
    }

    #[test]
    fn what_is_replaced_is_the_link_and_not_its_target() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("precious"), "precious").unwrap();
        symlink(at("precious"), at("link")).unwrap();
        replace(&at("link"), b"new").unwrap();
        assert_eq!(fs::read(at("precious")).unwrap(), b"precious");
        assert_eq!(read(&at("link")).unwrap(), b"new");
    }

    #[test]
    fn a_folder_that_is_a_link_is_refused_however_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("real")).unwrap();
        symlink(at("real"), at("link")).unwrap();
        for name in ["link", "link/", "link/.", "link//"] {
            assert!(make_folder(&at(name)).is_err(), "{name}");
        }
        make_folder(&at("real")).unwrap();
        fs::write(at("file"), "").unwrap();
        assert!(make_folder(&at("file")).is_err());
    }
}
