//! One apply to an organisation at a time by one user of a machine, whatever folder it runs in. The folders that have applied to
//! it are remembered, since each has a journal of its own, and a create that is open in one must not be sent from another.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::apply::journal::{JournalScope, has_journal};

/// The files that one user's applies to one organisation share: a lock, and beside it who has had it.
#[derive(Clone, Debug)]
pub struct OrganisationFiles {
    folder: PathBuf,
    /// Tells one organisation of one server from others.
    name: String,
}

/// An apply, as the others see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    pub process: u32,
    pub since: Timestamp,
    /// The project's folder, from the root.
    pub folder: String,
    /// The folder of its journal, from the root.
    pub journal: String,
}

/// Held while it lives.
#[derive(Debug)]
pub struct OrganisationLock {
    #[expect(dead_code, reason = "what is locked is let go of when this is dropped")]
    file: File,
    /// The apply before this one.
    pub former: Option<Holder>,
}

/// Why there is no lock.
#[derive(Debug, Error)]
pub enum NotLocked {
    #[error("another apply to this organisation is running on this machine{}", .0.as_ref().map(named).unwrap_or_default())]
    Running(Option<Holder>),
    #[error("{} can't be used", .path.display())]
    Unusable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

fn named(
    Holder {
        process,
        since,
        folder,
        ..
    }: &Holder,
) -> String {
    format!(
        ": process {process}, since {}, in {folder}",
        since.strftime("%Y-%m-%d %H:%M:%S UTC")
    )
}

/// What is beside the lock.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Applied {
    last: Option<Holder>,
    /// The folders of all journals that may know of this organisation.
    journals: BTreeSet<String>,
}

impl OrganisationFiles {
    /// The files of a place in the user's state folder. Their names are digests: a base URL may say more than it should.
    pub fn of(state: &Path, place: &JournalScope) -> Self {
        // The scheme is left out: a host and a port are one server.
        let server = place
            .target
            .split_once("://")
            .map_or(place.target.as_str(), |(_, server)| server);
        let digest = Sha256::digest(format!("{server}\n{}", place.organisation));
        let name = digest
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect::<Vec<_>>()
            .concat();
        Self {
            folder: state.to_owned(),
            name: format!("organisation-{name}"),
        }
    }

    /// The folders of the journals of other checkouts, as far as they are still there.
    pub fn journals_besides(&self, own: &Path) -> Vec<PathBuf> {
        let others = self
            .applied()
            .journals
            .into_iter()
            .map(PathBuf::from)
            .filter(|journal| journal != own);
        others.filter(|journal| has_journal(journal)).collect()
    }

    /// Takes the lock, or says why not.
    pub fn lock(&self, holder: Holder) -> Result<OrganisationLock, NotLocked> {
        let unusable = |source| NotLocked::Unusable {
            path: self.folder.clone(),
            source,
        };
        make_private(&self.folder).map_err(unusable)?;
        let file = open_private(&self.path("lock")).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(NotLocked::Running(self.applied().last)),
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
        let Applied {
            last: former,
            mut journals,
        } = self.applied();
        journals.retain(|journal| has_journal(Path::new(journal)));
        journals.insert(holder.journal.clone());
        self.write(&Applied {
            last: Some(holder),
            journals,
        })
        .map_err(unusable)?;
        Ok(OrganisationLock { file, former })
    }

    fn path(&self, extension: &str) -> PathBuf {
        self.folder.join(format!("{}.{extension}", self.name))
    }

    /// A file that isn't whole says nothing: what it adds is help, and the lock holds without it.
    fn applied(&self) -> Applied {
        let path = self.path("json");
        let text = path
            .symlink_metadata()
            .ok()
            .filter(fs::Metadata::is_file)
            .and_then(|_| fs::read(path).ok());
        text.and_then(|text| serde_json::from_slice(&text).ok())
            .unwrap_or_default()
    }

    /// Others may read the file meanwhile, so that it is replaced as a whole. It isn't the lock itself, since some systems
    /// let nobody else read a locked file.
    fn write(&self, applied: &Applied) -> io::Result<()> {
        let text = serde_json::to_string(applied).expect("no map has keys that aren't text");
        let mut fresh = tempfile::NamedTempFile::new_in(&self.folder)?;
        fresh.write_all(text.as_bytes())?;
        fresh.persist(self.path("json"))?;
        Ok(())
    }
}

/// Makes a folder for its owner only. A link may lead to anybody's folder, so that it isn't followed.
fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    let there = folder.symlink_metadata()?;
    if !there.is_dir() {
        return Err(io::Error::other("it isn't a folder"));
    }
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&there.permissions()) & 0o077 != 0 {
        fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    }
    Ok(())
}

/// Opens a file for its owner only. Links aren't followed, and nobody waits for the other end of a pipe.
fn open_private(path: &Path) -> io::Result<File> {
    if path.symlink_metadata().is_ok_and(|there| !there.is_file()) {
        return Err(io::Error::other(format!(
            "{} isn't a regular file",
            path.display()
        )));
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
