//! Ids in JSON are bare numbers: in plan files, events and the journal, and in requests.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::{AccountId, EntryId, OrganisationId, StandardId};

macro_rules! bare_numbers {
    ($($name:ident)*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.get().serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                i64::deserialize(deserializer).map(Self::new)
            }
        }
    )*};
}

bare_numbers! { OrganisationId AccountId EntryId StandardId }
