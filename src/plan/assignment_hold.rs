//! Why a learner is on hold because of what the learner is to get by calls of their own, as data.

use crate::domain::AccountId;
use crate::domain::field::Key;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssignmentHold {
    /// What this learner has can't be read, so a standard could be given twice.
    AimsUnread(AccountId),
    /// An earlier run may have given this to the learner.
    Unclear {
        /// The learner as text names them: the MIS value, or the number of the account.
        name: String,
        key: Key,
        /// What the learner may have got.
        label: String,
    },
    /// Further staff of these fields would be assigned, and the project doesn't say whose number the path of the call takes.
    PathUnknown(Vec<Key>),
    /// A unit belongs to a standard that the learner doesn't have and doesn't get.
    StandardMissing { label: String },
}

impl AssignmentHold {
    pub(crate) fn accounts(&self) -> Vec<AccountId> {
        match self {
            Self::AimsUnread(id) => vec![*id],
            Self::Unclear { .. } | Self::PathUnknown(_) | Self::StandardMissing { .. } => {
                Vec::new()
            }
        }
    }

    pub(crate) fn keys(&self) -> Vec<Key> {
        match self {
            Self::AimsUnread(_) => vec![Key::Standards],
            Self::Unclear { key, .. } => vec![*key],
            Self::PathUnknown(keys) => keys.clone(),
            Self::StandardMissing { .. } => vec![Key::Units],
        }
    }
}
