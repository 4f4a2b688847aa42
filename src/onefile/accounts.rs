//! Finds single accounts by number, by MIS value or by name. A server may ignore the filter of a search, so every row is
//! checked here.

use crate::onefile::call::Call;
use crate::onefile::client::Client;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::domain::field::Key;
use crate::domain::role::Role;
use crate::domain::{Account, AccountId, IdentityMark, OrganisationId};
use crate::onefile::error::ClientError;
use crate::onefile::fetch::{FullRead, PAGE_SIZE, account_of};
use crate::onefile::row::JsonRow;

/// An account with every member of the server's answer, including those that we don't know.
pub struct FullAccount {
    pub account: Account,
    object: JsonRow<'static>,
}

impl FullAccount {
    /// The API names of the members that differ between two readings. Names that differ only in case are the same member.
    pub fn differing(&self, other: &Self) -> Vec<String> {
        self.object.differing(&other.object)
    }
}

impl Client {
    /// Reads an account; `None` if the organisation has no account with this number and a known role.
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

    /// The accounts with these numbers, read in parallel; `None` for a number that isn't an account here.
    pub async fn accounts(
        &self,
        organisation: OrganisationId,
        ids: BTreeSet<AccountId>,
    ) -> Result<BTreeMap<AccountId, Option<Account>>, ClientError> {
        let mut accounts = BTreeMap::new();
        for (id, read) in self.look(organisation, ids).await? {
            let account = match read {
                FullRead::Seen(account) => Some(account),
                FullRead::Absent | FullRead::Strange => None,
            };
            accounts.insert(id, account);
        }
        Ok(accounts)
    }

    /// Reads an account with every member of the answer; `None` if the organisation has no account with this number.
    pub async fn whole(
        &self,
        organisation: OrganisationId,
        id: AccountId,
    ) -> Result<Option<FullAccount>, ClientError> {
        let answer = match self.read(&Call::get(format!("User/{id}"))).await {
            Err(ClientError::Status { status: 404, .. }) => None,
            answer => answer?,
        };
        let Some(object) = answer.filter(|object| object.may_be_of(organisation)) else {
            return Ok(None);
        };
        let account = object.account(None).filter(|account| account.id == id);
        Ok(account.map(|account| FullAccount { account, object }))
    }

    /// Searches for the account with a MIS value, other than those that a new one replaces.
    pub async fn find(
        &self,
        organisation: OrganisationId,
        role: Role,
        mis_id: &str,
        replaced: &BTreeSet<AccountId>,
    ) -> Result<Option<AccountId>, ClientError> {
        let filter =
            json!({ "OrganisationID": organisation, "Role": role.row().api, "MISID": mis_id });
        // A server may ignore the filter, and then the rows have accounts of other roles as well.
        let is_it = |account: &Account| {
            let live = account.text(Key::MisId);
            !replaced.contains(&account.id)
                && account.role == role
                && live.is_some_and(|live| live == mis_id)
        };
        Ok(self
            .find_all(organisation, role, filter, is_it, SearchUntil::One)
            .await?
            .first()
            .copied())
    }

    /// Searches for the accounts with a name.
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
            let (mut has_new, mut has_others) = (false, false);
            for account in rows.into_iter().filter_map(|(_, account)| account) {
                has_new |= seen.insert(account.id);
                if is_it(&account) {
                    found.insert(account.id);
                } else {
                    has_others = true;
                }
            }
            // If the server obeys the filter, a page that isn't full is the last. If it ignores the filter, all pages are read.
            let is_last = !has_new || (!has_others && length < PAGE_SIZE);
            if is_last || (enough == SearchUntil::One && !found.is_empty()) {
                break;
            }
            self.check_list(&call, page, seen.len())?;
        }
        Ok(found.into_iter().collect())
    }
}

/// When a search can stop: after the first match, or only after all of them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SearchUntil {
    One,
    All,
}

#[cfg(test)]
mod tests {
    use super::FullAccount;
    use crate::onefile::bounds::AnswerBounds;
    use crate::onefile::row::json;

    fn account(answer: &str) -> FullAccount {
        let answer = json(answer.as_bytes(), AnswerBounds::default()).unwrap();
        let object = answer.into_object().unwrap().into_owned();
        FullAccount {
            account: object.account(None).unwrap(),
            object,
        }
    }

    #[test]
    fn members_are_compared_whatever_the_case_of_their_names() {
        let before = account(r#"{ "ID": 5, "Role": 1, "Town": "Bath", "Gone": 1, "Same": 2 }"#);
        let after = account(r#"{ "id": 5, "role": 1, "TOWN": "Ely", "New": 3, "same": 2 }"#);
        assert_eq!(before.differing(&after), ["Gone", "Town", "New"]);
    }
}
