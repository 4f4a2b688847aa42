//! Why a user is on hold because of the archive, as data.

use crate::domain::field::Key;
use crate::domain::{AccountId, ArchiveMove, Reference};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArchiveHold {
    /// The account is archived, and the user is declared as present.
    IsArchived(AccountId),
    /// An earlier run has archived the account, OneFile doesn't show whether it still is, and the user is declared as present.
    WasArchivedHere(AccountId),
    /// The user is to be brought back, and no account of theirs can be read.
    NothingToBringBack,
    /// The project doesn't allow this account to be archived or brought back. Holds the line of rosterctl.yaml that says so.
    Off {
        step: ArchiveMove,
        line: Option<usize>,
    },
    /// The reference names somebody who is declared as a leaver.
    NamesLeaver { key: Key, reference: Reference },
    /// Learners keep this account as what `key` says. The archive would leave them without one.
    LearnersRemain {
        key: Key,
        learners: Vec<RemainingLearner>,
    },
    /// Nobody knows who the assessor of so many learners is: their accounts weren't read.
    LearnersUnread(usize),
    /// The list of learners wasn't read to its end.
    LearnersUnseen,
}

/// A learner whom an archive would leave without an assessor or employer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RemainingLearner {
    pub mis_id: Option<String>,
    pub id: AccountId,
}

impl ArchiveHold {
    pub(crate) fn accounts(&self) -> Vec<AccountId> {
        match self {
            Self::IsArchived(id) | Self::WasArchivedHere(id) => vec![*id],
            Self::LearnersRemain { learners, .. } => {
                learners.iter().map(|learner| learner.id).collect()
            }
            Self::NothingToBringBack
            | Self::Off { .. }
            | Self::NamesLeaver { .. }
            | Self::LearnersUnread(_)
            | Self::LearnersUnseen => Vec::new(),
        }
    }

    pub(crate) fn key(&self) -> Option<Key> {
        match self {
            Self::NamesLeaver { key, .. } | Self::LearnersRemain { key, .. } => Some(*key),
            Self::IsArchived(_)
            | Self::WasArchivedHere(_)
            | Self::NothingToBringBack
            | Self::Off { .. }
            | Self::LearnersUnread(_)
            | Self::LearnersUnseen => None,
        }
    }
}
