//! A project as it was read: `rosterctl.yaml`, the manifests, and the roster that they declare.

use std::path::Path;

use crate::commands::failure::Failure;
use crate::diagnostic::{Code, Finding};
use crate::files::{read_own, read_project};
use crate::manifest;
use crate::manifest::structure::Structure;
use crate::manifest::tree::Node;
use crate::model::Roster;
use crate::settings::{PROJECT_FILE, Project, project};
use crate::source::{FileId, Sources, Span};
use crate::{schema, validate};

/// Reads `rosterctl.yaml`.
pub(crate) fn load_project(dir: &Path, sources: &mut Sources) -> Result<Project, Failure> {
    let text = read_own(dir, PROJECT_FILE).map_err(Failure::Misused)?.ok_or_else(|| {
        Failure::Misused(format!("{} has no {PROJECT_FILE}; `-C DIR` names the project's folder", shown_dir(dir)))
    })?;
    let file = sources.add(PROJECT_FILE, text);
    project(file, &sources.file(file).text)
        .map_err(|findings| Failure::Invalid { findings, sources: std::mem::take(sources) })
}

/// Reads the project and all its manifests.
pub(crate) fn load(dir: &Path) -> Result<(Project, Roster), Failure> {
    let mut sources = Sources::default();
    let project = load_project(dir, &mut sources)?;
    let (files, findings) = read_project(dir, &project.manifests, &mut sources);
    match roster(&files, findings, &mut sources, &project.manifests.join(", ")) {
        Ok(roster) => Ok((project, roster)),
        Err(findings) => Err(Failure::Invalid { findings, sources }),
    }
}

/// The roster of these files, or every finding. `wanted` is where users were looked for.
pub(crate) fn roster(
    files: &[FileId],
    found: Vec<Finding>,
    sources: &mut Sources,
    wanted: &str,
) -> Result<Roster, Vec<Finding>> {
    let structure = Structure::new(&schema::users(), manifest::OF_USERS);
    let mut findings = found;
    let mut documents: Vec<Node> = Vec::new();
    for file in files {
        let (read, found) = manifest::read(*file, &sources.file(*file).text, &structure);
        documents.extend(read);
        findings.extend(found);
    }
    let roster = validate::roster(&documents, findings, sources)?;
    if roster.users().is_empty() { Err(vec![nobody(sources.add(wanted, String::new()))]) } else { Ok(roster) }
}

fn nobody(place: FileId) -> Finding {
    let help = "manifests are *.yaml and *.yml files with `users:` in them";
    Finding::new(Code::NoUsers, Span::new(place, 0, 0), "no users are declared", help)
}

fn shown_dir(dir: &Path) -> String {
    if dir == Path::new(".") { "this folder".to_owned() } else { dir.display().to_string() }
}
