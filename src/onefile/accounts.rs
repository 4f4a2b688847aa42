//! Looks at single accounts: by number, by MIS value, by name. A server may obey a search's filter or ignore it, so that rows
//! are checked here.

use crate::onefile::call::Call;
use crate::onefile::client::Client;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::domain::field::{Key, Role};
use crate::domain::{Account, AccountId, IdentityMark, OrganisationId};
use crate::onefile::error::ClientError;
use crate::onefile::fetch::{FullRead, PAGE_SIZE, account_of};
use crate::onefile::row::JsonRow;

/// An account as it was shown, with all that isn't known here.
pub struct FullAccount {
    pub account: Account,
    object: Map<String, Value>,
}

impl FullAccount {
    /// The names in the API of what another look shows differently.
    pub fn differing(&self, other: &Self) -> Vec<String> {
        let added = other
            .object
            .keys()
            .filter(|name| !self.object.contains_key(*name));
        let differs = |name: &&String| self.object.get(*name) != other.object.get(*name);
        self.object
            .keys()
            .chain(added)
            .filter(differs)
            .cloned()
            .collect()
    }
}

impl Client {
    /// An account; `None` if there is none of this number here.
    pub async fn account(
        &self,
        organisation: OrganisationId,
        id: AccountId,
    ) -> Result<Option<Account>, ClientError> {
        Ok(match self.look_at(organisation, id).await? {
            FullRead::Seen(account) => Some(account),
            FullRead::Absent | FullRead::Strange => None,
        })
    }

    /// The accounts of these numbers, side by side.
    pub async fn accounts(
        &self,
        organisation: OrganisationId,
        ids: BTreeSet<AccountId>,
    ) -> Result<BTreeMap<AccountId, Option<Account>>, ClientError> {
        let seen = |look| {
            if let FullRead::Seen(account) = look {
                Some(account)
            } else {
                None
            }
        };
        Ok(self
            .look(organisation, ids)
            .await?
            .into_iter()
            .map(|(id, look)| (id, seen(look)))
            .collect())
    }

    /// An account with everything that is shown of it.
    pub async fn whole(
        &self,
        organisation: OrganisationId,
        id: AccountId,
    ) -> Result<Option<FullAccount>, ClientError> {
        let answer = match self.read(&Call::get(format!("User/{id}"))).await {
            Err(ClientError::Status { status: 404, .. }) => None,
            answer => answer?,
        };
        let object = answer
            .as_ref()
            .and_then(JsonRow::of)
            .filter(|object| object.may_be_of(organisation));
        let account = object
            .and_then(|object| object.account(None))
            .filter(|account| account.id == id);
        Ok(account
            .zip(answer.and_then(|answer| answer.as_object().cloned()))
            .map(|(account, object)| FullAccount { account, object }))
    }

    /// The account with a MIS value, as searches show it.
    pub async fn find(
        &self,
        organisation: OrganisationId,
        role: Role,
        mis_id: &str,
    ) -> Result<Option<AccountId>, ClientError> {
        let filter =
            json!({ "OrganisationID": organisation, "Role": role.row().api, "MISID": mis_id });
        let is_it = |account: &Account| account.text(Key::MisId).is_some_and(|live| live == mis_id);
        Ok(self
            .find_all(organisation, role, filter, is_it, SearchUntil::One)
            .await?
            .first()
            .copied())
    }

    /// The accounts with a name, as searches show them.
    pub async fn find_by_name(
        &self,
        organisation: OrganisationId,
        role: Role,
        first: &str,
        last: &str,
    ) -> Result<Vec<AccountId>, ClientError> {
        let filter = json!({
            "OrganisationID": organisation, "Role": role.row().api, "FirstName": first, "LastName": last,
        });
        let wanted = IdentityMark::Name.of(|key| {
            Some(Cow::Borrowed(if key == Key::FirstName {
                first
            } else {
                last
            }))
        });
        let is_it = |account: &Account| {
            wanted.is_some() && IdentityMark::Name.of(|key| account.value(key)) == wanted
        };
        self.find_all(organisation, role, filter, is_it, SearchUntil::All)
            .await
    }

    async fn find_all(
        &self,
        organisation: OrganisationId,
        role: Role,
        filter: Value,
        is_it: impl Fn(&Account) -> bool,
        enough: SearchUntil,
    ) -> Result<Vec<AccountId>, ClientError> {
        let mut found = BTreeSet::new();
        let mut seen = BTreeSet::new();
        for page in 1.. {
            let call = Call::post(format!("User/Search/{page}/{PAGE_SIZE}"), filter.clone());
            let rows = self.rows(&call, &account_of(organisation, role)).await?;
            let length = rows.len();
            let accounts: Vec<Account> = rows
                .into_iter()
                .filter_map(|(_, account)| account)
                .collect();
            let before = seen.len();
            seen.extend(accounts.iter().map(|account| account.id));
            let has_others = accounts.iter().any(|account| !is_it(account));
            found.extend(
                accounts
                    .iter()
                    .filter(|account| is_it(account))
                    .map(|account| account.id),
            );
            // A server that obeys the filter has few rows; one that doesn't is read to its end, or to what is looked for.
            let is_over = seen.len() == before || (!has_others && length < PAGE_SIZE);
            if is_over || (enough == SearchUntil::One && !found.is_empty()) {
                break;
            }
        }
        Ok(found.into_iter().collect())
    }
}

/// When a search has seen enough.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SearchUntil {
    One,
    All,
}
