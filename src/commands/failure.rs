//! What ends a command early, as a message and an exit code.

use std::io;

use thiserror::Error;

use crate::client::{ClientError, in_words};
use crate::diagnostic::{Finding, tally};
use crate::exit::Exit;
use crate::files::RevisionError;
use crate::journal::{JournalError, LockError};
use crate::sandbox::StoreError;
use crate::settings::UsageError;
use crate::source::Sources;
use crate::ui::{Ui, report};
use crate::view::{count, shown};

#[derive(Debug, Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Usage(#[from] UsageError),
    #[error("{0}")]
    Misused(String),
    #[error("invalid")]
    Invalid { findings: Vec<Finding>, sources: Sources },
    #[error(transparent)]
    Revision(#[from] RevisionError),
    #[error(transparent)]
    Client(#[from] ClientError),
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
    #[error("{0}")]
    Refused(String),
    /// A maintenance window is in the way.
    #[error("{0}")]
    Maintenance(String),
}

impl Failure {
    pub(crate) fn report(&self, ui: &Ui) -> Exit {
        match self {
            Self::Invalid { findings, sources } => {
                ui.say(report(findings, sources, ui.reveal_errors).trim_end_matches('\n'));
                let (errors, _) = tally(findings);
                ui.say(&format!("\n{}; nothing was done", count(errors, "error", "errors")));
            }
            Self::Refused(words) | Self::Maintenance(words) => ui.say(words.trim_end()),
            _ => ui.say(&format!("error: {}", shown(&in_words(self)))),
        }
        self.exit()
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) | Self::Misused(_) | Self::Revision(_) => Exit::Usage,
            Self::Invalid { .. } => Exit::Invalid,
            Self::Client(error) if error.is_outage() => Exit::Unreachable,
            Self::Locked(LockError::Held(_)) | Self::Refused(_) => Exit::Refused,
            Self::Maintenance(_) => Exit::Unreachable,
            Self::Client(_)
            | Self::Sandbox(_)
            | Self::Io { .. }
            | Self::Output(_)
            | Self::Journal(_)
            | Self::Locked(_) => Exit::Failed,
        }
    }
}
