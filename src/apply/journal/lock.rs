//! Allows one apply of a project at a time on a machine. A file is locked while an apply runs, and names its process. The
//! operating system releases the lock even if the process crashes.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use thiserror::Error;

use crate::apply::private_files::{FileAccess, open};

/// The lock, released when this is dropped.
#[derive(Debug)]
pub struct Lock(
    #[expect(dead_code, reason = "what is locked is let go of when this is dropped")] File,
);

#[derive(Debug, Error)]
pub enum LockError {
    #[error(
        "another apply of this project is under way{}; wait for its end, or stop it with Ctrl-C where it runs", owner(.0)
    )]
    Held(String),
    #[error("{} can't be locked", .path.display())]
    Failed {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// Windows lets nobody read what is locked, so there is no name there.
fn owner(name: &str) -> String {
    if name.is_empty() {
        String::new()
    } else {
        format!(": {name}")
    }
}

impl Lock {
    /// Locks a folder. If another apply has locked it, `Held` names that apply.
    pub fn take(folder: &Path, now: Timestamp) -> Result<Self, LockError> {
        let path = folder.join("lock");
        let failed = |source| LockError::Failed {
            path: path.clone(),
            source,
        };
        let mut file = open(&path, FileAccess::ReadAndWrite).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut owner = String::new();
                let _ = file.read_to_string(&mut owner);
                return Err(LockError::Held(owner.trim().to_owned()));
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let owner = format!(
            "process {}, since {}\n",
            std::process::id(),
            now.strftime("%Y-%m-%d %H:%M:%S UTC")
        );
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(owner.as_bytes()))
            .map_err(failed)?;
        Ok(Self(file))
    }
}
