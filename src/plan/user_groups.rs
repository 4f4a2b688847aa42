//! The classroom, the assessor or the placement of each declared user, by which people find their own part of a plan.

use foldhash::HashMap;

use crate::domain::field::{Key, Referent};
use crate::domain::role::Role;
use crate::domain::{
    Account, AccountId, DeclaredUser, EntryId, Reference, Roster, Snapshot, UserName, Value,
};
use crate::findings::source::Place;
use crate::plan::directory_index::{DirectoryIndex, forms_of};
use crate::plan::matching::{Match, match_all};
use crate::plan::operation::{UserLabel, full_name};

/// What the users of a plan are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupedBy {
    Classroom,
    Assessor,
    Placement,
}

impl GroupedBy {
    pub const ALL: [Self; 3] = [Self::Classroom, Self::Assessor, Self::Placement];

    fn key(self) -> Key {
        match self {
            Self::Classroom => Key::Classroom,
            Self::Assessor => Key::DefaultAssessor,
            Self::Placement => Key::Placement,
        }
    }

    /// What one group is.
    pub fn word(self) -> &'static str {
        match self {
            Self::Classroom => "classroom",
            Self::Assessor => "assessor",
            Self::Placement => "placement",
        }
    }
}

/// What a group is called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupLabel {
    /// The name of a classroom or placement, or the MIS value of an assessor; a number where nothing else is known.
    pub label: String,
    /// The name of an assessor, which is personal.
    pub person: Option<String>,
}

impl GroupLabel {
    fn of_entry(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            person: None,
        }
    }
}

/// The group of each declared user who has one: the one that is declared, or else the one that the account shows.
#[derive(Debug, Default)]
pub struct UserGroups(HashMap<UserKey, GroupLabel>);

/// What tells declared users apart.
#[derive(Debug, PartialEq, Eq, Hash)]
struct UserKey {
    place: Place,
    role: Role,
    mis_id: Option<String>,
    id: Option<AccountId>,
}

impl UserGroups {
    pub fn of(by: GroupedBy, roster: &Roster, snapshot: &Snapshot) -> Self {
        Self::of_matched(by, roster, snapshot, &match_all(roster, snapshot))
    }

    /// The groups of every kind, in the order of [`GroupedBy::ALL`].
    pub fn of_all(roster: &Roster, snapshot: &Snapshot) -> [Self; GroupedBy::ALL.len()] {
        let matches = match_all(roster, snapshot);
        GroupedBy::ALL.map(|by| Self::of_matched(by, roster, snapshot, &matches))
    }

    fn of_matched(
        by: GroupedBy,
        roster: &Roster,
        snapshot: &Snapshot,
        matches: &[Match<'_>],
    ) -> Self {
        let names = GroupNames::of(by, roster, snapshot);
        let mut groups = HashMap::default();
        for (user, matched) in roster.users().iter().zip(matches) {
            if let Some(label) = names.group_of(user, matched.account()) {
                let key = UserKey {
                    place: user.place.clone(),
                    role: user.role,
                    mis_id: user.mis_id().map(str::to_owned),
                    id: user.id,
                };
                groups.insert(key, label);
            }
        }
        Self(groups)
    }

    /// The group of a user of the plan.
    pub fn group_of(&self, user: &UserLabel, place: &Place) -> Option<&GroupLabel> {
        self.0.get(&UserKey {
            place: place.clone(),
            role: user.role,
            mis_id: user.mis_id.clone(),
            id: user.id,
        })
    }
}

/// The names of everything that users may be grouped by.
struct GroupNames<'p> {
    by: GroupedBy,
    roster: &'p Roster,
    snapshot: &'p Snapshot,
    directory: DirectoryIndex<'p>,
    /// The names of declared users, by MIS value.
    people: HashMap<&'p str, String>,
    /// The MIS values of declared users, by e-mail address.
    declared_at: HashMap<String, &'p str>,
    /// The accounts that show an e-mail address.
    live_at: HashMap<String, AccountId>,
}

impl<'p> GroupNames<'p> {
    fn of(by: GroupedBy, roster: &'p Roster, snapshot: &'p Snapshot) -> Self {
        let referent = by.key().row().referent();
        let entries = referent.filter(|referent| !referent.is_user());
        let (mut people, mut declared_at, mut live_at) =
            (HashMap::default(), HashMap::default(), HashMap::default());
        if by == GroupedBy::Assessor {
            for user in roster.users() {
                let name = full_name(|key| user.text(key).map(str::to_owned));
                people.extend(user.mis_id().zip(name));
                declared_at.extend(
                    user.text(Key::Email)
                        .map(str::to_lowercase)
                        .zip(user.mis_id()),
                );
            }
            for account in snapshot.accounts() {
                let email = account.text(Key::Email);
                live_at.extend(email.map(|email| (email.to_lowercase(), account.id)));
            }
        }
        Self {
            by,
            roster,
            snapshot,
            directory: entries.map_or_else(DirectoryIndex::default, |referent| {
                DirectoryIndex::of(snapshot.directory.of(referent))
            }),
            people,
            declared_at,
            live_at,
        }
    }

    fn group_of(&self, user: &DeclaredUser, account: Option<&Account>) -> Option<GroupLabel> {
        let key = self.by.key();
        if let Some(Value::Reference(reference)) = user.values.get(key) {
            return self.label(reference);
        }
        let shown = account?.shown.get(key)?.reference()?;
        self.label(&Reference::Id(shown))
    }

    fn label(&self, reference: &Reference) -> Option<GroupLabel> {
        match self.by.key().row().referent()? {
            Referent::User(_) => self.user(reference),
            referent => Some(self.entry(referent, reference)),
        }
    }

    fn entry(&self, referent: Referent, reference: &Reference) -> GroupLabel {
        for form in forms_of(reference) {
            if let [entry] = self.directory.called(*form, reference) {
                return GroupLabel::of_entry(&entry.name);
            }
        }
        let mut declared = self.roster.entries().iter();
        let named = declared
            .find(|entry| entry.kind.referent() == referent && entry.is_called(reference))
            .and_then(|entry| entry.name());
        GroupLabel::of_entry(named.map_or_else(|| written(reference), str::to_owned))
    }

    /// An assessor, by MIS value where there is one. Nobody is called by an e-mail address.
    fn user(&self, reference: &Reference) -> Option<GroupLabel> {
        match reference {
            Reference::Named(text) | Reference::MisId(text) | Reference::Name(text) => {
                let mis_id = UserName::of(text).mis_ids().last().unwrap_or(text);
                Some(self.person(mis_id))
            }
            Reference::Id(id) => Some(self.account(*id)),
            Reference::Email(email) => self.person_at(email),
        }
    }

    fn account(&self, id: EntryId) -> GroupLabel {
        let account = self.snapshot.account(id.account());
        match account.and_then(Account::mis_id) {
            Some(mis_id) => self.person(mis_id),
            None => GroupLabel {
                label: id.to_string(),
                person: account.and_then(shown_name),
            },
        }
    }

    fn person(&self, mis_id: &str) -> GroupLabel {
        let live = self.snapshot.with_mis_id(mis_id).next();
        let declared = self.people.get(mis_id).cloned();
        GroupLabel {
            label: mis_id.to_owned(),
            person: declared.or_else(|| shown_name(live?)),
        }
    }

    fn person_at(&self, email: &str) -> Option<GroupLabel> {
        let email = email.to_lowercase();
        match self.declared_at.get(&email) {
            Some(mis_id) => Some(self.person(mis_id)),
            None => Some(self.account(EntryId::from(*self.live_at.get(&email)?))),
        }
    }
}

/// A reference as a manifest writes it.
fn written(reference: &Reference) -> String {
    match reference {
        Reference::Named(text) | Reference::MisId(text) | Reference::Name(text) => text.to_string(),
        Reference::Id(id) => id.to_string(),
        Reference::Email(email) => email.to_string(),
    }
}

/// The name that an account shows.
fn shown_name(account: &Account) -> Option<String> {
    let name = account.full_name();
    (!name.is_empty()).then_some(name)
}
