//! Checks manifests and their tables against the schema and the rules.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use jiff::civil::Date;
use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};

use crate::domain::{FieldPolicy, Roster, UnmanagedFields};
use crate::findings::source::{FileId, Sources, Span};
use crate::findings::{Finding, Severities, Unreadable};
use crate::manifest::rules::unread_file::{self, PassedOver};
use crate::manifest::rules::{empty_file, no_users, unreadable_file};
use crate::manifest::schema::{self, ProjectDefaults};
use crate::manifest::schema_check::Structure;
use crate::manifest::sealed::Sealing;
use crate::manifest::tree::node::Node;
use crate::manifest::validate::{self, Checked, CheckedFile, Declarations, RuleContext};
use crate::manifest::workbook::is_workbook;
use crate::manifest::{
    self, CsvSource, CsvTable, JoinedDocuments, ReadDocuments, TableForm, TableFormat, TableText,
};
use crate::project::error::ProjectError;
use crate::project::file_memory::{FileMemory, RememberedFiles};
use crate::project::files::{Manifests, name_beside};
use crate::project::keyring::{AgeKeyring, sealing};
use crate::project::settings::Project;

/// The schema of manifests, compiled once because compiling takes as long as reading a thousand users.
static USERS_SCHEMA: LazyLock<Structure> = LazyLock::new(|| {
    Structure::new(
        &schema::users(&ProjectDefaults::default()),
        manifest::UNKNOWN_KEY_HELP,
    )
});

/// Reads a CSV for a manifest, whose path it takes. `None` if the file is missing.
pub type ReadBeside<'r> = &'r dyn Fn(&Path, &CsvSource) -> Result<Option<Vec<u8>>, Unreadable>;

/// The date, the settings and the CSV reader for a check.
pub struct ManifestCheck<'c> {
    pub today: Date,
    /// Supplies the defaults and the severities.
    pub project: Option<&'c Project>,
    /// The places that were searched for manifests. The finding that there are no users points here.
    pub searched: &'c str,
    pub read_csv: ReadBeside<'c>,
    /// What opens sealed overlays.
    pub keyring: &'c AgeKeyring,
    /// Whether sealed rows have to be sealed for those whom the project names. In a commit of the past they needn't.
    pub checks_recipients: bool,
    /// The last check of the same project, if there was one. It is of use if no manifest names a table.
    pub memory: Option<&'c FileMemory>,
}

/// Manifests with every finding, and the texts that the findings point to.
pub struct CheckedManifests {
    pub findings: Vec<Finding>,
    /// The declared users, unless a finding is an error.
    pub declared: Option<Declarations>,
    /// What can be read of the declared users if a finding is an error. It makes no roster, but shows where people stand.
    pub in_error: Option<Declarations>,
    pub sources: Sources,
    /// The paths of the manifests that could be read.
    pub manifests: HashMap<FileId, PathBuf>,
    /// What the project says about its fields.
    pub fields: FieldPolicy,
}

impl CheckedManifests {
    /// The declared users, or every finding if one is an error.
    pub fn into_roster(self) -> Result<Roster, ProjectError> {
        match self.declared {
            Some(declared) => Ok(declared.into_roster(&self.sources).with_fields(self.fields)),
            None => Err(ProjectError::Invalid {
                findings: self.findings,
                sources: self.sources,
            }),
        }
    }
}

/// The texts of the manifests. The parsed documents borrow from them.
type Texts = [(FileId, Arc<String>)];

impl<'c> ManifestCheck<'c> {
    /// `sources` holds the texts of `manifests`; the check adds the texts of the CSVs.
    pub fn run(&self, manifests: Manifests, mut sources: Sources) -> CheckedManifests {
        let Manifests {
            files,
            mut findings,
            passed_over,
        } = manifests;
        let mut texts = Vec::with_capacity(files.len());
        for (file, _) in &files {
            texts.push((*file, Arc::clone(&sources.file(*file).text)));
        }
        let manifest_paths: HashMap<FileId, PathBuf> = files.iter().cloned().collect();
        findings.extend(unread_files(&passed_over, &texts, &mut sources));
        let names_csv = texts.iter().any(|(_, text)| manifest::may_name_csv(text));
        let checked = if names_csv {
            let mut csv_files = CsvFiles {
                check: self,
                manifests: &manifest_paths,
                sources: &mut sources,
                bytes_left: MAX_CSV_BYTES,
                findings,
            };
            self.check_with_csv(&texts, &mut csv_files)
        } else {
            self.check_without_csv(&texts, findings)
        };
        let Checked {
            mut findings,
            mut declared,
            in_error,
        } = checked;
        if declared.as_ref().is_some_and(Declarations::is_empty) {
            findings.push(no_users(sources.add(self.searched, String::new())));
            declared = None;
        }
        CheckedManifests {
            findings,
            declared,
            in_error,
            sources,
            manifests: manifest_paths,
            fields: self.fields(),
        }
    }

    fn fields(&self) -> FieldPolicy {
        let project = self.project.map(|project| &project.fields);
        project.cloned().unwrap_or_default()
    }

    /// Checks each document while others are still being read, and keeps none of them in memory.
    fn check_without_csv(&self, texts: &Texts, findings: Vec<Finding>) -> Checked {
        let unmanaged = UnmanagedFields::default();
        let context = self.context(&unmanaged);
        let defaults = self.defaults();
        let known = self.memory.map(FileMemory::take).unwrap_or_default();
        let files: Vec<CheckedFile> = texts
            .par_iter()
            .map(|(file, text)| match known.get(file) {
                Some((former, checked)) if former == text => checked.clone(),
                Some(_) | None => check_file((*file, text), defaults, &context),
            })
            .collect();
        if let Some(memory) = self.memory {
            let mut known = RememberedFiles::with_capacity(files.len());
            for ((id, text), file) in texts.iter().zip(&files) {
                known.insert(*id, (Arc::clone(text), file.clone()));
            }
            memory.keep(known);
        }
        validate::check_together(files, findings, &context)
    }

    /// Reads all documents first, because a CSV can give fields to users of any document.
    fn check_with_csv(&self, texts: &Texts, csv_files: &mut CsvFiles<'_>) -> Checked {
        let read: Vec<ReadDocuments<'_>> = texts
            .par_iter()
            .map(|(file, text)| parse(*file, text))
            .collect();
        let mut documents = Vec::new();
        for (of_file, findings) in read {
            documents.extend(of_file);
            csv_files.findings.extend(findings);
        }
        let mut tables = Vec::new();
        for named in manifest::csv_sources(&documents) {
            let table = csv_files.read(&named);
            tables.push((named, table));
        }
        let documents = manifest::with_defaults(documents, self.defaults());
        let JoinedDocuments {
            documents,
            findings,
            unmanaged,
        } = manifest::join(documents, tables);
        let mut all_findings = std::mem::take(&mut csv_files.findings);
        all_findings.extend(findings);
        let documents = documents
            .into_par_iter()
            .map(|document| (vec![document], Vec::new()));
        validate::check(documents, all_findings, &self.context(&unmanaged))
    }

    fn context<'a>(&'a self, unmanaged: &'a UnmanagedFields) -> RuleContext<'a> {
        static STANDARD: LazyLock<Severities> = LazyLock::new(Severities::default);
        RuleContext {
            structure: &USERS_SCHEMA,
            today: self.today,
            severities: self
                .project
                .map_or(&*STANDARD, |project| &project.severities),
            unmanaged,
        }
    }

    /// For whom overlays are sealed, and what opens them; `None` if the project doesn't say.
    fn sealing(&self) -> Result<Option<Sealing<'c>>, Unreadable> {
        let Some(project) = self.project else {
            return Ok(None);
        };
        let sealing = sealing(self.keyring, project)?;
        Ok(sealing.map(|sealing| Sealing {
            recipients: sealing.recipients.filter(|_| self.checks_recipients),
            ..sealing
        }))
    }

    fn defaults(&self) -> Option<&'c Node<'static>> {
        self.project?.defaults.as_ref()
    }
}

/// What is found in a manifest by itself.
fn check_file(
    (file, text): (FileId, &str),
    defaults: Option<&Node<'static>>,
    context: &RuleContext<'_>,
) -> CheckedFile {
    let (documents, findings) = parse(file, text);
    let documents = manifest::with_defaults(documents, defaults);
    validate::check_file(&documents, findings, context)
}

/// The documents of a manifest, or a finding if it holds none.
fn parse(file: FileId, text: &str) -> ReadDocuments<'_> {
    let (documents, mut findings) = manifest::parse(file, text);
    if documents.is_empty() && findings.is_empty() {
        findings.push(empty_manifest(file));
    }
    (documents, findings)
}

/// Maximum bytes of tables that one run reads, to limit its memory.
const MAX_CSV_BYTES: usize = 64 << 20;

/// Reads the CSVs that manifests name.
struct CsvFiles<'r> {
    check: &'r ManifestCheck<'r>,
    /// The paths of the manifests.
    manifests: &'r HashMap<FileId, PathBuf>,
    sources: &'r mut Sources,
    bytes_left: usize,
    findings: Vec<Finding>,
}

impl CsvFiles<'_> {
    /// The table of a CSV. `None` with a finding if it can't be read; `None` without a finding if it is optional and
    /// missing.
    fn read(&mut self, named: &CsvSource) -> Option<CsvTable> {
        match self.text(named) {
            Ok(None) => None,
            Ok(Some((file, form))) => {
                let text = Arc::clone(&self.sources.file(file).text);
                let mut table = manifest::table(file, &text, &form, named);
                self.sources.set_grid(file, std::mem::take(&mut table.grid));
                Some(table)
            }
            Err(Unreadable { why, help }) => {
                let what = if is_workbook(&named.path.value) {
                    "workbook"
                } else {
                    "CSV"
                };
                let message = format!("the {what} {why}");
                let finding = Finding::new(&unreadable_file::RULE, named.path.span, message, help);
                self.findings.push(finding);
                None
            }
        }
    }

    fn text(&mut self, named: &CsvSource) -> Result<Option<(FileId, TableForm)>, Unreadable> {
        let manifest = named.path.span.file;
        let path = self
            .manifests
            .get(&manifest)
            .map_or(Path::new(""), PathBuf::as_path);
        let Some(bytes) = (self.check.read_csv)(path, named)? else {
            if named.is_optional {
                return Ok(None);
            }
            return Err(Unreadable::new(
                "isn't there",
                "fix `path`, which counts from this file's folder",
            ));
        };
        let Some(bytes_left) = self.bytes_left.checked_sub(bytes.len()) else {
            return Err(Unreadable::new(
                "is too much: more than 64 MiB of tables in all",
                "name each table once, or split the project",
            ));
        };
        self.bytes_left = bytes_left;
        let name = name_beside(&self.sources.file(manifest).name, &named.path.value);
        let sealing = if named.is_sealed {
            self.check.sealing()?
        } else {
            None
        };
        let TableText { text, form } = TableFormat::of(named, sealing).read(bytes)?;
        Ok(Some((self.sources.add(name, text), form)))
    }
}

/// A finding for each file that looks meant, unless a manifest names it.
fn unread_files(
    passed_over: &[(String, PassedOver)],
    texts: &Texts,
    sources: &mut Sources,
) -> Vec<Finding> {
    if passed_over.is_empty() {
        return Vec::new();
    }
    let mut named = HashSet::new();
    for (file, text) in texts {
        if manifest::may_name_csv(text) {
            let (documents, _) = manifest::parse(*file, text);
            for csv in manifest::csv_sources(&documents) {
                named.insert(name_beside(&sources.file(*file).name, &csv.path.value));
            }
        }
    }
    let mut findings = Vec::new();
    for (name, why) in passed_over {
        if !named.contains(name) {
            let file = sources.add(name, String::new());
            findings.push(unread_file::finding(file, *why));
        }
    }
    findings
}

fn empty_manifest(file: FileId) -> Finding {
    Finding::new(
        &empty_file::RULE,
        Span::new(file, 0, 0),
        "a manifest that holds nothing",
        "delete it, or write `users:` and below it a list",
    )
}

fn no_users(place: FileId) -> Finding {
    Finding::new(
        &no_users::RULE,
        Span::new(place, 0, 0),
        "no users are declared",
        "manifests are *.yaml and *.yml files with `users:` in them",
    )
}
