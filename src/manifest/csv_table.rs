//! CSV to rows that look as if somebody had written them in a manifest: mappings with a place for every cell. Total, as
//! all reading is: it gives rows and findings, whatever the text is.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};
use jiff::fmt::strtime;

use crate::domain::field::{FIELDS, Key, ValueKind};
use crate::findings::source::{FileId, Grid, GridColumn, GridRow, Span, Spanned};
use crate::findings::suggest::nearest;
use crate::findings::{Code, Finding};
use crate::manifest::csv_reader::{Cell, CsvRecord, Records, is_well_quoted};
use crate::manifest::csv_source::{CsvColumn, CsvSource};
use crate::manifest::schema::{DATE_FORMATS, DateFormat};
use crate::manifest::schema_findings::is_misspelling;
use crate::manifest::tree::map_key::MapKey;
use crate::manifest::tree::node::{MapEntry, Node, NodeData};
use crate::manifest::tree::scalar;

/// What a CSV holds.
#[derive(Debug, Default)]
pub struct CsvTable {
    /// A mapping for each row that holds something.
    pub rows: Vec<Node<'static>>,
    /// Where the cells are.
    pub grid: Grid,
    pub findings: Vec<Finding>,
    /// The fields that its columns give.
    pub keys: BTreeSet<Key>,
    /// The fields whose columns aren't there: found once, and not of every row again.
    pub missing: Vec<Key>,
}

/// The rows of a text.
pub fn table(file: FileId, text: &str, need: &CsvSource) -> CsvTable {
    let mut records = Records::new(file, text);
    let mut table = CsvTable::default();
    let Some(header) = records.next() else {
        let help = "the first row names the columns";
        table.findings.push(Finding::new(
            Code::BadTable,
            Span::new(file, 0, 0),
            "a table without a header",
            help,
        ));
        return table;
    };
    if !table.note(&header, text) {
        table
            .missing
            .extend(need.columns.iter().flatten().map(|column| column.key));
        return table;
    }
    let fields = table.fields(&header.cells, need);
    if table.findings.is_empty() && fields.iter().all(Vec::is_empty) {
        let help = "name the columns in its first row";
        table.find(
            Code::BadTable,
            row_span(&header.cells),
            "a table of which no column is read",
            help,
        );
    }
    for record in records {
        if table.note(&record, text) {
            table.row(&record.cells, &fields, need);
        }
    }
    if table.rows.is_empty() && table.findings.is_empty() {
        let help =
            "fill it, or take `fromCsv` away: users who leave the manifests stop being managed";
        table.find(
            Code::EmptyFile,
            row_span(&header.cells),
            "a table without rows",
            help,
        );
    }
    table
}

/// What the columns of a text are called.
pub fn headers(file: FileId, text: &str) -> Vec<String> {
    let header = Records::new(file, text).next();
    header
        .map(|record| record.cells.into_iter().map(|cell| cell.text).collect())
        .unwrap_or_default()
}

impl CsvTable {
    /// Notes where the cells are, and finds a quote that breaks the record: which column its cells are of, nobody knows.
    /// Whether it is sound.
    fn note(&mut self, record: &CsvRecord, text: &str) -> bool {
        let broken = broken_quote(record, text);
        let row = if broken.is_some() {
            GridRow::broken(record.row)
        } else {
            GridRow::sound(record.row)
        };
        self.grid
            .push(row, record.cells.iter().map(|cell| cell.span));
        if let Some(cell) = broken {
            self.broken_quote(cell);
        }
        broken.is_none()
    }

    fn broken_quote(&mut self, cell: Span) {
        let quote = Span {
            end: cell.start + 1,
            ..cell
        };
        let help = "close it behind the last character of the cell, and double a quote that is meant as one";
        self.find(
            Code::BadTable,
            quote,
            "a quote that isn't closed where its cell ends",
            help,
        );
    }

    fn find(&mut self, code: Code, at: Span, message: impl Into<String>, help: &str) {
        self.findings.push(Finding::new(code, at, message, help));
    }

    /// The fields of each column, if it has any.
    fn fields(&mut self, header: &[Cell], need: &CsvSource) -> Vec<Vec<Key>> {
        let chosen = match &need.columns {
            Some(_) => self.chosen_columns(header, need),
            None => self.columns_named_after_fields(header),
        };
        let mut fields: Vec<Vec<Key>> = vec![Vec::new(); header.len()];
        for (key, (at, place)) in chosen {
            if need.is_overlay && NOT_OF_OVERLAYS.contains(&key) {
                let message = format!("an overlay can't give `{}`", key.name());
                self.find(
                    Code::UnknownColumn,
                    place,
                    message,
                    "write it in the manifest",
                );
            } else {
                fields[at].push(key);
            }
        }
        let is_missing = |key: &Key| !fields.iter().flatten().any(|found| found == key);
        if need.is_overlay && is_missing(&Key::MisId) && !self.missing.contains(&Key::MisId) {
            let message = "an overlay without `misId`, which says whose each row is";
            self.find(
                Code::UnknownColumn,
                need.key,
                message,
                "add the column, or name it in `columns`",
            );
        }
        // What a column is for, for the person who reads of it; of several fields the one that is hidden from most.
        let column = |(keys, cell): (&Vec<Key>, &Cell)| {
            let key = keys.iter().max_by_key(|key| key.row().class)?;
            Some(GridColumn {
                key: key.name().to_owned(),
                header: cell.text.clone(),
            })
        };
        self.keys = fields.iter().flatten().copied().collect();
        self.grid.columns = fields.iter().zip(header).map(column).collect();
        fields
    }

    /// The columns that `columns` asks for: where they are, and where the manifest names them.
    fn chosen_columns(
        &mut self,
        header: &[Cell],
        need: &CsvSource,
    ) -> BTreeMap<Key, (usize, Span)> {
        let wanted: Vec<_> = need.columns.iter().flatten().collect();
        let mut chosen = BTreeMap::new();
        // Where two of the headers are there, the first row isn't somebody's data, and may be quoted.
        let is_there =
            |column: &&&CsvColumn| header.iter().any(|cell| cell.text == column.header.value);
        let is_header = wanted.iter().filter(is_there).count() > 1;
        for column in wanted {
            let place = column.header.span;
            let found: Vec<usize> = (0..header.len())
                .filter(|at| header[*at].text == column.header.value)
                .collect();
            match found.as_slice() {
                [at] => {
                    chosen.insert(column.key, (*at, place));
                }
                [] => {
                    let titles = header
                        .iter()
                        .map(|cell| cell.text.as_str())
                        .filter(|_| is_header);
                    let help = nearest(&column.header.value, titles).map_or_else(
                        || "write the header as it stands in its first row".to_owned(),
                        |near| format!("write `{near}`, as in its first row"),
                    );
                    let message = format!("the CSV has no column for `{}`", column.key.name());
                    self.find(Code::UnknownColumn, place, message, &help);
                    self.missing.push(column.key);
                }
                [_, second, ..] => {
                    let message = format!("two columns for `{}`", column.key.name());
                    let help = "give each column a header of its own";
                    let finding = Finding::new(Code::BadTable, header[*second].span, message, help);
                    self.findings.push(finding.label(place, "asked for here"));
                    self.missing.push(column.key);
                }
            }
        }
        chosen
    }

    fn columns_named_after_fields(&mut self, header: &[Cell]) -> BTreeMap<Key, (usize, Span)> {
        let mut chosen = BTreeMap::new();
        for (at, cell) in header
            .iter()
            .enumerate()
            .filter(|(_, cell)| !cell.text.is_empty())
        {
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
                    self.find(
                        Code::UnknownColumn,
                        cell.span,
                        "a column that no field is named after",
                        &help,
                    );
                }
            }
        }
        chosen
    }

    fn row(&mut self, record: &[Cell], fields: &[Vec<Key>], need: &CsvSource) {
        // One more cell, even an empty one, is a separator too many: what stands behind it is shifted.
        if record.len() != fields.len() {
            let cells = if record.len() == 1 {
                "1 cell".to_owned()
            } else {
                format!("{} cells", record.len())
            };
            let message = format!("a row of {cells}, where the header has {}", fields.len());
            let help = "quote a cell that holds the separator, or a line end; delete titles, totals and footers";
            return self.find(Code::BadTable, row_span(record), message, help);
        }
        let read = fields.iter().filter(|keys| !keys.is_empty()).count();
        let filled: Vec<_> = record
            .iter()
            .zip(fields)
            .filter(|(cell, keys)| !cell.text.is_empty() && !keys.is_empty())
            .collect();
        if let ([(cell, keys)], true) = (filled.as_slice(), read > 2) {
            let message = format!("a row that holds `{}` alone", keys[0].name());
            return self.find(
                Code::BadTable,
                cell.span,
                message,
                "delete it, if it is a title, a total or a footer",
            );
        }
        let mut entries = Vec::new();
        for (cell, key) in filled
            .into_iter()
            .flat_map(|(cell, keys)| keys.iter().map(move |key| (cell, *key)))
        {
            if let Some(data) = self.value(key, cell, need.date_format) {
                let key = Spanned {
                    value: MapKey::from(key),
                    span: cell.span,
                };
                entries.push(MapEntry {
                    key,
                    value: Node::new(cell.span, data),
                });
            }
        }
        if !entries.is_empty() {
            self.rows
                .push(Node::new(row_span(record), NodeData::Map(entries.into())));
        }
    }

    /// A cell as its field takes it. What isn't of that form stays text, which the schema finds.
    fn value(&mut self, key: Key, cell: &Cell, format: &DateFormat) -> Option<NodeData<'static>> {
        let text = || NodeData::Text(cell.text.clone().into());
        if let Some((what, help)) = spoilt(&cell.text) {
            let message = format!("{what}, and `{}` is lost", key.name());
            self.find(Code::MangledCell, cell.span, message, help);
            return None;
        }
        match key.row().kind {
            ValueKind::Day => {
                let day = day(&cell.text, format);
                if day.is_none() {
                    let message =
                        format!("`{}` isn't a day in the form {}", key.name(), format.name);
                    self.find(
                        Code::BadDay,
                        cell.span,
                        message,
                        &day_help(&cell.text, format),
                    );
                }
                day.map(|day| NodeData::Text(day.to_string().into()))
            }
            ValueKind::Ids => {
                let numbers = cell
                    .text
                    .split([' ', ',', ';'])
                    .filter(|part| !part.is_empty());
                let item = |part: &str| Node::new(cell.span, number_or_text(part));
                Some(NodeData::List(numbers.map(item).collect()))
            }
            ValueKind::Number | ValueKind::Flag => Some(number_or_text(&cell.text)),
            ValueKind::Text(_) | ValueKind::Reference(_) | ValueKind::Instant | ValueKind::Role => {
                Some(text())
            }
        }
    }
}

/// What an overlay can't give: who a user is, and what hangs on that.
const NOT_OF_OVERLAYS: &[Key] = &[Key::Id, Key::Role];

fn number_or_text(text: &str) -> NodeData<'static> {
    match scalar::plain(text) {
        NodeData::Integer(number) => NodeData::Integer(number),
        NodeData::Flag(flag) => NodeData::Flag(flag),
        _ => NodeData::Text(text.to_owned().into()),
    }
}

/// What to do about a cell that isn't a day, by what it looks like.
fn day_help(text: &str, format: &DateFormat) -> String {
    let is_number = text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number {
        return "it is a spreadsheet's number for a day: format the column as a date, and export again".to_owned();
    }
    let example = date(2007, 3, 14).strftime(format.pattern).to_string();
    let other = DATE_FORMATS.iter().find(|other| day(text, other).is_some());
    match other {
        Some(other) => {
            format!(
                "write it as in `{example}`, or say `dateFormat: {}` if all are like this one",
                other.name
            )
        }
        None => {
            format!(
                "write it as in `{example}`: a day that exists, its year with four digits, and no time of the day"
            )
        }
    }
}

/// What a spreadsheet writes in the place of a value that it has lost.
const ERRORS: &[&str] = &[
    "#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!",
];

/// What has become of a cell, and what to do.
fn spoilt(text: &str) -> Option<(&'static str, &'static str)> {
    if ERRORS.contains(&text) {
        return Some((
            "an error of a spreadsheet's formula",
            "mend the formula there, and export again",
        ));
    }
    if text.len() > 1 && text.bytes().all(|byte| byte == b'#') {
        return Some((
            "a column was too narrow for its value",
            "widen it in the spreadsheet, and export again",
        ));
    }
    let help = "format the column as text in the spreadsheet, fill it anew, and export again";
    is_rounded(text).then_some(("a spreadsheet has rounded this long number", help))
}

/// The first cell whose quotes aren't those of a table: it may have swallowed the rows behind it.
fn broken_quote(record: &CsvRecord, text: &str) -> Option<Span> {
    let raw = |span: Span| &text[span.start as usize..span.end as usize];
    record
        .cells
        .iter()
        .map(|cell| cell.span)
        .find(|span| !is_well_quoted(raw(*span)))
}

/// All of a row, from its first cell to its last.
fn row_span(record: &[Cell]) -> Span {
    let (first, last) = (record.first(), record.last());
    let start = first.map(|cell| cell.span).unwrap_or_default();
    Span {
        end: last.map_or(start.end, |cell| cell.span.end),
        ..start
    }
}

/// A day in the given form, with or without the midnight that databases write behind it.
fn day(text: &str, format: &DateFormat) -> Option<Date> {
    let day = [" 00:00:00", " 00:00"]
        .iter()
        .find_map(|midnight| text.strip_suffix(midnight))
        .unwrap_or(text);
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
