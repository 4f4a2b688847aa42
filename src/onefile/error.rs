//! What can go wrong between the client and the server. No message quotes the server or a value that was sent, so none
//! holds personal data.

use std::error::Error;
use std::time::Duration;

use crate::domain::OrganisationId;
use crate::domain::field::Key;
use crate::onefile::bounds::PassedBound;
use crate::onefile::network::NetworkProblem;
use crate::onefile::retry::policy::FailureClass;

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
    /// The call wasn't sent, because of a certificate or a proxy.
    #[error("{call}: {problem}")]
    Network {
        call: String,
        problem: NetworkProblem,
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
    /// The client stopped waiting for the service. Holds the last failure of the call that polled.
    #[error("the service is away")]
    Away(#[source] Option<Box<ClientError>>),
    /// The call wasn't sent, because it had to wait until its data were out of date.
    #[error("{call}: wasn't sent, since it had to wait for too long")]
    TooLate { call: String },
    /// The call wasn't sent, because somebody has stopped the run.
    #[error("{call}: wasn't sent, because the run was stopped")]
    Stopped { call: String },
    /// The answer was dropped, because it passed a bound (`bounds`).
    #[error("{call}: {bound}")]
    TooLarge { call: String, bound: PassedBound },
    /// The call wasn't sent, because no session key could be fetched.
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
    /// Every run would meet the same row, so the user has to report it.
    #[error(
        "{call}: row {row} has no `ID` that is a number; OneFile's support has to look at that list"
    )]
    NoId { call: String, row: usize },
}

impl ClientError {
    /// Whether the service is away, rather than refusing this call: down for maintenance, or not reachable.
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::Broken { .. }
            | Self::NotJson { .. }
            | Self::Page { .. }
            | Self::Away(_) => true,
            Self::Status { status, .. } => matches!(status, 502..=504),
            Self::NoSession(source) => source.is_outage(),
            Self::Network { problem, .. } => problem.may_be_outage(),
            Self::Setup(_)
            | Self::TokenRefused
            | Self::FreshKeyRefused
            | Self::TokenShared
            | Self::TooLate { .. }
            | Self::Stopped { .. }
            | Self::TooLarge { .. }
            | Self::NoOrganisation(_)
            | Self::Misshapen { .. }
            | Self::NoId { .. } => false,
        }
    }

    /// Whether every other call of this run would fail, too.
    pub fn ends_run(&self) -> bool {
        match self {
            Self::TokenRefused
            | Self::FreshKeyRefused
            | Self::TokenShared
            | Self::Away(_)
            | Self::Stopped { .. }
            | Self::Network { .. }
            // The client has waited for longer than the limit of calls lasts.
            | Self::Status { status: 429, .. } => true,
            Self::Setup(_)
            | Self::Unreachable { .. }
            | Self::Broken { .. }
            | Self::TooLate { .. }
            | Self::NoSession(_)
            | Self::NoOrganisation(_)
            | Self::Status { .. }
            | Self::Page { .. }
            | Self::NotJson { .. }
            | Self::TooLarge { .. }
            | Self::Misshapen { .. }
            | Self::NoId { .. } => false,
        }
    }

    /// Whether the failure is about this call only, so that another one may succeed.
    pub(crate) fn is_about_call(&self) -> bool {
        match self {
            Self::Status { status, .. } => !matches!(status, 401 | 429),
            Self::NotJson { .. }
            | Self::TooLarge { .. }
            | Self::Misshapen { .. }
            | Self::NoId { .. } => true,
            Self::Setup(_)
            | Self::Unreachable { .. }
            | Self::Broken { .. }
            | Self::TokenRefused
            | Self::FreshKeyRefused
            | Self::TokenShared
            | Self::Away(_)
            | Self::Network { .. }
            | Self::TooLate { .. }
            | Self::Stopped { .. }
            | Self::NoSession(_)
            | Self::NoOrganisation(_)
            | Self::Page { .. } => false,
        }
    }

    /// Equal for failures of one kind. A run stops after several of one kind in a row.
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
        if let Self::Status { names, .. } = self {
            names
        } else {
            &[]
        }
    }

    /// The row of the table of retries that this failure belongs to.
    pub(crate) fn class(&self) -> FailureClass {
        FailureClass::of(self)
    }

    /// How many times in total a create is sent if it keeps failing like this. Only meaningful if `means_not_created`.
    pub(crate) fn create_attempts(&self) -> usize {
        self.class().rule().create_attempts
    }

    /// How long the server asked to wait, if it did.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        if let Self::Status { retry_after, .. } = self {
            *retry_after
        } else {
            None
        }
    }

    /// Whether the server may have carried out a write that failed like this.
    pub fn may_have_been_done(&self) -> bool {
        // The service was given up after this attempt.
        if let Self::Away(Some(last)) = self {
            return last.may_have_been_done();
        }
        let is_server_error = matches!(
            self,
            Self::Status {
                status: 408 | 500..=599,
                ..
            } | Self::TooLarge { .. }
        );
        is_server_error || (self.is_outage() && !self.means_not_created())
    }

    /// Whether it is certain that a create that failed like this made no account.
    pub(crate) fn means_not_created(&self) -> bool {
        match self {
            Self::Unreachable { source, .. } => source.is_connect(),
            Self::Status { status, .. } => matches!(status, 400 | 401 | 403 | 404 | 429),
            // These calls were never sent.
            Self::Setup(_)
            | Self::TokenRefused
            | Self::FreshKeyRefused
            | Self::TokenShared
            | Self::Away(_)
            | Self::NoSession(_)
            | Self::TooLate { .. }
            | Self::Stopped { .. }
            | Self::Network { .. }
            | Self::NoOrganisation(_) => true,
            Self::Broken { .. }
            | Self::TooLarge { .. }
            | Self::NotJson { .. }
            | Self::Page { .. }
            | Self::Misshapen { .. }
            | Self::NoId { .. } => false,
        }
    }
}

fn unreachable(source: &reqwest::Error) -> &'static str {
    if source.is_connect() {
        "the server can't be reached"
    } else if source.is_timeout() {
        "no answer in time"
    } else {
        "the connection closed before an answer"
    }
}

/// An error and its causes on one line, from the outermost to the first.
pub fn in_words(error: &dyn Error) -> String {
    let mut words = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push(error.to_string());
        cause = error.source();
    }
    // Some libraries repeat the text of their cause.
    words.dedup();
    words.join(": ")
}
