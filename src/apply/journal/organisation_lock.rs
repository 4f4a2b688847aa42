//! Lets each user of a machine run one apply to an organisation at a time, whichever folder it runs in. It also remembers the
//! folders that have applied to the organisation. Each has its own journal, and a create that is open in one must not be sent
//! from another.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::apply::journal::{JournalScope, has_journal};
use crate::apply::private_files::{FileAccess, make_private_folder, open, read, replace};
use crate::review::json;

/// The files that one user's applies to one organisation share: a lock, and a record of who has held it.
#[derive(Clone, Debug)]
pub struct OrganisationFiles {
    folder: PathBuf,
    /// The name of the files, without extension. It differs for each organisation and server.
    name: String,
}

/// An apply, as other applies see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    pub process: u32,
    pub since: Timestamp,
    /// The absolute path of the project's folder.
    pub folder: String,
    /// The absolute path of its journal's folder.
    pub journal: String,
}

/// The lock, released when this is dropped.
#[derive(Debug)]
pub struct OrganisationLock {
    #[expect(dead_code, reason = "what is locked is let go of when this is dropped")]
    file: File,
    /// The apply before this one.
    pub former: Option<Holder>,
}

/// Why the lock couldn't be taken.
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

/// The content of the file beside the lock.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Applied {
    last: Option<Holder>,
    /// The folders of all journals that may know of this organisation.
    journals: BTreeSet<String>,
}

impl OrganisationFiles {
    /// The files for a server and organisation, in the user's state folder.
    pub fn of(state: &Path, place: &JournalScope) -> Self {
        Self {
            folder: state.to_owned(),
            name: format!("organisation-{}", place.name_for_files()),
        }
    }

    /// The journal folders of other checkouts that still exist.
    pub fn journals_besides(&self, own: &Path) -> Vec<PathBuf> {
        let others = self
            .applied()
            .journals
            .into_iter()
            .map(PathBuf::from)
            .filter(|journal| journal != own);
        others.filter(|journal| has_journal(journal)).collect()
    }

    /// Takes the lock, and records the holder. `Running` names the apply that has it already, if known.
    pub fn lock(&self, holder: Holder) -> Result<OrganisationLock, NotLocked> {
        let unusable = |source| NotLocked::Unusable {
            path: self.folder.clone(),
            source,
        };
        make_private_folder(&self.folder).map_err(unusable)?;
        let file = open(&self.path("lock"), FileAccess::ReadAndWrite).map_err(unusable)?;
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

    /// Reads the file beside the lock. A damaged one counts as empty: it only adds help, and the lock works without it.
    fn applied(&self) -> Applied {
        let text = read(&self.path("json")).ok();
        text.and_then(|text| serde_json::from_slice(&text).ok())
            .unwrap_or_default()
    }

    /// Replaces the whole file, because others may read it meanwhile. It is separate from the lock, because on some systems
    /// nobody else can read a locked file.
    fn write(&self, applied: &Applied) -> io::Result<()> {
        replace(&self.path("json"), json::line(applied).as_bytes())
    }
}
