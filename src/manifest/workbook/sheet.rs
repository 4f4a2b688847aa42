//! The cells of one sheet, with a text that shows them: a line for each row, so that a line has the number of its row.

use foldhash::{HashMap, HashMapExt};

use crate::findings::Unreadable;
use crate::findings::source::{FileId, Span};
use crate::manifest::csv_format::{CellArea, CellForm};
use crate::manifest::csv_reader::{Cell, TableRecord};
use crate::manifest::csv_writer::without_guard;
use crate::manifest::workbook::package::{damaged, swells};

/// How many cells a sheet may have, with the empty ones between others: 50,000 rows with 60 columns.
const MOST_CELLS: usize = 3_000_000;

/// How long the texts of all cells may be, in bytes: twice what 50,000 rows with 30 columns take.
const LONGEST_TEXT: usize = 32 << 20;

/// What spreadsheet programs have.
pub(super) const MOST_ROWS: usize = 1_048_576;
pub(super) const MOST_COLUMNS: usize = 16_384;

/// Between two cells of the text.
const SEPARATOR: &str = " | ";

/// A sheet of a workbook.
pub struct Sheet {
    pub(crate) name: String,
    /// The rows that have something in them: their numbers, from 1, and the index of their first cell.
    rows: Vec<(usize, usize)>,
    /// From column A up to the last cell of the row that isn't empty.
    cells: Vec<SheetCell>,
    /// The texts of cells that have several lines, by where they stand in the text.
    originals: HashMap<u32, String>,
    /// Cells that a spreadsheet shows as one.
    pub(crate) merged: Vec<CellArea>,
    text: String,
}

struct SheetCell {
    start: u32,
    end: u32,
    form: CellForm,
}

impl Sheet {
    pub(super) fn new(name: String) -> Self {
        Self {
            name,
            rows: Vec::new(),
            cells: Vec::new(),
            originals: HashMap::new(),
            merged: Vec::new(),
            text: String::new(),
        }
    }

    /// What its tab shows.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds a cell that isn't empty. Rows and columns count from 0. Cells come in the order in which people read them.
    pub(super) fn push(
        &mut self,
        (row, column): (usize, usize),
        text: &str,
        form: CellForm,
    ) -> Result<(), Unreadable> {
        if row >= MOST_ROWS || column >= MOST_COLUMNS {
            return Err(damaged());
        }
        let number = row + 1;
        match self.rows.last() {
            Some((last, _)) if *last > number => return Err(damaged()),
            Some((last, _)) if *last == number => {}
            last => {
                let gap = number - last.map_or(1, |(last, _)| *last);
                self.text.extend(std::iter::repeat_n('\n', gap));
                self.rows.push((number, self.cells.len()));
            }
        }
        let first = self.rows.last().map_or(0, |(_, first)| *first);
        let filled = self.cells.len() - first;
        if column < filled {
            return Err(damaged());
        }
        if first + column + 1 > MOST_CELLS || self.text.len() + text.len() > LONGEST_TEXT {
            return Err(swells());
        }
        for _ in filled..column {
            self.push_text("", CellForm::Text);
        }
        self.push_text(text, form);
        Ok(())
    }

    fn push_text(&mut self, text: &str, form: CellForm) {
        let first = self.rows.last().map_or(0, |(_, first)| *first);
        if self.cells.len() > first {
            self.text.push_str(SEPARATOR);
        }
        let start = self.text.len();
        if text.contains(['\n', '\r']) {
            let original = text.replace("\r\n", "\n").replace('\r', "\n");
            self.text.push_str(&original.replace('\n', "⏎"));
            self.originals.insert(offset(start), original);
        } else {
            self.text.push_str(text);
        }
        self.cells.push(SheetCell {
            start: offset(start),
            end: offset(self.text.len()),
            form,
        });
    }

    /// Adds the merged cells, of which those of one cell are none.
    pub(super) fn merge(&mut self, area: CellArea) {
        if area.rows.0 < area.rows.1 || area.columns.0 < area.columns.1 {
            self.merged.push(area);
        }
    }

    /// The text that shows the cells, which moves to the texts of the run.
    pub(super) fn take_text(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    fn record(&self, index: usize, file: FileId, text: &str) -> TableRecord {
        let (row, first) = self.rows[index];
        let next = self.rows.get(index + 1);
        let end = next.map_or(self.cells.len(), |(_, first)| *first);
        let cells = self.cells[first..end]
            .iter()
            .map(|cell| self.cell(cell, file, text))
            .collect();
        TableRecord {
            row,
            cells,
            broken: None,
        }
    }

    fn cell(&self, cell: &SheetCell, file: FileId, text: &str) -> Cell {
        let range = cell.start as usize..cell.end as usize;
        let span = Span::new(file, range.start, range.end);
        let original = self.originals.get(&cell.start).map(String::as_str);
        let raw = original.unwrap_or_else(|| &text[range]);
        Cell {
            text: without_guard(raw.trim()).to_owned(),
            span,
            form: cell.form,
        }
    }
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).expect("the text of a sheet is shorter than 4 GiB")
}

/// The rows of a sheet, one after the other.
pub(crate) struct SheetRecords<'s> {
    sheet: &'s Sheet,
    file: FileId,
    /// The text of the sheet, as the run keeps it.
    text: &'s str,
    next: usize,
    /// How many cells the header has, once it is read.
    width: Option<usize>,
}

impl<'s> SheetRecords<'s> {
    pub(crate) fn new(sheet: &'s Sheet, file: FileId, text: &'s str) -> Self {
        Self {
            sheet,
            file,
            text,
            next: 0,
            width: None,
        }
    }

    /// From here on each row has as many cells as the header. What stands to the right of the header is in no column.
    pub(crate) fn set_width(&mut self, width: usize) {
        self.width = Some(width);
    }
}

impl Iterator for SheetRecords<'_> {
    type Item = TableRecord;

    fn next(&mut self) -> Option<TableRecord> {
        if self.next == self.sheet.rows.len() {
            return None;
        }
        let mut record = self.sheet.record(self.next, self.file, self.text);
        self.next += 1;
        if let Some(width) = self.width {
            let end = record.cells.last().map_or(0, |cell| cell.span.end as usize);
            record.cells.resize_with(width, || Cell {
                text: String::new(),
                span: Span::new(self.file, end, end),
                form: CellForm::Text,
            });
        }
        Some(record)
    }
}
