//! Edits of manifests and CSVs in place: which bytes of a text become which others when one value changes. Comments, layout,
//! line ends and the form of quotes stay. Nothing here opens a file, and whoever applies an edit reads the text again.

mod csv;
mod layout;
mod scalar;
mod yaml;

use std::ops::Range;

pub use crate::manifest::edit::csv::CsvEditor;
pub use crate::manifest::edit::yaml::YamlEditor;

/// A text in the place of a range of bytes. An empty range inserts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextEdit {
    pub range: Range<usize>,
    pub text: String,
}

/// A text with its edits applied, and where each edit stands in it, in the order of their places. `None` if two edits
/// overlap.
pub fn apply(text: &str, mut edits: Vec<TextEdit>) -> Option<EditedText> {
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    let mut edited = EditedText {
        text: String::with_capacity(text.len()),
        places: Vec::with_capacity(edits.len()),
    };
    let mut end = 0;
    for edit in edits {
        edited.text.push_str(text.get(end..edit.range.start)?);
        let start = edited.text.len();
        edited.text.push_str(&edit.text);
        edited.places.push(start..edited.text.len());
        end = edit.range.end;
    }
    edited.text.push_str(text.get(end..)?);
    Some(edited)
}

/// A text after its edits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditedText {
    pub text: String,
    /// Where the new pieces stand.
    pub places: Vec<Range<usize>>,
}
