//! A session with the server of a run; where that is the sandbox, the sandbox too.

use std::fs;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use tracing::info;

use crate::cli::commands::error::CommandError;
use crate::cli::commands::{CommandResult, Context};
use crate::findings::source::Sources;
use crate::onefile::{Client, Endpoint, Pace};
use crate::project::files::read_own;
use crate::project::settings::ChosenServer;
use crate::render::shown;
use crate::sandbox::{self, SandboxSettings, Seed, Store, TOKEN};

pub(crate) struct Connection {
    pub(crate) client: Client,
    /// The server, as people know it.
    pub(crate) server: String,
    sandbox: Option<sandbox::SandboxServer>,
}

pub(crate) const SEED_FILE: &str = "sandbox.yaml";
pub(crate) const DATA_DIR: &str = ".rosterctl";

/// Runs an asynchronous command.
pub(crate) fn block_on(command: impl Future<Output = CommandResult>) -> CommandResult {
    wait_for(command)
}

/// Runs what is asynchronous of a command that isn't.
pub(crate) fn wait_for<T>(
    work: impl Future<Output = Result<T, CommandError>>,
) -> Result<T, CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime
        .map_err(|source| io("no runtime can be started", source))?
        .block_on(work)
}

impl Connection {
    pub(crate) async fn open(
        context: &Context<'_>,
        server: ChosenServer,
        pace: Pace,
    ) -> Result<Self, CommandError> {
        let (server, endpoint, sandbox) = match server {
            ChosenServer::Remote { name, base, token } => {
                let name = if name == base {
                    name
                } else {
                    format!("{name} ({base})")
                };
                (name, Endpoint { base, token }, None)
            }
            ChosenServer::Sandbox => {
                let sandbox = start_sandbox(context).await?;
                let endpoint = Endpoint {
                    base: sandbox.base_url(),
                    token: SecretString::from(TOKEN),
                };
                (
                    "the sandbox (a rehearsal)".to_owned(),
                    endpoint,
                    Some(sandbox),
                )
            }
        };
        let client = context
            .ui
            .waiting(
                context.clock,
                "Opening a session",
                None,
                Client::connect(&endpoint, pace, context.clock),
            )
            .await?;
        info!("talking to {}", shown(&endpoint.base));
        Ok(Self {
            client,
            server,
            sandbox,
        })
    }

    /// Ends the session. The sandbox's data are on disk by then.
    pub(crate) async fn close(self) {
        info!("calls made: {}", self.client.calls());
        drop(self.client);
        if let Some(sandbox) = self.sandbox {
            sandbox.stop().await;
        }
    }
}

async fn start_sandbox(context: &Context<'_>) -> Result<sandbox::SandboxServer, CommandError> {
    let store = Store::open(&data_dir(context.dir)?)?;
    let written = read_own(context.dir, SEED_FILE).map_err(CommandError::Misused)?;
    match (store.seed()?, written) {
        (None, None) => {
            return Err(CommandError::Misused(format!(
                "the sandbox is empty, and there is no {SEED_FILE} to fill it from"
            )));
        }
        (None, Some(text)) => {
            let seed = parse(&text, SEED_FILE)?;
            store.fill(&text, &seed)?;
        }
        (Some(from), written) => {
            if written.is_some_and(|written| written != from) {
                let changed =
                    format!("{SEED_FILE} has changed since the sandbox was filled from it");
                context.ui.say(&format!(
                    "note: {changed}; `rosterctl sandbox reset` starts anew"
                ));
            }
        }
    }
    Ok(sandbox::SandboxServer::start(SandboxSettings::new(store, context.clock)?).await?)
}

pub(crate) fn parse(seed: &str, name: &str) -> Result<Seed, CommandError> {
    let mut sources = Sources::default();
    let file = sources.add(name, seed.to_owned());
    sandbox::seed(file, seed).map_err(|findings| CommandError::Invalid { findings, sources })
}

/// The folder for what a project leaves behind, for its owner alone and never for git.
pub(crate) fn data_dir(dir: &Path) -> Result<PathBuf, CommandError> {
    let data = dir.join(DATA_DIR);
    make_private(&data)
        .and_then(|()| fs::write(data.join(".gitignore"), "*\n"))
        .map_err(|source| {
            let what = format!("{} can't be made", data.display());
            io(&what, source)
        })?;
    Ok(data)
}

#[cfg(unix)]
fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    const OWNER_ALONE: u32 = 0o700;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(OWNER_ALONE)
        .create(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(OWNER_ALONE))
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)
}

pub(crate) fn io(what: &str, source: std::io::Error) -> CommandError {
    CommandError::Io {
        what: what.to_owned(),
        source,
    }
}
