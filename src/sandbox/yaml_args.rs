//! Reading `sandbox.yaml` and fault files: values of the kinds that their keys take, or a finding that says so.

use crate::findings::{Code, Finding};
use crate::manifest::unknown_key;
use crate::manifest::yaml::{MapEntry, Node, NodeData};

pub(crate) fn unknown_keys(node: &Node, known: &[&str]) -> Vec<Finding> {
    let NodeData::Map(entries) = &node.data else {
        return vec![Finding::new(
            Code::WrongKind,
            node.span,
            "a mapping is due here",
            "write `key: value` lines",
        )];
    };
    let unknown = entries
        .iter()
        .filter(|entry| !known.contains(&entry.key.value.as_str()));
    unknown
        .map(|entry| unknown_key(&entry.key, known.iter().copied(), "take it away"))
        .collect()
}

pub(crate) fn count(entry: &MapEntry) -> Result<usize, Finding> {
    let number = entry
        .value
        .integer()
        .and_then(|number| usize::try_from(number).ok());
    number.ok_or_else(|| wrong(entry, "a whole number", "write a number from 0 up"))
}

pub(crate) fn flag(entry: &MapEntry) -> Result<bool, Finding> {
    entry
        .value
        .flag()
        .ok_or_else(|| wrong(entry, "a flag", "write `true` or `false`"))
}

pub(crate) fn text<'e>(entry: &'e MapEntry<'_>) -> Result<&'e str, Finding> {
    entry
        .value
        .text()
        .ok_or_else(|| wrong(entry, "text", "write it in quotes"))
}

/// A number that may have a fraction, which our reader of YAML takes for text.
pub(crate) fn fraction(entry: &MapEntry) -> Result<f64, Finding> {
    let whole = entry.value.integer().map(|number| number.to_string());
    let text = whole.as_deref().or(entry.value.text()).unwrap_or_default();
    let number = text
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite() && *number >= 0.0);
    number.ok_or_else(|| wrong(entry, "a number", "write it as in `0.5`"))
}

pub(crate) fn texts(entry: &MapEntry) -> Result<Vec<String>, Finding> {
    let items = entry
        .value
        .items()
        .iter()
        .map(|item| item.text().map(str::to_owned));
    let is_list = matches!(entry.value.data, NodeData::List(_));
    let texts = if is_list {
        items.collect::<Option<_>>()
    } else {
        None
    };
    texts.ok_or_else(|| {
        wrong(
            entry,
            "a list of texts",
            "write it as in `[\"one\", \"two\"]`",
        )
    })
}

pub(crate) fn choice<T: Copy>(entry: &MapEntry, words: &[(&str, T)]) -> Result<T, Finding> {
    let found = words
        .iter()
        .find(|(word, _)| Some(*word) == entry.value.text());
    found.map(|(_, value)| *value).ok_or_else(|| {
        let all: Vec<_> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        wrong(
            entry,
            "one of a few words",
            &format!("write one of {}", all.join(", ")),
        )
    })
}

pub(crate) fn wrong(entry: &MapEntry, due: &str, help: &str) -> Finding {
    Finding::new(
        Code::WrongKind,
        entry.value.span,
        format!("`{}` takes {due}", entry.key.value),
        help,
    )
}
