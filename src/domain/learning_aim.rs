//! What readings show of the assignments of learners (`docs/onefile-api.md`, Assignments).

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::field::Key;
use crate::domain::{AccountId, AimId, EntryId, Reference, StandardId, UnitId, nfc};

/// A standard that a learner takes or took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LearningAim {
    pub id: AimId,
    pub standard: StandardId,
}

/// What a learner has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownAssignments {
    /// The aims of any status; `None` if the answer can't be read.
    pub aims: Option<Vec<LearningAim>>,
    /// The units, each with its standard; `None` if rows don't show them, or nobody asked.
    pub units: Option<BTreeSet<(StandardId, UnitId)>>,
}

/// A unit of a standard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandardUnit {
    pub id: UnitId,
    pub title: String,
    pub code: Option<String>,
}

/// What is known about the assignments of learners: by reading, and from earlier runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownAssignments {
    /// By learner, for those who were read.
    pub shown: BTreeMap<AccountId, ShownAssignments>,
    /// The units of the standards that manifests name.
    pub units: BTreeMap<StandardId, Vec<StandardUnit>>,
    /// What earlier runs sent and OneFile confirmed.
    pub sent: BTreeSet<SentAssignment>,
    /// What earlier runs sent without an answer.
    pub unclear: BTreeSet<SentAssignment>,
    /// What learners whom earlier runs created were to get, and what those runs didn't come to send.
    pub owed: BTreeSet<SentAssignment>,
}

/// An assignment that a run has sent: to whom, by which field, and what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SentAssignment {
    pub learner: AccountId,
    pub key: Key,
    pub what: EntryId,
    /// The standard that a unit belongs to.
    pub standard: Option<StandardId>,
}

/// The units that a reference means: by number, by title, or by the code that awarding bodies give them.
pub(crate) fn units_called<'u>(
    units: &'u [StandardUnit],
    reference: &Reference,
) -> Vec<&'u StandardUnit> {
    let is_meant = |unit: &&StandardUnit| match reference {
        Reference::Id(id) => unit.id.get() == id.get(),
        Reference::Named(text) => {
            nfc(&unit.title) == text.as_str() || unit.code.as_deref() == Some(text.as_str())
        }
        Reference::Name(text) => nfc(&unit.title) == text.as_str(),
        Reference::MisId(_) | Reference::Email(_) => false,
    };
    units.iter().filter(is_meant).collect()
}
