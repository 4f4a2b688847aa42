//! The environment, read once.

use std::path::PathBuf;

use secrecy::SecretString;

/// The variables that count.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `ONEFILE_CUSTOMER_TOKEN`
    pub token: Option<SecretString>,
    /// `ONEFILE_BASE_URL`
    pub base_url: Option<String>,
    /// `CI` is set, and so nobody's own terminal is looked at.
    pub ci: bool,
    /// `COLUMNS`: how wide a line is.
    pub columns: Option<usize>,
    /// The number of the run in CI, on GitHub or GitLab.
    pub ci_run: Option<String>,
    /// Where this user's programs keep what concerns the machine: below `XDG_STATE_HOME` or `HOME`, on Windows `LOCALAPPDATA`.
    pub state: Option<PathBuf>,
}

/// Where CI says which run this is.
const CI_RUNS: &[&str] = &[
    "GITHUB_RUN_ID",
    "CI_PIPELINE_ID",
    "BUILD_BUILDID",
    "BUILD_NUMBER",
];

impl Environment {
    pub fn read() -> Self {
        Self {
            token: variable("ONEFILE_CUSTOMER_TOKEN").map(SecretString::from),
            base_url: variable("ONEFILE_BASE_URL"),
            ci: variable("CI").is_some(),
            columns: variable("COLUMNS").and_then(|columns| columns.parse().ok()),
            ci_run: CI_RUNS.iter().find_map(|name| variable(name)),
            state: state_folder(),
        }
    }
}

fn state_folder() -> Option<PathBuf> {
    let state = if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else {
        folder("XDG_STATE_HOME").or_else(|| Some(folder("HOME")?.join(".local/state")))
    };
    Some(state?.join("rosterctl"))
}

/// A folder from the root; another one would be below whatever folder this runs in.
#[expect(
    clippy::disallowed_methods,
    reason = "this is where the environment is read"
)]
fn folder(name: &str) -> Option<PathBuf> {
    std::env::var_os(name)
        .map(PathBuf::from)
        .filter(|folder| folder.is_absolute())
}

/// A variable that is set to something; white space around it comes from pasting. One that isn't UTF-8 isn't unset: what
/// is left of it is refused where it is used.
#[expect(
    clippy::disallowed_methods,
    reason = "this is where the environment is read"
)]
fn variable(name: &str) -> Option<String> {
    let value = std::env::var_os(name)?;
    let value = value.to_string_lossy().trim().to_owned();
    (!value.is_empty()).then_some(value)
}
