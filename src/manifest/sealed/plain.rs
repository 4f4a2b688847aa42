//! The plain table that people edit: every column of it is sealed, whatever a manifest reads of it.

use foldhash::{HashSet, HashSetExt};

use crate::findings::Finding;
use crate::findings::source::{FileId, Span};
use crate::manifest::csv_reader::{Cell, Records, TableForm, TableRecord};
use crate::manifest::not_content;
use crate::manifest::rules::{bad_table, duplicate_user, missing_field};
use crate::manifest::sealed::update::PlainRow;

/// The rows of a plain table.
#[derive(Debug, Default)]
pub struct PlainTable {
    /// Without the column of MIS values.
    pub headers: Vec<String>,
    pub rows: Vec<PlainRow>,
    pub findings: Vec<Finding>,
}

impl PlainTable {
    /// Reads a table; `None` if it has no column of this title for MIS values.
    pub fn read(file: FileId, text: &str, form: &TableForm, title: &str) -> Option<Self> {
        let mut read = Self::default();
        read.findings.extend(not_content(file, text));
        if !read.findings.is_empty() {
            return Some(read);
        }
        let mut records = Records::new(file, text, form);
        let Some(header) = records.header(None) else {
            let start = Span::new(file, 0, 0);
            read.findings.push(bad_table::without_header(start));
            return Some(read);
        };
        let key = header.cells.iter().position(|cell| cell.text == title)?;
        read.header(&header.cells, key);
        let mut seen = HashSet::new();
        for record in records {
            read.row(record, (header.cells.len(), key), &mut seen);
        }
        Some(read)
    }

    fn header(&mut self, cells: &[Cell], key: usize) {
        for (index, cell) in cells.iter().enumerate() {
            if index == key {
                continue;
            }
            if cell.text.is_empty() {
                self.findings
                    .push(bad_table::column_without_title(cell.span));
            } else if self.headers.contains(&cell.text) {
                self.findings.push(bad_table::two_columns_titled(cell.span));
            }
            self.headers.push(cell.text.clone());
        }
    }

    fn row(
        &mut self,
        record: TableRecord,
        (width, key): (usize, usize),
        seen: &mut HashSet<String>,
    ) {
        let span = record.span();
        if let Some(quote) = record.broken {
            return self.findings.push(bad_table::unclosed_quote(quote));
        }
        if record.cells.len() != width {
            let finding = bad_table::row_length(span, record.cells.len(), width);
            return self.findings.push(finding);
        }
        let mut cells: Vec<String> = record.cells.into_iter().map(|cell| cell.text).collect();
        if cells.iter().all(String::is_empty) {
            return;
        }
        let name = cells.remove(key);
        if name.is_empty() {
            self.findings.push(missing_field::row_without_mis_id(span));
        } else if !seen.insert(name.clone()) {
            self.findings.push(duplicate_user::second_row(span));
        } else {
            self.rows.push(PlainRow { name, cells });
        }
    }
}
