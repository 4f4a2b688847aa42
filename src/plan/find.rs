//! Finds people by what somebody types: where they are declared, and which account they have. Also who is with an assessor.

use std::collections::BTreeMap;

use foldhash::HashMap;

use crate::domain::field::Key;
use crate::domain::{
    Account, AccountId, DeclaredUser, Directory, Normalisation, Organisation, OrganisationId,
    Roster, Selection, Selector, ShownArchive, Snapshot, UserName, UserNames, normalise,
    plain_letters,
};
use crate::findings::source::Place;
use crate::findings::suggest::nearest;
use crate::plan::matching::{Match, match_all};
use crate::plan::operation::UserLabel;

/// What a search may go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchBy {
    /// MIS values and account numbers: what everybody may read.
    Keys,
    /// Names and e-mail addresses, too.
    Anything,
}

/// The result of a search.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Declared users in the order of the files, then accounts that nobody declares.
    pub users: Vec<FoundUser>,
    /// How many accounts don't show the field that was searched by, with that field.
    pub unsearched: Option<(Key, usize)>,
    /// What was probably meant, if nobody was found.
    pub suggestion: Option<String>,
}

/// Somebody who was found.
#[derive(Clone, Debug)]
pub struct FoundUser {
    pub who: UserLabel,
    /// Where the user is declared.
    pub place: Option<Place>,
    pub account: FoundAccount,
    /// The field in which files and OneFile differ about what was searched for.
    pub differs: Option<(Key, FoundOnly)>,
}

/// The account of somebody who was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundAccount {
    /// OneFile wasn't asked.
    NotRead,
    Nobody,
    /// Which one it is has to be decided by a person.
    Unsure,
    Account(AccountId),
    /// OneFile shows that it is archived.
    Archived(AccountId),
}

/// The only side that says what was searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundOnly {
    InFiles,
    InOneFile,
}

/// Searches the files, and OneFile if its lists have been read.
pub fn find(selector: &Selector, by: SearchBy, roster: &Roster, live: Option<&Snapshot>) -> Found {
    let nothing = nothing();
    let search = Search {
        roster,
        snapshot: live.unwrap_or(&nothing),
        matches: live.map(|live| match_all(roster, live)),
    };
    let hits = match selector.user() {
        Some(text) => search.by_words(&TypedWords::of(text, by)),
        None => search.by_selector(selector, live),
    };
    let mut found = Found {
        unsearched: live.and_then(|_| search.unsearched(selector, by)),
        ..Found::default()
    };
    if hits.is_empty() {
        found.suggestion = search.suggestion(selector);
    }
    found.users = search.users(&hits, selector.key());
    found
}

/// What is known of OneFile if it wasn't asked.
fn nothing() -> Snapshot {
    let organisation = Organisation {
        id: OrganisationId::new(0),
        name: String::new(),
        keychain_creation: None,
        email_suppression: None,
    };
    Snapshot::new(organisation, Directory::default(), [].into(), Vec::new())
}

struct Search<'p> {
    roster: &'p Roster,
    snapshot: &'p Snapshot,
    /// `None` if OneFile wasn't asked.
    matches: Option<Vec<Match<'p>>>,
}

/// Who was found, and on which side.
#[derive(Default)]
struct Hits<'p> {
    /// By index in the roster.
    declared: BTreeMap<usize, Sides>,
    undeclared: BTreeMap<AccountId, &'p Account>,
}

#[derive(Clone, Copy, Default)]
struct Sides {
    in_files: bool,
    in_onefile: bool,
}

impl Hits<'_> {
    fn is_empty(&self) -> bool {
        self.declared.is_empty() && self.undeclared.is_empty()
    }
}

impl<'p> Search<'p> {
    fn by_words(&self, words: &TypedWords) -> Hits<'p> {
        let mut hits = Hits::default();
        for (index, user) in self.roster.users().iter().enumerate() {
            if words.mean_user(user) {
                hits.declared.entry(index).or_default().in_files = true;
            }
        }
        let accounts = self.snapshot.accounts();
        self.add_accounts(
            &mut hits,
            accounts.filter(|account| words.mean_account(account)),
        );
        hits
    }

    fn by_selector(&self, selector: &Selector, live: Option<&'p Snapshot>) -> Hits<'p> {
        let mut hits = Hits::default();
        let selection = Selection {
            only: vec![selector.clone()],
            exclude: Vec::new(),
        };
        let selected = selection.select(self.roster, live).users;
        for (index, _) in selected
            .iter()
            .enumerate()
            .filter(|(_, is_named)| **is_named)
        {
            hits.declared.entry(index).or_default().in_files = true;
        }
        let accounts = selector.accounts(self.roster, self.snapshot);
        self.add_accounts(&mut hits, accounts.into_iter());
        hits
    }

    /// Adds accounts: to the users who have them, or by themselves.
    fn add_accounts(&self, hits: &mut Hits<'p>, accounts: impl Iterator<Item = &'p Account>) {
        let mut owners: HashMap<AccountId, usize> = HashMap::default();
        for (index, matched) in self.matches.iter().flatten().enumerate() {
            owners.extend(matched.account().map(|account| (account.id, index)));
        }
        for account in accounts {
            match owners.get(&account.id) {
                Some(index) => hits.declared.entry(*index).or_default().in_onefile = true,
                None => drop(hits.undeclared.insert(account.id, account)),
            }
        }
    }

    fn users(&self, hits: &Hits<'p>, key: Option<Key>) -> Vec<FoundUser> {
        let names = UserNames::of(self.roster, self.snapshot);
        let mut users = Vec::new();
        for (index, sides) in &hits.declared {
            let user = &self.roster.users()[*index];
            let matched = self.matches.as_ref().map(|matches| &matches[*index]);
            let account = matched.and_then(Match::account);
            users.push(FoundUser {
                who: UserLabel::of(user, account, &names),
                place: Some(user.place.clone()),
                account: found_account(matched),
                differs: key.and_then(|key| Some((key, sides.only(key, account?)?))),
            });
        }
        users.sort_by(|one, other| one.place.cmp(&other.place));
        let mut undeclared: Vec<&Account> = hits.undeclared.values().copied().collect();
        undeclared.sort_by_key(|account| (account.role, account.mis_id(), account.id));
        for account in undeclared {
            users.push(FoundUser {
                who: UserLabel::of_account(account, &names),
                place: None,
                account: account_of(account),
                differs: None,
            });
        }
        users
    }

    /// How many accounts don't show what was searched by.
    fn unsearched(&self, selector: &Selector, by: SearchBy) -> Option<(Key, usize)> {
        let is_address = |text: &str| by == SearchBy::Anything && text.contains('@');
        let key = match selector.user() {
            Some(text) => is_address(text).then_some(Key::Email)?,
            None => selector.key()?,
        };
        let accounts = self.snapshot.accounts();
        let hidden = accounts
            .filter(|account| key.row().is_of(account.role) && !account.shown.contains(key))
            .count();
        (hidden > 0).then_some((key, hidden))
    }

    fn suggestion(&self, selector: &Selector) -> Option<String> {
        let Some(text) = selector.user() else {
            let selection = Selection {
                only: vec![selector.clone()],
                exclude: Vec::new(),
            };
            let idle = selection.select(self.roster, Some(self.snapshot)).idle;
            return idle.into_iter().next()?.suggestion;
        };
        let declared = self.roster.users().iter().filter_map(DeclaredUser::mis_id);
        let live = self.snapshot.accounts().filter_map(Account::mis_id);
        nearest(text, declared.chain(live)).map(str::to_owned)
    }
}

fn found_account(matched: Option<&Match<'_>>) -> FoundAccount {
    match matched {
        None => FoundAccount::NotRead,
        Some(Match::Account(account)) => account_of(account),
        Some(Match::Nobody) => FoundAccount::Nobody,
        Some(Match::Held(_)) => FoundAccount::Unsure,
    }
}

fn account_of(account: &Account) -> FoundAccount {
    match account.archive {
        ShownArchive::Archived => FoundAccount::Archived(account.id),
        ShownArchive::Current | ShownArchive::NotShown => FoundAccount::Account(account.id),
    }
}

impl Sides {
    /// The side that alone says what was searched for; `None` if both do, or if the account doesn't show the field.
    fn only(self, key: Key, account: &Account) -> Option<FoundOnly> {
        match (self.in_files, self.in_onefile) {
            (true, false) if account.shown.contains(key) => Some(FoundOnly::InFiles),
            (false, true) => Some(FoundOnly::InOneFile),
            (true, _) | (false, false) => None,
        }
    }
}

/// What somebody typed, in the forms in which it is compared.
struct TypedWords<'t> {
    text: &'t str,
    key: Option<smol_str::SmolStr>,
    id: Option<AccountId>,
    /// Folded; `None` if only keys are searched, or if it can't be one.
    email: Option<smol_str::SmolStr>,
    /// Folded, each the beginning of a part of a name.
    name: Vec<String>,
}

impl<'t> TypedWords<'t> {
    fn of(text: &'t str, by: SearchBy) -> Self {
        let mut words = Self {
            text,
            key: normalise(Normalisation::Key, text),
            id: text.parse().ok(),
            email: None,
            name: Vec::new(),
        };
        match by {
            SearchBy::Keys => {}
            SearchBy::Anything if text.contains('@') => {
                words.email = normalise(Normalisation::Address, text);
            }
            SearchBy::Anything => words.name = name_parts(text),
        }
        words
    }

    fn mean_user(&self, user: &DeclaredUser) -> bool {
        let name = UserName::of(self.text);
        let is_named = |mis_id: &str| name.means(user.role, mis_id) || self.is_key(mis_id);
        user.mis_id().is_some_and(is_named)
            || user.id.is_some() && user.id == self.id
            || user
                .text(Key::Email)
                .is_some_and(|email| self.is_email(email))
            || self.is_name([Key::FirstName, Key::LastName].map(|key| user.text(key)))
    }

    fn mean_account(&self, account: &Account) -> bool {
        let name = UserName::of(self.text);
        let is_named = |mis_id: &str| name.means(account.role, mis_id) || self.is_key(mis_id);
        let names = [Key::FirstName, Key::LastName].map(|key| account.text(key));
        account.mis_id().is_some_and(is_named)
            || Some(account.id) == self.id
            || account
                .text(Key::Email)
                .is_some_and(|email| self.is_email(&email))
            || self.is_name(names.each_ref().map(Option::as_deref))
    }

    /// Whether it is a MIS value but for case, blanks and leading zeros.
    fn is_key(&self, mis_id: &str) -> bool {
        self.key.is_some() && self.key == normalise(Normalisation::Key, mis_id)
    }

    fn is_email(&self, email: &str) -> bool {
        self.email.is_some() && self.email == normalise(Normalisation::Address, email)
    }

    /// Whether each word begins a part of the name, in any order.
    fn is_name(&self, names: [Option<&str>; 2]) -> bool {
        if self.name.is_empty() {
            return false;
        }
        let mut parts = Vec::new();
        for name in names.into_iter().flatten() {
            parts.extend(name_parts(name));
            parts.extend(normalise(Normalisation::Name, name).map(|whole| whole.to_string()));
        }
        let begins = |word: &String| parts.iter().any(|part| part.starts_with(word.as_str()));
        self.name.iter().all(begins)
    }
}

/// The parts of a name without case, accents and apostrophes. A hyphen divides parts, as a blank does.
fn name_parts(name: &str) -> Vec<String> {
    let letters: String = plain_letters(name)
        .map(|c| if is_dash(c) { ' ' } else { c })
        .filter(|c| c.is_alphanumeric() || c.is_whitespace())
        .collect();
    letters.split_whitespace().map(str::to_owned).collect()
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '.' | ',' | '_' | '/')
}
