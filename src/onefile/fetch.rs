//! Reads the snapshot that a roster needs, in as few requests as possible: one search per role, the lists that the roster
//! refers to, and single accounts whose search rows don't show enough (`accounts_to_read` says which).

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{try_join, try_join_all};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tracing::info;

use crate::domain::field::{FIELDS, Field, Key, Referent};
use crate::domain::role::Role;
use crate::domain::{
    Account, AccountId, DeclaredUser, Directory, DirectoryEntry, EntryId, EntryKind, LeftOut,
    LiveEntry, Organisation, OrganisationId, Roster, Scope, Snapshot, london,
};
use crate::onefile::accounts_to_read::{
    PlannedUsers, absent, beside_selected, caseloads, lacks_any, moved, wanted,
};
use crate::onefile::answer::{json as read_json, misshapen, rows as read_rows};
use crate::onefile::bounds::PassedBound;
use crate::onefile::call::Call;
use crate::onefile::client::Client;
use crate::onefile::complete_list::{PageEnd, PagedRows};
use crate::onefile::error::{ClientError, in_words};
use crate::onefile::read_entries::read_entries;
use crate::onefile::readings::{Recall, Recalled};
use crate::onefile::row::{Json, JsonRow};

/// Searches ask for changes since this much earlier.
const CLOCK_MARGIN: SignedDuration = SignedDuration::from_mins(5);
/// Rows requested per page. A server may return fewer.
pub(crate) const PAGE_SIZE: usize = 500;

/// Reads everything in the organisation that the planned users of this roster need.
pub async fn fetch(
    client: &Client,
    organisation: OrganisationId,
    roster: &Roster,
    scope: &Scope,
) -> Result<Snapshot, ClientError> {
    let lists = fetch_planned_lists(client, organisation, roster, scope).await?;
    let (snapshot, _) = fetch_planned_accounts(client, lists, roster, scope, None).await?;
    Ok(snapshot)
}

/// The first half of [`fetch`]: the lists of all roles, and those of what the planned users refer to.
pub async fn fetch_planned_lists(
    client: &Client,
    organisation: OrganisationId,
    roster: &Roster,
    scope: &Scope,
) -> Result<ReadLists, ClientError> {
    let settings = client.organisation(organisation).await?;
    let referents = roster.referents(scope);
    let declared = roster.planned_entries(scope);
    let wanted = WantedLists {
        declared: declared.map(|(_, entry)| entry.kind).collect(),
        ..WantedLists::of_all_roles(&referents, &[])
    };
    listed(client, settings, &wanted).await
}

/// The second half of [`fetch`]: the accounts that have to be read one by one. With a recall, those that are as earlier readings
/// have seen them aren't read.
pub async fn fetch_planned_accounts(
    client: &Client,
    lists: ReadLists,
    roster: &Roster,
    scope: &Scope,
    recall: Option<Recall<'_>>,
) -> Result<(Snapshot, Recalled), ClientError> {
    let users = roster
        .users()
        .iter()
        .enumerate()
        .filter(|(at, _)| scope.includes(*at));
    let planned = PlannedUsers {
        users: users.map(|(_, user)| user).collect(),
        roster,
    };
    let ReadLists {
        mut snapshot,
        paged,
    } = lists;
    let organisation = snapshot.organisation.id;
    if absent(&planned, &snapshot).next().is_some() {
        confirm(client, paged, &mut snapshot).await?;
    }
    let wanted = wanted(&planned, &snapshot);
    let recalled = if let Some(recall) = recall {
        recall.read(client, wanted, &planned, &mut snapshot).await?
    } else {
        look_closer(client, wanted.all(), &mut snapshot).await?;
        Recalled::default()
    };
    let unselected = unselected(roster, scope);
    let beside = beside_selected(&planned, &unselected, &snapshot);
    let looks = client.look(organisation, beside).await?;
    take_in(looks, &mut snapshot);
    read_archive(client, &planned, &mut snapshot).await?;
    let caseloads = caseloads(&planned, &snapshot);
    look_closer(client, caseloads, &mut snapshot).await?;
    read_entries(client, roster, scope, &mut snapshot).await?;
    snapshot.today = Some(london::day_at(client.clock.now()));
    Ok((snapshot, recalled))
}

/// The users who would be planned but for the selection.
fn unselected<'r>(roster: &'r Roster, scope: &Scope) -> Vec<&'r DeclaredUser> {
    let mut unselected = Vec::new();
    for (at, user) in roster.users().iter().enumerate() {
        if scope.leaves_out(at) == Some(LeftOut::BySelection) && scope.is_concerned(at) {
            unselected.push(user);
        }
    }
    unselected
}

/// Reads the accounts of users who leave or come back, if their rows don't say whether they are archived. If the first one
/// doesn't say it either, no account does.
async fn read_archive(
    client: &Client,
    planned: &PlannedUsers<'_>,
    snapshot: &mut Snapshot,
) -> Result<(), ClientError> {
    let mut unsaid = moved(planned, snapshot);
    let Some(first) = unsaid.pop_first() else {
        return Ok(());
    };
    look_closer(client, BTreeSet::from([first]), snapshot).await?;
    if snapshot.shows_archive() {
        look_closer(client, unsaid, snapshot).await?;
    }
    Ok(())
}

/// Reads accounts that no list shows, because the manifests say that they were archived.
pub async fn fetch_beyond_lists(
    client: &Client,
    ids: BTreeSet<AccountId>,
    snapshot: &mut Snapshot,
) -> Result<(), ClientError> {
    let read = client.accounts(snapshot.organisation.id, ids).await?;
    for account in read.into_values().flatten() {
        snapshot.add_beyond_lists(account);
    }
    Ok(())
}

/// What a command reads besides all accounts and what they refer to.
#[derive(Clone, Copy, Debug, Default)]
pub struct MoreLists {
    pub referents: &'static [Referent],
    /// The kinds whose rows are to be kept whole.
    pub entries: &'static [EntryKind],
}

/// Reads every list of the organisation: all accounts, as their search rows show them, and all entries that users can refer
/// to. If an undocumented list can't be read, it is left out and recorded in `unread`.
pub async fn fetch_lists(
    client: &Client,
    organisation: OrganisationId,
    more: MoreLists,
) -> Result<Snapshot, ClientError> {
    let settings = client.organisation(organisation).await?;
    let mut referents = all_referents();
    referents.extend(more.referents);
    let spared = [Referent::Provider, Referent::LearnerStatus];
    let wanted = WantedLists {
        declared: more.entries.iter().copied().collect(),
        ..WantedLists::of_all_roles(&referents, &spared)
    };
    Ok(listed(client, settings, &wanted).await?.snapshot)
}

/// Reads only the lists of these roles and of these referents.
pub async fn fetch_part(
    client: &Client,
    organisation: OrganisationId,
    referents: &BTreeSet<Referent>,
    roles: &[Role],
) -> Result<Snapshot, ClientError> {
    let settings = client.organisation(organisation).await?;
    let wanted = WantedLists {
        roles: roles.to_vec(),
        referents,
        spared: &[],
        declared: BTreeSet::new(),
    };
    Ok(listed(client, settings, &wanted).await?.snapshot)
}

/// The same, but any unreadable list is left out, except those of accounts.
pub async fn survey(client: &Client, settings: Organisation) -> Result<Snapshot, ClientError> {
    let mut referents = all_referents();
    referents.extend([Referent::Standard, Referent::FrameworkTemplate]);
    let spared: Vec<Referent> = referents.iter().copied().collect();
    let wanted = WantedLists::of_all_roles(&referents, &spared);
    Ok(listed(client, settings, &wanted).await?.snapshot)
}

fn all_referents() -> BTreeSet<Referent> {
    let fields = FIELDS.iter().filter(|field| field.api.is_some());
    fields.filter_map(Field::referent).collect()
}

/// The accounts whose search rows lack a field that their role has.
pub fn lacking_any(snapshot: &Snapshot) -> BTreeSet<AccountId> {
    snapshot
        .accounts()
        .filter(|account| lacks_any(account))
        .map(|account| account.id)
        .collect()
}

/// Reads these accounts, with one request each, and adds what they show to the snapshot.
pub async fn look_closer(
    client: &Client,
    ids: BTreeSet<AccountId>,
    snapshot: &mut Snapshot,
) -> Result<(), ClientError> {
    let looks = client.look(snapshot.organisation.id, ids).await?;
    take_in(looks, snapshot);
    Ok(())
}

/// The lists to read.
struct WantedLists<'w> {
    roles: Vec<Role>,
    referents: &'w BTreeSet<Referent>,
    /// Those of the referents whose list is left out if it can't be read.
    spared: &'w [Referent],
    /// The kinds of which manifests declare some, so that it matters what else the rows show.
    declared: BTreeSet<EntryKind>,
}

impl<'w> WantedLists<'w> {
    fn of_all_roles(referents: &'w BTreeSet<Referent>, spared: &'w [Referent]) -> Self {
        Self {
            roles: Role::all().collect(),
            referents,
            spared,
            declared: BTreeSet::new(),
        }
    }
}

/// Reads lists of accounts and of referents.
async fn listed(
    client: &Client,
    settings: Organisation,
    wanted: &WantedLists<'_>,
) -> Result<ReadLists, ClientError> {
    let (directory, lists) = try_join(
        client.directory(settings.id, wanted),
        client.lists(settings.id, &wanted.roles),
    )
    .await?;
    let (mut entries, mut unread) = (BTreeMap::new(), BTreeMap::new());
    let (mut live, mut shifting) = (BTreeMap::new(), BTreeSet::new());
    for (referent, part) in directory {
        match part {
            Ok(part) => {
                entries.insert(referent, part.entries);
                live.extend(part.live);
                shifting.extend(part.shifting);
            }
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
    snapshot.entries = live;
    snapshot.shifting_entries = shifting;
    snapshot.listed = snapshot
        .accounts()
        .flat_map(|account| account.shown.keys())
        .collect();
    Ok(ReadLists { snapshot, paged })
}

/// A snapshot made from lists only.
pub struct ReadLists {
    pub snapshot: Snapshot,
    /// Roles whose lists have several pages and looked complete in one reading.
    paged: BTreeSet<Role>,
}

/// Reads lists of several pages again. If a row goes while a list is being read, the rows behind it move up, and one of them
/// may appear on neither of two pages. Accounts found by reading again are added to the snapshot. A list counts as complete
/// once a reading shows nothing new.
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

/// How many times a list is read again before it counts as incomplete.
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

/// Adds recently created accounts that no list shows yet to the snapshot. An account that shows neither a full name nor a
/// MIS value is ignored.
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

/// The result of reading a single account.
pub(crate) enum FullRead {
    Seen(Account),
    /// The account doesn't exist, or belongs to another organisation.
    Absent,
    /// The answer isn't a user with this number and a known role.
    Strange,
}

/// The accounts that a list shows.
pub(crate) struct ListedIds {
    pub(crate) ids: BTreeSet<AccountId>,
    /// Whether it was read to its end.
    pub(crate) is_whole: bool,
}

/// One part of the directory.
#[derive(Default)]
struct DirectoryPart {
    entries: Vec<DirectoryEntry>,
    /// What the rows of a declared kind show.
    live: BTreeMap<(EntryKind, EntryId), LiveEntry>,
    /// The kind of placements or classrooms whose list couldn't be read to its end.
    shifting: Option<EntryKind>,
}

struct List {
    role: Role,
    accounts: Vec<Account>,
    whole: bool,
    /// Whether it has several pages, or may have had them before rows went.
    is_paged: bool,
}

impl Client {
    /// Reads the organisation, with the settings that decide whether OneFile e-mails a new user.
    ///
    /// # Errors
    /// `NoOrganisation` if the server doesn't know the number.
    pub async fn organisation(&self, id: OrganisationId) -> Result<Organisation, ClientError> {
        let call = Call::get(format!("Organisation/{id}"));
        let answer = match self.read(&call).await {
            Err(ClientError::Status { status: 404, .. }) => {
                return Err(ClientError::NoOrganisation(id));
            }
            answer => answer?,
        };
        answer
            .and_then(|object| object.organisation())
            .ok_or_else(|| misshapen(&call, "organisation"))
    }

    /// The organisations that the token can see.
    pub async fn organisations(&self) -> Result<Vec<Organisation>, ClientError> {
        let call = Call::get("Customer");
        let customer = self.read(&call).await?;
        let id = customer
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

    /// Reads the entries of the wanted referents. If a list in `spared` can't be read, its result is the reason.
    async fn directory(
        &self,
        organisation: OrganisationId,
        wanted: &WantedLists<'_>,
    ) -> Result<BTreeMap<Referent, Result<DirectoryPart, String>>, ClientError> {
        let parts = wanted.referents.iter().map(|referent| async {
            let kind = EntryKind::of_referent(*referent);
            let part = self.part(
                organisation,
                *referent,
                kind.filter(|kind| wanted.declared.contains(kind)),
            );
            let part = match part.await {
                Err(error) if wanted.spared.contains(referent) && error.is_about_call() => {
                    Err(in_words(&error))
                }
                part => Ok(part?),
            };
            Ok((*referent, part))
        });
        Ok(try_join_all(parts).await?.into_iter().collect())
    }

    /// Reads the entries of a referent, and of a declared kind also what else they show.
    async fn part(
        &self,
        organisation: OrganisationId,
        referent: Referent,
        declared: Option<EntryKind>,
    ) -> Result<DirectoryPart, ClientError> {
        let read = |object: &JsonRow<'_>| {
            let live = declared.and_then(|kind| Some((kind, object.live_entry(kind)?)));
            Some((object.entry()?, live))
        };
        let search =
            |what: &'static str| self.search(what, json!({ "OrganisationID": organisation }), read);
        let rows = match referent {
            Referent::User(_) => return Ok(DirectoryPart::default()),
            Referent::Classroom => search("Classroom").await?,
            Referent::Placement => search("Placement").await?,
            Referent::Standard => search("Standard").await?,
            Referent::FrameworkTemplate => search("FrameworkTemplate").await?,
            Referent::Provider => search("Provider").await?,
            Referent::LearnerStatus => {
                let call = Call::get(format!("Organisation/{organisation}/LearnerStatuses"));
                PagedRows::of_all(self.rows(&call, &read).await?)
            }
        };
        info!("entries of the kind `{referent:?}`: {}", rows.found.len());
        let mut part = DirectoryPart {
            shifting: EntryKind::of_referent(referent).filter(|_| !rows.whole),
            ..DirectoryPart::default()
        };
        for (entry, live) in rows.found {
            part.live
                .extend(live.map(|(kind, live)| ((kind, live.id), live)));
            part.entries.push(entry);
        }
        Ok(part)
    }

    async fn lists(
        &self,
        organisation: OrganisationId,
        roles: &[Role],
    ) -> Result<Vec<List>, ClientError> {
        try_join_all(roles.iter().map(|role| self.list(organisation, *role))).await
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

    /// The numbers of the accounts that the list of a role shows.
    pub(crate) async fn listed_ids(
        &self,
        organisation: OrganisationId,
        role: Role,
    ) -> Result<ListedIds, ClientError> {
        let list = self.list(organisation, role).await?;
        Ok(ListedIds {
            ids: list.accounts.iter().map(|account| account.id).collect(),
            is_whole: list.whole,
        })
    }

    /// A time of ours by the server's clock, if ours is ahead of it.
    pub(super) fn by_server(&self, at: Timestamp) -> Timestamp {
        let ahead = SignedDuration::from_secs(self.skew().unwrap_or_default().max(0));
        at.saturating_sub(ahead).unwrap_or(at)
    }

    /// The time from which to ask for changes since a time of ours, because the server's clock may differ.
    pub(crate) fn search_start(&self, since: Timestamp) -> Timestamp {
        let since = self.by_server(since);
        since.saturating_sub(CLOCK_MARGIN).unwrap_or(since)
    }

    /// The accounts of a role that changed since a time, as their search rows show them. If the server ignores the time, these
    /// are all accounts of the role.
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

    /// All rows of a search, as `read` returns them. If the list changes while it is being read, it is read once more.
    pub(super) async fn search<T>(
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

    /// The rows of one answer: the id of each, and what `read` returns for it.
    pub(super) async fn rows<T>(
        &self,
        call: &Call,
        read: &impl Fn(&JsonRow<'_>) -> Option<T>,
    ) -> Result<Vec<(i64, Option<T>)>, ClientError> {
        self.call(call, |answer| {
            answer.map_or(Ok(Vec::new()), |body| {
                read_rows(call, &body, self.bounds(), read)
            })
        })
        .await
    }

    /// Reads all pages of a search, up to an empty one. A server may return fewer rows than requested, and it isn't known how
    /// it counts earlier pages then. So later pages are requested in the size that the first one had.
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
            let rows = self.rows(&call, read).await?;
            self.progress.add_page();
            if found.take(rows) == PageEnd::Last {
                return Ok(found);
            }
            self.check_list(&call, page, found.len())?;
            page += 1;
        }
    }

    /// Checks that another page of a list may be read.
    pub(super) fn check_list(
        &self,
        call: &Call,
        pages: usize,
        rows: usize,
    ) -> Result<(), ClientError> {
        let bounds = self.bounds();
        let bound = if pages >= bounds.pages {
            PassedBound::Pages(bounds.pages)
        } else if rows > bounds.rows {
            PassedBound::Rows(bounds.rows)
        } else {
            return Ok(());
        };
        Err(ClientError::TooLarge {
            call: call.name(),
            bound,
        })
    }

    /// Reads the accounts with these numbers in full, one request each, in parallel.
    pub(crate) async fn look(
        &self,
        organisation: OrganisationId,
        ids: BTreeSet<AccountId>,
    ) -> Result<BTreeMap<AccountId, FullRead>, ClientError> {
        if !ids.is_empty() {
            info!("accounts to look at one by one: {}", ids.len());
        }
        self.progress.want(ids.len());
        let looks = stream::iter(ids).map(|id| async move {
            let look = self.look_at(organisation, id).await?;
            self.progress.add_look();
            Ok((id, look))
        });
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
            Some(body) => Ok(seen(
                &read_json(&call, &body, self.bounds())?,
                organisation,
                id,
            )),
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

/// Reads a row as an account of a role; `None` if the row isn't an account or belongs to another organisation.
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
