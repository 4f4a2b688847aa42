//! The values of a mapping, by field. They are found once, because every rule asks for them.

use crate::domain::field::{FIELDS, Field, Key};
use crate::manifest::tree::node::Node;

/// A node for each field that a mapping has, at the field's place in the table.
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

    /// These fields, and what the defaults give for the others as far as `has_field` says so.
    pub(crate) fn or(&self, defaults: &Self, has_field: impl Fn(&Field) -> bool) -> Self {
        let mut all = self.0;
        for (index, field) in FIELDS.iter().enumerate() {
            if all[index].is_none() && defaults.0[index].is_some() && has_field(field) {
                all[index] = defaults.0[index];
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
