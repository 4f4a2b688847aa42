//! Digests of what accounts show. Whoever reads a file of them learns no value, nor which accounts have the same one.

use std::borrow::Cow;
use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use crate::domain::field::{Key, Referent};
use crate::domain::{AccountId, ObservedValue, StandardId, UnitId, Value, identifying};
use crate::onefile::readings::MARKS;

/// Half of a SHA-256 is enough: nobody can choose the values of accounts and their digests at once.
pub(crate) type Digest = [u8; 16];
/// A seal is only compared with one that was made here.
pub(super) type Seal = [u8; 32];
/// Makes the digests of one file differ from those of any other.
pub(super) type Salt = [u8; 16];

/// A field of an account as it was seen.
#[derive(Clone, Copy)]
pub(crate) struct SeenField {
    pub(crate) account: AccountId,
    pub(crate) key: Key,
    /// When the account was looked at.
    pub(crate) at: Timestamp,
}

impl SeenField {
    /// Whether it names another account.
    fn names_account(self) -> bool {
        let referent = self.key.row().refers_to();
        matches!(referent, Some(Referent::User(_)))
    }
}

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

    /// The digest of what an account shows in a field. The account is part of it, so that equal values give different digests. If
    /// the field names an account, the part that is of this account alone can be taken off again.
    pub(crate) fn of_field(&self, field: SeenField, value: Option<&ObservedValue>) -> Digest {
        if field.names_account() {
            let named = self.of_named(field.key, value);
            return combined(&named, &self.mask(field));
        }
        let (form, text) = shown_text(value);
        let account = field.account.get().to_be_bytes();
        self.digest(b'f', field.key, &[&account, &form, text.as_bytes()])
    }

    /// The digest of what a field shows that names an account. It is the same for each account that shows it, so it is never kept
    /// as it is.
    pub(super) fn of_named(&self, key: Key, value: Option<&ObservedValue>) -> Digest {
        let (form, text) = shown_text(value);
        self.digest(b'n', key, &[&form, text.as_bytes()])
    }

    /// What [`Self::of_named`] gave for a field that is kept with this digest. So one digest an account tells whom it names.
    pub(super) fn unmasked(&self, field: SeenField, digest: &Digest) -> Digest {
        combined(digest, &self.mask(field))
    }

    /// Differs for each field, account and look, so that what is kept tells neither equal values nor equal changes.
    fn mask(&self, field: SeenField) -> Digest {
        let account = field.account.get().to_be_bytes();
        let at = field.at.as_millisecond().to_be_bytes();
        self.digest(b'x', field.key, &[&account, &at])
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
        #[cfg(test)]
        made::ONE_MORE.with(|number| number.set(number.get() + 1));
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

fn combined(one: &Digest, other: &Digest) -> Digest {
    std::array::from_fn(|at| one[at] ^ other[at])
}

/// The form of a value, and its canonical text.
fn shown_text(value: Option<&ObservedValue>) -> ([u8; 1], Cow<'_, str>) {
    let form = value.map_or(ShownForm::Empty, ShownForm::of);
    let canonical = value.and_then(ObservedValue::canonical);
    ([form as u8], canonical.unwrap_or_default())
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

/// How many digests a thread has made, for tests that count them.
#[cfg(test)]
pub(super) mod made {
    use std::cell::Cell;

    thread_local! {
        pub(super) static ONE_MORE: Cell<usize> = const { Cell::new(0) };
    }

    pub(in crate::onefile::readings) fn so_far() -> usize {
        ONE_MORE.with(Cell::get)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{ReadingKey, SeenField};
    use crate::domain::field::Key;
    use crate::domain::{AccountId, ObservedValue, Reference, Value};

    fn field(account: i64, key: Key) -> SeenField {
        SeenField {
            account: AccountId::new(account),
            key,
            at: Timestamp::UNIX_EPOCH,
        }
    }

    fn shown(key: Key, text: &str) -> ObservedValue {
        ObservedValue::of_text(key.row().kind, text)
    }

    #[test]
    fn no_two_accounts_fields_files_or_tokens_share_a_digest() {
        let key = ReadingKey::new("token", &[1; 16]);
        let of = |key: &ReadingKey, account: i64, name: Key, text: &str| {
            key.of_field(field(account, name), Some(&shown(name, text)))
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
        let dob = field(1, Key::Dob);
        let null = key.of_field(dob, None);
        for empty in ["", " ", "0001-01-01T00:00:00"] {
            let empty = shown(Key::Dob, empty);
            assert_eq!(null, key.of_field(dob, Some(&empty)));
        }
        let unreadable = shown(Key::Dob, "soon");
        assert_ne!(null, key.of_field(dob, Some(&unreadable)));
    }

    #[test]
    fn whom_accounts_name_shows_neither_that_it_is_the_same_nor_that_it_changed_alike() {
        let key = ReadingKey::new("token", &[1; 16]);
        let named = |id: i64| ObservedValue::Value(Value::Reference(Reference::Id(id.into())));
        let later = Timestamp::from_millisecond(1).unwrap();
        for name in [Key::DefaultAssessor, Key::DefaultEmployer] {
            let of = |account: i64, at: Timestamp, id: i64| {
                let seen = SeenField {
                    at,
                    ..field(account, name)
                };
                let digest = key.of_field(seen, Some(&named(id)));
                let bare = key.of_named(name, Some(&named(id)));
                assert_eq!(key.unmasked(seen, &digest), bare);
                assert_ne!(digest, bare);
                digest
            };
            let before = [1, 2].map(|account| of(account, Timestamp::UNIX_EPOCH, 7));
            let after = [1, 2].map(|account| of(account, later, 8));
            assert_ne!(before[0], before[1]);
            let change = |at: usize| super::combined(&before[at], &after[at]);
            assert_ne!(change(0), change(1));
        }
    }
}
