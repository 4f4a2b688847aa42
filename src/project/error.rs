//! Why a project can't be read or written.

use std::io;

use thiserror::Error;

use crate::findings::Finding;
use crate::findings::source::Sources;
use crate::project::files::RevisionError;

#[derive(Debug, Error)]
pub enum ProjectError {
    /// The command line or a path asks for something that can't be done.
    #[error("{0}")]
    Misused(String),
    /// Files of the project have errors.
    #[error("invalid")]
    Invalid {
        findings: Vec<Finding>,
        sources: Sources,
    },
    /// Going on could overwrite something or make personal data public.
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Revision(#[from] RevisionError),
    #[error("{what}")]
    Io {
        what: String,
        #[source]
        source: io::Error,
    },
}

impl ProjectError {
    /// An I/O error; `what` says what failed.
    pub fn io(what: impl Into<String>, source: io::Error) -> Self {
        Self::Io {
            what: what.into(),
            source,
        }
    }
}
