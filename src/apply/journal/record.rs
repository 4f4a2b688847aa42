//! A line of the journal. It holds only public data: users by MIS value, fields by name, and results.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::apply::journal::{AssignStep, EntryStep, JournalAssignment, JournalDue, JournalEntry};
use crate::domain::clock::Clock;
use crate::domain::role::Role;
use crate::domain::{AccountId, ArchiveMove, OrganisationId, RecordedUser, UserIdentity, UserName};

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JournalRecord {
    pub at: Timestamp,
    /// How many seconds this machine's clock was ahead of the server's. Missing if no answer had said the time yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skew: Option<i64>,
    /// The apply that wrote the line, or `settle`.
    pub run: String,
    /// The base URL, or `sandbox`.
    pub target: String,
    pub organisation: OrganisationId,
    #[serde(flatten)]
    pub event: JournalEvent,
}

/// The user that a line is about, as `misId` and `role`. Lines of older versions have no role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "JournalUserKeys", into = "JournalUserKeys")]
pub struct JournalUser(pub RecordedUser);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct JournalUserKeys {
    mis_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<String>,
}

impl JournalUser {
    pub(crate) fn of(user: &UserIdentity) -> Self {
        Self(RecordedUser::new(user.role, &user.mis_id))
    }
}

impl From<JournalUserKeys> for JournalUser {
    /// A role that this version doesn't know counts as none, which means any.
    fn from(keys: JournalUserKeys) -> Self {
        Self(RecordedUser {
            mis_id: keys.mis_id,
            role: keys.role.as_deref().and_then(Role::named),
        })
    }
}

impl From<JournalUser> for JournalUserKeys {
    fn from(JournalUser(user): JournalUser) -> Self {
        Self {
            mis_id: user.mis_id,
            role: user.role.map(|role| role.name().to_owned()),
        }
    }
}

/// Who started a run, as far as is known. Lines of older versions don't say it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RunStarter {
    /// The login of whoever started the run in CI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// Away from CI, the name that git writes into commits. It is personal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
}

/// Where an account goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum JournalMove {
    Archive,
    Unarchive,
}

impl From<ArchiveMove> for JournalMove {
    fn from(step: ArchiveMove) -> Self {
        match step {
            ArchiveMove::Archive => Self::Archive,
            ArchiveMove::Unarchive => Self::Unarchive,
        }
    }
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
        #[serde(default, skip_serializing_if = "is_zero")]
        archives: usize,
        #[serde(default, skip_serializing_if = "is_zero")]
        unarchives: usize,
        /// Placements and classrooms to be created or updated.
        #[serde(default, skip_serializing_if = "is_zero")]
        entries: usize,
        #[serde(default, skip_serializing_if = "is_zero")]
        assignments: usize,
        /// The commit that is checked out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        commit: Option<String>,
        /// The number of the run in CI.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ci: Option<String>,
        #[serde(flatten)]
        by: RunStarter,
    },
    /// A create is about to be sent.
    Intent {
        #[serde(flatten)]
        user: JournalUser,
    },
    Created {
        #[serde(flatten)]
        user: JournalUser,
        id: AccountId,
    },
    /// The account of an unclear create was found: this run or somebody else created it.
    Found {
        #[serde(flatten)]
        user: JournalUser,
        id: AccountId,
    },
    NotCreated {
        #[serde(flatten)]
        user: JournalUser,
        why: String,
    },
    /// The answer to a create was lost, so the account may exist.
    Unclear {
        #[serde(flatten)]
        user: JournalUser,
        why: String,
    },
    /// A person has said whether the account exists.
    Settled {
        #[serde(flatten)]
        user: JournalUser,
        created: bool,
        #[serde(flatten)]
        by: RunStarter,
    },
    Updated {
        id: AccountId,
        #[serde(flatten)]
        user: Option<JournalUser>,
        fields: Vec<String>,
    },
    NotUpdated {
        id: AccountId,
        #[serde(flatten)]
        user: Option<JournalUser>,
        why: String,
    },
    /// An update changed fields that weren't sent.
    Damaged {
        id: AccountId,
        #[serde(flatten)]
        user: Option<JournalUser>,
    },
    /// An account is about to be archived, or brought back.
    MoveIntent {
        to: JournalMove,
        id: AccountId,
        #[serde(flatten)]
        user: Option<JournalUser>,
    },
    Moved {
        to: JournalMove,
        id: AccountId,
        #[serde(flatten)]
        user: Option<JournalUser>,
    },
    NotMoved {
        to: JournalMove,
        id: AccountId,
        #[serde(flatten)]
        user: Option<JournalUser>,
        why: String,
    },
    /// The answer was lost, so the account may have been moved.
    MoveUnclear {
        to: JournalMove,
        id: AccountId,
        #[serde(flatten)]
        user: Option<JournalUser>,
        why: String,
    },
    /// A learner is to get this by this run, or else by a later one: a reading might not show that it is missing.
    AssignDue {
        #[serde(flatten)]
        due: JournalDue,
    },
    /// What has become of something that a learner gets by a call of its own.
    Assign {
        #[serde(flatten)]
        step: AssignStep,
        #[serde(flatten)]
        what: JournalAssignment,
    },
    /// What has become of a placement or classroom.
    Entry {
        #[serde(flatten)]
        step: EntryStep,
        #[serde(flatten)]
        entry: JournalEntry,
    },
    /// Lists now show these accounts, which earlier creates made.
    Listed { ids: Vec<AccountId> },
    /// The sandbox was reset: its accounts no longer exist.
    Reset,
    /// An account doesn't have these fields as they were sent.
    Deviates { id: AccountId, fields: Vec<String> },
    /// OneFile keeps values in a form of its own. Holds digests of what was sent and what is kept, keyed by the token.
    Kept {
        id: AccountId,
        #[serde(flatten)]
        user: Option<JournalUser>,
        /// OneFile itself has made the one of the other.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        sure: Vec<String>,
        /// The same, once it was seen twice.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        perhaps: Vec<String>,
    },
    Ended {
        done: usize,
        failed: usize,
        not_attempted: usize,
        unclear: usize,
    },
}

/// Whether a number is left out of a line. Older versions don't know its key.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl JournalRecord {
    pub(crate) fn time(&self) -> RecordTime {
        RecordTime {
            at: self.at,
            skew: self.skew,
        }
    }
}

/// When something was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordTime {
    /// By the clock of the machine, which may have been wrong.
    pub at: Timestamp,
    /// How many seconds that clock was ahead of the server's, if known.
    pub skew: Option<i64>,
}

/// Smaller differences come from rounding, because servers say the time in whole seconds.
const CLOCKS_AGREE: i64 = 5;

impl RecordTime {
    /// The time by the server's clock, if that is known.
    pub(super) fn by_server(self) -> Timestamp {
        let ahead = SignedDuration::from_secs(self.skew.unwrap_or_default());
        self.at.saturating_sub(ahead).unwrap_or(self.at)
    }

    /// How long ago it was at least. If the clock of the machine was put forward or back since, the shorter of two answers
    /// counts: by this clock, and by the server's.
    pub fn age(self, clock: Clock, skew: Option<i64>) -> SignedDuration {
        let by_machine = clock.since(self.at);
        let (Some(then), Some(now)) = (self.skew, skew) else {
            return by_machine;
        };
        let put_forward = now.saturating_sub(then);
        if put_forward.abs() <= CLOCKS_AGREE {
            return by_machine;
        }
        let corrected = self
            .at
            .saturating_add(SignedDuration::from_secs(put_forward));
        by_machine.min(clock.since(corrected.unwrap_or(Timestamp::MAX)))
    }
}

impl JournalEvent {
    /// Whether it may be about the user whom a person names.
    pub fn is_about(&self, name: UserName<'_>) -> bool {
        self.user().is_some_and(|user| name.may_mean(user))
    }

    pub fn user(&self) -> Option<&RecordedUser> {
        match self {
            Self::Intent { user }
            | Self::Created { user, .. }
            | Self::Found { user, .. }
            | Self::NotCreated { user, .. }
            | Self::Unclear { user, .. }
            | Self::Settled { user, .. } => Some(&user.0),
            Self::Updated { user, .. }
            | Self::NotUpdated { user, .. }
            | Self::Damaged { user, .. }
            | Self::MoveIntent { user, .. }
            | Self::Moved { user, .. }
            | Self::NotMoved { user, .. }
            | Self::MoveUnclear { user, .. }
            | Self::Kept { user, .. } => user.as_ref().map(|user| &user.0),
            Self::Assign { what, .. } => what.user.as_ref().map(|user| &user.0),
            Self::AssignDue { due } => due.user.as_ref().map(|user| &user.0),
            Self::Started { .. }
            | Self::Entry { .. }
            | Self::Listed { .. }
            | Self::Reset
            | Self::Deviates { .. }
            | Self::Ended { .. } => None,
        }
    }

    /// Who started the run, if the event says it.
    pub fn starter(&self) -> Option<&RunStarter> {
        match self {
            Self::Started { by, .. } | Self::Settled { by, .. } => Some(by),
            Self::Assign { step, .. } => step.starter(),
            Self::Entry { step, .. } => step.starter(),
            Self::Intent { .. }
            | Self::Created { .. }
            | Self::Found { .. }
            | Self::NotCreated { .. }
            | Self::Unclear { .. }
            | Self::Updated { .. }
            | Self::NotUpdated { .. }
            | Self::Damaged { .. }
            | Self::MoveIntent { .. }
            | Self::Moved { .. }
            | Self::NotMoved { .. }
            | Self::MoveUnclear { .. }
            | Self::AssignDue { .. }
            | Self::Listed { .. }
            | Self::Reset
            | Self::Deviates { .. }
            | Self::Kept { .. }
            | Self::Ended { .. } => None,
        }
    }

    /// The account that it is about.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Created { id, .. }
            | Self::Found { id, .. }
            | Self::Updated { id, .. }
            | Self::NotUpdated { id, .. }
            | Self::Damaged { id, .. }
            | Self::MoveIntent { id, .. }
            | Self::Moved { id, .. }
            | Self::NotMoved { id, .. }
            | Self::MoveUnclear { id, .. }
            | Self::Deviates { id, .. }
            | Self::Kept { id, .. } => Some(*id),
            Self::Assign { what, .. } => Some(what.learner),
            Self::AssignDue { due } => due.learner,
            Self::Started { .. }
            | Self::Entry { .. }
            | Self::Intent { .. }
            | Self::NotCreated { .. }
            | Self::Unclear { .. }
            | Self::Settled { .. }
            | Self::Listed { .. }
            | Self::Reset
            | Self::Ended { .. } => None,
        }
    }

    /// Whether it says that a create was sent.
    pub(crate) fn is_about_create(&self) -> bool {
        match self {
            Self::Intent { .. }
            | Self::Created { .. }
            | Self::Found { .. }
            | Self::NotCreated { .. }
            | Self::Unclear { .. }
            | Self::Settled { .. } => true,
            Self::Started { .. }
            | Self::Updated { .. }
            | Self::NotUpdated { .. }
            | Self::Damaged { .. }
            | Self::MoveIntent { .. }
            | Self::Moved { .. }
            | Self::NotMoved { .. }
            | Self::MoveUnclear { .. }
            | Self::AssignDue { .. }
            | Self::Assign { .. }
            | Self::Entry { .. }
            | Self::Listed { .. }
            | Self::Reset
            | Self::Deviates { .. }
            | Self::Kept { .. }
            | Self::Ended { .. } => false,
        }
    }

    /// Whether it must be on disk before the run goes on, above all what a create did or is about to do.
    pub(crate) fn is_momentous(&self) -> bool {
        !matches!(
            self,
            Self::Updated { .. }
                | Self::NotUpdated { .. }
                // The intent that follows takes it to the disk.
                | Self::AssignDue { .. }
                | Self::Entry {
                    step: EntryStep::Updated { .. }
                        | EntryStep::NotUpdated { .. }
                        | EntryStep::Deviates { .. },
                    ..
                }
                | Self::Listed { .. }
                | Self::Deviates { .. }
                | Self::Kept { .. }
        )
    }
}
