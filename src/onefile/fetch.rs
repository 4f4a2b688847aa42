//! The snapshot: the cheapest picture that a roster needs. One search a role, what the roster refers to by name, and a
//! closer look at declared users alone, where their search row lacks a managed field.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{try_join, try_join_all};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use jiff::Timestamp;
use serde_json::{Value, json};
use tracing::info;

use crate::domain::field::{FIELDS, Field, Key, Referent};
use crate::domain::role::Role;
use crate::domain::{
    Account, AccountId, Directory, DirectoryEntry, Organisation, OrganisationId, Roster, Scope,
    Snapshot,
};
use crate::onefile::accounts_to_read::{PlannedUsers, absent, lacks_any, wanted};
use crate::onefile::answer::json as read_json;
use crate::onefile::call::Call;
use crate::onefile::client::Client;
use crate::onefile::complete_list::{PageEnd, PagedRows};
use crate::onefile::error::{ClientError, in_words};
use crate::onefile::row::{Json, JsonRow};

/// How many rows a page is asked for; servers may give fewer.
pub(crate) const PAGE_SIZE: usize = 500;

/// What the server holds of this organisation, as far as this roster needs it.
pub async fn fetch(
    client: &Client,
    organisation: OrganisationId,
    roster: &Roster,
    scope: &Scope,
) -> Result<Snapshot, ClientError> {
    let users = roster
        .users()
        .iter()
        .enumerate()
        .filter(|(at, _)| scope.includes(*at));
    let planned = PlannedUsers {
        users: users.map(|(_, user)| user).collect(),
        roster,
    };
    let settings = client.organisation(organisation).await?;
    let Listed {
        mut snapshot,
        paged,
    } = listed(client, settings, &roster.referents(scope), &[]).await?;
    if absent(&planned, &snapshot).next().is_some() {
        confirm(client, paged, &mut snapshot).await?;
    }
    let looks = client
        .look(organisation, wanted(&planned, &snapshot))
        .await?;
    take_in(looks, &mut snapshot);
    Ok(snapshot)
}

/// What the lists of this organisation show: every account as its row has it, and everything that may be referred to. Lists that
/// nobody documents may stay unread.
pub async fn fetch_lists(
    client: &Client,
    organisation: OrganisationId,
) -> Result<Snapshot, ClientError> {
    let settings = client.organisation(organisation).await?;
    Ok(listed(
        client,
        settings,
        &all_referents(),
        &[Referent::Provider, Referent::LearnerStatus],
    )
    .await?
    .snapshot)
}

/// The same, where any list but those of accounts may stay unread.
pub async fn survey(client: &Client, settings: Organisation) -> Result<Snapshot, ClientError> {
    let referents = all_referents();
    let spared: Vec<Referent> = referents.iter().copied().collect();
    Ok(listed(client, settings, &referents, &spared)
        .await?
        .snapshot)
}

fn all_referents() -> BTreeSet<Referent> {
    FIELDS.iter().filter_map(Field::referent).collect()
}

/// The accounts whose search rows lack a field that their role has.
pub fn lacking_any(snapshot: &Snapshot) -> BTreeSet<AccountId> {
    snapshot
        .accounts()
        .filter(|account| lacks_any(account))
        .map(|account| account.id)
        .collect()
}

/// Looks at these accounts, a call each.
pub async fn look_closer(
    client: &Client,
    ids: BTreeSet<AccountId>,
    snapshot: &mut Snapshot,
) -> Result<(), ClientError> {
    let looks = client.look(snapshot.organisation.id, ids).await?;
    take_in(looks, snapshot);
    Ok(())
}

/// The lists of accounts and of these referents; those that are spared may stay unread.
async fn listed(
    client: &Client,
    settings: Organisation,
    referents: &BTreeSet<Referent>,
    spared: &[Referent],
) -> Result<Listed, ClientError> {
    let (directory, lists) = try_join(
        client.directory(settings.id, referents, spared),
        client.lists(settings.id),
    )
    .await?;
    let (mut entries, mut unread) = (BTreeMap::new(), BTreeMap::new());
    for (referent, list) in directory {
        match list {
            Ok(list) => drop(entries.insert(referent, list)),
            Err(why) => drop(unread.insert(referent, why)),
        }
    }
    let whole: BTreeSet<Role> = lists
        .iter()
        .filter(|list| list.whole)
        .map(|list| list.role)
        .collect();
    let paged = lists
        .iter()
        .filter(|list| list.whole && list.is_paged)
        .map(|list| list.role)
        .collect();
    let accounts = lists.into_iter().flat_map(|list| list.accounts).collect();
    let mut snapshot = Snapshot::new(settings, Directory::new(entries), whole, accounts);
    snapshot.unread = unread;
    snapshot.listed = snapshot
        .accounts()
        .flat_map(|account| account.shown.keys())
        .collect();
    Ok(Listed { snapshot, paged })
}

/// What lists show.
struct Listed {
    snapshot: Snapshot,
    /// The roles whose lists are whole as far as one reading tells, and have several pages.
    paged: BTreeSet<Role>,
}

/// Reads lists of several pages again. A row that goes while a list is read moves those behind it, so that one of them may be on
/// neither of two pages. What a further reading shows joins the picture; a list stays whole if one shows nothing new.
async fn confirm(
    client: &Client,
    paged: BTreeSet<Role>,
    snapshot: &mut Snapshot,
) -> Result<(), ClientError> {
    let mut open = paged;
    for _ in 0..FURTHER_READINGS {
        let lists = try_join_all(
            open.iter()
                .map(|role| client.list(snapshot.organisation.id, *role)),
        )
        .await?;
        open.clear();
        for list in lists {
            let before = snapshot.accounts().len();
            for account in list.accounts {
                if snapshot.account(account.id).is_none() {
                    snapshot.replace(account);
                }
            }
            if !list.whole || snapshot.accounts().len() > before {
                open.insert(list.role);
            }
        }
    }
    snapshot.whole.retain(|role| !open.contains(role));
    Ok(())
}

/// How often a list is read again to be sure of it.
const FURTHER_READINGS: usize = 2;

fn take_in(looks: BTreeMap<AccountId, FullRead>, snapshot: &mut Snapshot) {
    for (id, look) in looks {
        match look {
            FullRead::Seen(account) => snapshot.look_closer(&account),
            FullRead::Absent => snapshot.lose(id),
            FullRead::Strange => snapshot.cannot_read(id),
        }
    }
}

/// Accounts that were created not long ago and that no list shows yet join the picture. One that shows neither whose it is nor a
/// MIS value counts as not there.
pub async fn fetch_created(
    client: &Client,
    ids: BTreeSet<AccountId>,
    snapshot: &mut Snapshot,
) -> Result<(), ClientError> {
    for account in client
        .accounts(snapshot.organisation.id, ids)
        .await?
        .into_values()
        .flatten()
    {
        if account.has_name() || account.text(Key::MisId).is_some() {
            snapshot.replace(account);
        }
    }
    Ok(())
}

/// What a closer look at an account shows.
pub(crate) enum FullRead {
    Seen(Account),
    /// There is no such account, or it is shown to be of another organisation.
    Absent,
    /// It is no user of a role that we know.
    Strange,
}

struct List {
    role: Role,
    accounts: Vec<Account>,
    whole: bool,
    /// Whether it has several pages, or may have had.
    is_paged: bool,
}

impl Client {
    /// The organisation, with what decides whether a new account e-mails its person.
    pub async fn organisation(&self, id: OrganisationId) -> Result<Organisation, ClientError> {
        let call = Call::get(format!("Organisation/{id}"));
        let answer = match self.read(&call).await {
            Err(ClientError::Status { status: 404, .. }) => {
                return Err(ClientError::NoOrganisation(id));
            }
            answer => answer?.unwrap_or_default(),
        };
        JsonRow::of(&answer)
            .and_then(|object| object.organisation())
            .ok_or_else(|| misshapen(&call, "organisation"))
    }

    /// The organisations that the token sees.
    pub async fn organisations(&self) -> Result<Vec<Organisation>, ClientError> {
        let call = Call::get("Customer");
        let customer = self.read(&call).await?.unwrap_or_default();
        let id = JsonRow::of(&customer)
            .and_then(|object| object.id::<i64>())
            .ok_or_else(|| misshapen(&call, "customer"))?;
        let call = Call::post("Organisation/Search", json!({ "CustomerID": id }));
        let rows = self
            .rows(&call, &|object: &JsonRow<'_>| object.organisation())
            .await?;
        Ok(rows
            .into_iter()
            .filter_map(|(_, organisation)| organisation)
            .collect())
    }

    /// The entries of these referents, or why a list that is spared can't be read.
    async fn directory(
        &self,
        organisation: OrganisationId,
        referents: &BTreeSet<Referent>,
        spared: &[Referent],
    ) -> Result<BTreeMap<Referent, Result<Vec<DirectoryEntry>, String>>, ClientError> {
        let lists = referents.iter().map(|referent| async {
            let list = match self.entries(organisation, *referent).await {
                Err(error) if spared.contains(referent) && error.is_about_call() => {
                    Err(in_words(&error))
                }
                list => Ok(list?),
            };
            Ok((*referent, list))
        });
        Ok(try_join_all(lists).await?.into_iter().collect())
    }

    async fn entries(
        &self,
        organisation: OrganisationId,
        referent: Referent,
    ) -> Result<Vec<DirectoryEntry>, ClientError> {
        let read = |object: &JsonRow<'_>| object.entry();
        let search =
            |what: &'static str| self.search(what, json!({ "OrganisationID": organisation }), read);
        let entries = match referent {
            Referent::User(_) => return Ok(Vec::new()),
            Referent::Classroom => search("Classroom").await?.found,
            Referent::Placement => search("Placement").await?.found,
            Referent::Provider => search("Provider").await?.found,
            Referent::LearnerStatus => {
                let call = Call::get(format!("Organisation/{organisation}/LearnerStatuses"));
                self.rows(&call, &read)
                    .await?
                    .into_iter()
                    .filter_map(|(_, entry)| entry)
                    .collect()
            }
        };
        info!("entries of the kind `{referent:?}`: {}", entries.len());
        Ok(entries)
    }

    async fn lists(&self, organisation: OrganisationId) -> Result<Vec<List>, ClientError> {
        try_join_all(Role::all().map(|role| self.list(organisation, role))).await
    }

    async fn list(&self, organisation: OrganisationId, role: Role) -> Result<List, ClientError> {
        let filter = json!({ "OrganisationID": organisation, "Role": role.row().api });
        let rows = self
            .search("User", filter, account_of(organisation, role))
            .await?;
        let not_whole = if rows.whole {
            ""
        } else {
            ", and the list shifts: it isn't whole"
        };
        info!(
            "accounts of the role `{}`: {}{not_whole}",
            role.name(),
            rows.found.len()
        );
        Ok(List {
            role,
            is_paged: rows.is_paged(),
            accounts: rows.found,
            whole: rows.whole,
        })
    }

    /// The accounts of a role that were touched since a time, as their rows have them; all of the role, if the server doesn't obey that.
    pub(crate) async fn modified_since(
        &self,
        organisation: OrganisationId,
        role: Role,
        since: Timestamp,
    ) -> Result<Vec<Account>, ClientError> {
        let since = since.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let filter = json!({ "OrganisationID": organisation, "Role": role.row().api, "LastModified": since });
        Ok(self
            .pages("User", &filter, &account_of(organisation, role))
            .await?
            .found)
    }

    /// All rows of a search, as what they are read as. A list that shifts while it is read is read once more.
    async fn search<T>(
        &self,
        what: &str,
        filter: Value,
        read: impl Fn(&JsonRow<'_>) -> Option<T>,
    ) -> Result<PagedRows<T>, ClientError> {
        let rows = self.pages(what, &filter, &read).await?;
        if rows.whole {
            Ok(rows)
        } else {
            self.pages(what, &filter, &read).await
        }
    }

    /// The rows of one answer by their ids, as what they are read as.
    pub(super) async fn rows<T>(
        &self,
        call: &Call,
        read: &impl Fn(&JsonRow<'_>) -> Option<T>,
    ) -> Result<Vec<(i64, Option<T>)>, ClientError> {
        self.call(call, |answer| {
            answer.map_or(Ok(Vec::new()), |body| rows_of(call, &body, read))
        })
        .await
    }

    /// All pages of a search, up to an empty one. A server may give fewer rows than are asked for, and nobody knows how it counts the
    /// pages before then: the pages after the first are asked for in the size that the first one has.
    async fn pages<T>(
        &self,
        what: &str,
        filter: &Value,
        read: &impl Fn(&JsonRow<'_>) -> Option<T>,
    ) -> Result<PagedRows<T>, ClientError> {
        let mut found = PagedRows::default();
        let mut page = 1;
        loop {
            let size = found.first.unwrap_or(PAGE_SIZE).min(PAGE_SIZE);
            let call = Call::post(format!("{what}/Search/{page}/{size}"), filter.clone());
            if found.take(self.rows(&call, read).await?) == PageEnd::Last {
                return Ok(found);
            }
            page += 1;
        }
    }

    /// The accounts with these numbers, whole.
    pub(crate) async fn look(
        &self,
        organisation: OrganisationId,
        ids: BTreeSet<AccountId>,
    ) -> Result<BTreeMap<AccountId, FullRead>, ClientError> {
        if !ids.is_empty() {
            info!("accounts to look at one by one: {}", ids.len());
        }
        let looks = stream::iter(ids)
            .map(|id| async move { Ok((id, self.look_at(organisation, id).await?)) });
        looks
            .buffer_unordered(self.concurrency())
            .try_collect()
            .await
    }

    pub(crate) async fn look_at(
        &self,
        organisation: OrganisationId,
        id: AccountId,
    ) -> Result<FullRead, ClientError> {
        let call = Call::get(format!("User/{id}"));
        let seen = |answer: Option<Vec<u8>>| match answer {
            Some(body) => Ok(seen(&read_json(&call, &body)?, organisation, id)),
            None => Ok(FullRead::Absent),
        };
        match self.call(&call, seen).await {
            Err(ClientError::Status { status: 404, .. }) => Ok(FullRead::Absent),
            look => look,
        }
    }
}

fn seen(answer: &Json<'_>, organisation: OrganisationId, id: AccountId) -> FullRead {
    match answer.object().filter(|object| object.id() == Some(id)) {
        None => FullRead::Strange,
        Some(object) if !object.may_be_of(organisation) => FullRead::Absent,
        Some(object) => object
            .account(None)
            .map_or(FullRead::Strange, FullRead::Seen),
    }
}

/// An account of a role, unless it is shown to be another organisation's.
pub(super) fn account_of(
    organisation: OrganisationId,
    role: Role,
) -> impl Fn(&JsonRow<'_>) -> Option<Account> {
    move |object| {
        object
            .may_be_of(organisation)
            .then(|| object.account(Some(role)))
            .flatten()
    }
}

/// A row that can't be told from others makes the list worthless.
fn rows_of<T>(
    call: &Call,
    body: &[u8],
    read: &impl Fn(&JsonRow<'_>) -> Option<T>,
) -> Result<Vec<(i64, Option<T>)>, ClientError> {
    let Json::List(rows) = read_json(call, body)? else {
        return Err(misshapen(call, "list of rows"));
    };
    let mut found = Vec::with_capacity(rows.len());
    for (index, row) in rows.iter().enumerate() {
        let object = row.object();
        let id = object.and_then(JsonRow::id);
        let (Some(object), Some(id)) = (object, id) else {
            return Err(ClientError::NoId {
                call: call.name(),
                row: index + 1,
            });
        };
        found.push((id, read(object)));
    }
    Ok(found)
}

fn misshapen(call: &Call, what: &'static str) -> ClientError {
    ClientError::Misshapen {
        call: call.name(),
        what,
    }
}
