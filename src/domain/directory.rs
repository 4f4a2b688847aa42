//! The organisation, and the things that its users refer to.

use std::collections::BTreeMap;

use crate::domain::field::Referent;
use crate::domain::{EntryId, OrganisationId, nfc};

/// The organisation, with the settings that decide whether a new account e-mails its person; `None` for a setting that the
/// server didn't return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    pub id: OrganisationId,
    pub name: String,
    pub keychain_creation: Option<bool>,
    pub email_suppression: Option<bool>,
}

/// Something that users refer to: a classroom, a placement, a provider, a learner status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryEntry {
    pub id: EntryId,
    pub name: String,
    pub mis_id: Option<String>,
}

/// The things that rosters refer to but don't manage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    entries: BTreeMap<Referent, Vec<DirectoryEntry>>,
}

impl Directory {
    /// Names and MIS values are kept in NFC, as references are.
    pub fn new(mut entries: BTreeMap<Referent, Vec<DirectoryEntry>>) -> Self {
        for entry in entries.values_mut().flatten() {
            entry.name = nfc(&entry.name).into_owned();
            entry.mis_id = entry.mis_id.as_deref().map(|text| nfc(text).into_owned());
        }
        Self { entries }
    }

    pub fn of(&self, referent: Referent) -> &[DirectoryEntry] {
        self.entries.get(&referent).map_or(&[], Vec::as_slice)
    }
}
