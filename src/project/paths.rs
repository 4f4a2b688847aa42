//! Paths of a project: shortened for people, made absolute, and checked for links that lead out of the project.

use std::path::{Component, Path, PathBuf};

use crate::project::error::ProjectError;
use crate::render;

/// A path in the project, as short as people write it.
pub fn below(dir: &Path, name: &str) -> PathBuf {
    if dir == Path::new(".") {
        PathBuf::from(name)
    } else {
        dir.join(name)
    }
}

/// A relative path with slashes, as manifests write it.
pub fn with_slashes(path: &Path) -> String {
    let parts = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}

/// The absolute path without `.` and `..`. The path needn't exist.
pub fn without_detours(path: &Path) -> Result<PathBuf, ProjectError> {
    let absolute = std::path::absolute(path)
        .map_err(|source| ProjectError::io("the current folder can't be told", source))?;
    let mut direct = PathBuf::new();
    for component in absolute.components() {
        match component {
            Component::ParentDir => drop(direct.pop()),
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => {
                direct.push(component);
            }
        }
    }
    Ok(direct)
}

/// The path relative to a folder, if it is below it. Neither has to exist. Disks that take no heed of capitals have several
/// spellings for one folder, as a link has, so the system's own spelling counts, too.
pub fn relative_to(folder: &Path, path: &Path) -> Result<Option<PathBuf>, ProjectError> {
    let (folder, path) = (without_detours(folder)?, without_detours(path)?);
    if let Ok(below) = path.strip_prefix(&folder) {
        return Ok(Some(below.to_owned()));
    }
    let (Some(folder), Some(path)) = (as_on_disk(&folder), as_on_disk(&path)) else {
        return Ok(None);
    };
    Ok(path.strip_prefix(&folder).ok().map(Path::to_owned))
}

/// The path with the part of it that exists as the system spells it.
fn as_on_disk(path: &Path) -> Option<PathBuf> {
    let existing = path.ancestors().find(|path| path.exists())?;
    let rest = path.strip_prefix(existing).ok()?;
    Some(existing.canonicalize().ok()?.join(rest))
}

/// Refuses a path if a symbolic link leads out of the project. Manifests aren't read through such links, so they aren't
/// written through them.
pub fn refuse_links_out_of(dir: &Path, path: &Path) -> Result<(), ProjectError> {
    let nearest_existing = path
        .ancestors()
        .find(|path| path.symlink_metadata().is_ok());
    let Some(existing) = nearest_existing else {
        return Ok(());
    };
    let is_inside = existing
        .canonicalize()
        .and_then(|existing| Ok(existing.starts_with(dir.canonicalize()?)));
    match is_inside {
        Ok(false) => {
            let path = render::shown(&existing.display().to_string());
            Err(ProjectError::Refused(format!(
                "Nothing was written.\n{path} leads out of the project."
            )))
        }
        Ok(true) | Err(_) => Ok(()),
    }
}
