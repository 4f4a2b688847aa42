//! Loads a project: `rosterctl.yaml`, its manifests, and the users that they declare.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use encoding_rs::WINDOWS_1252;
use jiff::civil::Date;
use tracing::info;

use crate::domain::clock::Clock;
use crate::domain::{Roster, london};
use crate::findings::source::Sources;
use crate::findings::{Unreadable, tally};
use crate::manifest::csv_format::Encoding;
use crate::manifest::schema::ProjectDefaults;
use crate::manifest::workbook::is_workbook;
use crate::manifest::{self, CsvSource};
use crate::project::check::{CheckedManifests, ManifestCheck};
use crate::project::error::ProjectError;
use crate::project::file_memory::FileMemory;
use crate::project::files::{
    Manifests, is_manifest, or_here, read_beside, read_named, read_own, read_project,
};
use crate::project::keyring::AgeKeyring;
use crate::project::paths::{with_slashes, without_detours};
use crate::project::settings::{PROJECT_FILE, Project, project};
use crate::project::unsaved_texts::UnsavedTexts;

/// A project's folder, and the date for checking its manifests.
#[derive(Clone, Copy, Debug)]
pub struct ProjectFolder<'f> {
    pub dir: &'f Path,
    /// The date in London. A date of birth after it is in the future.
    pub today: Date,
    /// What opens sealed overlays.
    pub keyring: &'f AgeKeyring,
    /// The last check, if there was one in this process.
    memory: Option<&'f FileMemory>,
}

/// A project without errors.
pub struct LoadedProject {
    pub project: Project,
    pub roster: Roster,
    /// The number of warnings on its manifests.
    pub warnings: usize,
}

impl<'f> ProjectFolder<'f> {
    pub fn new(dir: &'f Path, clock: Clock, keyring: &'f AgeKeyring) -> Self {
        let london = london::zone();
        Self {
            dir,
            today: clock.now().to_zoned_datetime(london).date(),
            keyring,
            memory: None,
        }
    }

    /// The same folder, of which only changed files are read again.
    #[must_use]
    pub fn remembered_in(self, memory: &'f FileMemory) -> Self {
        Self {
            memory: Some(memory),
            ..self
        }
    }

    /// The settings in `rosterctl.yaml`, or `None` if the file is missing.
    pub fn find_settings(&self) -> Result<Option<Project>, ProjectError> {
        let read = self.read_settings(&UnsavedTexts::default())?;
        Ok(read.map(|(project, _)| project))
    }

    /// The settings in `rosterctl.yaml`. Fails if the file is missing.
    pub fn settings(&self) -> Result<Project, ProjectError> {
        self.find_settings()?.ok_or_else(|| self.no_settings())
    }

    /// The project. Fails if its settings or its manifests have an error.
    pub fn load(&self) -> Result<LoadedProject, ProjectError> {
        let (project, checked) = self.check()?;
        let (_, warnings) = tally(&checked.findings);
        let roster = checked.into_roster()?;
        info!("declared users: {}", roster.users().len());
        Ok(LoadedProject {
            project,
            roster,
            warnings,
        })
    }

    /// The settings, and the manifests with every finding. Errors in the manifests are returned as findings; any other error
    /// ends the check.
    pub fn check(&self) -> Result<(Project, CheckedManifests), ProjectError> {
        self.check_edited(&UnsavedTexts::default())
    }

    /// The same with some texts in the place of those on disk.
    pub fn check_edited(
        &self,
        unsaved: &UnsavedTexts,
    ) -> Result<(Project, CheckedManifests), ProjectError> {
        let read = self.read_settings(unsaved)?;
        let (project, mut sources) = read.ok_or_else(|| self.no_settings())?;
        if let (Some(memory), Some(settings)) = (self.memory, sources.named(PROJECT_FILE)) {
            memory.begin(&sources.file(settings).text, self.today);
        }
        let mut manifests = read_project(self.dir, &project.manifests, &mut sources);
        put_in(&mut sources, &manifests, unsaved);
        self.add_new(&project, &mut manifests, (&mut sources, unsaved));
        let searched = project.manifests.join(", ");
        let read = (manifests, sources);
        let checked = self.check_files(Some(&project), &searched, read, unsaved);
        Ok((project, checked))
    }

    /// The manifests at these paths, with every finding. If there is a project, its defaults apply.
    pub fn check_paths(
        &self,
        paths: &[PathBuf],
        unsaved: &UnsavedTexts,
    ) -> Result<CheckedManifests, ProjectError> {
        let (project, mut sources) = match self.read_settings(unsaved)? {
            Some((project, sources)) => (Some(project), sources),
            None => (None, Sources::default()),
        };
        let manifests = read_named(paths, &mut sources);
        put_in(&mut sources, &manifests, unsaved);
        let searched: Vec<_> = paths.iter().map(|path| path.to_string_lossy()).collect();
        let read = (manifests, sources);
        Ok(self.check_files(project.as_ref(), &searched.join(", "), read, unsaved))
    }

    /// The keys that defaults and overlays give users, for the schema that editors use. Leaves out files that can't be read.
    pub fn defaults(&self, project: &Project) -> ProjectDefaults {
        let mut sources = Sources::default();
        let files = read_project(self.dir, &project.manifests, &mut sources).files;
        let mut documents = Vec::new();
        for (file, _) in &files {
            let (of_file, _) = manifest::parse(*file, &sources.file(*file).text);
            documents.extend(of_file);
        }
        let mut defaults = project.given();
        for csv in manifest::csv_sources(&documents) {
            defaults.keys.extend(CsvSource::overlaid(&csv));
        }
        defaults
    }

    /// The settings, and the text that their findings and defaults point to.
    fn read_settings(
        &self,
        unsaved: &UnsavedTexts,
    ) -> Result<Option<(Project, Sources)>, ProjectError> {
        let text = match unsaved.get(&self.dir.join(PROJECT_FILE)) {
            Some(text) => Some(text.to_string()),
            None => read_own(self.dir, PROJECT_FILE).map_err(ProjectError::Misused)?,
        };
        let Some(text) = text else {
            return Ok(None);
        };
        let mut sources = Sources::default();
        let file = sources.add(PROJECT_FILE, text);
        match project(file, &sources.file(file).text) {
            Ok(project) => Ok(Some((project, sources))),
            Err(findings) => Err(ProjectError::Invalid { findings, sources }),
        }
    }

    /// Adds the unsaved texts that are manifests of the project by their path, and that no file stands for yet.
    fn add_new(
        &self,
        project: &Project,
        manifests: &mut Manifests,
        (sources, unsaved): (&mut Sources, &UnsavedTexts),
    ) {
        for (path, text) in unsaved.iter() {
            let Ok(below) = path.strip_prefix(self.dir) else {
                continue;
            };
            let name = with_slashes(below);
            let is_listed = project
                .manifests
                .iter()
                .any(|listed| is_manifest(listed.trim_end_matches('/'), &name));
            if is_listed && sources.named(&name).is_none() {
                let file = sources.add(name, Arc::clone(text));
                manifests.files.push((file, path.clone()));
            }
        }
    }

    fn check_files(
        &self,
        project: Option<&Project>,
        searched: &str,
        (manifests, sources): (Manifests, Sources),
        unsaved: &UnsavedTexts,
    ) -> CheckedManifests {
        let check = ManifestCheck {
            today: self.today,
            project,
            searched,
            read_csv: &|manifest, csv| match unsaved_table(manifest, csv, unsaved) {
                Some(bytes) => Ok(Some(bytes)),
                None => self.read_csv(manifest, &csv.path.value),
            },
            keyring: self.keyring,
            checks_recipients: true,
            memory: self.memory,
        };
        check.run(manifests, sources)
    }

    /// Reads a CSV for a manifest. The command line can name a manifest outside the project; it can then use only files
    /// below its own folder.
    pub(crate) fn read_csv(
        &self,
        manifest: &Path,
        name: &str,
    ) -> Result<Option<Vec<u8>>, Unreadable> {
        let root = if is_below(self.dir, manifest) {
            self.dir
        } else {
            manifest.parent().unwrap_or(self.dir)
        };
        read_beside(root, manifest, name)
    }

    fn no_settings(&self) -> ProjectError {
        let folder = if self.dir == Path::new(".") {
            "this folder".to_owned()
        } else {
            self.dir.display().to_string()
        };
        let has_settings = |dir: &&Path| or_here(dir).join(PROJECT_FILE).exists();
        let help = match self.dir.ancestors().skip(1).find(has_settings) {
            Some(above) => format!("type `-C {}`", or_here(above).display()),
            None => "`-C DIR` names the project's folder".to_owned(),
        };
        ProjectError::Misused(format!("{folder} has no {PROJECT_FILE}; {help}"))
    }
}

/// Puts texts in the place of those of manifests.
fn put_in(sources: &mut Sources, manifests: &Manifests, unsaved: &UnsavedTexts) {
    if unsaved.is_empty() {
        return;
    }
    for (file, path) in &manifests.files {
        if let Some(text) = unsaved.get(path) {
            sources.replace(*file, Arc::clone(text));
        }
    }
}

/// The bytes that a CSV would have if it were saved now. Workbooks aren't texts.
fn unsaved_table(manifest: &Path, csv: &CsvSource, unsaved: &UnsavedTexts) -> Option<Vec<u8>> {
    if unsaved.is_empty() || is_workbook(&csv.path.value) {
        return None;
    }
    let path = manifest.parent()?.join(&csv.path.value);
    let text = unsaved.get(&without_detours(&path).ok()?)?;
    Some(match csv.encoding {
        Encoding::Utf8 => text.as_bytes().to_vec(),
        Encoding::Windows1252 => WINDOWS_1252.encode(text).0.into_owned(),
    })
}

fn is_below(root: &Path, manifest: &Path) -> bool {
    match (manifest.canonicalize(), root.canonicalize()) {
        (Ok(manifest), Ok(root)) => manifest.starts_with(root),
        (Err(_), _) | (_, Err(_)) => false,
    }
}
