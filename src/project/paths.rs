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
