//! A line of the journal. It holds only public data: users by MIS value, fields by name, and results.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::{AccountId, OrganisationId};

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JournalRecord {
    pub at: Timestamp,
    /// The apply that wrote the line, or `settle`.
    pub run: String,
    /// The base URL, or `sandbox`.
    pub target: String,
    pub organisation: OrganisationId,
    #[serde(flatten)]
    pub event: JournalEvent,
}

/// The event that a line records.
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
    /// A create is about to be sent.
    Intent {
        mis_id: String,
    },
    Created {
        mis_id: String,
        id: AccountId,
    },
    /// The account of an unclear create was found: this run or somebody else created it.
    Found {
        mis_id: String,
        id: AccountId,
    },
    NotCreated {
        mis_id: String,
        why: String,
    },
    /// The answer to a create was lost, so the account may exist.
    Unclear {
        mis_id: String,
        why: String,
    },
    /// A person has said whether the account exists.
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
    /// An update changed fields that weren't sent.
    Damaged {
        id: AccountId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mis_id: Option<String>,
    },
    /// Lists now show these accounts, which earlier creates made.
    Listed {
        ids: Vec<AccountId>,
    },
    /// The sandbox was reset: its accounts no longer exist.
    Reset,
    /// An account doesn't have these fields as they were sent.
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

    /// Whether it must be on disk before the run goes on, above all what a create did or is about to do.
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
