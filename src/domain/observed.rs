//! The fields that a server returned for an account, a placement or a classroom. Most of them are empty, so a field without a value takes one bit.

use crate::domain::Fields;
use crate::domain::ObservedValue;
use crate::domain::field::{ENTRY_FIELDS, FIELDS, Key};

/// The fields whose keys were returned, and the values of those that aren't null.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObservedFields {
    keys: u128,
    values: Fields<ObservedValue>,
    /// The fields that the account is known to show and whose values weren't read now.
    unread: u128,
}

const _: () = assert!(
    FIELDS.len() + ENTRY_FIELDS.len() <= u128::BITS as usize,
    "a bit for each field"
);

impl ObservedFields {
    /// Whether the key was returned, with a value or without one.
    pub fn contains(&self, key: Key) -> bool {
        self.keys & field_bit(key) != 0
    }

    /// Every field that is known to be shown, whether its value was read or not, a bit for each.
    pub fn bits(&self) -> u128 {
        self.keys | self.unread
    }

    /// Every field that is known to be shown, whether its value was read or not.
    pub fn known_keys(&self) -> impl Iterator<Item = Key> {
        let known = self.bits();
        fields().filter(move |key| known & field_bit(*key) != 0)
    }

    /// Notes that fields are shown, without their values.
    pub fn add_unread(&mut self, bits: u128) {
        self.unread |= bits & !self.keys;
    }

    /// The value, if there is one.
    pub fn get(&self, key: Key) -> Option<&ObservedValue> {
        self.values.get(key)
    }

    /// Every key that was returned, in the order of the table.
    pub fn keys(&self) -> impl Iterator<Item = Key> {
        fields().filter(|key| self.contains(*key))
    }

    /// Every key that was returned, with its value if it has one.
    pub fn iter(&self) -> impl Iterator<Item = (Key, Option<&ObservedValue>)> {
        self.keys().map(|key| (key, self.get(key)))
    }

    /// Frees unused capacity: there are as many of these as accounts.
    pub(crate) fn shrink_to_fit(&mut self) {
        self.values.shrink_to_fit();
    }

    /// Sets what was returned for a field; `None` for null.
    pub fn insert(&mut self, key: Key, value: Option<ObservedValue>) {
        self.keys |= field_bit(key);
        self.unread &= !field_bit(key);
        match value {
            Some(value) => drop(self.values.insert(key, value)),
            None => self.values.remove(key),
        }
    }
}

fn fields() -> impl Iterator<Item = Key> {
    let fields = FIELDS.iter().chain(ENTRY_FIELDS);
    fields.map(|field| field.key)
}

/// The bit of a field.
pub fn field_bit(key: Key) -> u128 {
    1 << key as u8
}

/// If a field comes twice, the last value stays.
impl FromIterator<(Key, Option<ObservedValue>)> for ObservedFields {
    fn from_iter<I: IntoIterator<Item = (Key, Option<ObservedValue>)>>(fields: I) -> Self {
        let mut shown = Self::default();
        for (key, value) in fields {
            shown.insert(key, value);
        }
        shown.shrink_to_fit();
        shown
    }
}
