//! How the mappings of a YAML text are written: in which style, with which quotes, and where aliases stand. The tree that
//! the rules look at doesn't keep that.

use std::ops::Range;

use foldhash::{HashMap, HashMapExt};
use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};

/// The mappings of a text, in the order in which they begin.
pub(super) struct Layout {
    maps: Vec<MapLayout>,
    by_start: HashMap<usize, usize>,
}

/// One mapping.
pub(super) struct MapLayout {
    pub(super) is_flow: bool,
    /// Without what merge keys bring.
    pub(super) entries: Vec<EntryLayout>,
}

/// A key with its value.
pub(super) struct EntryLayout {
    pub(super) name: String,
    pub(super) key: Range<usize>,
    pub(super) value: Range<usize>,
    pub(super) form: ValueForm,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueForm {
    Scalar(ScalarStyle),
    Alias,
    /// The index of the mapping.
    Map(usize),
    List,
}

impl Layout {
    /// The layout of a text; of one with a syntax error, what stands before the error.
    pub(super) fn of(text: &str) -> Self {
        let mut reading = LayoutReading {
            text,
            layout: Self {
                maps: Vec::new(),
                by_start: HashMap::new(),
            },
            open: Vec::new(),
        };
        let options = granit_parser::options! { strict_indentation: true };
        let mut parser = Parser::new_from_str_with_options(text, options);
        while let Some(Ok((event, span))) = parser.next_event() {
            reading.add(event, bytes(&span, text.len()));
        }
        reading.layout
    }

    /// The mapping that begins at this byte.
    pub(super) fn map_at(&self, start: usize) -> Option<&MapLayout> {
        self.by_start.get(&start).map(|index| &self.maps[*index])
    }

    pub(super) fn map(&self, index: usize) -> &MapLayout {
        &self.maps[index]
    }

    /// Where the mappings begin that have this key.
    pub(super) fn starts_with(&self, name: &str) -> Vec<usize> {
        let mut starts = Vec::new();
        for (start, index) in &self.by_start {
            if self.maps[*index].entry(name).is_some() {
                starts.push(*start);
            }
        }
        starts.sort_unstable();
        starts
    }
}

impl MapLayout {
    pub(super) fn entry(&self, name: &str) -> Option<&EntryLayout> {
        self.entries.iter().find(|entry| entry.name == name)
    }
}

fn bytes(span: &granit_parser::Span, length: usize) -> Range<usize> {
    let byte = |marker: &granit_parser::Marker| marker.byte_offset().unwrap_or(0).min(length);
    let (start, end) = (byte(&span.start), byte(&span.end));
    start..end.max(start)
}

/// A collection that isn't closed yet.
enum Open {
    List {
        start: usize,
    },
    Map {
        index: usize,
        start: usize,
        key: Option<(String, Range<usize>)>,
    },
}

struct LayoutReading<'t> {
    text: &'t str,
    layout: Layout,
    open: Vec<Open>,
}

impl LayoutReading<'_> {
    fn add(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Scalar(text, style, ..) => {
                self.node(&text, range, ValueForm::Scalar(style));
            }
            Event::Alias(_) => self.node("", range, ValueForm::Alias),
            Event::SequenceStart(..) => self.open.push(Open::List { start: range.start }),
            Event::MappingStart(style, ..) => self.open_map(style, range.start),
            Event::SequenceEnd | Event::MappingEnd => self.close(range.end),
            _ => {}
        }
    }

    fn open_map(&mut self, style: StructureStyle, start: usize) {
        let index = self.layout.maps.len();
        self.layout.maps.push(MapLayout {
            is_flow: style == StructureStyle::Flow,
            entries: Vec::new(),
        });
        self.layout.by_start.entry(start).or_insert(index);
        self.open.push(Open::Map {
            index,
            start,
            key: None,
        });
    }

    fn close(&mut self, end: usize) {
        match self.open.pop() {
            Some(Open::List { start }) => self.node("", start..end.max(start), ValueForm::List),
            Some(Open::Map { index, start, .. }) => {
                self.node("", start..end.max(start), ValueForm::Map(index));
            }
            None => {}
        }
    }

    /// A finished node: the key or the value of an entry, if a mapping is open.
    fn node(&mut self, text: &str, range: Range<usize>, form: ValueForm) {
        let Some(Open::Map { index, key, .. }) = self.open.last_mut() else {
            return;
        };
        match key.take() {
            None => *key = Some((text.to_owned(), range)),
            Some((name, key)) => {
                let value = with_header(self.text, key.end, range, form);
                self.layout.maps[*index].entries.push(EntryLayout {
                    name,
                    key,
                    value,
                    form,
                });
            }
        }
    }
}

/// The range of a value; of a block scalar from its header on, where the parser's begins with its first line.
fn with_header(text: &str, key_end: usize, range: Range<usize>, form: ValueForm) -> Range<usize> {
    let is_block = matches!(
        form,
        ValueForm::Scalar(ScalarStyle::Literal | ScalarStyle::Folded)
    );
    let gap = text.get(key_end..range.start).filter(|_| is_block);
    let mut at = key_end;
    for word in gap.unwrap_or_default().split_inclusive(char::is_whitespace) {
        if word.starts_with(['|', '>']) {
            return at..range.end;
        }
        at += word.len();
    }
    range
}
