//! Text and the places in it. Owns the texts that were read and turns a span into a line; it opens no file.

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
    pub name: String,
    pub text: String,
    line_starts: Vec<u32>,
    /// Where its cells are, if it is a table.
    grid: Option<Grid>,
}

/// The cells of a table, row by row; the first row is the header.
#[derive(Debug, Default)]
pub struct Grid {
    /// What the columns are for; `None` for those that nothing is read from.
    pub columns: Vec<Option<GridColumn>>,
    /// The index of each row's first cell.
    rows: Vec<usize>,
    cells: Vec<Span>,
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
        let id = FileId(u32::try_from(self.files.len()).expect("fewer than 4 billion files"));
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let after = newlines.map(|(at, _)| offset(at + 1));
        let line_starts = std::iter::once(0).chain(after).collect();
        self.files.push(SourceFile { name: name.into(), text, line_starts, grid: None });
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
        Place { file: file.name.clone(), line: file.line_of(span.start) }
    }
}

impl Grid {
    /// Adds a row.
    pub fn push(&mut self, cells: impl Iterator<Item = Span>) {
        self.rows.push(self.cells.len());
        self.cells.extend(cells);
    }

    /// The cells of each row with their columns, the header first.
    pub fn rows(&self) -> impl Iterator<Item = impl ExactSizeIterator<Item = (Span, Option<&GridColumn>)>> {
        let ends = self.rows.iter().skip(1).copied().chain([self.cells.len()]);
        let rows = self.rows.iter().zip(ends).map(|(start, end)| &self.cells[*start..end]);
        rows.map(|row| row.iter().enumerate().map(|(at, cell)| (*cell, self.column(at))))
    }

    fn column(&self, at: usize) -> Option<&GridColumn> {
        self.columns.get(at).and_then(Option::as_ref)
    }

    fn cell_at(&self, at: u32) -> Option<(usize, Option<&GridColumn>)> {
        let cell = self.cells.partition_point(|cell| cell.start <= at).checked_sub(1)?;
        let row = self.rows.partition_point(|first| *first <= cell);
        Some((row, self.column(cell - self.rows[row - 1])))
    }
}

impl SourceFile {
    /// Where its cells are, if it is a table.
    pub fn grid(&self) -> Option<&Grid> {
        self.grid.as_ref()
    }

    /// The line of a byte, from 1.
    pub fn line_of(&self, at: u32) -> usize {
        self.line_starts.partition_point(|start| *start <= at)
    }

    /// The column of a byte in characters, from 1.
    pub fn column_of(&self, at: u32) -> usize {
        let start = self.line_starts[self.line_of(at) - 1];
        self.text.get(start as usize..at as usize).map_or(1, |before| before.chars().count() + 1)
    }
}

/// A line of a file, for people: `users/staff.yaml:9`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub file: String,
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
        Self { file, start: offset(start), end: offset(end) }
    }
}
