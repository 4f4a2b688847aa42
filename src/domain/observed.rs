//! The fields that a server returned for an account, a placement or a classroom. Most of them are empty, so a field without a value takes one bit.

use crate::domain::Fields;
use crate::domain::ObservedValue;
use crate::domain::field::{ENTRY_FIELDS, FIELDS, Key};

/// The fields whose keys were returned, and the values of those that aren't null.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObservedFields {
    keys: u128,
    values: Fields<ObservedValue>,
}

const _: () = assert!(
    FIELDS.len() + ENTRY_FIELDS.len() <= u128::BITS as usize,
    "a bit for each field"
);

impl ObservedFields {
    /// Whether the key was returned, with a value or without one.
    pub fn contains(&self, key: Key) -> bool {
        self.keys & bit(key) != 0
    }

    /// The value, if there is one.
    pub fn get(&self, key: Key) -> Option<&ObservedValue> {
        self.values.get(key)
    }

    /// Every key that was returned, in the order of the table.
    pub fn keys(&self) -> impl Iterator<Item = Key> {
        let fields = FIELDS.iter().chain(ENTRY_FIELDS);
        fields
            .map(|field| field.key)
            .filter(|key| self.contains(*key))
    }

    /// Every key that was returned, with its value if it has one.
    pub fn iter(&self) -> impl Iterator<Item = (Key, Option<&ObservedValue>)> {
        self.keys().map(|key| (key, self.get(key)))
    }

    /// Sets what was returned for a field; `None` for null.
    pub fn insert(&mut self, key: Key, value: Option<ObservedValue>) {
        self.keys |= bit(key);
        match value {
            Some(value) => drop(self.values.insert(key, value)),
            None => self.values.remove(key),
        }
    }
}

fn bit(key: Key) -> u128 {
    1 << key as u8
}

/// If a field comes twice, the last value stays.
impl FromIterator<(Key, Option<ObservedValue>)> for ObservedFields {
    fn from_iter<I: IntoIterator<Item = (Key, Option<ObservedValue>)>>(fields: I) -> Self {
        let mut shown = Self::default();
        for (key, value) in fields {
            shown.insert(key, value);
        }
        shown.values.shrink_to_fit();
        shown
    }
}
