//! The key of an entry. Nearly all are names of fields, which a hundred thousand users needn't have a copy of each.

use std::fmt;
use std::ops::Deref;

use crate::field::Key;

#[derive(Clone)]
pub struct Name(Kind);

#[derive(Clone)]
enum Kind {
    Known(&'static str),
    Other(Box<str>),
}

impl Name {
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Kind::Known(name) => name,
            Kind::Other(name) => name,
        }
    }
}

impl From<&str> for Name {
    fn from(name: &str) -> Self {
        Self(Key::named(name).map_or_else(|| Kind::Other(name.into()), |key| Kind::Known(key.name())))
    }
}

impl From<Key> for Name {
    fn from(key: Key) -> Self {
        Self(Kind::Known(key.name()))
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
        self.as_str() == other.as_str()
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
