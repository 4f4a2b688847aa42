//! The requests that assign something to a learner (`docs/onefile-api.md`, Assignments). Each is sent once: what a repeat does
//! isn't known, and no call takes an assignment away.

use serde_json::json;

use crate::domain::clock::Moment;
use crate::domain::role::Role;
use crate::domain::{AccountId, AimId, StandardId, TemplateId, UnitId};
use crate::onefile::call::Call;
use crate::onefile::client::Client;
use crate::onefile::error::ClientError;

/// Why a request that is sent once wasn't confirmed.
#[derive(Debug)]
pub enum WriteFailure {
    /// It was certainly not done: the server refused it, or it wasn't sent.
    NotDone(ClientError),
    /// It may have been done.
    Unclear(ClientError),
}

/// An additional assessor, IQA, employer or observer of a learner. `policy.assignPath` says whose number is in the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdditionalStaff {
    pub in_path: AccountId,
    /// The other one of the two.
    pub in_body: AccountId,
    pub role: Role,
}

/// Neither an aim's (3) nor a unit's (2).
const ADDITIONAL: u8 = 1;

impl Client {
    /// Assigns a standard. Returns the number of the new learning aim, if the answer has one. Only a reading proves it.
    ///
    /// # Errors
    /// `NotDone` with `TooLate` if the call's turn came after `not_after`, and with `Stopped` if somebody had stopped the
    /// run; then nothing was sent. So do the others here.
    pub async fn assign_standard(
        &self,
        standard: StandardId,
        learner: AccountId,
        not_after: Option<Moment>,
    ) -> Result<Option<AimId>, WriteFailure> {
        let path = format!("Standard/{standard}/Assign/{learner}");
        let call = Call::post(path, json!({})).change_until(not_after);
        let number = self.write_for_number(&call).await;
        let number = number.map_err(WriteFailure::of)?;
        Ok(number.map(AimId::new).filter(|aim| aim.is_possible()))
    }

    /// Assigns a unit of a standard. A server may refuse it if the learner has it already.
    ///
    /// # Errors
    /// As `assign_standard`.
    pub async fn assign_unit(
        &self,
        (standard, unit): (StandardId, UnitId),
        learner: AccountId,
        not_after: Option<Moment>,
    ) -> Result<(), WriteFailure> {
        let path = format!("Unit/{unit}/Assign/{learner}/{standard}");
        self.assign(Call::post(path, json!({})), not_after).await
    }

    /// Assigns what a framework template holds.
    ///
    /// # Errors
    /// As `assign_standard`.
    pub async fn assign_template(
        &self,
        template: TemplateId,
        learner: AccountId,
        not_after: Option<Moment>,
    ) -> Result<(), WriteFailure> {
        // Other clients send `true`; what it means isn't documented.
        let path = format!("FrameworkTemplate/{template}/Assign/{learner}/true");
        self.assign(Call::post(path, json!({})), not_after).await
    }

    /// Assigns an additional member of staff to a learner. No answer shows it afterwards.
    ///
    /// # Errors
    /// As `assign_standard`.
    pub async fn assign_staff(
        &self,
        staff: AdditionalStaff,
        not_after: Option<Moment>,
    ) -> Result<(), WriteFailure> {
        let body = json!({
            "LearnerID": staff.in_body.get(), "Role": staff.role.row().api, "Level": ADDITIONAL,
        });
        let call = Call::post(format!("User/{}/Assign", staff.in_path), body);
        self.assign(call, not_after).await
    }

    async fn assign(&self, call: Call, not_after: Option<Moment>) -> Result<(), WriteFailure> {
        let answer = self.write_unread(&call.change_until(not_after)).await;
        answer.map_err(WriteFailure::of)
    }
}

impl WriteFailure {
    pub(super) fn of(error: ClientError) -> Self {
        if error.means_not_created() {
            Self::NotDone(error)
        } else {
            Self::Unclear(error)
        }
    }
}
