//! `bad-table`: a file that isn't a table. The reader of tables finds it.

use crate::domain::field::Key;
use crate::findings::source::Span;
use crate::findings::{Finding, Rule, Severity};
use crate::manifest::csv_format::{CellArea, CsvSettings};

pub static RULE: Rule = Rule {
    name: "bad-table",
    severity: Severity::Error,
    is_adjustable: false,
    meaning: "A file that isn't a table: no header, a title above it, rows of another length, a quote that isn't closed, merged cells, a column twice.",
    explanation: "The first row names the columns, or the row that `headerRow` names; every other row has as many cells. Comma, semicolon or tab, whichever the header \
has. A cell that holds the separator, a quote or a line end stands in double quotes, and its quotes are doubled.",
};

/// A first row that is a title. Its place is that row; `row` is the number of the one that looks like the header.
pub(crate) fn header_below(first: Span, row: usize, settings: CsvSettings) -> Finding {
    let message = format!("the first row isn't the header; row {row} looks like it");
    Finding::new(&RULE, first, message, settings.header_row_help(row))
}

/// The row that `headerRow` names is blank. The place is the next row that isn't.
pub(crate) fn blank_header(next: Span, row: usize) -> Finding {
    let message = format!("row {row}, which is said to name the columns, is blank");
    Finding::new(&RULE, next, message, "name the row that has the headers")
}

/// Cells that were merged into one. Their place is the first of them.
pub(crate) fn merged_cells(cell: Span, area: CellArea) -> Finding {
    let message = format!("the cells {area} are merged, and only the first of them has the value");
    let help = "unmerge them in the spreadsheet, and fill each cell";
    Finding::new(&RULE, cell, message, help)
}

/// A column that nobody could name. Its place is its header.
pub(crate) fn column_without_title(header: Span) -> Finding {
    let help = "name it in the first row, or delete the column";
    Finding::new(&RULE, header, "a column without a header", help)
}

/// Two columns with one header. The place is the second.
pub(crate) fn two_columns_titled(second: Span) -> Finding {
    let message = "a second column with this header";
    let help = "give one of the two another header, or delete it";
    Finding::new(&RULE, second, message, help)
}

/// `start` is the beginning of the table.
pub(crate) fn without_header(start: Span) -> Finding {
    let help = "the first row names the columns";
    Finding::new(&RULE, start, "a table without a header", help)
}

/// A header in which no column is the source of a field.
pub(crate) fn without_read_columns(header: Span) -> Finding {
    let message = "a table of which no column is read";
    Finding::new(&RULE, header, message, "name the columns in its first row")
}

/// A cell that begins with a quote and doesn't end with it. Its place is the quote.
pub(crate) fn unclosed_quote(cell: Span) -> Finding {
    let quote = Span {
        end: cell.start + 1,
        ..cell
    };
    let message = "a quote that isn't closed where its cell ends";
    let help =
        "close it behind the last character of the cell, and double a quote that is meant as one";
    Finding::new(&RULE, quote, message, help)
}

/// Two columns with the header that `columns` names for one field.
pub(crate) fn two_columns_asked_for(key: Key, second: Span, asked_for: Span) -> Finding {
    let help = "give each column a header of its own";
    let finding = Finding::new(&RULE, second, two_columns(key), help);
    finding.label(asked_for, "asked for here")
}

/// Two columns that are named after one field.
pub(crate) fn two_columns_named(key: Key, second: Span) -> Finding {
    Finding::new(&RULE, second, two_columns(key), "keep one of the two")
}

fn two_columns(key: Key) -> String {
    format!("two columns for `{}`", key.name())
}

/// A row of another length than the header.
pub(crate) fn row_length(row: Span, cells: usize, header_cells: usize) -> Finding {
    let noun = if cells == 1 { "cell" } else { "cells" };
    let message = format!("a row of {cells} {noun}, where the header has {header_cells}");
    let help =
        "quote a cell that holds the separator, or a line end; delete titles, totals and footers";
    Finding::new(&RULE, row, message, help)
}

/// A row with one filled cell, which is a title or a total rather than a user.
pub(crate) fn single_cell(cell: Span, key: Key) -> Finding {
    let message = format!("a row that holds `{}` alone", key.name());
    let help = "delete it, if it is a title, a total or a footer";
    Finding::new(&RULE, cell, message, help)
}
