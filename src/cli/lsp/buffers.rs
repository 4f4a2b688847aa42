//! The texts that are open in the editor.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::lsp::addresses::{direct_path, path_of};
use crate::cli::lsp::messages::{BufferChange, ColumnUnit};
use crate::cli::lsp::text_lines::changed;

/// An open text.
pub(super) struct Buffer {
    /// The address that the editor gave it.
    pub(super) uri: String,
    pub(super) version: i32,
    pub(super) text: Arc<String>,
}

/// The open texts, by the path of their file without links.
#[derive(Default)]
pub(super) struct Buffers(BTreeMap<PathBuf, Buffer>);

impl Buffers {
    /// Keeps a text that was opened, and returns the path of its file. `None` if it is no file of this machine.
    pub(super) fn open(&mut self, uri: String, version: i32, text: String) -> Option<PathBuf> {
        let path = direct_path(&path_of(&uri)?);
        let buffer = Buffer {
            uri,
            version,
            text: Arc::new(text),
        };
        self.0.insert(path.clone(), buffer);
        Some(path)
    }

    /// Changes a text, and returns the path of its file. `None` if it isn't open.
    pub(super) fn change(
        &mut self,
        uri: &str,
        version: i32,
        (changes, unit): (&[BufferChange], ColumnUnit),
    ) -> Option<PathBuf> {
        let (path, buffer) = self.0.iter_mut().find(|(_, buffer)| buffer.uri == uri)?;
        buffer.text = Arc::new(changed(&buffer.text, changes, unit));
        buffer.version = version;
        Some(path.clone())
    }

    /// Forgets a text, and returns the path of its file.
    pub(super) fn close(&mut self, uri: &str) -> Option<PathBuf> {
        let path = self.path(uri)?;
        self.0.remove(&path);
        Some(path)
    }

    pub(super) fn get(&self, path: &Path) -> Option<&Buffer> {
        self.0.get(path)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&PathBuf, &Buffer)> {
        self.0.iter()
    }

    /// The path of an open text.
    pub(super) fn path(&self, uri: &str) -> Option<PathBuf> {
        let (path, _) = self.0.iter().find(|(_, buffer)| buffer.uri == uri)?;
        Some(path.clone())
    }
}
