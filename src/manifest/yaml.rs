//! YAML to a tree with a place for every node. The parser leaves repeated keys, aliases, merge keys and limits on depth and
//! size to its callers, so they are handled here.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, Tag};

use crate::findings::Finding;
use crate::findings::source::{FileId, Span, Spanned};
use crate::manifest::rules::syntax::{self, SyntaxCause};
use crate::manifest::rules::{duplicate_key, unsupported_yaml};
use crate::manifest::tree::map_key::MapKey;
use crate::manifest::tree::node::{MapEntry, Node, NodeData};
use crate::manifest::tree::scalar;

/// The deepest nesting that is read. A manifest has five levels; deeper text could use up the stack.
const MAX_DEPTH: usize = 64;
/// So few keys are compared each with each, which takes no memory. A user has at most 38.
const FEW: usize = 32;
/// The key that brings the entries of another mapping.
const MERGE: &str = "<<";
/// How many nodes the anchors and aliases of one text may copy: far more than a manifest needs, and quickly made.
const MAX_COPIED: usize = 100_000;

/// The documents of a text and what is wrong in it. If there is a syntax error, the documents before it.
pub fn parse(file: FileId, text: &str) -> (Vec<Node<'_>>, Vec<Finding>) {
    let mut builder = Builder {
        file,
        text,
        stack: Vec::new(),
        items: Vec::new(),
        entries: Vec::new(),
        documents: Vec::new(),
        anchors: HashMap::new(),
        copied: 0,
        findings: Vec::new(),
    };
    let options = granit_parser::options! { strict_indentation: true };
    let mut parser = Parser::new_from_str_with_options(text, options);
    while let Some(next) = parser.next_event() {
        let step = match next {
            Ok((event, span)) => builder.add_event(event, span),
            Err(error) => Err(Box::new(builder.syntax_error(&error))),
        };
        if let Err(finding) = step {
            builder.findings.push(*finding);
            break;
        }
    }
    (builder.documents, builder.findings)
}

/// A collection that isn't closed yet.
struct Frame {
    anchor: usize,
    span: Span,
    kind: OpenCollection,
}

/// The children of an open collection are those from `first` on in the builder's lists.
enum OpenCollection {
    List {
        first: usize,
    },
    Map {
        first: usize,
        key: Option<Spanned<MapKey>>,
    },
}

struct Builder<'t> {
    file: FileId,
    text: &'t str,
    stack: Vec<Frame>,
    /// The items of all open lists, the outermost first. A list is made in one piece when it is closed.
    items: Vec<Node<'t>>,
    /// The entries of all open mappings, in the same way.
    entries: Vec<MapEntry<'t>>,
    documents: Vec<Node<'t>>,
    anchors: HashMap<usize, Node<'t>>,
    copied: usize,
    findings: Vec<Finding>,
}

/// The finding that ends the reading of a text.
type YamlAbort = Box<Finding>;

impl<'t> Builder<'t> {
    fn add_event(&mut self, event: Event<'t>, range: granit_parser::Span) -> Result<(), YamlAbort> {
        let span = self.span(range);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let node = self.scalar(text, style, tag.as_deref(), span);
                self.add_node(node, anchor)
            }
            Event::Alias(anchor) => {
                let node = self.alias(anchor, span)?;
                self.add_node(node, 0)
            }
            Event::SequenceStart(_, anchor, tag) => {
                let list = OpenCollection::List {
                    first: self.items.len(),
                };
                self.open(list, anchor, tag.as_deref(), span)
            }
            Event::MappingStart(_, anchor, tag) => {
                let map = OpenCollection::Map {
                    first: self.entries.len(),
                    key: None,
                };
                self.open(map, anchor, tag.as_deref(), span)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            _ => Ok(()),
        }
    }

    fn span(&self, range: granit_parser::Span) -> Span {
        let byte =
            |marker: &granit_parser::Marker| marker.byte_offset().unwrap_or(0).min(self.text.len());
        let (start, end) = (byte(&range.start), byte(&range.end));
        Span::new(self.file, start, end.max(start))
    }

    fn syntax_error(&self, error: &granit_parser::ScanError) -> Finding {
        let offset = error.marker().byte_offset().unwrap_or(0);
        let start = offset.min(self.text.len());
        let rest = &self.text[start..];
        let length = rest.chars().next().map_or(0, char::len_utf8);
        let mut span = Span::new(self.file, start, start + length);
        let cause = cause_of(error.kind());
        if cause == SyntaxCause::Tab
            && let Some(tab) = tab_before_text(rest)
        {
            span = Span::new(self.file, start + tab, start + tab + 1);
        }
        match error.kind() {
            ErrorKind::RecursionLimitExceeded => unsupported_yaml::too_deep(span, MAX_DEPTH),
            kind => syntax::finding(span, cause, words_of(kind)),
        }
    }

    fn scalar(
        &mut self,
        text: Cow<'t, str>,
        style: ScalarStyle,
        tag: Option<&Tag>,
        span: Span,
    ) -> Node<'t> {
        let tagged_text = tag.is_some_and(|tag| tag.is_yaml_core_schema_tag("str"));
        if tag.is_some() && !tagged_text {
            self.refuse_tag(span);
        }
        let is_plain = style == ScalarStyle::Plain && !tagged_text;
        let data = if is_plain {
            scalar::plain(text)
        } else {
            NodeData::Text(text)
        };
        Node {
            span,
            is_plain: is_plain && matches!(data, NodeData::Text(_)),
            data,
        }
    }

    fn refuse_tag(&mut self, span: Span) {
        self.findings.push(unsupported_yaml::tag(span));
    }

    /// A copy of what the alias stands for.
    fn alias(&mut self, anchor: usize, span: Span) -> Result<Node<'t>, YamlAbort> {
        let Some(named) = self.anchors.get(&anchor) else {
            return Err(Box::new(unsupported_yaml::alias_of_itself(span)));
        };
        let node = named.clone();
        self.spend(&node, span)?;
        Ok(node)
    }

    /// Copies of nodes, which anchors and aliases make, come out of one budget: a few lines could stand for millions.
    fn spend(&mut self, copied: &Node<'t>, span: Span) -> Result<(), YamlAbort> {
        self.copied += copied.copy_cost();
        if self.copied > MAX_COPIED {
            return Err(Box::new(unsupported_yaml::too_many_copies(
                span, MAX_COPIED,
            )));
        }
        Ok(())
    }

    fn open(
        &mut self,
        kind: OpenCollection,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<(), YamlAbort> {
        if tag.is_some() {
            self.refuse_tag(span);
        }
        if self.stack.len() == MAX_DEPTH {
            return Err(Box::new(unsupported_yaml::too_deep(span, MAX_DEPTH)));
        }
        self.stack.push(Frame { anchor, span, kind });
        Ok(())
    }

    fn close(&mut self, end: Span) -> Result<(), YamlAbort> {
        let frame = self.stack.pop().expect("the parser closes what it opened");
        let (data, last) = match frame.kind {
            OpenCollection::List { first } => {
                let items: Box<[_]> = self.items.drain(first..).collect();
                let last = items.last().map(|item| item.span.end);
                (NodeData::List(items), last)
            }
            OpenCollection::Map { first, .. } => {
                let entries: Vec<_> = self.entries.drain(first..).collect();
                let last = entries
                    .last()
                    .map(|entry| entry.value.span.end.max(entry.key.span.end));
                (NodeData::Map(self.finish_map(entries).into()), last)
            }
        };
        // To the parser, a block collection ends at the next token. To people, it ends with its last child, unless an alias
        // brought that child from elsewhere.
        let is_flow = end.end > end.start;
        let end = if is_flow {
            end.end
        } else {
            last.filter(|last| *last <= end.end).unwrap_or(end.start)
        };
        let span = Span {
            end: end.max(frame.span.start),
            ..frame.span
        };
        self.add_node(Node::new(span, data), frame.anchor)
    }

    /// Drops repeated keys with a finding, then fills in what merge keys (`<<`) bring.
    fn finish_map(&mut self, entries: Vec<MapEntry<'t>>) -> Vec<MapEntry<'t>> {
        if has_distinct_keys(&entries) {
            return self.merged(entries);
        }
        let mut first_of: HashMap<&str, usize> = HashMap::new();
        let mut is_first = vec![false; entries.len()];
        for (index, entry) in entries.iter().enumerate() {
            if let Some(first) = first_of.get(entry.key.value.as_str()) {
                let first_span = entries[*first].key.span;
                let finding = duplicate_key::finding(first_span, entry.key.span);
                self.findings.push(finding);
            } else {
                first_of.insert(entry.key.value.as_str(), index);
                is_first[index] = true;
            }
        }
        let mut kept = entries;
        let mut is_kept = is_first.into_iter();
        kept.retain(|_| is_kept.next() == Some(true));
        self.merged(kept)
    }

    /// The entries with what merge keys bring. A mapping's own keys win, and of several merged ones the first.
    fn merged(&mut self, entries: Vec<MapEntry<'t>>) -> Vec<MapEntry<'t>> {
        if !entries.iter().any(|entry| entry.key.value == MERGE) {
            return entries;
        }
        let (merges, mut own): (Vec<_>, Vec<_>) = entries
            .into_iter()
            .partition(|entry| entry.key.value == MERGE);
        let mut known: HashSet<String> = HashSet::new();
        known.extend(own.iter().map(|entry| entry.key.value.to_string()));
        for merge in merges {
            for source in merge_sources(merge.value) {
                let NodeData::Map(merged) = source.data else {
                    let finding = unsupported_yaml::merge_of_no_mapping(merge.key.span);
                    self.findings.push(finding);
                    continue;
                };
                for entry in merged {
                    if known.insert(entry.key.value.to_string()) {
                        own.push(entry);
                    }
                }
            }
        }
        own
    }

    /// Puts a finished node into the innermost open collection; if none is open, it is a document.
    fn add_node(&mut self, node: Node<'t>, anchor: usize) -> Result<(), YamlAbort> {
        if anchor > 0 {
            self.spend(&node, node.span)?;
            self.anchors.insert(anchor, node.clone());
        }
        match self.stack.last_mut().map(|frame| &mut frame.kind) {
            None => self.documents.push(node),
            Some(OpenCollection::List { .. }) => self.items.push(node),
            Some(OpenCollection::Map { key, .. }) => match key.take() {
                Some(key) => self.entries.push(MapEntry { key, value: node }),
                None => *key = Some(key_of(self.text, node)?),
            },
        }
        Ok(())
    }
}

/// The first tab in the indentation of a line.
fn tab_before_text(text: &str) -> Option<usize> {
    let mut is_indent = true;
    text.char_indices().find_map(|(at, c)| {
        let found = is_indent && c == '\t';
        is_indent = c == '\n' || (is_indent && c == ' ');
        found.then_some(at)
    })
}

fn key_of(text: &str, node: Node<'_>) -> Result<Spanned<MapKey>, YamlAbort> {
    let span = node.span;
    let value = match node.data {
        NodeData::Text(text) => MapKey::from(&*text),
        NodeData::List(_) | NodeData::Map(_) => {
            return Err(Box::new(unsupported_yaml::collection_as_key(span)));
        }
        NodeData::Null | NodeData::Flag(_) | NodeData::Integer(_) => {
            MapKey::from(&text[span.start as usize..span.end as usize])
        }
    };
    Ok(Spanned { value, span })
}

/// Whether no key stands twice, for short mappings; `false` also if there are too many keys to compare.
fn has_distinct_keys(entries: &[MapEntry]) -> bool {
    if entries.len() > FEW {
        return false;
    }
    for (index, entry) in entries.iter().enumerate() {
        let before = &entries[..index];
        if before
            .iter()
            .any(|other| other.key.value == entry.key.value)
        {
            return false;
        }
    }
    true
}

/// The mappings that a merge key names: one, or a list of them.
fn merge_sources(value: Node<'_>) -> Vec<Node<'_>> {
    match value.data {
        NodeData::List(items) => items.into_vec(),
        NodeData::Null
        | NodeData::Flag(_)
        | NodeData::Integer(_)
        | NodeData::Text(_)
        | NodeData::Map(_) => vec![value],
    }
}

/// The parser's own words, which name what it expected and quote nothing of the text.
fn words_of(kind: &ErrorKind) -> String {
    let words = kind.to_string();
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => words,
    }
}

/// What the help depends on. The parser may get new kinds, for which the usual help is fine.
fn cause_of(kind: &ErrorKind) -> SyntaxCause {
    match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar => SyntaxCause::Tab,
        ErrorKind::MappingValueNotAllowed => SyntaxCause::NestedMapping,
        ErrorKind::InvalidTrailingSingleQuotedScalar => SyntaxCause::AfterSingleQuote,
        ErrorKind::UnknownAnchor => SyntaxCause::UnknownAnchor,
        _ => SyntaxCause::Other,
    }
}
