//! Values of some fields, in the order of the table. They are a flat list because the planner mostly reads the fields of a
//! user one after the other.

use crate::domain::field::Key;

/// Values by field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields<T>(Vec<(Key, T)>);

impl<T> Fields<T> {
    /// Empty, with room for `capacity` values.
    pub fn with_capacity(capacity: usize) -> Self {
        Self(Vec::with_capacity(capacity))
    }

    pub fn get(&self, key: Key) -> Option<&T> {
        self.0
            .iter()
            .find(|(known, _)| *known == key)
            .map(|(_, value)| value)
    }

    pub fn contains(&self, key: Key) -> bool {
        self.get(key).is_some()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn keys(&self) -> impl Iterator<Item = Key> {
        self.0.iter().map(|(key, _)| *key)
    }

    pub fn iter(&self) -> impl Iterator<Item = (Key, &T)> {
        self.0.iter().map(|(key, value)| (*key, value))
    }

    pub(crate) fn remove(&mut self, key: Key) {
        self.0.retain(|(known, _)| *known != key);
    }

    /// Frees unused capacity.
    pub(crate) fn shrink_to_fit(&mut self) {
        self.0.shrink_to_fit();
    }

    /// Sets a value and returns the one that it replaces.
    pub fn insert(&mut self, key: Key, value: T) -> Option<T> {
        match self.0.binary_search_by_key(&key, |(known, _)| *known) {
            Ok(index) => Some(std::mem::replace(&mut self.0[index].1, value)),
            Err(index) => {
                self.0.insert(index, (key, value));
                None
            }
        }
    }
}

impl<T> Default for Fields<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// If a field comes twice, the last value stays.
impl<T> Extend<(Key, T)> for Fields<T> {
    fn extend<I: IntoIterator<Item = (Key, T)>>(&mut self, values: I) {
        for (key, value) in values {
            // Values mostly come in the order of the table, so appending is the usual case.
            if self.0.last().is_none_or(|(last, _)| *last < key) {
                self.0.push((key, value));
            } else {
                self.insert(key, value);
            }
        }
    }
}

impl<T> FromIterator<(Key, T)> for Fields<T> {
    fn from_iter<I: IntoIterator<Item = (Key, T)>>(values: I) -> Self {
        let mut fields = Self::default();
        fields.extend(values);
        fields.shrink_to_fit();
        fields
    }
}

impl<T> IntoIterator for Fields<T> {
    type Item = (Key, T);
    type IntoIter = std::vec::IntoIter<(Key, T)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
