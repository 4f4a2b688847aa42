//! Why a user is held, as data.

use crate::domain::field::{Key, Role};
use crate::domain::{Id, IdentityMark, Reference, UnclearCreate};
use crate::findings::source::Place;

/// A live account that may be a declared user's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LikelyAccount {
    pub id: Id,
    pub role: Role,
    pub mis_id: Option<String>,
    pub same: Vec<IdentityMark>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HoldReason {
    /// Several accounts have the MIS value.
    SeveralAccounts(Vec<Id>),
    RoleDiffers {
        id: Id,
        live: Role,
    },
    /// The pinned account isn't there.
    NoSuchAccount(Id),
    /// The pinned account has another MIS value.
    OtherMisId {
        id: Id,
        live: String,
    },
    /// Several declared users are this account; the places of the others.
    SharedAccount {
        id: Id,
        others: Vec<Place>,
    },
    /// Nothing is called so.
    Unknown {
        key: Key,
        reference: Reference,
        suggestion: Option<String>,
    },
    /// Several are called so.
    Ambiguous {
        key: Key,
        reference: Reference,
        ids: Vec<Id>,
    },
    /// The user referred to is of a role that can't serve.
    CannotServe {
        key: Key,
        reference: Reference,
        role: Role,
    },
    /// The user referred to is held.
    DependsOnHeld {
        key: Key,
        reference: Reference,
    },
    /// The user referred to has no account, and isn't planned in this run.
    DependsOnUnplanned {
        key: Key,
        reference: Reference,
    },
    /// Accounts that `distinctFrom` gives to somebody else have the MIS value.
    MisIdTaken(Vec<Id>),
    /// Accounts other than the pinned one have the MIS value.
    MisIdElsewhere(Vec<Id>),
    /// What a create needs and an overlay would give that isn't there in this run.
    AwaitsOverlay(Vec<Key>),
    /// Live accounts that may be this person's, and those that are said not to be.
    MayExist {
        accounts: Vec<LikelyAccount>,
        others: Vec<Id>,
    },
    /// The change gives a person another MIS value; the accounts with the former one.
    ReKeyed {
        from: String,
        accounts: Vec<Id>,
    },
    /// So many of the fields that tell people apart would change that the account may be somebody else's.
    AnotherPerson(Vec<Key>),
    /// Another declared user, at these places, looks like the same person; an account can't be taken back.
    AlsoDeclared {
        same: IdentityMark,
        others: Vec<Place>,
        /// Those of them that have accounts.
        accounts: Vec<Id>,
    },
    /// An earlier run created this account, or tried to, and no account is shown for it.
    Unclear {
        mis_id: String,
        create: UnclearCreate,
    },
    /// Earlier creates, by MIS values that no manifest declares any more, may have made this person's account.
    EarlierCreates(Vec<(String, UnclearCreate)>),
    /// The lists of these roles couldn't be read to their end, so that an account may exist unseen.
    PictureNotWhole(Vec<Role>),
    /// These accounts exist and no list shows them, so that others may be hidden too.
    ListsHide(Vec<Id>),
    /// What the account shows contradicts the list, or makes no sense.
    Unreadable(Id),
    /// The pinned account differs in name, e-mail and ULN, as far as they are declared.
    SomebodyElse(Id),
    /// No list shows MIS values, so that nobody can be found by one.
    MisValuesNotShown,
}

impl HoldReason {
    /// What it is called where machines read it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::SeveralAccounts(_) => "severalAccounts",
            Self::RoleDiffers { .. } => "roleDiffers",
            Self::NoSuchAccount(_) => "noSuchAccount",
            Self::OtherMisId { .. } => "otherMisId",
            Self::SharedAccount { .. } => "sharedAccount",
            Self::Unknown { .. } => "unknown",
            Self::Ambiguous { .. } => "ambiguous",
            Self::CannotServe { .. } => "cannotServe",
            Self::DependsOnHeld { .. } => "dependsOnHeld",
            Self::DependsOnUnplanned { .. } => "dependsOnUnplanned",
            Self::MisIdTaken(_) => "misIdTaken",
            Self::MisIdElsewhere(_) => "misIdElsewhere",
            Self::AwaitsOverlay(_) => "awaitsOverlay",
            Self::MayExist { .. } => "mayExist",
            Self::ReKeyed { .. } => "reKeyed",
            Self::AnotherPerson(_) => "anotherPerson",
            Self::AlsoDeclared { .. } => "alsoDeclared",
            Self::Unclear { .. } => "unclear",
            Self::EarlierCreates(_) => "earlierCreates",
            Self::PictureNotWhole(_) => "pictureNotWhole",
            Self::ListsHide(_) => "listsHide",
            Self::Unreadable(_) => "unreadable",
            Self::SomebodyElse(_) => "somebodyElse",
            Self::MisValuesNotShown => "misValuesNotShown",
        }
    }

    /// The numbers that it names: of accounts, or of what a reference may mean.
    pub fn ids(&self) -> Vec<Id> {
        match self {
            Self::SeveralAccounts(ids)
            | Self::MisIdTaken(ids)
            | Self::MisIdElsewhere(ids)
            | Self::Ambiguous { ids, .. }
            | Self::ReKeyed { accounts: ids, .. }
            | Self::AlsoDeclared { accounts: ids, .. }
            | Self::ListsHide(ids) => ids.clone(),
            Self::MayExist { accounts, .. } => accounts.iter().map(|likely| likely.id).collect(),
            Self::RoleDiffers { id, .. }
            | Self::NoSuchAccount(id)
            | Self::OtherMisId { id, .. }
            | Self::SharedAccount { id, .. }
            | Self::Unreadable(id)
            | Self::SomebodyElse(id) => vec![*id],
            Self::Unclear { create, .. } => create.doubt.account().into_iter().collect(),
            Self::EarlierCreates(creates) => creates
                .iter()
                .filter_map(|(_, create)| create.doubt.account())
                .collect(),
            Self::Unknown { .. }
            | Self::CannotServe { .. }
            | Self::DependsOnHeld { .. }
            | Self::DependsOnUnplanned { .. }
            | Self::AwaitsOverlay(_)
            | Self::AnotherPerson(_)
            | Self::PictureNotWhole(_)
            | Self::MisValuesNotShown => Vec::new(),
        }
    }

    /// The declared fields that it is about.
    pub fn keys(&self) -> Vec<Key> {
        match self {
            Self::Unknown { key, .. }
            | Self::Ambiguous { key, .. }
            | Self::CannotServe { key, .. }
            | Self::DependsOnHeld { key, .. }
            | Self::DependsOnUnplanned { key, .. } => vec![*key],
            Self::AwaitsOverlay(keys) | Self::AnotherPerson(keys) => keys.clone(),
            Self::SeveralAccounts(_)
            | Self::RoleDiffers { .. }
            | Self::NoSuchAccount(_)
            | Self::OtherMisId { .. }
            | Self::SharedAccount { .. }
            | Self::MisIdTaken(_)
            | Self::MisIdElsewhere(_)
            | Self::MayExist { .. }
            | Self::ReKeyed { .. }
            | Self::AlsoDeclared { .. }
            | Self::Unclear { .. }
            | Self::EarlierCreates(_)
            | Self::PictureNotWhole(_)
            | Self::ListsHide(_)
            | Self::Unreadable(_)
            | Self::SomebodyElse(_)
            | Self::MisValuesNotShown => Vec::new(),
        }
    }
}
