//! Writes changed files over those of a project, if nobody else has changed them, and says what git knows of them.

use std::path::Path;

use crate::project::atomic_write::write_over;
use crate::project::declared_places::{DeclaredPlaces, ProjectFile};
use crate::project::error::ProjectError;
use crate::project::files::{GitSees, Revision, git_sees, read_bytes};
use crate::project::rewrite::Rewrite;
use crate::render;

/// Whether git can bring back a file as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GitCopy {
    /// The file is as the last commit has it.
    Committed,
    /// The last commit has another text.
    Older,
    Missing,
}

/// What git has of each file that changes, in their order.
pub fn git_copies(dir: &Path, places: &DeclaredPlaces, rewrite: &Rewrite) -> Vec<GitCopy> {
    let head = Revision::at(dir, "HEAD").ok();
    let copy = |file: &ProjectFile| {
        let is_tracked = matches!(git_sees(dir, &file.name), Ok(Some(GitSees::Tracked)));
        let committed = head.as_ref().and_then(|head| head.bytes(&file.name).ok()?);
        match committed {
            Some(bytes) if is_tracked && same_lines(&bytes, &file.bytes) => GitCopy::Committed,
            Some(_) if is_tracked => GitCopy::Older,
            Some(_) | None => GitCopy::Missing,
        }
    };
    let files = rewrite.files.iter();
    files.map(|file| copy(&places.files[file.index])).collect()
}

/// Git may keep other line ends than the folder has.
fn same_lines(one: &[u8], other: &[u8]) -> bool {
    let plain = |bytes: &[u8]| {
        let mut kept = bytes.to_vec();
        kept.retain(|byte| *byte != b'\r');
        kept
    };
    plain(one) == plain(other)
}

/// Refuses files that are reached through a symbolic link.
pub fn refuse_links(
    dir: &Path,
    places: &DeclaredPlaces,
    rewrite: &Rewrite,
) -> Result<(), ProjectError> {
    for changed in &rewrite.files {
        let file = &places.files[changed.index];
        let is_itself = match (file.path.canonicalize(), dir.canonicalize()) {
            (Ok(place), Ok(root)) => place == root.join(&file.name),
            (Err(_), _) | (_, Err(_)) => false,
        };
        if !is_itself {
            return Err(ProjectError::Refused(format!(
                "Nothing was written.\n{} is reached through a symbolic link, and files aren't written through links.",
                render::shown(&file.name)
            )));
        }
    }
    Ok(())
}

/// Writes the changed files, each in one piece. Refuses if one isn't as it was read.
pub fn write_back(places: &DeclaredPlaces, rewrite: &Rewrite) -> Result<(), ProjectError> {
    for changed in &rewrite.files {
        let file = &places.files[changed.index];
        let is_as_read = read_bytes(&file.path).is_ok_and(|bytes| bytes == file.bytes);
        if !is_as_read {
            return Err(ProjectError::Refused(format!(
                "Nothing was written.\n{} has changed since it was read. Run the command again.",
                render::shown(&file.name)
            )));
        }
    }
    for changed in &rewrite.files {
        write_over(&places.files[changed.index].path, &changed.bytes)?;
    }
    Ok(())
}
