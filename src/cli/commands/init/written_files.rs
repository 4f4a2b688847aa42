//! Writes the files of `init`, and names what a person has to edit in them.

use std::fmt::Write;
use std::path::Path;

use crate::cli::error::CommandError;
use crate::onboarding::init::{IGNORED, InitFile, places_to_edit};
use crate::project::atomic_write::{write, write_in_new_folder};
use crate::project::files::read_own;
use crate::project::paths::refuse_links_out_of;
use crate::render;

/// What becomes of a generated file that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Existing {
    Stays,
    /// It is written as it would be now.
    IsRefreshed,
}

/// Writes the files that are missing, after every check. Returns what was done with each, and what is to be edited.
pub(super) fn write_files(
    folder: &Path,
    files: &[InitFile],
    existing: Existing,
) -> Result<String, CommandError> {
    refuse_files_for_folders(folder, files.iter().map(|file| &*file.path))?;
    for file in files {
        refuse_links_out_of(folder, &folder.join(&*file.path))?;
    }
    let mut text = String::new();
    let mut missing = Vec::new();
    let mut there = Vec::new();
    for file in files {
        let path = folder.join(&*file.path);
        if path.symlink_metadata().is_err() {
            let _ = writeln!(text, "wrote {}", file.path);
            missing.push((path, file));
        } else if file.is_generated && existing == Existing::IsRefreshed {
            text += &refresh(folder, file)?;
        } else {
            let _ = writeln!(text, "left as it is: {}", file.path);
            there.push(file);
        }
    }
    // rosterctl.yaml comes first in the list and makes the folder a project, so it is written last.
    for (path, file) in missing.iter().rev() {
        write_in_new_folder(path, &file.text)?;
    }
    text += &missing_in_gitignore(folder, &there)?;
    let mut edits = String::new();
    for file in files {
        edits += &edits_of(folder, file)?;
    }
    if !edits.is_empty() {
        let _ = write!(text, "\nTo edit:\n{edits}");
    }
    Ok(text)
}

/// Writes a generated file as it would be now.
fn refresh(folder: &Path, file: &InitFile) -> Result<String, CommandError> {
    let now = read_own(folder, &file.path).map_err(CommandError::Misused)?;
    if now.as_deref() == Some(&file.text) {
        return Ok(format!("left as it is: {}\n", file.path));
    }
    write(&folder.join(&*file.path), &file.text)?;
    Ok(format!("updated {}\n", file.path))
}

/// The places of a file that a person has to edit, as it is on disk now.
fn edits_of(folder: &Path, file: &InitFile) -> Result<String, CommandError> {
    let text = read_own(folder, &file.path).map_err(CommandError::Misused)?;
    let mut lines = String::new();
    for (line, what) in places_to_edit(&text.unwrap_or_default()) {
        let _ = writeln!(lines, "  {}:{line}\n      {what}", file.path);
    }
    Ok(lines)
}

/// What a `.gitignore` that was there already should name, too.
fn missing_in_gitignore(folder: &Path, there: &[&InitFile]) -> Result<String, CommandError> {
    const GITIGNORE: &str = ".gitignore";
    if !there.iter().any(|file| file.path == GITIGNORE) {
        return Ok(String::new());
    }
    let text = read_own(folder, GITIGNORE).map_err(CommandError::Misused)?;
    let text = text.unwrap_or_default();
    let names = |name: &str| {
        text.lines()
            .any(|line| line.trim().trim_start_matches('/') == name)
    };
    let missing: Vec<&str> = IGNORED
        .iter()
        .copied()
        .filter(|name| !names(name))
        .collect();
    if missing.is_empty() {
        return Ok(String::new());
    }
    Ok(format!(
        "Add to .gitignore what it doesn't name: {}.\n",
        missing.join(", ")
    ))
}

/// Refuses before anything is written if a file is where a folder is needed.
fn refuse_files_for_folders<'n>(
    folder: &Path,
    names: impl Iterator<Item = &'n str>,
) -> Result<(), CommandError> {
    for name in names {
        let path = folder.join(name);
        let file = path
            .ancestors()
            .skip(1)
            .find(|path| path.exists())
            .filter(|path| !path.is_dir());
        if let Some(file) = file {
            let file = render::shown(&file.display().to_string());
            return Err(CommandError::Refused(format!(
                "Nothing was written.\n{file} is a file where a folder is due."
            )));
        }
    }
    Ok(())
}
