//! What a line of the journal says about assignments, placements and classrooms. Titles aren't written: standards, units and
//! templates are numbers, and of placements and classrooms the name stands there that users refer to.

use serde::{Deserialize, Serialize};

use crate::apply::journal::{JournalUser, RunStarter};
use crate::domain::field::Key;
use crate::domain::{AccountId, EntryId, EntryKind, SentAssignment, StandardId};
use crate::plan::NewEntry;

/// What a learner gets, as `field`, `learner`, `what` and, for a unit, `standard`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JournalAssignment {
    pub field: String,
    pub learner: AccountId,
    pub what: EntryId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard: Option<StandardId>,
    /// The learner by MIS value, if that is known.
    #[serde(flatten)]
    pub user: Option<JournalUser>,
}

impl JournalAssignment {
    /// What was sent, and to which user.
    pub fn new(sent: SentAssignment, user: Option<JournalUser>) -> Self {
        Self {
            field: sent.key.name().to_owned(),
            learner: sent.learner,
            what: sent.what,
            standard: sent.standard,
            user,
        }
    }

    /// `None` if this version doesn't know the field.
    pub(crate) fn sent(&self) -> Option<SentAssignment> {
        Some(SentAssignment {
            learner: self.learner,
            key: Key::named(&self.field)?,
            what: self.what,
            standard: self.standard,
        })
    }
}

/// What a run means to give to a learner.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JournalDue {
    pub field: String,
    /// `None` if the run creates the learner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learner: Option<AccountId>,
    /// `None` if the run creates the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what: Option<EntryId>,
    /// The user whose account the run creates and the learner gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whom: Option<JournalUser>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard: Option<StandardId>,
    /// The learner by MIS value, if that is known.
    #[serde(flatten)]
    pub user: Option<JournalUser>,
}

/// What has become of an assignment.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "camelCase")]
pub enum AssignStep {
    /// It is about to be sent.
    Intent,
    Done,
    NotDone {
        why: String,
    },
    /// The answer was lost, so the learner may have it.
    Unclear {
        why: String,
    },
    /// It was answered, and a reading shows it.
    Shown,
    /// It was answered, and a reading after the run doesn't show it.
    NotShown,
    /// A person has said whether the learner has it.
    Settled {
        assigned: bool,
        #[serde(flatten)]
        by: RunStarter,
    },
}

impl AssignStep {
    /// The person who has said it, if one has.
    pub(super) fn starter(&self) -> Option<&RunStarter> {
        match self {
            Self::Settled { by, .. } => Some(by),
            Self::Intent
            | Self::Done
            | Self::NotDone { .. }
            | Self::Unclear { .. }
            | Self::Shown
            | Self::NotShown => None,
        }
    }
}

/// A placement or classroom.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JournalEntry {
    pub entry: JournalEntryKind,
    pub name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum JournalEntryKind {
    Placement,
    Classroom,
}

impl JournalEntry {
    pub fn of(entry: NewEntry) -> Self {
        let kind = match entry.kind {
            EntryKind::Placement => JournalEntryKind::Placement,
            EntryKind::Classroom => JournalEntryKind::Classroom,
        };
        Self {
            entry: kind,
            name: entry.name,
        }
    }

    pub fn kind(&self) -> EntryKind {
        match self.entry {
            JournalEntryKind::Placement => EntryKind::Placement,
            JournalEntryKind::Classroom => EntryKind::Classroom,
        }
    }

    /// `placement Riverside Care Home`
    pub fn words(&self) -> String {
        format!("{} {}", self.kind().word(), self.name)
    }
}

/// What has become of a placement or classroom.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(
    tag = "step",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum EntryStep {
    /// A create is about to be sent.
    Intent,
    Created {
        id: EntryId,
    },
    /// It is there although the answer to its create was lost.
    Found {
        id: EntryId,
    },
    NotCreated {
        why: String,
    },
    /// The answer to a create was lost, so that it may exist.
    Unclear {
        why: String,
    },
    /// A person has said whether it exists.
    Settled {
        created: bool,
        #[serde(flatten)]
        by: RunStarter,
    },
    Updated {
        id: EntryId,
        fields: Vec<String>,
    },
    NotUpdated {
        id: EntryId,
        why: String,
    },
    /// An update changed fields that weren't sent.
    Damaged {
        id: EntryId,
    },
    /// It doesn't have these fields as they were sent.
    Deviates {
        id: EntryId,
        fields: Vec<String>,
    },
}

impl EntryStep {
    /// The person who has said it, if one has.
    pub(super) fn starter(&self) -> Option<&RunStarter> {
        match self {
            Self::Settled { by, .. } => Some(by),
            Self::Intent
            | Self::Created { .. }
            | Self::Found { .. }
            | Self::NotCreated { .. }
            | Self::Unclear { .. }
            | Self::Updated { .. }
            | Self::NotUpdated { .. }
            | Self::Damaged { .. }
            | Self::Deviates { .. } => None,
        }
    }
}
