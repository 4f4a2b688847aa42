//! The columns of an extract that nobody named, and the command that names them.

use std::fmt::Write;

use crate::domain::field::Key;
use crate::render::words::{listed, quoted_argument, shown};

/// The columns that an extract seems to have.
pub struct FoundColumns<'f> {
    pub file: &'f str,
    pub headers: &'f [String],
    /// Those that were named, and those that were guessed.
    pub columns: &'f [(Key, String)],
}

impl FoundColumns<'_> {
    /// What a person is asked on a terminal.
    pub fn question(&self) -> String {
        let file = shown(self.file);
        let mut text = format!("{file} seems to have these columns:\n");
        for (key, header) in self.columns {
            let _ = writeln!(text, "  {:9} {}", key.name(), shown(header));
        }
        text + &self.unread() + "Read these columns?"
    }

    /// Why nothing is done if nobody says which column has the MIS values.
    pub fn refusal(&self) -> String {
        format!(
            "{} has no column called `misId`. {}If these columns are right, run: {}",
            shown(self.file),
            self.unread().replace('\n', " "),
            self.command()
        )
    }

    /// What more could be read, if too little was named.
    pub fn note(&self) -> String {
        format!(
            "note: {} seems to have more columns that tell who people are. To pair by them, run:\n  {}",
            shown(self.file),
            self.command()
        )
    }

    fn command(&self) -> String {
        let mut command = format!("rosterctl adopt {}", quoted_argument(shown(self.file)));
        let has_key = self.columns.iter().any(|(key, _)| *key == Key::MisId);
        if !has_key {
            command += " --column misId=HEADER";
        }
        for (key, header) in self.columns {
            let column = format!("{}={}", key.name(), shown(header));
            let _ = write!(command, " --column {}", quoted_argument(column));
        }
        command
    }

    /// The other headers. If hardly any header is known, the first row may be a person's data, and isn't shown.
    fn unread(&self) -> String {
        let is_read = |header: &String| self.columns.iter().any(|(_, read)| read == header);
        let mut unread = Vec::new();
        for header in self.headers {
            if !header.is_empty() && !is_read(header) {
                unread.push(shown(header));
            }
        }
        if self.columns.len() < 2 || unread.is_empty() {
            return String::new();
        }
        format!("Not read: {}.\n", listed(&unread))
    }
}
