//! The sealed overlays of a project, and the plain tables that they are made from.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::field::Key;
use crate::findings::source::Sources;
use crate::findings::{Finding, Unreadable};
use crate::manifest::csv_format::{CsvSettings, Encoding};
use crate::manifest::sealed::{PlainTable, SealedFile, SealedTable, Sealing};
use crate::manifest::{self, SealedFormat, TableForm, TableFormat, TableText};
use crate::project::error::ProjectError;
use crate::project::files::{name_beside, read_bytes, read_project};
use crate::project::keyring::sealing;
use crate::project::load::ProjectFolder;
use crate::project::paths::below;
use crate::project::settings::Project;

/// A sealed file as it was read, with what is wrong with it.
pub struct ReadSealed {
    pub table: SealedTable,
    pub findings: Vec<Finding>,
    pub sources: Sources,
}

/// A sealed overlay that manifests name.
pub struct SealedOverlay {
    /// From the project's folder.
    pub name: String,
    /// The headers that manifests read.
    pub columns: BTreeSet<String>,
}

/// The sealed overlays that the manifests name. Files that can't be read are left out: `validate` finds them.
pub fn sealed_overlays(folder: ProjectFolder<'_>, project: &Project) -> Vec<SealedOverlay> {
    let mut sources = Sources::default();
    let mut overlays: Vec<SealedOverlay> = Vec::new();
    for (file, _) in read_project(folder.dir, &project.manifests, &mut sources).files {
        let source = sources.file(file);
        let (documents, _) = manifest::parse(file, &source.text);
        for table in manifest::csv_sources(&documents) {
            if !table.is_sealed {
                continue;
            }
            let name = name_beside(&source.name, &table.path.value);
            let columns = table.headers();
            match overlays.iter_mut().find(|overlay| overlay.name == name) {
                Some(overlay) => overlay.columns.extend(columns),
                None => overlays.push(SealedOverlay {
                    name,
                    columns: columns.collect(),
                }),
            }
        }
    }
    overlays
}

/// For whom the project seals, and the key of this run. Fails if the project names no recipients.
pub fn project_sealing<'s>(
    folder: ProjectFolder<'s>,
    project: &'s Project,
) -> Result<Sealing<'s>, ProjectError> {
    let sealing = sealing(folder.keyring, project)
        .map_err(|error| ProjectError::Misused(format!("nothing {}; {}", error.why, error.help)))?;
    sealing.ok_or_else(|| {
        ProjectError::Misused(
            "rosterctl.yaml doesn't say who can open sealed overlays; add `seal: { recipients: { NAME: age1…, NAME: age1… } }`, and `rosterctl seal --keygen` makes a key"
                .to_owned(),
        )
    })
}

/// Reads a sealed file; `None` if it isn't there. The name is a path from the project's folder.
pub fn read_sealed(
    folder: ProjectFolder<'_>,
    name: &str,
    sealing: Sealing<'_>,
) -> Result<Option<ReadSealed>, ProjectError> {
    let path = below(folder.dir, name);
    let Ok(metadata) = path.symlink_metadata() else {
        return Ok(None);
    };
    if metadata.is_symlink() {
        return Err(ProjectError::Misused(format!(
            "{name} is a link; put the sealed file itself there"
        )));
    }
    let format = TableFormat {
        file_name: name,
        encoding: Encoding::Utf8,
        sheet: None,
        settings: CsvSettings::Manifest,
        sealed: Some(SealedFormat {
            sealing: Some(sealing),
            title: Key::MisId.name(),
        }),
    };
    let read = read_bytes(&path).and_then(|bytes| format.read(bytes));
    let TableText { text, form } = read.map_err(|error| unreadable(name, &error))?;
    let mut sources = Sources::default();
    let file = sources.add(name, text);
    let TableForm::Sealed(table) = form else {
        return Ok(None);
    };
    let findings = table.findings(file);
    sources.set_grid(file, table.grid(file));
    Ok(Some(ReadSealed {
        table,
        findings,
        sources,
    }))
}

/// The rows of a sealed file, to be changed or shown; `None` if it isn't there. Fails if a row isn't open.
pub fn open_sealed(
    folder: ProjectFolder<'_>,
    name: &str,
    sealing: Sealing<'_>,
) -> Result<Option<SealedFile>, ProjectError> {
    let read = read_sealed(folder, name, sealing)?;
    read.map(|read| read.into_rows(name)).transpose()
}

impl ReadSealed {
    /// Its rows, to be changed. Fails if a row isn't open, with every finding about it.
    fn into_rows(self, name: &str) -> Result<SealedFile, ProjectError> {
        if self.findings.iter().any(Finding::is_error) {
            return Err(ProjectError::Invalid {
                findings: self.findings,
                sources: self.sources,
            });
        }
        SealedFile::of(self.table).ok_or_else(|| {
            ProjectError::Misused(format!(
                "{name} is there already, and to change it needs a key that opens it; ROSTERCTL_AGE_KEY_FILE names the file of a key"
            ))
        })
    }
}

/// The rows of a plain table that the command line names. `title` is the header of the column of MIS values.
pub fn read_plain(path: &Path, title: &str) -> Result<PlainTable, ProjectError> {
    let name = path.to_string_lossy();
    let format = TableFormat {
        file_name: &name,
        encoding: Encoding::Utf8,
        sheet: None,
        settings: CsvSettings::Flags,
        sealed: None,
    };
    let read = read_bytes(path).and_then(|bytes| format.read(bytes));
    let TableText { text, form } = read.map_err(|error| unreadable(&name, &error))?;
    if manifest::looks_sealed(&text) {
        return Err(ProjectError::Misused(format!(
            "{name} is sealed already; name the plain CSV that it was made from"
        )));
    }
    let mut sources = Sources::default();
    let file = sources.add(&*name, text);
    let text = Arc::clone(&sources.file(file).text);
    let Some(mut plain) = PlainTable::read(file, &text, &form, title) else {
        return Err(ProjectError::Misused(format!(
            "{name} has no column `{title}`; `--mis-id HEADER` says which column has the MIS values"
        )));
    };
    if plain.findings.is_empty() {
        Ok(plain)
    } else {
        Err(ProjectError::Invalid {
            findings: std::mem::take(&mut plain.findings),
            sources,
        })
    }
}

/// The overlay that the rows of a plain table go to, unless the command line says so; `None` if manifests name none.
pub fn target_of<'o>(
    plain: &Path,
    overlays: &'o [SealedOverlay],
) -> Result<Option<&'o SealedOverlay>, ProjectError> {
    let beside = beside(plain);
    let is_own =
        |overlay: &&SealedOverlay| Path::new(&overlay.name).file_name() == beside.file_name();
    match (overlays, overlays.iter().find(is_own)) {
        (_, Some(overlay)) | ([overlay], None) => Ok(Some(overlay)),
        ([], None) => Ok(None),
        (several, None) => Err(ProjectError::Misused(format!(
            "the manifests name {} sealed overlays; `--to FILE` says which one is meant",
            several.len()
        ))),
    }
}

/// The usual name of the sealed file of a plain one.
pub fn beside(plain: &Path) -> PathBuf {
    let stem = plain.file_stem().unwrap_or_default().to_string_lossy();
    plain.with_file_name(format!("{stem}.sealed.csv"))
}

fn unreadable(name: &str, error: &Unreadable) -> ProjectError {
    ProjectError::Misused(format!("{name} {}; {}", error.why, error.help))
}
