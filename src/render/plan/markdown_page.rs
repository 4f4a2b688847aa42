//! The bytes of a Markdown comment: a forge refuses a comment that is too long, so rows that don't fit are left out and
//! counted. What a person has to decide, and whose account goes, takes its room before all else, and is shortened before it
//! is left out.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::render::markdown::{clipped, code, plain};
use crate::render::words::count;

/// Bytes that are kept free for the words that say what was left out.
const RESERVE: usize = 1_500;
/// In bytes; a lower limit would leave no room for the totals.
const SMALLEST: usize = 2_000;
/// A line is cut to this many characters, and so is a value: they would fill a table.
pub(crate) const LONG: usize = 200;
/// A MIS value is cut to this many characters; real ones have about ten.
pub(crate) const SHORT: usize = 40;
/// Of the creates without a row this many are named.
const UNNAMED: usize = 20;
const UNNAMED_WORDS: &str = "Created without being shown: ";
/// Bytes for ` and 12345 more.` behind those names.
const MORE_WORDS: usize = 30;
/// A row names this many users in short: about a kilobyte, so that little room is lost where one more row doesn't fit.
const IN_SHORT: usize = 25;

/// What the rows of a table are about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Creates,
    Updates,
    Held,
    /// Accounts that are archived or brought back.
    Moves,
    Assignments,
    /// Placements and classrooms.
    Entries,
}

impl Section {
    const ALL: [Self; 6] = [
        Self::Creates,
        Self::Updates,
        Self::Held,
        Self::Moves,
        Self::Assignments,
        Self::Entries,
    ];

    /// Whether its rows take their room before those of other sections.
    fn is_first(self) -> bool {
        match self {
            Self::Held | Self::Moves => true,
            Self::Creates | Self::Updates | Self::Assignments | Self::Entries => false,
        }
    }

    /// `1 create`, `2 creates`.
    fn words(self, number: usize) -> String {
        match self {
            Self::Creates => count(number, "create", "creates"),
            Self::Updates => count(number, "update", "updates"),
            Self::Assignments => count(
                number,
                "learner with assignments",
                "learners with assignments",
            ),
            Self::Entries => count(
                number,
                "placement or classroom",
                "placements and classrooms",
            ),
            Self::Held => count(number, "held", "held"),
            Self::Moves => count(
                number,
                "archived or brought back",
                "archived or brought back",
            ),
        }
    }
}

/// Whether a table is open or has to be unfolded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Details {
    Open,
    Closed,
}

/// The columns of a table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum TableColumns {
    Operations,
    Held,
}

impl TableColumns {
    fn head(self) -> &'static str {
        match self {
            Self::Operations => "| | who | what | sets off | where |\n|---|---|---|---|---|\n",
            Self::Held => "| who | why | where |\n|---|---|---|\n",
        }
    }

    /// A row that says who, and in a few words what or why.
    fn short_row(self, who: &str, words: &str) -> String {
        match self {
            Self::Operations => format!("| | {who} | {words} | | |\n"),
            Self::Held => format!("| {who} | {words} | |\n"),
        }
    }
}

/// A row of a table.
pub(crate) struct MarkdownRow {
    pub(crate) text: String,
    /// Whom it is about: the MIS value of each, or else the account number.
    pub(crate) names: Vec<String>,
    /// What happens to them, in a few words, if there isn't room for the row.
    pub(crate) in_brief: &'static str,
}

/// A heading, the head of a table and its rows.
pub(crate) struct MarkdownTable {
    pub(crate) title: &'static str,
    pub(crate) columns: TableColumns,
    pub(crate) rows: Vec<MarkdownRow>,
    pub(crate) details: Details,
    pub(crate) section: Section,
}

impl MarkdownTable {
    /// What stands before the rows, and behind them.
    fn frame(&self) -> (String, &'static str) {
        let users: usize = self.rows.iter().map(|row| row.names.len()).sum();
        let title = format!("{}: {users}", self.title);
        let head = self.columns.head();
        match self.details {
            Details::Open => (format!("#### {title}\n\n{head}"), "\n"),
            Details::Closed => (
                format!("<details><summary>{title}</summary>\n\n{head}"),
                "\n</details>\n\n",
            ),
        }
    }

    /// The bytes of the table if it had these rows.
    fn length(&self, rows: &[MarkdownRow]) -> usize {
        if rows.is_empty() {
            return 0;
        }
        let (before, after) = self.frame();
        let rows: usize = rows.iter().map(|row| row.text.len()).sum();
        before.len() + rows + after.len()
    }

    /// Keeps the rows for which there is room, and shortens the others.
    fn shorten(&mut self, room: &mut usize) {
        let (mut whole, mut others) = (Vec::new(), Vec::new());
        for row in std::mem::take(&mut self.rows) {
            if row.text.len() <= *room {
                *room -= row.text.len();
                whole.push(row);
            } else {
                others.push(row);
            }
        }
        whole.extend(self.in_short(&others));
        self.rows = whole;
    }

    /// Rows that name the users of these, and say in a few words what happens to them.
    fn in_short(&self, rows: &[MarkdownRow]) -> Vec<MarkdownRow> {
        let mut alike: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
        for row in rows {
            let names = alike.entry(row.in_brief).or_default();
            names.extend_from_slice(&row.names);
        }
        let mut short = Vec::new();
        for (in_brief, names) in alike {
            for names in names.chunks(IN_SHORT) {
                let codes: Vec<String> = names.iter().map(|name| short_code(name)).collect();
                short.push(MarkdownRow {
                    text: self.columns.short_row(&codes.join(", "), &plain(in_brief)),
                    names: names.to_vec(),
                    in_brief,
                });
            }
        }
        short
    }
}

fn short_code(name: &str) -> String {
    code(&clipped(name, SHORT))
}

/// A comment that is being written.
#[derive(Default)]
pub(crate) struct MarkdownPage {
    text: String,
    /// The limit in bytes.
    most: usize,
    /// The limit for lines and tables; the end of the page has the rest.
    room: usize,
    /// How many users were left out, by section.
    left_out: [usize; Section::ALL.len()],
    /// Some of the users who would be created and have no row.
    unnamed: Vec<String>,
}

impl MarkdownPage {
    pub(crate) fn new(max_bytes: usize) -> Self {
        let most = max_bytes.max(SMALLEST);
        Self {
            most,
            room: most - RESERVE.min(most / 2),
            ..Self::default()
        }
    }

    /// Adds Markdown that always fits, such as a heading.
    pub(crate) fn push(&mut self, markdown: &str) {
        self.text += markdown;
    }

    /// Adds lines of our own words, up to a third of the room, so that the tables have theirs.
    pub(crate) fn lines(&mut self, lines: &[&str]) {
        let end = self.text.len() + self.room / 3;
        for (index, line) in lines.iter().enumerate() {
            let line = format!("{}  \n", plain(&clipped(line, LONG)));
            if self.text.len() + line.len() > end {
                let more = count(lines.len() - index, "more line", "more lines");
                let _ = writeln!(self.text, "… {more}  ");
                return;
            }
            self.text += &line;
        }
    }

    /// Adds tables with the rows that fit. A table without rows is left out.
    pub(crate) fn tables(&mut self, mut tables: Vec<MarkdownTable>) {
        self.shorten(&mut tables);
        let mut texts = vec![String::new(); tables.len()];
        let mut taken = self.text.len();
        for is_first in [true, false] {
            for (text, table) in texts.iter_mut().zip(&tables) {
                if table.section.is_first() == is_first {
                    *text = self.table(table, self.room.saturating_sub(taken));
                    taken += text.len();
                }
            }
        }
        self.text += &texts.concat();
    }

    /// If there isn't room for all rows that come first, most of them give way to rows that hardly do more than name users.
    fn shorten(&self, tables: &mut [MarkdownTable]) {
        let mut first: Vec<&mut MarkdownTable> = Vec::new();
        let (mut whole, mut short) = (0, 0);
        for table in tables.iter_mut().filter(|table| table.section.is_first()) {
            whole += table.length(&table.rows);
            short += table.length(&table.in_short(&table.rows));
            first.push(table);
        }
        let free = self.room.saturating_sub(self.text.len());
        if whole <= free {
            return;
        }
        // What is left when everybody has a name. A third stays for other tables.
        let mut for_rows = free.saturating_sub(short).min(free * 2 / 3);
        for table in first {
            table.shorten(&mut for_rows);
        }
    }

    /// A table of at most `room` bytes; empty if no row fits.
    fn table(&mut self, table: &MarkdownTable, room: usize) -> String {
        let (before, after) = table.frame();
        let mut length = before.len() + after.len();
        let mut rows = String::new();
        for row in &table.rows {
            if length + row.text.len() <= room {
                length += row.text.len();
                rows += &row.text;
            } else {
                self.leave_out(row, table.section);
            }
        }
        if rows.is_empty() {
            return rows;
        }
        before + &rows + after
    }

    fn leave_out(&mut self, row: &MarkdownRow, section: Section) {
        self.left_out[section as usize] += row.names.len();
        if section == Section::Creates {
            let free = UNNAMED.saturating_sub(self.unnamed.len());
            for name in row.names.iter().take(free) {
                self.unnamed.push(short_code(name));
            }
        }
    }

    /// The comment, with what was left out at its end.
    pub(crate) fn end(mut self) -> String {
        let mut left_out = Vec::new();
        for section in Section::ALL {
            let number = self.left_out[section as usize];
            if number > 0 {
                left_out.push(section.words(number));
            }
        }
        if !left_out.is_empty() {
            let _ = writeln!(
                self.text,
                "**Not shown here: {}**, since a comment has its bounds; the log names all who would be created, `rosterctl plan --full` shows everything.",
                left_out.join(", ")
            );
        }
        self.name_creates();
        self.text
    }

    fn name_creates(&mut self) {
        let room = self
            .most
            .saturating_sub(self.text.len() + UNNAMED_WORDS.len() + MORE_WORDS);
        let mut names: Vec<&str> = Vec::new();
        let mut length = 0;
        for name in &self.unnamed {
            length += name.len() + 2;
            if length > room {
                break;
            }
            names.push(name);
        }
        if names.is_empty() {
            return;
        }
        let mut words = names.join(", ");
        let more = self.left_out[Section::Creates as usize] - names.len();
        if more > 0 {
            let _ = write!(words, " and {more} more");
        }
        let _ = writeln!(self.text, "{UNNAMED_WORDS}{words}.");
    }
}
