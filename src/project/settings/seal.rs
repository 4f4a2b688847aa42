//! `seal` in `rosterctl.yaml`: who can open sealed overlays.

use crate::findings::Finding;
use crate::findings::source::Span;
use crate::manifest::project_keys::{FEWEST_RECIPIENTS, SEAL_KEYS, only_these};
use crate::manifest::rules::{missing_field, unknown_key, unknown_word, wrong_kind};
use crate::manifest::sealed::{Recipients, canonical_recipient};
use crate::manifest::tree::node::{MapEntry, Node, NodeData};

const EXAMPLE: &str = "write `recipients:` and below it `NAME: age1…` for each who can open rows; `rosterctl seal --keygen` makes a key";

/// The recipients that a document names, or everything that is wrong with them. Without `seal` there are none.
pub(super) fn recipients(document: &Node) -> Result<Recipients, Vec<Finding>> {
    let Some(seal) = document.get("seal") else {
        return Ok(Recipients::default());
    };
    let mut findings = Vec::new();
    for entry in seal.value.entries() {
        if !SEAL_KEYS.iter().any(|key| entry.key.value == **key) {
            let known = SEAL_KEYS.iter().copied();
            findings.push(unknown_key::finding(
                &entry.key,
                known,
                &only_these(SEAL_KEYS),
            ));
        }
    }
    let mut named = Vec::new();
    if let Some(list) = seal.value.get("recipients") {
        named = read_named(list, &mut findings);
    } else {
        let message = "`seal` names no `recipients`";
        findings.push(Finding::new(
            &missing_field::RULE,
            seal.key.span,
            message,
            EXAMPLE,
        ));
    }
    if findings.is_empty() {
        Ok(Recipients::new(named))
    } else {
        Err(findings)
    }
}

/// The name and the public key of each recipient.
fn read_named(list: &MapEntry, findings: &mut Vec<Finding>) -> Vec<(String, String)> {
    if !matches!(list.value.data, NodeData::Map(_)) {
        let message = "`recipients` takes a mapping";
        findings.push(Finding::new(
            &wrong_kind::RULE,
            list.key.span,
            message,
            EXAMPLE,
        ));
        return Vec::new();
    }
    let mut named: Vec<(String, String)> = Vec::new();
    for entry in list.value.entries() {
        if !is_name(&entry.key.value) {
            let message = "this can't be the name of a recipient";
            let help = "write a short name of letters, digits and hyphens, such as `data-team`";
            findings.push(refused(entry.key.span, message, help));
            continue;
        }
        match public_key(entry) {
            Ok(key) if named.iter().any(|(_, other)| *other == key) => {
                let message = "two recipients have one public key";
                let help = "give each a key of their own, or take one of the two lines away";
                findings.push(refused(entry.value.span, message, help));
            }
            Ok(key) => named.push((entry.key.value.to_string(), key)),
            Err(finding) => findings.push(finding),
        }
    }
    if findings.is_empty() && named.len() < FEWEST_RECIPIENTS {
        let message = "fewer than two recipients: with the one key, every row would be lost";
        findings.push(refused(list.key.span, message, EXAMPLE));
    }
    named
}

/// Names are shown in plans, so a key that was pasted there must not be one.
fn is_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || "-_. ".contains(c);
    let is_key = name.to_ascii_uppercase().starts_with("AGE-") || name.starts_with("age1");
    !name.is_empty() && name.chars().count() <= 40 && name.chars().all(is_plain) && !is_key
}

/// Nothing of a text that isn't a public key goes into the finding: it may be a private one.
fn public_key(entry: &MapEntry) -> Result<String, Finding> {
    let Some(text) = entry.value.text() else {
        let message = "a recipient is a public key of age, as text";
        return Err(Finding::new(
            &wrong_kind::RULE,
            entry.value.span,
            message,
            EXAMPLE,
        ));
    };
    canonical_recipient(text.trim()).map_err(|why| {
        let message = format!("this can't be a recipient: {why}");
        refused(entry.value.span, &message, EXAMPLE)
    })
}

fn refused(span: Span, message: &str, help: &str) -> Finding {
    Finding::new(&unknown_word::RULE, span, message, help)
}
