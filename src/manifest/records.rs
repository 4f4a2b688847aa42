//! The records of a CSV with the place of every cell, by the state machine of `csv-core`.

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};

use crate::source::{FileId, Span};

/// A cell as it is meant, and the place of how it is written.
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// The separators that are looked for in the header.
const SEPARATORS: &[u8] = b",;\t";

pub(crate) struct Records<'t> {
    file: FileId,
    text: &'t str,
    at: usize,
    separator: char,
    reader: Reader,
    output: Vec<u8>,
}

impl<'t> Records<'t> {
    pub(crate) fn new(file: FileId, text: &'t str) -> Self {
        let separator = separator(text);
        let reader = ReaderBuilder::new().delimiter(separator).build();
        Self { file, text, at: 0, separator: char::from(separator), reader, output: vec![0; 1024] }
    }

    /// A cell whose raw text ends where the reader stands.
    fn cell(&self, start: usize, written: usize) -> Cell {
        let raw = &self.text[start..self.at];
        let raw = raw.strip_suffix(self.separator).unwrap_or_else(|| raw.trim_end_matches(['\r', '\n']));
        let text = String::from_utf8_lossy(&self.output[..written]).trim().to_owned();
        Cell { text, span: Span::new(self.file, start, start + raw.len()) }
    }

    fn skip_line_ends(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches(['\r', '\n']).len();
    }
}

impl Iterator for Records<'_> {
    type Item = Vec<Cell>;

    fn next(&mut self) -> Option<Vec<Cell>> {
        self.skip_line_ends();
        let (mut cells, mut start, mut written) = (Vec::new(), self.at, 0);
        loop {
            let input = &self.text.as_bytes()[self.at..];
            let (result, read, wrote) = self.reader.read_field(input, &mut self.output[written..]);
            self.at += read;
            written += wrote;
            match result {
                // The next call is without input, and says what is left.
                ReadFieldResult::InputEmpty => {}
                ReadFieldResult::OutputFull => self.output.resize(self.output.len() * 2, 0),
                ReadFieldResult::Field { record_end } => {
                    cells.push(self.cell(start, written));
                    (start, written) = (self.at, 0);
                    if record_end {
                        return Some(cells);
                    }
                }
                ReadFieldResult::End => return None,
            }
        }
    }
}

/// The separator that stands most often in the first line, outside of quotes; a comma if there is none.
fn separator(text: &str) -> u8 {
    let mut is_quoted = false;
    let mut counts = [0; SEPARATORS.len()];
    for byte in text.bytes() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' | b'\r' if !is_quoted => break,
            _ if is_quoted => {}
            _ => {
                if let Some(at) = SEPARATORS.iter().position(|separator| *separator == byte) {
                    counts[at] += 1;
                }
            }
        }
    }
    let most = counts.iter().max().copied().unwrap_or_default();
    counts.iter().position(|count| *count == most).map_or(b',', |at| SEPARATORS[at])
}

/// Whether a cell's quotes are in pairs. One that isn't closed swallows the rest of the text.
pub(crate) fn is_closed(raw: &str) -> bool {
    !raw.starts_with('"') || raw.bytes().filter(|byte| *byte == b'"').count() % 2 == 0
}
