//! Blocks of lines, one for each user or for many who change alike: by file, with the line in the margin; and what is folded
//! of them.

use std::collections::HashMap;
use std::fmt::Write;

use crate::source::Place;
use crate::view::look::{Length, Look};
use crate::view::words::{BOLD, DIM, shown};

/// Where the text of a block begins, and where what hangs below its head does.
pub(crate) const MARGIN: usize = 7;
pub(crate) const INDENT: usize = MARGIN + 2;

/// What is shown of one user, or of several.
pub(crate) struct Block {
    pub(crate) place: Place,
    /// What it is one of, in words that follow a number: `update of placement`, `updates of placement`.
    pub(crate) kind: (String, String),
    /// How many users it stands for.
    pub(crate) users: usize,
    /// The line behind the margin.
    pub(crate) head: String,
    /// What stands below, indented.
    pub(crate) lines: Vec<String>,
}

/// So many blocks are shown whole; of more, the first ones of each kind.
const FEW: usize = 40;
const OF_A_KIND: usize = 5;

/// The blocks by file, those past the first ones of a kind counted at the end.
pub(crate) fn by_file(mut blocks: Vec<Block>, look: Look) -> String {
    let mut folded: Vec<((String, String), usize)> = Vec::new();
    if look.length == Length::Folded && blocks.len() > FEW {
        let mut seen: HashMap<(String, String), (usize, usize)> = HashMap::new();
        blocks.retain(|block| {
            let of_kind = seen.len();
            let (number, at) = seen.entry(block.kind.clone()).or_insert((0, of_kind));
            *number += 1;
            if folded.len() <= *at {
                folded.resize_with(*at + 1, || (block.kind.clone(), 0));
            }
            let is_shown = *number <= OF_A_KIND;
            folded[*at].1 += if is_shown { 0 } else { block.users };
            is_shown
        });
    }
    let mut text = String::new();
    for file in blocks.chunk_by(|one, other| one.place.file == other.place.file) {
        let _ = writeln!(text, "{BOLD}{}{BOLD:#}", shown(&file[0].place.file));
        for block in file {
            let _ = writeln!(text, "{DIM}{:>5}{DIM:#}  {}", block.place.line, block.head);
            for line in &block.lines {
                let _ = writeln!(text, "{line}");
            }
            text.push('\n');
        }
    }
    for ((one, many), number) in folded.iter().filter(|(_, number)| *number > 0) {
        let _ = writeln!(text, "… {number} more {}", if *number == 1 { one } else { many });
    }
    if folded.iter().any(|(_, number)| *number > 0) {
        text += "`--full` shows them.\n\n";
    }
    text
}
