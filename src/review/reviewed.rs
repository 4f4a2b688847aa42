//! What was reviewed: whether it covers an operation of a later plan.

use std::collections::HashSet;

use crate::domain::EntryKind;
use crate::plan::{Change, Operation, OperationKind, ReferenceTarget, ResolvedValue};
use crate::review::digest::DigestKey;
use crate::review::plan_file::ReviewedUser;

/// What was reviewed, ready to be compared with a plan.
pub struct Review {
    key: DigestKey,
    /// Of every reviewed field and effect.
    digests: HashSet<String>,
    /// The identities of the users who were to be created.
    created: HashSet<String>,
    /// The placements and classrooms that were to be created, by kind and name.
    created_entries: HashSet<(String, String)>,
}

impl Review {
    pub(super) fn nothing(key: DigestKey) -> Self {
        Self {
            key,
            digests: HashSet::new(),
            created: HashSet::new(),
            created_entries: HashSet::new(),
        }
    }

    /// Adds the digest of a reviewed field or effect.
    pub(super) fn add_digest(&mut self, digest: &str) {
        self.digests.insert(digest.to_owned());
    }

    /// Adds a user whose create was reviewed.
    pub(super) fn add_created(&mut self, user: &ReviewedUser) {
        self.created.insert(identity(user));
    }

    /// Adds a placement or classroom whose create was reviewed.
    pub(super) fn add_created_entry(&mut self, kind: &str, name: &str) {
        self.created_entries
            .insert((kind.to_owned(), name.to_owned()));
    }

    /// Whether a person has reviewed everything that an operation does: each field with its former value, and each effect.
    pub fn covers(&self, operation: &Operation) -> bool {
        let follows_create = match operation {
            Operation::CreateEntry(_)
            | Operation::UpdateEntry(_)
            | Operation::Unarchive(_)
            | Operation::Create(_)
            | Operation::Archive(_) => false,
            Operation::Assign(assign) => self.was_to_be_created(&ReviewedUser::of(&assign.user)),
            Operation::Update(update) => self.was_to_be_created(&ReviewedUser::of(&update.user)),
        };
        for change in operation.changes() {
            let is_covered = self.knows(&self.key.of_change(operation, change))
                || (follows_create && self.covers_as_created(operation, change))
                || self.covers_as_entry_to_create(operation, change);
            if !is_covered {
                return false;
            }
        }
        // An assignment has the effect whether its learner is there already or is yet to be created.
        let is_assigned_as_created = follows_create && operation.kind() == OperationKind::Assign;
        operation.effects().iter().all(|effect| {
            self.knows(&self.key.of_effect(operation, *effect))
                || (is_assigned_as_created
                    && self.knows(&self.key.of_created_effect(operation, *effect)))
        })
    }

    /// A reviewed run may have stopped behind the create of a placement or classroom. What refers to it then has its number.
    fn covers_as_entry_to_create(&self, operation: &Operation, change: &Change) -> bool {
        let ResolvedValue::Reference {
            label,
            target: ReferenceTarget::Known(_),
        } = &change.to
        else {
            return false;
        };
        EntryKind::ALL.into_iter().any(|kind| {
            change.key.row().referent() == Some(kind.referent())
                && self
                    .created_entries
                    .contains(&(kind.word().to_owned(), label.clone()))
                && self.knows(&self.key.of_new_entry(operation, change, kind, label))
        })
    }

    /// After a reviewed create, an update may set the same values if the fields are empty. It may not overwrite what
    /// somebody else has written.
    fn covers_as_created(&self, operation: &Operation, change: &Change) -> bool {
        change.from.is_none() && self.knows(&self.key.of_created(operation, change))
    }

    fn was_to_be_created(&self, user: &ReviewedUser) -> bool {
        self.created.contains(&identity(user))
    }

    fn knows(&self, digest: &str) -> bool {
        self.digests.contains(digest)
    }
}

/// The same text for the same user: role and MIS value, or else the pinned account.
fn identity(person: &ReviewedUser) -> String {
    format!(
        "{} {:?} {:?}",
        person.role,
        person.mis_id,
        person.mis_id.is_none().then_some(person.id)
    )
}
