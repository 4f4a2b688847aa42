//! The whole road of a manifest, from bytes to what is said of them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rosterctl::manifest::rules::{syntax, unsupported_yaml};
use rosterctl::findings::Finding;
use rosterctl::domain::field::{Class, FIELDS};
use rosterctl::manifest::tree::node::{NodeData, Node};
use rosterctl::manifest::{join, may_name_csv, csv_sources, parse};
use rosterctl::manifest::project_keys::project_keys;
use rosterctl::findings::source::Sources;
use rosterctl_fuzz::{PLANTED, assert_lies_in, said};

fuzz_target!(|bytes: &[u8]| {
    let mut sources = Sources::default();
    let file = sources.add("users/a.yaml", String::from_utf8_lossy(bytes).into_owned());
    let (documents, findings) = parse(file, &sources.file(file).text);
    for document in &documents {
        assert_places(document, &sources);
    }
    let may_be_said = may_be_said(&documents, &findings);
    let needs: Vec<_> = csv_sources(&documents).into_iter().map(|need| (need, None)).collect();
    assert!(needs.is_empty() || may_name_csv(&sources.file(file).text), "a need that nobody looks for");
    let said = said(&join(documents, needs), findings, &sources);
    assert!(may_be_said || !said.contains(PLANTED), "{said}");
});

fn assert_places(node: &Node, sources: &Sources) {
    assert_lies_in(node.span, sources);
    for item in node.items() {
        assert_places(item, sources);
    }
    for entry in node.entries() {
        assert_lies_in(entry.key.span, sources);
        assert_places(&entry.value, sources);
    }
}

/// Whether what is planted stands below a key that isn't personal. Of a text that isn't YAML no value is said.
fn may_be_said(documents: &[Node], findings: &[Finding]) -> bool {
    let is_read = !findings.iter().any(|finding| [&syntax::RULE, &unsupported_yaml::RULE].contains(&finding.rule));
    is_read && documents.iter().any(|document| is_public(document, false))
}

fn is_public(node: &Node, below_public: bool) -> bool {
    match &node.data {
        NodeData::List(items) => items.iter().any(|item| is_public(item, below_public)),
        NodeData::Map(entries) => {
            entries.iter().any(|entry| is_public(&entry.value, below_public || is_public_key(&entry.key.value)))
        }
        NodeData::Text(text) => below_public && text.contains(PLANTED),
        NodeData::Null | NodeData::Flag(_) | NodeData::Integer(_) => false,
    }
}

fn is_public_key(key: &str) -> bool {
    let is_field =
        |key| FIELDS.iter().any(|field| field.class == Class::Public && (field.name == key || field.api == Some(key)));
    is_field(key) || key == "fromCsv" || key == "fromTable" || project_keys().any(|known| known == key)
}
