//! The whole road of a CSV. The first byte says how it is read, the second how its days are written; the rest is the CSV.
#![no_main]

use std::fmt::Write;
use std::sync::Arc;

use libfuzzer_sys::{Corpus, fuzz_target};
use rosterctl::domain::field::{Class, Key, ValueKind};
use rosterctl::manifest::tree::node::{NodeData, Node};
use rosterctl::manifest::{CsvSource, CsvTable, TableForm, decode, join, csv_sources, parse, table, with_defaults};
use rosterctl::manifest::csv_format::DATE_FORMATS;
use rosterctl::findings::source::{FileId, Grid, GridColumn, Sources, Span};
use rosterctl_fuzz::{PLANTED, assert_lies_in, said};

/// The bits of the first byte, so that `@` is a table of users in UTF-8 whose columns are named after fields.
const WINDOWS_1252: u8 = 1;
const OVERLAY: u8 = 2;
const COLUMNS: u8 = 4;
const DEFAULTS: u8 = 8;

const USERS: &str = "users:
  - { misId: L-1, role: learner, lastName: Abbotsley, email: ann@example.ac.uk, classroom: B, placement: BT01, defaultAssessor: A-1 }
  - { misId: A-1, role: assessor, firstName: Ben, lastName: Birdwhistle, email: ben@example.ac.uk }
";

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let [how, days, csv @ ..] = bytes else {
        return Corpus::Reject;
    };
    let mut sources = Sources::default();
    let manifest = sources.add("users/a.yaml", manifest(*how, *days));
    let text = Arc::clone(&sources.file(manifest).text);
    let (documents, findings) = parse(manifest, &text);
    let need = csv_sources(&documents).pop().expect("the manifest names a CSV");
    let Ok(csv) = decode(csv.to_vec(), need.encoding, need.settings) else {
        return Corpus::Reject;
    };
    let file = sources.add("users/a.csv", csv);
    let read = read(file, &need, &mut sources);
    let may_be_said = may_be_said(file, &sources);
    let defaults = project_defaults(*how, &mut sources);
    let joined = join(with_defaults(documents, defaults.as_ref()), vec![(need, Some(read))]);
    let said = said(&joined, findings, &sources);
    assert!(may_be_said || !said.contains(PLANTED), "{said}");
    Corpus::Keep
});

fn manifest(how: u8, days: u8) -> String {
    let format = &DATE_FORMATS[usize::from(days.wrapping_sub(b'0')) % DATE_FORMATS.len()];
    let mut text = format!("{USERS}fromCsv:\n  path: a.csv\n  dateFormat: {}\n", format.name);
    let mut line = |flag: u8, line: &str| {
        if how & flag != 0 {
            writeln!(text, "  {line}").expect("a string takes it");
        }
    };
    line(WINDOWS_1252, "encoding: windows-1252");
    line(OVERLAY, "overlay: true");
    line(COLUMNS, "columns: { misId: Ref, role: Role, firstName: Forename, lastName: Surname, dob: Born, uln: ULN }");
    text
}

/// The table with its grid known. Reading it again gives the same.
fn read(file: FileId, need: &CsvSource, sources: &mut Sources) -> CsvTable {
    let text = sources.file(file).text.clone();
    let (mut first, second) = (table(file, &text, &TableForm::Csv, need), table(file, &text, &TableForm::Csv, need));
    assert!(first.rows == second.rows && first.findings == second.findings);
    assert!(first.grid.sound_rows().flatten().eq(second.grid.sound_rows().flatten()));
    let grid = std::mem::take(&mut first.grid);
    assert_in_order(&grid, sources);
    for row in &first.rows {
        assert_cells_say_so(row, &text);
    }
    for label in first.findings.iter().flat_map(|finding| &finding.labels) {
        assert_lies_in(label.span, sources);
    }
    sources.set_grid(file, grid);
    first
}

/// Cells follow each other.
fn assert_in_order(grid: &Grid, sources: &Sources) {
    let mut end = 0;
    for (cell, _) in grid.sound_rows().flatten() {
        assert_lies_in(cell, sources);
        assert!(cell.start >= end, "{cell:?} begins before {end}");
        end = cell.end;
    }
}

/// A text without quotes is what stands at its place.
fn assert_cells_say_so(row: &Node, text: &str) {
    for entry in row.entries() {
        let raw = raw(entry.value.span, text);
        let is_day = Key::named(&entry.key.value).is_some_and(|key| key.row().kind == ValueKind::Day);
        if let NodeData::Text(text) = &entry.value.data
            && !is_day
            && !raw.contains('"')
        {
            assert_eq!(raw.trim(), &**text);
        }
    }
}

fn raw(span: Span, text: &str) -> &str {
    &text[span.start as usize..span.end as usize]
}

/// Whether what is planted stands in a header, or in a cell that isn't personal.
fn may_be_said(file: FileId, sources: &Sources) -> bool {
    let file = sources.file(file);
    let grid = file.grid().expect("the table has been read");
    let is_public = |column: &GridColumn| Key::named(&column.key).is_some_and(|key| key.row().class == Class::Public);
    let mut cells = grid.sound_rows().enumerate().flat_map(|(row, cells)| cells.map(move |cell| (row, cell)));
    cells.any(|(row, (cell, column))| {
        let may_show = row == 0 || column.is_some_and(is_public);
        may_show && raw(cell, &file.text).contains(PLANTED)
    })
}

fn project_defaults(how: u8, sources: &mut Sources) -> Option<Node<'static>> {
    if how & DEFAULTS == 0 {
        return None;
    }
    let file = sources.add("rosterctl.yaml", "{ role: learner, classroom: B, placement: BT01 }".to_owned());
    parse(file, &sources.file(file).text).0.pop().map(Node::into_owned)
}
