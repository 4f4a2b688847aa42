//! Reading `sandbox.yaml` and fault files: the value that a key takes, or a finding that says what to write.

use crate::findings::Finding;
use crate::manifest::rules::{unknown_key, wrong_kind};
use crate::manifest::tree::node::{MapEntry, Node, NodeData};

/// A finding for each key of a mapping that isn't known, or for a node that is no mapping.
pub(crate) fn unknown_keys(node: &Node, known: &[&str]) -> Vec<Finding> {
    let NodeData::Map(entries) = &node.data else {
        let help = "write `key: value` lines";
        let finding = Finding::new(&wrong_kind::RULE, node.span, "a mapping is due here", help);
        return vec![finding];
    };
    let mut findings = Vec::new();
    for entry in entries {
        if !known.contains(&entry.key.value.as_str()) {
            let known = known.iter().copied();
            findings.push(unknown_key::finding(&entry.key, known, "take it away"));
        }
    }
    findings
}

/// A whole number from 0 up.
pub(crate) fn count(entry: &MapEntry) -> Result<usize, Finding> {
    let number = entry.value.integer().map(usize::try_from);
    match number {
        Some(Ok(number)) => Ok(number),
        Some(Err(_)) | None => Err(wrong(entry, "a whole number", "write a number from 0 up")),
    }
}

pub(crate) fn flag(entry: &MapEntry) -> Result<bool, Finding> {
    let flag = entry.value.flag();
    flag.ok_or_else(|| wrong(entry, "a flag", "write `true` or `false`"))
}

pub(crate) fn text<'e>(entry: &'e MapEntry<'_>) -> Result<&'e str, Finding> {
    let text = entry.value.text();
    text.ok_or_else(|| wrong(entry, "text", "write it in quotes"))
}

/// A number from 0 up that may have a fraction, which our reader of YAML reads as text.
pub(crate) fn fraction(entry: &MapEntry) -> Result<f64, Finding> {
    let whole = entry.value.integer().map(|number| number.to_string());
    let text = whole.as_deref().or(entry.value.text()).unwrap_or_default();
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && number >= 0.0 => Ok(number),
        Ok(_) | Err(_) => Err(wrong(entry, "a number", "write it as in `0.5`")),
    }
}

pub(crate) fn texts(entry: &MapEntry) -> Result<Vec<String>, Finding> {
    let help = "write it as in `[\"one\", \"two\"]`";
    let NodeData::List(items) = &entry.value.data else {
        return Err(wrong(entry, "a list of texts", help));
    };
    let mut texts = Vec::new();
    for item in items {
        let Some(text) = item.text() else {
            return Err(wrong(entry, "a list of texts", help));
        };
        texts.push(text.to_owned());
    }
    Ok(texts)
}

/// The value that a word or a number stands for.
pub(crate) fn choice<T: Clone>(entry: &MapEntry, words: &[(&str, T)]) -> Result<T, Finding> {
    let number = entry.value.integer().map(|number| number.to_string());
    let written = entry.value.text().or(number.as_deref());
    for (word, value) in words {
        if Some(*word) == written {
            return Ok(value.clone());
        }
    }
    let all: Vec<_> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
    let help = format!("write one of {}", all.join(", "));
    Err(wrong(entry, "one of a few words", &help))
}

/// A finding: the key takes something else than its value.
pub(crate) fn wrong(entry: &MapEntry, due: &str, help: &str) -> Finding {
    let message = format!("`{}` takes {due}", entry.key.value);
    Finding::new(&wrong_kind::RULE, entry.value.span, message, help)
}
