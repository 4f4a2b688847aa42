//! Finds the project that a command works on: in the current folder, or in the nearest folder above it, as git does.

use std::path::{Path, PathBuf};

use crate::apply::platform;
use crate::project::error::ProjectError;
use crate::project::settings::{Environment, PROJECT_FILE};
use crate::render;

/// The project's folder, relative to the current one: `.`, `..`, `../..`. It is `.` if there is no project at all.
///
/// Fails if the nearest project above belongs to somebody else. Anybody may write a `rosterctl.yaml` into a shared folder such
/// as `/tmp`, and a command below it would then read another organisation's settings, or send requests for it.
pub fn find_project(current: &Path, environment: &Environment) -> Result<PathBuf, ProjectError> {
    for (levels, folder) in current.ancestors().enumerate() {
        if folder.join(PROJECT_FILE).symlink_metadata().is_err() {
            continue;
        }
        if levels == 0 {
            break;
        }
        if !is_own(folder, environment) {
            let folder = render::shown(&folder.display().to_string());
            return Err(ProjectError::Misused(format!(
                "{PROJECT_FILE} in {folder} belongs to another user, so it isn't used from a folder below; if you trust that project, name it: `-C {folder}`"
            )));
        }
        return Ok(std::iter::repeat_n("..", levels).collect());
    }
    Ok(PathBuf::from("."))
}

/// Checks a folder that the command line names. Fails with what to type if it is a file or isn't there.
pub fn named_project(dir: &Path) -> Result<(), ProjectError> {
    if dir.is_dir() {
        return Ok(());
    }
    let shown = render::shown(&dir.display().to_string());
    let words = if dir.exists() {
        let folder = match dir.parent() {
            Some(folder) if folder != Path::new("") => folder,
            Some(_) | None => Path::new("."),
        };
        let folder = render::shown(&folder.display().to_string());
        format!("`-C` takes a folder, and {shown} is a file; type `-C {folder}`")
    } else {
        format!("there is no folder {shown}; `-C DIR` names the project's folder")
    };
    Err(ProjectError::Misused(words))
}

/// Whether the folder and its `rosterctl.yaml` belong to this user.
fn is_own(folder: &Path, environment: &Environment) -> bool {
    let home = environment.home.as_deref();
    platform::is_own(
        folder,
        &folder.join(PROJECT_FILE),
        home,
        environment.sudo_user,
    )
}
