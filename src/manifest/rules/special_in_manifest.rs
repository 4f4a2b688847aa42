//! `special-in-manifest`: a value of class `special` in a manifest, and so in git. Each file has at most one finding.

use crate::domain::field::Class;
use crate::findings::source::Span;
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::tree::document::field_groups;
use crate::manifest::tree::node::Node;
use crate::manifest::unchecked_user::UncheckedUser;

pub static RULE: Rule = Rule {
    name: "special-in-manifest",
    severity: Severity::Warning,
    is_adjustable: true,
    meaning: "A value of class `special` written in a manifest, and so in git, for ever.",
    explanation: "Health, ethnicity and national insurance numbers don't belong into a history that every clone keeps. Keep them in a \
CSV outside of git, and join it when rosterctl runs:\n\n    fromTable:\n      path: ../private/special.csv\n      columns: { misId: Student Ref, nino: NI Number }\n      overlay: true\n      optional: true\n\nOr let them lie in git sealed, so that only holders of a key can read them: `rosterctl seal private/special.csv`, and \
`sealed: true` in the place of `optional: true`.",
};

pub(crate) fn check(document: &Node, _users: &[UncheckedUser]) -> Vec<Finding> {
    let mut places = Vec::new();
    for fields in field_groups(document) {
        collect_special(fields, document, &mut places);
    }
    // An alias repeats a place.
    places.sort_unstable();
    places.dedup();
    let Some(first) = places.first() else {
        return Vec::new();
    };
    let message = match places.len() {
        1 => "a value of class `special` in a manifest".to_owned(),
        number => format!("{number} values of class `special` in a manifest; this is the first"),
    };
    let help = "keep them in a CSV outside of git, and join it: `fromTable: { path: …, overlay: true }`; `rosterctl explain \
                special-in-manifest` says more";
    vec![Finding::new(&RULE, *first, message, help)]
}

fn collect_special(fields: &Node, document: &Node, places: &mut Vec<Span>) {
    for entry in fields.entries() {
        let key = entry.key.value.key();
        let is_special = key.is_some_and(|key| key.row().class == Class::Special);
        let has_text = entry.value.text().is_some_and(|text| !text.is_empty())
            || !entry.value.items().is_empty();
        // A value from a CSV has its place in the CSV.
        let is_in_manifest = entry.value.span.file == document.span.file;
        if is_special && has_text && is_in_manifest {
            places.push(entry.value.span);
        }
    }
}
