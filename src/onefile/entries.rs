//! Reads, creates and updates placements and classrooms (`docs/onefile-api.md`, Assignments).

use serde_json::{Value, json};

use crate::domain::clock::Moment;
use crate::domain::field::Key;
use crate::domain::{EntryId, EntryKind, LiveEntry, OrganisationId};
use crate::onefile::answer::misshapen;
use crate::onefile::assignment_writes::WriteFailure;
use crate::onefile::call::Call;
use crate::onefile::client::Client;
use crate::onefile::error::ClientError;
use crate::onefile::write::{Outgoing, members};

impl Client {
    /// Reads a placement or classroom with every field; `None` if the organisation has none with this number.
    pub async fn live_entry(
        &self,
        organisation: OrganisationId,
        kind: EntryKind,
        id: EntryId,
    ) -> Result<Option<LiveEntry>, ClientError> {
        let answer = match self.read(&Call::get(format!("{}/{id}", kind.api()))).await {
            Err(ClientError::Status { status: 404, .. }) => None,
            answer => answer?,
        };
        let row = answer.filter(|row| row.may_be_of(organisation));
        let entry = row.and_then(|row| row.live_entry(kind));
        Ok(entry.filter(|entry| entry.id == id))
    }

    /// Creates a placement or classroom and returns its number. It is sent once.
    ///
    /// # Errors
    /// `NotDone` with `TooLate` if the call's turn came after `not_after`, and with `Stopped` if somebody had stopped the
    /// run; then nothing was sent.
    pub async fn create_entry(
        &self,
        organisation: OrganisationId,
        kind: EntryKind,
        fields: &[(Key, Outgoing<'_>)],
        not_after: Option<Moment>,
    ) -> Result<EntryId, WriteFailure> {
        let mut body = members(fields);
        body.insert("OrganisationID".to_owned(), json!(organisation.get()));
        let call = Call::post(kind.api(), Value::Object(body)).change_until(not_after);
        let number = self.write_for_number(&call).await;
        let id = number.map_err(WriteFailure::of)?.map(EntryId::new);
        id.filter(|id| id.is_possible())
            .ok_or_else(|| WriteFailure::Unclear(misshapen(&call, "`ID`")))
    }

    /// Sends the given fields of a placement or classroom, and no others. It may be sent more than once.
    ///
    /// # Errors
    /// As `update`.
    pub async fn update_entry(
        &self,
        kind: EntryKind,
        id: EntryId,
        fields: &[(Key, Outgoing<'_>)],
        not_after: Option<Moment>,
    ) -> Result<(), ClientError> {
        let body = Value::Object(members(fields));
        let call = Call::post(format!("{}/{id}", kind.api()), body);
        self.write(&call.change_until(not_after)).await
    }
}
