//! What is found in one manifest by itself, without tables and other files: quick, and enough to try a change of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::clock::Clock;
use crate::findings::Finding;
use crate::findings::source::Sources;
use crate::project::check::ManifestCheck;
use crate::project::files::Manifests;
use crate::project::keyring::AgeKeyring;
use crate::project::load::ProjectFolder;
use crate::project::settings::{PROJECT_FILE, Project, project};

/// A manifest, or `rosterctl.yaml`, of a project.
pub(super) struct SingleFile<'f> {
    pub(super) root: &'f Path,
    /// The name from the project's folder.
    pub(super) name: &'f str,
    pub(super) path: &'f PathBuf,
    pub(super) settings: Option<&'f Project>,
    pub(super) clock: Clock,
}

impl SingleFile<'_> {
    /// The findings if the file had this text.
    pub(super) fn findings(&self, text: &Arc<String>) -> (Vec<Finding>, Sources) {
        let mut sources = Sources::default();
        let file = sources.add(self.name, Arc::clone(text));
        if self.name == PROJECT_FILE {
            return (project(file, text).err().unwrap_or_default(), sources);
        }
        let manifests = Manifests {
            files: vec![(file, self.path.clone())],
            ..Manifests::default()
        };
        let keyring = AgeKeyring::default();
        let folder = ProjectFolder::new(self.root, self.clock, &keyring);
        let check = ManifestCheck {
            today: folder.today,
            project: self.settings,
            searched: "",
            read_csv: &|_, _| Ok(None),
            keyring: &keyring,
            checks_recipients: false,
            memory: None,
        };
        let checked = check.run(manifests, sources);
        (checked.findings, checked.sources)
    }
}
