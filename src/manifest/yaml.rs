//! YAML as a tree with a place for every node. Duplicate keys, aliases, merge keys and limits on depth and size are
//! handled here, because the parser leaves them to its callers.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use granit_parser::{Event, Parser, ScalarStyle, Tag};

use crate::findings::source::{FileId, Span, Spanned};
use crate::findings::{Code, Finding};
use crate::manifest::tree::map_key::MapKey;
use crate::manifest::tree::node::{MapEntry, Node, NodeData};
use crate::manifest::tree::scalar;

/// The deepest nesting that is read.
const MAX_DEPTH: usize = 64;
/// So many keys are compared each with each, which takes no memory.
const FEW: usize = 32;
/// How many nodes the anchors and aliases of one text may stand for.
const MAX_COPIED: usize = 100_000;

/// The documents of a text and what is wrong in it. After a syntax error, those before it.
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
            Ok((event, span)) => builder.take(event, span),
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

/// What is open holds from here on.
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
    /// What the open lists hold so far, one after the other: a list that is closed is made at once, as long as it is.
    items: Vec<Node<'t>>,
    /// The same of the open mappings.
    entries: Vec<MapEntry<'t>>,
    documents: Vec<Node<'t>>,
    anchors: HashMap<usize, Node<'t>>,
    copied: usize,
    findings: Vec<Finding>,
}

/// What to do about a syntax error, by a word of the parser's message.
const SYNTAX_HELP: &[(&str, &str)] = &[
    ("tab", "indent with spaces, never with tabs"),
    (
        "mapping values",
        "indent like the lines around, or quote a text that holds `: `",
    ),
    (
        "after single-quoted",
        "use double quotes where the text holds an apostrophe: `\"O'Neill\"`",
    ),
    (
        "unknown anchor",
        "declare the anchor before, as in `x-shared: &name`, or quote a text that begins with `*`",
    ),
];
const SYNTAX_HELP_ELSE: &str =
    "mend the indentation, quotes or brackets here; the rest of this file wasn't read";

/// What ends the reading of a text.
type YamlAbort = Box<Finding>;

impl<'t> Builder<'t> {
    fn take(&mut self, event: Event<'t>, at: granit_parser::Span) -> Result<(), YamlAbort> {
        let span = self.span(at);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let node = self.scalar(text, style, tag.as_deref(), span);
                self.put(node, anchor)
            }
            Event::Alias(anchor) => {
                let node = self.alias(anchor, span)?;
                self.put(node, 0)
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

    fn span(&self, at: granit_parser::Span) -> Span {
        let byte =
            |marker: &granit_parser::Marker| marker.byte_offset().unwrap_or(0).min(self.text.len());
        let (start, end) = (byte(&at.start), byte(&at.end));
        Span::new(self.file, start, end.max(start))
    }

    fn syntax_error(&self, error: &granit_parser::ScanError) -> Finding {
        let at = error
            .marker()
            .byte_offset()
            .unwrap_or(0)
            .min(self.text.len());
        let end = self.text[at..]
            .chars()
            .next()
            .map_or(at, |c| at + c.len_utf8());
        let words = syntax_words(error.kind());
        let tab = words
            .contains("tab")
            .then(|| tab_before_text(&self.text[at..]))
            .flatten();
        let span = tab.map_or(Span::new(self.file, at, end), |tab| {
            Span::new(self.file, at + tab, at + tab + 1)
        });
        if words.contains("recursion limit") {
            return too_deep(span);
        }
        let help = SYNTAX_HELP
            .iter()
            .find(|(part, _)| words.contains(part))
            .map_or(SYNTAX_HELP_ELSE, |(_, help)| help);
        Finding::new(Code::Syntax, span, words, help)
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
        let message = "tags other than `!!str` aren't read";
        let help = "take the tag away; quotes make a value text";
        self.findings
            .push(Finding::new(Code::UnsupportedYaml, span, message, help));
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<Node<'t>, YamlAbort> {
        let Some(node) = self.anchors.get(&anchor) else {
            let message = "an alias inside of what it stands for";
            let help = "write the value out here";
            return Err(Box::new(Finding::new(
                Code::UnsupportedYaml,
                span,
                message,
                help,
            )));
        };
        let node = node.clone();
        self.spend(&node, span)?;
        Ok(node)
    }

    /// Copies of nodes, which anchors and aliases make, come out of one budget.
    fn spend(&mut self, copied: &Node<'t>, span: Span) -> Result<(), YamlAbort> {
        self.copied += copied.copy_cost();
        if self.copied <= MAX_COPIED {
            return Ok(());
        }
        let message =
            format!("the anchors and aliases of this file stand for more than {MAX_COPIED} values");
        let help = "use `defaults` for what many users share";
        Err(Box::new(Finding::new(
            Code::UnsupportedYaml,
            span,
            message,
            help,
        )))
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
            return Err(Box::new(too_deep(span)));
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
        // A block collection ends at the next token; its last child is where people see its end. An alias's child lies elsewhere.
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
        self.put(Node::new(span, data), frame.anchor)
    }

    /// Drops doubled keys with a finding, then fills in what merge keys (`<<`) bring.
    fn finish_map(&mut self, entries: Vec<MapEntry<'t>>) -> Vec<MapEntry<'t>> {
        let is_other = |at: usize| {
            entries[..at]
                .iter()
                .all(|entry| entry.key.value != entries[at].key.value)
        };
        if entries.len() <= FEW && (1..entries.len()).all(is_other) {
            return self.merged(entries);
        }
        let mut order: Vec<usize> = (0..entries.len()).collect();
        order.sort_by(|a, b| {
            (entries[*a].key.value.as_str(), a).cmp(&(entries[*b].key.value.as_str(), b))
        });
        let mut keep = vec![true; entries.len()];
        let mut first: Option<usize> = None;
        for at in order {
            let entry = &entries[at];
            match first {
                Some(other) if entries[other].key.value == entry.key.value => {
                    keep[at] = false;
                    self.findings.push(doubled(&entries[other].key, &entry.key));
                }
                _ => first = Some(at),
            }
        }
        let kept = entries.into_iter().zip(keep).filter(|(_, keep)| *keep);
        self.merged(kept.map(|(entry, _)| entry).collect())
    }

    fn merged(&mut self, entries: Vec<MapEntry<'t>>) -> Vec<MapEntry<'t>> {
        if !entries.iter().any(|entry| entry.key.value == "<<") {
            return entries;
        }
        let (merges, mut own): (Vec<_>, Vec<_>) = entries
            .into_iter()
            .partition(|entry| entry.key.value == "<<");
        let mut known: HashSet<String> = own
            .iter()
            .map(|entry| entry.key.value.to_string())
            .collect();
        for merge in merges {
            let at = merge.key.span;
            let sources = match merge.value.data {
                NodeData::List(items) => items,
                data => Box::new([Node {
                    data,
                    ..merge.value
                }]),
            };
            for source in sources {
                let NodeData::Map(entries) = source.data else {
                    let message = "`<<` takes a mapping, or a list of mappings";
                    self.findings.push(Finding::new(
                        Code::UnsupportedYaml,
                        at,
                        message,
                        "write `<<: *anchor`",
                    ));
                    continue;
                };
                own.extend(
                    entries
                        .into_iter()
                        .filter(|entry| known.insert(entry.key.value.to_string())),
                );
            }
        }
        own
    }

    /// Puts a finished node where it belongs: into the open collection, or as a document.
    fn put(&mut self, node: Node<'t>, anchor: usize) -> Result<(), YamlAbort> {
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

/// The first tab among the blanks that a line begins with.
fn tab_before_text(text: &str) -> Option<usize> {
    let mut is_indent = true;
    text.char_indices().find_map(|(at, c)| {
        let found = is_indent && c == '\t';
        is_indent = c == '\n' || (is_indent && c == ' ');
        found.then_some(at)
    })
}

fn too_deep(at: Span) -> Finding {
    let message = format!("nested deeper than {MAX_DEPTH} levels");
    Finding::new(
        Code::UnsupportedYaml,
        at,
        message,
        "a manifest needs five; the rest of this file wasn't read",
    )
}

fn key_of(text: &str, node: Node<'_>) -> Result<Spanned<MapKey>, YamlAbort> {
    let span = node.span;
    let value = match node.data {
        NodeData::Text(text) => MapKey::from(&*text),
        NodeData::List(_) | NodeData::Map(_) => {
            let message = "a key that is a list or a mapping";
            let help = "write a plain key, such as `misId:`";
            return Err(Box::new(Finding::new(
                Code::UnsupportedYaml,
                span,
                message,
                help,
            )));
        }
        NodeData::Null | NodeData::Flag(_) | NodeData::Integer(_) => {
            MapKey::from(&text[span.start as usize..span.end as usize])
        }
    };
    Ok(Spanned { value, span })
}

fn doubled(first: &Spanned<MapKey>, second: &Spanned<MapKey>) -> Finding {
    let help = "keep one of the two";
    Finding::new(
        Code::DuplicateKey,
        second.span,
        "a key stands twice in one mapping",
        help,
    )
    .label(first.span, "first here")
}

/// The parser's own words, which name what it expected and quote nothing of the text.
fn syntax_words(kind: &granit_parser::ErrorKind) -> String {
    let words = kind.to_string();
    let mut letters = words.chars();
    letters
        .next()
        .map(|first| first.to_lowercase().chain(letters).collect())
        .unwrap_or_default()
}
