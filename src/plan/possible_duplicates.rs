//! Live accounts that may belong to a user without a key match. Creating can't be undone and sends an e-mail, so a possible
//! duplicate holds the create.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashSet};

use crate::domain::field::Key;
use crate::domain::{
    Account, AccountId, AlikeRecords, DeclaredUser, IdentityMark, MarkUse, MarkValue, MarkWeight,
    Particulars, People, Roster, Snapshot, declared_text, marks, marks_of_declared,
};
use crate::plan::coverage::FieldCoverage;
use crate::plan::hold::{HoldReason, LikelyAccount};
use crate::plan::matching::Match;

/// The live accounts that share a mark with a user who would be created.
pub(crate) struct PossibleDuplicates<'p> {
    /// The accounts that share a mark with somebody.
    accounts: Vec<ComparedAccount<'p>>,
    /// Their indexes.
    alike: AlikeRecords<usize>,
    /// The marks whose fields every account shows, so that a comparison by them misses no account.
    complete: BTreeSet<IdentityMark>,
}

/// An account, and what is known of it that tells namesakes apart: what it shows, or what its declared user has.
struct ComparedAccount<'p> {
    account: &'p Account,
    particulars: Particulars,
}

/// The accounts that look like one user's.
#[derive(Default)]
pub(crate) struct AlikeAccounts {
    /// Those that may be this user's.
    pub(crate) likely: Vec<LikelyAccount>,
    /// Those that are somebody else's, as far as is known.
    pub(crate) notes: Vec<LikelyAccount>,
}

/// The uses by which a create is compared with accounts.
pub(crate) const COMPARED: [MarkUse; 2] = [MarkUse::AgainstLive, MarkUse::OfTheRenamed];

impl<'p> PossibleDuplicates<'p> {
    pub(crate) fn of(
        roster: &Roster,
        snapshot: &'p Snapshot,
        matches: &[Match<'_>],
        coverage: &FieldCoverage,
    ) -> Self {
        let mut duplicates = Self {
            accounts: Vec::new(),
            alike: AlikeRecords::default(),
            complete: BTreeSet::new(),
        };
        let wanted = marks_of_creates(roster, matches);
        if wanted.is_empty() {
            return duplicates;
        }
        let mut users: HashMap<AccountId, &DeclaredUser> = HashMap::default();
        for (user, matched) in roster.users().iter().zip(matches) {
            users.extend(matched.account().map(|account| (account.id, user)));
        }
        for account in snapshot.accounts() {
            duplicates.add(account, users.get(&account.id).copied(), &wanted);
        }
        for mark in IdentityMark::used(MarkUse::AgainstLive) {
            if mark.fields().iter().all(|key| coverage.is_complete(*key)) {
                duplicates.complete.insert(mark);
            }
        }
        duplicates
    }

    /// `user` is the declared user who has the account.
    fn add(
        &mut self,
        account: &'p Account,
        user: Option<&DeclaredUser>,
        wanted: &HashSet<MarkValue>,
    ) {
        // The account of another declared user isn't that of somebody with another last name.
        let uses = if user.is_some() {
            &COMPARED[..1]
        } else {
            &COMPARED
        };
        let of_account = uses
            .iter()
            .flat_map(|of| marks(*of, |key| account.value(key)));
        let mut shared = of_account.filter(|mark| wanted.contains(mark)).peekable();
        if shared.peek().is_none() {
            return;
        }
        let live = |key: Key| account.value(key).filter(|text| !text.is_empty());
        let declared = |key: Key| declared_text(&user?.values, key);
        let particulars = Particulars::of(|key| live(key).or_else(|| declared(key)));
        for mark in shared {
            self.alike.insert(&mark, &particulars, self.accounts.len());
        }
        self.accounts.push(ComparedAccount {
            account,
            particulars,
        });
    }

    /// The accounts that share a mark with this user, except those that `distinctFrom` names, and those that are known to be
    /// others of the same person.
    pub(crate) fn alike(
        &self,
        index: usize,
        user: &DeclaredUser,
        people: &People,
    ) -> AlikeAccounts {
        let particulars = Particulars::of(|key| declared_text(&user.values, key));
        let mut found = MarkedAccounts::default();
        for mark in COMPARED.iter().flat_map(|of| marks_of_declared(*of, user)) {
            let is_other = |other: &usize| {
                let id = self.accounts[*other].account.id;
                !user.distinct_from.contains(&id) && !people.has_account(index, id)
            };
            let likely = self.alike.perhaps_one_person(&mark, &particulars);
            for other in likely.filter(is_other).take(MOST_NAMED) {
                found.add(self.accounts[other].account, mark.mark, Vec::new());
            }
            // What speaks against a mark that is only a note leaves nothing to say.
            if mark.mark.weight() == MarkWeight::Note {
                continue;
            }
            let sharing = self.alike.sharing(&mark).iter().copied();
            for other in sharing.filter(is_other).take(MOST_NAMED) {
                let ComparedAccount {
                    account,
                    particulars: theirs,
                } = &self.accounts[other];
                let differs = particulars.differing(theirs, mark.mark.against());
                if !differs.is_empty() {
                    found.add(account, mark.mark, differs);
                }
            }
        }
        found.sorted()
    }

    /// The marks by which this user was compared with every live account.
    pub(crate) fn checked_by(&self, user: &DeclaredUser) -> Vec<IdentityMark> {
        let own = marks_of_declared(MarkUse::AgainstLive, user).map(|mark| mark.mark);
        own.filter(|mark| self.complete.contains(mark)).collect()
    }
}

impl AlikeAccounts {
    /// Why the user isn't created, if an account may be this user's already.
    pub(crate) fn objection(self, user: &DeclaredUser) -> Option<HoldReason> {
        (!self.likely.is_empty()).then(|| HoldReason::MayExist {
            accounts: self.likely,
            others: user.distinct_from.iter().copied().collect(),
        })
    }
}

/// Maximum number of accounts listed per mark: 100 with the same e-mail address tell a reader no more than 20.
const MOST_NAMED: usize = 20;

#[derive(Default)]
struct MarkedAccounts {
    accounts: BTreeMap<AccountId, LikelyAccount>,
    /// Those with a mark that holds the create.
    holding: BTreeSet<AccountId>,
}

impl MarkedAccounts {
    fn add(&mut self, account: &Account, mark: IdentityMark, differs: Vec<Key>) {
        if differs.is_empty() && mark.weight() == MarkWeight::Hold {
            self.holding.insert(account.id);
        }
        let known = self
            .accounts
            .entry(account.id)
            .or_insert_with(|| LikelyAccount {
                id: account.id,
                role: account.role,
                mis_id: account.text(Key::MisId),
                same: Vec::new(),
                differs: Vec::new(),
            });
        // The marks of a first name say nothing that the whole name, or a longer one of them, doesn't say.
        let is_said = known.same.contains(&IdentityMark::Name)
            || (mark == IdentityMark::FirstNameAndBirth
                && known.same.iter().any(|same| is_of_the_renamed(*same)));
        if !(is_said && is_of_the_renamed(mark)) {
            known.same.push(mark);
        }
        for key in differs {
            if !known.differs.contains(&key) {
                known.differs.push(key);
            }
        }
    }

    fn sorted(self) -> AlikeAccounts {
        let mut alike = AlikeAccounts::default();
        for (id, mut account) in self.accounts {
            if self.holding.contains(&id) {
                account.differs.clear();
                alike.likely.push(account);
            } else {
                alike.notes.push(account);
            }
        }
        alike
    }
}

fn is_of_the_renamed(mark: IdentityMark) -> bool {
    IdentityMark::used(MarkUse::OfTheRenamed).any(|known| known == mark)
}

fn marks_of_creates(roster: &Roster, matches: &[Match<'_>]) -> HashSet<MarkValue> {
    let mut wanted = HashSet::default();
    for (user, matched) in roster.users().iter().zip(matches) {
        if matches!(matched, Match::Nobody) {
            for of in COMPARED {
                wanted.extend(marks_of_declared(of, user));
            }
        }
    }
    wanted
}
