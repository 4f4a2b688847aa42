//! What can go wrong between us and the server. No message holds a word of the server's or a value that was sent.

use std::time::Duration;

use thiserror::Error;

use crate::field::Key;
use crate::model::Id;

#[derive(Debug, Error)]
pub enum ClientError {
    #[error("no HTTP client can be made")]
    Setup(#[source] reqwest::Error),
    #[error("{call}: {}", if source.is_timeout() && !source.is_connect() { "no answer in time" } else { "the server can't be reached" })]
    Unreachable {
        call: String,
        #[source]
        source: reqwest::Error,
    },
    #[error("{call}: the answer broke off")]
    Broken {
        call: String,
        #[source]
        source: reqwest::Error,
    },
    #[error("the customer token was refused; check ONEFILE_CUSTOMER_TOKEN and the target")]
    TokenRefused,
    #[error("there is no organisation {0} on this server; check `organisation` in rosterctl.yaml")]
    NoOrganisation(Id),
    #[error("{call}: answered {status}")]
    Status {
        call: String,
        status: u16,
        /// The fields that the server's message names.
        names: Vec<Key>,
        retry_after: Option<Duration>,
    },
    #[error("{call}: the answer isn't JSON")]
    NotJson { call: String },
    #[error("{call}: the answer has no {what}")]
    Misshapen { call: String, what: &'static str },
}

impl ClientError {
    /// Whether the service is away rather than unwilling: down for maintenance, or not to be reached.
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Broken { .. } | Self::NotJson { .. } => true,
            Self::Status { status, .. } => matches!(status, 502..=504),
            Self::Setup(_) | Self::TokenRefused | Self::NoOrganisation(_) | Self::Misshapen { .. } => false,
        }
    }

    /// The fields that the server's message names, if it gave one.
    pub fn names(&self) -> &[Key] {
        match self {
            Self::Status { names, .. } => names,
            _ => &[],
        }
    }

    /// Whether the same call may go through later (`design.md`, Rules of apply).
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Broken { .. } | Self::NotJson { .. } => true,
            Self::Status { status, .. } => matches!(status, 408 | 429 | 500..=599),
            Self::Setup(_) | Self::TokenRefused | Self::NoOrganisation(_) | Self::Misshapen { .. } => false,
        }
    }

    /// Whether the server did nothing because there were too many calls.
    pub(crate) fn is_limit(&self) -> bool {
        matches!(self, Self::Status { status: 429, .. })
    }

    /// Whether a create that ended so has certainly made no account.
    pub(crate) fn means_not_created(&self) -> bool {
        match self {
            Self::Unreachable { source, .. } => source.is_connect(),
            Self::Status { status, .. } => matches!(status, 400 | 401 | 403 | 404 | 429),
            Self::Setup(_) | Self::TokenRefused | Self::NoOrganisation(_) => true,
            Self::Broken { .. } | Self::NotJson { .. } | Self::Misshapen { .. } => false,
        }
    }
}
