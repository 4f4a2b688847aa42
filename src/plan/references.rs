//! Resolves references to numbers, by MIS value first and then by exact name. If a reference is unknown or ambiguous, or means
//! a user on hold, the user who has it is put on hold.

use std::cell::RefCell;
use std::collections::BTreeSet;

use foldhash::HashMap;

use crate::domain::field::{FIELDS, Field, Key, Referent};
use crate::domain::redact::open_text;
use crate::domain::role::Role;
use crate::domain::{
    Account, AccountId, DeclaredUser, DirectoryEntry, EntryId, ObservedValue, Reference, Roster,
    Snapshot, Value,
};
use crate::findings::suggest::nearest;
use crate::plan::hold::HoldReason;
use crate::plan::matching::Match;
use crate::plan::operation::{Change, LiveValue, ReferenceTarget, ResolvedValue};

pub(crate) struct Resolver<'p> {
    roster: &'p Roster,
    snapshot: &'p Snapshot,
    matches: &'p [Match<'p>],
    people: ReferableUsers<'p>,
    directory: HashMap<Referent, DirectoryIndex<'p>>,
    absent: Vec<Option<MissingReferent>>,
    /// Suggestions for unknown references, kept so that 1,000 users with the same mistake cost one search.
    meant: RefCell<HashMap<(Key, Reference), Option<String>>>,
}

/// Why a user will have no account when another user's reference needs it.
#[derive(Clone, Copy)]
pub(crate) enum MissingReferent {
    Held,
    /// The user isn't part of the change, so the plan doesn't create it.
    Unplanned,
}

/// The entries of one part of the directory, by MIS value, name and number.
#[derive(Default)]
struct DirectoryIndex<'p> {
    mis_ids: HashMap<&'p str, Vec<&'p DirectoryEntry>>,
    names: HashMap<&'p str, Vec<&'p DirectoryEntry>>,
    ids: HashMap<EntryId, Vec<&'p DirectoryEntry>>,
}

/// Declared users by MIS value and e-mail address, and live accounts by e-mail address. The addresses are indexed only if a
/// reference uses one.
#[derive(Default)]
struct ReferableUsers<'p> {
    by_mis_id: HashMap<&'p str, usize>,
    by_email: HashMap<String, Vec<usize>>,
    live_by_email: HashMap<String, Vec<&'p Account>>,
}

impl<'p> Resolver<'p> {
    pub(crate) fn new(
        roster: &'p Roster,
        snapshot: &'p Snapshot,
        matches: &'p [Match<'p>],
    ) -> Self {
        let referents = FIELDS
            .iter()
            .filter_map(Field::referent)
            .filter(|referent| !referent.is_user());
        Self {
            roster,
            snapshot,
            matches,
            people: ReferableUsers::of(roster, snapshot),
            directory: referents
                .map(|referent| {
                    (
                        referent,
                        DirectoryIndex::of(snapshot.directory.of(referent)),
                    )
                })
                .collect(),
            absent: vec![None; roster.users().len()],
            meant: RefCell::default(),
        }
    }

    /// Tells the resolver that a user gets no account. Call this before resolving the users that refer to it.
    pub(crate) fn miss(&mut self, index: usize, why: MissingReferent) {
        self.absent[index] = Some(why);
    }

    /// A live value, with the name of the entry or the MIS value of the user that it refers to.
    pub(crate) fn former(&self, key: Key, live: &ObservedValue) -> LiveValue {
        let label = |referent: Referent, id: EntryId| match self.directory.get(&referent) {
            Some(names) => names
                .ids
                .get(&id)
                .and_then(|entries| Some(entries.first()?.name.clone())),
            None => self
                .snapshot
                .account(id.account())
                .and_then(|account| account.text(Key::MisId)),
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

    /// The live accounts with a MIS value.
    pub(crate) fn accounts_of(&self, mis_id: &str) -> Vec<AccountId> {
        self.snapshot
            .with_mis_id(mis_id)
            .map(|account| account.id)
            .collect()
    }

    /// The changes that a create of this user makes, one for each declared value; or everything that is wrong with its
    /// references.
    pub(crate) fn resolve(&self, user: &DeclaredUser) -> Result<Vec<Change>, Vec<HoldReason>> {
        let mut changes = Vec::with_capacity(user.values.len());
        let mut reasons = Vec::new();
        for (key, value) in user.values.iter() {
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

    fn reference(&self, key: Key, reference: &Reference) -> Result<ResolvedValue, HoldReason> {
        match key
            .row()
            .referent()
            .expect("only reference fields hold references")
        {
            Referent::User(serving) => self.user(key, serving, reference),
            referent => self.entry(key, &self.directory[&referent], reference),
        }
    }

    fn entry(
        &self,
        key: Key,
        names: &DirectoryIndex<'p>,
        reference: &Reference,
    ) -> Result<ResolvedValue, HoldReason> {
        match names.called(reference) {
            [entry] => Ok(known(entry.name.clone(), entry.id)),
            [] => Err(self.unknown(key, reference, |text| {
                nearest(text, names.like(reference)).map(str::to_owned)
            })),
            entries => Err(ambiguous(
                key,
                reference,
                entries.iter().map(|entry| entry.id),
            )),
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

    /// Looks for a declared user first, because it may not exist yet, and then for a live account of a role that can serve.
    fn user(
        &self,
        key: Key,
        serving: &[Role],
        reference: &Reference,
    ) -> Result<ResolvedValue, HoldReason> {
        let declared = self.people.declared(reference);
        if !declared.is_empty() {
            return self.declared_user(key, serving, reference, declared);
        }
        let found = self.people.live(reference, self.snapshot);
        let (able, unable): (Vec<_>, Vec<_>) = found
            .into_iter()
            .partition(|account| serving.contains(&account.role));
        match (able.as_slice(), unable.as_slice()) {
            ([account], _) => Ok(known(
                account.text(Key::MisId).unwrap_or_default(),
                account.id,
            )),
            ([], [account, ..]) => Err(cannot_serve(key, reference, account.role)),
            ([], []) => Err(self.unknown(key, reference, |text| {
                nearest(text, self.servants(serving).iter().map(String::as_str)).map(str::to_owned)
            })),
            (accounts, _) => Err(ambiguous(
                key,
                reference,
                accounts.iter().map(|account| account.id.into()),
            )),
        }
    }

    fn declared_user(
        &self,
        key: Key,
        serving: &[Role],
        reference: &Reference,
        declared: &[usize],
    ) -> Result<ResolvedValue, HoldReason> {
        let role = |at: &usize| self.roster.users()[*at].role;
        let able: Vec<usize> = declared
            .iter()
            .copied()
            .filter(|at| serving.contains(&role(at)))
            .collect();
        let [at] = able.as_slice() else {
            let ids = able
                .iter()
                .filter_map(|at| self.matches[*at].account())
                .map(|account| account.id.into());
            return Err(match declared {
                [one, ..] if able.is_empty() => cannot_serve(key, reference, role(one)),
                _ => ambiguous(key, reference, ids),
            });
        };
        let mis_id = self.roster.users()[*at].mis_id();
        match (&self.matches[*at], self.absent[*at], mis_id) {
            (_, Some(MissingReferent::Unplanned), _) => Err(HoldReason::DependsOnUnplanned {
                key,
                reference: reference.clone(),
            }),
            (Match::Account(account), None, label) => {
                Ok(known(label.unwrap_or_default().to_owned(), account.id))
            }
            (Match::Nobody | Match::Held(_), None, Some(mis_id)) => Ok(ResolvedValue::Reference {
                label: mis_id.to_owned(),
                target: ReferenceTarget::AfterApply(mis_id.to_owned()),
            }),
            // Without a MIS value nobody is created, so there is nothing that could be filled in after the apply.
            (_, Some(MissingReferent::Held), _) | (Match::Nobody | Match::Held(_), None, None) => {
                Err(HoldReason::DependsOnHeld {
                    key,
                    reference: reference.clone(),
                })
            }
        }
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

impl<'p> DirectoryIndex<'p> {
    fn of(entries: &'p [DirectoryEntry]) -> Self {
        let mut names = Self::default();
        for entry in entries {
            if let Some(mis_id) = &entry.mis_id {
                names.mis_ids.entry(mis_id).or_default().push(entry);
            }
            names.names.entry(&entry.name).or_default().push(entry);
            names.ids.entry(entry.id).or_default().push(entry);
        }
        names
    }

    /// The entries that a reference may mean: MIS value first, then exact name.
    fn called(&self, reference: &Reference) -> &[&'p DirectoryEntry] {
        let found = match reference {
            Reference::Named(text) => self
                .mis_ids
                .get(text.as_str())
                .or_else(|| self.names.get(text.as_str())),
            Reference::MisId(text) => self.mis_ids.get(text.as_str()),
            Reference::Name(text) => self.names.get(text.as_str()),
            Reference::Id(id) => self.ids.get(id),
            Reference::Email(_) => None,
        };
        found.map_or(&[], Vec::as_slice)
    }

    /// The MIS values and names that could be suggested for a reference.
    fn like(&self, reference: &Reference) -> impl Iterator<Item = &'p str> {
        let mis_ids = self
            .mis_ids
            .keys()
            .filter(|_| !matches!(reference, Reference::Name(_)));
        let titles = self
            .names
            .keys()
            .filter(|_| !matches!(reference, Reference::MisId(_)));
        mis_ids.chain(titles).copied()
    }
}

impl<'p> ReferableUsers<'p> {
    fn of(roster: &'p Roster, snapshot: &'p Snapshot) -> Self {
        let mut people = Self::default();
        for (at, user) in roster.users().iter().enumerate() {
            people
                .by_mis_id
                .extend(user.mis_id().map(|mis_id| (mis_id, at)));
        }
        if roster
            .users()
            .iter()
            .any(|user| user.emails_referred_to().next().is_some())
        {
            for (at, user) in roster.users().iter().enumerate() {
                if let Some(email) = user.text(Key::Email) {
                    people
                        .by_email
                        .entry(email.to_lowercase())
                        .or_default()
                        .push(at);
                }
            }
            for account in snapshot.accounts() {
                if let Some(email) = account.text(Key::Email) {
                    people
                        .live_by_email
                        .entry(email.to_lowercase())
                        .or_default()
                        .push(account);
                }
            }
        }
        people
    }

    /// The declared users that a reference may mean. `live` finds accounts by number, whether they are declared or not.
    fn declared(&self, reference: &Reference) -> &[usize] {
        match reference {
            Reference::Named(mis_id) | Reference::MisId(mis_id) => self
                .by_mis_id
                .get(mis_id.as_str())
                .map_or(&[], std::slice::from_ref),
            Reference::Email(email) => self
                .by_email
                .get(&email.to_lowercase())
                .map_or(&[], Vec::as_slice),
            Reference::Id(_) | Reference::Name(_) => &[],
        }
    }

    fn live(&self, reference: &Reference, snapshot: &'p Snapshot) -> Vec<&'p Account> {
        match reference {
            Reference::Named(mis_id) | Reference::MisId(mis_id) => {
                snapshot.with_mis_id(mis_id).collect()
            }
            Reference::Email(email) => self
                .live_by_email
                .get(&email.to_lowercase())
                .cloned()
                .unwrap_or_default(),
            Reference::Id(id) => snapshot.account(id.account()).into_iter().collect(),
            Reference::Name(_) => Vec::new(),
        }
    }
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
