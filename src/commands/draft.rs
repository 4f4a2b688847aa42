//! Manifests that a command has drafted: made valid, and put into files that nobody has written yet.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::commands::Context;
use crate::commands::failure::Failure;
use crate::commands::loaded::check_drafted;
use crate::commands::plan::write;
use crate::commands::session::io;
use crate::export::{Draft, Wrong};
use crate::field::Key;
use crate::files::{Manifests, read_project};
use crate::model::Roster;
use crate::settings::Project;
use crate::source::Sources;
use crate::view;

/// How often what `validate` doesn't take is taken out: what is left then isn't about single values.
const TRIES: usize = 4;

/// Where a draft goes.
pub(crate) struct Place<'p> {
    /// `None`: into the project, where others may declare the same people.
    pub(crate) folder: Option<&'p Path>,
    pub(crate) force: bool,
}

impl Place<'_> {
    pub(crate) fn folder(&self, context: &Context<'_>) -> PathBuf {
        self.folder.map_or_else(|| below(context.dir, "users"), Path::to_owned)
    }

    /// Refuses before anything is written. `others` are files besides the manifests.
    pub(crate) fn check(
        &self,
        context: &Context<'_>,
        project: &Project,
        draft: &Draft,
        others: &[PathBuf],
    ) -> Result<(), Failure> {
        let manifests: Vec<PathBuf> = draft.files.keys().map(|path| self.folder(context).join(path)).collect();
        if !self.force {
            refuse_to_overwrite(manifests.iter().chain(others))?;
        }
        if self.folder.is_none() { refuse_to_declare_twice(context, project, &manifests) } else { Ok(()) }
    }

    pub(crate) fn write(&self, context: &Context<'_>, draft: &Draft) -> Result<(), Failure> {
        draft.files.iter().try_for_each(|(path, file)| put(&self.folder(context).join(path), &file.text()))
    }
}

/// A path of the project, as short as people write it.
pub(crate) fn below(dir: &Path, name: &str) -> PathBuf {
    if dir == Path::new(".") { PathBuf::from(name) } else { dir.join(name) }
}

/// Writes a file into a folder, which is made if need be.
pub(crate) fn put(path: &Path, text: &str) -> Result<(), Failure> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(|source| io(&format!("{} can't be made", parent.display()), source))?;
    }
    write(text, path)
}

/// Takes what `validate` doesn't take out of a draft, until it is a roster.
pub(crate) fn valid(context: &Context<'_>, project: &Project, draft: &mut Draft) -> Result<Roster, Failure> {
    let mut left = TRIES;
    loop {
        let mut sources = Sources::default();
        let mut texts: Vec<(String, String)> =
            draft.files.iter().map(|(path, file)| (path.clone(), file.text())).collect();
        if !draft.apart.is_empty() {
            texts.push((JOINING.to_owned(), draft.joining("apart.csv")));
        }
        let files = texts.into_iter().map(|(path, text)| (sources.add(path.clone(), text), path.into()));
        let manifests = Manifests { files: files.collect(), findings: Vec::new() };
        let checked = check_drafted(context, project, manifests, &mut sources, draft.csv().as_bytes());
        if let Some(roster) = checked.roster {
            return Ok(roster);
        }
        let mut wrong = Wrong::default();
        for finding in checked.findings.iter().filter(|finding| finding.is_error()) {
            let cell = sources.cell(finding.span());
            let key = cell.and_then(|(row, column)| Some((row, Key::named(&column?.key)?)));
            let place = sources.place(finding.span());
            match key {
                Some(cell) => wrong.cells.insert(cell),
                None => wrong.lines.entry(place.file).or_default().insert(place.line),
            };
        }
        left -= 1;
        if !draft.without(&wrong) || left == 0 {
            return Err(Failure::Invalid { findings: checked.findings, sources });
        }
    }
}

/// The manifest that joins what isn't in manifests.
pub(crate) const JOINING: &str = "personal.yaml";

/// Other manifests of the project would declare the same people a second time.
fn refuse_to_declare_twice(context: &Context<'_>, project: &Project, own: &[PathBuf]) -> Result<(), Failure> {
    let Manifests { files: there, .. } = read_project(context.dir, &project.manifests, &mut Sources::default());
    let short = |path: &'_ PathBuf| path.strip_prefix(".").map_or_else(|_| path.clone(), Path::to_owned);
    let own: BTreeSet<PathBuf> = own.iter().map(short).collect();
    let others: Vec<PathBuf> = there.iter().map(|(_, path)| short(path)).filter(|path| !own.contains(path)).collect();
    let [first, ..] = others.as_slice() else { return Ok(()) };
    let manifests = view::count(others.len(), "manifest declares", "manifests declare");
    Err(Failure::Refused(format!(
        "Nothing was written.\n{manifests} users of this project already: {}. `--dir` writes elsewhere, to be compared.",
        view::shown(&first.display().to_string())
    )))
}

fn refuse_to_overwrite<'p>(files: impl Iterator<Item = &'p PathBuf>) -> Result<(), Failure> {
    let there: Vec<&PathBuf> = files.filter(|path| path.symlink_metadata().is_ok()).collect();
    let [first, ..] = there.as_slice() else { return Ok(()) };
    let files = view::count(there.len(), "file is", "files are");
    Err(Failure::Refused(format!(
        "Nothing was written.\n{files} there already: {}. `--force` overwrites, `--dir` writes elsewhere.",
        view::shown(&first.display().to_string())
    )))
}
