//! Texts that stand for files of a project, whatever is on disk: those in an editor's windows, or those that `validate --fix`
//! would write.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The texts by the path that the project's folder leads to.
#[derive(Clone, Debug, Default)]
pub struct UnsavedTexts(BTreeMap<PathBuf, Arc<String>>);

impl UnsavedTexts {
    pub fn get(&self, path: &Path) -> Option<&Arc<String>> {
        self.0.get(path)
    }

    /// Keeps a text, and returns the one that it replaces.
    pub fn insert(&mut self, path: PathBuf, text: impl Into<Arc<String>>) -> Option<Arc<String>> {
        self.0.insert(path, text.into())
    }

    pub fn remove(&mut self, path: &Path) {
        self.0.remove(path);
    }

    pub fn iter(&self) -> impl Iterator<Item = (&PathBuf, &Arc<String>)> {
        self.0.iter()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
