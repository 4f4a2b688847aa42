//! Which parts of a manifest a snippet may show: known keys, and scalars under keys of a class that may be shown.

use std::ops::Range;

use crate::diagnostic::{Code, Finding};
use crate::field::{Class, FIELDS};
use crate::manifest::fault::is_misspelling;
use crate::manifest::tree::{self, Data, Node};
use crate::redact::Reveal;
use crate::schema::PROJECT_KEYS;
use crate::source::{FileId, Span};
use crate::suggest::nearest;

/// Keys of manifests that hold other keys, never a value.
const CONTAINERS: &[&str] = &["defaults", "users"];

/// The ranges of a text that may be shown, in order and apart. Where it isn't YAML, only the keys that lines begin with.
pub fn visible(file: FileId, text: &str, reveal: Reveal) -> Vec<Range<usize>> {
    let (documents, findings) = tree::parse(file, text);
    if findings.iter().any(|finding| matches!(finding.code, Code::Syntax | Code::UnsupportedYaml)) {
        return keys_of_lines(text);
    }
    let mut parts = Parts { reveal, is_project: false, shown: Vec::new(), hidden: Vec::new() };
    for document in &documents {
        parts.is_project = is_project(document);
        parts.visit(document, None);
    }
    // A doubled key isn't in the tree.
    let doubled = findings.iter().filter(|finding| finding.code == Code::DuplicateKey).map(Finding::span);
    parts.shown.extend(doubled.filter(|span| is_known(&text[span.start as usize..span.end as usize])));
    parts.ranges()
}

/// Whether this is `rosterctl.yaml`, whose keys mean something else below a user.
fn is_project(document: &Node) -> bool {
    document.get("organisation").is_some() && !CONTAINERS.iter().any(|key| document.get(key).is_some())
}

struct Parts {
    reveal: Reveal,
    is_project: bool,
    shown: Vec<Span>,
    hidden: Vec<Span>,
}

impl Parts {
    fn visit(&mut self, node: &Node, class: Option<Class>) {
        match &node.data {
            Data::Map(entries) => {
                for entry in entries {
                    if is_known(&entry.key.value) || is_near(&entry.key.value) {
                        self.shown.push(entry.key.span);
                    }
                    let own = self.class_of(&entry.key.value);
                    let is_container = matches!(entry.value.data, Data::Map(_) | Data::List(_));
                    self.visit(&entry.value, own.or(class.filter(|_| is_container)));
                }
            }
            Data::List(items) => items.iter().for_each(|item| self.visit(item, class)),
            Data::Null | Data::Flag(_) | Data::Integer(_) | Data::Text { .. } => {
                let may_show = class.is_some_and(|class| self.reveal.shows(class));
                if may_show { &mut self.shown } else { &mut self.hidden }.push(node.span);
            }
        }
    }

    /// The class of what stands under a key; fields of `sandbox.yaml` go by the API's names.
    fn class_of(&self, key: &str) -> Option<Class> {
        let field = FIELDS.iter().find(|field| field.name == key || field.api == key);
        let project = || (self.is_project && PROJECT_KEYS.contains(&key)).then_some(Class::Public);
        field.map(|field| field.class).or_else(project)
    }

    /// What an alias uses under a public key and another under a private one stays hidden.
    fn ranges(mut self) -> Vec<Range<usize>> {
        self.hidden.sort_unstable();
        let hidden = self.hidden;
        self.shown.retain(|span| hidden.binary_search(span).is_err());
        self.shown.sort_unstable();
        self.shown.dedup();
        let mut ranges: Vec<Range<usize>> = Vec::with_capacity(self.shown.len());
        for span in self.shown {
            let range = span.start as usize..span.end as usize;
            if ranges.last().is_none_or(|last| last.end <= range.start) {
                ranges.push(range);
            }
        }
        ranges
    }
}

fn is_known(key: &str) -> bool {
    known_keys().any(|known| known == key) || FIELDS.iter().any(|field| field.api == key)
}

fn known_keys() -> impl Iterator<Item = &'static str> {
    let fields = FIELDS.iter().map(|field| field.name);
    fields.chain(CONTAINERS.iter().copied()).chain(PROJECT_KEYS.iter().copied())
}

/// Misspelt keys are shown, as in the message on them.
fn is_near(key: &str) -> bool {
    nearest(key, known_keys()).is_some_and(|word| is_misspelling(key, word))
}

/// A line's first word, where it is a known key.
fn keys_of_lines(text: &str) -> Vec<Range<usize>> {
    let mut at = 0;
    let mut ranges = Vec::new();
    for line in text.split_inclusive('\n') {
        let rest = line.trim_start_matches([' ', '\t', '-']);
        let start = at + line.len() - rest.len();
        if let Some((key, _)) = rest.split_once(':').filter(|(key, _)| is_known(key)) {
            ranges.push(start..start + key.len());
        }
        at += line.len();
    }
    ranges
}
