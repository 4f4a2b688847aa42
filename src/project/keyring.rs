//! The keys that open sealed overlays, from the environment. They are read when the first sealed file is met, and once.

use std::path::Path;
use std::sync::OnceLock;

use secrecy::SecretString;

use crate::apply::platform;
use crate::findings::Unreadable;
use crate::manifest::sealed::{AgeKeys, Sealing};
use crate::project::files::{GitSees, git_sees, read_bytes};
use crate::project::settings::{AgeKeySource, AgeKeyVariable, Project};

/// The variable that gives keys, and the keys once they are read.
#[derive(Debug, Default)]
pub struct AgeKeyring {
    variable: Option<AgeKeyVariable>,
    read: OnceLock<Result<Option<AgeKeys>, Unreadable>>,
}

impl AgeKeyring {
    pub fn new(variable: Option<AgeKeyVariable>) -> Self {
        Self {
            variable,
            read: OnceLock::new(),
        }
    }

    /// The keys; `None` if no variable gives any.
    pub fn keys(&self) -> Result<Option<&AgeKeys>, Unreadable> {
        match self.read.get_or_init(|| self.read_keys()) {
            Ok(keys) => Ok(keys.as_ref()),
            Err(Unreadable { why, help }) => Err(Unreadable::new(why.clone(), help.clone())),
        }
    }

    /// The reason names the variable, for it is that which has to be changed.
    fn read_keys(&self) -> Result<Option<AgeKeys>, Unreadable> {
        let Some(AgeKeyVariable { name, source }) = &self.variable else {
            return Ok(None);
        };
        platform::forbid_core_dumps();
        let keys = match source {
            AgeKeySource::Text(text) => AgeKeys::parse(text),
            AgeKeySource::File(path) => text_of_file(path).and_then(|text| AgeKeys::parse(&text)),
        };
        let in_variable = |error: Unreadable| {
            let why = match source {
                AgeKeySource::Text(_) => format!("can't be opened: {name} {}", error.why),
                AgeKeySource::File(_) => {
                    format!("can't be opened: the file that {name} names {}", error.why)
                }
            };
            Unreadable::new(why, error.help)
        };
        keys.map(Some).map_err(in_variable)
    }
}

/// For whom the overlays of a project are sealed, and what opens them; `None` if the project doesn't say.
pub fn sealing<'s>(
    keyring: &'s AgeKeyring,
    project: &'s Project,
) -> Result<Option<Sealing<'s>>, Unreadable> {
    if project.recipients.is_empty() {
        return Ok(None);
    }
    Ok(Some(Sealing {
        organisation: project.organisation,
        recipients: Some(&project.recipients),
        keys: keyring.keys()?,
    }))
}

/// How git treats a file, wherever it is, and whatever link leads to it. The file may not exist yet.
pub fn seen_by_git(file: &Path) -> Option<GitSees> {
    let absolute = std::path::absolute(file).ok()?;
    let absolute = absolute.canonicalize().unwrap_or(absolute);
    let folder = absolute
        .ancestors()
        .skip(1)
        .find(|folder| folder.is_dir())?;
    let name = absolute.strip_prefix(folder).ok()?.to_string_lossy();
    git_sees(folder, &name).ok().flatten()
}

/// The text of a file of keys, which git mustn't keep.
fn text_of_file(path: &Path) -> Result<SecretString, Unreadable> {
    let bytes = read_bytes(path)?;
    match seen_by_git(path) {
        Some(GitSees::Tracked) => {
            return Err(Unreadable::new(
                "is kept by git, so that everybody who can read the repository has the key",
                "make a new key, `rosterctl seal --rotate`, and keep the new one out of git",
            ));
        }
        Some(GitSees::Untracked) => {
            return Err(Unreadable::new(
                "lies in a repository of git that doesn't ignore it, so that the next commit may have it",
                "move it out of the repository, or name it in .gitignore",
            ));
        }
        Some(GitSees::Nothing) | None => {}
    }
    let text = String::from_utf8(bytes);
    text.map(SecretString::from).map_err(|_| {
        Unreadable::new(
            "isn't text",
            "name a file that `rosterctl seal --keygen` or `age-keygen` made",
        )
    })
}
