//! Which declared users a run is about: what `--only` and `--exclude` say.

use std::fmt;

use foldhash::{HashMap, HashSet};
use smol_str::SmolStr;

use crate::domain::field::{Key, Referent};
use crate::domain::role::{ASSESSING, ROLES, Role};
use crate::domain::{
    Account, AccountId, DeclaredEntry, DeclaredUser, DirectoryEntry, EntryId, FileGlob, Reference,
    Roster, Snapshot, UserName, Value, nfc,
};
use crate::findings::suggest::{nearest, nearest_key};

/// The users that `--only` names, without those that `--exclude` names. Without `--only`, all are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    pub only: Vec<Selector>,
    pub exclude: Vec<Selector>,
}

/// One way to name users, as a person writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    written: String,
    kind: SelectorKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum SelectorKind {
    /// `L-0101`, `iqa:S-1`, or the number of an account.
    User(String),
    /// `role:assessor`
    Role(Role),
    /// `classroom:Business Admin L3`: by MIS value, name or number.
    Classroom(SmolStr),
    /// `assessor:A-0012`: the users whose assessor that is.
    CaseloadOf(String),
    /// `file:users/learners/*.yaml`
    File(FileGlob),
}

/// A word that stands before a colon, and what follows it.
const FORMS: &[(&str, &str)] = &[
    ("role", "assessor"),
    ("classroom", "NAME"),
    ("assessor", "MISID"),
    ("file", "GLOB"),
    ("misId", "MISID"),
];

/// What a person may write.
pub const SELECTOR_FORMS: &str = "a MIS value, `role:assessor`, `classroom:NAME`, `assessor:MISID` (the learners whose assessor that is) or `file:GLOB`";

impl Selector {
    /// Reads what a person wrote.
    ///
    /// # Errors
    /// What is wrong with it, and what to type.
    pub fn of(written: &str) -> Result<Self, String> {
        let text = nfc(written.trim()).into_owned();
        if text.is_empty() {
            return Err(format!("write {SELECTOR_FORMS}"));
        }
        let kind = match text.split_once(':') {
            Some((form, of)) => form_of(form.trim(), of.trim())?,
            None => None,
        };
        Ok(Self {
            kind: kind.unwrap_or_else(|| SelectorKind::User(text.clone())),
            written: text,
        })
    }

    /// What the person wrote.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// The name of one user, if it is one: `L-0101`, `iqa:S-1`.
    pub fn user(&self) -> Option<&str> {
        match &self.kind {
            SelectorKind::User(name) => Some(name),
            SelectorKind::Role(_)
            | SelectorKind::Classroom(_)
            | SelectorKind::CaseloadOf(_)
            | SelectorKind::File(_) => None,
        }
    }

    /// The field whose value it goes by, if OneFile has that field.
    pub fn key(&self) -> Option<Key> {
        match self.kind {
            SelectorKind::Classroom(_) => Some(Key::Classroom),
            SelectorKind::CaseloadOf(_) => Some(Key::DefaultAssessor),
            SelectorKind::User(_) | SelectorKind::Role(_) | SelectorKind::File(_) => None,
        }
    }

    /// The accounts that have the classroom, the assessor or the role, as far as they show it.
    pub fn accounts<'s>(&self, roster: &Roster, live: &'s Snapshot) -> Vec<&'s Account> {
        let ids = match &self.kind {
            SelectorKind::Classroom(name) => NamedClassroom::of(name, Some(live)).ids(),
            SelectorKind::CaseloadOf(name) => {
                NamedAssessor::of(name, &SelectedFrom::of(roster, Some(live))).ids()
            }
            SelectorKind::Role(role) => {
                let accounts = live.accounts();
                return accounts.filter(|account| account.role == *role).collect();
            }
            SelectorKind::User(_) | SelectorKind::File(_) => return Vec::new(),
        };
        let key = self.key();
        let refers = |account: &&Account| {
            let shown = key.and_then(|key| account.shown.get(key)?.reference());
            shown.is_some_and(|id| ids.contains(&id))
        };
        live.accounts().filter(refers).collect()
    }

    /// Whether only the lists of the server say whom it names: a classroom may be declared by its number, an assessor by an
    /// e-mail address.
    pub fn needs_lists(&self) -> bool {
        match self.kind {
            SelectorKind::Classroom(_) | SelectorKind::CaseloadOf(_) => true,
            SelectorKind::User(_) | SelectorKind::Role(_) | SelectorKind::File(_) => false,
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// `None` if the word before the colon belongs to a MIS value, or is the role of `iqa:S-1`.
fn form_of(form: &str, of: &str) -> Result<Option<SelectorKind>, String> {
    let Some((form, example)) = FORMS.iter().find(|(known, _)| *known == form) else {
        return Ok(None);
    };
    if of.is_empty() {
        return Err(format!(
            "write what follows the colon, as in `{form}:{example}`"
        ));
    }
    Ok(Some(match *form {
        "role" => SelectorKind::Role(Role::named(of).ok_or_else(|| no_such_role(of))?),
        "classroom" => SelectorKind::Classroom(of.into()),
        "assessor" => SelectorKind::CaseloadOf(of.to_owned()),
        "file" => SelectorKind::File(FileGlob::new(of)?),
        _ => SelectorKind::User(of.to_owned()),
    }))
}

fn no_such_role(written: &str) -> String {
    let names: Vec<&str> = ROLES.iter().map(|row| row.name).collect();
    match nearest(written, names.iter().copied()) {
        Some(near) => format!("there is no such role; is `role:{near}` meant?"),
        None => format!("there is no such role; write one of {}", names.join(", ")),
    }
}

/// The users that a selection names, and the words in it that name nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SelectedUsers {
    /// For each user of the roster, whether the selection names it.
    pub users: Vec<bool>,
    /// For each placement and classroom, whether it is in a file that the selection names, or a selected user refers to it.
    pub entries: Vec<bool>,
    pub idle: Vec<IdleSelector>,
}

impl SelectedUsers {
    /// Whether nobody and nothing is selected.
    pub fn is_empty(&self) -> bool {
        !self.users.contains(&true) && !self.entries.contains(&true)
    }
}

/// A word of a selection that names no declared user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdleSelector {
    pub selector: Selector,
    /// What was probably meant.
    pub suggestion: Option<String>,
}

impl Selection {
    /// Whether everybody is meant.
    pub fn is_everybody(&self) -> bool {
        self.only.is_empty() && self.exclude.is_empty()
    }

    /// Whether the lists of the server are needed to say who is meant.
    pub fn needs_lists(&self) -> bool {
        self.selectors().any(Selector::needs_lists)
    }

    /// All words of the selection.
    pub fn selectors(&self) -> impl Iterator<Item = &Selector> {
        self.only.iter().chain(&self.exclude)
    }

    /// The users that are meant. `live` are the lists of the server, if they have been read: without them a classroom and an
    /// assessor are known by what the manifests write alone.
    pub fn select(&self, roster: &Roster, live: Option<&Snapshot>) -> SelectedUsers {
        let sides = SelectedFrom::of(roster, live);
        let mut idle = Vec::new();
        let mut users = vec![self.only.is_empty(); roster.users().len()];
        let mut entries = vec![self.only.is_empty(); roster.entries().len()];
        for (selectors, is_meant) in [(&self.only, true), (&self.exclude, false)] {
            for selector in selectors {
                let named = sides.named(&selector.kind);
                for index in &named {
                    users[*index] = is_meant;
                }
                let of_file = sides.entries_named(&selector.kind);
                for index in &of_file {
                    entries[*index] = is_meant;
                }
                if named.is_empty() && of_file.is_empty() && !is_sure(selector, is_meant) {
                    idle.push(IdleSelector {
                        suggestion: sides.suggestion(&selector.kind),
                        selector: selector.clone(),
                    });
                }
            }
        }
        for (index, entry) in roster.entries().iter().enumerate() {
            entries[index] |= sides.is_referred_to(entry, &users);
        }
        SelectedUsers {
            users,
            entries,
            idle,
        }
    }
}

/// Whether it is no slip if nobody is named: a role without users may be left out.
fn is_sure(selector: &Selector, is_meant: bool) -> bool {
    !is_meant && matches!(selector.kind, SelectorKind::Role(_))
}

/// What is selected from.
struct SelectedFrom<'r> {
    roster: &'r Roster,
    live: Option<&'r Snapshot>,
    mis_ids: HashMap<&'r str, Vec<usize>>,
    ids: HashMap<AccountId, usize>,
}

impl<'r> SelectedFrom<'r> {
    fn of(roster: &'r Roster, live: Option<&'r Snapshot>) -> Self {
        let mut mis_ids: HashMap<&str, Vec<usize>> = HashMap::default();
        let mut ids = HashMap::default();
        for (index, user) in roster.users().iter().enumerate() {
            if let Some(mis_id) = user.mis_id() {
                mis_ids.entry(mis_id.trim()).or_default().push(index);
            }
            ids.extend(user.id.map(|id| (id, index)));
        }
        Self {
            roster,
            live,
            mis_ids,
            ids,
        }
    }

    /// The users that are named, by index.
    fn named(&self, kind: &SelectorKind) -> Vec<usize> {
        match kind {
            SelectorKind::User(name) => self.users_named(name),
            SelectorKind::Role(role) => self.users_that(|user| user.role == *role),
            SelectorKind::Classroom(name) => {
                let classroom = NamedClassroom::of(name, self.live);
                self.users_that(|user| {
                    reference(user, Key::Classroom).is_some_and(|named| classroom.is(named))
                })
            }
            SelectorKind::CaseloadOf(name) => {
                let assessor = NamedAssessor::of(name, self);
                self.users_that(|user| {
                    reference(user, Key::DefaultAssessor).is_some_and(|named| assessor.is(named))
                })
            }
            SelectorKind::File(glob) => {
                let mut files: HashMap<&str, bool> = HashMap::default();
                for user in self.roster.users() {
                    let file = &*user.place.file;
                    files.entry(file).or_insert_with(|| glob.matches(file));
                }
                self.users_that(|user| files[&*user.place.file])
            }
        }
    }

    /// The placements and classrooms that a word names, by index: only files have some.
    fn entries_named(&self, kind: &SelectorKind) -> Vec<usize> {
        let SelectorKind::File(glob) = kind else {
            return Vec::new();
        };
        let entries = self.roster.entries().iter().enumerate();
        let named = entries.filter(|(_, entry)| glob.matches(&entry.place.file));
        named.map(|(index, _)| index).collect()
    }

    /// Whether a selected user refers to a placement or classroom.
    fn is_referred_to(&self, entry: &DeclaredEntry, selected: &[bool]) -> bool {
        let users = self.roster.users().iter().zip(selected);
        users
            .filter(|(_, is_selected)| **is_selected)
            .flat_map(|(user, _)| user.references())
            .any(|(key, reference)| {
                key.row().referent() == Some(entry.kind.referent()) && entry.is_called(reference)
            })
    }

    fn users_that(&self, is_named: impl Fn(&DeclaredUser) -> bool) -> Vec<usize> {
        let users = self.roster.users().iter().enumerate();
        let named = users.filter(|(_, user)| is_named(user));
        named.map(|(index, _)| index).collect()
    }

    /// By MIS value, or else by the number of the account that a user is pinned to.
    fn users_named(&self, written: &str) -> Vec<usize> {
        let name = UserName::of(written);
        let mut named = Vec::new();
        for mis_id in name.mis_ids() {
            for index in self.mis_ids.get(mis_id).into_iter().flatten() {
                if name.means(self.roster.users()[*index].role, mis_id) {
                    named.push(*index);
                }
            }
        }
        let id = written.parse().ok().map(AccountId::new);
        if let (true, Some(id)) = (named.is_empty(), id) {
            named.extend(self.ids.get(&id));
        }
        named
    }

    /// What was probably meant by a word that names nobody.
    fn suggestion(&self, kind: &SelectorKind) -> Option<String> {
        match kind {
            SelectorKind::User(written) => self.user_like(written),
            SelectorKind::Role(_) => None,
            SelectorKind::Classroom(written) => {
                let known = self.classrooms();
                let near = nearest(written, known.iter().copied())?;
                Some(format!("classroom:{near}"))
            }
            SelectorKind::CaseloadOf(written) => {
                let known = self.assessors();
                let near = nearest(written, known.iter().copied())?;
                (near != written).then(|| format!("assessor:{near}"))
            }
            SelectorKind::File(glob) => {
                let files = self.roster.users().iter().map(|user| &*user.place.file);
                let known: HashSet<&str> = files.collect();
                let near = nearest(glob.written(), known.iter().copied())?;
                Some(format!("file:{near}"))
            }
        }
    }

    /// A known word with another form before the colon, or a MIS value.
    fn user_like(&self, written: &str) -> Option<String> {
        if let Some((form, of)) = written.split_once(':') {
            let forms = FORMS.iter().map(|(form, _)| *form);
            let near = nearest(form, forms.chain(ROLES.iter().map(|row| row.name)))?;
            return (near != form).then(|| format!("{near}:{of}"));
        }
        nearest_key(written, self.mis_ids.keys().copied()).map(str::to_owned)
    }

    /// The names and MIS values of classrooms, as far as they are known.
    fn classrooms(&self) -> HashSet<&str> {
        let mut names: HashSet<&str> = HashSet::default();
        for user in self.roster.users() {
            names.extend(reference(user, Key::Classroom).and_then(written));
        }
        for entry in classrooms(self.live) {
            names.insert(&entry.name);
            names.extend(entry.mis_id.as_deref());
        }
        names
    }

    /// The MIS values of those who have learners, as the manifests write them.
    fn assessors(&self) -> HashSet<&str> {
        let users = self.roster.users().iter();
        let named = users.filter_map(|user| reference(user, Key::DefaultAssessor));
        named.filter_map(written).collect()
    }
}

fn classrooms(live: Option<&Snapshot>) -> &[DirectoryEntry] {
    live.map_or(&[], |live| live.directory.of(Referent::Classroom))
}

fn reference(user: &DeclaredUser, key: Key) -> Option<&Reference> {
    match user.values.get(key)? {
        Value::Reference(reference) => Some(reference),
        Value::Text(_) | Value::Day(_) | Value::Instant(_) | Value::Flag(_) => None,
    }
}

/// The text of a reference by MIS value or name.
fn written(reference: &Reference) -> Option<&str> {
    match reference {
        Reference::Named(text) | Reference::MisId(text) | Reference::Name(text) => Some(text),
        Reference::Id(_) | Reference::Email(_) => None,
    }
}

/// A classroom that is named by MIS value, else by name, else by number. Several may have one name.
struct NamedClassroom<'r> {
    name: &'r str,
    id: Option<EntryId>,
    entries: Vec<&'r DirectoryEntry>,
}

impl<'r> NamedClassroom<'r> {
    fn of(name: &'r str, live: Option<&'r Snapshot>) -> Self {
        let id: Option<EntryId> = name.parse().ok();
        let known = classrooms(live);
        let mut entries = Vec::new();
        let forms: [&dyn Fn(&&DirectoryEntry) -> bool; 3] = [
            &|entry| entry.mis_id.as_deref() == Some(name),
            &|entry| entry.name == name,
            &|entry| Some(entry.id) == id,
        ];
        for is_it in forms {
            if entries.is_empty() {
                entries.extend(known.iter().filter(is_it));
            }
        }
        Self { name, id, entries }
    }

    fn ids(&self) -> HashSet<EntryId> {
        let entries = self.entries.iter().map(|entry| entry.id);
        entries.chain(self.id).collect()
    }

    fn is(&self, named: &Reference) -> bool {
        let mut entries = self.entries.iter();
        match named {
            Reference::Named(text) => {
                text == self.name
                    || entries
                        .any(|entry| entry.name == *text || entry.mis_id.as_deref() == Some(text))
            }
            Reference::MisId(text) => {
                text == self.name || entries.any(|entry| entry.mis_id.as_deref() == Some(text))
            }
            Reference::Name(text) => text == self.name || entries.any(|entry| entry.name == *text),
            Reference::Id(id) => Some(*id) == self.id || entries.any(|entry| entry.id == *id),
            Reference::Email(_) => false,
        }
    }
}

/// An assessor who is named by MIS value or number, with all that a reference may name them by.
#[derive(Default)]
struct NamedAssessor {
    name: String,
    /// Each MIS value, with the roles in which the assessor has it.
    mis_ids: HashSet<(String, Role)>,
    ids: HashSet<AccountId>,
    /// In lower case.
    emails: HashSet<String>,
}

impl NamedAssessor {
    fn of(name: &str, sides: &SelectedFrom<'_>) -> Self {
        let mut assessor = Self {
            name: name.to_owned(),
            ..Self::default()
        };
        for index in sides.users_named(name) {
            let user = &sides.roster.users()[index];
            let email = user.text(Key::Email);
            assessor.add(user.role, user.mis_id(), user.id, email);
        }
        let named = sides.live.map(|live| live.named(UserName::of(name)));
        assessor.add_accounts(named.unwrap_or_default());
        // A number is that of an account only if nobody has it as MIS value.
        let number: Option<i64> = name.parse().ok();
        if let (true, Some(number)) = (assessor.mis_ids.is_empty(), number) {
            let id = AccountId::new(number);
            assessor.ids.insert(id);
            assessor.add_accounts(sides.live.and_then(|live| live.account(id)));
        }
        assessor
    }

    fn add_accounts<'s>(&mut self, accounts: impl IntoIterator<Item = &'s Account>) {
        for account in accounts {
            let email = account.text(Key::Email);
            let (mis_id, id) = (account.mis_id(), Some(account.id));
            self.add(account.role, mis_id, id, email.as_deref());
        }
    }

    fn add(
        &mut self,
        role: Role,
        mis_id: Option<&str>,
        id: Option<AccountId>,
        email: Option<&str>,
    ) {
        if ASSESSING.contains(&role) {
            self.mis_ids
                .extend(mis_id.map(|mis_id| (mis_id.trim().to_owned(), role)));
            self.ids.extend(id);
            self.emails.extend(email.map(str::to_lowercase));
        }
    }

    fn ids(&self) -> HashSet<EntryId> {
        self.ids.iter().map(|id| EntryId::from(*id)).collect()
    }

    fn is(&self, named: &Reference) -> bool {
        match named {
            Reference::Named(text) | Reference::MisId(text) => {
                let name = UserName::of(text);
                *text == self.name
                    || self
                        .mis_ids
                        .iter()
                        .any(|(mis_id, role)| name.means(*role, mis_id))
            }
            Reference::Id(id) => self.ids.contains(&id.account()),
            Reference::Email(email) => self.emails.contains(&email.to_lowercase()),
            Reference::Name(_) => false,
        }
    }
}
