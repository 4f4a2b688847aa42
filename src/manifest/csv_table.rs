//! A table to rows like those of a manifest: mappings with a place for every cell. Whatever the file holds, reading gives rows
//! and findings, and no error. CSVs and sheets of workbooks go the same way.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::domain::field::{Class, Key, Referent, Shape, ValueKind};
use crate::domain::{london, nfc};
use crate::findings::Finding;
use crate::findings::source::{FileId, Grid, GridColumn, GridRow, Span, Spanned};
use crate::manifest::csv_format::CellForm;
use crate::manifest::csv_reader::{Cell, Records, TableForm, TableRecord};
use crate::manifest::csv_source::{CsvColumn, CsvSource};
use crate::manifest::rules::{
    UNFIT_CHECKS, bad_day, bad_table, empty_file, mangled_cell, placeholder, sealed_plain,
    spreadsheet_key, unknown_column,
};
use crate::manifest::sealed::{SealedTable, looks_sealed};
use crate::manifest::tree::map_key::MapKey;
use crate::manifest::tree::node::{MapEntry, Node, NodeData};
use crate::manifest::tree::scalar;
use crate::manifest::workbook::Sheet;
use crate::manifest::{not_content, repeated_rows};

/// What a table holds.
#[derive(Debug, Default)]
pub struct CsvTable {
    /// A mapping for each row that has a value.
    pub rows: Vec<Node<'static>>,
    /// Where the cells are.
    pub grid: Grid,
    pub findings: Vec<Finding>,
    /// The fields that its columns give.
    pub keys: BTreeSet<Key>,
    /// The fields whose columns aren't there. That is one finding, and not one for every row.
    pub missing: Vec<Key>,
    /// Whether they are missing because no key opens the table.
    pub is_locked: bool,
}

/// The rows of a table.
pub fn table(file: FileId, text: &str, form: &TableForm, source: &CsvSource) -> CsvTable {
    let mut table = CsvTable::default();
    if let TableForm::Sheet(sheet) = form {
        table.grid.sheet = Some(sheet.name.clone());
        return table.read(file, text, form, source);
    }
    table.findings.extend(not_content(file, text));
    if !table.findings.is_empty() {
        table.miss_all(source);
        return table;
    }
    if let TableForm::Sealed(sealed) = form {
        table.findings.extend(sealed.findings(file));
        return table.read_sealed(file, text, form, (source, sealed));
    }
    if source.is_overlay && looks_sealed(text) {
        table
            .findings
            .push(sealed_plain::not_said(source.path.span));
        table.miss_all(source);
        return table;
    }
    table.read(file, text, form, source)
}

/// The headers of a table.
pub fn headers(
    file: FileId,
    text: &str,
    form: &TableForm,
    header_row: Option<usize>,
) -> Vec<String> {
    let mut headers = Vec::new();
    if let Some(record) = Records::new(file, text, form).header(header_row) {
        headers.extend(record.cells.into_iter().map(|cell| cell.text));
    }
    headers
}

/// How many rows below the first one are looked at for the header, if the first one is a title.
const ROWS_OF_TITLES: usize = 20;

/// The number of the row that looks like the header, if the first row doesn't and none was named.
fn header_below(header: &TableRecord, records: Records<'_>, source: &CsvSource) -> Option<usize> {
    if source.header_row.is_some() {
        return None;
    }
    let named = titles_in(&header.cells, source);
    let most = source.columns.as_ref().map_or(usize::MAX, Vec::len);
    if named > 1 || named == most {
        return None;
    }
    let mut below = records.skip(1).take(ROWS_OF_TITLES);
    let found =
        below.find(|record| titles_in(&record.cells, source) > named.max(1).min(most - 1))?;
    Some(found.row)
}

/// How many cells of a row are headers: as the manifest names them, or if it names none, fields.
fn titles_in(cells: &[Cell], source: &CsvSource) -> usize {
    let is_title = |cell: &&Cell| match &source.columns {
        Some(columns) => columns
            .iter()
            .flat_map(|column| &column.headers)
            .any(|header| nfc(&header.value) == nfc(&cell.text)),
        None => Key::named(&cell.text).is_some(),
    };
    cells.iter().filter(is_title).count()
}

/// The columns that each field comes from.
pub(crate) fn columns_of(header: &[Cell], source: &CsvSource) -> BTreeMap<Key, Vec<usize>> {
    let columns = CsvTable::default().read_columns(header, source);
    let mut of_keys: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for (index, keys) in columns.fields.iter().enumerate() {
        for key in keys.iter().filter(|key| !columns.is_joined(**key)) {
            of_keys.insert(*key, vec![index]);
        }
    }
    of_keys.extend(columns.joined);
    of_keys
}

impl CsvTable {
    fn read(mut self, file: FileId, text: &str, form: &TableForm, source: &CsvSource) -> Self {
        let mut records = Records::new(file, text, form);
        let start = Span::new(file, 0, 0);
        let Some(header) = records.header(source.header_row) else {
            self.findings.push(bad_table::without_header(start));
            return self;
        };
        if !self.note(&header) {
            self.miss_all(source);
            return self;
        }
        let header_span = header.span();
        let misplaced = match source.header_row {
            Some(row) if row != header.row => Some(bad_table::blank_header(header_span, row)),
            _ => header_below(&header, Records::new(file, text, form), source)
                .map(|row| bad_table::header_below(header_span, row, source.settings)),
        };
        if let Some(finding) = misplaced {
            self.findings.push(finding);
            self.miss_all(source);
            return self;
        }
        let columns = self.read_columns(&header.cells, source);
        if self.findings.is_empty() && columns.fields.iter().all(Vec::is_empty) {
            self.findings
                .push(bad_table::without_read_columns(header_span));
        }
        let mut keys = KeyColumns::default();
        for record in records {
            if self.note(&record) {
                keys.note(&record.cells, &columns);
                self.row(&record, &columns, source);
            }
        }
        self.findings.extend(keys.findings());
        self.collapse(source);
        if let TableForm::Sheet(sheet) = form {
            self.find_merged(sheet, header.row, &columns);
        }
        if self.rows.is_empty() && self.findings.is_empty() {
            self.findings
                .push(empty_file::csv_without_rows(header_span, source.settings));
        }
        self
    }

    /// The rows of a sealed file. Without a key it gives no field, but whose rows there are is known.
    fn read_sealed(
        mut self,
        file: FileId,
        text: &str,
        form: &TableForm,
        (source, sealed): (&CsvSource, &SealedTable),
    ) -> Self {
        let is_error = |finding: &Finding| finding.is_error();
        let is_faulty = self.findings.iter().any(is_error);
        let mut table = if sealed.is_open() && !is_faulty {
            self.read(file, text, form, source)
        } else {
            self.is_locked = !sealed.is_open();
            let columns = source.columns.iter().flatten();
            let keys = columns.map(|column| column.key);
            self.missing.extend(keys.filter(|key| *key != Key::MisId));
            for (span, name) in sealed.names(file) {
                let name = NodeData::Text(name.to_owned().into());
                let fields = NodeData::Map([entry(Key::MisId, span, name)].into());
                self.rows.push(Node::new(span, fields));
            }
            self
        };
        table.grid = sealed.grid(file);
        table
    }

    /// Rows of one person become one, as far as they say the same.
    fn collapse(&mut self, source: &CsvSource) {
        let rows = std::mem::take(&mut self.rows);
        let (rows, finding) = repeated_rows::collapse(rows, source.settings);
        self.rows = rows;
        self.findings.extend(finding);
    }

    /// Finds merged cells below the header: only the first cell of each has the value.
    fn find_merged(&mut self, sheet: &Sheet, header_row: usize, columns: &ReadColumns) {
        for area in &sheet.merged {
            let read = columns.fields.iter().enumerate().take(area.columns.1 + 1);
            let is_read = read.skip(area.columns.0).any(|(_, keys)| !keys.is_empty());
            let first = self.grid.cell(area.rows.0 + 1, area.columns.0);
            if let Some(cell) = first.filter(|_| is_read && area.rows.0 >= header_row) {
                self.findings.push(bad_table::merged_cells(cell, *area));
            }
        }
    }

    /// Nothing of the table can be read, so no user has what its columns would give.
    fn miss_all(&mut self, source: &CsvSource) {
        let columns = source.columns.iter().flatten();
        self.missing.extend(columns.map(|column| column.key));
    }

    /// Notes where the cells are, and whether their quotes are sound. After a broken quote nobody knows which column a
    /// cell belongs to, so such a record isn't read.
    fn note(&mut self, record: &TableRecord) -> bool {
        let broken = record.broken;
        let row = match broken {
            Some(_) => GridRow::broken(record.row),
            None => GridRow::sound(record.row),
        };
        self.grid
            .push(row, record.cells.iter().map(|cell| cell.span));
        self.findings.extend(broken.map(bad_table::unclosed_quote));
        broken.is_none()
    }

    fn read_columns(&mut self, header: &[Cell], source: &CsvSource) -> ReadColumns {
        let chosen = match &source.columns {
            Some(columns) => self.chosen_columns(header, columns),
            None => self.columns_named_after_fields(header),
        };
        let mut fields: Vec<Vec<Key>> = vec![Vec::new(); header.len()];
        let mut joined = Vec::new();
        for (key, column) in chosen {
            if let Some(finding) = refused(key, column.named_at, source) {
                self.findings.push(finding);
                continue;
            }
            for index in &column.indexes {
                fields[*index].push(key);
            }
            if column.indexes.len() > 1 {
                joined.push((key, column.indexes));
            }
        }
        self.keys = fields.iter().flatten().copied().collect();
        let has_mis_id = self.keys.contains(&Key::MisId) || self.missing.contains(&Key::MisId);
        if source.is_overlay && !has_mis_id {
            let finding = unknown_column::overlay_without_mis_id(source.key);
            self.findings.push(finding);
        }
        let columns = fields.iter().zip(header);
        self.grid.columns = columns
            .map(|(keys, cell)| grid_column(keys, cell))
            .collect();
        ReadColumns { fields, joined }
    }

    /// The columns that the manifest names.
    fn chosen_columns(
        &mut self,
        header: &[Cell],
        columns: &[CsvColumn],
    ) -> BTreeMap<Key, ChosenColumn> {
        let mut chosen = BTreeMap::new();
        let titles = quotable_titles(header, columns);
        for column in columns {
            let key = column.key;
            let named_at = column.named_at();
            let mut indexes = Vec::with_capacity(column.headers.len());
            for title in &column.headers {
                match index_of(key, title, header, &titles) {
                    Ok(index) => indexes.push(index),
                    Err(finding) => self.findings.push(finding),
                }
            }
            if indexes.len() == column.headers.len() {
                chosen.insert(key, ChosenColumn { indexes, named_at });
            } else {
                self.missing.push(key);
            }
        }
        chosen
    }

    fn columns_named_after_fields(&mut self, header: &[Cell]) -> BTreeMap<Key, ChosenColumn> {
        let mut chosen = BTreeMap::new();
        for (index, cell) in header.iter().enumerate() {
            if cell.text.is_empty() {
                continue;
            }
            let named_at = cell.span;
            match Key::named(&cell.text) {
                Some(key) if chosen.contains_key(&key) => {
                    self.findings
                        .push(bad_table::two_columns_named(key, named_at));
                }
                Some(key) => {
                    let indexes = vec![index];
                    chosen.insert(key, ChosenColumn { indexes, named_at });
                }
                None => {
                    self.findings
                        .push(unknown_column::not_a_field(&cell.text, named_at));
                }
            }
        }
        chosen
    }

    fn row(&mut self, record: &TableRecord, columns: &ReadColumns, source: &CsvSource) {
        let ReadColumns { fields, joined } = columns;
        let span = record.span();
        let record = record.cells.as_slice();
        // One more cell, even an empty one, is a separator too many: what stands behind it is shifted.
        if record.len() != fields.len() {
            let finding = bad_table::row_length(span, record.len(), fields.len());
            return self.findings.push(finding);
        }
        let mut filled: Vec<(&Cell, &[Key])> = Vec::new();
        for (cell, keys) in record.iter().zip(fields) {
            if !cell.text.is_empty() && !keys.is_empty() {
                filled.push((cell, keys));
            }
        }
        let read_columns = fields.iter().filter(|keys| !keys.is_empty()).count();
        if let [(cell, keys)] = filled.as_slice()
            && read_columns > 2
        {
            let finding = bad_table::single_cell(cell.span, keys[0]);
            return self.findings.push(finding);
        }
        let mut entries = Vec::new();
        for (cell, keys) in filled {
            for key in keys.iter().filter(|key| !columns.is_joined(**key)) {
                if let Some(data) = self.value(*key, cell, source) {
                    entries.push(entry(*key, cell.span, data));
                }
            }
        }
        for (key, indexes) in joined {
            entries.extend(self.lines(*key, indexes, record));
        }
        if !entries.is_empty() {
            let row = Node::new(span, NodeData::Map(entries.into()));
            self.rows.push(row);
        }
    }

    /// The cells of several columns as one text, a line for each cell that isn't empty. Its place is the first cell that
    /// can't be meant, if there is one, or else the first.
    fn lines(&mut self, key: Key, indexes: &[usize], record: &[Cell]) -> Option<MapEntry<'static>> {
        let mut lines: Vec<&str> = Vec::with_capacity(indexes.len());
        let mut place: Option<Span> = None;
        let mut has_fault = false;
        for index in indexes {
            let cell = &record[*index];
            if cell.text.is_empty() {
                continue;
            }
            if let Some(finding) = mangled_cell::check(key, &cell.text, cell.form, cell.span) {
                self.findings.push(finding);
                return None;
            }
            let is_fault = is_unfit(key, cell);
            if place.is_none() || (is_fault && !has_fault) {
                place = Some(cell.span);
            }
            has_fault |= is_fault;
            lines.push(&cell.text);
        }
        let text = lines.join("\n");
        Some(entry(key, place?, NodeData::Text(text.into())))
    }

    /// A cell as its field takes it. A text that isn't of the field's form stays text, and the schema finds it.
    fn value(&mut self, key: Key, cell: &Cell, source: &CsvSource) -> Option<NodeData<'static>> {
        if let Some(finding) = mangled_cell::check(key, &cell.text, cell.form, cell.span) {
            self.findings.push(finding);
            return None;
        }
        match key.row().kind {
            ValueKind::Day if cell.form == CellForm::Day => {
                let is_day = cell.text.parse::<Date>().is_ok() && !cell.text.contains([' ', 'T']);
                if london::is_empty_date(&cell.text) {
                    return None;
                }
                if !is_day {
                    self.findings.push(bad_day_in(key, cell, source));
                    return None;
                }
                Some(NodeData::Text(cell.text.clone().into()))
            }
            ValueKind::Day => {
                let day = source.date_format.parse(&cell.text);
                let day = day.filter(|_| !london::is_empty_date(&cell.text));
                if let Some(day) = day {
                    return Some(NodeData::Text(day.to_string().into()));
                }
                if london::is_empty_date(&cell.text) {
                    return None;
                }
                // `placeholder` finds this text.
                if placeholder::holds_placeholder(key.row(), &cell.text) {
                    return Some(NodeData::Text(cell.text.clone().into()));
                }
                self.findings.push(bad_day_in(key, cell, source));
                None
            }
            ValueKind::Ids | ValueKind::Accounts => {
                let parts = cell.text.split([' ', ',', ';']);
                let numbers = parts.filter(|part| !part.is_empty());
                let items = numbers.map(|part| Node::new(cell.span, number_or_text(part)));
                Some(NodeData::List(items.collect()))
            }
            ValueKind::References(_) => Some(texts_of(cell, &[';'])),
            ValueKind::Text(Shape::Codes) => Some(texts_of(cell, &[' ', ',', ';'])),
            ValueKind::Number | ValueKind::Flag => Some(number_or_text(&cell.text)),
            ValueKind::Text(
                Shape::Free | Shape::Email | Shape::Uln | Shape::Nino | Shape::Code(_),
            )
            | ValueKind::Reference(_)
            | ValueKind::Instant
            | ValueKind::Role
            | ValueKind::Word(_)
            | ValueKind::Units => Some(NodeData::Text(cell.text.clone().into())),
        }
    }
}

fn bad_day_in(key: Key, cell: &Cell, source: &CsvSource) -> Finding {
    let text = Spanned {
        value: cell.text.as_str(),
        span: cell.span,
    };
    bad_day::in_cell(key, &text, source.date_format, source.settings)
}

/// Whether a rule says that a cell can't be meant, as it will say of the text that the cell is a line of.
fn is_unfit(key: Key, cell: &Cell) -> bool {
    let node = Node::new(cell.span, NodeData::Text(cell.text.as_str().into()));
    UNFIT_CHECKS
        .iter()
        .any(|check| check(key.row(), &node).is_some())
}

/// What stands in the columns of MIS values, as far as a workbook tells numbers from text.
#[derive(Default)]
struct KeyColumns(BTreeMap<Key, KeyColumn>);

#[derive(Default)]
struct KeyColumn {
    /// A number with the fewest digits, and how many they are.
    shortest: Option<(usize, Span)>,
    longest: usize,
    /// Whether a text begins with a zero.
    has_zero: bool,
}

impl KeyColumns {
    fn note(&mut self, record: &[Cell], columns: &ReadColumns) {
        for (cell, keys) in record.iter().zip(&columns.fields) {
            for key in keys.iter().filter(|key| is_mis_value(**key)) {
                let column = self.0.entry(*key).or_default();
                let digits = cell.text.len();
                // A number that is shown with zeros has them.
                if cell.form == CellForm::Number && cell.text.starts_with('0') {
                    continue;
                }
                if cell.form == CellForm::Number {
                    let is_shortest = column.shortest.is_none_or(|(least, _)| digits < least);
                    if is_shortest {
                        column.shortest = Some((digits, cell.span));
                    }
                    column.longest = column.longest.max(digits);
                } else if cell.text.starts_with('0') {
                    column.has_zero = true;
                }
            }
        }
    }

    fn findings(self) -> impl Iterator<Item = Finding> {
        self.0.into_iter().filter_map(|(key, column)| {
            let (shortest, cell) = column.shortest?;
            let is_doubtful = column.has_zero || shortest < column.longest;
            is_doubtful.then(|| spreadsheet_key::lost_zeros(key, cell, column.has_zero))
        })
    }
}

fn is_mis_value(key: Key) -> bool {
    key.is_mis_id() || matches!(key.row().kind, ValueKind::Reference(Referent::User(_)))
}

/// The columns that a field comes from.
struct ChosenColumn {
    indexes: Vec<usize>,
    /// Where the manifest names the column; if it names none, its header.
    named_at: Span,
}

/// Which columns give which fields.
struct ReadColumns {
    /// The fields that each column gives; none for a column that isn't read.
    fields: Vec<Vec<Key>>,
    /// The fields that come from several columns.
    joined: Vec<(Key, Vec<usize>)>,
}

impl ReadColumns {
    fn is_joined(&self, key: Key) -> bool {
        self.joined.iter().any(|(joined, _)| *joined == key)
    }
}

/// The column with this title, or a finding if there is none or more than one. The help may quote `titles`.
fn index_of(
    key: Key,
    title: &Spanned<String>,
    header: &[Cell],
    titles: &[&str],
) -> Result<usize, Finding> {
    let mut found =
        (0..header.len()).filter(|index| nfc(&header[*index].text) == nfc(&title.value));
    match (found.next(), found.next()) {
        (Some(index), None) => Ok(index),
        (Some(_), Some(second)) => {
            let second = header[second].span;
            Err(bad_table::two_columns_asked_for(key, second, title.span))
        }
        (None, _) => {
            let titles = titles.iter().copied();
            Err(unknown_column::not_in_csv(key, title, titles))
        }
    }
}

/// The headers that a help may quote: all of them, if two are as the manifest names them. Else the first row may be
/// a person's data.
fn quotable_titles<'h>(header: &'h [Cell], columns: &[CsvColumn]) -> Vec<&'h str> {
    let titles: Vec<&str> = header.iter().map(|cell| cell.text.as_str()).collect();
    let named = columns.iter().flat_map(|column| &column.headers);
    let known = named.filter(|title| titles.contains(&title.value.as_str()));
    if known.count() > 1 {
        titles
    } else {
        Vec::new()
    }
}

/// What a column is for, in the words of people: of several fields the one that is hidden from most.
fn grid_column(keys: &[Key], cell: &Cell) -> Option<GridColumn> {
    let key = keys.iter().max_by_key(|key| key.row().class)?;
    Some(GridColumn {
        key: key.name().to_owned(),
        header: cell.text.clone(),
    })
}

fn entry(key: Key, span: Span, data: NodeData<'static>) -> MapEntry<'static> {
    MapEntry {
        key: Spanned {
            value: MapKey::from(key),
            span,
        },
        value: Node::new(span, data),
    }
}

/// The texts of a cell that holds several.
fn texts_of(cell: &Cell, separators: &[char]) -> NodeData<'static> {
    let mut items = Vec::new();
    for part in cell.text.split(separators).map(str::trim) {
        if !part.is_empty() {
            let text = NodeData::Text(part.to_owned().into());
            items.push(Node::new(cell.span, text));
        }
    }
    NodeData::List(items.into())
}

/// A column for a field that this CSV can't give.
fn refused(key: Key, named_at: Span, source: &CsvSource) -> Option<Finding> {
    let is_key = matches!(key, Key::MisId | Key::Role);
    if source.is_sealed && key.row().class == Class::Public && !is_key {
        return Some(unknown_column::not_for_sealed(key, named_at));
    }
    let is_of_overlays = !NOT_OF_OVERLAYS.contains(&key) && !key.row().is_assigned();
    if !key.row().may_be_column() {
        Some(unknown_column::not_for_csv(key, named_at))
    } else if source.is_overlay && !is_of_overlays {
        Some(unknown_column::not_for_overlay(key, named_at))
    } else {
        None
    }
}

/// What an overlay can't give: who a user is, and what depends on that. What learners get by calls of their own is no
/// value that an overlay could add.
const NOT_OF_OVERLAYS: &[Key] = &[Key::Id, Key::Role];

fn number_or_text(text: &str) -> NodeData<'static> {
    match scalar::plain(text) {
        NodeData::Integer(number) => NodeData::Integer(number),
        NodeData::Flag(flag) => NodeData::Flag(flag),
        NodeData::Null | NodeData::Text(_) | NodeData::List(_) | NodeData::Map(_) => {
            NodeData::Text(text.to_owned().into())
        }
    }
}
