//! A sealed file as a manifest reads it: the rows that the keys of this run open, each at its line.

use std::ops::Range;

use foldhash::{HashMap, HashMapExt};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::findings::Finding;
use crate::findings::source::{FileId, Grid, GridColumn, GridRow, Span};
use crate::manifest::csv_format::CellForm;
use crate::manifest::csv_reader::{Cell, TableRecord};
use crate::manifest::rules::{
    not_sealed_for, sealed_order, sealed_plain, sealed_row_broken, sealed_row_moved,
};
use crate::manifest::sealed::age_file::{self, OpenFailure};
use crate::manifest::sealed::lines::{self, Fault, SealedLine, SealedLines};
use crate::manifest::sealed::row::SealedRow;
use crate::manifest::sealed::{LONGEST_ROW, Recipients, Sealing};
use crate::manifest::sealed_fault::SealedFault;

/// What could be read of a sealed file.
pub struct SealedTable {
    /// The title of the column of MIS values, as the manifest calls it.
    title: String,
    header_at: [Range<usize>; 2],
    /// The headers of all rows, each once.
    headers: Vec<String>,
    rows: Vec<OpenedLine>,
    faults: Vec<Fault>,
    /// Whether there was a key to open the rows with.
    is_open: bool,
}

/// A line, and what its cell holds if it could be opened.
pub(super) struct OpenedLine {
    pub(super) line: SealedLine,
    pub(super) row: Option<SealedRow>,
}

impl SealedTable {
    /// Reads a text. `title` is what the manifest calls the column of MIS values.
    pub(crate) fn read(text: &str, sealing: Sealing<'_>, title: &str) -> Self {
        let SealedLines {
            header_at,
            lines,
            mut faults,
        } = SealedLines::read(text);
        let fingerprint = sealing.recipients.map(Recipients::fingerprint);
        let opened: Vec<Result<Option<SealedRow>, SealedFault>> = lines
            .par_iter()
            .map(|line| opened(line, sealing, fingerprint.as_deref()))
            .collect();
        let mut rows = Vec::with_capacity(lines.len());
        for (line, opened) in lines.into_iter().zip(opened) {
            let row = opened.unwrap_or_else(|kind| {
                let range = line.sealed_at.clone();
                faults.push(Fault { range, kind });
                None
            });
            rows.push(OpenedLine { line, row });
        }
        Self {
            title: title.to_owned(),
            header_at,
            headers: headers(&rows),
            rows,
            faults,
            is_open: sealing.keys.is_some(),
        }
    }

    /// Whether the keys open every row of a text.
    pub fn opens(text: &str, sealing: Sealing<'_>) -> bool {
        let lines = SealedLines::read(text).lines;
        let is_open =
            |line: &SealedLine| !matches!(opened(line, sealing, None), Err(SealedFault::NoKey));
        lines.par_iter().all(is_open)
    }

    /// Whether there was a key to open its rows with.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(super) fn into_rows(self) -> Vec<OpenedLine> {
        self.rows
    }

    /// What is wrong with it, with places in the text `file`.
    pub fn findings(&self, file: FileId) -> Vec<Finding> {
        let finding = |fault: &Fault| {
            let span = Span::new(file, fault.range.start, fault.range.end);
            match fault.kind {
                SealedFault::PlainColumns | SealedFault::PlainCell => {
                    sealed_plain::finding(fault.kind, span)
                }
                SealedFault::Unsorted => sealed_order::finding(span),
                SealedFault::Empty
                | SealedFault::NotTwoCells
                | SealedFault::WithoutName
                | SealedFault::Repeated
                | SealedFault::TooLong
                | SealedFault::Damaged
                | SealedFault::NotARow => sealed_row_broken::finding(fault.kind, span),
                SealedFault::OfAnotherUser | SealedFault::OfAnotherOrganisation => {
                    sealed_row_moved::finding(fault.kind, span)
                }
                SealedFault::NoKey | SealedFault::OtherRecipients => {
                    not_sealed_for::finding(fault.kind, span)
                }
            }
        };
        self.faults.iter().map(finding).collect()
    }

    /// Where the cells are that people see: a MIS value and a sealed cell in each line.
    pub(crate) fn grid(&self, file: FileId) -> Grid {
        let mut grid = Grid::default();
        let span = |range: &Range<usize>| Span::new(file, range.start, range.end);
        grid.push(GridRow::sound(1), self.header_at.iter().map(span));
        for OpenedLine { line, .. } in &self.rows {
            let cells = [span(&line.name_at), span(&line.sealed_at)];
            grid.push(GridRow::sound(line.row), cells.into_iter());
        }
        let column = |title: &str| {
            Some(GridColumn {
                key: title.to_owned(),
                header: title.to_owned(),
            })
        };
        grid.columns = lines::HEADERS.map(column).into();
        grid
    }

    /// Whose rows there are.
    pub(crate) fn names(&self, file: FileId) -> impl Iterator<Item = (Span, &str)> {
        self.rows.iter().map(move |OpenedLine { line, .. }| {
            let span = Span::new(file, line.name_at.start, line.name_at.end);
            (span, line.name.as_str())
        })
    }

    /// The row of the line that begins at `start`, sealed again with some new cells: where its sealed cell stands, and the
    /// new one. Columns count as in the records of a table. `None` if the row isn't open, or if it would be too long.
    pub fn resealed(
        &self,
        start: usize,
        cells: Vec<(usize, String)>,
        recipients: &Recipients,
    ) -> Option<(Range<usize>, String)> {
        let places = |row: &OpenedLine| row.line.name_at.start;
        let index = self.rows.binary_search_by_key(&start, places).ok()?;
        let OpenedLine { line, row } = &self.rows[index];
        let mut row = row.clone()?;
        for (column, text) in cells {
            let header = self.headers.get(column.checked_sub(1)?)?;
            row.set(header, text);
        }
        row.recipients = recipients.fingerprint();
        let sealed = age_file::seal(&row.text()?, &recipients.public_keys()).ok()?;
        Some((line.sealed_at.clone(), lines::encoded(&sealed)))
    }
}

/// The row in a line. Without keys only what shows from outside is checked.
fn opened(
    line: &SealedLine,
    sealing: Sealing<'_>,
    fingerprint: Option<&str>,
) -> Result<Option<SealedRow>, SealedFault> {
    let Some(sealed) = &line.sealed else {
        return Ok(None);
    };
    let number = lines::recipients(sealed);
    let is_for_all = sealing
        .recipients
        .is_none_or(|recipients| recipients.len() == number);
    let Some(keys) = sealing.keys else {
        return if is_for_all {
            Ok(None)
        } else {
            Err(SealedFault::OtherRecipients)
        };
    };
    let text =
        age_file::open(sealed, &keys.keys, LONGEST_ROW).map_err(|failure| match failure {
            OpenFailure::NoKey => SealedFault::NoKey,
            OpenFailure::Damaged => SealedFault::Damaged,
        })?;
    let text = String::from_utf8(text).map_err(|_| SealedFault::NotARow)?;
    let row = SealedRow::parse(&text).ok_or(SealedFault::NotARow)?;
    if row.organisation != sealing.organisation {
        Err(SealedFault::OfAnotherOrganisation)
    } else if row.name != line.name {
        Err(SealedFault::OfAnotherUser)
    } else if fingerprint.is_some_and(|meant| row.recipients != meant) || !is_for_all {
        Err(SealedFault::OtherRecipients)
    } else {
        Ok(Some(row))
    }
}

/// The headers of all rows in the order in which they are met, each once.
fn headers(rows: &[OpenedLine]) -> Vec<String> {
    let mut headers: Vec<String> = Vec::new();
    for row in rows.iter().filter_map(|opened| opened.row.as_ref()) {
        for header in &row.headers {
            if !headers.contains(header) {
                headers.push(header.clone());
            }
        }
    }
    headers
}

/// The rows of a sealed file as records of a table. Every cell but the first is at the sealed cell of its line.
pub(crate) struct SealedRecords<'s> {
    table: &'s SealedTable,
    file: FileId,
    columns: HashMap<&'s str, usize>,
    /// 0 stands for the header.
    next: usize,
}

impl<'s> SealedRecords<'s> {
    pub(crate) fn new(table: &'s SealedTable, file: FileId) -> Self {
        let mut columns = HashMap::with_capacity(table.headers.len());
        for (index, header) in table.headers.iter().enumerate() {
            columns.insert(header.as_str(), index);
        }
        Self {
            table,
            file,
            columns,
            next: 0,
        }
    }

    fn cell(&self, text: &str, at: &Range<usize>) -> Cell {
        Cell {
            text: text.to_owned(),
            span: Span::new(self.file, at.start, at.end),
            form: CellForm::Text,
        }
    }

    fn header(&self) -> TableRecord {
        let [name_at, sealed_at] = &self.table.header_at;
        let mut cells = vec![self.cell(&self.table.title, name_at)];
        for header in &self.table.headers {
            cells.push(self.cell(header, sealed_at));
        }
        TableRecord {
            row: 1,
            cells,
            broken: None,
        }
    }

    fn row(&self, opened: &OpenedLine) -> TableRecord {
        let OpenedLine { line, row } = opened;
        let mut cells = vec![self.cell(&line.name, &line.name_at)];
        cells.resize_with(1 + self.table.headers.len(), || {
            self.cell("", &line.sealed_at)
        });
        if let Some(row) = row {
            for (header, text) in row.headers.iter().zip(&row.cells) {
                let column = self.columns[header.as_str()];
                text.clone_into(&mut cells[1 + column].text);
            }
        }
        TableRecord {
            row: line.row,
            cells,
            broken: None,
        }
    }
}

impl Iterator for SealedRecords<'_> {
    type Item = TableRecord;

    fn next(&mut self) -> Option<TableRecord> {
        let index = self.next;
        self.next += 1;
        match index.checked_sub(1) {
            None => Some(self.header()),
            Some(index) => self.table.rows.get(index).map(|row| self.row(row)),
        }
    }
}
