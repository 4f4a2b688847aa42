//! What a manifest says that a learner gets by calls of their own: standards, units, a framework template, and further staff
//! (`docs/onefile-api.md`, Assignments). It is only ever added: no call is known that takes any of it away.

use std::collections::BTreeMap;

use crate::domain::field::{Key, Referent};
use crate::domain::{Reference, Value};

/// What a learner is declared to have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignments {
    pub standards: Vec<Reference>,
    pub units: Vec<UnitReference>,
    pub template: Option<Reference>,
    /// Further staff, by the field that names them.
    pub staff: BTreeMap<Key, Vec<Reference>>,
}

/// A unit, by its name within a standard.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnitReference {
    pub standard: Reference,
    pub unit: Reference,
}

impl Assignments {
    pub fn is_empty(&self) -> bool {
        self.keys().is_empty()
    }

    /// The fields that are declared, in the order of the table.
    pub fn keys(&self) -> Vec<Key> {
        let mut keys = Vec::new();
        if !self.standards.is_empty() {
            keys.push(Key::Standards);
        }
        if !self.units.is_empty() {
            keys.push(Key::Units);
        }
        if self.template.is_some() {
            keys.push(Key::FrameworkTemplate);
        }
        keys.extend(self.staff.keys());
        keys
    }

    /// Takes away what a field says.
    pub(crate) fn remove(&mut self, key: Key) {
        match key {
            Key::Standards => self.standards.clear(),
            Key::Units => self.units.clear(),
            Key::FrameworkTemplate => self.template = None,
            key => {
                self.staff.remove(&key);
            }
        }
    }

    /// The standards that it names: those that the learner takes, and those of units.
    pub(crate) fn standards_named(&self) -> impl Iterator<Item = &Reference> {
        let of_units = self.units.iter().map(|unit| &unit.standard);
        self.standards.iter().chain(of_units)
    }

    /// Whether only a reading of the learner tells what the learner lacks. A template comes only with a create, and nothing
    /// shows further staff.
    pub(crate) fn needs_reading(&self) -> bool {
        !self.standards.is_empty() || !self.units.is_empty()
    }

    /// What its fields refer to.
    pub(crate) fn referents(&self) -> impl Iterator<Item = Referent> {
        let keys = self.keys().into_iter();
        keys.filter_map(|key| key.row().refers_to())
    }

    /// The same with other references to staff: what `value` gives for each. Other references name no people.
    pub(crate) fn with_staff(&self, mut value: impl FnMut(Key, &Value) -> Value) -> Self {
        let mut other = self.clone();
        for (key, references) in &mut other.staff {
            for reference in references {
                if let Value::Reference(given) = value(*key, &Value::Reference(reference.clone())) {
                    *reference = given;
                }
            }
        }
        other
    }

    /// Whether both say the same about a field.
    pub(crate) fn agrees(&self, other: &Self, key: Key) -> bool {
        match key {
            Key::Standards => self.standards == other.standards,
            Key::Units => self.units == other.units,
            Key::FrameworkTemplate => self.template == other.template,
            key => self.staff.get(&key) == other.staff.get(&key),
        }
    }
}
