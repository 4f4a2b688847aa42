//! `duplicate-entry`: no two placements and no two classrooms have one `id`, one `misId` or one name.

use std::borrow::Cow;

use foldhash::HashMap;

use crate::domain::field::Key;
use crate::domain::{EntryId, EntryKind, plain_name};
use crate::findings::source::Span;
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::unchecked_entry::UncheckedEntry;

pub static RULE: Rule = Rule {
    name: "duplicate-entry",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "Two declared placements, or two classrooms, with one `id`, `misId` or name. Capitals, accents, apostrophes and blanks don't tell names apart.",
    explanation: "Both are the same one in OneFile, and it can't be as both say. Keep one of them. Two that really share a name need \
their `id` from OneFile, each its own; users then refer to them by `{ id: … }`.",
};

pub(crate) fn check(entries: &[UncheckedEntry]) -> Vec<Finding> {
    let mut findings = by_id(entries);
    findings.extend(by_text(entries, Key::MisId));
    findings.extend(by_text(entries, Key::Name));
    findings
}

fn by_id(entries: &[UncheckedEntry]) -> Vec<Finding> {
    let mut firsts: HashMap<(EntryKind, EntryId), Span> = HashMap::default();
    let mut findings = Vec::new();
    for entry in entries {
        let Some(id) = &entry.id else {
            continue;
        };
        let first = *firsts.entry((entry.kind, id.value)).or_insert(id.span);
        if first != id.span {
            findings.push(two_entries(entry.kind, Key::Id, first, id.span));
        }
    }
    findings
}

fn by_text(entries: &[UncheckedEntry], key: Key) -> Vec<Finding> {
    let mut firsts: HashMap<(EntryKind, Cow<'_, str>), &UncheckedEntry> = HashMap::default();
    let mut findings = Vec::new();
    for entry in entries {
        let Some(text) = entry.text(key) else {
            continue;
        };
        let compared = match key {
            Key::Name => Cow::Owned(plain_name(text)),
            _ => Cow::Borrowed(text),
        };
        let first = *firsts.entry((entry.kind, compared)).or_insert(entry);
        let is_other = first.place != entry.place;
        // Numbers tell them apart, and OneFile may have a name twice.
        let have_numbers = first.id.is_some() && entry.id.is_some();
        if is_other && !(key == Key::Name && have_numbers) {
            let spans = (first.span(key), entry.span(key));
            findings.push(if first.text(key) == Some(text) {
                two_entries(entry.kind, key, spans.0, spans.1)
            } else {
                nearly_one_name(entry.kind, spans.0, spans.1)
            });
        }
    }
    findings
}

/// OneFile would get two that people can't tell apart, and neither can be taken away again.
fn nearly_one_name(kind: EntryKind, first: Span, later: Span) -> Finding {
    let message = format!(
        "two {} whose names differ in capitals, accents, apostrophes or blanks only",
        kind.list()
    );
    let help = "keep one of the two, or give it a name that people can tell apart";
    Finding::new(&RULE, later, message, help).label(first, "first here")
}

fn two_entries(kind: EntryKind, key: Key, first: Span, later: Span) -> Finding {
    let message = format!("two {} with one `{}`", kind.list(), key.name());
    let help = "keep one of the two, or fix one of them";
    Finding::new(&RULE, later, message, help).label(first, "first here")
}
