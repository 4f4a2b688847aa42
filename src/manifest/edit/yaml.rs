//! Edits of a field in a manifest: its value where it is written, or a key of its own where it isn't.

use std::ops::Range;

use crate::domain::Value;
use crate::domain::field::{Key, ReferenceForm};
use crate::manifest::edit::TextEdit;
use crate::manifest::edit::layout::{EntryLayout, Layout, MapLayout, ValueForm};
use crate::manifest::edit::scalar::{Around, Scalar, Written, line_end};

/// A manifest that can be edited.
pub struct YamlEditor<'t> {
    text: &'t str,
    layout: Layout,
}

impl<'t> YamlEditor<'t> {
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            layout: Layout::of(text),
        }
    }

    /// The edits that give the mapping that begins at `start` this value: in the place of its own value, or else as a new
    /// key. What an alias, a merge key or defaults give stays as it is for everybody else. `None` if there is no such
    /// mapping, or no line to add a key behind.
    pub fn set(&self, start: usize, key: Key, value: &Value) -> Option<Vec<TextEdit>> {
        let map = self.layout.map_at(start)?;
        let written = Written::of(key, value);
        match map.entry(key.name()) {
            Some(entry) => Some(self.replace(map, entry, &written)),
            None => Some(vec![self.insert(map, key, &written)?]),
        }
    }

    /// Whether the mapping that begins at `start` has the key itself.
    pub fn has(&self, start: usize, key: Key) -> bool {
        let map = self.layout.map_at(start);
        map.is_some_and(|map| map.entry(key.name()).is_some())
    }

    /// Where the mappings begin that have this key themselves.
    pub fn starts_with_key(&self, key: Key) -> Vec<usize> {
        self.layout.starts_with(key.name())
    }

    fn replace(&self, map: &MapLayout, entry: &EntryLayout, written: &Written) -> Vec<TextEdit> {
        match (entry.form, written) {
            (ValueForm::Map(index), Written::Form(form, scalar)) => {
                self.replace_form(index, *form, scalar)
            }
            (_, Written::Form(..)) => vec![replaced(&entry.value, mapping(written))],
            (ValueForm::Scalar(_), Written::Scalar(scalar)) => {
                vec![self.replace_scalar(map, entry, scalar)]
            }
            (ValueForm::Alias | ValueForm::Map(_) | ValueForm::List, Written::Scalar(scalar)) => {
                vec![replaced(&entry.value, scalar.fresh(around(map)))]
            }
        }
    }

    /// The key and the value within a reference such as `{ misId: A-0012 }`.
    fn replace_form(&self, index: usize, form: ReferenceForm, scalar: &Scalar) -> Vec<TextEdit> {
        let inner = self.layout.map(index);
        let Some(entry) = inner.entry(form.name()).or_else(|| inner.entries.first()) else {
            return Vec::new();
        };
        let mut edits = vec![self.replace_scalar(inner, entry, scalar)];
        if entry.name != form.name() {
            edits.push(replaced(&entry.key, form.name().to_owned()));
        }
        edits
    }

    fn replace_scalar(&self, map: &MapLayout, entry: &EntryLayout, scalar: &Scalar) -> TextEdit {
        let text = match entry.form {
            ValueForm::Scalar(style) => {
                let former = &self.text[entry.value.clone()];
                scalar.in_style(style, former, around(map))
            }
            ValueForm::Alias | ValueForm::Map(_) | ValueForm::List => scalar.fresh(around(map)),
        };
        replaced(&entry.value, text)
    }

    /// A new key behind the last one that ends on the line where it begins.
    fn insert(&self, map: &MapLayout, key: Key, written: &Written) -> Option<TextEdit> {
        let value = match written {
            Written::Scalar(scalar) => scalar.fresh(around(map)),
            Written::Form(..) => mapping(written),
        };
        let line = format!("{}: {value}", key.name());
        if map.is_flow {
            let last = map.entries.last()?.value.end;
            return Some(replaced(&(last..last), format!(", {line}")));
        }
        let mut entries = map.entries.iter().rev();
        let before = entries.find(|entry| self.is_on_one_line(entry))?;
        let indent = self.indent(before);
        let rest = &self.text[before.value.end..];
        let at = before.value.end + rest.find(['\n', '\r']).unwrap_or(rest.len());
        let eol = self.line_end_near(at);
        Some(replaced(&(at..at), format!("{eol}{indent}{line}")))
    }

    fn is_on_one_line(&self, entry: &EntryLayout) -> bool {
        !self.text[entry.key.start..entry.value.end].contains(['\n', '\r'])
    }

    /// The blanks that bring a key to the column of this one, which may stand behind a dash.
    fn indent(&self, entry: &EntryLayout) -> String {
        let before = &self.text[..entry.key.start];
        let line = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
        let blanks = before[line..].chars().filter(|c| *c != '\u{feff}');
        blanks.map(|_| ' ').collect()
    }

    /// The line end at this byte; at the end of the text, the one of the first line.
    fn line_end_near(&self, at: usize) -> &str {
        if at < self.text.len() {
            return line_end(&self.text[at..]);
        }
        let first = self.text.find(['\n', '\r']).unwrap_or(self.text.len());
        line_end(&self.text[first..])
    }
}

fn around(map: &MapLayout) -> Around {
    if map.is_flow {
        Around::Flow
    } else {
        Around::Block
    }
}

fn replaced(range: &Range<usize>, text: String) -> TextEdit {
    TextEdit {
        range: range.clone(),
        text,
    }
}

fn mapping(written: &Written) -> String {
    match written {
        Written::Scalar(scalar) => scalar.fresh(Around::Flow),
        Written::Form(form, scalar) => {
            format!("{{ {}: {} }}", form.name(), scalar.fresh(Around::Flow))
        }
    }
}
