//! CSV to rows that look as if somebody had written them in a manifest: mappings with a place for every cell. Total, as
//! all reading is: it gives rows and findings, whatever the text is.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::fmt::strtime;

use crate::diagnostic::{Code, Finding};
use crate::field::{FIELDS, Key, Kind};
use crate::manifest::fault::is_misspelling;
use crate::manifest::need::Need;
use crate::manifest::records::{Cell, Records, is_closed};
use crate::manifest::scalar;
use crate::manifest::tree::{Data, Entry, Node};
use crate::schema::{DateFormat, has_column};
use crate::source::{FileId, Grid, GridColumn, Span, Spanned};
use crate::suggest::nearest;

/// What a CSV holds.
#[derive(Debug, Default)]
pub struct Table {
    /// A mapping for each row that holds something.
    pub rows: Vec<Node>,
    /// Where the cells are.
    pub grid: Grid,
    pub findings: Vec<Finding>,
}

/// The rows of a text.
pub fn table(file: FileId, text: &str, need: &Need) -> Table {
    let mut records = Records::new(file, text);
    let mut table = Table::default();
    let Some(header) = records.next() else {
        let help = "the first row names the columns";
        table.findings.push(Finding::new(Code::BadTable, Span::new(file, 0, 0), "a table without a header", help));
        return table;
    };
    let fields = table.fields(&header, need);
    table.note(&header);
    for record in records {
        table.note(&record);
        let raw = |cell: &Cell| &text[cell.span.start as usize..cell.span.end as usize];
        if let Some(open) = record.iter().find(|cell| !is_closed(raw(cell))) {
            let quote = Span { end: open.span.start + 1, ..open.span };
            let help = "close it; a quote inside of quotes is doubled. The rest of this file wasn't read";
            table.findings.push(Finding::new(Code::BadTable, quote, "a quote that isn't closed", help));
        } else {
            table.row(&record, &fields, need);
        }
    }
    table
}

impl Table {
    fn note(&mut self, record: &[Cell]) {
        self.grid.push(record.iter().map(|cell| cell.span));
    }

    fn find(&mut self, code: Code, at: Span, message: impl Into<String>, help: &str) {
        self.findings.push(Finding::new(code, at, message, help));
    }

    /// The field of each column, if it has one.
    fn fields(&mut self, header: &[Cell], need: &Need) -> Vec<Option<Key>> {
        let chosen = match &need.columns {
            Some(_) => self.chosen_columns(header, need),
            None => self.columns_named_after_fields(header),
        };
        let mut fields: Vec<Option<Key>> = vec![None; header.len()];
        for (key, (at, place)) in chosen {
            let is_refused = !has_column(key.row()) || (need.is_overlay && matches!(key, Key::Id | Key::Role));
            if is_refused {
                let message = format!("a column can't give `{}` here", key.name());
                self.find(Code::UnknownColumn, place, message, "write it in the manifest");
            } else {
                fields[at] = Some(key);
            }
        }
        if need.is_overlay && !fields.contains(&Some(Key::MisId)) {
            let message = "an overlay without `misId`, which says whose each row is";
            self.find(Code::UnknownColumn, need.key, message, "add the column, or name it in `columns`");
        }
        let column = |(key, cell): (&Option<Key>, &Cell)| {
            key.map(|key| GridColumn { key: key.name().to_owned(), header: cell.text.clone() })
        };
        self.grid.columns = fields.iter().zip(header).map(column).collect();
        fields
    }

    /// The columns that `columns` asks for: where they are, and where the manifest names them.
    fn chosen_columns(&mut self, header: &[Cell], need: &Need) -> BTreeMap<Key, (usize, Span)> {
        let mut chosen = BTreeMap::new();
        for column in need.columns.iter().flatten() {
            let place = column.header.span;
            let found: Vec<usize> = (0..header.len()).filter(|at| header[*at].text == column.header.value).collect();
            match found.as_slice() {
                [at] => {
                    chosen.insert(column.key, (*at, place));
                }
                [] => {
                    let message = format!("the CSV has no column for `{}`", column.key.name());
                    self.find(Code::UnknownColumn, place, message, "write the header as it stands in its first row");
                }
                [_, second, ..] => {
                    let message = format!("two columns for `{}`", column.key.name());
                    let help = "give each column a header of its own";
                    let finding = Finding::new(Code::BadTable, header[*second].span, message, help);
                    self.findings.push(finding.label(place, "asked for here"));
                }
            }
        }
        chosen
    }

    fn columns_named_after_fields(&mut self, header: &[Cell]) -> BTreeMap<Key, (usize, Span)> {
        let mut chosen = BTreeMap::new();
        for (at, cell) in header.iter().enumerate().filter(|(_, cell)| !cell.text.is_empty()) {
            match Key::named(&cell.text) {
                Some(key) if chosen.contains_key(&key) => {
                    let message = format!("two columns for `{}`", key.name());
                    self.find(Code::BadTable, cell.span, message, "keep one of the two");
                }
                Some(key) => {
                    chosen.insert(key, (at, cell.span));
                }
                None => {
                    let near = nearest(&cell.text, FIELDS.iter().map(|field| field.name));
                    let near = near.filter(|word| is_misspelling(&cell.text, word));
                    let help = near.map_or_else(
                        || "name it after a field, or say in `columns` which column each field comes from".to_owned(),
                        |word| format!("write `{word}`"),
                    );
                    self.find(Code::UnknownColumn, cell.span, "a column that no field is named after", &help);
                }
            }
        }
        chosen
    }

    fn row(&mut self, record: &[Cell], fields: &[Option<Key>], need: &Need) {
        let surplus = record.get(fields.len()..).unwrap_or_default();
        if record.len() < fields.len() || surplus.iter().any(|cell| !cell.text.is_empty()) {
            let message = format!("a row of {} cells, where the header has {}", record.len(), fields.len());
            let help = "quote a cell that holds the separator, or a line end";
            return self.find(Code::BadTable, row_span(record), message, help);
        }
        let mut entries = Vec::new();
        for (cell, key) in record.iter().zip(fields).filter(|(cell, _)| !cell.text.is_empty()) {
            let Some(key) = key else {
                continue;
            };
            if let Some(data) = self.value(*key, cell, need.date_format) {
                let key = Spanned { value: key.name().to_owned(), span: cell.span };
                entries.push(Entry { key, value: Node { span: cell.span, data } });
            }
        }
        if !entries.is_empty() {
            self.rows.push(Node { span: row_span(record), data: Data::Map(entries) });
        }
    }

    /// A cell as its field takes it. What isn't of that form stays text, which the schema finds.
    fn value(&mut self, key: Key, cell: &Cell, format: &DateFormat) -> Option<Data> {
        let text = || Data::Text { text: cell.text.clone(), plain: false };
        match key.row().kind {
            Kind::Day => {
                let day = day(&cell.text, format);
                if day.is_none() {
                    let message = format!("`{}` isn't a day in the form {}", key.name(), format.name);
                    let help = "say in `dateFormat` how days are written here, as in `dateFormat: DD/MM/YYYY`";
                    self.find(Code::BadDay, cell.span, message, help);
                }
                day.map(|day| Data::Text { text: day.to_string(), plain: false })
            }
            Kind::Number | Kind::Flag => match scalar::plain(&cell.text) {
                data @ (Data::Integer(_) | Data::Flag(_)) => Some(data),
                _ => Some(text()),
            },
            Kind::Text(_) | Kind::Reference(_) if is_rounded(&cell.text) => {
                let message = format!("a spreadsheet has rounded this long number, and `{}` is lost", key.name());
                let help = "format the column as text in the spreadsheet, fill it anew, and export again";
                self.find(Code::MangledNumber, cell.span, message, help);
                None
            }
            Kind::Text(_) | Kind::Reference(_) | Kind::Instant | Kind::Role | Kind::Ids => Some(text()),
        }
    }
}

/// All of a row, from its first cell to its last.
fn row_span(record: &[Cell]) -> Span {
    let (first, last) = (record.first(), record.last());
    let start = first.map(|cell| cell.span).unwrap_or_default();
    Span { end: last.map_or(start.end, |cell| cell.span.end), ..start }
}

/// A day in the given form, with or without the midnight that databases write behind it.
fn day(text: &str, format: &DateFormat) -> Option<Date> {
    let day = [" 00:00:00", " 00:00"].iter().find_map(|midnight| text.strip_suffix(midnight)).unwrap_or(text);
    let parsed = strtime::parse(format.pattern, day).ok()?.to_date().ok()?;
    // A year of two digits, or of five, is some other form.
    let year_length = if format.name.starts_with('Y') {
        day.find('-')
    } else {
        day.rfind(['/', '-', '.', ' ']).map(|at| day.len() - at - 1)
    };
    (year_length == Some(4)).then_some(parsed)
}

/// `9.99E+09`: a long number as spreadsheets shorten it.
fn is_rounded(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let whole = mantissa.replacen(['.', ','], "", 1);
    digits(&whole) && exponent.strip_prefix('+').is_some_and(digits)
}
