//! What a mapping of fields holds, by field: found once, since every rule asks for it.

use crate::domain::field::{FIELDS, Field, Key};
use crate::manifest::tree::node::Node;

pub(crate) struct FieldNodes<'n>([Option<&'n Node<'n>>; FIELDS.len()]);

impl<'n> FieldNodes<'n> {
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

    /// The same, and of those fields that it lacks what the defaults give.
    pub(crate) fn or(&self, defaults: &Self, has: impl Fn(&Field) -> bool) -> Self {
        let fields = FIELDS.iter().zip(&defaults.0).zip(&self.0);
        let mut all = self.0;
        for (at, ((field, default), own)) in fields.enumerate() {
            if own.is_none() && default.is_some() && has(field) {
                all[at] = *default;
            }
        }
        Self(all)
    }

    /// In the order of the table.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static Field, &'n Node<'n>)> {
        FIELDS
            .iter()
            .zip(self.0)
            .filter_map(|(field, node)| Some((field, node?)))
    }
}
