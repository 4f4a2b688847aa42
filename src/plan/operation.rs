//! Operations as data: what is going to be done for one declared user, placement or classroom. A new kind of operation is a variant of
//! [`Operation`] and of [`OperationKind`]; the compiler then names every place that has to know it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::domain::field::Key;
use crate::domain::role::Role;
use crate::domain::{
    Account, AccountId, ArchiveMove, DeclaredUser, EntryId, EntryKind, IdentityMark, ObservedValue,
    Scope, SentAssignment, StandardId, UnitId, UserIdentity, UserNames, Value,
};
use crate::findings::source::Place;
use crate::plan::hold::LikelyAccount;

/// One thing to do for one declared user, placement or classroom. A user may have several operations, of different kinds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    CreateEntry(CreateEntry),
    UpdateEntry(UpdateEntry),
    Unarchive(Unarchive),
    Create(Create),
    Update(Update),
    Assign(Assign),
    Archive(Archive),
}

/// A new placement or classroom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateEntry {
    pub entry: EntryLabel,
    pub place: Place,
    /// `None` if there is no base to compare with.
    pub origin: Option<Origin>,
    /// Every declared field, in the order of the table of fields.
    pub changes: Vec<Change>,
    pub effects: Vec<Effect>,
}

/// New values for a placement or classroom that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateEntry {
    pub entry: EntryLabel,
    pub place: Place,
    /// `None` if there is no base to compare with.
    pub origin: Option<Origin>,
    pub id: EntryId,
    /// The fields that differ. Never empty.
    pub changes: Vec<Change>,
    pub effects: Vec<Effect>,
}

/// Something that a learner gets by a call of its own, and that no call takes away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assign {
    pub user: UserLabel,
    pub place: Place,
    /// `None` if there is no base to compare with.
    pub origin: Option<Origin>,
    pub learner: AssignedLearner,
    /// One change: the field, and what the learner gets.
    pub changes: Vec<Change>,
    pub effects: Vec<Effect>,
}

/// The learner who gets something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssignedLearner {
    Known(AccountId),
    /// The learner whom the same plan creates.
    AfterApply(UserIdentity),
}

/// An account that comes back from the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unarchive {
    pub user: UserLabel,
    pub place: Place,
    /// `None` if there is no base to compare with.
    pub origin: Option<Origin>,
    pub account: AccountId,
    /// `archived` alone.
    pub changes: Vec<Change>,
    pub effects: Vec<Effect>,
}

/// A new account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    pub user: UserLabel,
    pub place: Place,
    /// `None` if there is no base to compare with.
    pub origin: Option<Origin>,
    /// The learner reference. The account is searched for by it before and after the call.
    pub mis_id: String,
    /// Every declared field, in the order of the table of fields.
    pub changes: Vec<Change>,
    pub effects: Vec<Effect>,
    /// The marks by which every live account was compared with this user.
    pub checked_by: Vec<IdentityMark>,
    /// Accounts that look like this user's and are somebody else's, as far as is known.
    pub notes: Vec<LikelyAccount>,
    /// Accounts that aren't the new one, as the manifest says: somebody else's, or others of the same person.
    pub distinct_from: BTreeSet<AccountId>,
    /// Accounts of this person that OneFile doesn't show any more, as the manifest says.
    pub replaces: BTreeSet<AccountId>,
}

/// New values for an account that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    pub user: UserLabel,
    pub place: Place,
    /// `None` if there is no base to compare with.
    pub origin: Option<Origin>,
    pub account: AccountId,
    /// The fields that differ, in the order of the table of fields. Never empty.
    pub changes: Vec<Change>,
    pub effects: Vec<Effect>,
    /// The marks among the changes by which every live account was compared with this user.
    pub checked_by: Vec<IdentityMark>,
}

/// An account that is archived, because its user has left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    pub user: UserLabel,
    pub place: Place,
    /// `None` if there is no base to compare with.
    pub origin: Option<Origin>,
    pub account: AccountId,
    /// `archived`, and what the manifest says about the leaver. OneFile gets none of it.
    pub changes: Vec<Change>,
    pub effects: Vec<Effect>,
    /// Learners whom other operations of the plan take away from this account. They come first.
    pub after: BTreeSet<AccountId>,
}

/// The kinds of operations, in the order in which they are applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OperationKind {
    CreateEntry,
    UpdateEntry,
    Unarchive,
    Create,
    Update,
    Assign,
    Archive,
}

impl OperationKind {
    pub const ALL: [Self; 7] = [
        Self::CreateEntry,
        Self::UpdateEntry,
        Self::Unarchive,
        Self::Create,
        Self::Update,
        Self::Assign,
        Self::Archive,
    ];

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::CreateEntry => "createEntry",
            Self::UpdateEntry => "updateEntry",
            Self::Assign => "assign",
            Self::Unarchive => "unarchive",
            Self::Create => "create",
            Self::Update => "update",
            Self::Archive => "archive",
        }
    }

    /// The verb in text for people.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Unarchive => "bring back",
            Self::CreateEntry => "create",
            Self::UpdateEntry => "update",
            Self::Create | Self::Update | Self::Assign | Self::Archive => self.name(),
        }
    }

    /// The verb for what was done.
    pub fn past(self) -> &'static str {
        match self {
            Self::Unarchive => "brought back",
            Self::CreateEntry | Self::Create => "created",
            Self::UpdateEntry | Self::Update => "updated",
            Self::Assign => "assigned",
            Self::Archive => "archived",
        }
    }
}

impl Operation {
    pub fn kind(&self) -> OperationKind {
        match self {
            Self::CreateEntry(_) => OperationKind::CreateEntry,
            Self::UpdateEntry(_) => OperationKind::UpdateEntry,
            Self::Unarchive(_) => OperationKind::Unarchive,
            Self::Create(_) => OperationKind::Create,
            Self::Update(_) => OperationKind::Update,
            Self::Assign(_) => OperationKind::Assign,
            Self::Archive(_) => OperationKind::Archive,
        }
    }

    /// What the operation is about.
    pub fn subject(&self) -> OperationSubject<'_> {
        match self {
            Self::CreateEntry(CreateEntry { entry, .. })
            | Self::UpdateEntry(UpdateEntry { entry, .. }) => OperationSubject::Entry(entry),
            Self::Unarchive(Unarchive { user, .. })
            | Self::Create(Create { user, .. })
            | Self::Update(Update { user, .. })
            | Self::Assign(Assign { user, .. })
            | Self::Archive(Archive { user, .. }) => OperationSubject::User(user),
        }
    }

    /// The user whom the operation is about; `None` if it is about a placement or a classroom.
    pub fn user(&self) -> Option<&UserLabel> {
        match self.subject() {
            OperationSubject::User(user) => Some(user),
            OperationSubject::Entry(_) => None,
        }
    }

    /// The kind of placement or classroom that the operation is about; `None` if it is about a user.
    pub fn entry_kind(&self) -> Option<EntryKind> {
        match self.subject() {
            OperationSubject::User(_) => None,
            OperationSubject::Entry(entry) => Some(entry.kind),
        }
    }

    /// Where the user, placement or classroom is declared.
    pub fn place(&self) -> &Place {
        match self {
            Self::CreateEntry(CreateEntry { place, .. })
            | Self::UpdateEntry(UpdateEntry { place, .. })
            | Self::Unarchive(Unarchive { place, .. })
            | Self::Create(Create { place, .. })
            | Self::Update(Update { place, .. })
            | Self::Assign(Assign { place, .. })
            | Self::Archive(Archive { place, .. }) => place,
        }
    }

    /// What the operation comes from; `None` if there is no base to compare with.
    pub fn origin(&self) -> Option<Origin> {
        match self {
            Self::CreateEntry(CreateEntry { origin, .. })
            | Self::UpdateEntry(UpdateEntry { origin, .. })
            | Self::Unarchive(Unarchive { origin, .. })
            | Self::Create(Create { origin, .. })
            | Self::Update(Update { origin, .. })
            | Self::Assign(Assign { origin, .. })
            | Self::Archive(Archive { origin, .. }) => *origin,
        }
    }

    /// What a person reviews: the fields that are sent, in the order of the table of fields.
    pub fn changes(&self) -> &[Change] {
        match self {
            Self::CreateEntry(CreateEntry { changes, .. })
            | Self::UpdateEntry(UpdateEntry { changes, .. })
            | Self::Unarchive(Unarchive { changes, .. })
            | Self::Create(Create { changes, .. })
            | Self::Update(Update { changes, .. })
            | Self::Assign(Assign { changes, .. })
            | Self::Archive(Archive { changes, .. }) => changes,
        }
    }

    /// The keys of the fields that are sent, in the same order.
    pub fn keys(&self) -> impl Iterator<Item = Key> {
        self.changes().iter().map(|change| change.key)
    }

    pub fn effects(&self) -> &[Effect] {
        match self {
            Self::CreateEntry(CreateEntry { effects, .. })
            | Self::UpdateEntry(UpdateEntry { effects, .. })
            | Self::Unarchive(Unarchive { effects, .. })
            | Self::Create(Create { effects, .. })
            | Self::Update(Update { effects, .. })
            | Self::Assign(Assign { effects, .. })
            | Self::Archive(Archive { effects, .. }) => effects,
        }
    }

    /// The account that the operation changes; `None` if there is none yet, or if it is about a placement or a classroom.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::CreateEntry(_) | Self::UpdateEntry(_) | Self::Create(_) => None,
            Self::Assign(assign) => match assign.learner {
                AssignedLearner::Known(account) => Some(account),
                AssignedLearner::AfterApply(_) => None,
            },
            Self::Unarchive(Unarchive { account, .. })
            | Self::Update(Update { account, .. })
            | Self::Archive(Archive { account, .. }) => Some(*account),
        }
    }

    /// The user whose account the operation makes, if it makes one.
    pub fn created_user(&self) -> Option<UserIdentity> {
        match self {
            Self::Create(create) => Some(create.identity()),
            Self::CreateEntry(_)
            | Self::UpdateEntry(_)
            | Self::Unarchive(_)
            | Self::Update(_)
            | Self::Assign(_)
            | Self::Archive(_) => None,
        }
    }

    /// The marks by which every live account was compared with the user.
    pub fn checked_by(&self) -> &[IdentityMark] {
        match self {
            Self::Create(Create { checked_by, .. }) | Self::Update(Update { checked_by, .. }) => {
                checked_by
            }
            Self::CreateEntry(_)
            | Self::UpdateEntry(_)
            | Self::Unarchive(_)
            | Self::Assign(_)
            | Self::Archive(_) => &[],
        }
    }

    fn as_create(&self) -> Option<&Create> {
        match self {
            Self::Create(create) => Some(create),
            Self::CreateEntry(_)
            | Self::UpdateEntry(_)
            | Self::Unarchive(_)
            | Self::Update(_)
            | Self::Assign(_)
            | Self::Archive(_) => None,
        }
    }

    /// Accounts that look like the user's and are somebody else's, as far as is known.
    pub fn notes(&self) -> &[LikelyAccount] {
        self.as_create().map_or(&[], |create| &create.notes)
    }

    /// The accounts that OneFile doesn't show any more and that the operation puts a new one in the place of.
    pub fn replaces(&self) -> impl Iterator<Item = AccountId> {
        let replaced = self.as_create().map(|create| &create.replaces);
        replaced.into_iter().flatten().copied()
    }

    /// The accounts whose earlier operations of the same plan have to be done before this one.
    pub fn follows(&self) -> impl Iterator<Item = AccountId> {
        let (own, others) = match self {
            Self::CreateEntry(_) | Self::UpdateEntry(_) | Self::Unarchive(_) | Self::Create(_) => {
                (None, None)
            }
            Self::Update(update) => (Some(update.account), None),
            Self::Assign(_) => (self.account(), None),
            Self::Archive(archive) => (Some(archive.account), Some(&archive.after)),
        };
        own.into_iter().chain(others.into_iter().flatten().copied())
    }

    /// Where the operation moves the account, if it moves it into the archive or out of it.
    pub fn archive_move(&self) -> Option<ArchiveMove> {
        match self {
            Self::Unarchive(_) => Some(ArchiveMove::Unarchive),
            Self::Archive(_) => Some(ArchiveMove::Archive),
            Self::CreateEntry(_)
            | Self::UpdateEntry(_)
            | Self::Create(_)
            | Self::Update(_)
            | Self::Assign(_) => None,
        }
    }

    /// Whether nothing shows afterwards that it was done.
    pub fn is_unconfirmed(&self) -> bool {
        let can_be = match self {
            Self::Unarchive(_) | Self::Archive(_) | Self::Assign(_) => true,
            Self::CreateEntry(_) | Self::UpdateEntry(_) | Self::Create(_) | Self::Update(_) => {
                false
            }
        };
        let is_shown = self.changes().iter().all(|change| change.is_verifiable);
        can_be && !is_shown
    }

    /// The users whose accounts the same plan has to create first.
    pub fn awaits(&self) -> impl Iterator<Item = &UserIdentity> {
        let own = match self {
            Self::Assign(Assign {
                learner: AssignedLearner::AfterApply(user),
                ..
            }) => Some(user),
            _ => None,
        };
        let referred = self.changes().iter().filter_map(|change| match &change.to {
            ResolvedValue::Reference {
                target: ReferenceTarget::AfterApply(user),
                ..
            } => Some(user),
            ResolvedValue::Reference { .. } | ResolvedValue::Value(_) => None,
        });
        own.into_iter().chain(referred)
    }

    /// The placements and classrooms that the same plan has to create first.
    pub fn awaits_entries(&self) -> impl Iterator<Item = &NewEntry> {
        self.changes().iter().filter_map(|change| match &change.to {
            ResolvedValue::Reference {
                target: ReferenceTarget::AfterEntry(entry),
                ..
            } => Some(entry),
            ResolvedValue::Reference { .. } | ResolvedValue::Value(_) => None,
        })
    }

    /// The placement or classroom that the operation makes, if it makes one.
    pub fn created_entry(&self) -> Option<NewEntry> {
        match self {
            Self::CreateEntry(create) => Some(create.new_entry()),
            Self::UpdateEntry(_)
            | Self::Unarchive(_)
            | Self::Create(_)
            | Self::Update(_)
            | Self::Assign(_)
            | Self::Archive(_) => None,
        }
    }
}

impl CreateEntry {
    pub fn new_entry(&self) -> NewEntry {
        self.entry.to_new()
    }
}

impl Assign {
    /// The template that the learner with this account gets, if it is one.
    pub fn template_for(&self, learner: AccountId) -> Option<SentAssignment> {
        let change = self.changes.first()?;
        match (change.key, &change.to) {
            (
                Key::FrameworkTemplate,
                ResolvedValue::Reference {
                    target: ReferenceTarget::Known(id),
                    ..
                },
            ) => Some(SentAssignment {
                learner,
                key: change.key,
                what: *id,
                standard: None,
            }),
            _ => None,
        }
    }
}

impl EntryLabel {
    /// Its kind and name alone.
    pub fn to_new(&self) -> NewEntry {
        NewEntry {
            kind: self.kind,
            name: self.name.clone(),
        }
    }
}

/// What an operation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationSubject<'o> {
    User(&'o UserLabel),
    Entry(&'o EntryLabel),
}

/// What tells people which placement or classroom is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryLabel {
    pub kind: EntryKind,
    /// As it is declared, or else as it is shown.
    pub name: String,
    pub mis_id: Option<String>,
    pub id: Option<EntryId>,
}

/// A placement or classroom that the same plan creates, by its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NewEntry {
    pub kind: EntryKind,
    pub name: String,
}

impl Create {
    pub fn identity(&self) -> UserIdentity {
        UserIdentity::new(self.user.role, &self.mis_id)
    }
}

/// Why an operation is in the plan, if the manifests are compared with a base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// This change to the manifests edits a field of it.
    ThisChange,
    /// The account has drifted, or an earlier change was never applied.
    Elsewhere,
}

impl Origin {
    /// The origin of a decision about a whole user; `None` without a base.
    pub(crate) fn of_user(scope: &Scope, index: usize) -> Option<Self> {
        scope.edit(index).map(|edit| Self::of(edit.is_edited))
    }

    pub(crate) fn of(is_edited: bool) -> Self {
        if is_edited {
            Self::ThisChange
        } else {
            Self::Elsewhere
        }
    }
}

/// What tells people which declared user is meant. The name is personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserLabel {
    pub role: Role,
    pub mis_id: Option<String>,
    /// Whether another role has the MIS value as well, declared or live. Then the MIS value alone doesn't name the user.
    pub is_shared: bool,
    pub id: Option<AccountId>,
    pub name: Option<String>,
}

impl UserLabel {
    /// If the manifest gives no name, the label has the name of the account.
    pub(crate) fn of(
        user: &DeclaredUser,
        account: Option<&Account>,
        names: &UserNames<'_>,
    ) -> Self {
        let name = full_name(|key| user.text(key).map(str::to_owned))
            .or_else(|| full_name(|key| account?.text(key)));
        Self {
            role: user.role,
            mis_id: user.mis_id().map(str::to_owned),
            is_shared: user
                .mis_id()
                .is_some_and(|mis_id| names.is_shared(user.role, mis_id)),
            id: user.id,
            name,
        }
    }

    /// The label of an account that nobody declares.
    pub(crate) fn of_account(account: &Account, names: &UserNames<'_>) -> Self {
        let mis_id = account.mis_id();
        Self {
            role: account.role,
            mis_id: mis_id.map(str::to_owned),
            is_shared: mis_id.is_some_and(|mis_id| names.is_shared(account.role, mis_id)),
            id: None,
            name: full_name(|key| account.text(key)),
        }
    }

    /// The name that commands take: `S-1`, or `assessor:S-1` if two roles have the MIS value.
    pub fn user_name(&self) -> Option<Cow<'_, str>> {
        let mis_id = self.mis_id.as_deref()?;
        Some(if self.is_shared {
            Cow::Owned(UserIdentity::new(self.role, mis_id).to_string())
        } else {
            Cow::Borrowed(mis_id)
        })
    }
}

/// First and last name, as far as they are known.
pub(crate) fn full_name(text: impl Fn(Key) -> Option<String>) -> Option<String> {
    match (text(Key::FirstName), text(Key::LastName)) {
        (Some(first), Some(last)) => Some(format!("{first} {last}")),
        (first, last) => first.or(last),
    }
}

/// A field that gets a new value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub key: Key,
    /// What the account has now; `None` if that is empty.
    pub from: Option<LiveValue>,
    pub to: ResolvedValue,
    /// Whether a later reading can show that the field was set: accounts of the role show it.
    pub is_verifiable: bool,
}

/// A live value, and the name of what it refers to if that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveValue {
    pub live: ObservedValue,
    pub label: Option<String>,
}

impl Change {
    /// The change that fills a field of a new account.
    pub(crate) fn first(key: Key, to: ResolvedValue) -> Self {
        Self {
            key,
            from: None,
            to,
            is_verifiable: true,
        }
    }
}

/// A value that can be sent: now, or once the account that it refers to exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResolvedValue {
    Value(Value),
    Reference {
        label: String,
        target: ReferenceTarget,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReferenceTarget {
    Known(EntryId),
    /// A unit within a standard.
    Unit {
        unit: UnitId,
        standard: StandardId,
    },
    /// The account that the same plan creates for this user.
    AfterApply(UserIdentity),
    /// The placement or classroom that the same plan creates.
    AfterEntry(NewEntry),
}

/// A side effect: what OneFile does, or doesn't do, besides changing the record (`docs/onefile-api.md`, Creating and Updating).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    EmailsPerson,
    /// The organisation's settings don't say whether it does.
    MayEmailPerson,
    /// The e-mail address changes, and the keychain keeps the old one.
    KeychainStays,
    /// A learner gets another assessor.
    AssessorChanges,
    /// The account leaves the lists, and a portfolio is read-only from then on.
    Archives,
    /// The account takes a licence's seat again.
    ComesBack,
    /// No call takes it away again.
    Stays,
}

impl Effect {
    /// Whether OneFile e-mails the person, or may.
    pub fn is_e_mail(&self) -> bool {
        match self {
            Self::EmailsPerson | Self::MayEmailPerson => true,
            Self::KeychainStays
            | Self::AssessorChanges
            | Self::Archives
            | Self::ComesBack
            | Self::Stays => false,
        }
    }
}
