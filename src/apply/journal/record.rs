//! A line of the journal. It holds what is public alone: who by MIS value, which fields by name, what became of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::{AccountId, OrganisationId};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JournalRecord {
    pub at: Timestamp,
    /// Which apply, or `settle`.
    pub run: String,
    /// The base URL, or `sandbox`.
    pub target: String,
    pub organisation: OrganisationId,
    #[serde(flatten)]
    pub event: JournalEvent,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(
    tag = "event",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum JournalEvent {
    Started {
        creates: usize,
        updates: usize,
        /// The commit that is checked out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        commit: Option<String>,
        /// The number of the run in CI.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ci: Option<String>,
    },
    /// A create is about to be called.
    Intent {
        mis_id: String,
    },
    Created {
        mis_id: String,
        id: AccountId,
    },
    /// An account whose create was unclear is there: by us or another.
    Found {
        mis_id: String,
        id: AccountId,
    },
    NotCreated {
        mis_id: String,
        why: String,
    },
    /// Nobody knows whether there is an account.
    Unclear {
        mis_id: String,
        why: String,
    },
    /// A person has said whether there is one.
    Settled {
        mis_id: String,
        created: bool,
    },
    Updated {
        id: AccountId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mis_id: Option<String>,
        fields: Vec<String>,
    },
    NotUpdated {
        id: AccountId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mis_id: Option<String>,
        why: String,
    },
    /// An update changed what wasn't sent.
    Damaged {
        id: AccountId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mis_id: Option<String>,
    },
    /// Lists show these accounts, which earlier creates made.
    Listed {
        ids: Vec<AccountId>,
    },
    /// The sandbox was started anew: none of its accounts is there any more.
    Reset,
    /// What an account doesn't hold although it was sent.
    Deviates {
        id: AccountId,
        fields: Vec<String>,
    },
    Ended {
        done: usize,
        failed: usize,
        not_attempted: usize,
        unclear: usize,
    },
}

impl JournalEvent {
    /// Whether it is about the user with this MIS value.
    pub fn is_about(&self, mis_id: &str) -> bool {
        self.mis_id() == Some(mis_id)
    }

    pub fn mis_id(&self) -> Option<&str> {
        match self {
            Self::Intent { mis_id }
            | Self::Created { mis_id, .. }
            | Self::Found { mis_id, .. }
            | Self::NotCreated { mis_id, .. }
            | Self::Unclear { mis_id, .. }
            | Self::Settled { mis_id, .. } => Some(mis_id),
            Self::Updated { mis_id, .. }
            | Self::NotUpdated { mis_id, .. }
            | Self::Damaged { mis_id, .. } => mis_id.as_deref(),
            Self::Started { .. }
            | Self::Listed { .. }
            | Self::Reset
            | Self::Deviates { .. }
            | Self::Ended { .. } => None,
        }
    }

    /// Whether it must be on disk before anything else happens: what a create did, or is about to do.
    pub(crate) fn is_momentous(&self) -> bool {
        !matches!(
            self,
            Self::Updated { .. }
                | Self::NotUpdated { .. }
                | Self::Listed { .. }
                | Self::Deviates { .. }
        )
    }
}
