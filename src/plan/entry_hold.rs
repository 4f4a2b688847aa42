//! Why nothing is done for a declared placement or classroom until a person decides.

use crate::domain::EntryId;

/// The reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryHold {
    /// Several have the MIS value or the name.
    Several(Vec<EntryId>),
    /// None has the number that the manifest names.
    NoSuchEntry(EntryId),
    /// The one with the MIS value has another name, and another one has the name.
    NameElsewhere(Vec<EntryId>),
    /// An earlier run may have created it, and no list shows it.
    MayHaveBeenCreated,
    /// The list couldn't be read to its end.
    ListNotWhole,
}
