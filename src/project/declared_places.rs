//! Where each declared user stands in a project's files, so that a value can be changed there. Reads the files; writes none.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use encoding_rs::WINDOWS_1252;

use crate::domain::field::{Key, Referent};
use crate::domain::{DeclaredUser, Reference, UserIdentity, nfc};
use crate::findings::Unreadable;
use crate::findings::source::Sources;
use crate::manifest::csv_format::Encoding;
use crate::manifest::edit::YamlEditor;
use crate::manifest::tree::node::Node;
use crate::manifest::{self, CsvSource, TableForm, TableFormat, TableText};
use crate::project::error::ProjectError;
use crate::project::files::{name_beside, read_own, read_project};
use crate::project::keyring::sealing;
use crate::project::load::ProjectFolder;
use crate::project::settings::{PROJECT_FILE, Project};

/// What tables are read with.
#[derive(Clone, Copy)]
struct TableReader<'r> {
    folder: ProjectFolder<'r>,
    project: &'r Project,
}

/// The files of a project, and where they declare whom.
pub struct DeclaredPlaces {
    /// The first is `rosterctl.yaml`.
    pub files: Vec<ProjectFile>,
    pub tables: Vec<ProjectTable>,
    /// One for each user of the roster, in its order.
    users: Vec<UserSpot>,
}

/// A file of a project, as it was read.
pub struct ProjectFile {
    /// From the project's folder.
    pub name: String,
    pub path: PathBuf,
    pub bytes: Vec<u8>,
    /// Without a byte order mark, if it is a CSV; of a workbook, what is shown of the sheet.
    pub text: Arc<String>,
    pub encoding: Encoding,
    pub kind: FileKind,
    /// What kind of table it is, if it is one.
    pub form: Option<TableForm>,
    /// The sheet that a manifest names.
    sheet: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    Settings,
    Manifest,
    Csv,
}

/// A table as one manifest reads it.
pub struct ProjectTable {
    /// The index of the file.
    pub file: usize,
    /// The path of the manifest that names it.
    pub manifest: PathBuf,
    pub source: CsvSource,
    /// Where the row about each user begins; only of an overlay.
    rows: HashMap<String, usize>,
}

/// Where a mapping or a row with the fields of a user begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UserSpot {
    Mapping { file: usize, start: usize },
    Row { table: usize, start: usize },
}

impl DeclaredPlaces {
    /// Reads the files again. They have to be valid: their order of users is that of the roster.
    pub fn read(folder: ProjectFolder<'_>, project: &Project) -> Result<Self, ProjectError> {
        let mut places = Self {
            files: Vec::new(),
            tables: Vec::new(),
            users: Vec::new(),
        };
        let settings = read_own(folder.dir, PROJECT_FILE).map_err(ProjectError::Misused)?;
        places.add_file(folder.dir, PROJECT_FILE, settings.unwrap_or_default());
        let mut sources = Sources::default();
        let reader = TableReader { folder, project };
        for (file, path) in read_project(folder.dir, &project.manifests, &mut sources).files {
            let source = sources.file(file);
            let index = places.add_file(folder.dir, &source.name, source.text.to_string());
            places.add_manifest(reader, (index, &path))?;
        }
        Ok(places)
    }

    /// Where the user at this index of the roster stands.
    pub fn user(&self, index: usize) -> Option<UserSpot> {
        self.users.get(index).copied()
    }

    /// How many users the files declare.
    pub fn number_of_users(&self) -> usize {
        self.users.len()
    }

    /// The rows about a user in overlays, as the indexes of their tables and where they begin.
    pub fn overlay_rows(&self, user: &DeclaredUser) -> Vec<(usize, usize)> {
        let Some(mis_id) = user.mis_id() else {
            return Vec::new();
        };
        let with_role = UserIdentity::new(user.role, mis_id).to_string();
        let mut rows = Vec::new();
        for (index, table) in self.tables.iter().enumerate() {
            let named = [mis_id, &with_role].map(|name| table.rows.get(name));
            rows.extend(named.into_iter().flatten().map(|start| (index, *start)));
        }
        rows
    }

    /// The mappings beside those of users that give a reference, with what they refer to: defaults, and mappings with an
    /// anchor.
    pub fn shared_references(&self, key: Key) -> Vec<(UserSpot, Reference)> {
        let users: HashSet<UserSpot> = self.users.iter().copied().collect();
        let mut found = Vec::new();
        for (file, source) in self.files.iter().enumerate() {
            if source.kind == FileKind::Csv {
                continue;
            }
            let editor = YamlEditor::new(&source.text);
            let mut sources = Sources::default();
            let id = sources.add(source.name.as_str(), String::new());
            let (documents, _) = manifest::parse(id, &source.text);
            let mut references = BTreeMap::new();
            for document in &documents {
                collect_references(document, key, &mut references);
            }
            for (start, reference) in references {
                let spot = UserSpot::Mapping { file, start };
                if editor.has(start, key) && !users.contains(&spot) {
                    found.push((spot, reference));
                }
            }
        }
        found
    }

    fn add_file(&mut self, dir: &Path, name: &str, text: String) -> usize {
        let kind = if self.files.is_empty() {
            FileKind::Settings
        } else {
            FileKind::Manifest
        };
        self.files.push(ProjectFile {
            name: name.to_owned(),
            path: dir.join(name),
            bytes: text.clone().into_bytes(),
            text: Arc::new(text),
            encoding: Encoding::Utf8,
            kind,
            form: None,
            sheet: None,
        });
        self.files.len() - 1
    }

    /// Adds the users of a manifest, and those of its CSVs.
    fn add_manifest(
        &mut self,
        reader: TableReader<'_>,
        (file, path): (usize, &Path),
    ) -> Result<(), ProjectError> {
        let text = Arc::clone(&self.files[file].text);
        let mut sources = Sources::default();
        let id = sources.add(self.files[file].name.as_str(), String::new());
        let (documents, _) = manifest::parse(id, &text);
        let csvs = manifest::csv_sources(&documents);
        for (number, document) in documents.iter().enumerate() {
            for node in manifest::declared_users(document) {
                let start = node.span.start as usize;
                self.users.push(UserSpot::Mapping { file, start });
            }
            for source in csvs.iter().filter(|source| source.document == number) {
                self.add_table(reader, (file, path), source.clone())?;
            }
        }
        Ok(())
    }

    fn add_table(
        &mut self,
        reader: TableReader<'_>,
        (manifest_file, path): (usize, &Path),
        source: CsvSource,
    ) -> Result<(), ProjectError> {
        let name = name_beside(&self.files[manifest_file].name, &source.path.value);
        let Some(file) = self.csv_file(reader, path, &name, &source)? else {
            return Ok(());
        };
        let text = Arc::clone(&self.files[file].text);
        let mut sources = Sources::default();
        let id = sources.add(name, String::new());
        let form = self.files[file].form.as_ref().unwrap_or(&TableForm::Csv);
        let read = manifest::table(id, &text, form, &source);
        let table = self.tables.len();
        let mut rows = HashMap::new();
        for row in &read.rows {
            let start = row.span.start as usize;
            if source.is_overlay() {
                rows.extend(row_name(row).map(|name| (name, start)));
            } else {
                self.users.push(UserSpot::Row { table, start });
            }
        }
        self.tables.push(ProjectTable {
            file,
            manifest: path.to_owned(),
            source,
            rows,
        });
        Ok(())
    }

    /// The index of a table; `None` if its file isn't there. Several manifests may name one.
    fn csv_file(
        &mut self,
        TableReader { folder, project }: TableReader<'_>,
        manifest: &Path,
        name: &str,
        source: &CsvSource,
    ) -> Result<Option<usize>, ProjectError> {
        let is_known = |file: &ProjectFile| file.name == name && file.sheet == source.sheet;
        let known = self.files.iter().position(is_known);
        if known.is_some() {
            return Ok(known);
        }
        let unreadable = |error: Unreadable| {
            ProjectError::Misused(format!("{name} {}; {}", error.why, error.help))
        };
        let bytes = folder.read_csv(manifest, &source.path.value);
        let Some(bytes) = bytes.map_err(unreadable)? else {
            return Ok(None);
        };
        let sealing = if source.is_sealed {
            sealing(folder.keyring, project).map_err(unreadable)?
        } else {
            None
        };
        let table = TableFormat::of(source, sealing).read(bytes.clone());
        let TableText { text, form } = table.map_err(unreadable)?;
        self.files.push(ProjectFile {
            name: name.to_owned(),
            path: folder.dir.join(name),
            bytes,
            text: Arc::new(text),
            encoding: source.encoding,
            kind: FileKind::Csv,
            form: Some(form),
            sheet: source.sheet.clone(),
        });
        Ok(Some(self.files.len() - 1))
    }
}

/// What each mapping refers to by this key, by where the mapping begins. Copies of an anchor begin where the anchor does.
fn collect_references(node: &Node<'_>, key: Key, found: &mut BTreeMap<usize, Reference>) {
    let forms = key.row().referent().map_or(&[][..], Referent::forms);
    if let Some(entry) = node.get(key.name())
        && let Some(reference) = manifest::reference(forms, &entry.value)
    {
        found.insert(node.span.start as usize, reference);
    }
    for entry in node.entries() {
        collect_references(&entry.value, key, found);
    }
    for item in node.items() {
        collect_references(item, key, found);
    }
}

impl ProjectFile {
    /// The bytes of a new text in the form of this file. A byte order mark of a CSV stays.
    pub fn encode(&self, text: &str) -> Vec<u8> {
        match self.encoding {
            Encoding::Utf8 if self.kind == FileKind::Csv && self.bytes.starts_with(MARK) => {
                [MARK, text.as_bytes()].concat()
            }
            Encoding::Utf8 => text.as_bytes().to_vec(),
            Encoding::Windows1252 => WINDOWS_1252.encode(text).0.into_owned(),
        }
    }

    /// Whether the encoding has every character of a text.
    pub fn can_hold(&self, text: &str) -> bool {
        match self.encoding {
            Encoding::Utf8 => true,
            Encoding::Windows1252 => {
                let (_, _, is_lossy) = WINDOWS_1252.encode(text);
                !is_lossy
            }
        }
    }
}

/// The byte order mark of UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// The MIS value by which a row of an overlay finds its user, perhaps with a role.
fn row_name(row: &Node<'_>) -> Option<String> {
    let text = row.get(Key::MisId.name())?.value.text()?;
    Some(nfc(text.trim()).into_owned())
}
