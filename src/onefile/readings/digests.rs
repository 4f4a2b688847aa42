//! Digests of what accounts show. Whoever reads a file of them learns no value, nor which accounts have the same one.

use std::borrow::Cow;
use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::domain::field::Key;
use crate::domain::{AccountId, ObservedValue, StandardId, UnitId, Value, identifying};
use crate::onefile::readings::MARKS;

/// Half of a SHA-256 is enough: nobody can choose the values of accounts and their digests at once.
pub(crate) type Digest = [u8; 16];
/// A seal is only compared with one that was made here.
pub(super) type Seal = [u8; 32];
/// Makes the digests of one file differ from those of any other.
pub(super) type Salt = [u8; 16];

/// Makes the digests of one file. Nobody can make them without the customer token.
#[derive(Clone)]
pub(crate) struct ReadingKey(Hmac<Sha256>);

impl ReadingKey {
    pub(super) fn new(token: &str, salt: &Salt) -> Self {
        let mut of_file = keyed(token.as_bytes());
        of_file.update(b"readings");
        of_file.update(salt);
        Self(keyed(&of_file.finalize().into_bytes()))
    }

    /// The digest of what an account shows in a field. The account is part of it, so that equal values give different digests.
    pub(crate) fn of_field(
        &self,
        account: AccountId,
        key: Key,
        value: Option<&ObservedValue>,
    ) -> Digest {
        let shown = value.map_or(ShownForm::Empty, ShownForm::of);
        let canonical = value.and_then(ObservedValue::canonical);
        self.digest(
            b'f',
            key,
            &[
                &account.get().to_be_bytes(),
                &[shown as u8],
                canonical.as_deref().unwrap_or_default().as_bytes(),
            ],
        )
    }

    /// The digest of a normalised value that no second person should have, whoever has it.
    fn of_mark(&self, key: Key, normalised: &str) -> Digest {
        self.digest(b'm', key, &[normalised.as_bytes()])
    }

    /// The digest of a standard that a learner has.
    pub(crate) fn of_standard(&self, learner: AccountId, standard: StandardId) -> Digest {
        let numbers = [learner.get().to_be_bytes(), standard.get().to_be_bytes()];
        self.digest(b'a', Key::Standards, &[&numbers[0], &numbers[1]])
    }

    /// The digest of a unit that a learner has.
    pub(crate) fn of_unit(
        &self,
        learner: AccountId,
        (standard, unit): (StandardId, UnitId),
    ) -> Digest {
        let numbers = [learner.get(), standard.get(), unit.get()].map(i64::to_be_bytes);
        let parts = numbers.each_ref().map(<[u8; 8]>::as_slice);
        self.digest(b'u', Key::Units, &parts)
    }

    /// The digests of the values by which two people clash; `value` gives those of one of them.
    pub(super) fn marks<'t>(&self, value: impl Fn(Key) -> Option<Cow<'t, str>>) -> Vec<Digest> {
        let mut marks = Vec::new();
        for key in MARKS {
            let normalised = value(key).and_then(|text| identifying(key, &text));
            marks.extend(normalised.map(|text| self.of_mark(key, &text)));
        }
        marks
    }

    /// Says that some bytes were written by somebody with this key.
    pub(super) fn seal(&self, bytes: &[u8]) -> Seal {
        let mut mac = self.0.clone();
        mac.update(b"s");
        mac.update(bytes);
        mac.finalize().into_bytes().into()
    }

    fn digest(&self, purpose: u8, key: Key, parts: &[&[u8]]) -> Digest {
        let mut mac = self.0.clone();
        mac.update(&[purpose]);
        mac.update(key.name().as_bytes());
        // No name of a field has this byte, and only the last part has no fixed length.
        mac.update(&[0]);
        for part in parts {
            mac.update(part);
        }
        let whole: [u8; 32] = mac.finalize().into_bytes().into();
        let mut half = Digest::default();
        half.copy_from_slice(&whole[..16]);
        half
    }
}

/// Shows nothing of the key.
impl fmt::Debug for ReadingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ReadingKey")
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("a key may have any length")
}

/// The form of a shown value, so that the text `true` isn't the flag.
#[derive(Clone, Copy)]
enum ShownForm {
    Empty,
    Text,
    Day,
    Instant,
    Flag,
    Reference,
    Unreadable,
}

impl ShownForm {
    fn of(value: &ObservedValue) -> Self {
        match value {
            ObservedValue::Value(Value::Text(_)) => Self::Text,
            ObservedValue::Value(Value::Day(_)) => Self::Day,
            ObservedValue::Value(Value::Instant(_)) => Self::Instant,
            ObservedValue::Value(Value::Flag(_)) => Self::Flag,
            ObservedValue::Value(Value::Reference(_)) => Self::Reference,
            ObservedValue::Empty => Self::Empty,
            ObservedValue::Unreadable(_) => Self::Unreadable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ReadingKey;
    use crate::domain::field::Key;
    use crate::domain::{AccountId, ObservedValue};

    fn shown(key: Key, text: &str) -> ObservedValue {
        ObservedValue::of_text(key.row().kind, text)
    }

    #[test]
    fn no_two_accounts_fields_files_or_tokens_share_a_digest() {
        let key = ReadingKey::new("token", &[1; 16]);
        let of = |key: &ReadingKey, account: i64, field: Key, text: &str| {
            key.of_field(AccountId::new(account), field, Some(&shown(field, text)))
        };
        let one = of(&key, 1, Key::FirstName, "Ann");
        assert_eq!(one, of(&key, 1, Key::FirstName, " Ann "));
        for other in [
            of(&key, 2, Key::FirstName, "Ann"),
            of(&key, 1, Key::LastName, "Ann"),
            of(&key, 1, Key::FirstName, "ann"),
            of(&key, 1, Key::FirstName, ""),
            of(
                &ReadingKey::new("other", &[1; 16]),
                1,
                Key::FirstName,
                "Ann",
            ),
            of(
                &ReadingKey::new("token", &[2; 16]),
                1,
                Key::FirstName,
                "Ann",
            ),
            key.of_mark(Key::FirstName, "Ann"),
        ] {
            assert_ne!(one, other);
        }
        assert!(!format!("{key:?}").contains("token"));
    }

    #[test]
    fn a_value_that_is_empty_is_so_in_each_way() {
        let key = ReadingKey::new("token", &[1; 16]);
        let account = AccountId::new(1);
        let null = key.of_field(account, Key::Dob, None);
        for empty in ["", " ", "0001-01-01T00:00:00"] {
            let empty = shown(Key::Dob, empty);
            assert_eq!(null, key.of_field(account, Key::Dob, Some(&empty)));
        }
        let unreadable = shown(Key::Dob, "soon");
        assert_ne!(null, key.of_field(account, Key::Dob, Some(&unreadable)));
    }
}
