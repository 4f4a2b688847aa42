//! The words that JSON documents use for kinds of operations, side effects and hold reasons. A reader takes a word of a
//! later minor version for `Later`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::{ArchiveHold, AssignmentHold, Effect, EntryHold, HoldReason, OperationKind};
use crate::review::json;

/// The word for a kind of operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ActionName {
    CreateEntry,
    UpdateEntry,
    Assign,
    Unarchive,
    Create,
    Update,
    Archive,
    #[schemars(skip)]
    #[serde(other, skip_serializing)]
    Later,
}

/// The word for a side effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum EffectName {
    EmailsPerson,
    MayEmailPerson,
    KeychainStays,
    AssessorChanges,
    Archives,
    ComesBack,
    Stays,
    #[schemars(skip)]
    #[serde(other, skip_serializing)]
    Later,
}

/// The word for the reason why a user is on hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HoldReasonName {
    SeveralAccounts,
    RoleDiffers,
    NoSuchAccount,
    OtherMisId,
    SharedAccount,
    Unknown,
    Ambiguous,
    CannotServe,
    LeftManifests,
    DependsOnHeld,
    DependsOnUnplanned,
    MisIdTaken,
    MisIdElsewhere,
    AwaitsOverlay,
    UnfitValues,
    MayExist,
    ReKeyed,
    FormerUnproven,
    FormerAccountToo,
    NoFormerAccount,
    AnotherPerson,
    ValueTaken,
    ColumnMoved,
    AlsoDeclared,
    Unclear,
    EarlierCreates,
    PictureNotWhole,
    ListsHide,
    Unreadable,
    SomebodyElse,
    MisValuesNotShown,
    HadAccount,
    DeclaredBefore,
    IsArchived,
    NothingToBringBack,
    ArchivesOff,
    NamesLeaver,
    LearnersRemain,
    LearnersUnread,
    AimsUnread,
    MayBeAssigned,
    AssignPathUnknown,
    StandardMissing,
    #[serde(other, skip_serializing)]
    Later,
}

/// The word for the reason why a placement or classroom is on hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EntryHoldName {
    Several,
    NoSuchEntry,
    NameElsewhere,
    NearlySame,
    CreatedAs,
    MisIdElsewhere,
    DeclaredTwice,
    Nameless,
    MayHaveBeenCreated,
    ListNotWhole,
    #[serde(other, skip_serializing)]
    Later,
}

impl EntryHoldName {
    pub fn of(reason: &EntryHold) -> Self {
        match reason {
            EntryHold::Several(_) => Self::Several,
            EntryHold::NoSuchEntry(_) => Self::NoSuchEntry,
            EntryHold::NameElsewhere(_) => Self::NameElsewhere,
            EntryHold::NearlySame(_) => Self::NearlySame,
            EntryHold::CreatedAs(_) => Self::CreatedAs,
            EntryHold::MisIdElsewhere(_) => Self::MisIdElsewhere,
            EntryHold::DeclaredTwice { .. } => Self::DeclaredTwice,
            EntryHold::Nameless => Self::Nameless,
            EntryHold::MayHaveBeenCreated => Self::MayHaveBeenCreated,
            EntryHold::ListNotWhole => Self::ListNotWhole,
        }
    }
}

impl ActionName {
    pub fn of(kind: OperationKind) -> Self {
        match kind {
            OperationKind::CreateEntry => Self::CreateEntry,
            OperationKind::UpdateEntry => Self::UpdateEntry,
            OperationKind::Assign => Self::Assign,
            OperationKind::Unarchive => Self::Unarchive,
            OperationKind::Create => Self::Create,
            OperationKind::Update => Self::Update,
            OperationKind::Archive => Self::Archive,
        }
    }
}

impl EffectName {
    pub fn of(effect: Effect) -> Self {
        match effect {
            Effect::EmailsPerson => Self::EmailsPerson,
            Effect::MayEmailPerson => Self::MayEmailPerson,
            Effect::KeychainStays => Self::KeychainStays,
            Effect::AssessorChanges => Self::AssessorChanges,
            Effect::Archives => Self::Archives,
            Effect::ComesBack => Self::ComesBack,
            Effect::Stays => Self::Stays,
        }
    }
}

impl HoldReasonName {
    /// The word as it stands in a document.
    pub(crate) fn word(self) -> String {
        word(&self)
    }

    pub fn of(reason: &HoldReason) -> Self {
        match reason {
            HoldReason::SeveralAccounts(_) => Self::SeveralAccounts,
            HoldReason::RoleDiffers { .. } | HoldReason::OtherRoles { .. } => Self::RoleDiffers,
            HoldReason::NoSuchAccount(_) => Self::NoSuchAccount,
            HoldReason::OtherMisId { .. } => Self::OtherMisId,
            HoldReason::SharedAccount { .. } => Self::SharedAccount,
            HoldReason::Unknown { .. } => Self::Unknown,
            HoldReason::Ambiguous { .. } => Self::Ambiguous,
            HoldReason::CannotServe { .. } => Self::CannotServe,
            HoldReason::LeftManifests { .. } => Self::LeftManifests,
            HoldReason::DependsOnHeld { .. } => Self::DependsOnHeld,
            HoldReason::DependsOnUnplanned { .. } => Self::DependsOnUnplanned,
            HoldReason::MisIdTaken(_) => Self::MisIdTaken,
            HoldReason::MisIdElsewhere(_) => Self::MisIdElsewhere,
            HoldReason::AwaitsOverlay(_) => Self::AwaitsOverlay,
            HoldReason::UnfitValues(_) => Self::UnfitValues,
            HoldReason::MayExist { .. } => Self::MayExist,
            HoldReason::ReKeyed { .. } => Self::ReKeyed,
            HoldReason::FormerUnproven { .. } => Self::FormerUnproven,
            HoldReason::FormerAccountToo { .. } => Self::FormerAccountToo,
            HoldReason::NoFormerAccount { .. } => Self::NoFormerAccount,
            HoldReason::AnotherPerson(_) => Self::AnotherPerson,
            HoldReason::ValueTaken { .. } => Self::ValueTaken,
            HoldReason::ColumnMoved { .. } => Self::ColumnMoved,
            HoldReason::AlsoDeclared { .. } => Self::AlsoDeclared,
            HoldReason::Unclear { .. } => Self::Unclear,
            HoldReason::EarlierCreates(_) => Self::EarlierCreates,
            HoldReason::PictureNotWhole(_) => Self::PictureNotWhole,
            HoldReason::ListsHide(_) => Self::ListsHide,
            HoldReason::Unreadable(_) => Self::Unreadable,
            HoldReason::SomebodyElse(_) => Self::SomebodyElse,
            HoldReason::MisValuesNotShown => Self::MisValuesNotShown,
            HoldReason::HadAccount(_) => Self::HadAccount,
            HoldReason::DeclaredBefore => Self::DeclaredBefore,
            HoldReason::Archive(hold) => Self::of_archive(hold),
            HoldReason::Assignment(hold) => Self::of_assignment(hold),
        }
    }
}

impl HoldReasonName {
    fn of_archive(hold: &ArchiveHold) -> Self {
        match hold {
            ArchiveHold::IsArchived(_) | ArchiveHold::WasArchivedHere(_) => Self::IsArchived,
            ArchiveHold::NothingToBringBack => Self::NothingToBringBack,
            ArchiveHold::Off { .. } => Self::ArchivesOff,
            ArchiveHold::NamesLeaver { .. } => Self::NamesLeaver,
            ArchiveHold::LearnersRemain { .. } => Self::LearnersRemain,
            ArchiveHold::LearnersUnread(_) | ArchiveHold::LearnersUnseen => Self::LearnersUnread,
        }
    }
}

impl HoldReasonName {
    fn of_assignment(hold: &AssignmentHold) -> Self {
        match hold {
            AssignmentHold::AimsUnread(_) => Self::AimsUnread,
            AssignmentHold::Unclear { .. } => Self::MayBeAssigned,
            AssignmentHold::PathUnknown(_) => Self::AssignPathUnknown,
            AssignmentHold::StandardMissing { .. } => Self::StandardMissing,
        }
    }
}

/// The word as it stands in a document.
pub(super) fn word(name: &impl Serialize) -> String {
    let json = json::value(name);
    json.as_str().expect("a name is one word").to_owned()
}

#[cfg(test)]
mod tests {
    use super::{ActionName, word};
    use crate::plan::OperationKind;

    #[test]
    fn a_kind_of_operation_has_one_name_for_people_and_machines() {
        for kind in OperationKind::ALL {
            assert_eq!(word(&ActionName::of(kind)), kind.name());
        }
    }

    #[test]
    fn a_word_of_a_later_version_is_read() {
        let name: ActionName = serde_json::from_str("\"promote\"").unwrap();
        assert_eq!(name, ActionName::Later);
    }
}
