//! Why nothing is done for a declared placement or classroom until a person decides.

use crate::domain::EntryId;
use crate::findings::source::Place;

/// The reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryHold {
    /// Several have the MIS value or the name.
    Several(Vec<EntryId>),
    /// None has the number that the manifest names.
    NoSuchEntry(EntryId),
    /// These have the name that the declared one would get. They have other MIS values, or the declared one is another.
    NameElsewhere(Vec<EntryId>),
    /// These have nearly the name or the MIS value of one that would be created.
    NearlySame(Vec<EntryId>),
    /// An earlier run created it, and it has another name now.
    CreatedAs(EntryId),
    /// These have the MIS value that the declared one would get.
    MisIdElsewhere(Vec<EntryId>),
    /// Others of the manifests, at these places, mean the same one.
    DeclaredTwice { id: EntryId, others: Vec<Place> },
    /// None has the MIS value, and the manifest gives no name for a new one.
    Nameless,
    /// An earlier run may have created it, and no list shows it.
    MayHaveBeenCreated,
    /// The list couldn't be read to its end.
    ListNotWhole,
}

impl EntryHold {
    /// The placements or classrooms that it is about.
    pub fn ids(&self) -> Vec<EntryId> {
        match self {
            Self::Several(ids)
            | Self::NameElsewhere(ids)
            | Self::MisIdElsewhere(ids)
            | Self::NearlySame(ids) => ids.clone(),
            Self::NoSuchEntry(id) | Self::DeclaredTwice { id, .. } | Self::CreatedAs(id) => {
                vec![*id]
            }
            Self::Nameless | Self::MayHaveBeenCreated | Self::ListNotWhole => Vec::new(),
        }
    }
}
