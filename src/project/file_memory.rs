//! What was found in each manifest by itself, so that an editor's server reads only the files again that have changed.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;

use crate::findings::source::FileId;
use crate::manifest::validate::CheckedFile;

/// The files of the last check, each with the text that it had.
pub(crate) type RememberedFiles = HashMap<FileId, (Arc<String>, CheckedFile)>;

/// The last check of a project.
#[derive(Default)]
pub struct FileMemory(Mutex<LastCheck>);

#[derive(Default)]
struct LastCheck {
    /// The settings and the day, on which what is found depends.
    basis: Option<(Arc<String>, Date)>,
    files: RememberedFiles,
}

/// Says nothing of the texts.
impl fmt::Debug for FileMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileMemory")
    }
}

impl FileMemory {
    /// Begins a check with these settings on this day. With others, everything is read again.
    pub(crate) fn begin(&self, settings: &Arc<String>, today: Date) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let basis = Some((Arc::clone(settings), today));
        if last.basis != basis {
            last.basis = basis;
            last.files.clear();
        }
    }

    /// Takes the files out, so that a check that ends in the middle leaves none behind.
    pub(crate) fn take(&self) -> RememberedFiles {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut last.files)
    }

    pub(crate) fn keep(&self, files: RememberedFiles) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.files = files;
    }
}
