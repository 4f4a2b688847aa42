//! Blocks of lines, one for each user or for many users with the same change. They stand below the name of their file, with
//! the line number in the margin. If there are many blocks, most are folded into a count.

use std::collections::HashMap;
use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use crate::findings::source::Place;
use crate::render::options::{RenderOptions, TextLength};
use crate::render::words::{BOLD, DIM, shown};
use crate::render::wrap::{broken, wrapped};

/// The column where the head of a block begins, after a line number of five digits and two blanks.
pub(crate) const MARGIN: usize = 7;
/// The column where the lines below the head begin.
pub(crate) const INDENT: usize = MARGIN + 2;
/// The width of the column of names: the longest common key is `defaultEmployer`.
const KEY_WIDTH: usize = 15;

/// The lines about one user, or about several.
pub(crate) struct Block {
    pub(crate) place: Place,
    /// The kind of entry, in words that follow a number: `update of placement`, `updates of placement`.
    pub(crate) kind: (String, String),
    pub(crate) users: usize,
    /// The user's name, if it has to be shown even when the block itself is folded.
    pub(crate) name: Option<String>,
    /// The line behind the margin.
    pub(crate) head: String,
    /// The lines below the head, indented.
    pub(crate) lines: Vec<String>,
}

/// Up to this many blocks are shown whole: about two screens.
const FEW: usize = 40;
/// If there are more blocks, this many of each kind are shown.
const OF_A_KIND: usize = 5;

/// The blocks of one kind that aren't shown.
#[derive(Default)]
struct Folded {
    kind: (String, String),
    users: usize,
    names: Vec<String>,
}

/// A name and a value, broken into lines of the given width in columns.
pub(crate) fn row(name: &str, value: &str, width: usize) -> Vec<String> {
    let head = format!("{:INDENT$}{name:KEY_WIDTH$}  ", "");
    let mut lines = broken(value, &head, head.width(), width);
    // A value that begins on the next line leaves blanks behind the name.
    let length = lines[0].trim_end().len();
    lines[0].truncate(length);
    lines
}

/// The blocks by file. If there are many, the later ones of each kind are counted at the end, and named if they have to be.
pub(crate) fn by_file(blocks: Vec<Block>, options: RenderOptions) -> String {
    let is_long = options.length == TextLength::Folded && blocks.len() > FEW;
    let (blocks, folded) = if is_long {
        fold(blocks)
    } else {
        (blocks, Vec::new())
    };
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
    for kind in &folded {
        text += &wrapped(&folded_words(kind), "… ", 4, options.width);
    }
    if !folded.is_empty() {
        text += "`--full` shows them.\n\n";
    }
    text
}

fn folded_words(folded: &Folded) -> String {
    let (one, many) = &folded.kind;
    let kind = if folded.users == 1 { one } else { many };
    let mut words = format!("{} more {kind}", folded.users);
    if !folded.names.is_empty() {
        let _ = write!(words, ": {}", folded.names.join(", "));
    }
    words
}

/// The first blocks of each kind, and a count of the others.
fn fold(blocks: Vec<Block>) -> (Vec<Block>, Vec<Folded>) {
    let mut kinds: Vec<Folded> = Vec::new();
    let mut seen: HashMap<(String, String), (usize, usize)> = HashMap::new();
    let mut kept = Vec::new();
    for block in blocks {
        let (index, number) = seen.entry(block.kind.clone()).or_insert((kinds.len(), 0));
        if kinds.len() == *index {
            kinds.push(Folded {
                kind: block.kind.clone(),
                ..Folded::default()
            });
        }
        *number += 1;
        if *number <= OF_A_KIND {
            kept.push(block);
        } else {
            kinds[*index].users += block.users;
            kinds[*index].names.extend(block.name);
        }
    }
    kinds.retain(|kind| kind.users > 0);
    (kept, kinds)
}
