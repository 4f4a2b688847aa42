//! Compares the declared users with those of a git commit, for `--base`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

use crate::domain::{FieldPolicy, Policy, Roster, Scope};
use crate::findings::Unreadable;
use crate::findings::source::Sources;
use crate::manifest::CsvSource;
use crate::manifest::sealed::{RecipientChanges, Recipients, SealedTable, Sealing};
use crate::project::check::ManifestCheck;
use crate::project::error::ProjectError;
use crate::project::files::{
    GitFilter, Manifests, Revision, RevisionError, name_beside, read_beside, refuse_filtered,
};
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
    /// What it says about fields.
    pub fields: Option<FieldPolicy>,
    pub commit: String,
    /// Whether the manifests of the base commit are free of errors. If they aren't, every user counts as edited.
    pub is_base_valid: bool,
    /// Overlays whose content at the base commit can't be read. Edits of them aren't seen.
    pub unseen_overlays: BTreeMap<String, UnseenOverlay>,
    /// Who can open sealed overlays since this change, and who can't any longer.
    pub recipients: RecipientChanges,
}

/// Why an overlay can't be read at the base commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnseenOverlay {
    /// Only a filter of git can show it.
    Filtered(GitFilter),
    /// It is sealed for other keys than those of this run.
    Sealed,
}

impl UnseenOverlay {
    /// Words that come after the name of the file.
    pub fn words(self) -> &'static str {
        match self {
            Self::Filtered(filter) => filter.words(),
            Self::Sealed => "can't be opened with the key of this run",
        }
    }
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
        let csvs = CsvsAtBase::new(&revision, folder, project);
        let base_roster = roster_at(&csvs, folder, project, (manifests, sources));
        let unseen_overlays = csvs.unseen()?;
        // A rotation must hide no edit: what can't be compared counts as changed.
        let is_sealed_unseen = unseen_overlays
            .values()
            .any(|why| *why == UnseenOverlay::Sealed);
        let base_roster = base_roster.filter(|_| !is_sealed_unseen);
        let scope = Scope::since(
            &loaded.roster,
            base_roster.as_ref(),
            self.changed == ChangedUsers::Alone,
        );
        Ok(BaseChanges {
            scope,
            fields: base_project.as_ref().map(|project| project.fields.clone()),
            recipients: changed_recipients(&loaded.project, base_project.as_ref()),
            policy: base_project.map(|project| project.policy),
            commit: revision.commit().to_owned(),
            is_base_valid: base_roster.is_some(),
            unseen_overlays,
        })
    }
}

/// Who can open sealed overlays by this change. If nobody knows who could before, everybody counts as added.
fn changed_recipients(project: &Project, base: Option<&Project>) -> RecipientChanges {
    let nobody = Recipients::default();
    let before = base.map_or(&nobody, |base| &base.recipients);
    project.recipients.changes_since(before)
}

/// `rosterctl.yaml` of a commit; `None` if it is missing or invalid.
fn settings_at(
    revision: &Revision,
    sources: &mut Sources,
) -> Result<Option<Project>, ProjectError> {
    let bytes = revision.bytes(PROJECT_FILE)?;
    refuse_filtered(PROJECT_FILE, bytes.as_deref().unwrap_or_default())?;
    let Some(text) = bytes.and_then(|bytes| String::from_utf8(bytes).ok()) else {
        return Ok(None);
    };
    let file = sources.add(PROJECT_FILE, text);
    Ok(project(file, &sources.file(file).text).ok())
}

/// The users that a commit declares; `None` if its manifests have errors.
fn roster_at(
    csvs: &CsvsAtBase<'_>,
    folder: ProjectFolder<'_>,
    project: &Project,
    (manifests, sources): (Manifests, Sources),
) -> Option<Roster> {
    let check = ManifestCheck {
        today: folder.today,
        project: Some(project),
        searched: "",
        read_csv: &|manifest, csv| csvs.read(manifest, csv),
        keyring: folder.keyring,
        checks_recipients: false,
        memory: None,
    };
    check.run(manifests, sources).into_roster().ok()
}

/// The CSVs of the base commit.
struct CsvsAtBase<'r> {
    revision: &'r Revision,
    folder: ProjectFolder<'r>,
    project: &'r Project,
    unseen: RefCell<BTreeMap<String, UnseenOverlay>>,
    /// Why the first CSV that is needed can't be read.
    failed: RefCell<Option<RevisionError>>,
}

impl<'r> CsvsAtBase<'r> {
    fn new(revision: &'r Revision, folder: ProjectFolder<'r>, project: &'r Project) -> Self {
        Self {
            revision,
            folder,
            project,
            unseen: RefCell::default(),
            failed: RefCell::default(),
        }
    }

    /// The overlays that couldn't be seen. Fails if a CSV couldn't be read.
    fn unseen(self) -> Result<BTreeMap<String, UnseenOverlay>, RevisionError> {
        match self.failed.into_inner() {
            Some(error) => Err(error),
            None => Ok(self.unseen.into_inner()),
        }
    }

    /// A CSV at the commit. If git doesn't have it, or an overlay can't be seen, the file on disk is used, as if the change
    /// left it the same.
    fn read(&self, manifest: &Path, csv: &CsvSource) -> Result<Option<Vec<u8>>, Unreadable> {
        let dir = self.folder.dir;
        let manifest = manifest.strip_prefix(dir).unwrap_or(manifest);
        let manifest = manifest.to_string_lossy().replace('\\', "/");
        let name = name_beside(&manifest, &csv.path.value);
        match self.at_base(&name, csv) {
            Ok(Some(bytes)) => Ok(Some(bytes)),
            // Counted from the project's root, because the manifest's folder may have moved since.
            Ok(None) => read_beside(dir, &dir.join(PROJECT_FILE), &name),
            Err(error) => {
                self.failed.borrow_mut().get_or_insert(error);
                Err(Unreadable::new("can't be read from git", "see git's words"))
            }
        }
    }

    fn at_base(&self, name: &str, csv: &CsvSource) -> Result<Option<Vec<u8>>, RevisionError> {
        let Some(bytes) = self.revision.bytes(name)? else {
            return Ok(None);
        };
        if !csv.is_overlay {
            refuse_filtered(name, &bytes)?;
        } else if let Some(why) = self.hides(&bytes, csv) {
            self.unseen.borrow_mut().insert(name.to_owned(), why);
            return Ok(None);
        }
        Ok(Some(bytes))
    }

    /// Why an overlay can't be seen.
    fn hides(&self, bytes: &[u8], csv: &CsvSource) -> Option<UnseenOverlay> {
        if let Some(filter) = GitFilter::of(bytes) {
            return Some(UnseenOverlay::Filtered(filter));
        }
        let keys = self
            .folder
            .keyring
            .keys()
            .ok()
            .flatten()
            .filter(|_| csv.is_sealed)?;
        let sealing = Sealing {
            organisation: self.project.organisation,
            recipients: None,
            keys: Some(keys),
        };
        let text = String::from_utf8_lossy(bytes);
        let is_open = SealedTable::opens(&text, sealing);
        (!is_open).then_some(UnseenOverlay::Sealed)
    }
}
