//! How a manifest names what an account refers to: by name or MIS value if that is unambiguous, otherwise by id.

use std::collections::HashMap;

use crate::domain::field::{Key, Referent};
use crate::domain::redact::open_text;
use crate::domain::{Account, DirectoryEntry, EntryId, ObservedValue, Snapshot};
use crate::manifest::rules::hidden_character::hides_something;
use crate::onboarding::export::scalar;

pub(super) struct ReferenceNames<'s> {
    snapshot: &'s Snapshot,
    /// Number of entries with each name or MIS value, in lower case.
    called: HashMap<(Referent, String), usize>,
    entries: HashMap<(Referent, EntryId), &'s DirectoryEntry>,
    /// Number of accounts with each MIS value.
    users: HashMap<&'s str, usize>,
}

const LONGEST_NAME: usize = 80;
const NAMED: &[Referent] = &[
    Referent::Classroom,
    Referent::Placement,
    Referent::Provider,
    Referent::LearnerStatus,
];

impl<'s> ReferenceNames<'s> {
    pub(super) fn of(snapshot: &'s Snapshot) -> Self {
        let (mut called, mut entries, mut users) = (HashMap::new(), HashMap::new(), HashMap::new());
        for referent in NAMED {
            for entry in snapshot.directory.of(*referent) {
                entries.insert((*referent, entry.id), entry);
                let name = entry.name.trim().to_lowercase();
                let mis_id = entry
                    .mis_id
                    .as_ref()
                    .map(|mis_id| mis_id.trim().to_lowercase());
                // An entry whose MIS value equals its name counts once.
                for word in
                    std::iter::once(name.clone()).chain(mis_id.filter(|mis_id| *mis_id != name))
                {
                    *called.entry((*referent, word)).or_default() += 1;
                }
            }
        }
        for mis_id in snapshot.accounts().filter_map(Account::mis_id) {
            *users.entry(mis_id).or_default() += 1;
        }
        Self {
            snapshot,
            called,
            entries,
            users,
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
                .own_mis_id(account)
                .filter(|mis_id| open_text(mis_id).is_some());
            return own.map_or_else(by_id, |mis_id| Some(scalar(mis_id)));
        }
        self.entries.get(&(referent, id))?;
        self.name(referent, id)
            .map_or_else(by_id, |name| Some(scalar(name)))
    }

    /// The MIS value of an account, if no other account has it.
    pub(super) fn own_mis_id<'a>(&self, account: &'a Account) -> Option<&'a str> {
        account
            .mis_id()
            .filter(|mis_id| self.users.get(mis_id) == Some(&1))
    }

    /// The name of an entry, if readable and not the name or MIS value of another entry. A name with `@` isn't used.
    fn name(&self, referent: Referent, id: EntryId) -> Option<&'s str> {
        let name = self.entries.get(&(referent, id))?.name.as_str();
        let is_own = self.called.get(&(referent, name.trim().to_lowercase())) == Some(&1);
        let is_readable = name == name.trim() && !name.is_empty() && !hides_something(name);
        open_text(name).filter(|_| is_own && is_readable)
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
