//! Digests under the token: who reads a reviewed plan learns nothing from them, and nobody without the token can make one.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::domain::field::Referent;
use crate::domain::{RawValue, Value};
use crate::plan::{
    Action, Change, Effect, Operation, ReferenceTarget, ResolvedValue, UserLabel, canonical,
};

/// Makes the digests of one plan.
pub struct DigestKey {
    token: Vec<u8>,
    salt: String,
}

impl DigestKey {
    /// The seal of a plan that is made now. Its salt follows from the plan, so that the same plan gives the same bytes.
    pub fn of(token: &str, operations: &[Operation]) -> Self {
        let unsalted = Self::with_salt(token, String::new());
        let digests = operations
            .iter()
            .flat_map(|operation| unsalted.of_operation(operation));
        let salt = unsalted.digest(&digests.collect::<Vec<_>>())[..SALT].to_owned();
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

    /// What is equal for equal tokens.
    pub fn check(&self) -> String {
        self.digest(&["key"])
    }

    /// The digest of a field of an operation: whose, which, from what, to what.
    pub fn of_change(&self, operation: &Operation, change: &Change) -> String {
        let from = change
            .from
            .as_ref()
            .and_then(|former| canonical(change.key, &former.live))
            .unwrap_or_default();
        self.digest(&[
            "field",
            &whose(operation),
            change.key.name(),
            &to(change),
            &from,
        ])
    }

    /// The same, as if the field had been set by a create.
    pub fn of_created(&self, operation: &Operation, change: &Change) -> String {
        self.digest(&[
            "field",
            &person(&operation.who),
            change.key.name(),
            &to(change),
            "",
        ])
    }

    pub fn of_effect(&self, operation: &Operation, effect: Effect) -> String {
        self.digest(&["effect", &whose(operation), effect_name(effect)])
    }

    pub fn of_file(&self, text: &str) -> String {
        self.digest(&["file", text])
    }

    fn of_operation(&self, operation: &Operation) -> Vec<String> {
        let fields = operation
            .changes
            .iter()
            .map(|change| self.of_change(operation, change));
        fields
            .chain(
                operation
                    .effects
                    .iter()
                    .map(|effect| self.of_effect(operation, *effect)),
            )
            .collect()
    }

    /// Each part with its length before it, so that no two lists of parts are one text.
    fn digest<T: AsRef<str>>(&self, parts: &[T]) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.token).expect("a key may have any length");
        for part in std::iter::once(self.salt.as_str()).chain(parts.iter().map(AsRef::as_ref)) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.finalize()
            .into_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<Vec<_>>()
            .concat()
    }
}

/// How many of the hexadecimal digits of a digest make a salt.
const SALT: usize = 32;

/// The person, and the account for an update.
fn whose(operation: &Operation) -> String {
    match operation.action {
        Action::Create => person(&operation.who),
        Action::Update(id) => format!("{}\n{id}", person(&operation.who)),
    }
}

/// A declared user by its identity and role.
fn person(who: &UserLabel) -> String {
    let identity = match (&who.mis_id, who.id) {
        (Some(mis_id), _) => format!("misId {mis_id}"),
        (None, id) => format!("id {}", id.unwrap_or_default()),
    };
    format!("{} {identity}", who.role.name())
}

/// What a field gets. A user who is referred to goes by the MIS value: its number may not be known yet.
fn to(change: &Change) -> String {
    match &change.to {
        ResolvedValue::Value(Value::Text(text)) => {
            canonical(change.key, &RawValue::Text(text.clone())).unwrap_or_default()
        }
        ResolvedValue::Value(value) => value.written(),
        ResolvedValue::Reference {
            target: ReferenceTarget::AfterApply(mis_id),
            ..
        } => format!("misId {mis_id}"),
        ResolvedValue::Reference {
            label,
            target: ReferenceTarget::Known(id),
        } => {
            let is_user = change.key.row().referent().is_some_and(Referent::is_user);
            if is_user && !label.is_empty() {
                format!("misId {label}")
            } else {
                format!("id {id}")
            }
        }
    }
}

/// The name of an effect in a file.
pub(crate) fn effect_name(effect: Effect) -> &'static str {
    match effect {
        Effect::EmailsPerson => "emailsPerson",
        Effect::MayEmailPerson => "mayEmailPerson",
        Effect::KeychainStays => "keychainStays",
        Effect::AssessorChanges => "assessorChanges",
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
