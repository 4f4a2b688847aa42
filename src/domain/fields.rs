//! A value for some of the fields, in the order of the table: a flat list, since most of what a planner does is to read the
//! fields of a user one after the other, of hundreds of thousands of users.

use crate::domain::field::Key;

/// Values by field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields<T>(Vec<(Key, T)>);

impl<T> Fields<T> {
    /// None so far, with room for so many.
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

    /// Gives back the room that isn't needed.
    pub(crate) fn shrink_to_fit(&mut self) {
        self.0.shrink_to_fit();
    }

    /// Sets a value, and gives back the one that it replaces.
    pub fn insert(&mut self, key: Key, value: T) -> Option<T> {
        match self.0.binary_search_by_key(&key, |(known, _)| *known) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at].1, value)),
            Err(at) => {
                self.0.insert(at, (key, value));
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

/// Of several values for one field the last one stays.
impl<T> Extend<(Key, T)> for Fields<T> {
    fn extend<I: IntoIterator<Item = (Key, T)>>(&mut self, values: I) {
        for (key, value) in values {
            // They come in the order of the table, as a rule.
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
