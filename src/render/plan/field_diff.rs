//! One change of a field, as lines. Short values stand side by side; in long or multi-line text the difference is shown.

use similar::{ChangeTag, TextDiff};
use unicode_width::UnicodeWidthStr;

use crate::domain::field::{Class, Key, ValueKind};
use crate::domain::redact::{Reveal, open_text};
use crate::domain::{ObservedValue, Value};
use crate::plan::{Change, LiveValue, OperationKind, ReferenceTarget, ResolvedValue};
use crate::render::block::INDENT;
use crate::render::options::RenderOptions;
use crate::render::words::{broken, quoted, shown};

/// From this length on, the difference is shown instead of both texts.
const LONG: usize = 40;
/// Where values begin: past the longest of the usual keys.
const KEY_WIDTH: usize = 15;

/// The lines of the changes of one operation. What may not be shown and what it is called go together: off a terminal,
/// `special` fields aren't even named.
pub(crate) fn lines(kind: OperationKind, changes: &[&Change], look: RenderOptions) -> Vec<String> {
    let reveal = look.reveal;
    let (hidden, named): (Vec<_>, Vec<_>) = changes
        .iter()
        .partition(|change| change.key.row().class == Class::Special && reveal == Reveal::Public);
    let mut lines: Vec<String> = named
        .into_iter()
        .flat_map(|change| labelled(change, look))
        .collect();
    if !hidden.is_empty() {
        lines.push(match kind {
            OperationKind::Create => format!("{:INDENT$}special data", ""),
            OperationKind::Update => format!("{:INDENT$}special data changed", ""),
        });
    }
    lines
}

/// What can't be compared is said to be so.
fn labelled(change: &Change, look: RenderOptions) -> Vec<String> {
    let (value, below) = one(change, look);
    let unverified = if change.is_verifiable {
        ""
    } else {
        " (unverified)"
    };
    let mut lines = row(change.key.name(), &(value + unverified), look.width);
    lines.extend(below);
    lines
}

/// A name, and what it has, broken where the lines end.
pub(crate) fn row(name: &str, value: &str, width: usize) -> Vec<String> {
    let head = format!("{:INDENT$}{name:KEY_WIDTH$}  ", "");
    let mut lines = broken(value, &head, head.width(), width);
    // What has nothing beside it, but below.
    let length = lines[0].trim_end().len();
    lines[0].truncate(length);
    lines
}

/// What stands beside the name of a field, and what below.
fn one(change: &Change, look: RenderOptions) -> (String, Vec<String>) {
    let class = change.key.row().class;
    if !look.reveal.shows(class) {
        let word = match class {
            Class::Special => "(special)",
            Class::Personal | Class::Public => "(personal)",
        };
        return (word.to_owned(), Vec::new());
    }
    if let (Some(from), ResolvedValue::Value(Value::Text(to))) = (text_of(change), &change.to) {
        let to = to.trim().replace("\r\n", "\n");
        if from.contains('\n') || to.contains('\n') {
            return (String::new(), by_line(&from, &to, look.width));
        }
        if from.chars().count().max(to.chars().count()) > LONG {
            return (by_word(&from, &to), Vec::new());
        }
    }
    let to = planned(&change.to);
    let value = match &change.from {
        Some(from) => format!("{} -> {to}", former(change.key, from)),
        None => to,
    };
    (value, Vec::new())
}

fn text_of(change: &Change) -> Option<String> {
    match &change.from.as_ref()?.live {
        ObservedValue::Value(Value::Text(text)) => Some(text.canonical().to_string()),
        ObservedValue::Value(_) | ObservedValue::Empty | ObservedValue::Unreadable(_) => None,
    }
}

pub(crate) fn planned(planned: &ResolvedValue) -> String {
    match planned {
        ResolvedValue::Value(value) => declared(value),
        ResolvedValue::Reference {
            label,
            target: ReferenceTarget::Known(id),
        } => match named(label) {
            Some(label) => format!("{label} ({id})"),
            None => id.to_string(),
        },
        ResolvedValue::Reference {
            label,
            target: ReferenceTarget::AfterApply(_),
        } => {
            format!(
                "{} (known after apply)",
                named(label).unwrap_or_else(|| "somebody".to_owned())
            )
        }
    }
}

/// What something that is referred to is called, where that may be shown.
fn named(label: &str) -> Option<String> {
    open_text(label)
        .filter(|label| !label.is_empty())
        .map(shown)
}

fn declared(value: &Value) -> String {
    match value {
        Value::Text(text) => quoted(text),
        value => value.written().into_owned(),
    }
}

pub(crate) fn former(key: Key, former: &LiveValue) -> String {
    let canonical = former.live.canonical().unwrap_or_default();
    match (former.label.as_deref().and_then(named), key.row().kind) {
        (Some(label), _) => format!("{label} ({})", shown(&canonical)),
        (None, ValueKind::Text(_)) => quoted(&canonical),
        (None, _) => shown(&canonical),
    }
}

/// The lines of both texts, those that go and those that come marked.
fn by_line(from: &str, to: &str, width: usize) -> Vec<String> {
    let diff = TextDiff::from_lines(from, to);
    let changed = diff.iter_all_changes().flat_map(|change| {
        let mark = match change.tag() {
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
            ChangeTag::Equal => ' ',
        };
        let text = shown(change.value().trim_end_matches(['\r', '\n']));
        broken(
            &text,
            &format!("{:INDENT$}  {mark} ", ""),
            INDENT + 4,
            width,
        )
    });
    changed.collect()
}

/// One line in which what goes is in `[-…-]` and what comes in `{+…+}`: by words, and by characters where the texts are
/// more alike than not.
fn by_word(from: &str, to: &str) -> String {
    let words = TextDiff::from_unicode_words(from, to);
    let marked = if words.ratio() > 0.5 {
        marks(&TextDiff::from_graphemes(from, to))
    } else {
        marks(&words)
    };
    format!("\"{marked}\"")
}

fn marks(diff: &TextDiff<'_, '_, str>) -> String {
    let mut marked = String::new();
    let mut open = ChangeTag::Equal;
    for change in diff.iter_all_changes() {
        if change.tag() != open {
            marked.push_str(closing(open));
            marked.push_str(opening(change.tag()));
            open = change.tag();
        }
        marked.push_str(&shown(change.value()));
    }
    marked.push_str(closing(open));
    marked
}

fn opening(tag: ChangeTag) -> &'static str {
    match tag {
        ChangeTag::Delete => "[-",
        ChangeTag::Insert => "{+",
        ChangeTag::Equal => "",
    }
}

fn closing(tag: ChangeTag) -> &'static str {
    match tag {
        ChangeTag::Delete => "-]",
        ChangeTag::Insert => "+}",
        ChangeTag::Equal => "",
    }
}
