//! How a manifest names what an account refers to: by name or MIS value if that is unambiguous, otherwise by id.

use std::collections::HashMap;

use smol_str::SmolStr;

use crate::domain::field::{Key, Referent};
use crate::domain::redact::open_text;
use crate::domain::role::Role;
use crate::domain::{
    Account, DirectoryEntry, EntryId, ObservedValue, Reference, ShownAssignments, Snapshot,
    UserIdentity, UserName, Value, may_share_mis_id, plain_name,
};
use crate::manifest::rules::hidden_character::hides_something;
use crate::onboarding::export::{flow_scalar, scalar};

pub(crate) struct ReferenceNames<'s> {
    snapshot: &'s Snapshot,
    /// Number of entries with each name or MIS value, without what people write in different ways.
    called: HashMap<(Referent, String), usize>,
    entries: HashMap<(Referent, EntryId), &'s DirectoryEntry>,
    /// The roles of the accounts with each MIS value.
    roles: HashMap<&'s str, Vec<Role>>,
}

const LONGEST_NAME: usize = 80;
const NAMED: &[Referent] = &[
    Referent::Classroom,
    Referent::Placement,
    Referent::Provider,
    Referent::LearnerStatus,
    Referent::Standard,
    Referent::FrameworkTemplate,
];

impl<'s> ReferenceNames<'s> {
    pub(crate) fn of(snapshot: &'s Snapshot) -> Self {
        let (mut called, mut entries, mut roles) = (HashMap::new(), HashMap::new(), HashMap::new());
        for referent in NAMED {
            for entry in snapshot.directory.of(*referent) {
                entries.insert((*referent, entry.id), entry);
                let name = plain_name(&entry.name);
                let mis_id = entry.mis_id.as_deref().map(plain_name);
                // An entry whose MIS value equals its name counts once.
                for word in
                    std::iter::once(name.clone()).chain(mis_id.filter(|mis_id| *mis_id != name))
                {
                    *called.entry((*referent, word)).or_default() += 1;
                }
            }
        }
        for account in snapshot.accounts() {
            if let Some(mis_id) = account.mis_id() {
                let of_mis_id: &mut Vec<Role> = roles.entry(mis_id).or_default();
                of_mis_id.push(account.role);
            }
        }
        Self {
            snapshot,
            called,
            entries,
            roles,
        }
    }

    /// The YAML of a reference. `None` if the live value isn't a possible id, or if a plan wouldn't find the entry.
    pub(super) fn reference(&self, referent: Referent, live: &ObservedValue) -> Option<String> {
        let id = live.reference().filter(|id| id.is_possible())?;
        let by_id = || Some(format!("{{ id: {id} }}"));
        if let Referent::User(serving) = referent {
            let account = self.snapshot.account(id.account())?;
            if !serving.contains(&account.role) {
                return None;
            }
            let own = self
                .user_name(account)
                .filter(|name| open_text(name).is_some());
            return own.map_or_else(by_id, |name| Some(scalar(&name)));
        }
        self.entries.get(&(referent, id))?;
        self.name(referent, id)
            .map_or_else(by_id, |name| Some(scalar(name)))
    }

    /// The YAML of a reference within a list on one line. `None` if a plan wouldn't find the entry.
    pub(super) fn list_item(&self, referent: Referent, id: EntryId) -> Option<String> {
        self.entries.get(&(referent, id))?;
        Some(match self.name(referent, id) {
            Some(name) => flow_scalar(name),
            None => format!("{{ id: {id} }}"),
        })
    }

    /// What the snapshot shows of a learner's assignments; `None` if nobody asked.
    pub(super) fn shown_assignments(&self, account: &Account) -> Option<&'s ShownAssignments> {
        self.snapshot.assignments.shown.get(&account.id)
    }

    /// A live reference in the form of the declared one, as far as it has such a name. `None` if a plan wouldn't find what it
    /// refers to.
    pub(crate) fn declared_like(
        &self,
        referent: Referent,
        live: &Value,
        declared: &Reference,
    ) -> Option<Reference> {
        let Value::Reference(Reference::Id(id)) = live else {
            return None;
        };
        let id = Some(*id).filter(|id| id.is_possible())?;
        let by_id = Reference::Id(id);
        if let Referent::User(serving) = referent {
            let account = self.snapshot.account(id.account())?;
            let serves = serving.contains(&account.role);
            return serves.then(|| self.user_like(account, declared).unwrap_or(by_id));
        }
        self.entries.get(&(referent, id))?;
        Some(self.entry_like((referent, id), declared).unwrap_or(by_id))
    }

    fn entry_like(
        &self,
        (referent, id): (Referent, EntryId),
        declared: &Reference,
    ) -> Option<Reference> {
        let name = self.name(referent, id).map(SmolStr::from);
        let mis_id = self.entry_mis_id(referent, id).map(SmolStr::from);
        match declared {
            Reference::Id(_) | Reference::Email(_) => None,
            Reference::Named(text) if self.is_mis_id(referent, text) => {
                mis_id.or(name).map(Reference::Named)
            }
            Reference::Named(_) => name.or(mis_id).map(Reference::Named),
            Reference::MisId(_) => mis_id.map(Reference::MisId),
            Reference::Name(_) => name.map(Reference::Name),
        }
    }

    fn user_like(&self, account: &Account, declared: &Reference) -> Option<Reference> {
        let name = |declared: &str| {
            let mis_id = self.own_mis_id(account)?;
            let has_role = UserName::of(declared).role().is_some();
            let with_role = || UserIdentity::new(account.role, mis_id).to_string();
            let name = if has_role {
                with_role()
            } else {
                self.user_name(account)?
            };
            Some(SmolStr::from(name)).filter(|name| open_text(name).is_some())
        };
        match declared {
            Reference::Id(_) | Reference::Name(_) => None,
            Reference::Named(text) => name(text).map(Reference::Named),
            Reference::MisId(text) => name(text).map(Reference::MisId),
            Reference::Email(_) => account
                .text(Key::Email)
                .map(|email| Reference::Email(email.into())),
        }
    }

    fn entry_mis_id(&self, referent: Referent, id: EntryId) -> Option<&'s str> {
        let entry: &'s DirectoryEntry = self.entries.get(&(referent, id))?;
        self.own_word(referent, entry.mis_id.as_deref()?)
    }

    /// Whether an entry has this MIS value.
    fn is_mis_id(&self, referent: Referent, text: &str) -> bool {
        let entries = self.snapshot.directory.of(referent).iter();
        entries
            .filter_map(|entry| entry.mis_id.as_deref())
            .any(|mis_id| mis_id == text)
    }

    /// A MIS value of an entry, if it is readable and no other entry has it.
    pub(super) fn own_word<'a>(&self, referent: Referent, word: &'a str) -> Option<&'a str> {
        let is_own = self.called.get(&(referent, plain_name(word))) == Some(&1);
        let is_readable = word == word.trim() && !word.is_empty() && !hides_something(word);
        open_text(word).filter(|_| is_own && is_readable)
    }

    /// The MIS value of an account, if no other account has it but those of a member of staff in other roles.
    pub(super) fn own_mis_id<'a>(&self, account: &'a Account) -> Option<&'a str> {
        let mis_id = account.mis_id()?;
        let roles = self.roles.get(mis_id)?;
        let same = roles.iter().filter(|role| **role == account.role).count();
        let may_share =
            |role: &Role| *role == account.role || may_share_mis_id(*role, account.role);
        (same == 1 && roles.iter().all(may_share)).then_some(mis_id)
    }

    /// The name of a user by a MIS value of its own: `S-1`, or `assessor:S-1` if other roles have it, too.
    pub(super) fn user_name(&self, account: &Account) -> Option<String> {
        let mis_id = self.own_mis_id(account)?;
        let is_shared = self.roles.get(mis_id).is_some_and(|roles| roles.len() > 1);
        Some(if is_shared {
            UserIdentity::new(account.role, mis_id).to_string()
        } else {
            mis_id.to_owned()
        })
    }

    /// The name of an entry, if readable and not the name or MIS value of another entry. A name with `@` isn't used.
    fn name(&self, referent: Referent, id: EntryId) -> Option<&'s str> {
        let name = self.entries.get(&(referent, id))?.name.as_str();
        self.own_word(referent, name)
    }

    /// A file name, without extension, for a learner's classroom.
    pub(super) fn classroom(&self, account: &Account) -> Option<String> {
        let id: EntryId = account
            .shown
            .get(Key::Classroom)?
            .reference()
            .filter(|id| id.is_possible())?;
        let name = self
            .entries
            .get(&(Referent::Classroom, id))
            .map_or("", |entry| entry.name.as_str());
        let plain: String = name
            .to_lowercase()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        // File names are limited to 255 bytes.
        let words: Vec<&str> = plain[..plain.len().min(LONGEST_NAME)]
            .split('-')
            .filter(|word| !word.is_empty())
            .collect();
        // The id tells classrooms with the same name apart. It also identifies a classroom whose name has no usable letters.
        Some(
            words
                .into_iter()
                .map(str::to_owned)
                .chain([id.to_string()])
                .collect::<Vec<_>>()
                .join("-"),
        )
    }
}
