//! Text and the places in it. Owns the texts that were read and turns a span into a line; it opens no file.

use std::sync::{Arc, OnceLock};

/// Which text of a [`Sources`] a span lies in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// A range of bytes of one text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

/// A value with the place that it was written at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    pub value: T,
    pub span: Span,
}

/// A text under the name that people know it by: its path from the project's root.
#[derive(Debug)]
pub struct SourceFile {
    pub name: Arc<str>,
    /// Shared with those who read it while more texts come.
    pub text: Arc<String>,
    /// Made when the first line is asked for.
    line_starts: OnceLock<Vec<u32>>,
    /// How many characters stand before each block of bytes; made when the first column is asked for.
    characters: OnceLock<Vec<u32>>,
    /// Where its cells are, if it is a table.
    grid: Option<Grid>,
}

/// The cells of a table, row by row; the first row is the header.
#[derive(Debug, Default)]
pub struct Grid {
    /// What the columns are for; `None` for those that nothing is read from.
    pub columns: Vec<Option<GridColumn>>,
    /// Each row with the index of its first cell.
    rows: Vec<(GridRow, usize)>,
    cells: Vec<Span>,
}

/// A row of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GridRow {
    /// From 1, as spreadsheets count.
    number: usize,
    /// Whether its cells are those of its columns, as far as quotes tell.
    is_sound: bool,
}

/// A column that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GridColumn {
    /// The key in manifests.
    pub key: String,
    pub header: String,
}

/// All texts of a run, in the order in which they were read.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Keeps a text. It has to be shorter than 4 GiB, which `files` sees to.
    pub fn add(&mut self, name: impl Into<String>, text: String) -> FileId {
        self.keep(SourceFile::new(name.into(), text))
    }

    /// Keeps a text whose lines are known: many are looked for side by side.
    pub fn keep(&mut self, file: SourceFile) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).expect("fewer than 4 billion files"));
        self.files.push(file);
        id
    }

    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// Makes a text known as a table.
    pub fn set_grid(&mut self, id: FileId, grid: Grid) {
        self.files[id.0 as usize].grid = Some(grid);
    }

    /// The cell that a span begins in, if its text is a table: its row, from 1 as spreadsheets count, and its column.
    pub fn cell(&self, span: Span) -> Option<(usize, Option<&GridColumn>)> {
        self.file(span.file).grid.as_ref()?.cell_at(span.start)
    }

    /// Where a span begins, as `path:line`.
    pub fn place(&self, span: Span) -> Place {
        let file = self.file(span.file);
        Place {
            file: Arc::clone(&file.name),
            line: file.line_of(span.start),
        }
    }
}

impl GridRow {
    pub fn sound(number: usize) -> Self {
        Self {
            number,
            is_sound: true,
        }
    }

    pub fn broken(number: usize) -> Self {
        Self {
            number,
            is_sound: false,
        }
    }
}

impl Grid {
    /// Adds a row. Its number is higher than that of the row before.
    pub fn push(&mut self, row: GridRow, cells: impl Iterator<Item = Span>) {
        self.rows.push((row, self.cells.len()));
        self.cells.extend(cells);
    }

    /// The cells of each sound row of the header's length with their columns, the header first.
    pub fn sound_rows(
        &self,
    ) -> impl Iterator<Item = impl Iterator<Item = (Span, Option<&GridColumn>)>> {
        let ends = self
            .rows
            .iter()
            .skip(1)
            .map(|(_, first)| *first)
            .chain([self.cells.len()]);
        let rows = self
            .rows
            .iter()
            .zip(ends)
            .map(|((row, start), end)| (row.is_sound, &self.cells[*start..end]));
        let sound = rows
            .filter(|(is_sound, cells)| *is_sound && cells.len() == self.columns.len())
            .map(|(_, cells)| cells);
        sound.map(|row| {
            row.iter()
                .enumerate()
                .map(|(at, cell)| (*cell, self.column(at)))
        })
    }

    fn column(&self, at: usize) -> Option<&GridColumn> {
        self.columns.get(at).and_then(Option::as_ref)
    }

    fn cell_at(&self, at: u32) -> Option<(usize, Option<&GridColumn>)> {
        let (row, column) = self.place_of(at)?;
        Some((row.number, self.column(column)))
    }

    /// The row that a place lies in, and which of its cells.
    fn place_of(&self, at: u32) -> Option<(GridRow, usize)> {
        let cell = self
            .cells
            .partition_point(|cell| cell.start <= at)
            .checked_sub(1)?;
        let after = self.rows.partition_point(|(_, first)| *first <= cell);
        let (row, first) = self.rows[after - 1];
        Some((row, cell - first))
    }
}

impl SourceFile {
    pub fn new(name: String, text: String) -> Self {
        Self {
            name: name.into(),
            text: Arc::new(text),
            line_starts: OnceLock::new(),
            characters: OnceLock::new(),
            grid: None,
        }
    }

    /// Where its cells are, if it is a table.
    pub fn grid(&self) -> Option<&Grid> {
        self.grid.as_ref()
    }

    /// The line of a byte, from 1.
    pub fn line_of(&self, at: u32) -> usize {
        self.line_starts().partition_point(|start| *start <= at)
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let ends = || {
                self.text
                    .bytes()
                    .enumerate()
                    .filter(|(_, byte)| *byte == b'\n')
            };
            let mut starts = Vec::with_capacity(ends().count() + 1);
            starts.push(0);
            starts.extend(ends().map(|(at, _)| offset(at + 1)));
            starts
        })
    }

    /// The column of a byte, from 1: in characters, or that of a table, where characters would tell how long the cells before are.
    pub fn column_of(&self, at: u32) -> usize {
        if let Some(grid) = &self.grid {
            return grid.place_of(at).map_or(1, |(_, column)| column + 1);
        }
        let start = self.line_starts()[self.line_of(at) - 1];
        (self.characters_before(at) - self.characters_before(start)) as usize + 1
    }

    /// Counted from the last block, so that a thousand findings in one long line cost no thousand lines.
    fn characters_before(&self, at: u32) -> u32 {
        let bytes = self.text.as_bytes();
        let begins = |byte: &&u8| (**byte & 0b1100_0000) != 0b1000_0000;
        let count = |bytes: &[u8]| offset(bytes.iter().filter(begins).count());
        let blocks = self.characters.get_or_init(|| {
            let sums = bytes.chunks(BLOCK).scan(0, |sum, block| {
                Some(std::mem::replace(sum, *sum + count(block)))
            });
            sums.collect()
        });
        let at = (at as usize).min(bytes.len());
        let block = (at / BLOCK).min(blocks.len().saturating_sub(1));
        blocks.get(block).copied().unwrap_or(0) + count(&bytes[block * BLOCK..at])
    }
}

/// The bytes of a block.
const BLOCK: usize = 4096;

/// A line of a file, for people: `users/staff.yaml:9`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub file: Arc<str>,
    pub line: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A byte offset as spans hold it.
pub(crate) fn offset(at: usize) -> u32 {
    u32::try_from(at).expect("texts are shorter than 4 GiB")
}

impl Span {
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        Self {
            file,
            start: offset(start),
            end: offset(end),
        }
    }
}
