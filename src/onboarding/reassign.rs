//! Moves a caseload: whose assessor is another one from now on, in the form in which each file names the former one. Sends no
//! requests and writes no file.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::field::{Key, Referent};
use crate::domain::redact::open_text;
use crate::domain::role::Role;
use crate::domain::{
    AccountId, DeclaredUser, EntryId, Reference, Roster, Selection, Selector, UserIdentity,
    UserName, Value,
};
use crate::findings::suggest::nearest_key;
use crate::plan::declared_as;

/// Why nobody can be given to a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoSuccessor {
    /// No declared user has that name. What was probably meant.
    Unknown(Option<String>),
    /// Users of this role have no caseload.
    CannotServe(Role),
    /// The manifests say that the user has left.
    HasLeft,
}

/// The roles of users who have a caseload, the first of several first.
fn serving() -> &'static [Role] {
    match Key::DefaultAssessor.row().referent() {
        Some(Referent::User(roles)) => roles,
        Some(_) | None => &[],
    }
}

/// The index of the declared user who takes over.
pub fn successor(roster: &Roster, to: &str) -> Result<usize, NoSuccessor> {
    let users = roster.users();
    let found = declared_as(roster, to);
    let rank = |index: &usize| {
        serving()
            .iter()
            .position(|role| *role == users[*index].role)
    };
    let able = found.iter().copied().filter(|index| rank(index).is_some());
    if let Some(first) = able.min_by_key(rank) {
        return if users[first].has_left() {
            Err(NoSuccessor::HasLeft)
        } else {
            Ok(first)
        };
    }
    if let Some(unable) = found.first() {
        return Err(NoSuccessor::CannotServe(users[*unable].role));
    }
    let servants = users.iter().filter(|user| serving().contains(&user.role));
    let names = servants.filter_map(DeclaredUser::mis_id);
    let near = nearest_key(to, names.filter(|name| open_text(name).is_some()));
    Err(NoSuccessor::Unknown(near.map(str::to_owned)))
}

/// A caseload that moves.
pub struct Reassignment<'r> {
    roster: &'r Roster,
    to: &'r DeclaredUser,
    /// Whether another role that can serve has the MIS value of the successor, too.
    is_shared: bool,
    /// The references that name the former assessor.
    former: BTreeSet<Reference>,
    /// The learners whose assessor that is, by index.
    learners: Vec<usize>,
}

impl<'r> Reassignment<'r> {
    /// The move of the learners of `from` whom `chosen` names. `to` is the index of the successor.
    pub fn of(roster: &'r Roster, (from, to): (&str, usize), chosen: &[bool]) -> Self {
        let mut is_former: BTreeMap<&Reference, bool> = BTreeMap::new();
        let mut learners = Vec::new();
        for (index, user) in caseload(roster, from) {
            let Some(Value::Reference(reference)) = user.values.get(Key::DefaultAssessor) else {
                continue;
            };
            let is_meant = *is_former
                .entry(reference)
                .or_insert_with(|| means(roster, reference, from));
            learners.extend((is_meant && chosen[index]).then_some(index));
        }
        let mut former =
            BTreeSet::from([Reference::Named(from.into()), Reference::MisId(from.into())]);
        for (reference, is_meant) in is_former {
            former.extend(is_meant.then(|| reference.clone()));
        }
        let to = &roster.users()[to];
        Self {
            roster,
            to,
            is_shared: is_shared(roster, to),
            former,
            learners,
        }
    }

    /// The new assessor of each learner who moves, in the form of the former one.
    pub fn values(&self) -> BTreeMap<(usize, Key), Value> {
        let mut values = BTreeMap::new();
        for index in &self.learners {
            let declared = self.roster.users()[*index].values.get(Key::DefaultAssessor);
            if let Some(Value::Reference(former)) = declared {
                values.insert((*index, Key::DefaultAssessor), self.like(former));
            }
        }
        values
    }

    /// The new assessor in the form of this reference, if that names the former one.
    pub fn replacement(&self, reference: &Reference) -> Option<Value> {
        self.former
            .contains(reference)
            .then(|| self.like(reference))
    }

    fn like(&self, former: &Reference) -> Value {
        let by_id = || {
            let id = self.to.id?;
            Some(Reference::Id(EntryId::from(id)))
        };
        let like = match former {
            Reference::Id(_) => by_id(),
            Reference::Email(_) => self
                .to
                .text(Key::Email)
                .map(|email| Reference::Email(email.into())),
            Reference::MisId(name) => self
                .name_like(name)
                .map(|name| Reference::MisId(name.into())),
            Reference::Named(_) | Reference::Name(_) => None,
        };
        let name = match former {
            Reference::Named(name) => name.as_str(),
            Reference::Id(_) | Reference::MisId(_) | Reference::Name(_) | Reference::Email(_) => "",
        };
        let named = || {
            self.name_like(name)
                .map(|name| Reference::Named(name.into()))
        };
        let reference = like.or_else(named).or_else(by_id);
        Value::Reference(reference.unwrap_or_else(|| former.clone()))
    }

    /// The name of the successor: with the role if the former name has one, or if another role has the MIS value.
    fn name_like(&self, former: &str) -> Option<String> {
        let mis_id = self.to.mis_id()?;
        let needs_role = self.is_shared || UserName::of(former).role().is_some();
        Some(if needs_role {
            UserIdentity::new(self.to.role, mis_id).to_string()
        } else {
            mis_id.to_owned()
        })
    }
}

/// Learners of `chosen` whose assessor may be `from`, by index: they name somebody by a number or an e-mail address, and the
/// files don't say whose it is.
pub fn perhaps_of(roster: &Roster, from: &str, chosen: &[bool]) -> Vec<usize> {
    let users = roster.users();
    let declared = DeclaredAddresses::of(users.iter());
    let former = DeclaredAddresses::of(declared_as(roster, from).into_iter().map(|at| &users[at]));
    let mut perhaps = Vec::new();
    for (index, user) in users.iter().enumerate().filter(|(at, _)| chosen[*at]) {
        let is_unknown = match user.values.get(Key::DefaultAssessor) {
            Some(Value::Reference(Reference::Id(id))) => {
                former.ids.is_empty() && !declared.ids.contains(&id.account())
            }
            Some(Value::Reference(Reference::Email(email))) => {
                former.emails.is_empty() && !declared.emails.contains(&email.to_lowercase())
            }
            _ => false,
        };
        if is_unknown {
            perhaps.push(index);
        }
    }
    perhaps
}

/// The numbers and e-mail addresses of declared users, the latter in lower case.
struct DeclaredAddresses {
    ids: BTreeSet<AccountId>,
    emails: BTreeSet<String>,
}

impl DeclaredAddresses {
    fn of<'u>(users: impl Iterator<Item = &'u DeclaredUser>) -> Self {
        let (mut ids, mut emails) = (BTreeSet::new(), BTreeSet::new());
        for user in users {
            ids.extend(user.id);
            emails.extend(user.text(Key::Email).map(str::to_lowercase));
        }
        Self { ids, emails }
    }
}

/// Whether several users who can serve have the MIS value of this one.
fn is_shared(roster: &Roster, to: &DeclaredUser) -> bool {
    let has_it = |user: &&DeclaredUser| {
        user.mis_id().is_some() && user.mis_id() == to.mis_id() && serving().contains(&user.role)
    };
    roster.users().iter().filter(has_it).count() > 1
}

/// The users who refer to an assessor of this name.
fn caseload<'r>(roster: &'r Roster, from: &str) -> Vec<(usize, &'r DeclaredUser)> {
    let Ok(selector) = Selector::of(&format!("assessor:{from}")) else {
        return Vec::new();
    };
    let selection = Selection {
        only: vec![selector],
        exclude: Vec::new(),
    };
    let selected = selection.select(roster, None).users;
    let users = roster.users().iter().enumerate();
    users.filter(|(index, _)| selected[*index]).collect()
}

/// Whether a reference means the user of that name rather than another role of the same person.
fn means(roster: &Roster, reference: &Reference, from: &str) -> bool {
    let (Reference::Named(name) | Reference::MisId(name)) = reference else {
        return true;
    };
    let Some(role) = UserName::of(from).role() else {
        return true;
    };
    match successor(roster, name) {
        Ok(index) => roster.users()[index].role == role,
        Err(_) => true,
    }
}
