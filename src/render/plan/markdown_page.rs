//! The bytes of a Markdown comment: a forge refuses a comment that is too long, so rows that don't fit are left out and
//! counted.

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

/// A row of a table.
pub(crate) struct MarkdownRow {
    pub(crate) text: String,
    /// How many users it is about.
    pub(crate) users: usize,
    /// The MIS value, or else the account number, of the first of them.
    pub(crate) label: String,
}

/// A heading, the head of a table and its rows.
pub(crate) struct MarkdownTable {
    pub(crate) title: &'static str,
    pub(crate) head: &'static str,
    pub(crate) rows: Vec<MarkdownRow>,
    pub(crate) details: Details,
    pub(crate) section: Section,
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

    /// Adds a table with the rows that fit; a table without rows is left out.
    pub(crate) fn table(&mut self, table: &MarkdownTable) {
        if table.rows.is_empty() {
            return;
        }
        let users: usize = table.rows.iter().map(|row| row.users).sum();
        let title = format!("{}: {users}", table.title);
        let (before, after) = match table.details {
            Details::Open => (format!("#### {title}\n\n"), "\n"),
            Details::Closed => (
                format!("<details><summary>{title}</summary>\n\n"),
                "\n</details>\n\n",
            ),
        };
        let mut length = self.text.len() + before.len() + table.head.len() + after.len();
        let mut rows = String::new();
        for row in &table.rows {
            if length + row.text.len() <= self.room {
                length += row.text.len();
                rows += &row.text;
            } else {
                self.leave_out(row, table.section);
            }
        }
        if !rows.is_empty() {
            for part in [before.as_str(), table.head, rows.as_str(), after] {
                self.text += part;
            }
        }
    }

    fn leave_out(&mut self, row: &MarkdownRow, section: Section) {
        self.left_out[section as usize] += row.users;
        if section == Section::Creates && self.unnamed.len() < UNNAMED {
            self.unnamed.push(code(&clipped(&row.label, SHORT)));
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
