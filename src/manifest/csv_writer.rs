//! Every CSV that rosterctl writes. It begins with a byte order mark, so that Excel reads it as UTF-8, and no cell is a
//! formula. The CSV reader takes the mark and the guards away again.

/// Spreadsheets take a cell that begins with one of these for a formula. Tab and carriage return count, too, but white
/// space around a value is never written.
const FORMULA_STARTS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Makes a cell text for a spreadsheet, and for people who see it there.
const GUARD: char = '\'';

/// The text of a CSV. The first row is its header. Cells are written without the white space around them.
pub fn csv(rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text = "\u{feff}".to_owned();
    for row in rows {
        push_row(&mut text, row.iter().map(String::as_str));
    }
    text
}

/// Adds a row.
pub(crate) fn push_row<'c>(text: &mut String, cells: impl IntoIterator<Item = &'c str>) {
    for (index, cell) in cells.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        push_cell(text, cell.trim());
    }
    text.push('\n');
}

/// Adds a cell, guarded if it looks like a formula, and quoted if a reader could split it.
fn push_cell(text: &mut String, cell: &str) {
    let guard = if needs_guard(cell) { "'" } else { "" };
    let is_plain = cell
        .chars()
        .all(|c| c.is_alphanumeric() || " -_./'@+()".contains(c));
    if is_plain {
        text.push_str(guard);
        text.push_str(cell);
    } else {
        text.push('"');
        text.push_str(guard);
        text.push_str(&cell.replace('"', "\"\""));
        text.push('"');
    }
}

/// The text of a cell for this value: with a guard if it looks like a formula.
pub(crate) fn guarded(value: &str) -> String {
    let guard = if needs_guard(value) { "'" } else { "" };
    format!("{guard}{value}")
}

/// The value of a cell that may have a guard. `'=1` is `=1`; `'Ivo` has no guard and stays.
pub(crate) fn without_guard(cell: &str) -> &str {
    match cell.strip_prefix(GUARD) {
        Some(value) if needs_guard(value) => value,
        Some(_) | None => cell,
    }
}

/// Whether a value looks like a formula. A formula behind apostrophes gets one more apostrophe, so that it is read back
/// with its own.
fn needs_guard(value: &str) -> bool {
    value.trim_start_matches(GUARD).starts_with(FORMULA_STARTS)
}
