//! `repeated-item`: one item twice in a list of what a learner gets. It counts once.

use std::collections::BTreeSet;

use crate::domain::field::{Field, Shape, ValueKind};
use crate::findings::{Finding, FixKind, Rule, Severity};
use crate::manifest::declared_assignments::unit;
use crate::manifest::node_value::reference;
use crate::manifest::tree::node::Node;

pub static RULE: Rule = Rule {
    name: "repeated-item",
    severity: Severity::Warning,
    is_adjustable: true,
    meaning: "A list that has one item twice: a standard, a unit, a code or a person.",
    explanation: "It counts once. Mostly one of the two was meant to be another: fix it, or take it away.",
};

pub(crate) fn check(field: &Field, node: &Node) -> Option<Finding> {
    let repeated = match field.kind {
        ValueKind::References(referent) => repeated(node, |item| reference(referent.forms(), item)),
        ValueKind::Units => repeated(node, unit),
        ValueKind::Text(Shape::Codes) => repeated(node, |item| item.text().map(str::trim)),
        ValueKind::Text(Shape::Free | Shape::Email | Shape::Uln | Shape::Nino | Shape::Code(_))
        | ValueKind::Day
        | ValueKind::Instant
        | ValueKind::Flag
        | ValueKind::Number
        | ValueKind::Ids
        | ValueKind::Accounts
        | ValueKind::Role
        | ValueKind::Word(_)
        | ValueKind::Reference(_) => None,
    }?;
    let message = format!("`{}` has this item twice", field.name);
    let help = "take one away, or write the one that is meant";
    Some(Finding::new(&RULE, repeated.span, message, help).fixed_by(FixKind::RemoveItem))
}

/// The first item that an earlier one equals.
fn repeated<'n, T: Ord>(
    list: &'n Node<'n>,
    read: impl Fn(&'n Node<'n>) -> Option<T>,
) -> Option<&'n Node<'n>> {
    let mut seen = BTreeSet::new();
    let mut items = list.items().iter();
    items.find(|item| read(item).is_some_and(|read| !seen.insert(read)))
}
