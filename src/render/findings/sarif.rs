//! Findings as SARIF 2.1.0, which code scanning of forges takes.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::findings::{Finding, Label, Rule, Severity};
use crate::manifest::rules::RULES;
use crate::render::findings::json::position;
use crate::render::findings::text::cell_words;
use crate::render::findings::{CheckedFindings, path_from_here};
use crate::review::json;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What is written as it is in the path of a URI.
const IN_PATHS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'.')
    .remove(b'-')
    .remove(b'_')
    .remove(b'~');

/// The document, with every rule and every finding.
pub fn findings_sarif(checked: &CheckedFindings<'_>) -> String {
    let rules: Vec<Value> = RULES.iter().map(|rule| rule_json(rule)).collect();
    let results = checked.findings.iter();
    let results: Vec<Value> = results.map(|finding| result(finding, checked)).collect();
    json::document(&json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "rosterctl",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    }))
}

fn rule_json(rule: &Rule) -> Value {
    json!({
        "id": rule.name,
        "shortDescription": { "text": rule.meaning },
        "fullDescription": { "text": rule.explanation },
        "defaultConfiguration": { "level": level(rule.severity) },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn result(finding: &Finding, checked: &CheckedFindings<'_>) -> Value {
    let mut text = finding.message.clone();
    if let Some(cell) = cell_words(checked.sources, finding.span()) {
        text = format!("{text} ({cell})");
    }
    let related: Vec<Value> = finding.labels[1..]
        .iter()
        .map(|label| {
            let mut place = location(label, checked);
            place["message"] = json!({ "text": label.text });
            place
        })
        .collect();
    let index = RULES.iter().position(|rule| rule.name == finding.rule.name);
    let mut result = json!({
        "ruleId": finding.rule.name,
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": { "text": format!("{text}. {}", finding.help) },
        "locations": [location(&finding.labels[0], checked)],
    });
    if !related.is_empty() {
        result["relatedLocations"] = Value::from(related);
    }
    result
}

fn location(label: &Label, checked: &CheckedFindings<'_>) -> Value {
    let place = position(label, checked.sources);
    let file = path_from_here(checked.folder, place.file);
    json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(&file) },
            "region": { "startLine": place.line, "startColumn": place.column },
        },
    })
}

/// A relative path as the path of a URI.
fn uri(path: &str) -> String {
    utf8_percent_encode(path, IN_PATHS).to_string()
}
