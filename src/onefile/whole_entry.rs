//! Reads placements and classrooms while they are created and updated: the list, and one with every member of the answer, including those that we don't know.

use serde_json::json;

use crate::domain::{DirectoryEntry, EntryId, EntryKind, LiveEntry, OrganisationId};
use crate::onefile::call::Call;
use crate::onefile::client::Client;
use crate::onefile::error::ClientError;
use crate::onefile::row::JsonRow;

/// A placement or classroom with every member of the server's answer.
pub struct FullEntry {
    pub entry: LiveEntry,
    object: JsonRow<'static>,
}

impl FullEntry {
    /// The API names of the members that differ between two readings. Names that differ only in case are the same member.
    pub fn differing(&self, other: &Self) -> Vec<String> {
        self.object.differing(&other.object)
    }
}

impl Client {
    /// The placements or classrooms that the list of an organisation shows.
    pub(crate) async fn listed_entries(
        &self,
        organisation: OrganisationId,
        kind: EntryKind,
    ) -> Result<Vec<DirectoryEntry>, ClientError> {
        let filter = json!({ "OrganisationID": organisation });
        let read = |row: &JsonRow<'_>| row.entry();
        Ok(self.search(kind.api(), filter, read).await?.found)
    }

    /// Reads a placement or classroom with every member; `None` if the organisation has none with this number.
    pub async fn whole_entry(
        &self,
        organisation: OrganisationId,
        kind: EntryKind,
        id: EntryId,
    ) -> Result<Option<FullEntry>, ClientError> {
        let answer = match self.read(&Call::get(format!("{}/{id}", kind.api()))).await {
            Err(ClientError::Status { status: 404, .. }) => None,
            answer => answer?,
        };
        let Some(object) = answer.filter(|object| object.may_be_of(organisation)) else {
            return Ok(None);
        };
        let entry = object.live_entry(kind).filter(|entry| entry.id == id);
        Ok(entry.map(|entry| FullEntry { entry, object }))
    }
}
