//! The session with the server of a run. The sandbox runs in this process.

use std::time::Duration;

use secrecy::SecretString;
use tracing::info;

use crate::cli::args::ServerArgs;
use crate::cli::context::{CommandResult, Context};
use crate::cli::error::CommandError;
use crate::findings::source::Sources;
use crate::onefile::{Client, Endpoint, Network, Pace};
use crate::plan::Service;
use crate::project::data_folder::make_data_folder;
use crate::project::files::read_own;
use crate::project::settings::{ChosenServer, Project};
use crate::render::shown;
use crate::sandbox::{self, SandboxSettings, Seed, Store, TOKEN};

pub(crate) struct Connection {
    pub(crate) client: Client,
    /// The name of the server for people.
    pub(crate) server: String,
    sandbox: Option<sandbox::SandboxServer>,
}

pub(crate) const SEED_FILE: &str = "sandbox.yaml";

/// Runs an asynchronous command.
pub(crate) fn block_on(command: impl Future<Output = CommandResult>) -> CommandResult {
    wait_for(command)
}

/// Runs the asynchronous part of a command.
pub(crate) fn wait_for<T>(
    work: impl Future<Output = Result<T, CommandError>>,
) -> Result<T, CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime
        .map_err(|source| CommandError::io("no runtime can be started", source))?
        .block_on(work)
}

impl Connection {
    pub(crate) async fn open(
        context: &Context<'_>,
        server: &ChosenServer,
        pace: Pace,
    ) -> Result<Self, CommandError> {
        let (server_name, endpoint, sandbox) = match server {
            ChosenServer::Remote { name, base, token } => {
                let shown_name = if name == base {
                    name.clone()
                } else {
                    format!("{name} ({base})")
                };
                let endpoint = Endpoint {
                    base: base.clone(),
                    token: token.clone(),
                };
                (shown_name, endpoint, None)
            }
            ChosenServer::Sandbox => {
                let sandbox = start_sandbox(context).await?;
                let endpoint = Endpoint {
                    base: sandbox.base_url(),
                    token: SecretString::from(TOKEN),
                };
                (
                    "the sandbox (not OneFile)".to_owned(),
                    endpoint,
                    Some(sandbox),
                )
            }
        };
        let network = Network::of(&context.environment.network, &endpoint.base)?;
        let client = context
            .ui
            .waiting(
                context.clock,
                "Opening a session",
                None,
                Client::connect_over(network, &endpoint, pace, context.clock),
            )
            .await?;
        info!("talking to {}", shown(&endpoint.base));
        Ok(Self {
            client,
            server: server_name,
            sandbox,
        })
    }

    pub(crate) fn service(&self) -> Service {
        match self.sandbox {
            Some(_) => Service::Sandbox,
            None => Service::OneFile,
        }
    }

    /// Ends the session. The sandbox's data is on disk afterwards.
    pub(crate) async fn close(self) {
        info!("calls made: {}", self.client.calls());
        drop(self.client);
        if let Some(sandbox) = self.sandbox {
            sandbox.stop().await;
        }
    }
}

/// The limits of calls and waits: from the flags, else `rosterctl.yaml`, else the default. The sandbox in this process has
/// no default limit of calls.
pub(crate) fn pace(args: &ServerArgs, project: Option<&Project>, server: &ChosenServer) -> Pace {
    let standard = Pace::default();
    let calls_per_minute = match server {
        ChosenServer::Sandbox => 0,
        ChosenServer::Remote { .. } => project
            .and_then(|project| project.calls_per_minute)
            .unwrap_or(standard.calls_per_minute),
    };
    let wait = args
        .wait
        .map(|minutes| Duration::from_mins(u64::from(minutes)));
    Pace {
        calls_per_minute: args.calls_per_minute.unwrap_or(calls_per_minute),
        concurrency: usize::from(args.concurrency),
        opening: wait.unwrap_or(standard.opening),
        patience: wait.unwrap_or(standard.patience),
        ..standard
    }
}

async fn start_sandbox(context: &Context<'_>) -> Result<sandbox::SandboxServer, CommandError> {
    let store = Store::open(&make_data_folder(context.dir)?)?;
    let written = read_own(context.dir, SEED_FILE).map_err(CommandError::Misused)?;
    match (store.seed()?, written) {
        (None, None) => {
            return Err(CommandError::Misused(format!(
                "the sandbox is empty, and there is no {SEED_FILE} to fill it from; to try a plan of a real server, use `rosterctl rehearse`"
            )));
        }
        (None, Some(text)) => {
            let seed = parse_seed(&text, SEED_FILE)?;
            store.fill(&text, &seed)?;
        }
        (Some(from), written) => {
            // Git for Windows changes line ends as it likes.
            let is_same = |written: &str| written.lines().eq(from.lines());
            if written.is_some_and(|written| !is_same(&written)) {
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

/// `name` is the text's name in findings.
pub(crate) fn parse_seed(seed: &str, name: &str) -> Result<Seed, CommandError> {
    let mut sources = Sources::default();
    let file = sources.add(name, seed.to_owned());
    sandbox::seed(file, seed).map_err(|findings| CommandError::Invalid { findings, sources })
}
