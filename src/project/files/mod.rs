//! Reads manifests from disk, and those of a git revision, without parsing them. A file that can't be read is a finding; the
//! run goes on.

mod git_filter;
mod revision;

pub use crate::project::files::git_filter::GitFilter;
pub(crate) use crate::project::files::revision::refuse_filtered;
pub use crate::project::files::revision::{
    GitSees, Revision, RevisionError, committer, git_sees, head,
};

use std::collections::BTreeSet;
use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use walkdir::WalkDir;

use crate::findings::source::{FileId, SourceFile, Sources, Span};
use crate::findings::{Finding, Unreadable};
use crate::manifest::rules::unread_file::{self, PassedOver};
use crate::manifest::rules::unreadable_file;

/// The largest file that is read, in bytes.
pub(crate) const LARGEST: u64 = 64 << 20;

/// The manifests that could be read, and a finding for each that couldn't.
#[derive(Debug, Default)]
pub struct Manifests {
    /// The files with their paths, in the order in which they were found.
    pub files: Vec<(FileId, PathBuf)>,
    pub findings: Vec<Finding>,
    /// Files that look meant and weren't read, by their names. Manifests may still name some of them.
    pub passed_over: Vec<(String, PassedOver)>,
}

/// Reads the manifests that a project lists: files, or folders with `*.yaml` and `*.yml` below them, sorted by name. Paths
/// that lead out of the project aren't followed.
pub fn read_project(root: &Path, paths: &[String], sources: &mut Sources) -> Manifests {
    let mut reader = Reader::default();
    for path in paths {
        let full = root.join(path);
        let is_inside = full
            .canonicalize()
            .and_then(|full| Ok(full.starts_with(root.canonicalize()?)));
        match is_inside {
            Ok(true) => reader.path(&full, &|file| name_below(root, file)),
            Ok(false) => {
                reader.refuse(
                    path,
                    "lies outside of the project",
                    "keep manifests below the folder of rosterctl.yaml",
                );
            }
            Err(error) => reader.refuse(
                path,
                &unopened(&error),
                "make it, or fix `manifests` in rosterctl.yaml",
            ),
        }
    }
    reader.pass_over_beside(root);
    reader.read(sources)
}

/// Reads the files and folders that the command line names.
pub fn read_named(paths: &[PathBuf], sources: &mut Sources) -> Manifests {
    let mut reader = Reader::default();
    for path in paths {
        if is_other(path) && path.is_file() {
            reader.refuse(
                &slashed(path),
                "isn't a manifest",
                "`rosterctl validate` without PATH checks it with its project",
            );
        } else if path.symlink_metadata().is_ok() {
            reader.path(path, &|file| slashed(file));
        } else {
            reader.refuse(&slashed(path), "isn't there", "fix the path");
        }
    }
    // A manifest that isn't named here may name a table.
    reader
        .passed_over
        .retain(|(_, why)| *why == PassedOver::Misnamed);
    reader.read(sources)
}

/// The bytes of a file that a manifest names relative to its own folder. `None` if the file is missing. Fails if it isn't
/// below the root.
pub fn read_beside(
    root: &Path,
    manifest: &Path,
    name: &str,
) -> Result<Option<Vec<u8>>, Unreadable> {
    let path = manifest.parent().unwrap_or(Path::new(".")).join(name);
    if path
        .symlink_metadata()
        .is_ok_and(|metadata| metadata.is_symlink())
    {
        return Err(Unreadable::new(
            "is a symbolic link",
            "put the file itself there; links aren't followed",
        ));
    }
    let place = match path.canonicalize() {
        Ok(place) => place,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Unreadable::new(unopened(&error), "fix `path`")),
    };
    let is_inside = or_here(root)
        .canonicalize()
        .is_ok_and(|root| place.starts_with(root));
    if !is_inside {
        return Err(Unreadable::new(
            "lies outside of the project",
            "keep it below the folder of rosterctl.yaml",
        ));
    }
    read_bytes(&place).map(Some)
}

/// The name of such a file for messages: `users/../x.csv` is `x.csv`.
pub fn name_beside(manifest: &str, name: &str) -> String {
    let mut parts: Vec<&str> = manifest.split('/').collect();
    parts.pop();
    for part in name.split('/') {
        match part {
            "." | "" => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// An empty path means the current folder.
pub(crate) fn or_here(path: &Path) -> &Path {
    if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    }
}

/// The text of a file in a project's root; `None` if the file is missing. The error says why it can't be read, and what to
/// do.
pub fn read_own(root: &Path, name: &str) -> Result<Option<String>, String> {
    let path = root.join(name);
    let Ok(metadata) = path.symlink_metadata() else {
        return Ok(None);
    };
    if metadata.is_symlink() {
        return Err(format!(
            "{name} is a symbolic link; put the file itself there: links aren't followed"
        ));
    }
    read_text(&path)
        .map(Some)
        .map_err(|error| format!("{name} {}; {}", error.why, error.help))
}

/// The text of a file that the command line names. The error says why it can't be read, and what to do.
pub fn read_named_text(path: &Path) -> Result<String, String> {
    read_text(path).map_err(|error| format!("{} {}; {}", path.display(), error.why, error.help))
}

/// The text of a file, or why it can't be read and what to do.
fn read_text(path: &Path) -> Result<String, Unreadable> {
    text_of(read_bytes(path)?)
}

/// Converts bytes to text. Fails if they aren't UTF-8.
pub(crate) fn text_of(bytes: Vec<u8>) -> Result<String, Unreadable> {
    if GitFilter::of(&bytes) == Some(GitFilter::GitCrypt) {
        let help = "run `git-crypt unlock` in this clone";
        return Err(Unreadable::new(GitFilter::GitCrypt.words(), help));
    }
    let is_utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let what = if is_utf16 { "is UTF-16" } else { "isn't UTF-8" };
    String::from_utf8(bytes).map_err(|error| {
        let before = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..before]
            .split(|byte| *byte == b'\n')
            .count();
        Unreadable::new(format!("{what} (line {line})"), "save it as UTF-8")
    })
}

/// The bytes of a file, or why it can't be read and what to do.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, Unreadable> {
    let metadata = fs::metadata(path)
        .map_err(|error| Unreadable::new(unopened(&error), "fix the path or its permissions"))?;
    if !metadata.is_file() {
        return Err(Unreadable::new(
            "isn't a regular file",
            "put a file in its place",
        ));
    }
    if metadata.len() > LARGEST {
        return Err(too_large());
    }
    // One spare byte lets the read find the end of the file without another allocation.
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default() + 1);
    let opened =
        fs::File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
    opened.map_err(|error| Unreadable::new(unopened(&error), "fix its permissions"))?;
    if bytes.len() as u64 > LARGEST {
        return Err(too_large());
    }
    Ok(bytes)
}

pub(crate) fn too_large() -> Unreadable {
    Unreadable::new("is larger than 64 MiB", "split it into several files")
}

fn unopened(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "isn't there".to_owned(),
        kind => format!("can't be opened ({kind})"),
    }
}

/// The files that were found, in order.
#[derive(Default)]
struct Reader {
    /// The canonical paths of the files found so far, so that none is read twice.
    seen: BTreeSet<PathBuf>,
    met: Vec<FoundFile>,
    passed_over: Vec<(String, PassedOver)>,
}

enum FoundFile {
    File { path: PathBuf, name: String },
    Refused { name: String, error: Unreadable },
}

impl Reader {
    /// Reads the files in parallel, and keeps their order.
    fn read(self, sources: &mut Sources) -> Manifests {
        let read = |met: FoundFile| match met {
            FoundFile::File { path, name } => match read_text(&path) {
                Ok(text) => Ok((SourceFile::new(name, text), path)),
                Err(error) => Err((name, error)),
            },
            FoundFile::Refused { name, error } => Err((name, error)),
        };
        let mut manifests = Manifests {
            passed_over: self.passed_over,
            ..Manifests::default()
        };
        for read in self.met.into_par_iter().map(read).collect::<Vec<_>>() {
            match read {
                Ok((file, path)) => manifests.files.push((sources.keep(file), path)),
                Err((name, Unreadable { why, help })) => {
                    let message = format!("`{name}` {why}");
                    let file = sources.add(name, String::new());
                    let finding =
                        Finding::new(&unreadable_file::RULE, Span::new(file, 0, 0), message, help);
                    manifests.findings.push(finding);
                }
            }
        }
        manifests
    }

    fn path(&mut self, path: &Path, name: &dyn Fn(&Path) -> String) {
        if !path.is_dir() {
            return self.file(path, &name(path), path.canonicalize().ok());
        }
        // No link below this folder is followed, so a path below its canonical path is canonical, too.
        let root = path.canonicalize().ok();
        let place = |file: &Path| Some(root.as_ref()?.join(file.strip_prefix(path).ok()?));
        let walk = WalkDir::new(path).sort_by_file_name().into_iter();
        for entry in walk.filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry.file_name()))
        {
            match entry {
                Ok(entry)
                    if entry.file_type().is_symlink()
                        && (is_yaml(entry.path()) || entry.path().is_dir()) =>
                {
                    self.refuse(
                        &name(entry.path()),
                        "is a symbolic link",
                        "put the file itself here; links aren't followed",
                    );
                }
                Ok(entry) if !entry.file_type().is_dir() && is_yaml(entry.path()) => {
                    self.file(entry.path(), &name(entry.path()), place(entry.path()));
                }
                Ok(entry)
                    if entry.depth() > 0 && entry.file_type().is_dir() && is_yaml(entry.path()) =>
                {
                    self.refuse(
                        &name(entry.path()),
                        "is a folder",
                        "give it another name, or put a file in its place",
                    );
                }
                Ok(entry) => {
                    let why = unread_file::by_name(&entry.file_name().to_string_lossy());
                    if let Some(why) = why.filter(|_| entry.file_type().is_file()) {
                        self.passed_over.push((name(entry.path()), why));
                    }
                }
                Err(error) => {
                    let at = error.path().map(name).unwrap_or_default();
                    self.refuse(&at, "can't be read", "fix its permissions");
                }
            }
        }
    }

    /// Notes the manifests in the project's own folder that `manifests` doesn't list.
    fn pass_over_beside(&mut self, root: &Path) {
        let folder = or_here(root);
        let canonical = folder.canonicalize().ok();
        let walk = WalkDir::new(folder).max_depth(1).sort_by_file_name();
        for entry in walk.into_iter().flatten() {
            let place = canonical.as_ref().map(|root| root.join(entry.file_name()));
            let is_read = place.is_some_and(|place| self.seen.contains(&place));
            let is_file = entry.file_type().is_file() && is_yaml(entry.path());
            if is_file && !is_read && declares_users(entry.path()) {
                let name = entry.file_name().to_string_lossy().into_owned();
                self.passed_over.push((name, PassedOver::Beside));
            }
        }
    }

    /// `place` is the canonical path, if there is one.
    fn file(&mut self, path: &Path, name: &str, place: Option<PathBuf>) {
        if place.is_some_and(|place| !self.seen.insert(place)) {
            return;
        }
        self.met.push(FoundFile::File {
            path: path.to_owned(),
            name: name.to_owned(),
        });
    }

    fn refuse(&mut self, name: &str, why: &str, help: &'static str) {
        self.met.push(FoundFile::Refused {
            name: name.to_owned(),
            error: Unreadable::new(why, help),
        });
    }
}

/// Whether a file has the keys of a manifest at its top.
fn declares_users(path: &Path) -> bool {
    let Ok(text) = read_text(path) else {
        return false;
    };
    text.lines().any(|line| {
        ["users:", "fromTable:", "fromCsv:"]
            .iter()
            .any(|key| line.starts_with(key))
    })
}

/// YAML files of a project that aren't manifests.
const NOT_MANIFESTS: &[&str] = &["rosterctl.yaml", "sandbox.yaml"];

/// Whether a file is a manifest of a listed path: the file itself, or a file below that folder.
pub(crate) fn is_manifest(listed: &str, name: &str) -> bool {
    let below = if listed == "." {
        Some(name)
    } else {
        name.strip_prefix(listed)
            .and_then(|rest| rest.strip_prefix('/'))
    };
    let is_seen = |below: &str| {
        !below.split('/').any(|part| part.starts_with('.')) && is_yaml(Path::new(below))
    };
    name == listed || below.is_some_and(is_seen)
}

fn is_other(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| NOT_MANIFESTS.iter().any(|other| name == *other))
}

fn is_yaml(path: &Path) -> bool {
    !is_other(path)
        && path.extension().is_some_and(|extension| {
            extension.eq_ignore_ascii_case("yaml") || extension.eq_ignore_ascii_case("yml")
        })
}

fn is_hidden(name: &std::ffi::OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

fn name_below(root: &Path, file: &Path) -> String {
    slashed(file.strip_prefix(root).unwrap_or(file))
}

fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
