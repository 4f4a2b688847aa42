//! What a mapping of fields says that a learner gets by calls of their own.

use std::collections::BTreeSet;

use crate::domain::field::{Field, Key, Referent, ValueKind};
use crate::domain::{Assignments, Reference, UnitReference};
use crate::manifest::node_value::reference;
use crate::manifest::tree::field_nodes::FieldNodes;
use crate::manifest::tree::node::Node;

/// The keys of a unit in a manifest.
pub(crate) const STANDARD: &str = "standard";
pub(crate) const UNIT: &str = "unit";

/// What these fields assign; `None` for nothing.
pub(crate) fn assignments(fields: &FieldNodes<'_>) -> Option<Box<Assignments>> {
    let mut assignments: Option<Box<Assignments>> = None;
    for (field, node) in fields.iter() {
        if field.is_assigned() {
            add(assignments.get_or_insert_default(), field, node);
        }
    }
    assignments.filter(|assignments| !assignments.is_empty())
}

fn add(assignments: &mut Assignments, field: &Field, node: &Node) {
    match field.key {
        Key::Standards => assignments.standards = references(field, node),
        Key::Units => assignments.units = units(node),
        Key::FrameworkTemplate => assignments.template = template(field, node),
        key => {
            let staff = references(field, node);
            if !staff.is_empty() {
                assignments.staff.insert(key, staff);
            }
        }
    }
}

fn template(field: &Field, node: &Node) -> Option<Reference> {
    reference(field.referent()?.forms(), node)
}

/// The items of a list, each once.
fn references(field: &Field, node: &Node) -> Vec<Reference> {
    let ValueKind::References(referent) = field.kind else {
        return Vec::new();
    };
    let items = node.items().iter();
    each_once(items.filter_map(|item| reference(referent.forms(), item)))
}

fn units(node: &Node) -> Vec<UnitReference> {
    each_once(node.items().iter().filter_map(unit))
}

fn each_once<T: Clone + Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = BTreeSet::new();
    items.filter(|item| seen.insert(item.clone())).collect()
}

/// The unit that an item of a list names.
pub(crate) fn unit(node: &Node) -> Option<UnitReference> {
    let forms = Referent::Standard.forms();
    let named = |key: &str| reference(forms, &node.get(key)?.value);
    Some(UnitReference {
        standard: named(STANDARD)?,
        unit: named(UNIT)?,
    })
}
