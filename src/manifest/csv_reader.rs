//! The records of a table with the place of every cell. Those of a CSV are read by the state machine of `csv-core`.

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};

use crate::findings::source::{FileId, Span};
use crate::manifest::csv_format::CellForm;
use crate::manifest::csv_writer::without_guard;
use crate::manifest::sealed::{SealedRecords, SealedTable};
use crate::manifest::workbook::{Sheet, SheetRecords};

/// The text of a cell, without its quotes and its guard, and the place of the cell with them.
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) span: Span,
    pub(crate) form: CellForm,
}

/// The separators that spreadsheets write. The first is meant if a header has none.
const SEPARATORS: [u8; 3] = *b",;\t";

/// A record with the number of its row. Rows count as in spreadsheets: blank lines are rows, lines within a cell aren't.
pub(crate) struct TableRecord {
    pub(crate) row: usize,
    pub(crate) cells: Vec<Cell>,
    /// The first cell whose quotes aren't those of a CSV: it may have swallowed the rows behind it.
    pub(crate) broken: Option<Span>,
}

impl TableRecord {
    /// All of the record, from its first cell to its last.
    pub(crate) fn span(&self) -> Span {
        let [first, .., last] = self.cells.as_slice() else {
            return self.cells.first().expect("a record has a cell").span;
        };
        Span {
            end: last.span.end,
            ..first.span
        }
    }
}

/// What kind of file the text of a table stands for.
pub enum TableForm {
    Csv,
    Sheet(Sheet),
    Sealed(SealedTable),
}

/// The records of a table, one after the other.
pub(crate) enum Records<'t> {
    Csv(Box<CsvRecords<'t>>),
    Sheet(SheetRecords<'t>),
    Sealed(SealedRecords<'t>),
}

impl<'t> Records<'t> {
    pub(crate) fn new(file: FileId, text: &'t str, form: &'t TableForm) -> Self {
        match form {
            TableForm::Csv => Self::Csv(Box::new(CsvRecords::new(file, text))),
            TableForm::Sheet(sheet) => Self::Sheet(SheetRecords::new(sheet, file, text)),
            TableForm::Sealed(table) => Self::Sealed(SealedRecords::new(table, file)),
        }
    }

    /// The record that names the columns: that of this row, or the first one. If it was asked for and its row is blank, it is
    /// a later one.
    pub(crate) fn header(&mut self, row: Option<usize>) -> Option<TableRecord> {
        let mut header = self.find(|record| row.is_none_or(|row| record.row >= row))?;
        if let Self::Sheet(records) = self {
            let is_filled = |cell: &Cell| !cell.text.is_empty();
            let width = header.cells.iter().rposition(is_filled);
            header.cells.truncate(width.map_or(0, |last| last + 1));
            records.set_width(header.cells.len());
        }
        Some(header)
    }
}

impl Iterator for Records<'_> {
    type Item = TableRecord;

    fn next(&mut self) -> Option<TableRecord> {
        match self {
            Self::Csv(records) => records.next(),
            Self::Sheet(records) => records.next(),
            Self::Sealed(records) => records.next(),
        }
    }
}

/// The records of a CSV, one after the other.
pub(crate) struct CsvRecords<'t> {
    file: FileId,
    text: &'t str,
    /// How many bytes are read.
    position: usize,
    /// How many rows are read.
    rows: usize,
    separator: char,
    reader: Reader,
    /// The cells of the record without quotes; longer records make it grow.
    output: Vec<u8>,
}

impl<'t> CsvRecords<'t> {
    fn new(file: FileId, text: &'t str) -> Self {
        let hint = hint(text);
        let separator = hint
            .as_ref()
            .map_or_else(|| separator(text), |hint| hint.separator);
        let reader = ReaderBuilder::new().delimiter(separator).build();
        let position = hint.as_ref().map_or(0, |hint| hint.end);
        Self {
            file,
            text,
            position,
            rows: usize::from(hint.is_some()),
            separator: char::from(separator),
            reader,
            output: vec![0; 1024],
        }
    }

    /// The cell that begins at `start`, of which `written` bytes are in the output.
    fn cell(&self, start: usize, written: usize) -> Cell {
        let read = &self.text[start..self.position];
        let raw = read
            .strip_suffix(self.separator)
            .unwrap_or_else(|| read.trim_end_matches(['\r', '\n']));
        let text = String::from_utf8_lossy(&self.output[..written]);
        Cell {
            text: without_guard(text.trim()).to_owned(),
            span: Span::new(self.file, start, start + raw.len()),
            form: CellForm::Text,
        }
    }

    /// Passes over blank lines, which count as rows. Of the line end before them, `\n` of `\r\n` may be left.
    fn skip_blank_lines(&mut self) {
        let rest = &self.text[self.position..];
        let blank = &rest[..rest.len() - rest.trim_start_matches(['\r', '\n']).len()];
        let is_split = blank.starts_with('\n') && self.text[..self.position].ends_with('\r');
        self.position += blank.len();
        let lines = if is_split { &blank[1..] } else { blank };
        self.rows += lines.replace("\r\n", "\n").len();
    }

    fn cells(&mut self) -> Option<Vec<Cell>> {
        let mut cells = Vec::new();
        let mut start = self.position;
        let mut written = 0;
        loop {
            let input = &self.text.as_bytes()[self.position..];
            let (result, read, wrote) = self.reader.read_field(input, &mut self.output[written..]);
            self.position += read;
            written += wrote;
            match result {
                // The next call has no input, and gives the last field.
                ReadFieldResult::InputEmpty => {}
                ReadFieldResult::OutputFull => self.output.resize(self.output.len() * 2, 0),
                ReadFieldResult::Field { record_end } => {
                    cells.push(self.cell(start, written));
                    start = self.position;
                    written = 0;
                    if record_end {
                        return Some(cells);
                    }
                }
                ReadFieldResult::End => return None,
            }
        }
    }
}

impl Iterator for CsvRecords<'_> {
    type Item = TableRecord;

    fn next(&mut self) -> Option<TableRecord> {
        self.skip_blank_lines();
        let cells = self.cells()?;
        self.rows += 1;
        let raw = |span: &Span| &self.text[span.start as usize..span.end as usize];
        let mut spans = cells.iter().map(|cell| cell.span);
        let broken = spans.find(|span| !is_well_quoted(raw(span)));
        Some(TableRecord {
            row: self.rows,
            cells,
            broken,
        })
    }
}

/// The line `sep=;`, which tells a spreadsheet the separator.
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

/// The separator that the first line has most often outside of quotes; a comma if it has none.
fn separator(text: &str) -> u8 {
    let mut is_quoted = false;
    let mut counts = [0; SEPARATORS.len()];
    for byte in text.trim_start_matches(['\r', '\n']).bytes() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' | b'\r' if !is_quoted => break,
            _ if is_quoted => {}
            _ => {
                if let Some(index) = SEPARATORS.iter().position(|separator| *separator == byte) {
                    counts[index] += 1;
                }
            }
        }
    }
    let mut best = 0;
    for index in 1..SEPARATORS.len() {
        if counts[index] > counts[best] {
            best = index;
        }
    }
    SEPARATORS[best]
}

/// Whether a cell that begins with a quote ends with one, with those within doubled. `csv-core` doesn't say: it reads on
/// after a closing quote, and over line ends within an open one.
fn is_well_quoted(raw: &str) -> bool {
    let Some(inner) = raw.trim_end_matches([' ', '\t']).strip_prefix('"') else {
        return true;
    };
    let doubled = |inner: &str| inner.replace("\"\"", "").bytes().all(|byte| byte != b'"');
    inner.strip_suffix('"').is_some_and(doubled)
}
