//! Compares the declared users with those of a git commit, for `--base`.

use std::path::Path;

use crate::domain::{Policy, Roster, Scope};
use crate::findings::Unreadable;
use crate::findings::source::Sources;
use crate::project::check::ManifestCheck;
use crate::project::error::ProjectError;
use crate::project::files::{Manifests, Revision, name_beside, read_beside};
use crate::project::load::{LoadedProject, ProjectFolder};
use crate::project::settings::{PROJECT_FILE, Project, project};

/// The commit to compare the declared users with, and which users to plan.
pub struct BaseScope {
    pub since: BaseCommit,
    pub changed: ChangedUsers,
}

pub enum BaseCommit {
    /// The newest common ancestor of this reference and HEAD.
    MergeBase(String),
    Commit(String),
}

/// Whether to plan users that the change doesn't edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangedUsers {
    WithTheRest,
    Alone,
}

/// The differences between the manifests and those of the base commit.
pub struct BaseChanges {
    pub scope: Scope,
    /// The policy at the base commit, if its `rosterctl.yaml` is valid.
    pub policy: Option<Policy>,
    pub commit: String,
    /// Whether the manifests of the base commit are free of errors. If they aren't, every user counts as edited.
    pub is_base_valid: bool,
}

impl BaseScope {
    /// Compares the declared users with those of the base commit.
    pub fn changes(
        &self,
        folder: ProjectFolder<'_>,
        loaded: &LoadedProject,
    ) -> Result<BaseChanges, ProjectError> {
        let revision = match &self.since {
            BaseCommit::MergeBase(reference) => Revision::merge_base(folder.dir, reference)?,
            BaseCommit::Commit(commit) => Revision::at(folder.dir, commit)?,
        };
        let mut sources = Sources::default();
        let base_project = settings_at(&revision, &mut sources)?;
        let project = base_project.as_ref().unwrap_or(&loaded.project);
        let manifests = revision.read_project(&project.manifests, &mut sources)?;
        let base_roster = roster_at(&revision, folder, project, (manifests, sources));
        let scope = Scope::since(
            &loaded.roster,
            base_roster.as_ref(),
            self.changed == ChangedUsers::Alone,
        );
        Ok(BaseChanges {
            scope,
            policy: base_project.map(|project| project.policy),
            commit: revision.commit().to_owned(),
            is_base_valid: base_roster.is_some(),
        })
    }
}

/// `rosterctl.yaml` of a commit; `None` if it is missing or invalid.
fn settings_at(
    revision: &Revision,
    sources: &mut Sources,
) -> Result<Option<Project>, ProjectError> {
    let bytes = revision.bytes(PROJECT_FILE)?;
    let Some(text) = bytes.and_then(|bytes| String::from_utf8(bytes).ok()) else {
        return Ok(None);
    };
    let file = sources.add(PROJECT_FILE, text);
    Ok(project(file, &sources.file(file).text).ok())
}

/// The users that a commit declares; `None` if its manifests have errors.
fn roster_at(
    revision: &Revision,
    folder: ProjectFolder<'_>,
    project: &Project,
    (manifests, sources): (Manifests, Sources),
) -> Option<Roster> {
    let check = ManifestCheck {
        today: folder.today,
        project: Some(project),
        searched: "",
        read_csv: &|manifest, name| read_csv_at(revision, folder.dir, manifest, name),
    };
    check.run(manifests, sources).into_roster().ok()
}

/// A CSV at the commit. If git doesn't have it, the file on disk is used, as if the change left it the same.
fn read_csv_at(
    revision: &Revision,
    dir: &Path,
    manifest: &Path,
    name: &str,
) -> Result<Option<Vec<u8>>, Unreadable> {
    let manifest = manifest.strip_prefix(dir).unwrap_or(manifest);
    let name = name_beside(&manifest.to_string_lossy().replace('\\', "/"), name);
    match revision.bytes(&name) {
        Ok(Some(bytes)) => Ok(Some(bytes)),
        // Counted from the project's root, because the manifest's folder may have moved since.
        Ok(None) => read_beside(dir, &dir.join(PROJECT_FILE), &name),
        Err(_) => Err(Unreadable::new(
            "can't be read by git",
            "look at the repository",
        )),
    }
}
