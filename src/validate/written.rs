//! What a mapping of fields holds, by field: found once, since every rule asks for it.

use crate::field::{FIELDS, Field, Key};
use crate::manifest::tree::Node;

pub(crate) struct Written<'n>([Option<&'n Node<'n>>; FIELDS.len()]);

impl<'n> Written<'n> {
    pub(crate) fn of(fields: &'n Node<'n>) -> Self {
        let mut written = [None; FIELDS.len()];
        for entry in fields.entries() {
            if let Some(key) = entry.key.value.key() {
                written[key as usize] = Some(&entry.value);
            }
        }
        Self(written)
    }

    pub(crate) fn nothing() -> Self {
        Self([None; FIELDS.len()])
    }

    pub(crate) fn get(&self, key: Key) -> Option<&'n Node<'n>> {
        self.0[key as usize]
    }

    /// In the order of the table.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static Field, &'n Node<'n>)> {
        FIELDS.iter().zip(self.0).filter_map(|(field, node)| Some((field, node?)))
    }
}
