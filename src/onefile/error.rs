//! What can go wrong between us and the server. No message holds a word of the server's or a value that was sent.

use std::error::Error;
use std::time::Duration;

use crate::domain::OrganisationId;
use crate::domain::field::Key;

#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("no HTTP client can be made")]
    Setup(#[source] reqwest::Error),
    #[error("{call}: {}", unreachable(source))]
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
    #[error(
        "a session key that was fetched just now was refused; look at the help centre's banner, and ask OneFile's support"
    )]
    FreshKeyRefused,
    #[error(
        "session keys die as soon as they are used: another client may be using this token; ask OneFile's support for one of its own"
    )]
    TokenShared,
    /// The service was waited for in vain; what it said last, to the call that asked.
    #[error("the service is away")]
    Away(#[source] Option<Box<ClientError>>),
    /// The call wasn't sent: it had to wait until what it rests on was too old.
    #[error("{call}: wasn't sent, since it had to wait for too long")]
    TooLate { call: String },
    /// The call wasn't sent, for want of a session key.
    #[error("no session key is to be had")]
    NoSession(#[source] Box<ClientError>),
    #[error("there is no organisation {0} on this server; check `organisation` in rosterctl.yaml")]
    NoOrganisation(OrganisationId),
    #[error("{call}: answered {status}")]
    Status {
        call: String,
        status: u16,
        /// The fields that the server's message names.
        names: Vec<Key>,
        retry_after: Option<Duration>,
    },
    #[error("{call}: answered with a web page")]
    Page { call: String },
    #[error("{call}: the answer isn't JSON")]
    NotJson { call: String },
    #[error("{call}: the answer has no {what}")]
    Misshapen { call: String, what: &'static str },
    /// No other run would see another row.
    #[error(
        "{call}: row {row} has no `ID` that is a number; OneFile's support has to look at that list"
    )]
    NoId { call: String, row: usize },
}

/// What to do about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// Nothing helps.
    None,
    /// There were too many calls.
    FewerCalls,
    /// It may have been an accident.
    Later,
    /// The service is down for maintenance, or isn't to be reached.
    Patience,
}

impl ClientError {
    /// Whether the service is away rather than unwilling: down for maintenance, or not to be reached.
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::Broken { .. }
            | Self::NotJson { .. }
            | Self::Page { .. }
            | Self::Away(_) => true,
            Self::Status { status, .. } => matches!(status, 502..=504),
            Self::NoSession(source) => source.is_outage(),
            Self::Setup(_)
            | Self::TokenRefused
            | Self::FreshKeyRefused
            | Self::TokenShared
            | Self::TooLate { .. }
            | Self::NoOrganisation(_)
            | Self::Misshapen { .. }
            | Self::NoId { .. } => false,
        }
    }

    /// Whether no other call of this run would go through.
    pub fn ends_run(&self) -> bool {
        matches!(
            self,
            Self::TokenRefused | Self::FreshKeyRefused | Self::TokenShared | Self::Away(_)
        )
    }

    /// Whether another call may go through all the same: this one isn't allowed, isn't there or isn't answered as is due.
    pub(crate) fn is_about_call(&self) -> bool {
        match self {
            Self::Status { status, .. } => !matches!(status, 401 | 429),
            Self::NotJson { .. } | Self::Misshapen { .. } | Self::NoId { .. } => true,
            _ => false,
        }
    }

    /// What tells kinds of failures apart: five of one kind in a row are no accident.
    pub fn kind(&self) -> (std::mem::Discriminant<Self>, u16) {
        let status = if let Self::Status { status, .. } = self {
            *status
        } else {
            0
        };
        (std::mem::discriminant(self), status)
    }

    /// The fields that the server's message names, if it gave one.
    pub fn names(&self) -> &[Key] {
        match self {
            Self::Status { names, .. } => names,
            _ => &[],
        }
    }

    /// What may let the same call through (`design.md`, Rules of apply).
    pub(crate) fn remedy(&self) -> Remedy {
        match self {
            Self::Page { .. } | Self::Status { status: 503, .. } => Remedy::Patience,
            Self::Unreachable { source, .. } if source.is_connect() => Remedy::Patience,
            Self::Status { status: 429, .. } => Remedy::FewerCalls,
            Self::Unreachable { .. }
            | Self::Broken { .. }
            | Self::NotJson { .. }
            | Self::Status {
                status: 408 | 500..=599,
                ..
            } => Remedy::Later,
            Self::Status { .. }
            | Self::Setup(_)
            | Self::TokenRefused
            | Self::FreshKeyRefused
            | Self::TokenShared
            | Self::Away(_)
            | Self::NoSession(_)
            | Self::TooLate { .. }
            | Self::NoOrganisation(_)
            | Self::Misshapen { .. }
            | Self::NoId { .. } => Remedy::None,
        }
    }

    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether a create that ended so may go through at once or later: it wasn't looked at.
    pub(crate) fn is_about_now(&self) -> bool {
        self.is_outage()
            || self.is_limit()
            || matches!(
                self,
                Self::Status {
                    status: 401 | 403,
                    ..
                }
            )
    }

    /// Whether a write that ended so may have been done.
    pub fn may_have_been_done(&self) -> bool {
        let is_server_error = matches!(
            self,
            Self::Status {
                status: 408 | 500..=599,
                ..
            }
        );
        is_server_error || (self.is_outage() && !self.means_not_created())
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
            // The call was never sent.
            Self::Setup(_)
            | Self::TokenRefused
            | Self::FreshKeyRefused
            | Self::TokenShared
            | Self::Away(_)
            | Self::NoSession(_)
            | Self::TooLate { .. }
            | Self::NoOrganisation(_) => true,
            Self::Broken { .. }
            | Self::NotJson { .. }
            | Self::Page { .. }
            | Self::Misshapen { .. }
            | Self::NoId { .. } => false,
        }
    }
}

fn unreachable(source: &reqwest::Error) -> &'static str {
    match (source.is_connect(), source.is_timeout()) {
        (true, _) => "the server can't be reached",
        (false, true) => "no answer in time",
        (false, false) => "the connection closed before an answer",
    }
}

/// An error and what it stems from, on one line.
pub fn in_words(error: &dyn Error) -> String {
    let sources = std::iter::successors(Some(error), |error: &&dyn Error| (*error).source());
    let mut words: Vec<String> = sources.map(ToString::to_string).collect();
    words.dedup();
    words.join(": ")
}
