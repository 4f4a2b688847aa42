//! Why a user is on hold, as data.

use jiff::Timestamp;

use crate::domain::field::Key;
use crate::domain::role::Role;
use crate::domain::{
    AccountId, EntryId, IdentityMark, LeftOut, Reference, UnclearCreate, UserIdentity,
};
use crate::findings::Rule;
use crate::findings::source::Place;
use crate::plan::archive_hold::ArchiveHold;
use crate::plan::assignment_hold::AssignmentHold;
use crate::plan::operation::Change;

/// A live account that may belong to a declared user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LikelyAccount {
    pub id: AccountId,
    pub role: Role,
    pub mis_id: Option<String>,
    /// The marks that it shares with the user.
    pub same: Vec<IdentityMark>,
    /// The fields that speak against it: both have them, and they differ. Empty if the account puts the user on hold.
    pub differs: Vec<Key>,
}

/// An account with its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleAccount {
    pub id: AccountId,
    pub role: Role,
}

/// An account that was a user's and isn't shown as such any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerAccount {
    pub id: AccountId,
    /// The role and MIS value under which it was seen.
    pub was: UserIdentity,
    /// When it was last seen.
    pub until: Timestamp,
    /// What it shows now; `None` if no list shows it.
    pub now: Option<ShownNow>,
}

/// The role and MIS value of an account now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownNow {
    pub role: Role,
    pub mis_id: Option<String>,
}

/// Why nothing is done for a user until a person decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HoldReason {
    /// Several accounts have the MIS value.
    SeveralAccounts(Vec<AccountId>),
    /// The pinned account has another role.
    RoleDiffers { id: AccountId, live: Role },
    /// Only accounts of other roles have the MIS value, and nothing says that the person has one for each role.
    OtherRoles {
        own: Role,
        accounts: Vec<RoleAccount>,
    },
    /// The pinned account doesn't exist.
    NoSuchAccount(AccountId),
    /// The pinned account has another MIS value.
    OtherMisId { id: AccountId, live: String },
    /// Several declared users claim this account; the places of the others.
    SharedAccount { id: AccountId, others: Vec<Place> },
    /// Nothing has the name that a reference gives.
    Unknown {
        key: Key,
        reference: Reference,
        suggestion: Option<String>,
    },
    /// Several entries or accounts have the name that a reference gives.
    Ambiguous {
        key: Key,
        reference: Reference,
        ids: Vec<EntryId>,
    },
    /// The user referred to has the wrong role.
    CannotServe {
        key: Key,
        reference: Reference,
        role: Role,
    },
    /// The user referred to isn't declared any more, and has no account.
    LeftManifests { key: Key, reference: Reference },
    /// The user referred to is on hold.
    DependsOnHeld { key: Key, reference: Reference },
    /// The user referred to has no account, and isn't planned in this run.
    DependsOnUnplanned {
        key: Key,
        reference: Reference,
        why: LeftOut,
    },
    /// Accounts have the MIS value that belong to somebody else, as `distinctFrom` says.
    MisIdTaken(Vec<AccountId>),
    /// Accounts other than the pinned one have the MIS value.
    MisIdElsewhere(Vec<AccountId>),
    /// The create needs these fields, and the overlay that would give them is missing in this run.
    AwaitsOverlay(Vec<Key>),
    /// The create needs these fields, and what is declared for them can't be meant; the rule says why.
    UnfitValues(Vec<(Key, &'static Rule)>),
    /// Live accounts that may belong to this person, and those that don't, as `distinctFrom` says.
    MayExist {
        accounts: Vec<LikelyAccount>,
        others: Vec<AccountId>,
    },
    /// This change edits the MIS value of a user; the accounts that have the former one.
    ReKeyed {
        from: String,
        accounts: Vec<AccountId>,
    },
    /// This account has the MIS value that `formerMisId` names, and doesn't show that it is this person's.
    FormerUnproven { id: AccountId, former: String },
    /// The user has an account already, and these accounts still have the MIS value that `formerMisId` names.
    FormerAccountToo {
        former: String,
        accounts: Vec<AccountId>,
    },
    /// No account of this role has the MIS value that `formerMisId` names.
    NoFormerAccount { former: String, role: Role },
    /// The update would replace several of the fields that tell people apart, so the account may belong to somebody else. The
    /// changes of those fields.
    AnotherPerson(Vec<Change>),
    /// The update would set a value that belongs to somebody else: to these accounts, or to declared users at these places.
    ValueTaken {
        key: Key,
        accounts: Vec<AccountId>,
        others: Vec<Place>,
    },
    /// Many updates of this field take values that other accounts give up in the same plan, so the column has moved.
    ColumnMoved {
        key: Key,
        /// How many updates do that.
        taken: usize,
        /// How many updates of the field there are for this role.
        updates: usize,
    },
    /// Other declared users, at these places, look like the same person. Creating an account can't be undone.
    AlsoDeclared {
        same: IdentityMark,
        others: Vec<Place>,
        /// The accounts of those who have one.
        accounts: Vec<AccountId>,
    },
    /// An earlier run tried to create this account and never learnt whether it exists.
    Unclear {
        /// As text names the user.
        name: String,
        create: UnclearCreate,
    },
    /// Earlier creates, under MIS values that no manifest declares any more, may have made this person's account.
    EarlierCreates(Vec<(String, UnclearCreate)>),
    /// The lists of these roles couldn't be read completely, so the account may exist.
    PictureNotWhole(Vec<Role>),
    /// These accounts exist and no list shows them, so lists may hide others.
    ListsHide(Vec<AccountId>),
    /// The account's own record contradicts the list, or can't be read.
    Unreadable(AccountId),
    /// The pinned account differs in every one of name, e-mail and ULN that is declared.
    SomebodyElse(AccountId),
    /// No list shows MIS values, so no account can be found by one.
    MisValuesNotShown,
    /// These accounts were this user's. They may be archived or deleted.
    HadAccount(Vec<FormerAccount>),
    /// The user was declared before this change and has no account, which may be archived or deleted.
    DeclaredBefore,
    /// The account is archived or about to be, or the user names somebody who leaves.
    Archive(ArchiveHold),
    /// What the learner is to get by calls of its own can't be assigned.
    Assignment(AssignmentHold),
}

impl HoldReason {
    /// The numbers that the reason is about: of accounts, or of the entries that a reference may mean.
    pub fn ids(&self) -> Vec<EntryId> {
        if let Self::Ambiguous { ids, .. } = self {
            return ids.clone();
        }
        self.accounts().into_iter().map(EntryId::from).collect()
    }

    /// The accounts that the reason is about. Numbers of classrooms and the like aren't among them.
    pub(crate) fn accounts(&self) -> Vec<AccountId> {
        match self {
            Self::SeveralAccounts(ids)
            | Self::MisIdTaken(ids)
            | Self::MisIdElsewhere(ids)
            | Self::ReKeyed { accounts: ids, .. }
            | Self::FormerAccountToo { accounts: ids, .. }
            | Self::AlsoDeclared { accounts: ids, .. }
            | Self::ValueTaken { accounts: ids, .. }
            | Self::ListsHide(ids) => ids.clone(),
            Self::Ambiguous { key, ids, .. } => match key.row().refers_to() {
                Some(referent) if referent.is_user() => ids.iter().map(|id| id.account()).collect(),
                Some(_) | None => Vec::new(),
            },
            Self::MayExist { accounts, .. } => accounts.iter().map(|likely| likely.id).collect(),
            Self::OtherRoles { accounts, .. } => {
                accounts.iter().map(|account| account.id).collect()
            }
            Self::RoleDiffers { id, .. }
            | Self::NoSuchAccount(id)
            | Self::OtherMisId { id, .. }
            | Self::FormerUnproven { id, .. }
            | Self::SharedAccount { id, .. }
            | Self::Unreadable(id)
            | Self::SomebodyElse(id) => vec![*id],
            Self::Archive(hold) => hold.accounts(),
            Self::Assignment(hold) => hold.accounts(),
            Self::HadAccount(accounts) => accounts.iter().map(|former| former.id).collect(),
            Self::Unclear { create, .. } => create.doubt.account().into_iter().collect(),
            Self::EarlierCreates(creates) => creates
                .iter()
                .filter_map(|(_, create)| create.doubt.account())
                .collect(),
            Self::Unknown { .. }
            | Self::CannotServe { .. }
            | Self::LeftManifests { .. }
            | Self::DependsOnHeld { .. }
            | Self::DependsOnUnplanned { .. }
            | Self::AwaitsOverlay(_)
            | Self::UnfitValues(_)
            | Self::AnotherPerson(_)
            | Self::ColumnMoved { .. }
            | Self::PictureNotWhole(_)
            | Self::DeclaredBefore
            | Self::NoFormerAccount { .. }
            | Self::MisValuesNotShown => Vec::new(),
        }
    }

    /// Whether it says that the user may have had an account before.
    pub(crate) fn is_about_the_past(&self) -> bool {
        matches!(
            self,
            Self::HadAccount(_) | Self::DeclaredBefore | Self::NoFormerAccount { .. }
        )
    }

    /// The declared fields that the reason is about.
    pub fn keys(&self) -> Vec<Key> {
        match self {
            Self::Unknown { key, .. }
            | Self::Ambiguous { key, .. }
            | Self::CannotServe { key, .. }
            | Self::LeftManifests { key, .. }
            | Self::DependsOnHeld { key, .. }
            | Self::DependsOnUnplanned { key, .. }
            | Self::ValueTaken { key, .. }
            | Self::ColumnMoved { key, .. } => vec![*key],
            Self::Archive(hold) => hold.key().into_iter().collect(),
            Self::Assignment(hold) => hold.keys(),
            Self::AwaitsOverlay(keys) => keys.clone(),
            Self::AnotherPerson(changes) => changes.iter().map(|change| change.key).collect(),
            Self::UnfitValues(fields) => fields.iter().map(|(key, _)| *key).collect(),
            Self::SeveralAccounts(_)
            | Self::RoleDiffers { .. }
            | Self::OtherRoles { .. }
            | Self::NoSuchAccount(_)
            | Self::OtherMisId { .. }
            | Self::SharedAccount { .. }
            | Self::MisIdTaken(_)
            | Self::MisIdElsewhere(_)
            | Self::MayExist { .. }
            | Self::ReKeyed { .. }
            | Self::FormerUnproven { .. }
            | Self::FormerAccountToo { .. }
            | Self::NoFormerAccount { .. }
            | Self::AlsoDeclared { .. }
            | Self::Unclear { .. }
            | Self::EarlierCreates(_)
            | Self::PictureNotWhole(_)
            | Self::ListsHide(_)
            | Self::Unreadable(_)
            | Self::SomebodyElse(_)
            | Self::HadAccount(_)
            | Self::DeclaredBefore
            | Self::MisValuesNotShown => Vec::new(),
        }
    }
}
