//! The requests that change accounts. An update may be sent more than once, a create and a move into the archive only once.

use crate::onefile::call::Call;
use crate::onefile::client::Client;
use serde_json::{Map, Value, json};

use crate::domain::clock::Moment;
use crate::domain::field::Key;
use crate::domain::role::Role;
use crate::domain::{self, AccountId, ArchiveMove, EntryId, OrganisationId};
use crate::onefile::answer::misshapen;
use crate::onefile::error::ClientError;
use crate::onefile::wire;

/// A value to be sent.
pub enum Outgoing<'v> {
    Value(&'v domain::Value),
    Id(EntryId),
}

/// Why a create returned no account number.
#[derive(Debug)]
pub enum CreateFailure {
    /// The account was certainly not created.
    NotCreated(ClientError),
    /// The account may have been created.
    Unclear(ClientError),
}

impl Client {
    /// Creates an account and returns its number.
    ///
    /// # Errors
    /// `NotCreated` with `TooLate` if the call's turn came after `not_after`, and with `Stopped` if somebody had stopped the
    /// run; then nothing was sent.
    pub async fn create(
        &self,
        organisation: OrganisationId,
        role: Role,
        fields: &[(Key, Outgoing<'_>)],
        not_after: Option<Moment>,
    ) -> Result<AccountId, CreateFailure> {
        let mut body = members(fields);
        body.insert("OrganisationID".to_owned(), json!(organisation));
        body.insert("Role".to_owned(), json!(role.row().api));
        let call = Call::post("User", Value::Object(body)).change_until(not_after);
        let answer = self.write_once(&call).await.map_err(|error| {
            if error.means_not_created() {
                CreateFailure::NotCreated(error)
            } else {
                CreateFailure::Unclear(error)
            }
        })?;
        answer
            .and_then(|object| object.id().filter(|id: &AccountId| id.is_possible()))
            .ok_or_else(|| CreateFailure::Unclear(misshapen(&call, "`ID`")))
    }

    /// Sends the given fields of an account, and no others.
    ///
    /// # Errors
    /// `TooLate` if the call's turn came after `not_after`, and `Stopped` if somebody had stopped the run; then nothing was
    /// sent.
    pub async fn update(
        &self,
        id: AccountId,
        fields: &[(Key, Outgoing<'_>)],
        not_after: Option<Moment>,
    ) -> Result<(), ClientError> {
        let call = Call::post(format!("User/{id}"), Value::Object(members(fields)))
            .change_until(not_after);
        self.write(&call).await
    }

    /// Archives an account, or brings it back (`docs/onefile-api.md`, Leavers). It is sent once; the body of the answer isn't
    /// specified.
    ///
    /// # Errors
    /// As `write_once`. If `means_not_created` says so, the server can't have done it.
    pub async fn move_account(
        &self,
        id: AccountId,
        step: ArchiveMove,
        not_after: Option<Moment>,
    ) -> Result<(), ClientError> {
        let call = Call::post(format!("User/{id}/{}", step.api()), json!({}));
        self.write_unread(&call.change_until(not_after)).await
    }
}

pub(super) fn members(fields: &[(Key, Outgoing<'_>)]) -> Map<String, Value> {
    let value = |key: Key, outgoing: &Outgoing<'_>| match outgoing {
        Outgoing::Value(value) => wire::sent(key, value),
        Outgoing::Id(id) => json!(id),
    };
    fields
        .iter()
        .filter_map(|(key, outgoing)| Some((key.row().api?.to_owned(), value(*key, outgoing))))
        .collect()
}
