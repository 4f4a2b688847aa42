//! Which accounts needn't be looked at, because every value that is declared for them is the one that they were seen with. It
//! works from lists, the roster and what is remembered, and sends nothing.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashSet};
use jiff::Timestamp;

use crate::domain::field::{Class, FIELDS, Key, Referent};
use crate::domain::{
    Account, AccountId, DeclaredArchive, DeclaredUser, EntryId, ObservedValue, OtherAccount,
    Reference, ShownArchive, Snapshot, UserName, Value, field_bit,
};
use crate::onefile::accounts_to_read::{PlannedUsers, WantedAccounts};
use crate::onefile::readings::digests::Digest;
use crate::onefile::readings::{Readings, SeenAccount};

/// An account that needn't be looked at, with what it is known to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SparedAccount {
    /// The declared fields that lists don't show, with the values that they have.
    pub(crate) proved: Vec<(Key, ObservedValue)>,
    pub(crate) archive: ShownArchive,
    /// All fields that it shows, a bit for each.
    pub(crate) shown: u128,
    pub(crate) seen: Timestamp,
}

/// A field of learners that may name somebody who leaves.
struct FieldNamingLeavers {
    key: Key,
    /// The accounts that leave, by the digest of naming them.
    leaving: HashSet<Digest>,
    /// All accounts that the field may name, in the same way.
    serving: HashMap<Digest, AccountId>,
}

/// Finds the accounts to spare.
pub(super) struct Sparing<'s> {
    planned: &'s PlannedUsers<'s>,
    snapshot: &'s Snapshot,
    readings: &'s Readings,
    /// The numbers of what classrooms, placements and the like may mean, by MIS value and by name.
    entries: HashMap<(Referent, &'s str), Vec<EntryId>>,
    /// The users of the roster by e-mail address, as references name them.
    by_email: HashMap<String, &'s DeclaredUser>,
}

impl<'s> Sparing<'s> {
    pub(super) fn new(
        planned: &'s PlannedUsers<'s>,
        snapshot: &'s Snapshot,
        readings: &'s Readings,
    ) -> Self {
        let mut entries: HashMap<_, Vec<EntryId>> = HashMap::default();
        for referent in [
            Referent::Classroom,
            Referent::Placement,
            Referent::Provider,
            Referent::LearnerStatus,
        ] {
            for entry in snapshot.directory.of(referent) {
                let mis_id = entry.mis_id.as_deref();
                for text in mis_id.into_iter().chain([entry.name.as_str()]) {
                    entries.entry((referent, text)).or_default().push(entry.id);
                }
            }
        }
        let mut by_email = HashMap::default();
        for user in planned.roster.users() {
            if let Some(email) = user.text(Key::Email) {
                by_email.insert(email.to_lowercase(), user);
            }
        }
        Self {
            planned,
            snapshot,
            readings,
            entries,
            by_email,
        }
    }

    /// The accounts that can be spared if nothing has changed since they were seen.
    pub(super) fn unchanged(&self, wanted: &WantedAccounts) -> BTreeMap<AccountId, SparedAccount> {
        let mut users: BTreeMap<AccountId, Vec<&DeclaredUser>> = BTreeMap::new();
        for user in &self.planned.users {
            for account in self.snapshot.candidates(user) {
                users.entry(account.id).or_default().push(user);
            }
        }
        let said = self.accounts_of_others();
        let naming = self.fields_naming_leavers();
        let mut spared = BTreeMap::new();
        for id in wanted.lacking.difference(&wanted.needed) {
            // An account that two users may have is for a person to decide about, who wants to see it.
            let Some([user]) = users.get(id).map(Vec::as_slice) else {
                continue;
            };
            let account = self.unchanged_account(*id, user);
            if let Some(mut account) = account.filter(|_| !said.contains(id))
                && self.names_no_leaver(*id, &mut account, &naming)
            {
                spared.insert(*id, account);
            }
        }
        spared
    }

    /// The accounts that planned users name as somebody else's, or as another one of theirs. Whether that is needed is judged by
    /// what the accounts show.
    fn accounts_of_others(&self) -> BTreeSet<AccountId> {
        let mut said = BTreeSet::new();
        for user in &self.planned.users {
            said.extend(&user.distinct_from);
            for other in &user.also_has {
                match other {
                    OtherAccount::Id(id) => drop(said.insert(*id)),
                    OtherAccount::User(name) => {
                        let accounts = self.snapshot.named(UserName::of(name)).into_iter();
                        said.extend(accounts.map(|account| account.id));
                    }
                }
            }
        }
        said
    }

    /// The fields that may name an account of a planned user who leaves. Nobody may name one then.
    fn fields_naming_leavers(&self) -> Vec<FieldNamingLeavers> {
        let users = self.planned.users.iter().filter(|user| user.has_left());
        let leavers: Vec<&Account> = users
            .flat_map(|user| self.snapshot.candidates(user))
            .collect();
        let mut naming = Vec::new();
        for field in FIELDS {
            let Some(Referent::User(serving)) = field.refers_to() else {
                continue;
            };
            let serves = |account: &&Account| serving.contains(&account.role);
            let mut leaving = leavers.iter().copied().filter(serves).peekable();
            if leaving.peek().is_some() {
                let leaving: Vec<AccountId> = leaving.map(|account| account.id).collect();
                let serving = self.snapshot.accounts().filter(serves);
                let serving = serving.map(|account| account.id).collect();
                naming.push(self.naming(field.key, &leaving, serving));
            }
        }
        naming
    }

    fn naming(
        &self,
        key: Key,
        leaving: &[AccountId],
        serving: Vec<AccountId>,
    ) -> FieldNamingLeavers {
        let readings_key = &self.readings.key;
        let of = |named: AccountId| readings_key.of_named(key, Some(&reference_to(named)));
        FieldNamingLeavers {
            key,
            leaving: leaving.iter().map(|leaver| of(*leaver)).collect(),
            serving: serving.into_iter().map(|id| (of(id), id)).collect(),
        }
    }

    /// Whether an account certainly names nobody who leaves, in the fields that aren't declared and that it was seen with. Where
    /// everybody names somebody, a plan also counts those who don't show whom, so that what they name is proved, too.
    fn names_no_leaver(
        &self,
        id: AccountId,
        spared: &mut SparedAccount,
        naming: &[FieldNamingLeavers],
    ) -> bool {
        let (Some(account), Some(seen)) =
            (self.snapshot.account(id), self.readings.accounts.get(&id))
        else {
            return false;
        };
        for FieldNamingLeavers {
            key,
            leaving,
            serving,
        } in naming
        {
            let is_known =
                account.shown.contains(*key) || spared.proved.iter().any(|(known, _)| known == key);
            let Some(digest) = seen.digest(*key).filter(|_| !is_known) else {
                continue;
            };
            let named = self.readings.key.unmasked(seen.field(id, *key), digest);
            if leaving.contains(&named) {
                return false;
            }
            if key.row().is_mandatory_for(account.role) {
                let Some(named) = serving.get(&named) else {
                    return false;
                };
                spared.proved.push((*key, reference_to(*named)));
            }
        }
        true
    }

    fn unchanged_account(&self, id: AccountId, user: &DeclaredUser) -> Option<SparedAccount> {
        let account = self.snapshot.account(id)?;
        let seen = self.readings.accounts.get(&id)?;
        let is_as_seen = seen.archive != ShownArchive::Archived
            && account.archive != ShownArchive::Archived
            && account.shown.bits() & !seen.shown == 0
            && !self.is_row_changed(account);
        if !is_as_seen || !self.is_certainly_of(account, user) {
            return None;
        }
        let mut proved = Vec::new();
        for (key, value) in user.values.iter() {
            if key.row().api.is_none() {
                continue;
            }
            let mut possible = self.possible(key, value).into_iter();
            if account.shown.contains(key) {
                // Whose account it is, and what an update changes, are for somebody who sees all of it.
                possible.find(|value| Some(value) == account.shown.get(key))?;
                continue;
            }
            if key.row().class == Class::Special {
                return None;
            }
            // Looking at the account again wouldn't show the field either.
            if seen.shown & field_bit(key) == 0 {
                continue;
            }
            let digest = seen.digest(key)?;
            let field = seen.field(id, key);
            let value =
                possible.find(|value| self.readings.key.of_field(field, Some(value)) == *digest)?;
            proved.push((key, value));
        }
        Some(SparedAccount {
            proved,
            archive: seen.archive,
            shown: seen.shown,
            seen: seen.seen,
        })
    }

    /// Whether no rule of matching may give the account to somebody else or to nobody. The account of nobody in the files is
    /// compared with new users by more than is remembered.
    fn is_certainly_of(&self, account: &Account, user: &DeclaredUser) -> bool {
        let is_shown = |key: Key| account.shown.contains(key) || user.values.contains(key);
        let is_only_one = |mis_id: &str| {
            let mut accounts = self.snapshot.with_mis_id(mis_id);
            accounts.all(|other| other.id == account.id)
        };
        user.archive == DeclaredArchive::Undeclared
            && user.former_mis_id.is_none()
            && user.role == account.role
            && self.snapshot.candidates(user).len() == 1
            && user.mis_id().is_none_or(is_only_one)
            && [Key::MisId, Key::FirstName, Key::LastName]
                .into_iter()
                .all(is_shown)
    }

    /// The listed accounts that show another value than they were seen with. A list may leave a value out that the account has.
    pub(super) fn changed_rows(&self) -> BTreeSet<AccountId> {
        let mut changed = BTreeSet::new();
        for account in self.snapshot.accounts() {
            let Some(seen) = self.readings.accounts.get(&account.id) else {
                continue;
            };
            let mut shown = account.shown.iter().filter(|(_, value)| value.is_some());
            if seen.is_moved(account)
                || shown.any(|(key, value)| self.readings.is_other(account.id, seen, key, value))
            {
                changed.insert(account.id);
            }
        }
        changed
    }

    fn is_row_changed(&self, account: &Account) -> bool {
        let seen = self.readings.accounts.get(&account.id);
        seen.is_some_and(|seen| seen.is_moved(account) || self.readings.differs(account, seen))
    }

    /// What OneFile may show of a declared value. A reference may mean several things, of which one is right.
    fn possible(&self, key: Key, value: &Value) -> Vec<ObservedValue> {
        let Value::Reference(reference) = value else {
            return vec![ObservedValue::Value(value.clone())];
        };
        let Some(referent) = key.row().refers_to() else {
            return Vec::new();
        };
        let ids = self.targets(referent, reference).into_iter();
        ids.map(|id| ObservedValue::Value(Value::Reference(Reference::Id(id))))
            .collect()
    }

    fn targets(&self, referent: Referent, reference: &Reference) -> Vec<EntryId> {
        let is_user = matches!(referent, Referent::User(_));
        match reference {
            Reference::Id(id) => vec![*id],
            Reference::Named(text) | Reference::MisId(text) if is_user => {
                let accounts = self.snapshot.named(UserName::of(text)).into_iter();
                accounts.map(|account| account.id.get().into()).collect()
            }
            Reference::Email(email) => {
                let user = self.by_email.get(&email.to_lowercase());
                let accounts = user.map(|user| self.snapshot.candidates(user));
                let accounts = accounts.into_iter().flatten();
                accounts.map(|account| account.id.get().into()).collect()
            }
            Reference::Named(text) | Reference::MisId(text) | Reference::Name(text) => {
                let found = self.entries.get(&(referent, text.as_str()));
                found.cloned().unwrap_or_default()
            }
        }
    }
}

/// What a field shows that names an account.
fn reference_to(named: AccountId) -> ObservedValue {
    ObservedValue::Value(Value::Reference(Reference::Id(named.get().into())))
}

impl Readings {
    /// Whether an account shows another value than it was seen with, in a field that is remembered.
    pub(super) fn differs(&self, account: &Account, seen: &SeenAccount) -> bool {
        let mut shown = account.shown.iter();
        shown.any(|(key, value)| self.is_other(account.id, seen, key, value))
    }

    fn is_other(
        &self,
        id: AccountId,
        seen: &SeenAccount,
        key: Key,
        value: Option<&ObservedValue>,
    ) -> bool {
        let digest = seen.digest(key);
        digest.is_some_and(|digest| self.key.of_field(seen.field(id, key), value) != *digest)
    }
}

impl SeenAccount {
    /// Whether the account has another role, or came into the archive or out of it.
    pub(super) fn is_moved(&self, account: &Account) -> bool {
        let is_archive_known =
            account.archive != ShownArchive::NotShown && self.archive != ShownArchive::NotShown;
        self.role != account.role || (is_archive_known && account.archive != self.archive)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use jiff::Timestamp;

    use super::{SparedAccount, Sparing, reference_to};
    use crate::domain::field::Key;
    use crate::domain::role::Role;
    use crate::domain::{
        Account, AccountId, Directory, Organisation, OrganisationId, Roster, ShownArchive,
        Snapshot, UnmanagedFields,
    };
    use crate::onefile::accounts_to_read::PlannedUsers;
    use crate::onefile::readings::Readings;
    use crate::onefile::readings::digests::made;

    const FIRST_LEARNER: usize = 1_001;

    fn id(number: usize) -> AccountId {
        AccountId::new(number.try_into().unwrap())
    }

    fn account(number: usize, role: Role, assessor: Option<usize>) -> Account {
        let assessor =
            assessor.map(|assessor| (Key::DefaultAssessor, Some(reference_to(id(assessor)))));
        Account {
            id: id(number),
            role,
            shown: assessor.into_iter().collect(),
            archive: ShownArchive::NotShown,
        }
    }

    /// Learners who name one assessor each, as the readings have seen them and as lists show them.
    fn college(learners: usize, assessors: usize) -> (Readings, Snapshot) {
        let mut readings = Readings::new("token");
        let mut listed: Vec<Account> = (1..=assessors)
            .map(|number| account(number, Role::Assessor, None))
            .collect();
        for at in 0..learners {
            let assessor = at % assessors + 1;
            let seen = account(FIRST_LEARNER + at, Role::Learner, Some(assessor));
            readings.see(&seen, Timestamp::UNIX_EPOCH);
            listed.push(account(FIRST_LEARNER + at, Role::Learner, None));
        }
        let organisation = Organisation {
            id: OrganisationId::new(5740),
            name: "Example College".to_owned(),
            keychain_creation: None,
            email_suppression: None,
        };
        let directory = Directory::new(BTreeMap::new());
        let snapshot = Snapshot::new(organisation, directory, BTreeSet::new(), listed);
        (readings, snapshot)
    }

    /// The learners who name none of the first assessors, who leave, and how many digests that took.
    fn naming_none(learners: usize, assessors: usize, leaving: usize) -> (Vec<usize>, usize) {
        let (readings, snapshot) = college(learners, assessors);
        let roster = Roster::new(Vec::new(), UnmanagedFields::default());
        let planned = PlannedUsers {
            users: Vec::new(),
            roster: &roster,
        };
        let sparing = Sparing::new(&planned, &snapshot, &readings);
        let before = made::so_far();
        let leavers: Vec<AccountId> = (1..=leaving).map(id).collect();
        let serving = (1..=assessors).map(id).collect();
        let naming = [sparing.naming(Key::DefaultAssessor, &leavers, serving)];
        let mut spared = Vec::new();
        for at in 0..learners {
            let mut account = SparedAccount {
                proved: Vec::new(),
                archive: ShownArchive::NotShown,
                shown: 0,
                seen: Timestamp::UNIX_EPOCH,
            };
            if sparing.names_no_leaver(id(FIRST_LEARNER + at), &mut account, &naming) {
                let assessor = reference_to(id(at % assessors + 1));
                assert_eq!(account.proved, [(Key::DefaultAssessor, assessor)]);
                spared.push(at % assessors + 1);
            }
        }
        (spared, made::so_far() - before)
    }

    #[test]
    fn an_assessor_who_leaves_costs_a_digest_for_each_learner_and_each_assessor() {
        for (learners, assessors, leaving) in [(10, 5, 1), (200, 50, 1), (200, 50, 40)] {
            let (spared, digests) = naming_none(learners, assessors, leaving);
            assert_eq!(spared.len(), learners / assessors * (assessors - leaving));
            assert!(spared.iter().all(|assessor| *assessor > leaving));
            let most = learners + assessors + leaving;
            assert!(digests <= most, "{digests} of {most}");
        }
    }
}
