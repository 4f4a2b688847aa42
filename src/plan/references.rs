//! Resolves references to numbers, by MIS value first and then by exact name. If a reference is unknown or ambiguous, or means
//! a user on hold, the user who has it is put on hold.

use std::cell::RefCell;
use std::collections::BTreeSet;

use foldhash::{HashMap, HashSet};

use crate::domain::field::{FIELDS, Field, Key, Referent};
use crate::domain::redact::open_text;
use crate::domain::role::Role;
use crate::domain::{
    Account, AccountId, DeclaredEntry, DeclaredUser, EntryId, LeftOut, ObservedValue, People,
    Reference, Roster, Snapshot, UnitReference, UserIdentity, UserName, UserNames, Value,
    may_share_mis_id, units_called,
};
use crate::findings::suggest::{nearest, nearest_key};
use crate::plan::archive_hold::ArchiveHold;
use crate::plan::directory_index::{DirectoryIndex, forms_of};
use crate::plan::entries::{DeclaredEntries, EntryFate};
use crate::plan::hold::HoldReason;
use crate::plan::matching::Match;
use crate::plan::operation::{Change, LiveValue, ReferenceTarget, ResolvedValue};
use crate::plan::same_person::people_of;
use crate::plan::still_named::Leavers;

pub(crate) struct Resolver<'p> {
    roster: &'p Roster,
    snapshot: &'p Snapshot,
    matches: &'p [Match<'p>],
    names: UserNames<'p>,
    people: People,
    addresses: UserAddresses<'p>,
    directory: HashMap<Referent, DirectoryIndex<'p>>,
    entries: DeclaredEntries<'p>,
    absent: Vec<Option<MissingReferent>>,
    /// The accounts of those who are declared as leavers. A reference may name one by its number.
    archived: HashSet<AccountId>,
    leavers: Option<&'p Leavers<'p>>,
    /// Suggestions for unknown references, kept so that 1,000 users with the same mistake cost one search.
    meant: RefCell<HashMap<(Key, Reference), Option<String>>>,
}

/// Why a user will have no account when another user's reference needs it.
#[derive(Clone, Copy)]
pub(crate) enum MissingReferent {
    Held,
    /// The user is left out of this run, so the plan doesn't create it.
    Unplanned(LeftOut),
}

/// Declared users and live accounts by e-mail address in lower case; empty unless a reference uses one.
#[derive(Default)]
struct UserAddresses<'p> {
    declared: HashMap<String, Vec<usize>>,
    live: HashMap<String, Vec<&'p Account>>,
}

/// A user or an account that a reference may mean.
#[derive(Clone)]
struct Referable<'p> {
    /// The index of the declared user.
    declared: Option<usize>,
    account: Option<&'p Account>,
    role: Role,
    mis_id: Option<&'p str>,
}

impl<'p> Resolver<'p> {
    pub(crate) fn new(
        roster: &'p Roster,
        snapshot: &'p Snapshot,
        matches: &'p [Match<'p>],
    ) -> Self {
        let referents = FIELDS
            .iter()
            .filter_map(Field::refers_to)
            .filter(|referent| !referent.is_user());
        Self {
            roster,
            snapshot,
            matches,
            names: UserNames::of(roster, snapshot),
            people: people_of(roster, snapshot, matches),
            addresses: UserAddresses::of(roster, snapshot),
            directory: referents
                .map(|referent| {
                    (
                        referent,
                        DirectoryIndex::of(snapshot.directory.of(referent)),
                    )
                })
                .collect(),
            entries: DeclaredEntries::default(),
            absent: vec![None; roster.users().len()],
            archived: accounts_of_leavers(roster, matches),
            leavers: None,
            meant: RefCell::default(),
        }
    }

    /// Tells the resolver that a user gets no account. Call this before resolving the users that refer to it.
    pub(crate) fn miss(&mut self, index: usize, why: MissingReferent) {
        self.absent[index] = Some(why);
    }

    /// Tells the resolver who left the manifests.
    pub(crate) fn leave(&mut self, leavers: &'p Leavers<'p>) {
        self.leavers = Some(leavers);
    }

    /// Tells the resolver what becomes of the declared placements and classrooms.
    pub(crate) fn know_entries(&mut self, entries: DeclaredEntries<'p>) {
        self.entries = entries;
    }

    /// A live value, with the name of the entry or the MIS value of the user that it refers to.
    pub(crate) fn former(&self, key: Key, live: &ObservedValue) -> LiveValue {
        let label = |referent: Referent, id: EntryId| match self.directory.get(&referent) {
            Some(names) => names.name_of(id).map(str::to_owned),
            None => self
                .snapshot
                .account(id.account())
                .and_then(|account| self.name_of(account)),
        };
        LiveValue {
            live: live.clone(),
            label: key
                .row()
                .referent()
                .zip(live.reference())
                .and_then(|(referent, id)| label(referent, id)),
        }
    }

    pub(crate) fn names(&self) -> &UserNames<'p> {
        &self.names
    }

    /// Which users and accounts are one person.
    pub(crate) fn people(&self) -> &People {
        &self.people
    }

    /// The live accounts of a user.
    pub(crate) fn accounts_of(&self, user: &UserIdentity) -> Vec<AccountId> {
        let accounts = self.snapshot.with_mis_id(&user.mis_id);
        let accounts = accounts.filter(|account| account.role == user.role);
        accounts.map(|account| account.id).collect()
    }

    /// The MIS value of an account, with the role if another role has it, too.
    fn name_of(&self, account: &Account) -> Option<String> {
        let mis_id = account.mis_id()?;
        Some(self.names.name(account.role, mis_id))
    }

    /// The changes that a create of this user makes, one for each declared value that is sent; or everything that is wrong with its
    /// references.
    pub(crate) fn resolve(&self, user: &DeclaredUser) -> Result<Vec<Change>, Vec<HoldReason>> {
        let mut changes = Vec::with_capacity(user.values.len());
        let mut reasons = Vec::new();
        for (key, value) in user.values.iter() {
            if !self.roster.fields().is_created_with(user.role, key) {
                continue;
            }
            match self.value(key, value) {
                Ok(resolved) => changes.push(Change::first(key, resolved)),
                Err(reason) => reasons.push(reason),
            }
        }
        if reasons.is_empty() {
            Ok(changes)
        } else {
            Err(reasons)
        }
    }

    /// One declared value, ready to be sent.
    pub(crate) fn value(&self, key: Key, value: &Value) -> Result<ResolvedValue, HoldReason> {
        match value {
            Value::Reference(reference) => self.reference(key, reference),
            value => Ok(ResolvedValue::Value(value.clone())),
        }
    }

    /// What a reference gives: by the whole value of a field, or by an item of its list.
    pub(crate) fn reference(
        &self,
        key: Key,
        reference: &Reference,
    ) -> Result<ResolvedValue, HoldReason> {
        match key
            .row()
            .refers_to()
            .expect("only reference fields hold references")
        {
            Referent::User(serving) => self.user(key, serving, reference),
            referent => self.entry(key, referent, reference),
        }
    }

    /// What exists is found first, but a MIS value that is only declared counts more than a name.
    fn entry(
        &self,
        key: Key,
        referent: Referent,
        reference: &Reference,
    ) -> Result<ResolvedValue, HoldReason> {
        let names = &self.directory[&referent];
        for form in forms_of(reference) {
            match names.called(*form, reference) {
                [entry] => return Ok(known(entry.name.clone(), entry.id)),
                [] => {}
                entries => {
                    let ids = entries.iter().map(|entry| entry.id);
                    return Err(ambiguous(key, reference, ids));
                }
            }
            if let Some((entry, fate)) = self.entries.called(referent, *form, reference) {
                return declared_entry(key, reference, entry, fate);
            }
        }
        Err(self.unknown(key, reference, |text| {
            let known = names.like(reference).chain(self.entries.names(referent));
            nearest(text, known).map(str::to_owned)
        }))
    }

    /// A unit of a standard.
    pub(crate) fn unit(&self, declared: &UnitReference) -> Result<ResolvedValue, HoldReason> {
        let key = Key::Units;
        let ResolvedValue::Reference {
            label: title,
            target: ReferenceTarget::Known(standard),
        } = self.reference(Key::Standards, &declared.standard)?
        else {
            unreachable!("no plan creates a standard");
        };
        let standard = standard.standard();
        let units = self.snapshot.assignments.units.get(&standard);
        let units = units.map_or(&[][..], Vec::as_slice);
        match units_called(units, &declared.unit)[..] {
            [unit] => Ok(ResolvedValue::Reference {
                label: format!("{title}: {}", unit.title),
                target: ReferenceTarget::Unit {
                    unit: unit.id,
                    standard,
                },
            }),
            [] => Err(self.unknown(key, &declared.unit, |text| {
                nearest(text, units.iter().map(|unit| unit.title.as_str())).map(str::to_owned)
            })),
            ref several => {
                let ids = several.iter().map(|unit| unit.id.into());
                Err(ambiguous(key, &declared.unit, ids))
            }
        }
    }

    /// Why an unknown reference puts a user on hold. `search` finds what was probably meant, which is suggested only if it is
    /// public.
    fn unknown(
        &self,
        key: Key,
        reference: &Reference,
        search: impl FnOnce(&str) -> Option<String>,
    ) -> HoldReason {
        let suggestion = match reference {
            Reference::Id(_) | Reference::Email(_) => None,
            Reference::Named(text) | Reference::MisId(text) | Reference::Name(text) => {
                let mut meant = self.meant.borrow_mut();
                let suggest = || search(text).filter(|word| open_text(word).is_some());
                meant
                    .entry((key, reference.clone()))
                    .or_insert_with(suggest)
                    .clone()
            }
        };
        HoldReason::Unknown {
            key,
            reference: reference.clone(),
            suggestion,
        }
    }

    /// The account that a reference to a user means. Of several that one person has, it is the one of the role that comes
    /// first among those that can serve.
    fn user(
        &self,
        key: Key,
        serving: &[Role],
        reference: &Reference,
    ) -> Result<ResolvedValue, HoldReason> {
        let found = self.referable(reference);
        let mut able = found.clone();
        able.retain(|found| serving.contains(&found.role));
        able.sort_by_key(|found| serving.iter().position(|role| *role == found.role));
        let Some(first) = able.first() else {
            return Err(match found.first() {
                Some(unable) => cannot_serve(key, reference, unable.role),
                None if self.has_left(key, reference) => HoldReason::LeftManifests {
                    key,
                    reference: reference.clone(),
                },
                None => self.unknown(key, reference, |text| {
                    let servants = self.servants(serving);
                    nearest_key(text, servants.iter().map(String::as_str)).map(str::to_owned)
                }),
            });
        };
        let is_other =
            |other: &Referable<'_>| other.role == first.role || !self.are_one_person(first, other);
        if able[1..].iter().any(is_other) {
            let ids = able.iter().filter_map(|found| found.account);
            return Err(ambiguous(
                key,
                reference,
                ids.map(|account| account.id.into()),
            ));
        }
        self.referred(key, reference, first)
    }

    fn has_left(&self, key: Key, reference: &Reference) -> bool {
        let leavers = self.leavers;
        leavers.is_some_and(|leavers| leavers.named(key, reference).is_some())
    }

    /// Whether somebody is declared as a leaver, or has the account of one.
    fn is_leaver(&self, chosen: &Referable<'_>) -> bool {
        let has_left = |at: usize| self.roster.users()[at].has_left();
        let account = chosen.account.map(|account| account.id);
        chosen.declared.is_some_and(has_left)
            || account.is_some_and(|account| self.archived.contains(&account))
    }

    /// The chosen user or account, unless there is none and will be none.
    fn referred(
        &self,
        key: Key,
        reference: &Reference,
        chosen: &Referable<'p>,
    ) -> Result<ResolvedValue, HoldReason> {
        if self.is_leaver(chosen) {
            return Err(HoldReason::Archive(ArchiveHold::NamesLeaver {
                key,
                reference: reference.clone(),
            }));
        }
        let absent = chosen.declared.and_then(|at| self.absent[at]);
        let label = |mis_id: &str| self.names.name(chosen.role, mis_id);
        match (chosen.account, absent, chosen.mis_id) {
            (_, Some(MissingReferent::Unplanned(why)), _) => Err(HoldReason::DependsOnUnplanned {
                key,
                reference: reference.clone(),
                why,
            }),
            (Some(account), None, mis_id) => {
                Ok(known(mis_id.map(label).unwrap_or_default(), account.id))
            }
            (None, None, Some(mis_id)) => Ok(ResolvedValue::Reference {
                label: label(mis_id),
                target: ReferenceTarget::AfterApply(UserIdentity::new(chosen.role, mis_id)),
            }),
            // Without a MIS value nobody is created, so there is nothing that could be filled in after the apply.
            (_, Some(MissingReferent::Held), _) | (None, None, None) => {
                Err(HoldReason::DependsOnHeld {
                    key,
                    reference: reference.clone(),
                })
            }
        }
    }

    /// Everybody whom a reference may mean: declared users, who may not exist yet, and the live accounts of others.
    fn referable(&self, reference: &Reference) -> Vec<Referable<'p>> {
        let declared = match reference {
            Reference::Named(name) | Reference::MisId(name) => {
                self.names.declared(UserName::of(name))
            }
            Reference::Email(email) => self.addresses.declared(email).to_vec(),
            // An account is found by its number, whether it is declared or not.
            Reference::Id(_) | Reference::Name(_) => Vec::new(),
        };
        let mut found = Vec::new();
        for at in declared {
            let user = &self.roster.users()[at];
            found.push(Referable {
                declared: Some(at),
                account: self.matches[at].account(),
                role: user.role,
                mis_id: user.mis_id(),
            });
        }
        let declared_roles: Vec<Role> = found.iter().map(|declared| declared.role).collect();
        let by_address = matches!(reference, Reference::Email(_));
        if by_address && !found.is_empty() {
            return found;
        }
        for account in self.live(reference) {
            // An account of a declared user's role is that user's, or the user is on hold because of it.
            if !declared_roles.contains(&account.role) {
                found.push(Referable {
                    declared: None,
                    account: Some(account),
                    role: account.role,
                    mis_id: account.mis_id(),
                });
            }
        }
        found
    }

    fn live(&self, reference: &Reference) -> Vec<&'p Account> {
        match reference {
            Reference::Named(name) | Reference::MisId(name) => {
                self.snapshot.named(UserName::of(name))
            }
            Reference::Email(email) => self.addresses.live(email).to_vec(),
            Reference::Id(id) => self.snapshot.account(id.account()).into_iter().collect(),
            Reference::Name(_) => Vec::new(),
        }
    }

    /// Whether two that a reference may mean are one person's: by their MIS value, or because the manifests say so.
    fn are_one_person(&self, one: &Referable<'_>, other: &Referable<'_>) -> bool {
        let shares_mis_id = one.mis_id.is_some()
            && one.mis_id == other.mis_id
            && may_share_mis_id(one.role, other.role);
        let is_said = match (one.declared, other.declared) {
            (Some(one), Some(other)) => self.people.are_one(one, other),
            (Some(user), None) => has(&self.people, user, other.account),
            (None, Some(user)) => has(&self.people, user, one.account),
            (None, None) => false,
        };
        shares_mis_id || is_said
    }

    /// The MIS values of users and accounts that could serve. They are public, so they can be suggested.
    fn servants(&self, serving: &[Role]) -> BTreeSet<String> {
        let declared = self
            .roster
            .users()
            .iter()
            .filter(|user| serving.contains(&user.role));
        let live = self
            .snapshot
            .accounts()
            .filter(|account| serving.contains(&account.role));
        let declared = declared.filter_map(|user| user.mis_id().map(str::to_owned));
        declared
            .chain(live.filter_map(|account| account.text(Key::MisId)))
            .collect()
    }
}

fn accounts_of_leavers(roster: &Roster, matches: &[Match<'_>]) -> HashSet<AccountId> {
    let mut leavers = HashSet::default();
    for (user, matched) in roster.users().iter().zip(matches) {
        if user.has_left() {
            leavers.extend(matched.account().map(|account| account.id));
        }
    }
    leavers
}

impl<'p> UserAddresses<'p> {
    fn of(roster: &'p Roster, snapshot: &'p Snapshot) -> Self {
        let mut addresses = Self::default();
        let users = roster.users();
        if users
            .iter()
            .all(|user| user.emails_referred_to().next().is_none())
        {
            return addresses;
        }
        for (at, user) in users.iter().enumerate() {
            if let Some(email) = user.text(Key::Email) {
                let declared = &mut addresses.declared;
                declared.entry(email.to_lowercase()).or_default().push(at);
            }
        }
        for account in snapshot.accounts() {
            if let Some(email) = account.text(Key::Email) {
                let live = &mut addresses.live;
                live.entry(email.to_lowercase()).or_default().push(account);
            }
        }
        addresses
    }

    fn declared(&self, email: &str) -> &[usize] {
        self.declared
            .get(&email.to_lowercase())
            .map_or(&[], Vec::as_slice)
    }

    fn live(&self, email: &str) -> &[&'p Account] {
        self.live
            .get(&email.to_lowercase())
            .map_or(&[], Vec::as_slice)
    }
}

/// What a reference to a declared placement or classroom gives that isn't found by what OneFile shows.
fn declared_entry(
    key: Key,
    reference: &Reference,
    entry: &DeclaredEntry,
    fate: &EntryFate,
) -> Result<ResolvedValue, HoldReason> {
    let label = entry.name().unwrap_or_default().to_owned();
    match fate {
        EntryFate::Known(id) => Ok(known(label, *id)),
        EntryFate::New(new) => Ok(ResolvedValue::Reference {
            label,
            target: ReferenceTarget::AfterEntry(new.clone()),
        }),
        EntryFate::Held => Err(HoldReason::DependsOnHeld {
            key,
            reference: reference.clone(),
        }),
        EntryFate::Unplanned(why) => Err(HoldReason::DependsOnUnplanned {
            key,
            reference: reference.clone(),
            why: *why,
        }),
    }
}

fn has(people: &People, user: usize, account: Option<&Account>) -> bool {
    account.is_some_and(|account| people.has_account(user, account.id))
}

fn known(label: String, id: impl Into<EntryId>) -> ResolvedValue {
    let target = ReferenceTarget::Known(id.into());
    ResolvedValue::Reference { label, target }
}

fn ambiguous(key: Key, reference: &Reference, ids: impl Iterator<Item = EntryId>) -> HoldReason {
    HoldReason::Ambiguous {
        key,
        reference: reference.clone(),
        ids: ids.collect(),
    }
}

fn cannot_serve(key: Key, reference: &Reference, role: Role) -> HoldReason {
    HoldReason::CannotServe {
        key,
        reference: reference.clone(),
        role,
    }
}
