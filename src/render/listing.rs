//! What exists in OneFile, as a table for people and as a CSV.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use crate::domain::redact::{Reveal, open_key};
use crate::manifest::csv_writer::csv;
use crate::onboarding::listing::{ListedEntry, Listing};
use crate::render::words::{count, key_words, shown};

/// A column of a list: its header in a CSV, its header for people, and its cells.
struct Column {
    name: &'static str,
    words: &'static str,
    cell: fn(&ListedEntry, Reveal) -> String,
}

const ID: Column = Column {
    name: "id",
    words: "id",
    cell: |entry, _| entry.id.to_string(),
};
const MIS_ID: Column = Column {
    name: "misId",
    words: "MIS value",
    cell: |entry, reveal| {
        entry
            .mis_id
            .as_deref()
            .map_or_else(String::new, |key| key_words(key, reveal))
    },
};
const ROLE: Column = Column {
    name: "role",
    words: "role",
    cell: |entry, _| entry.role.map_or("", |role| role.name()).to_owned(),
};
const NAME: Column = Column {
    name: "name",
    words: "name",
    cell: |entry, reveal| key_words(&entry.name, reveal),
};
const REFERENCE: Column = Column {
    name: "reference",
    words: "write in a manifest",
    cell: |entry, _| entry.reference.as_deref().map_or_else(String::new, shown),
};

/// The columns of a list. Names of people are for their colleagues at a terminal.
fn columns(listing: Listing, reveal: Reveal) -> &'static [Column] {
    match (listing.is_of_people(), reveal) {
        (false, _) => &[ID, MIS_ID, NAME, REFERENCE],
        (true, Reveal::Public) => &[ID, MIS_ID, ROLE, REFERENCE],
        (true, Reveal::Personal | Reveal::Special) => &[ID, MIS_ID, ROLE, NAME, REFERENCE],
    }
}

/// A list as a table. `place` names the organisation and the server.
pub fn listing(listing: Listing, entries: &[ListedEntry], place: &str, reveal: Reveal) -> String {
    let (one, many) = listing.words();
    if entries.is_empty() {
        return format!("There are no {many} in {place}.\n");
    }
    let columns = columns(listing, reveal);
    let mut rows = vec![
        columns
            .iter()
            .map(|column| column.words.to_owned())
            .collect(),
    ];
    for entry in entries {
        rows.push(cells(columns, entry, reveal));
    }
    let mut text = table(&rows);
    let _ = writeln!(text, "\n{}.", count(entries.len(), one, many));
    text
}

/// A list as a CSV.
pub fn listing_csv(listing: Listing, entries: &[ListedEntry], reveal: Reveal) -> String {
    let columns = columns(listing, reveal);
    let header = columns
        .iter()
        .map(|column| column.name.to_owned())
        .collect();
    let mut rows = vec![header];
    for entry in entries {
        let mut row = cells(columns, entry, reveal);
        // A cell is a value or empty, never a remark.
        for (cell, column) in row.iter_mut().zip(columns) {
            let is_hidden = open_key(&(column.cell)(entry, Reveal::Special), reveal).is_none();
            if is_hidden {
                cell.clear();
            }
        }
        rows.push(row);
    }
    csv(rows)
}

fn cells(columns: &[Column], entry: &ListedEntry, reveal: Reveal) -> Vec<String> {
    let cells = columns.iter().map(|column| (column.cell)(entry, reveal));
    cells.collect()
}

/// Rows with their cells below each other.
fn table(rows: &[Vec<String>]) -> String {
    let mut widths = vec![0; rows[0].len()];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.width().max(*width);
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let gap = " ".repeat(width - cell.width() + 2);
            line += cell;
            line += &gap;
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}
