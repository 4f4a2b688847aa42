//! `unknown-column`: a column that the CSV doesn't have, or that no field is named after. The CSV reader finds it.

use crate::domain::field::{FIELDS, Key};
use crate::findings::source::{Span, Spanned};
use crate::findings::suggest::nearest;
use crate::findings::{Finding, FixKind, Rule, Severity};
use crate::manifest::rules::unknown_key::is_misspelling;
use crate::manifest::tree::scalar::typed;

pub static RULE: Rule = Rule {
    name: "unknown-column",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "A column that the CSV doesn't have, or that no field is named after.",
    explanation: "`columns` says which column each field comes from: `columns: { misId: Student Ref, firstName: Forename }`. Without \
it every column is named after a field, as in `misId,firstName,lastName`.",
};

/// A header that `columns` names and the CSV lacks. `titles` are the headers that the help may quote.
pub(crate) fn not_in_csv<'t>(
    key: Key,
    header: &Spanned<String>,
    titles: impl Iterator<Item = &'t str>,
) -> Finding {
    let near = nearest(&header.value, titles);
    let help = match near {
        Some(near) => format!("write `{near}`, as in its first row"),
        None => "write the header as it stands in its first row".to_owned(),
    };
    let message = format!("the CSV has no column for `{}`", key.name());
    let finding = Finding::new(&RULE, header.span, message, help);
    match near {
        Some(near) => finding.suggests(header.span, FixKind::Write(typed(near))),
        None => finding,
    }
}

/// A column of a CSV whose columns should be named after fields.
pub(crate) fn not_a_field(title: &str, span: Span) -> Finding {
    let near = nearest(title, FIELDS.iter().map(|field| field.name));
    let help = match near {
        Some(word) if is_misspelling(title, word) => format!("write `{word}`"),
        Some(_) | None => {
            "name it after a field, or say in `columns` which column each field comes from"
                .to_owned()
        }
    };
    let message = "a column that no field is named after";
    Finding::new(&RULE, span, message, help)
}

/// A column for a field whose value no cell can hold.
pub(crate) fn not_for_csv(key: Key, span: Span) -> Finding {
    let message = format!("a CSV can't give `{}`", key.name());
    let help = "take it away, and write it in the manifest: with the users, or among its defaults";
    Finding::new(&RULE, span, message, help)
}

/// A column of an overlay for what only a manifest can give.
pub(crate) fn not_for_overlay(key: Key, span: Span) -> Finding {
    let message = format!("an overlay can't give `{}`", key.name());
    Finding::new(&RULE, span, message, "write it in the manifest")
}

/// An overlay whose rows don't say whose they are. Its place is `fromTable`.
/// A field whose values plans show to everybody: what is sealed must not come out there.
pub(crate) fn not_for_sealed(key: Key, span: Span) -> Finding {
    let message = format!(
        "a sealed overlay can't give `{}`, which plans show",
        key.name()
    );
    let help = "give it in a manifest; sealed overlays are for personal and special fields";
    Finding::new(&RULE, span, message, help)
}

pub(crate) fn overlay_without_mis_id(from_csv: Span) -> Finding {
    let message = "an overlay without `misId`, which says whose each row is";
    let help = "add the column, or name it in `columns`";
    Finding::new(&RULE, from_csv, message, help)
}
