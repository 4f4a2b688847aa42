//! Reads the files of a git revision through git, without a checkout.

use crate::manifest::rules::unreadable_file;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use thiserror::Error;

use crate::findings::source::{Sources, Span};
use crate::findings::{Finding, Unreadable};
use crate::project::files::{
    GitFilter, LARGEST, Manifests, is_manifest, or_here, text_of, too_large,
};

/// The files of a project at a commit, by their names relative to the project's root.
#[derive(Debug)]
pub struct Revision {
    root: PathBuf,
    commit: String,
    files: BTreeMap<String, Blob>,
}

#[derive(Debug)]
struct Blob {
    id: String,
    is_link: bool,
}

#[derive(Debug, Error)]
pub enum RevisionError {
    #[error(
        "git can't be run, and `--base` compares with a commit; install it (git-scm.com) and open a new terminal, or plan without `--base`"
    )]
    NoGit(#[source] std::io::Error),
    #[error(
        "this project isn't in a git repository; commit it to one (`git init`), or plan without `--base`"
    )]
    NoRepository,
    #[error(
        "git knows no commit `{0}`; name a branch that `git branch` lists, or fetch it first (`git fetch origin main`; on GitHub `fetch-depth: 0` for actions/checkout)"
    )]
    Unknown(String),
    #[error("this branch has no commit yet; make the first one with `git commit`")]
    NoCommit,
    #[error(
        "git finds no commit that `{0}` and HEAD stem from; fetch the history (`git fetch --unshallow`; `fetch-depth: 0` for actions/checkout)"
    )]
    NoMergeBase(String),
    #[error(
        "git can't read the files of `{commit}`: {reason}; {}", unreadable_advice(.reason)
    )]
    Unreadable { commit: String, reason: String },
    /// A manifest whose content in git only a filter can show.
    #[error(
        "`{name}` {} at the commit that `--base` compares with; plan without `--base`, or {}", .filter.words(), .filter.help()
    )]
    Filtered { name: String, filter: GitFilter },
    /// Git finds a repository that it doesn't trust, or can't work in.
    #[error("git refuses to work in {}: {}{}", named(.folder), .said.reason, advice(.said))]
    Refused { folder: PathBuf, said: GitError },
}

/// What git says when it fails, in its own words.
#[derive(Debug, Default)]
pub struct GitError {
    pub reason: String,
    /// The command that git advises.
    fix: Option<String>,
}

const UNSAID: &str = "git doesn't say why";

impl GitError {
    /// Reads git's messages: `fatal: REASON` or `error: REASON`, and an advised command on an indented line.
    fn read(messages: &[u8]) -> Self {
        let said = String::from_utf8_lossy(messages);
        let after = |prefix: &str| said.lines().find_map(|line| line.strip_prefix(prefix));
        let reason = after("fatal: ").or_else(|| after("error: "));
        Self {
            reason: reason.unwrap_or(UNSAID).to_owned(),
            fix: after("\t").map(|command| command.trim().to_owned()),
        }
    }
}

fn named(folder: &Path) -> String {
    if folder == Path::new(".") {
        "this folder".to_owned()
    } else {
        folder.display().to_string()
    }
}

fn unreadable_advice(reason: &str) -> &'static str {
    let is_missing = ["lazy fetching", "promisor"]
        .iter()
        .any(|words| reason.contains(words));
    if reason == UNSAID || is_missing {
        "in a partial clone they may be missing: clone without `--filter`"
    } else {
        "`git fsck` says what is wrong with this repository; a new clone may be whole"
    }
}

fn advice(said: &GitError) -> String {
    if said.reason.contains("safe.bareRepository") {
        return "; the files HEAD, config, objects and refs in it could run commands on this machine: find out who added them, and delete them".to_owned();
    }
    match &said.fix {
        Some(command) if said.reason.contains("dubious ownership") => {
            format!("; if you trust this folder, run `{command}`")
        }
        Some(command) => format!("; git advises `{command}`"),
        None => String::new(),
    }
}

impl Revision {
    /// The files at the merge base of a reference and HEAD: the commit that a pull request is compared with.
    pub fn merge_base(root: &Path, reference: &str) -> Result<Self, RevisionError> {
        let named = known(root, reference)?;
        known(root, "HEAD").map_err(|error| match error {
            RevisionError::Unknown(_) => RevisionError::NoCommit,
            other => other,
        })?;
        let answer = answer(root, &["merge-base", &named, "HEAD"])?;
        if answer.status.success() {
            return Self::of(root, line(&answer.stdout));
        }
        // Git says nothing if there is no such commit, and why if it can't look.
        if answer.stderr.is_empty() {
            return Err(RevisionError::NoMergeBase(reference.to_owned()));
        }
        Err(unreadable(&named, &answer.stderr))
    }

    /// The files at the commit itself.
    pub fn at(root: &Path, commit: &str) -> Result<Self, RevisionError> {
        Self::of(root, known(root, commit)?)
    }

    fn of(root: &Path, commit: String) -> Result<Self, RevisionError> {
        let listed = answer(root, &["ls-tree", "-r", "-z", &commit])?;
        if !listed.status.success() {
            return Err(unreadable(&commit, &listed.stderr));
        }
        let files = listed
            .stdout
            .split(|byte| *byte == 0)
            .filter_map(entry)
            .collect();
        Ok(Self {
            root: root.to_owned(),
            commit,
            files,
        })
    }

    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// The bytes of a file as git stores them; `None` if the commit has no file of this name.
    pub fn bytes(&self, name: &str) -> Result<Option<Vec<u8>>, RevisionError> {
        let Some(blob) = self.files.get(name) else {
            return Ok(None);
        };
        Ok(self.contents(&[blob.id.as_str()])?.pop())
    }

    /// Reads the manifests that a project lists, in the same way as `read_project` reads them from disk.
    pub fn read_project(
        &self,
        paths: &[String],
        sources: &mut Sources,
    ) -> Result<Manifests, RevisionError> {
        let is_listed = |name: &str| {
            paths
                .iter()
                .any(|path| is_manifest(path.trim_end_matches('/'), name))
        };
        let wanted: Vec<_> = self
            .files
            .iter()
            .filter(|(name, blob)| !blob.is_link && is_listed(name))
            .collect();
        let ids: Vec<&str> = wanted.iter().map(|(_, blob)| blob.id.as_str()).collect();
        let contents = self.contents(&ids)?;
        let mut manifests = Manifests::default();
        for ((name, _), bytes) in wanted.into_iter().zip(contents) {
            refuse_filtered(name, &bytes)?;
            let is_small = bytes.len() as u64 <= LARGEST;
            match if is_small {
                text_of(bytes)
            } else {
                Err(too_large())
            } {
                Ok(text) => manifests
                    .files
                    .push((sources.add(name.clone(), text), self.root.join(name))),
                Err(Unreadable { why, help }) => {
                    let at = Span::new(sources.add(name.clone(), String::new()), 0, 0);
                    manifests.findings.push(Finding::new(
                        &unreadable_file::RULE,
                        at,
                        format!("`{name}` {why}"),
                        help,
                    ));
                }
            }
        }
        Ok(manifests)
    }

    /// The contents of blobs, in order, from one git process.
    fn contents(&self, ids: &[&str]) -> Result<Vec<Vec<u8>>, RevisionError> {
        let mut batch = command(&self.root, &["cat-file", "--batch"]);
        let mut git = batch
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(RevisionError::NoGit)?;
        let input = git.stdin.take().expect("standard input is a pipe");
        let output = git.stdout.take().expect("standard output is a pipe");
        let errors = git.stderr.take().expect("standard error is a pipe");
        let asked: String = ids.iter().flat_map(|id| [*id, "\n"]).collect();
        // Git's answers can fill a pipe before every ID is written, so threads write and listen while this one reads.
        let asking = std::thread::spawn(move || ask(input, &asked));
        let listening = std::thread::spawn(move || read_all(errors));
        let contents = blobs(BufReader::new(output), ids.len());
        let asked = asking.join().is_ok_and(|asked| asked.is_ok());
        let said = listening.join().unwrap_or_default();
        let ended = git.wait().is_ok_and(|status| status.success());
        contents
            .filter(|_| asked && ended)
            .ok_or_else(|| unreadable(&self.commit, &said))
    }
}

fn ask(mut input: impl Write, ids: &str) -> std::io::Result<()> {
    input.write_all(ids.as_bytes())
}

fn read_all(mut messages: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What can be read is enough for a message.
    let _ = messages.read_to_end(&mut bytes);
    bytes
}

/// Reads this many answers of git; `None` if one is incomplete.
fn blobs(mut output: impl BufRead, count: usize) -> Option<Vec<Vec<u8>>> {
    let mut blobs = Vec::with_capacity(count);
    for _ in 0..count {
        blobs.push(blob(&mut output)?);
    }
    Some(blobs)
}

/// Refuses a file that git stores in another form, because its users can't be read.
pub(crate) fn refuse_filtered(name: &str, bytes: &[u8]) -> Result<(), RevisionError> {
    match GitFilter::of(bytes) {
        None => Ok(()),
        Some(filter) => Err(RevisionError::Filtered {
            name: name.to_owned(),
            filter,
        }),
    }
}

fn unreadable(commit: &str, messages: &[u8]) -> RevisionError {
    RevisionError::Unreadable {
        commit: commit.get(..12).unwrap_or(commit).to_owned(),
        reason: GitError::read(messages).reason,
    }
}

/// Reads one answer of git: `ID blob SIZE`, then SIZE bytes and a line end. `None` if it is incomplete.
fn blob(output: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut head = String::new();
    output.read_line(&mut head).ok()?;
    let size: u64 = head.trim_end().rsplit(' ').next()?.parse().ok()?;
    let mut bytes = Vec::new();
    output.take(size).read_to_end(&mut bytes).ok()?;
    output.read_line(&mut String::new()).ok()?;
    (bytes.len() as u64 == size).then_some(bytes)
}

/// Parses an entry of `git ls-tree`: `100644 blob ID\tNAME`. `None` for anything else.
fn entry(listed: &[u8]) -> Option<(String, Blob)> {
    let listed = std::str::from_utf8(listed).ok()?;
    let (head, name) = listed.split_once('\t')?;
    let [mode, "blob", id] = head.split(' ').collect::<Vec<_>>()[..] else {
        return None;
    };
    Some((
        name.to_owned(),
        Blob {
            id: id.to_owned(),
            is_link: mode == "120000",
        },
    ))
}

/// The commit that is checked out; `None` if there is no git, no repository or no commit.
pub fn head(root: &Path) -> Result<Option<String>, RevisionError> {
    known(root, "HEAD").map(Some).or_else(none_unless_refused)
}

/// The name that git writes into commits of this user; `None` if there is none, or if git doesn't trust the repository.
pub fn committer(root: &Path) -> Option<String> {
    match trusted_repository(root) {
        Ok(()) | Err(RevisionError::NoRepository) => {}
        Err(_) => return None,
    }
    let answer = git(root, &["config", "--get", "user.name"]).ok()??;
    let name = line(&answer);
    (!name.is_empty()).then_some(name)
}

/// How git treats a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GitSees {
    /// Git ignores the file.
    Nothing,
    Untracked,
    Tracked,
}

/// How git treats a file of a folder, even if the file is missing. `None` if there is no git or no repository.
pub fn git_sees(root: &Path, file: &str) -> Result<Option<GitSees>, RevisionError> {
    seen(root, file).map(Some).or_else(none_unless_refused)
}

fn seen(root: &Path, file: &str) -> Result<GitSees, RevisionError> {
    trusted_repository(root)?;
    let says = |args: &[&str]| Ok::<_, RevisionError>(git(root, args)?.is_some());
    Ok(
        match says(&[
            "--literal-pathspecs",
            "ls-files",
            "--error-unmatch",
            "--",
            file,
        ])? {
            true => GitSees::Tracked,
            false if says(&["check-ignore", "--quiet", "--", file])? => GitSees::Nothing,
            false => GitSees::Untracked,
        },
    )
}

/// For questions that make sense without git: every error except a refusal becomes `None`.
fn none_unless_refused<T>(error: RevisionError) -> Result<Option<T>, RevisionError> {
    match error {
        RevisionError::NoGit(_)
        | RevisionError::NoRepository
        | RevisionError::Unknown(_)
        | RevisionError::NoCommit
        | RevisionError::NoMergeBase(_)
        | RevisionError::Filtered { .. }
        | RevisionError::Unreadable { .. } => Ok(None),
        refused @ RevisionError::Refused { .. } => Err(refused),
    }
}

/// The ID of the commit that a reference names.
fn known(root: &Path, reference: &str) -> Result<String, RevisionError> {
    trusted_repository(root)?;
    let commit = format!("{reference}^{{commit}}");
    let question = [
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        &commit,
    ];
    let found = answer(root, &question)?;
    if found.status.success() {
        return Ok(line(&found.stdout));
    }
    // Git is quiet about a commit that it doesn't know, and not about one that it can't read.
    if found.stderr.is_empty() {
        return Err(RevisionError::Unknown(reference.to_owned()));
    }
    Err(unreadable(reference, &found.stderr))
}

/// Refuses a folder outside every work tree, and one that git doesn't trust.
fn trusted_repository(root: &Path) -> Result<(), RevisionError> {
    let answer = answer(root, &["rev-parse", "--is-inside-work-tree"])?;
    if answer.status.success() {
        // Git before 2.38 doesn't know `safe.bareRepository`, and says `false` in a bare repository.
        return if line(&answer.stdout) == "true" {
            Ok(())
        } else {
            Err(RevisionError::NoRepository)
        };
    }
    let said = GitError::read(&answer.stderr);
    // With a path behind it, a link to the repository leads nowhere.
    if said.reason.starts_with("not a git repository (") {
        return Err(RevisionError::NoRepository);
    }
    Err(RevisionError::Refused {
        folder: root.to_owned(),
        said,
    })
}

/// Settings that prevent a project's files from running commands through git. Git takes a folder with `HEAD`, `config`,
/// `objects` and `refs` for a bare repository. Anybody can commit such a folder.
const SAFE_SETTINGS: &[&str] = &[
    "safe.bareRepository=explicit",
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.sshCommand=false",
    "credential.helper=",
];

/// The same protection through the environment. `GIT_ALLOW_PROTOCOL` names no real protocol, so git fetches nothing; unlike
/// `protocol.allow`, a repository can't override it.
const SAFE_ENVIRONMENT: &[(&str, &str)] = &[
    ("GIT_ALLOW_PROTOCOL", "none"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    // The code recognises git's reasons by their English words.
    ("LC_ALL", "C"),
];

/// Variables that a git hook sets for its own repository. They are removed, because git has to use the project's repository.
const OF_ANOTHER_REPOSITORY: &[&str] = &[
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
];

/// Builds every git command, so that none runs without the safe settings.
fn command(root: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.current_dir(or_here(root)).arg("--no-pager");
    for setting in SAFE_SETTINGS {
        command.args(["-c", setting]);
    }
    // What git runs, a filter for instance, has no use for secrets.
    for name in OF_ANOTHER_REPOSITORY.iter().chain(SECRETS) {
        command.env_remove(name);
    }
    command.envs(SAFE_ENVIRONMENT.iter().copied());
    command
        .args(args)
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// How git ended, with its output and its messages.
fn answer(root: &Path, args: &[&str]) -> Result<Output, RevisionError> {
    let mut command = command(root, args);
    command.stderr(Stdio::piped());
    command.output().map_err(RevisionError::NoGit)
}

/// The variables that hold what opens something.
const SECRETS: &[&str] = &[
    "ONEFILE_CUSTOMER_TOKEN",
    "ROSTERCTL_AGE_KEY",
    "SOPS_AGE_KEY",
];

/// The output of git; `None` if git fails.
fn git(root: &Path, args: &[&str]) -> Result<Option<Vec<u8>>, RevisionError> {
    let output = answer(root, args)?;
    Ok(output.status.success().then_some(output.stdout))
}

fn line(answer: &[u8]) -> String {
    String::from_utf8_lossy(answer).trim().to_owned()
}
