//! The key of an entry of a mapping. Nearly all keys are names of fields, and those are kept as the field: a project of
//! a hundred thousand users has millions of them.

use std::fmt;
use std::ops::Deref;

use crate::domain::field::Key;

/// The key of an entry of a mapping.
#[derive(Clone)]
pub struct MapKey(KeyName);

#[derive(Clone)]
enum KeyName {
    Known(Key),
    Other(Box<str>),
}

impl MapKey {
    pub fn as_str(&self) -> &str {
        match &self.0 {
            KeyName::Known(key) => key.name(),
            KeyName::Other(name) => name,
        }
    }

    /// The field that the key names, if it names one.
    pub fn key(&self) -> Option<Key> {
        match self.0 {
            KeyName::Known(key) => Some(key),
            KeyName::Other(_) => None,
        }
    }
}

impl From<&str> for MapKey {
    fn from(name: &str) -> Self {
        Self(Key::named(name).map_or_else(|| KeyName::Other(name.into()), KeyName::Known))
    }
}

impl From<Key> for MapKey {
    fn from(key: Key) -> Self {
        Self(KeyName::Known(key))
    }
}

impl Deref for MapKey {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for MapKey {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (KeyName::Known(one), KeyName::Known(other)) => one == other,
            (KeyName::Other(one), KeyName::Other(other)) => one == other,
            (KeyName::Known(_), KeyName::Other(_)) | (KeyName::Other(_), KeyName::Known(_)) => {
                false
            }
        }
    }
}

impl PartialEq<str> for MapKey {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for MapKey {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for MapKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for MapKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}
