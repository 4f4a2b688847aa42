//! Values of class `special` that stand in a manifest, and so in git: said once a file.

use crate::domain::field::Class;
use crate::findings::source::Span;
use crate::findings::{Code, Finding};
use crate::manifest::tree::document::field_groups;
use crate::manifest::tree::node::{MapEntry, Node};
use crate::manifest::unchecked_user::UncheckedUser;

pub(crate) fn check(document: &Node, _users: &[UncheckedUser]) -> Vec<Finding> {
    let written = field_groups(document).flat_map(special_of);
    // What came from a CSV has its place there.
    let mut places: Vec<Span> = written
        .filter(|span| span.file == document.span.file)
        .collect();
    places.sort_unstable();
    places.dedup();
    let Some(first) = places.first() else {
        return Vec::new();
    };
    let message = match places.len() {
        1 => "a value of class `special` in a manifest".to_owned(),
        number => format!("{number} values of class `special` in a manifest; this is the first"),
    };
    let help = "keep them in a CSV outside of git, and join it: `fromCsv: { path: …, overlay: true }`; `rosterctl explain \
                special-in-manifest` says more";
    vec![Finding::new(Code::SpecialInManifest, *first, message, help)]
}

fn special_of(fields: &Node) -> impl Iterator<Item = Span> {
    let is_special = |entry: &&MapEntry<'_>| {
        entry
            .key
            .value
            .key()
            .is_some_and(|key| key.row().class == Class::Special)
    };
    let written = fields
        .entries()
        .iter()
        .filter(is_special)
        .map(|entry| &entry.value);
    written
        .filter(|node| node.text().is_some_and(|text| !text.is_empty()))
        .map(|node| node.span)
}
