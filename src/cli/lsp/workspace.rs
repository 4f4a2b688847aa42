//! The projects that are open in the editor: which there are, what was found in each, and what the editor was told of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use walkdir::{DirEntry, WalkDir};

use crate::cli::lsp::addresses::{direct_path, path_of, uri_of};
use crate::cli::lsp::buffers::Buffers;
use crate::cli::lsp::diagnostics::diagnostics;
use crate::cli::lsp::glance::glance;
use crate::cli::lsp::messages::{EditorSetup, FileDiagnostic};
use crate::domain::clock::Clock;
use crate::findings::source::{FileId, Sources};
use crate::findings::{Finding, Rule};
use crate::manifest::rules::{conflict_marker, syntax, unsupported_yaml};
use crate::manifest::validate::Declarations;
use crate::project::discover::find_project;
use crate::project::error::ProjectError;
use crate::project::file_memory::FileMemory;
use crate::project::keyring::AgeKeyring;
use crate::project::load::ProjectFolder;
use crate::project::settings::{Environment, PROJECT_FILE, Project};
use crate::project::unsaved_texts::UnsavedTexts;

/// How deep below an open folder projects are looked for. Deeper ones are found when a file of theirs is opened.
const DEPTH: usize = 4;
/// A project that takes longer is looked at after a pause, and the file that somebody types in before that.
const SLOW: Duration = Duration::from_millis(80);
/// At how many files and folders that search ends: an open folder may be a whole disk.
const MOST_ENTRIES: usize = 20_000;

/// What the server knows.
pub(super) struct Workspace {
    pub(super) setup: EditorSetup,
    pub(super) clock: Clock,
    pub(super) buffers: Buffers,
    environment: Environment,
    /// The open folders: the path without links, and the one that the editor gave.
    folders: BTreeMap<PathBuf, PathBuf>,
    /// The projects below the open folders, and those of open texts, by the path of their folder.
    projects: BTreeMap<PathBuf, EditorProject>,
    /// Whether the open folders have to be searched for projects.
    is_unsearched: bool,
}

/// A project, as it was when it was last looked at.
#[derive(Default)]
pub(super) struct EditorProject {
    /// What has changed since.
    changed: Changed,
    /// Whether looking at it takes so long that a person who types would notice.
    is_slow: bool,
    /// The settings, as they were when they could last be read.
    pub(super) settings: Option<Project>,
    pub(super) checked: Option<CheckedProject>,
    /// The last check that could read every file, if the last one couldn't: who is declared in a half-typed file.
    pub(super) former: Option<CheckedProject>,
    memory: FileMemory,
    /// What the editor was told, by the address of the file.
    told: BTreeMap<String, ToldFile>,
}

/// What has changed since a project was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Changed {
    #[default]
    Nothing,
    /// The text of one open file.
    Text(PathBuf),
    /// The same, and the editor was told what the file shows by itself.
    Glanced(PathBuf),
    Anything,
}

/// What was found in a project, and who is declared where.
pub(super) struct CheckedProject {
    pub(super) findings: Vec<Finding>,
    pub(super) sources: Sources,
    pub(super) declarations: Option<Declarations>,
}

/// What the editor was told of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct ToldFile {
    version: Option<i32>,
    diagnostics: Vec<FileDiagnostic>,
}

/// What the editor has to be told of a file.
pub(super) struct FileNews {
    pub(super) uri: String,
    pub(super) version: Option<i32>,
    pub(super) diagnostics: Vec<FileDiagnostic>,
}

/// Findings that hide what else is in a file.
static HIDING: &[&Rule] = &[
    &syntax::RULE,
    &unsupported_yaml::RULE,
    &conflict_marker::RULE,
];

impl EditorProject {
    fn is_stale(&self) -> bool {
        self.changed != Changed::Nothing
    }
}

impl CheckedProject {
    /// Whether every file could be read to its end.
    fn is_whole(&self) -> bool {
        let mut rules = self.findings.iter().map(|finding| finding.rule);
        self.declarations.is_some() && !rules.any(|rule| HIDING.contains(&rule))
    }

    /// The text of a file of the project.
    pub(super) fn file(&self, root: &Path, path: &Path) -> Option<FileId> {
        let below = path.strip_prefix(root).ok()?;
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        self.sources.named(&parts.join("/"))
    }
}

impl Workspace {
    pub(super) fn new(setup: EditorSetup, clock: Clock, environment: Environment) -> Self {
        Self {
            folders: named_folders(&setup.folders),
            setup,
            clock,
            buffers: Buffers::default(),
            environment,
            projects: BTreeMap::new(),
            is_unsearched: true,
        }
    }

    pub(super) fn is_stale(&self) -> bool {
        self.is_unsearched || self.projects.values().any(EditorProject::is_stale)
    }

    /// Whether something is quickly said of what has changed.
    pub(super) fn may_glance(&self) -> bool {
        let mut stale = self.projects.values().filter(|project| project.is_stale());
        let may_glance = |project: &EditorProject| {
            let is_asked = project.is_slow || self.setup.file_first;
            is_asked && matches!(project.changed, Changed::Text(_))
        };
        !self.is_unsearched && stale.all(may_glance)
    }

    /// Whether only projects are left of which the editor was told something already.
    pub(super) fn has_glanced(&self) -> bool {
        let mut stale = self.projects.values().filter(|project| project.is_stale());
        let has_glanced = |project: &EditorProject| matches!(project.changed, Changed::Glanced(_));
        !self.is_unsearched && stale.all(has_glanced)
    }

    /// Looks at the texts that have changed, each by itself, and returns what the editor has to be told.
    pub(super) fn glance(&mut self) -> Vec<FileNews> {
        let mut news = Vec::new();
        let roots: Vec<PathBuf> = self.projects.keys().cloned().collect();
        for root in roots {
            let project = &self.projects[&root];
            let Changed::Text(path) = project.changed.clone() else {
                continue;
            };
            let found = glance(self, (&root, project), &path);
            let uri = self.address(&path);
            let version = self.buffers.get(&path).map(|buffer| buffer.version);
            let Some(project) = self.projects.get_mut(&root) else {
                continue;
            };
            let Some(diagnostics) = found else {
                project.changed = Changed::Anything;
                continue;
            };
            project.changed = Changed::Glanced(path);
            let told = ToldFile {
                version,
                diagnostics,
            };
            project.told.insert(uri.clone(), told.clone());
            news.push(FileNews {
                uri,
                version,
                diagnostics: told.diagnostics,
            });
        }
        news
    }

    /// Notes that a file has changed, in the editor or on disk. A file of no project changes nothing.
    pub(super) fn touch(&mut self, path: &Path) {
        if path.file_name().is_some_and(|name| name == PROJECT_FILE) {
            self.touch_all();
        }
        if let Some(root) = self.root_of(path) {
            self.projects.entry(root).or_default().changed = Changed::Anything;
        }
    }

    /// Notes that somebody types in an open file.
    pub(super) fn touch_text(&mut self, path: PathBuf) {
        let is_settings = path.file_name().is_some_and(|name| name == PROJECT_FILE);
        let Some(root) = self.root_of(&path).filter(|_| !is_settings) else {
            return self.touch(&path);
        };
        let project = self.projects.entry(root).or_default();
        project.changed = match &project.changed {
            Changed::Nothing => Changed::Text(path),
            Changed::Text(former) | Changed::Glanced(former) if *former == path => {
                Changed::Text(path)
            }
            Changed::Text(_) | Changed::Glanced(_) | Changed::Anything => Changed::Anything,
        };
    }

    /// Notes that files have changed on disk. A folder that was moved away is told by its own name alone.
    pub(super) fn touch_files(&mut self, uris: &[String]) {
        for uri in uris {
            let Some(path) = path_of(uri) else {
                continue;
            };
            let path = direct_path(&path);
            self.touch(&path);
            for (root, project) in &mut self.projects {
                if root.starts_with(&path) {
                    project.changed = Changed::Anything;
                }
            }
        }
    }

    pub(super) fn touch_all(&mut self) {
        self.is_unsearched = true;
        for project in self.projects.values_mut() {
            project.changed = Changed::Anything;
        }
    }

    /// Leaves everything as it is until the next change. After a bug, looking again would only meet it again.
    pub(super) fn forgive(&mut self) {
        self.is_unsearched = false;
        for project in self.projects.values_mut() {
            project.changed = Changed::Nothing;
        }
    }

    pub(super) fn change_folders(&mut self, added: &[String], removed: &[String]) {
        for uri in removed {
            if let Some(path) = path_of(uri) {
                self.folders.remove(&direct_path(&path));
            }
        }
        self.folders.extend(named_folders(added));
        self.is_unsearched = true;
    }

    /// Looks again at every project that has changed, and returns what the editor has to be told.
    pub(super) fn refresh(&mut self) -> Vec<FileNews> {
        let mut news = Vec::new();
        if self.is_unsearched {
            news.extend(self.search());
        }
        let stale = self
            .projects
            .iter()
            .filter(|(_, project)| project.is_stale());
        let roots: Vec<PathBuf> = stale.map(|(root, _)| root.clone()).collect();
        for root in roots {
            if self.is_project(&root) {
                news.extend(self.check(&root));
            } else if let Some(gone) = self.projects.remove(&root) {
                self.touch_buffers_below(&root);
                news.extend(gone.told.into_keys().map(FileNews::nothing));
            }
        }
        news
    }

    /// The project of an open text, by the path of its folder.
    pub(super) fn project_of(&self, path: &Path) -> Option<(&Path, &EditorProject)> {
        let root = self.root_of(path)?;
        let (root, project) = self.projects.get_key_value(&root)?;
        Some((root, project))
    }

    /// Whether the project of an open text was looked at at least once.
    pub(super) fn has_looked_at(&self, uri: &str) -> bool {
        let path = self.buffers.path(uri);
        let project = path.as_deref().and_then(|path| self.project_of(path));
        project.is_none_or(|(_, project)| project.checked.is_some())
    }

    /// The address of a file, in the words of the editor: it may know the folder by a link.
    pub(super) fn address(&self, path: &Path) -> String {
        if let Some(buffer) = self.buffers.get(path) {
            return buffer.uri.clone();
        }
        for (folder, named) in &self.folders {
            if let Ok(below) = path.strip_prefix(folder) {
                return uri_of(&named.join(below));
            }
        }
        uri_of(path)
    }

    /// Finds the projects of the open folders and texts, and forgets those that are neither.
    fn search(&mut self) -> Vec<FileNews> {
        self.is_unsearched = false;
        let mut roots = BTreeSet::new();
        for folder in self.folders.keys() {
            roots.extend(self.root_above(folder));
            roots.extend(projects_below(folder));
        }
        for (path, _) in self.buffers.iter() {
            roots.extend(self.root_of(path));
        }
        let mut news = Vec::new();
        let forgotten: Vec<PathBuf> = self
            .projects
            .keys()
            .filter(|root| !roots.contains(*root))
            .cloned()
            .collect();
        for root in forgotten {
            let gone = self.projects.remove(&root);
            let told = gone.into_iter().flat_map(|project| project.told);
            news.extend(told.map(|(uri, _)| FileNews::nothing(uri)));
        }
        for root in roots {
            self.projects.entry(root).or_insert_with(|| EditorProject {
                changed: Changed::Anything,
                ..EditorProject::default()
            });
        }
        news
    }

    /// The folder of the project that a file belongs to.
    fn root_of(&self, path: &Path) -> Option<PathBuf> {
        self.root_above(path.parent()?)
    }

    /// The nearest folder with a `rosterctl.yaml`, which may not be saved yet.
    fn root_above(&self, folder: &Path) -> Option<PathBuf> {
        let unsaved = folder
            .ancestors()
            .find(|folder| self.buffers.get(&folder.join(PROJECT_FILE)).is_some());
        let levels = find_project(folder, &self.environment).ok();
        let up = |levels: PathBuf| levels.iter().filter(|level| *level == "..").count();
        let saved = levels.and_then(|levels| folder.ancestors().nth(up(levels)));
        let saved = saved
            .filter(|root| self.is_project(root))
            .map(Path::to_owned);
        let unsaved = unsaved.map(Path::to_owned);
        // Both are above the same folder, so the longer path is the nearer one.
        let found = [unsaved, saved].into_iter().flatten();
        found.max_by_key(|root| root.as_os_str().len())
    }

    fn is_project(&self, root: &Path) -> bool {
        let settings = root.join(PROJECT_FILE);
        self.buffers.get(&settings).is_some() || settings.symlink_metadata().is_ok()
    }

    /// The project of a file that another project had may have changed.
    fn touch_buffers_below(&mut self, root: &Path) {
        let below = self.buffers.iter().any(|(path, _)| path.starts_with(root));
        self.is_unsearched |= below;
    }

    /// Checks a project as `validate` does, with the open texts in the place of their files.
    fn check(&mut self, root: &Path) -> Vec<FileNews> {
        let mut unsaved = UnsavedTexts::default();
        for (path, buffer) in self.buffers.iter() {
            if path.starts_with(root) && self.root_of(path).as_deref() == Some(root) {
                unsaved.insert(path.clone(), Arc::clone(&buffer.text));
            }
        }
        // Sealed rows stay closed: an editor's window is no place for a key.
        let keyring = AgeKeyring::default();
        let project = self.projects.entry(root.to_owned()).or_default();
        let folder = ProjectFolder::new(root, self.clock, &keyring).remembered_in(&project.memory);
        let mut refused = None;
        let mut settings = None;
        let begun = self.clock.moment();
        let checked = match folder.check_edited(&unsaved) {
            Ok((project, checked)) => {
                settings = Some(project);
                Some(CheckedProject {
                    findings: checked.findings,
                    sources: checked.sources,
                    declarations: checked.declared.or(checked.in_error),
                })
            }
            Err(ProjectError::Invalid { findings, sources }) => Some(CheckedProject {
                findings,
                sources,
                declarations: None,
            }),
            Err(error) => {
                refused = Some(error.to_string());
                None
            }
        };
        let told = diagnostics(self, root, checked.as_ref(), refused.as_deref());
        let is_slow = self.clock.elapsed(begun) > SLOW;
        let news = self.keep(root, (checked, settings), told);
        if let Some(project) = self.projects.get_mut(root) {
            project.is_slow = is_slow;
        }
        news
    }

    /// Keeps what was found, and returns what is new of it.
    fn keep(
        &mut self,
        root: &Path,
        (checked, settings): (Option<CheckedProject>, Option<Project>),
        found: BTreeMap<PathBuf, Vec<FileDiagnostic>>,
    ) -> Vec<FileNews> {
        let mut told: BTreeMap<String, ToldFile> = BTreeMap::new();
        for (path, buffer) in self
            .buffers
            .iter()
            .filter(|(path, _)| path.starts_with(root))
        {
            if self.root_of(path).as_deref() == Some(root) {
                let version = Some(buffer.version);
                let file = ToldFile {
                    version,
                    ..ToldFile::default()
                };
                told.insert(buffer.uri.clone(), file);
            }
        }
        for (path, diagnostics) in found {
            told.entry(self.address(&path)).or_default().diagnostics = diagnostics;
        }
        let project = self.projects.entry(root.to_owned()).or_default();
        project.changed = Changed::Nothing;
        if settings.is_some() {
            project.settings = settings;
        }
        let former = std::mem::replace(&mut project.checked, checked);
        if project
            .checked
            .as_ref()
            .is_some_and(CheckedProject::is_whole)
        {
            project.former = None;
        } else if former.as_ref().is_some_and(CheckedProject::is_whole) {
            project.former = former;
        }
        let former = std::mem::take(&mut project.told);
        project.told.clone_from(&told);
        news_of(&former, told)
    }
}

/// What differs between what the editor was told and what it has to know.
fn news_of(former: &BTreeMap<String, ToldFile>, told: BTreeMap<String, ToldFile>) -> Vec<FileNews> {
    let mut news = Vec::new();
    for uri in former.keys() {
        if !told.contains_key(uri) {
            news.push(FileNews::nothing(uri.clone()));
        }
    }
    for (uri, file) in told {
        if former.get(&uri) != Some(&file) {
            news.push(FileNews {
                uri,
                version: file.version,
                diagnostics: file.diagnostics,
            });
        }
    }
    news
}

impl FileNews {
    fn nothing(uri: String) -> Self {
        Self {
            uri,
            version: None,
            diagnostics: Vec::new(),
        }
    }
}

/// Folders by their path without links.
fn named_folders(uris: &[String]) -> BTreeMap<PathBuf, PathBuf> {
    let paths = uris.iter().filter_map(|uri| path_of(uri));
    paths.map(|path| (direct_path(&path), path)).collect()
}

/// The projects in a folder and not far below it.
fn projects_below(folder: &Path) -> Vec<PathBuf> {
    let is_entered = |entry: &DirEntry| {
        let name = entry.file_name().to_string_lossy();
        entry.depth() == 0 || !(name.starts_with('.') || name == "node_modules")
    };
    let walk = WalkDir::new(folder).max_depth(DEPTH).into_iter();
    let entries = walk.filter_entry(is_entered).take(MOST_ENTRIES).flatten();
    let settings = entries.filter(|entry| entry.file_name() == PROJECT_FILE);
    settings
        .filter_map(|entry| entry.path().parent().map(Path::to_owned))
        .collect()
}
