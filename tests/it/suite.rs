//! The public suite of YAML's corners, `yaml/yaml-test-suite`, against our reading of it. Not kept here: check out its
//! branch `data`, and `YAML_SUITE=DIR cargo test suite -- --ignored --nocapture` reads every case of that folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rosterctl::findings::Finding;
use rosterctl::findings::source::Sources;
use rosterctl::manifest::rules::{syntax, unsupported_yaml};
use rosterctl::manifest::tree::node::{Node, NodeData};
use rosterctl::manifest::yaml;
use serde_json::Value;
use walkdir::WalkDir;

/// What became of the cases: of each outcome, their names.
type Outcomes = BTreeMap<String, Vec<String>>;

#[test]
#[ignore = "needs the suite, which `YAML_SUITE` names"]
#[expect(clippy::print_stdout, reason = "the counts are what it is run for")]
fn the_public_suite_is_read_as_it_is_meant() {
    let suite = suite();
    let mut outcomes = Outcomes::new();
    for case in cases(&suite) {
        let name = case.strip_prefix(&suite).unwrap().display().to_string();
        outcomes.entry(outcome(&case)).or_default().push(name);
    }
    for (outcome, names) in &outcomes {
        println!("{:4} {outcome}: {}", names.len(), names.join(" "));
    }
    let wrong = |outcome: &str| outcomes.get(outcome).cloned().unwrap_or_default();
    assert!(
        outcomes.values().map(Vec::len).sum::<usize>() > 300,
        "the suite has more cases"
    );
    assert_eq!(wrong("invalid, read"), [""; 0]);
    assert_eq!(wrong("valid, read otherwise"), [""; 0]);
    assert_eq!(wrong("valid, refused as syntax"), [""; 0]);
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the test says by this where the suite is"
)]
fn suite() -> PathBuf {
    std::env::var_os("YAML_SUITE")
        .expect("`YAML_SUITE` names the suite")
        .into()
}

/// The folders that hold a text, in order; `name` and `tags` hold links to the same ones.
fn cases(suite: &Path) -> Vec<PathBuf> {
    let entries = WalkDir::new(suite)
        .sort_by_file_name()
        .into_iter()
        .flatten();
    let texts =
        entries.filter(|entry| entry.file_name() == "in.yaml" && entry.file_type().is_file());
    texts
        .map(|entry| entry.path().parent().unwrap().to_owned())
        .collect()
}

/// Whether a case is valid, and what we make of it: the first fault decides.
fn outcome(case: &Path) -> String {
    let text = std::fs::read_to_string(case.join("in.yaml")).unwrap();
    let mut sources = Sources::default();
    let file = sources.add("in.yaml", text);
    let (documents, findings) = yaml::parse(file, &sources.file(file).text);
    let validity = if case.join("error").exists() {
        "invalid"
    } else {
        "valid"
    };
    let is_syntax = |finding: &&Finding| finding.rule == &syntax::RULE;
    match findings.iter().find(is_syntax).or(findings.first()) {
        None if !is_as_meant(&documents, case) => format!("{validity}, read otherwise"),
        None => format!("{validity}, read"),
        Some(finding) if finding.rule == &unsupported_yaml::RULE => {
            format!(
                "{validity}, refused as {} ({})",
                finding.rule.name, finding.message
            )
        }
        Some(finding) => format!("{validity}, refused as {}", finding.rule.name),
    }
}

/// Whether the values are those that the suite gives as JSON, where it does.
fn is_as_meant(documents: &[Node], case: &Path) -> bool {
    let Ok(json) = std::fs::read_to_string(case.join("in.json")) else {
        return true;
    };
    let meant = serde_json::Deserializer::from_str(&json)
        .into_iter::<Value>()
        .map(Result::unwrap);
    let meant: Vec<Value> = meant.map(without_fractions).collect();
    documents.iter().map(value).collect::<Vec<_>>() == meant
}

fn value(node: &Node) -> Value {
    match &node.data {
        NodeData::Null => Value::Null,
        NodeData::Flag(flag) => (*flag).into(),
        NodeData::Integer(number) => (*number).into(),
        NodeData::Text(text) => (**text).into(),
        NodeData::List(items) => items.iter().map(value).collect(),
        NodeData::Map(entries) => entries
            .iter()
            .map(|entry| (entry.key.value.to_string(), value(&entry.value)))
            .collect(),
    }
}

/// A number with a fraction is text in manifests, which have no use for one.
fn without_fractions(value: Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => number.to_string().into(),
        Value::Array(items) => items.into_iter().map(without_fractions).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(key, value)| (key, without_fractions(value)))
            .collect(),
        value => value,
    }
}
