//! The lines for one changed field. Short values stand side by side; for long text only the difference is shown.

use similar::ChangeTag;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::domain::field::{Key, ValueKind};
use crate::domain::redact::{Reveal, SPECIAL_DATA, hides_name, open_key, open_text};
use crate::domain::{ObservedValue, Value};
use crate::plan::{Change, LiveValue, OperationKind, ReferenceTarget, ResolvedValue};
use crate::render::block::{INDENT, row};
use crate::render::difference::TextDifference;
use crate::render::options::RenderOptions;
use crate::render::told_apart::told_apart;
use crate::render::words::{hidden_value, quoted, shown};
use crate::render::wrap::broken;

/// From this many characters on, the difference is shown instead of both texts: two shorter ones fit on one line.
const LONG: usize = 40;

/// The lines for the changes of one operation. All fields whose name is hidden share one line.
pub(crate) fn change_lines(
    kind: OperationKind,
    changes: &[&Change],
    options: RenderOptions,
) -> Vec<String> {
    let mut lines = Vec::new();
    let mut has_hidden = false;
    for change in changes {
        if hides_name(change.key, options.reveal) {
            has_hidden = true;
        } else {
            lines.extend(field_lines(change, options));
        }
    }
    if has_hidden {
        lines.push(format!("{:INDENT$}{}", "", hidden_words(kind)));
    }
    lines
}

/// What is said in place of the fields whose name is hidden.
pub(crate) fn hidden_words(kind: OperationKind) -> String {
    match kind {
        OperationKind::CreateEntry | OperationKind::Create => SPECIAL_DATA.to_owned(),
        OperationKind::UpdateEntry
        | OperationKind::Unarchive
        | OperationKind::Update
        | OperationKind::Assign
        | OperationKind::Archive => {
            format!("{SPECIAL_DATA} changed")
        }
    }
}

/// The name of a field with its values. A field that can't be compared is marked as unverified.
fn field_lines(change: &Change, options: RenderOptions) -> Vec<String> {
    let (value, below) = values(change, options);
    let mut lines = row(
        change.key.name(),
        &(value + unverified(change)),
        options.width,
    );
    lines.extend(below);
    lines
}

/// The mark of a field that can't be compared.
pub(crate) fn unverified(change: &Change) -> &'static str {
    if change.is_verifiable {
        ""
    } else {
        " (unverified)"
    }
}

/// What stands beside the name of a field, and the lines below it.
fn values(change: &Change, options: RenderOptions) -> (String, Vec<String>) {
    let class = change.key.row().class;
    if !options.reveal.shows(class) || hides_address(change, options.reveal) {
        return (hidden_value(class).to_owned(), Vec::new());
    }
    if let (Some(from), ResolvedValue::Value(Value::Text(to))) = (text_of(change), &change.to) {
        let to = to.trim().replace("\r\n", "\n");
        if from.contains('\n') || to.contains('\n') {
            return (String::new(), difference_by_line(&from, &to, options.width));
        }
        let is_long = from.chars().count().max(to.chars().count()) > LONG;
        if is_long && told_apart(&from, &to).is_none() {
            return (difference_by_word(&from, &to), Vec::new());
        }
    }
    (both_values(change), Vec::new())
}

/// The former and the new value on one line. If they look alike, what differs is made visible.
pub(crate) fn both_values(change: &Change) -> String {
    match former_and_new(change) {
        (Some(from), to) => format!("{from} -> {to}"),
        (None, to) => to,
    }
}

/// The former value, unless the field was empty, and the new one. If they look alike, what differs is made visible.
pub(crate) fn former_and_new(change: &Change) -> (Option<String>, String) {
    let to = new_value(&change.to);
    let Some(from) = &change.from else {
        return (None, to);
    };
    if let (Some(former), ResolvedValue::Value(Value::Text(new))) = (text_of(change), &change.to)
        && let Some((former, new)) = told_apart(&former, new.as_str())
    {
        return (Some(quoted(&former)), quoted(&new));
    }
    (Some(former_value(change.key, from)), to)
}

/// Whether a public value holds an e-mail address, which is personal wherever it stands.
pub(crate) fn hides_address(change: &Change, reveal: Reveal) -> bool {
    let is_open = |value: &str| open_key(value, reveal).is_some();
    let to_is_open = match &change.to {
        ResolvedValue::Value(value) => is_open(&value.written()),
        ResolvedValue::Reference { .. } => true,
    };
    let from_is_open = match &change.from {
        Some(from) => from.live.canonical().is_none_or(|live| is_open(&live)),
        None => true,
    };
    !(to_is_open && from_is_open)
}

fn text_of(change: &Change) -> Option<String> {
    match &change.from.as_ref()?.live {
        ObservedValue::Value(Value::Text(text)) => Some(text.canonical().to_string()),
        ObservedValue::Value(_) | ObservedValue::Empty | ObservedValue::Unreadable(_) => None,
    }
}

/// The value that a field gets.
pub(crate) fn new_value(planned: &ResolvedValue) -> String {
    match planned {
        ResolvedValue::Value(value) => declared(value),
        ResolvedValue::Reference {
            label,
            target: ReferenceTarget::Known(id),
        } => match public_label(label) {
            Some(label) => format!("{label} ({id})"),
            None => id.to_string(),
        },
        ResolvedValue::Reference {
            label,
            target: ReferenceTarget::Unit { unit, standard },
        } => {
            let label = public_label(label).unwrap_or_else(|| "unit".to_owned());
            format!("{label} ({unit} of standard {standard})")
        }
        ResolvedValue::Reference {
            label,
            target: ReferenceTarget::AfterApply(_) | ReferenceTarget::AfterEntry(_),
        } => {
            format!(
                "{} (known after apply)",
                public_label(label).unwrap_or_else(|| "somebody".to_owned())
            )
        }
    }
}

/// The name of what a reference means, if it may be shown.
fn public_label(label: &str) -> Option<String> {
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

/// The value that the account has now, and the name of what it refers to, if that is known.
pub(crate) fn former_value(key: Key, former: &LiveValue) -> String {
    let canonical = former.live.canonical().unwrap_or_default();
    match (
        former.label.as_deref().and_then(public_label),
        key.row().kind,
    ) {
        (Some(label), _) => format!("{label} ({})", shown(&canonical)),
        (None, ValueKind::Text(_)) => quoted(&canonical),
        (None, _) => shown(&canonical),
    }
}

/// The lines of both texts; `-` marks a line that goes, `+` one that comes.
fn difference_by_line(from: &str, to: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let (old, new) = (from.split_inclusive('\n'), to.split_inclusive('\n'));
    for piece in TextDifference::of(old.collect(), new.collect()).pieces() {
        let mark = match piece.tag {
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
            ChangeTag::Equal => ' ',
        };
        let text = shown(piece.text.trim_end_matches(['\r', '\n']));
        let head = format!("{:INDENT$}  {mark} ", "");
        lines.extend(broken(&text, &head, head.width(), width));
    }
    lines
}

/// One line with what goes in `[-…-]` and what comes in `{+…+}`: by words, or by characters if more than half of the
/// words are the same.
fn difference_by_word(from: &str, to: &str) -> String {
    let (old, new) = (from.split_word_bounds(), to.split_word_bounds());
    let words = TextDifference::of(old.collect(), new.collect());
    let marked = if words.ratio() > 0.5 {
        let (old, new) = (from.graphemes(true), to.graphemes(true));
        marked_difference(&TextDifference::of(old.collect(), new.collect()))
    } else {
        marked_difference(&words)
    };
    format!("\"{marked}\"")
}

fn marked_difference(difference: &TextDifference<'_>) -> String {
    let mut marked = String::new();
    let mut open = ChangeTag::Equal;
    for piece in difference.pieces() {
        if piece.tag != open {
            marked.push_str(closing(open));
            marked.push_str(opening(piece.tag));
            open = piece.tag;
        }
        marked.push_str(&shown(piece.text));
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
