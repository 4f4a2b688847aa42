//! Digests keyed by the token. A reader of a reviewed plan learns nothing from them, and only somebody who has the token can
//! make one.

use crate::domain::{EntryKind, Value};

use crate::domain::field::Referent;
use crate::domain::keyed_digest::keyed_digest;
use crate::plan::{
    Archive, Change, Effect, EntryLabel, Operation, OperationSubject, ReferenceTarget,
    ResolvedValue, Unarchive, Update,
};
use crate::review::json_names::{EffectName, word};

/// Makes the digests of one plan.
pub struct DigestKey {
    token: Vec<u8>,
    salt: String,
}

impl DigestKey {
    /// The key for a new plan. Its salt follows from the plan, so the same plan gives the same bytes.
    pub fn of(token: &str, operations: &[Operation]) -> Self {
        let unsalted = Self::with_salt(token, String::new());
        let mut digests: Vec<String> = Vec::new();
        for operation in operations {
            for change in operation.changes() {
                digests.push(unsalted.of_change(operation, change));
            }
            for effect in operation.effects() {
                digests.push(unsalted.of_effect(operation, *effect));
            }
        }
        let salt = unsalted.digest(&digests)[..SALT_LENGTH].to_owned();
        Self { salt, ..unsalted }
    }

    pub fn with_salt(token: &str, salt: String) -> Self {
        Self {
            token: token.as_bytes().to_vec(),
            salt,
        }
    }

    pub fn salt(&self) -> &str {
        &self.salt
    }

    /// Equal for equal tokens.
    pub fn check(&self) -> String {
        self.digest(&["key"])
    }

    /// The digest of a change: whose account, which field, from what, to what.
    pub fn of_change(&self, operation: &Operation, change: &Change) -> String {
        self.of_field(&target(operation), change, &new_value(change))
    }

    /// The digest that the change has while the placement or classroom that it refers to is yet to be created.
    pub fn of_new_entry(
        &self,
        operation: &Operation,
        change: &Change,
        kind: EntryKind,
        name: &str,
    ) -> String {
        self.of_field(&target(operation), change, &new_entry(kind, name))
    }

    fn of_field(&self, target: &str, change: &Change, to: &str) -> String {
        let from = change
            .from
            .as_ref()
            .and_then(|former| former.live.canonical())
            .unwrap_or_default();
        self.digest(&["field", target, change.key.name(), to, &from])
    }

    /// The digest that the change has in a create of the same user.
    pub fn of_created(&self, operation: &Operation, change: &Change) -> String {
        self.digest(&[
            "field",
            &person(operation),
            change.key.name(),
            &new_value(change),
            "",
        ])
    }

    pub fn of_effect(&self, operation: &Operation, effect: Effect) -> String {
        self.of_effect_on(&target(operation), effect)
    }

    /// The digest that the effect has while the user is yet to be created.
    pub fn of_created_effect(&self, operation: &Operation, effect: Effect) -> String {
        self.of_effect_on(&person(operation), effect)
    }

    fn of_effect_on(&self, target: &str, effect: Effect) -> String {
        self.digest(&["effect", target, &word(&EffectName::of(effect))])
    }

    pub fn of_file(&self, text: &str) -> String {
        self.digest(&["file", text])
    }

    fn digest<T: AsRef<str>>(&self, parts: &[T]) -> String {
        let parts = parts.iter().map(AsRef::as_ref);
        keyed_digest(
            &self.token,
            std::iter::once(self.salt.as_str()).chain(parts),
        )
    }
}

/// The hexadecimal digits of a digest that make a salt: 128 bits, so no two plans share one by chance.
const SALT_LENGTH: usize = 32;

/// The person, and the account if there is one.
fn target(operation: &Operation) -> String {
    match operation {
        Operation::CreateEntry(_) | Operation::UpdateEntry(_) | Operation::Create(_) => {
            person(operation)
        }
        Operation::Assign(_) => match operation.account() {
            Some(account) => format!("{}\n{account}", person(operation)),
            None => person(operation),
        },
        Operation::Unarchive(Unarchive { account, .. })
        | Operation::Update(Update { account, .. })
        | Operation::Archive(Archive { account, .. }) => {
            format!("{}\n{account}", person(operation))
        }
    }
}

/// A declared user by role and identity, or a placement or classroom by number or name. A user without a MIS value is
/// pinned to the account.
fn person(operation: &Operation) -> String {
    let user = match operation.subject() {
        OperationSubject::User(user) => user,
        OperationSubject::Entry(EntryLabel { kind, id, name, .. }) => {
            return match id {
                Some(id) => format!("{} id {id}", kind.word()),
                None => new_entry(*kind, name),
            };
        }
    };
    let role = user.role.name();
    match (&user.mis_id, operation.account()) {
        (Some(mis_id), _) => format!("{role} misId {mis_id}"),
        (None, Some(account)) => format!("{role} id {account}"),
        (None, None) => role.to_owned(),
    }
}

fn new_entry(kind: EntryKind, name: &str) -> String {
    format!("{} name {name}", kind.word())
}

/// What a field gets. A reference to a user counts by MIS value: the account number may not be known yet.
fn new_value(change: &Change) -> String {
    match &change.to {
        ResolvedValue::Value(Value::Text(text)) => text.canonical().to_string(),
        ResolvedValue::Value(value) => value.written().into_owned(),
        ResolvedValue::Reference {
            label,
            target: ReferenceTarget::AfterApply(_),
        } => format!("misId {label}"),
        ResolvedValue::Reference {
            target: ReferenceTarget::AfterEntry(entry),
            ..
        } => new_entry(entry.kind, &entry.name),
        ResolvedValue::Reference {
            target: ReferenceTarget::Unit { unit, standard },
            ..
        } => format!("unit {unit} standard {standard}"),
        ResolvedValue::Reference {
            label,
            target: ReferenceTarget::Known(id),
        } => {
            let is_user = change.key.row().refers_to().is_some_and(Referent::is_user);
            if is_user && !label.is_empty() {
                format!("misId {label}")
            } else {
                format!("id {id}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DigestKey;

    #[test]
    fn parts_of_a_digest_do_not_run_into_each_other() {
        let seal = DigestKey::with_salt("token", "salt".to_owned());
        assert_ne!(seal.digest(&["ab", "c"]), seal.digest(&["a", "bc"]));
    }
}
