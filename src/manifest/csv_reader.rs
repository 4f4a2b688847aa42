//! The records of a CSV with the place of every cell, by the state machine of `csv-core`.

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};

use crate::findings::source::{FileId, Span};

/// A cell as it is meant, and the place of how it is written.
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// The separators that are looked for in the header.
const SEPARATORS: &[u8] = b",;\t";

/// A record, with its row as spreadsheets count: blank lines count, lines inside of cells don't.
pub(crate) struct CsvRecord {
    pub(crate) row: usize,
    pub(crate) cells: Vec<Cell>,
}

pub(crate) struct Records<'t> {
    file: FileId,
    text: &'t str,
    at: usize,
    /// How many rows lie behind.
    rows: usize,
    separator: char,
    reader: Reader,
    output: Vec<u8>,
}

impl<'t> Records<'t> {
    pub(crate) fn new(file: FileId, text: &'t str) -> Self {
        let hint = hint(text);
        let separator = hint
            .as_ref()
            .map_or_else(|| separator(text), |hint| hint.separator);
        let reader = ReaderBuilder::new().delimiter(separator).build();
        let at = hint.as_ref().map_or(0, |hint| hint.end);
        let (rows, separator) = (usize::from(at > 0), char::from(separator));
        Self {
            file,
            text,
            at,
            rows,
            separator,
            reader,
            output: vec![0; 1024],
        }
    }

    /// A cell whose raw text ends where the reader stands.
    fn cell(&self, start: usize, written: usize) -> Cell {
        let raw = &self.text[start..self.at];
        let raw = raw
            .strip_suffix(self.separator)
            .unwrap_or_else(|| raw.trim_end_matches(['\r', '\n']));
        let text = String::from_utf8_lossy(&self.output[..written])
            .trim()
            .to_owned();
        Cell {
            text,
            span: Span::new(self.file, start, start + raw.len()),
        }
    }

    /// Passes over blank lines, which are rows. The end of the line before may have a byte left.
    fn skip_blank_lines(&mut self) {
        let rest = &self.text[self.at..];
        let blank = &rest[..rest.len() - rest.trim_start_matches(['\r', '\n']).len()];
        let is_left = blank.starts_with('\n') && self.text[..self.at].ends_with('\r');
        self.at += blank.len();
        let blank = if is_left { &blank[1..] } else { blank };
        self.rows += blank.replace("\r\n", "\n").len();
    }

    fn cells(&mut self) -> Option<Vec<Cell>> {
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

impl Iterator for Records<'_> {
    type Item = CsvRecord;

    fn next(&mut self) -> Option<CsvRecord> {
        self.skip_blank_lines();
        let cells = self.cells()?;
        self.rows += 1;
        Some(CsvRecord {
            row: self.rows,
            cells,
        })
    }
}

/// The line `sep=;` by which a spreadsheet is told the separator.
struct SeparatorLine {
    separator: u8,
    end: usize,
}

fn hint(text: &str) -> Option<SeparatorLine> {
    let line = text.lines().next()?;
    let [separator] = line.strip_prefix("sep=")?.as_bytes() else {
        return None;
    };
    let end = text.find('\n').map_or(text.len(), |end| end + 1);
    SEPARATORS.contains(separator).then_some(SeparatorLine {
        separator: *separator,
        end,
    })
}

/// The separator that stands most often in the first line, outside of quotes; a comma if there is none.
fn separator(text: &str) -> u8 {
    let mut is_quoted = false;
    let mut counts = [0; SEPARATORS.len()];
    for byte in text.trim_start_matches(['\r', '\n']).bytes() {
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
    counts
        .iter()
        .position(|count| *count == most)
        .map_or(b',', |at| SEPARATORS[at])
}

/// Whether a cell that begins with a quote ends with one, and those inside are doubled. The state machine goes on after a
/// closing quote, and over line ends inside of an open one.
pub(crate) fn is_well_quoted(raw: &str) -> bool {
    let Some(inner) = raw.trim_end_matches([' ', '\t']).strip_prefix('"') else {
        return true;
    };
    let doubled = |inner: &str| inner.replace("\"\"", "").bytes().all(|byte| byte != b'"');
    inner.strip_suffix('"').is_some_and(doubled)
}
