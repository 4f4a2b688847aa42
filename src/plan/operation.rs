//! What a plan consists of, as data.

use std::collections::BTreeSet;

use crate::domain::field::{Key, Role};
use crate::domain::{Account, DeclaredUser, Id, IdentityMark, Organisation, RawValue, Value};
use crate::findings::source::Place;
use crate::plan::hold::HoldReason;
use crate::plan::limits::LimitExcess;

/// The ordered operations, and what is held back and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub organisation: Organisation,
    /// In the order in which they have to be applied.
    pub operations: Vec<Operation>,
    pub held: Vec<HeldUser>,
    /// Declared users whose account is as declared, in what was compared.
    pub unchanged: usize,
    /// Live accounts that no declared user names, in order.
    pub undeclared: Vec<Id>,
    /// How many of them don't show the e-mail address, so that nobody could be told from them by it.
    pub unseen: usize,
    /// Declared users whose account was found.
    pub matched: usize,
    /// Declared values that no account of their role shows, and so can't be compared.
    pub not_compared: usize,
    /// How many fields aren't managed, because an overlay isn't there.
    pub unmanaged: usize,
    /// How many declared users aren't planned, because this change doesn't edit them.
    pub left_out: usize,
    /// The limits of the policy that this plan passes.
    pub excesses: Vec<LimitExcess>,
}

impl Plan {
    /// A plan of nothing.
    pub fn empty(organisation: Organisation) -> Self {
        Self {
            organisation,
            operations: Vec::new(),
            held: Vec::new(),
            unchanged: 0,
            undeclared: Vec::new(),
            unseen: 0,
            matched: 0,
            not_compared: 0,
            unmanaged: 0,
            left_out: 0,
            excesses: Vec::new(),
        }
    }

    pub fn creates(&self) -> usize {
        self.operations
            .iter()
            .filter(|operation| operation.action == Action::Create)
            .count()
    }

    pub fn updates(&self) -> usize {
        self.operations.len() - self.creates()
    }

    /// How many operations come from there.
    pub fn from(&self, origin: Origin) -> usize {
        self.operations
            .iter()
            .filter(|operation| operation.origin == Some(origin))
            .count()
    }

    /// How many operations have an effect.
    pub fn having(&self, effect: Effect) -> usize {
        self.operations
            .iter()
            .filter(|operation| operation.effects.contains(&effect))
            .count()
    }

    /// How many of the undeclared accounts may be those of users who are held.
    pub fn suspected(&self) -> usize {
        let named: BTreeSet<Id> = self
            .held
            .iter()
            .flat_map(|held| &held.reasons)
            .flat_map(HoldReason::ids)
            .collect();
        self.undeclared
            .iter()
            .filter(|id| named.contains(id))
            .count()
    }

    /// Whether nothing is left to do or to decide.
    pub fn is_settled(&self) -> bool {
        self.operations.is_empty() && self.held.is_empty()
    }
}

/// One create or one update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    pub action: Action,
    pub who: UserLabel,
    pub place: Place,
    /// By field, in the order of the table.
    pub changes: Vec<Change>,
    pub effects: Vec<Effect>,
    /// Where it comes from; `None` if there is no base to compare with.
    pub origin: Option<Origin>,
    /// What a create was compared by with every live account.
    pub checked_by: Vec<IdentityMark>,
    /// Accounts that are somebody else's, as the manifest says.
    pub distinct_from: BTreeSet<Id>,
}

impl Operation {
    /// The MIS values of the users that the same plan has to create before.
    pub fn awaits(&self) -> impl Iterator<Item = &str> {
        self.changes.iter().filter_map(|change| match &change.to {
            ResolvedValue::Reference {
                target: ReferenceTarget::AfterApply(mis_id),
                ..
            } => Some(mis_id.as_str()),
            ResolvedValue::Reference {
                target: ReferenceTarget::Known(_),
                ..
            }
            | ResolvedValue::Value(_) => None,
        })
    }
}

/// What an operation comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A field in it is edited by this change to the manifests.
    ThisChange,
    /// Drift, or a change before this one.
    Elsewhere,
}

impl Origin {
    pub(crate) fn of(is_edited: bool) -> Self {
        if is_edited {
            Self::ThisChange
        } else {
            Self::Elsewhere
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    Create,
    Update(Id),
}

/// A declared user, as far as people need to tell one from another. The name is personal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserLabel {
    pub role: Role,
    pub mis_id: Option<String>,
    pub id: Option<Id>,
    pub name: Option<String>,
}

impl UserLabel {
    /// Of whom no name is declared, that of the account says who it is.
    pub(crate) fn of(user: &DeclaredUser, account: Option<&Account>) -> Self {
        let declared = name(|key| user.text(key).map(str::to_owned));
        let name = declared.or_else(|| name(|key| account?.text(key)));
        Self {
            role: user.role,
            mis_id: user.mis_id().map(str::to_owned),
            id: user.id,
            name,
        }
    }
}

fn name(text: impl Fn(Key) -> Option<String>) -> Option<String> {
    let names = [Key::FirstName, Key::LastName].into_iter().filter_map(text);
    let name = names.collect::<Vec<_>>().join(" ");
    (!name.is_empty()).then_some(name)
}

/// A field that gets another value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub key: Key,
    /// What the account has now; `None` if that is empty.
    pub from: Option<LiveValue>,
    pub to: ResolvedValue,
    /// Whether accounts of the role show the field, so that it can be compared.
    pub is_verifiable: bool,
}

/// A live value that is about to change, and the name of what it refers to, where that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveValue {
    pub live: RawValue,
    pub label: Option<String>,
}

impl Change {
    pub(crate) fn set((key, to): (Key, ResolvedValue)) -> Self {
        Self {
            key,
            from: None,
            to,
            is_verifiable: true,
        }
    }
}

/// A value that is ready to be sent, or will be once the account that it refers to exists.
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
    Known(Id),
    /// The account of the user with this MIS value, which the same plan creates.
    AfterApply(String),
}

/// What an operation does beyond the record (`onefile-api.md`, Creating and Updating).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    EmailsPerson,
    /// The organisation's settings don't tell.
    MayEmailPerson,
    /// The e-mail address changes, and the keychain doesn't follow.
    KeychainStays,
    /// A learner gets another assessor.
    AssessorChanges,
}

/// A declared user for whom nothing is done until a person decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldUser {
    pub who: UserLabel,
    pub place: Place,
    pub reasons: Vec<HoldReason>,
    /// Whether this change edits the user; `None` if there is no base to compare with.
    pub origin: Option<Origin>,
}
