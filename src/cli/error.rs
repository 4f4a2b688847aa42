//! Errors that end a command early, with a message and an exit code.

use std::io;

use thiserror::Error;

use crate::apply::journal::{JournalError, LockError};
use crate::apply::ledger::LedgerError;
use crate::cli::exit::Exit;
use crate::cli::terminal::{Ui, report};
use crate::findings::source::Sources;
use crate::findings::{Finding, tally};
use crate::onefile::{ClientError, NetworkSettingError, in_words};
use crate::project::error::ProjectError;
use crate::project::files::RevisionError;
use crate::project::settings::UsageError;
use crate::render::{count, shown};
use crate::sandbox::StoreError;

#[derive(Debug, Error)]
pub(crate) enum CommandError {
    #[error(transparent)]
    Usage(#[from] UsageError),
    #[error("{0}")]
    Misused(String),
    #[error("invalid")]
    Invalid {
        findings: Vec<Finding>,
        sources: Sources,
    },
    #[error(transparent)]
    Revision(#[from] RevisionError),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Network(#[from] NetworkSettingError),
    #[error(transparent)]
    Sandbox(#[from] StoreError),
    #[error("{what}")]
    Io {
        what: String,
        #[source]
        source: io::Error,
    },
    #[error("the output can't be written")]
    Output(#[from] io::Error),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Locked(#[from] LockError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error("{0}")]
    Refused(String),
    /// A maintenance window prevents the run.
    #[error("{0}")]
    Maintenance(String),
}

impl From<ProjectError> for CommandError {
    fn from(error: ProjectError) -> Self {
        match error {
            ProjectError::Misused(words) => Self::Misused(words),
            ProjectError::Invalid { findings, sources } => Self::Invalid { findings, sources },
            ProjectError::Refused(words) => Self::Refused(words),
            ProjectError::Revision(error) => Self::Revision(error),
            ProjectError::Io { what, source } => Self::Io { what, source },
        }
    }
}

impl CommandError {
    /// An I/O error; `what` says what failed.
    pub(crate) fn io(what: impl Into<String>, source: io::Error) -> Self {
        Self::Io {
            what: what.into(),
            source,
        }
    }

    /// Prints the message and returns the exit code.
    pub(crate) fn report(&self, ui: &Ui) -> Exit {
        match self {
            Self::Invalid { findings, sources } => {
                ui.say(report(findings, sources, ui.reveal_errors).trim_end_matches('\n'));
                let (errors, _) = tally(findings);
                ui.say(&format!(
                    "\n{}; nothing was done",
                    count(errors, "error", "errors")
                ));
            }
            Self::Refused(words) | Self::Maintenance(words) => ui.complain(words),
            Self::Client(error) => {
                let advice = advice(error)
                    .map(|advice| format!("\n  {advice}"))
                    .unwrap_or_default();
                ui.complain(&format!("error: {}{advice}", shown(&in_words(self))));
            }
            Self::Usage(_)
            | Self::Misused(_)
            | Self::Revision(_)
            | Self::Sandbox(_)
            | Self::Io { .. }
            | Self::Network(_)
            | Self::Output(_)
            | Self::Journal(_)
            | Self::Ledger(_)
            | Self::Locked(_) => ui.complain(&format!("error: {}", shown(&in_words(self)))),
        }
        self.exit()
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) | Self::Misused(_) | Self::Revision(_) | Self::Network(_) => Exit::Usage,
            Self::Invalid { .. } => Exit::Invalid,
            Self::Client(error) if error.is_outage() => Exit::Unreachable,
            Self::Locked(LockError::Held(_)) | Self::Refused(_) => Exit::Refused,
            Self::Maintenance(_) => Exit::Unreachable,
            Self::Client(_)
            | Self::Sandbox(_)
            | Self::Io { .. }
            | Self::Output(_)
            | Self::Journal(_)
            | Self::Ledger(_)
            | Self::Locked(_) => Exit::Failed,
        }
    }
}

/// Advice for a failed request, if there is any.
pub(crate) fn advice(error: &ClientError) -> Option<&'static str> {
    match error {
        // Its message says what to do.
        ClientError::Network { .. } => None,
        ClientError::Setup(_) => Some(
            "install the certificates of this system (the package ca-certificates), or set SSL_CERT_FILE to a PEM file",
        ),
        ClientError::Status { status: 429, .. } => Some(
            "another program is using up the calls of this token: stop it, or set `callsPerMinute` in rosterctl.yaml lower",
        ),
        error if error.is_outage() => {
            Some("check the address and the network, or come back after maintenance")
        }
        ClientError::Status { status: 404, .. } => {
            Some("look at the address: OneFile's end in /api/v2.1")
        }
        _ => None,
    }
}
