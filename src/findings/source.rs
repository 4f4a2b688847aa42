//! Texts and the places in them. It owns the texts that were read and turns a span into a line; it opens no file.

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

/// A value with its place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    pub value: T,
    pub span: Span,
}

/// A text with the name that people know it by: its path from the project's root.
#[derive(Debug)]
pub struct SourceFile {
    pub name: Arc<str>,
    /// Shared, so that one thread can read it while another adds texts.
    pub text: Arc<String>,
    /// Where each line starts. Made on first use: most texts have no finding.
    line_starts: OnceLock<Vec<u32>>,
    /// How many characters stand before each block of [`BLOCK`] bytes. Made on first use.
    characters_before_block: OnceLock<Vec<u32>>,
    /// Where its cells are, if it is a table.
    grid: Option<Grid>,
}

/// The cells of a table, row by row. The first row is the header.
#[derive(Debug, Default)]
pub struct Grid {
    /// The name of the sheet, if the table is in a workbook.
    pub sheet: Option<String>,
    /// `None` for columns that aren't read.
    pub columns: Vec<Option<GridColumn>>,
    /// Each row with the index of its first cell in `cells`.
    rows: Vec<(GridRow, usize)>,
    cells: Vec<Span>,
}

/// A row of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GridRow {
    /// From 1, as spreadsheets count.
    number: usize,
    /// Whether its quotes are closed, so that its cells stand under their columns.
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
    /// Adds a text of less than 4 GiB; the readers of files refuse larger ones.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<String>>) -> FileId {
        self.keep(SourceFile::new(name.into(), text))
    }

    /// Adds a text that another thread has read.
    pub fn keep(&mut self, file: SourceFile) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).expect("fewer than 4 billion files"));
        self.files.push(file);
        id
    }

    /// Puts another text in the place of one.
    pub fn replace(&mut self, id: FileId, text: impl Into<Arc<String>>) {
        let file = &mut self.files[id.0 as usize];
        *file = SourceFile::new(file.name.to_string(), text);
    }

    /// The first text of this name.
    pub fn named(&self, name: &str) -> Option<FileId> {
        let at = self.files.iter().position(|file| *file.name == *name)?;
        u32::try_from(at).ok().map(FileId)
    }

    /// Every text.
    pub fn ids(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..self.files.len()).filter_map(|at| u32::try_from(at).ok().map(FileId))
    }

    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// Says where the cells of a table are.
    pub fn set_grid(&mut self, id: FileId, grid: Grid) {
        self.files[id.0 as usize].grid = Some(grid);
    }

    /// The sheet and the address of the cell that a span begins in, if it is in a workbook: `Learners`, `C17`.
    pub fn sheet_cell(&self, span: Span) -> Option<(&str, String)> {
        let grid = self.file(span.file).grid.as_ref()?;
        let sheet = grid.sheet.as_deref()?;
        let (row, column) = grid.place_of(span.start)?;
        Some((sheet, format!("{}{}", column_letters(column), row.number)))
    }

    /// The cell that a span begins in, if its text is a table: the number of its row and its column. Rows count from 1, as
    /// in spreadsheets.
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

    /// The cells, with their columns, of each row that is sound and as long as the header. The header comes first.
    pub fn sound_rows(
        &self,
    ) -> impl Iterator<Item = impl Iterator<Item = (Span, Option<&GridColumn>)>> {
        let sound = (0..self.rows.len()).filter(|index| self.is_sound(*index));
        sound.map(|index| {
            let cells = self.cells_of(index).iter().enumerate();
            cells.map(|(column, cell)| (*cell, self.column(column)))
        })
    }

    fn is_sound(&self, index: usize) -> bool {
        let (row, _) = self.rows[index];
        row.is_sound && self.cells_of(index).len() == self.columns.len()
    }

    /// The cells of the row at `index`.
    fn cells_of(&self, index: usize) -> &[Span] {
        let (_, start) = self.rows[index];
        let next = self.rows.get(index + 1);
        let end = next.map_or(self.cells.len(), |(_, start)| *start);
        &self.cells[start..end]
    }

    /// The cell of a row, counted from 1, and a column, counted from 0. `None` if the row has nothing in it.
    pub fn cell(&self, row: usize, column: usize) -> Option<Span> {
        let found = self.rows.binary_search_by_key(&row, |(row, _)| row.number);
        self.cells_of(found.ok()?).get(column).copied()
    }

    /// The cell that a byte is in, and the number of its row.
    pub fn cell_with(&self, byte: u32) -> Option<(usize, Span)> {
        let (row, column) = self.place_of(byte)?;
        let cell = self.cell(row.number, column)?;
        (byte <= cell.end).then_some((row.number, cell))
    }

    /// The cells of a column that is read, without the header: of the field with this key.
    pub fn cells_under<'g>(&'g self, key: &'g str) -> impl Iterator<Item = Span> + 'g {
        let rows = self.sound_rows().skip(1);
        let of_key = move |(_, column): &(Span, Option<&GridColumn>)| {
            column.is_some_and(|column| column.key == key)
        };
        rows.flat_map(move |row| row.filter(of_key).map(|(cell, _)| cell))
    }

    fn column(&self, index: usize) -> Option<&GridColumn> {
        self.columns.get(index).and_then(Option::as_ref)
    }

    fn cell_at(&self, byte: u32) -> Option<(usize, Option<&GridColumn>)> {
        let (row, column) = self.place_of(byte)?;
        Some((row.number, self.column(column)))
    }

    /// The row of a byte, and the index of its cell in that row.
    fn place_of(&self, byte: u32) -> Option<(GridRow, usize)> {
        let cell = self
            .cells
            .partition_point(|cell| cell.start <= byte)
            .checked_sub(1)?;
        let after = self.rows.partition_point(|(_, first)| *first <= cell);
        let (row, first) = self.rows[after - 1];
        Some((row, cell - first))
    }
}

impl SourceFile {
    pub fn new(name: String, text: impl Into<Arc<String>>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
            line_starts: OnceLock::new(),
            characters_before_block: OnceLock::new(),
            grid: None,
        }
    }

    /// Where its cells are, if it is a table.
    pub fn grid(&self) -> Option<&Grid> {
        self.grid.as_ref()
    }

    /// The line of a byte, counted from 1.
    pub fn line_of(&self, byte: u32) -> usize {
        self.line_starts().partition_point(|start| *start <= byte)
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let mut starts = vec![0];
            for (index, byte) in self.text.bytes().enumerate() {
                if byte == b'\n' {
                    starts.push(offset(index + 1));
                }
            }
            starts
        })
    }

    /// The column of a byte, counted from 1. In a table it is the cell's column: a count of characters would tell how long
    /// the cells before it are.
    pub fn column_of(&self, byte: u32) -> usize {
        if let Some(grid) = &self.grid {
            return grid.place_of(byte).map_or(1, |(_, column)| column + 1);
        }
        let start = self.line_starts()[self.line_of(byte) - 1];
        (self.characters_before(byte) - self.characters_before(start)) as usize + 1
    }

    /// How many characters stand before a byte. Counting starts at the block, not at the beginning: a long line may have a
    /// thousand findings.
    fn characters_before(&self, byte: u32) -> u32 {
        let bytes = self.text.as_bytes();
        let blocks = self.characters_before_block.get_or_init(|| {
            let mut sum = 0;
            let mut sums = Vec::new();
            for block in bytes.chunks(BLOCK) {
                sums.push(sum);
                sum += count_characters(block);
            }
            sums
        });
        let end = (byte as usize).min(bytes.len());
        let block = (end / BLOCK).min(blocks.len().saturating_sub(1));
        let before_block = blocks.get(block).copied().unwrap_or(0);
        before_block + count_characters(&bytes[block * BLOCK..end])
    }
}

/// The letters by which spreadsheets call a column, counted from 0: A to Z, AA and so on.
pub(crate) fn column_letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut left = column + 1;
    while left > 0 {
        letters.push(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(left - 1) % 26]);
        left = (left - 1) / 26;
    }
    letters.reverse();
    letters.into_iter().map(char::from).collect()
}

/// How many characters begin in these bytes of UTF-8.
fn count_characters(bytes: &[u8]) -> u32 {
    let is_first_byte = |byte: &&u8| (**byte & 0b1100_0000) != 0b1000_0000;
    offset(bytes.iter().filter(is_first_byte).count())
}

/// The size of a block, in bytes: small enough to count quickly, large enough that there are few.
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

/// A byte offset in the form that spans keep.
pub(crate) fn offset(byte: usize) -> u32 {
    u32::try_from(byte).expect("texts are shorter than 4 GiB")
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
