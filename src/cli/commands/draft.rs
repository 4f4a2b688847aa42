//! Manifests that a command has drafted: made valid, and put into files that nobody has written yet.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::cli::commands::Context;
use crate::cli::commands::atomic_write::{put, write};
use crate::cli::commands::connection::io;
use crate::cli::commands::error::CommandError;
use crate::cli::commands::load_project::check_drafted;
use crate::domain::Roster;
use crate::domain::field::Key;
use crate::findings::source::Sources;
use crate::onboarding::export::{Draft, RejectedValue};
use crate::onboarding::init::{EXAMPLE, MANIFEST};
use crate::project::files::{GitSees, Manifests, git_sees, read_own, read_project};
use crate::project::settings::Project;
use crate::render;

/// How often what `validate` doesn't take is taken out, should each time something else come to light.
const TRIES: usize = 50;

/// Where a draft goes.
pub(crate) struct OutputFolder {
    pub(crate) folder: PathBuf,
    /// Whether that is where the project has its manifests, of which others may declare the same people.
    own: bool,
    force: bool,
    way: OverwriteAdvice,
}

/// What a command that writes says where something is in its way.
#[derive(Clone, Copy)]
pub(crate) struct OverwriteAdvice {
    /// The flags that write elsewhere.
    pub(crate) elsewhere: &'static str,
    /// What to do about manifests that declare the same people.
    pub(crate) first: &'static str,
}

impl OutputFolder {
    /// The folder, or the first of the project's own, which a plan reads.
    pub(crate) fn of(
        context: &Context<'_>,
        project: &Project,
        folder: Option<&Path>,
        way: OverwriteAdvice,
    ) -> Result<Self, CommandError> {
        let is_read = |folder: &Path| {
            let read = |path: &String| {
                Some(
                    plain(folder)
                        .ok()?
                        .starts_with(plain(&context.dir.join(path)).ok()?),
                )
            };
            project
                .manifests
                .iter()
                .filter_map(read)
                .any(|is_read| is_read)
        };
        let own = folder.is_none_or(is_read);
        let folder = match folder {
            Some(folder) => folder.to_owned(),
            None => below(context.dir, own_folder(project)?),
        };
        if own {
            refuse_links(context.dir, &folder)?;
        }
        Ok(Self {
            folder,
            own,
            force: false,
            way,
        })
    }

    /// Whether files that are there already are written over.
    pub(crate) fn forced(self, force: bool) -> Self {
        Self { force, ..self }
    }

    /// Refuses before anything is written. `others` are files besides the manifests.
    pub(crate) fn check(
        &self,
        context: &Context<'_>,
        project: &Project,
        draft: &Draft,
        others: &[PathBuf],
    ) -> Result<(), CommandError> {
        let manifests: Vec<PathBuf> = draft
            .files
            .keys()
            .map(|path| self.folder.join(path))
            .collect();
        if self.own {
            manifests
                .iter()
                .try_for_each(|path| refuse_links(context.dir, path))?;
        }
        refuse_folders(manifests.iter().chain(others))?;
        if !self.force {
            refuse_to_overwrite(manifests.iter().chain(others), self.way)?;
        }
        if self.own {
            refuse_to_declare_twice(context, project, &manifests, self.way)
        } else {
            Ok(())
        }
    }

    pub(crate) fn write(&self, context: &Context<'_>, draft: &Draft) -> Result<(), CommandError> {
        draft
            .files
            .iter()
            .try_for_each(|(path, file)| put(&self.folder.join(path), &file.text()))?;
        let example = context.dir.join(EXAMPLE);
        if self.own && is_example(&example) {
            fs::remove_file(&example)
                .map_err(|source| io(&format!("{} can't be removed", example.display()), source))?;
        }
        Ok(())
    }
}

/// The first folder that the project has its manifests in.
fn own_folder(project: &Project) -> Result<&str, CommandError> {
    let is_folder = |path: &&String| {
        !Path::new(path)
            .extension()
            .is_some_and(|end| end == "yaml" || end == "yml")
    };
    let folder = project.manifests.iter().find(is_folder).map(String::as_str);
    folder.ok_or_else(|| {
        let words =
            "`manifests` in rosterctl.yaml names no folder to write to; add one, or write elsewhere with `--dir`";
        CommandError::Misused(words.to_owned())
    })
}

/// Links out of the project aren't followed when manifests are read, and so not when they are written.
pub(crate) fn refuse_links(dir: &Path, path: &Path) -> Result<(), CommandError> {
    let Some(there) = path
        .ancestors()
        .find(|path| path.symlink_metadata().is_ok())
    else {
        return Ok(());
    };
    let is_inside = there
        .canonicalize()
        .and_then(|there| Ok(there.starts_with(dir.canonicalize()?)));
    match is_inside {
        Ok(false) => {
            let path = render::shown(&there.display().to_string());
            Err(CommandError::Refused(format!(
                "Nothing was written.\n{path} leads out of the project."
            )))
        }
        Ok(true) | Err(_) => Ok(()),
    }
}

/// Whether a manifest is the example of `init`, in which nobody exists: it makes room for those who do.
fn is_example(path: &Path) -> bool {
    fs::read_to_string(path).is_ok_and(|text| text == MANIFEST)
}

/// A path of the project, as short as people write it.
pub(crate) fn below(dir: &Path, name: &str) -> PathBuf {
    if dir == Path::new(".") {
        PathBuf::from(name)
    } else {
        dir.join(name)
    }
}

/// A draft that `validate` takes.
pub(crate) struct ValidDraft {
    pub(crate) roster: Roster,
    /// What it warns of all the same, and how often.
    pub(crate) warnings: BTreeMap<&'static str, usize>,
}

/// Takes what `validate` doesn't take out of a draft, until it is a roster.
pub(crate) fn valid(
    context: &Context<'_>,
    project: &Project,
    draft: &mut Draft,
) -> Result<ValidDraft, CommandError> {
    let mut left = TRIES;
    loop {
        let mut sources = Sources::default();
        let mut texts: Vec<(String, String)> = draft
            .files
            .iter()
            .map(|(path, file)| (path.clone(), file.text()))
            .collect();
        if !draft.apart.is_empty() {
            texts.push((JOINING.to_owned(), draft.joining("apart.csv")));
        }
        let files = texts
            .into_iter()
            .map(|(path, text)| (sources.add(path.clone(), text), path.into()));
        let manifests = Manifests {
            files: files.collect(),
            findings: Vec::new(),
        };
        let checked = check_drafted(
            context,
            project,
            manifests,
            &mut sources,
            draft.csv().as_bytes(),
        );
        if let Some(declared) = checked.declared {
            let mut warnings = BTreeMap::new();
            for finding in &checked.findings {
                *warnings.entry(finding.rule.name).or_default() += 1;
            }
            return Ok(ValidDraft {
                roster: declared.into_roster(&sources),
                warnings,
            });
        }
        let mut wrong = RejectedValue::default();
        for finding in checked.findings.iter().filter(|finding| finding.is_error()) {
            let cell = sources.cell(finding.span());
            let key = cell.and_then(|(row, column)| Some((row, Key::named(&column?.key)?)));
            let place = sources.place(finding.span());
            match key {
                Some(cell) => wrong.cells.insert(cell),
                None => wrong
                    .lines
                    .entry(place.file.to_string())
                    .or_default()
                    .insert(place.line),
            };
        }
        left -= 1;
        if !draft.without(&wrong) || left == 0 {
            return Err(CommandError::Invalid {
                findings: checked.findings,
                sources,
            });
        }
    }
}

/// The manifest that joins what isn't in manifests.
pub(crate) const JOINING: &str = "personal.yaml";

/// Other manifests of the project would declare the same people a second time.
fn refuse_to_declare_twice(
    context: &Context<'_>,
    project: &Project,
    own: &[PathBuf],
    way: OverwriteAdvice,
) -> Result<(), CommandError> {
    let Manifests { files: there, .. } =
        read_project(context.dir, &project.manifests, &mut Sources::default());
    let short = |path: &'_ PathBuf| {
        path.strip_prefix(".")
            .map_or_else(|_| path.clone(), Path::to_owned)
    };
    let own: BTreeSet<PathBuf> = own.iter().map(short).collect();
    let others = there
        .iter()
        .map(|(_, path)| short(path))
        .filter(|path| !own.contains(path));
    let others: Vec<PathBuf> = others.filter(|path| !is_example(path)).collect();
    if others.is_empty() {
        return Ok(());
    }
    let manifests = render::count(others.len(), "manifest declares", "manifests declare");
    Err(CommandError::Refused(format!(
        "Nothing was written.\n{manifests} users of this project already: {}.\n{} Or `--dir` writes to a folder that isn't read, to be compared.",
        named(&others.iter().collect::<Vec<_>>()),
        way.first
    )))
}

/// A folder can't be written over, and half of the files are none.
fn refuse_folders<'p>(mut files: impl Iterator<Item = &'p PathBuf>) -> Result<(), CommandError> {
    files.find(|path| path.is_dir()).map_or(Ok(()), |path| {
        let path = render::shown(&path.display().to_string());
        Err(CommandError::Refused(format!(
            "Nothing was written.\n{path} is a folder, and a file is to be written there."
        )))
    })
}

fn refuse_to_overwrite<'p>(
    files: impl Iterator<Item = &'p PathBuf>,
    way: OverwriteAdvice,
) -> Result<(), CommandError> {
    let there: Vec<&PathBuf> = files
        .filter(|path| path.symlink_metadata().is_ok())
        .collect();
    if there.is_empty() {
        return Ok(());
    }
    let files = render::count(there.len(), "file is", "files are");
    Err(CommandError::Refused(format!(
        "Nothing was written.\n{files} there already: {}.\n`--force` overwrites; {}.",
        named(&there),
        way.elsewhere
    )))
}

/// Some of the files, by name.
fn named(files: &[&PathBuf]) -> String {
    let mut names: Vec<String> = files
        .iter()
        .take(NAMED)
        .map(|path| render::shown(&path.display().to_string()))
        .collect();
    names.extend((files.len() > NAMED).then(|| format!("{} more", files.len() - NAMED)));
    names.join(", ")
}

/// So many files are named.
const NAMED: usize = 5;

/// Has git pass over a file of the project, unless it does already. Files elsewhere are nobody's business.
pub(crate) fn keep_out_of_git(dir: &Path, file: &Path) -> Result<(), CommandError> {
    let (root, absolute) = (plain(dir)?, plain(file)?);
    let Ok(own) = absolute.strip_prefix(&root) else {
        return Ok(());
    };
    let own = if cfg!(windows) {
        own.to_string_lossy().replace('\\', "/")
    } else {
        own.to_string_lossy().into_owned()
    };
    let text = read_own(dir, GITIGNORE)
        .map_err(CommandError::Misused)?
        .unwrap_or_default();
    // A later line with `!` may take back what an earlier one says.
    let is_named = text.lines().any(|line| is_named_by(&own, line))
        && !text.lines().any(|line| line.starts_with('!'));
    if sees(dir, &own)? != Some(GitSees::Nothing) && !is_named {
        let gap = if text.is_empty() || text.ends_with('\n') {
            ""
        } else {
            "\n"
        };
        let path = dir.join(GITIGNORE);
        write(&format!("{text}{gap}/{}\n", pattern(&own)), &path)?;
    }
    let name = render::shown(&file.display().to_string());
    match sees(dir, &own)? {
        Some(GitSees::Tracked) => Err(CommandError::Refused(format!(
            "Nothing was written.\n{name} is in git already; `git rm --cached` takes it out of what is committed next."
        ))),
        Some(GitSees::Untracked) => Err(CommandError::Refused(format!(
            "Nothing was written.\ngit doesn't pass over {name}; mend .gitignore, or name another file."
        ))),
        Some(GitSees::Nothing) | None => Ok(()),
    }
}

/// What git makes of a file. If git refuses to say, the file may be committed, so nothing is written.
fn sees(dir: &Path, file: &str) -> Result<Option<GitSees>, CommandError> {
    git_sees(dir, file).map_err(|error| {
        CommandError::Refused(format!(
            "Nothing was written.\n{}",
            render::shown(&error.to_string())
        ))
    })
}

/// Whether a line of .gitignore is this file, or a folder that it lies in.
fn is_named_by(file: &str, line: &str) -> bool {
    let name = line.trim_start_matches('/');
    name == pattern(file)
        || (name.ends_with('/') && name.len() > 1 && pattern(file).starts_with(name))
}

/// A path as .gitignore has it, letter by letter.
fn pattern(path: &str) -> String {
    let escaped = |c: char| {
        if "\\*?[]!# ".contains(c) {
            format!("\\{c}")
        } else {
            c.to_string()
        }
    };
    path.chars().map(escaped).collect()
}

const GITIGNORE: &str = ".gitignore";

/// A path from the root without `.` and `..`, whether it is there or not.
pub(crate) fn plain(path: &Path) -> Result<PathBuf, CommandError> {
    let absolute = std::path::absolute(path)
        .map_err(|source| io("the current folder can't be told", source))?;
    Ok(absolute
        .components()
        .fold(PathBuf::new(), |mut plain, component| {
            match component {
                Component::ParentDir => drop(plain.pop()),
                Component::CurDir => {}
                component => plain.push(component),
            }
            plain
        }))
}
