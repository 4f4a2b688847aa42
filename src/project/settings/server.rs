//! Chooses the server and the token of a run. The live server is never the default. A file can name a target, but no host.

use std::net::IpAddr;

use reqwest::Url;
use secrecy::SecretString;
use thiserror::Error;

use crate::project::settings::environment::Environment;

/// The vendor's servers (`docs/onefile-api.md`, Hosts and session).
const HOSTED: &[(&str, &str)] = &[
    ("live", "https://wsapi.onefile.co.uk/api/v2.1"),
    ("practice", "https://wsapi2.onefile.co.uk/api/v2.1"),
    ("beta", "https://wsapibeta.onefile.co.uk/api/v2.1"),
];
pub(crate) const SANDBOX: &str = "sandbox";

/// `--sandbox` and `--target`.
#[derive(Clone, Debug, Default)]
pub struct ServerFlags {
    pub sandbox: bool,
    pub target: Option<String>,
}

/// The server that a run talks to.
#[derive(Clone, Debug)]
pub enum ChosenServer {
    /// The emulator, in this process.
    Sandbox,
    Remote {
        /// The target's name, or else the base URL.
        name: String,
        base: String,
        token: SecretString,
    },
}

impl ChosenServer {
    /// Tells this server from others: its base URL, or `sandbox`.
    pub fn identity(&self) -> String {
        match self {
            Self::Sandbox => SANDBOX.to_owned(),
            // The server ignores the case of paths (`docs/onefile-api.md`, Hosts and session).
            Self::Remote { base, .. } => base.to_ascii_lowercase(),
        }
    }
}

/// Why no server can be chosen: a choice or the token is missing, contradictory or unusable.
#[derive(Debug, Error)]
pub enum UsageError {
    #[error(
        "no server is named; give `--sandbox` or `--target NAME`, set ONEFILE_BASE_URL, or add `target` to rosterctl.yaml"
    )]
    NoServer,
    #[error("`--target {0}` contradicts ONEFILE_BASE_URL; unset the one that isn't meant")]
    Contradiction(String),
    #[error(
        "`target: sandbox` in rosterctl.yaml contradicts ONEFILE_BASE_URL; give `--sandbox`, or unset the one that isn't meant"
    )]
    SandboxIsMeant,
    #[error(
        "ONEFILE_BASE_URL isn't an HTTPS address such as https://wsapi.onefile.co.uk/api/v2.1 (plain HTTP is for loopback alone)"
    )]
    BadBaseUrl,
    #[error("no token; set ONEFILE_CUSTOMER_TOKEN to the customer token of {0}")]
    NoToken(String),
}

/// Chooses by `--sandbox` or `--target`, else by `ONEFILE_BASE_URL`, else by the project's target.
pub fn choose(
    flags: &ServerFlags,
    environment: &Environment,
    project: Option<&str>,
) -> Result<ChosenServer, UsageError> {
    if flags.sandbox || flags.target.as_deref() == Some(SANDBOX) {
        return Ok(ChosenServer::Sandbox);
    }
    let given = environment.base_url.as_deref().map(base_url).transpose()?;
    let (name, base) = match (&flags.target, given) {
        (Some(target), given) => {
            let hosted = hosted(target).ok_or(UsageError::NoServer)?;
            if given.is_some_and(|given| given != hosted.1) {
                return Err(UsageError::Contradiction(target.clone()));
            }
            hosted
        }
        // A project for the sandbox never goes to a real server, only to a server on this machine.
        (None, Some(given)) if project == Some(SANDBOX) && !is_here(&given) => {
            return Err(UsageError::SandboxIsMeant);
        }
        (None, Some(given)) => (name_of(&given), given),
        (None, None) if project == Some(SANDBOX) => return Ok(ChosenServer::Sandbox),
        (None, None) => project.and_then(hosted).ok_or(UsageError::NoServer)?,
    };
    let token = environment
        .token
        .clone()
        .ok_or_else(|| UsageError::NoToken(name.clone()))?;
    Ok(ChosenServer::Remote { name, base, token })
}

fn hosted(target: &str) -> Option<(String, String)> {
    let found = HOSTED.iter().find(|(name, _)| *name == target)?;
    Some((found.0.to_owned(), found.1.to_owned()))
}

/// Checks that a token may be sent to this base URL.
fn base_url(text: &str) -> Result<String, UsageError> {
    let url = Url::parse(text).map_err(|_| UsageError::BadBaseUrl)?;
    let is_plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    let may_carry_token = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    if !is_plain || !may_carry_token || text.contains(char::REPLACEMENT_CHARACTER) {
        return Err(UsageError::BadBaseUrl);
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn is_here(base: &str) -> bool {
    Url::parse(base).is_ok_and(|url| is_loopback(&url))
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// The name of a base URL for people: the target's name if it is one of the vendor's.
/// The name of the vendor's server that has this base URL.
pub fn target_of_base_url(text: &str) -> Option<&'static str> {
    let base = base_url(text).ok()?;
    let known = HOSTED.iter().find(|(_, url)| *url == base);
    known.map(|(name, _)| *name)
}

fn name_of(base: &str) -> String {
    let known = HOSTED
        .iter()
        .find(|(_, url)| *url == base)
        .map(|(name, _)| *name);
    known.unwrap_or(base).to_owned()
}

#[cfg(test)]
mod tests {
    use super::{ChosenServer, Environment, HOSTED, SANDBOX, ServerFlags, UsageError, choose};
    use crate::manifest::schema::TARGETS;

    fn environment(base_url: Option<&str>) -> Environment {
        Environment {
            token: Some("example".into()),
            base_url: base_url.map(str::to_owned),
            ..Environment::default()
        }
    }

    fn target(name: &str) -> ServerFlags {
        ServerFlags {
            sandbox: false,
            target: Some(name.to_owned()),
        }
    }

    fn base(server: Result<ChosenServer, UsageError>) -> String {
        match server.unwrap() {
            ChosenServer::Sandbox => SANDBOX.to_owned(),
            ChosenServer::Remote { base, .. } => base,
        }
    }

    #[test]
    fn the_targets_are_those_of_the_schema() {
        let names: Vec<_> = HOSTED
            .iter()
            .map(|(name, _)| *name)
            .chain([SANDBOX])
            .collect();
        assert_eq!(names, TARGETS);
    }

    #[test]
    fn a_flag_comes_before_the_environment_and_that_before_the_project() {
        let local = Some("http://127.0.0.1:9/api/v2.1/");
        let sandbox = ServerFlags {
            sandbox: true,
            target: None,
        };
        assert_eq!(
            base(choose(&sandbox, &environment(local), Some("live"))),
            SANDBOX
        );
        assert_eq!(
            base(choose(
                &target("sandbox"),
                &environment(local),
                Some("live")
            )),
            SANDBOX
        );
        assert_eq!(
            base(choose(
                &ServerFlags::default(),
                &environment(local),
                Some("live")
            )),
            "http://127.0.0.1:9/api/v2.1"
        );
        assert_eq!(
            base(choose(
                &ServerFlags::default(),
                &environment(None),
                Some("beta")
            )),
            HOSTED[2].1
        );
        assert_eq!(
            base(choose(
                &target("live"),
                &environment(Some(HOSTED[0].1)),
                None
            )),
            HOSTED[0].1
        );
    }

    #[test]
    fn no_server_is_never_the_live_one() {
        let chosen = choose(&ServerFlags::default(), &environment(None), None);
        assert!(matches!(chosen, Err(UsageError::NoServer)));
    }

    #[test]
    fn a_target_that_contradicts_the_environment_is_refused() {
        let chosen = choose(
            &target("live"),
            &environment(Some("https://example.ac.uk/api")),
            None,
        );
        assert!(matches!(chosen, Err(UsageError::Contradiction(_))));
    }

    #[test]
    fn what_is_meant_for_the_sandbox_goes_to_no_other_server() {
        let chosen = |base| {
            choose(
                &ServerFlags::default(),
                &environment(Some(base)),
                Some("sandbox"),
            )
        };
        assert!(matches!(
            chosen("https://wsapi.onefile.co.uk/api/v2.1"),
            Err(UsageError::SandboxIsMeant)
        ));
        assert!(matches!(
            chosen("http://127.0.0.1:8400/api/v2.1"),
            Ok(ChosenServer::Remote { .. })
        ));
    }

    #[test]
    fn the_token_goes_nowhere_without_https_but_to_loopback() {
        for bad in [
            "http://example.ac.uk/api",
            "ftp://127.0.0.1/",
            "https://u:p@example.ac.uk/",
            "example",
            "http://127.0.0.1.example.ac.uk/",
        ] {
            let chosen = choose(&ServerFlags::default(), &environment(Some(bad)), None);
            assert!(matches!(chosen, Err(UsageError::BadBaseUrl)), "{bad}");
        }
        for good in [
            "http://localhost:1/x",
            "http://[::1]:1/x",
            "https://example.ac.uk/x",
        ] {
            assert_eq!(
                base(choose(
                    &ServerFlags::default(),
                    &environment(Some(good)),
                    None
                )),
                good
            );
        }
    }
}
