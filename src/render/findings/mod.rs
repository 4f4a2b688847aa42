//! What `validate` found, as JSON, as annotations for GitHub, and the summary for people. The findings themselves are drawn by
//! `cli::terminal`, which knows the width and the colours.

pub(super) mod github;
pub(super) mod json;
pub(super) mod sarif;
pub(super) mod short;
pub(super) mod text;

use std::path::Path;

use crate::domain::EntryKind;
use crate::findings::Finding;
use crate::findings::source::Sources;

/// The result of a check.
pub struct CheckedFindings<'v> {
    /// In the order of their places.
    pub findings: &'v [Finding],
    pub sources: &'v Sources,
    /// How many users are declared; `None` if they couldn't be read.
    pub users: Option<usize>,
    /// How many placements and classrooms are declared beside them.
    pub entries: Vec<(EntryKind, usize)>,
    pub files: usize,
    /// The folder that the names of the files count from.
    pub folder: &'v Path,
}

/// The path of a file from where the command was called, with slashes.
fn path_from_here(folder: &Path, file: &str) -> String {
    if folder == Path::new(".") {
        return file.to_owned();
    }
    folder.join(file).to_string_lossy().replace('\\', "/")
}
