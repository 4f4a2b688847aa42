//! The folder for drafted manifests, and the reasons for refusing to write to it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::findings::source::Sources;
use crate::onboarding::export::Draft;
use crate::onboarding::init::{EXAMPLE, MANIFEST};
use crate::project::atomic_write::write_in_new_folder;
use crate::project::error::ProjectError;
use crate::project::files::read_project;
use crate::project::paths::{below, refuse_links_out_of, relative_to};
use crate::project::settings::Project;
use crate::render;

/// Where a command writes manifests, and what it may overwrite.
pub struct OutputRequest<'r> {
    /// The folder to write to. If `None`, the project's first folder of manifests.
    pub folder: Option<&'r Path>,
    pub overwrite: Overwrite,
    pub advice: OverwriteAdvice,
}

/// Whether existing files may be overwritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overwrite {
    Refuse,
    /// `--force`
    Force,
}

/// The advice in a refusal.
#[derive(Clone, Copy)]
pub struct OverwriteAdvice {
    /// The flags that write to another place.
    pub elsewhere: &'static str,
    /// What to do about manifests that declare the same people.
    pub first: &'static str,
}

/// The folder for a draft.
pub struct OutputFolder<'p> {
    pub folder: PathBuf,
    dir: &'p Path,
    project: &'p Project,
    /// Whether the project reads manifests from this folder. Other manifests may then declare the same people.
    is_read: bool,
    overwrite: Overwrite,
    advice: OverwriteAdvice,
}

impl<'p> OutputFolder<'p> {
    /// Chooses the folder. If the project reads it, a link from it out of the project is refused.
    pub fn of(
        dir: &'p Path,
        project: &'p Project,
        request: &OutputRequest<'_>,
    ) -> Result<Self, ProjectError> {
        let (folder, is_read) = match request.folder {
            Some(folder) => (folder.to_owned(), is_read(dir, project, folder)),
            None => (below(dir, own_folder(project)?), true),
        };
        if is_read {
            refuse_links_out_of(dir, &folder)?;
        }
        Ok(Self {
            folder,
            dir,
            project,
            is_read,
            overwrite: request.overwrite,
            advice: request.advice,
        })
    }

    /// Makes every check before anything is written. `others` are the files to write that aren't manifests.
    pub fn check(&self, draft: &Draft, others: &[PathBuf]) -> Result<(), ProjectError> {
        let manifests = draft.manifests();
        let manifests: Vec<PathBuf> = manifests
            .keys()
            .map(|path| self.folder.join(path))
            .collect();
        if self.is_read {
            for path in &manifests {
                refuse_links_out_of(self.dir, path)?;
            }
        }
        let all: Vec<&PathBuf> = manifests.iter().chain(others).collect();
        refuse_folders(&all)?;
        if self.overwrite == Overwrite::Refuse {
            self.refuse_to_overwrite(&all)?;
        }
        if self.is_read {
            self.refuse_to_declare_twice(&manifests)?;
        }
        Ok(())
    }

    /// Writes the manifests. Removes the example that `init` wrote, because real users replace it, and returns its path.
    pub fn write(&self, draft: &Draft) -> Result<Option<&'static str>, ProjectError> {
        for (path, text) in draft.manifests() {
            write_in_new_folder(&self.folder.join(path), &text)?;
        }
        let example = self.dir.join(EXAMPLE);
        if self.is_read && is_example(&example) {
            fs::remove_file(&example).map_err(|source| {
                ProjectError::io(format!("{} can't be removed", example.display()), source)
            })?;
            return Ok(Some(EXAMPLE));
        }
        Ok(None)
    }

    fn refuse_to_overwrite(&self, files: &[&PathBuf]) -> Result<(), ProjectError> {
        let mut existing = Vec::new();
        for path in files {
            if path.symlink_metadata().is_ok() {
                existing.push(*path);
            }
        }
        if existing.is_empty() {
            return Ok(());
        }
        let files = render::count(existing.len(), "file is", "files are");
        Err(ProjectError::Refused(format!(
            "Nothing was written.\n{files} there already: {}.\n`--force` overwrites; {}.",
            some_names(&existing),
            self.advice.elsewhere
        )))
    }

    /// Refuses if the project has other manifests, because they would declare the same people a second time.
    fn refuse_to_declare_twice(&self, own: &[PathBuf]) -> Result<(), ProjectError> {
        let mut sources = Sources::default();
        let existing = read_project(self.dir, &self.project.manifests, &mut sources).files;
        let own: BTreeSet<&Path> = own.iter().map(|path| without_dot(path)).collect();
        let mut others = Vec::new();
        for (_, path) in &existing {
            if !own.contains(without_dot(path)) && !is_example(path) {
                others.push(without_dot(path));
            }
        }
        if others.is_empty() {
            return Ok(());
        }
        let manifests = render::count(others.len(), "manifest declares", "manifests declare");
        Err(ProjectError::Refused(format!(
            "Nothing was written.\n{manifests} users of this project already: {}.\n{} Or `--dir` writes to a folder that isn't read, to be compared.",
            some_names(&others),
            self.advice.first
        )))
    }
}

/// Whether the project reads manifests from this folder.
fn is_read(dir: &Path, project: &Project, folder: &Path) -> bool {
    project
        .manifests
        .iter()
        .any(|path| relative_to(&dir.join(path), folder).is_ok_and(|below| below.is_some()))
}

/// The project's first folder of manifests.
fn own_folder(project: &Project) -> Result<&str, ProjectError> {
    let is_file = |path: &str| {
        let extension = Path::new(path).extension();
        extension.is_some_and(|end| end == "yaml" || end == "yml")
    };
    let folder = project.manifests.iter().find(|path| !is_file(path));
    folder.map(String::as_str).ok_or_else(|| {
        let words =
            "`manifests` in rosterctl.yaml names no folder to write to; add one, or write elsewhere with `--dir`";
        ProjectError::Misused(words.to_owned())
    })
}

/// Whether a manifest is the example that `init` writes. The people in it aren't real, so it may be replaced.
fn is_example(path: &Path) -> bool {
    // Git for Windows may have given it other line ends.
    fs::read_to_string(path).is_ok_and(|text| text.replace("\r\n", "\n") == MANIFEST)
}

fn without_dot(path: &Path) -> &Path {
    path.strip_prefix(".").unwrap_or(path)
}

/// Refuses if a folder has the name of a file to write. A failure midway would leave half of the files written.
fn refuse_folders(files: &[&PathBuf]) -> Result<(), ProjectError> {
    let Some(folder) = files.iter().find(|path| path.is_dir()) else {
        return Ok(());
    };
    let folder = render::shown(&folder.display().to_string());
    Err(ProjectError::Refused(format!(
        "Nothing was written.\n{folder} is a folder, and a file is to be written there."
    )))
}

/// The names of the first few files, and the number of the others.
fn some_names(files: &[impl AsRef<Path>]) -> String {
    let mut names = Vec::new();
    for path in files.iter().take(MAX_NAMES) {
        names.push(render::shown(&path.as_ref().display().to_string()));
    }
    if files.len() > MAX_NAMES {
        names.push(format!("{} more", files.len() - MAX_NAMES));
    }
    names.join(", ")
}

/// Maximum number of names, so that they fit on one or two lines.
const MAX_NAMES: usize = 5;
