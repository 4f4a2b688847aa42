//! The environment variables, read once.

use std::ffi::OsString;
use std::path::PathBuf;

use secrecy::SecretString;

use crate::apply::platform::STATE_FOLDERS;
use crate::onefile::NetworkVariables;

/// The environment variables that rosterctl uses.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `ONEFILE_CUSTOMER_TOKEN`
    pub token: Option<SecretString>,
    /// `ONEFILE_BASE_URL`
    pub base_url: Option<String>,
    /// Whether `CI` is set. If it is, no terminal counts as a person's own.
    pub ci: bool,
    /// `COLUMNS`: the width of a line, in columns.
    pub columns: Option<usize>,
    /// `SUDO_UID`: who called `sudo`.
    pub sudo_user: Option<u32>,
    /// `USERPROFILE`: this user's folder on Windows.
    pub home: Option<PathBuf>,
    /// The ID of this CI run.
    pub ci_run: Option<String>,
    /// Who started this CI run: a login.
    pub ci_login: Option<String>,
    /// This user's folder for state on this machine: `rosterctl` below `XDG_STATE_HOME` or `HOME`, on Windows below
    /// `LOCALAPPDATA`.
    pub state: Option<PathBuf>,
    /// The proxy and the certificates of this machine's network.
    pub network: NetworkVariables,
    /// What opens sealed overlays.
    pub age_key: Option<AgeKeyVariable>,
}

/// A variable that gives keys of age.
#[derive(Clone, Debug)]
pub struct AgeKeyVariable {
    pub name: &'static str,
    pub source: AgeKeySource,
}

#[derive(Clone, Debug)]
pub enum AgeKeySource {
    Text(SecretString),
    File(PathBuf),
}

/// A variable, and what its value is.
type AgeKeyRow = (&'static str, fn(String) -> AgeKeySource);

/// The variables that give keys of age, and those that name a file of keys. The first that is set counts.
const AGE_KEYS: &[AgeKeyRow] = &[
    ("ROSTERCTL_AGE_KEY", |text| AgeKeySource::Text(text.into())),
    ("ROSTERCTL_AGE_KEY_FILE", |path| {
        AgeKeySource::File(path.into())
    }),
    ("SOPS_AGE_KEY", |text| AgeKeySource::Text(text.into())),
    ("SOPS_AGE_KEY_FILE", |path| AgeKeySource::File(path.into())),
];

/// The variables in which CI systems give the ID of a run.
const CI_RUNS: &[&str] = &[
    "GITHUB_RUN_ID",
    "CI_PIPELINE_ID",
    "BUILD_BUILDID",
    "BUILD_NUMBER",
];

/// The variables in which CI systems give the login of whoever started a run. On GitHub, a person may run again what another
/// one started.
const CI_LOGINS: &[&str] = &[
    "GITHUB_TRIGGERING_ACTOR",
    "GITHUB_ACTOR",
    "GITLAB_USER_LOGIN",
];

impl Environment {
    pub fn read() -> Self {
        Self {
            token: variable("ONEFILE_CUSTOMER_TOKEN").map(SecretString::from),
            base_url: variable("ONEFILE_BASE_URL"),
            ci: variable("CI").is_some(),
            columns: variable("COLUMNS").and_then(|columns| columns.parse().ok()),
            sudo_user: variable("SUDO_UID").and_then(|user| user.parse().ok()),
            home: folder("USERPROFILE"),
            ci_run: CI_RUNS.iter().find_map(|name| variable(name)),
            ci_login: CI_LOGINS.iter().find_map(|name| variable(name)),
            state: state_folder(),
            network: network(),
            age_key: age_key(),
        }
    }
}

fn age_key() -> Option<AgeKeyVariable> {
    let of_row = |(name, source): &AgeKeyRow| {
        let source = source(variable(name)?);
        Some(AgeKeyVariable { name, source })
    };
    AGE_KEYS.iter().find_map(of_row)
}

/// The variables that may name a proxy. The first that is set counts.
const PROXIES: &[&str] = &["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

fn network() -> NetworkVariables {
    let proxy = |name: &&'static str| Some((*name, variable(name)?.into()));
    NetworkVariables {
        proxy: PROXIES.iter().find_map(proxy),
        no_proxy: variable("NO_PROXY").or_else(|| variable("no_proxy")),
        cert_file: variable("SSL_CERT_FILE").map(PathBuf::from),
        cert_dir: variable("SSL_CERT_DIR").map(OsString::from),
    }
}

fn state_folder() -> Option<PathBuf> {
    STATE_FOLDERS
        .iter()
        .find_map(|(variable, below)| Some(folder(variable)?.join(below)))
}

/// A variable that holds an absolute path. A relative one would depend on the current folder.
#[expect(
    clippy::disallowed_methods,
    reason = "this is where the environment is read"
)]
fn folder(name: &str) -> Option<PathBuf> {
    std::env::var_os(name)
        .map(PathBuf::from)
        .filter(|folder| folder.is_absolute())
}

/// A variable that isn't empty, without surrounding white space, which pasting can add. A variable that isn't UTF-8 still
/// counts as set; its value is refused where it is used.
#[expect(
    clippy::disallowed_methods,
    reason = "this is where the environment is read"
)]
fn variable(name: &str) -> Option<String> {
    let value = std::env::var_os(name)?;
    let value = value.to_string_lossy().trim().to_owned();
    (!value.is_empty()).then_some(value)
}
