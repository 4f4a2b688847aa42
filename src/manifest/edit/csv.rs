//! Edits of cells of a CSV. The separator, the line ends and the other cells stay as they are. Workbooks aren't edited, but a
//! cell of theirs can be named.

use std::ops::Range;

use foldhash::{HashMap, HashMapExt};

use crate::domain::field::Key;
use crate::domain::{Reference, Value};
use crate::findings::source::{FileId, Span, column_letters};
use crate::manifest::csv_format::DateFormat;
use crate::manifest::csv_reader::{Cell, Records, TableForm, TableRecord};
use crate::manifest::csv_source::CsvSource;
use crate::manifest::csv_table::columns_of;
use crate::manifest::csv_writer::guarded;
use crate::manifest::edit::TextEdit;

/// A table whose cells can be found, and edited if it is a CSV.
pub struct CsvEditor<'t> {
    text: &'t str,
    date_format: &'static DateFormat,
    columns: HashMap<Key, Vec<usize>>,
    /// Each row by where it begins.
    rows: HashMap<usize, EditableRow>,
}

struct EditableRow {
    /// From 1, as spreadsheets count.
    number: usize,
    cells: Vec<EditableCell>,
}

struct EditableCell {
    range: Range<usize>,
    is_filled: bool,
}

impl<'t> CsvEditor<'t> {
    pub fn new(text: &'t str, form: &TableForm, source: &CsvSource) -> Self {
        let mut records = Records::new(FileId::default(), text, form);
        let mut columns = HashMap::new();
        if let Some(header) = records.header(source.header_row) {
            columns.extend(columns_of(&header.cells, source));
        }
        let mut rows = HashMap::new();
        for record in records {
            let cells = cells_of(&record);
            if let Some(first) = cells.first() {
                let start = first.range.start;
                let number = record.row;
                rows.insert(start, EditableRow { number, cells });
            }
        }
        Self {
            text,
            date_format: source.date_format,
            columns,
            rows,
        }
    }

    /// Whether a column gives the field.
    pub fn gives(&self, key: Key) -> bool {
        self.columns.contains_key(&key)
    }

    /// Whether the row that begins at `start` has something in the columns of the field.
    pub fn is_filled(&self, start: usize, key: Key) -> bool {
        let cells = self.cells(start, key).unwrap_or_default();
        cells.iter().any(|cell| cell.is_filled)
    }

    /// The edits that put a value into the row that begins at `start`. `None` if no column gives the field, or if a cell
    /// can't hold such a value: a reference by number.
    pub fn set(&self, start: usize, key: Key, value: &Value) -> Option<Vec<TextEdit>> {
        let cells = self.cells(start, key)?;
        let mut edits = Vec::with_capacity(cells.len());
        for (cell, (_, text)) in cells.into_iter().zip(self.texts(key, value)?) {
            let former = &self.text[cell.range.clone()];
            let text = in_cell(&text, former);
            if text != former {
                let range = cell.range.clone();
                edits.push(TextEdit { range, text });
            }
        }
        Some(edits)
    }

    /// What the columns of the field hold for this value, by the number of the column. `None` if no column gives the field,
    /// or if a cell can't hold such a value.
    pub fn texts(&self, key: Key, value: &Value) -> Option<Vec<(usize, String)>> {
        let columns = self.columns.get(&key)?;
        let text = self.cell_text(value)?;
        let mut lines = lines_for(&text, columns.len()).into_iter();
        let mut texts = Vec::with_capacity(columns.len());
        for column in columns {
            texts.push((*column, lines.next().unwrap_or_default().to_owned()));
        }
        Some(texts)
    }

    /// Where a spreadsheet has the field in the row that begins at `start`: `C17`, its first column.
    pub fn address(&self, start: usize, key: Key) -> Option<String> {
        let column = self.columns.get(&key)?.first()?;
        let row = self.rows.get(&start)?.number;
        Some(format!("{}{row}", column_letters(*column)))
    }

    fn cells(&self, start: usize, key: Key) -> Option<Vec<&EditableCell>> {
        let row = &self.rows.get(&start)?.cells;
        let columns = self.columns.get(&key)?;
        columns.iter().map(|at| row.get(*at)).collect()
    }

    fn cell_text(&self, value: &Value) -> Option<String> {
        match value {
            Value::Text(text) => Some(text.as_str().trim().replace("\r\n", "\n")),
            Value::Day(day) => Some(day.strftime(self.date_format.pattern).to_string()),
            Value::Instant(_) | Value::Flag(_) => Some(value.written().into_owned()),
            Value::Reference(Reference::Named(name)) => Some(name.to_string()),
            Value::Reference(
                Reference::Id(_) | Reference::MisId(_) | Reference::Name(_) | Reference::Email(_),
            ) => None,
        }
    }
}

/// The text in as many pieces as there are columns, a line each; the last column gets what is left. A blank line, or blanks
/// at the ends of one, would get lost between columns: then the first column gets all.
fn lines_for(text: &str, columns: usize) -> Vec<&str> {
    let lines: Vec<&str> = text.splitn(columns, '\n').collect();
    let is_whole = |line: &&str| !line.is_empty() && line.trim() == *line;
    if lines.iter().all(is_whole) {
        lines
    } else {
        vec![text]
    }
}

fn cells_of(record: &TableRecord) -> Vec<EditableCell> {
    let editable = |cell: &Cell| {
        let Span { start, end, .. } = cell.span;
        EditableCell {
            range: start as usize..end as usize,
            is_filled: !cell.text.is_empty(),
        }
    };
    record.cells.iter().map(editable).collect()
}

/// A text as a cell, in quotes if the former cell has some or if it needs them. Blanks around a former text stay.
fn in_cell(text: &str, former: &str) -> String {
    let text = guarded(text);
    let was_quoted = former.starts_with('"');
    let needs_quotes = text.contains([',', ';', '\t', '"', '\n', '\r']);
    if was_quoted || needs_quotes {
        let after = former[former.trim_end_matches([' ', '\t']).len()..].to_owned();
        return format!("\"{}\"{after}", text.replace('"', "\"\""));
    }
    let inner = former.trim_matches([' ', '\t']);
    if inner.is_empty() {
        return text;
    }
    let start = former.len() - former.trim_start_matches([' ', '\t']).len();
    format!(
        "{}{text}{}",
        &former[..start],
        &former[start + inner.len()..]
    )
}
