//! References to numbers: MIS value first, then exact name. What is unknown, ambiguous or held holds who refers to it.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use crate::field::{FIELDS, Field, Key, Referent, Role};
use crate::model::{Declared, Entry, Id, Live, Reference, Roster, Snapshot, Value};
use crate::plan::compare::canonical;
use crate::plan::matching::Match;
use crate::plan::operation::{Former, Planned, Reason, Target};
use crate::suggest::nearest;

pub(crate) struct Resolver<'p> {
    roster: &'p Roster,
    snapshot: &'p Snapshot,
    matches: &'p [Match<'p>],
    declared: HashMap<&'p str, usize>,
    directory: HashMap<Referent, Names<'p>>,
    held: Vec<bool>,
    /// What was probably meant by a name, so that a thousand users with one mistake cost one search.
    meant: RefCell<HashMap<(Key, String), Option<String>>>,
}

/// The entries of a part of the directory, by MIS value and by name.
#[derive(Default)]
struct Names<'p> {
    by_mis_id: HashMap<&'p str, Vec<&'p Entry>>,
    by_name: HashMap<&'p str, Vec<&'p Entry>>,
    entries: HashMap<Id, &'p Entry>,
}

impl<'p> Resolver<'p> {
    pub(crate) fn new(roster: &'p Roster, snapshot: &'p Snapshot, matches: &'p [Match<'p>]) -> Self {
        let users = roster.users().iter().enumerate();
        let referents = FIELDS.iter().filter_map(Field::referent).filter(|referent| !referent.is_user());
        Self {
            roster,
            snapshot,
            matches,
            declared: users.filter_map(|(at, user)| Some((user.mis_id()?, at))).collect(),
            directory: referents.map(|referent| (referent, Names::of(snapshot.directory.of(referent)))).collect(),
            held: vec![false; roster.users().len()],
            meant: RefCell::default(),
        }
    }

    /// Tells the resolver that a user is held; those that refer to it come later in the order.
    pub(crate) fn hold(&mut self, at: usize) {
        self.held[at] = true;
    }

    /// A live value, with the name of the entry or the MIS value of the user that it refers to.
    pub(crate) fn former(&self, key: Key, live: &Live) -> Former {
        let id = canonical(key, live).and_then(|text| text.parse::<Id>().ok());
        let label = |referent: Referent, id: Id| match self.directory.get(&referent) {
            Some(names) => names.entries.get(&id).map(|entry| entry.name.clone()),
            None => self.snapshot.account(id).and_then(|account| account.text(Key::MisId)),
        };
        Former {
            live: live.clone(),
            label: key.row().referent().zip(id).and_then(|(referent, id)| label(referent, id)),
        }
    }

    /// Every declared value of a user, ready to be sent; or all that is wrong with its references.
    pub(crate) fn resolve(&self, user: &Declared) -> Result<Vec<(Key, Planned)>, Vec<Reason>> {
        let mut planned = Vec::with_capacity(user.values.len());
        let mut reasons = Vec::new();
        for (key, value) in &user.values {
            match value {
                Value::Reference(reference) => match self.reference(*key, reference) {
                    Ok(found) => planned.push((*key, found)),
                    Err(reason) => reasons.push(reason),
                },
                value => planned.push((*key, Planned::Value(value.clone()))),
            }
        }
        if reasons.is_empty() { Ok(planned) } else { Err(reasons) }
    }

    fn reference(&self, key: Key, reference: &Reference) -> Result<Planned, Reason> {
        let referent = key.row().referent().expect("only reference fields hold references");
        match (referent, reference) {
            (Referent::User(serving), Reference::Named(mis_id)) => self.user(key, serving, mis_id),
            (Referent::User(serving), Reference::Id(id)) => self.user_by_id(key, serving, *id),
            (_, Reference::Named(name)) => self.entry(key, &self.directory[&referent], name),
            (_, Reference::Id(id)) => match self.directory[&referent].entries.get(id) {
                Some(entry) => Ok(known(entry.name.clone(), *id)),
                None => Err(Reason::UnknownId { key, id: *id }),
            },
        }
    }

    /// MIS value first, then exact name.
    fn entry(&self, key: Key, names: &Names<'p>, name: &str) -> Result<Planned, Reason> {
        match names.by_mis_id.get(name).or_else(|| names.by_name.get(name)).map(Vec::as_slice) {
            Some([entry]) => Ok(known(entry.name.clone(), entry.id)),
            Some(entries) => {
                let ids = entries.iter().map(|entry| entry.id).collect();
                Err(Reason::SeveralNamed { key, name: name.to_owned(), ids })
            }
            None => {
                let all = names.by_name.keys().chain(names.by_mis_id.keys()).copied();
                Err(self.unknown(key, name, || nearest(name, all).map(str::to_owned)))
            }
        }
    }

    fn unknown(&self, key: Key, name: &str, search: impl FnOnce() -> Option<String>) -> Reason {
        let mut meant = self.meant.borrow_mut();
        let suggestion = meant.entry((key, name.to_owned())).or_insert_with(search).clone();
        Reason::UnknownName { key, name: name.to_owned(), suggestion }
    }

    /// A declared user first: it may not exist yet. Else a live account of a role that serves.
    fn user(&self, key: Key, serving: &[Role], mis_id: &str) -> Result<Planned, Reason> {
        if let Some(at) = self.declared.get(mis_id) {
            return self.declared_user(key, serving, mis_id, *at);
        }
        let (able, unable): (Vec<_>, Vec<_>) =
            self.snapshot.with_mis_id(mis_id).partition(|account| serving.contains(&account.role));
        match (able.as_slice(), unable.as_slice()) {
            ([account], _) => Ok(known(mis_id.to_owned(), account.id)),
            ([], [account, ..]) => Err(cannot_serve(key, mis_id, account.role)),
            ([], []) => {
                let search = || nearest(mis_id, self.servants(serving).iter().map(String::as_str)).map(str::to_owned);
                Err(self.unknown(key, mis_id, search))
            }
            (accounts, _) => Err(Reason::SeveralNamed {
                key,
                name: mis_id.to_owned(),
                ids: accounts.iter().map(|account| account.id).collect(),
            }),
        }
    }

    fn declared_user(&self, key: Key, serving: &[Role], mis_id: &str, at: usize) -> Result<Planned, Reason> {
        let role = self.roster.users()[at].role;
        if !serving.contains(&role) {
            return Err(cannot_serve(key, mis_id, role));
        }
        match &self.matches[at] {
            _ if self.held[at] => Err(Reason::DependsOnHeld { key, name: mis_id.to_owned() }),
            Match::Account(account) => Ok(known(mis_id.to_owned(), account.id)),
            Match::Nobody | Match::Held(_) => {
                Ok(Planned::Reference { label: mis_id.to_owned(), target: Target::AfterApply(mis_id.to_owned()) })
            }
        }
    }

    fn user_by_id(&self, key: Key, serving: &[Role], id: Id) -> Result<Planned, Reason> {
        match self.snapshot.account(id) {
            Some(account) if serving.contains(&account.role) => {
                Ok(known(account.text(Key::MisId).unwrap_or_default(), id))
            }
            Some(account) => Err(cannot_serve(key, &id.to_string(), account.role)),
            None => Err(Reason::UnknownId { key, id }),
        }
    }

    /// The MIS values of those who could serve, declared or live: public, and so fit to suggest.
    fn servants(&self, serving: &[Role]) -> BTreeSet<String> {
        let declared = self.roster.users().iter().filter(|user| serving.contains(&user.role));
        let live = self.snapshot.accounts().filter(|account| serving.contains(&account.role));
        let declared = declared.filter_map(|user| user.mis_id().map(str::to_owned));
        declared.chain(live.filter_map(|account| account.text(Key::MisId))).collect()
    }
}

impl<'p> Names<'p> {
    fn of(entries: &'p [Entry]) -> Self {
        let mut names = Self::default();
        for entry in entries {
            if let Some(mis_id) = &entry.mis_id {
                names.by_mis_id.entry(mis_id).or_default().push(entry);
            }
            names.by_name.entry(&entry.name).or_default().push(entry);
            names.entries.insert(entry.id, entry);
        }
        names
    }
}

fn known(label: String, id: Id) -> Planned {
    let target = Target::Known(id);
    Planned::Reference { label, target }
}

fn cannot_serve(key: Key, name: &str, role: Role) -> Reason {
    let name = name.to_owned();
    Reason::CannotServe { key, name, role }
}
