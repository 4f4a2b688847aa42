//! The key of an entry. Nearly all are names of fields, which a hundred thousand users needn't have a copy of each.

use std::fmt;
use std::ops::Deref;

use crate::field::Key;

#[derive(Clone)]
pub struct Name(Kind);

#[derive(Clone)]
enum Kind {
    Known(Key),
    Other(Box<str>),
}

impl Name {
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Kind::Known(key) => key.name(),
            Kind::Other(name) => name,
        }
    }

    /// The field of this name.
    pub fn key(&self) -> Option<Key> {
        match self.0 {
            Kind::Known(key) => Some(key),
            Kind::Other(_) => None,
        }
    }
}

impl From<&str> for Name {
    fn from(name: &str) -> Self {
        Self(Key::named(name).map_or_else(|| Kind::Other(name.into()), Kind::Known))
    }
}

impl From<Key> for Name {
    fn from(key: Key) -> Self {
        Self(Kind::Known(key))
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Kind::Known(one), Kind::Known(other)) => one == other,
            (Kind::Other(one), Kind::Other(other)) => one == other,
            (Kind::Known(_), Kind::Other(_)) | (Kind::Other(_), Kind::Known(_)) => false,
        }
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}
