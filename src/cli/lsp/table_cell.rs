//! What stands at a place of a CSV, as far as its line tells: which column it is in, and where the cell begins and ends.

use std::ops::Range;

use crate::domain::field::{Key, Referent};
use crate::findings::source::Grid;

/// Finds the cells of a CSV, by its header.
pub(super) struct CellFinder {
    separator: char,
    /// The field that each column gives.
    keys: Vec<Option<Key>>,
}

impl CellFinder {
    /// By the cells of a table that was read.
    pub(super) fn of(text: &str, grid: &Grid) -> Option<Self> {
        let header: Vec<_> = grid.sound_rows().next()?.collect();
        let between = match header.as_slice() {
            [(first, _), (second, _), ..] => text.get(first.end as usize..second.start as usize)?,
            _ => "",
        };
        let keys = header.iter().map(|(_, column)| {
            let column = column.as_ref()?;
            Key::named(&column.key)
        });
        Some(Self {
            separator: between
                .chars()
                .find(|c| !c.is_whitespace() || *c == '\t')
                .unwrap_or(','),
            keys: keys.collect(),
        })
    }

    /// What the cell at a byte of a text refers to, and where the cell stands.
    pub(super) fn cell_at(&self, text: &str, byte: usize) -> Option<(Referent, Range<usize>)> {
        let before = text.get(..byte)?;
        let start = before.rfind(['\r', '\n']).map_or(0, |at| at + 1);
        let line = text[start..].split(['\r', '\n']).next()?;
        // The first line is the header.
        if start == 0 {
            return None;
        }
        let mut cell = 0;
        let mut column = 0;
        let mut is_quoted = false;
        for (at, letter) in line.char_indices() {
            if letter == '"' {
                is_quoted = !is_quoted;
            } else if letter == self.separator && !is_quoted {
                if start + at >= byte {
                    return self.cell(column, start + cell..start + at);
                }
                cell = at + letter.len_utf8();
                column += 1;
            }
        }
        self.cell(column, start + cell..start + line.len())
    }

    fn cell(&self, column: usize, range: Range<usize>) -> Option<(Referent, Range<usize>)> {
        let key = self.keys.get(column).copied()??;
        Some((key.row().referent()?, range))
    }

    /// A name as a cell.
    pub(super) fn typed(&self, name: &str) -> String {
        if name.contains([self.separator, '"']) {
            format!("\"{}\"", name.replace('"', "\"\""))
        } else {
            name.to_owned()
        }
    }
}
