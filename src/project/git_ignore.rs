//! Keeps files with personal data out of git.

use std::path::Path;

use crate::project::atomic_write::write;
use crate::project::error::ProjectError;
use crate::project::files::{GitSees, git_sees, read_own};
use crate::project::paths::{relative_to, with_slashes};
use crate::render;

const GITIGNORE: &str = ".gitignore";

/// Adds a file of the project to `.gitignore`, unless git already ignores it. Does nothing for a file outside the project.
pub fn keep_out_of_git(dir: &Path, file: &Path) -> Result<(), ProjectError> {
    let Some(below_root) = relative_to(dir, file)? else {
        return Ok(());
    };
    let path = with_slashes(&below_root);
    let text = read_own(dir, GITIGNORE)
        .map_err(ProjectError::Misused)?
        .unwrap_or_default();
    // A later line with `!` can undo an earlier one.
    let is_named = text.lines().any(|line| is_named_by(&path, line))
        && !text.lines().any(|line| line.starts_with('!'));
    if sees(dir, &path)? != Some(GitSees::Nothing) && !is_named {
        let gap = if text.is_empty() || text.ends_with('\n') {
            ""
        } else {
            "\n"
        };
        let with_line = format!("{text}{gap}/{}\n", pattern(&path));
        write(&dir.join(GITIGNORE), &with_line)?;
    }
    refuse_if_seen(dir, &path, file)
}

/// Refuses if git doesn't ignore the file. `path` is its path from the project's root, with slashes.
fn refuse_if_seen(dir: &Path, path: &str, file: &Path) -> Result<(), ProjectError> {
    let name = render::shown(&file.display().to_string());
    match sees(dir, path)? {
        Some(GitSees::Tracked) => Err(ProjectError::Refused(format!(
            "Nothing was written.\n{name} is in git already; `git rm --cached` takes it out of what is committed next."
        ))),
        Some(GitSees::Untracked) => Err(ProjectError::Refused(format!(
            "Nothing was written.\ngit doesn't pass over {name}; fix .gitignore, or name another file."
        ))),
        Some(GitSees::Nothing) | None => Ok(()),
    }
}

/// How git treats a file. If git refuses to say, the file might be committed, so this refuses, too.
fn sees(dir: &Path, path: &str) -> Result<Option<GitSees>, ProjectError> {
    git_sees(dir, path).map_err(|error| {
        ProjectError::Refused(format!(
            "Nothing was written.\n{}",
            render::shown(&error.to_string())
        ))
    })
}

/// Whether a line of .gitignore names this file or a folder that contains it. Patterns aren't matched here: in a repository git
/// itself says what it ignores. Elsewhere this only keeps a second line for the same file out, so a pattern that it doesn't
/// understand costs one line too many. The crate `ignore` would bring two crates to save six lines.
fn is_named_by(file: &str, line: &str) -> bool {
    let name = line.trim_start_matches('/');
    name == pattern(file)
        || (name.ends_with('/') && name.len() > 1 && pattern(file).starts_with(name))
}

/// A path as a line of .gitignore that matches no other path.
fn pattern(path: &str) -> String {
    let mut pattern = String::new();
    for character in path.chars() {
        if "\\*?[]!# ".contains(character) {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}
