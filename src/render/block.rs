//! Blocks of lines, one for each user or for many who change alike: by file, with the line in the margin; and what is folded
//! of them.

use std::collections::HashMap;
use std::fmt::Write;

use crate::findings::source::Place;
use crate::render::options::{RenderOptions, TextLength};
use crate::render::words::{BOLD, DIM, shown, wrapped};

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
    /// Who it is, where that has to be said although the block itself isn't shown.
    pub(crate) name: Option<String>,
    /// The line behind the margin.
    pub(crate) head: String,
    /// What stands below, indented.
    pub(crate) lines: Vec<String>,
}

/// So many blocks are shown whole; of more, the first ones of each kind.
const FEW: usize = 40;
const OF_A_KIND: usize = 5;

/// What isn't shown of a kind.
#[derive(Default)]
struct Folded {
    kind: (String, String),
    users: usize,
    names: Vec<String>,
}

/// The blocks by file, those past the first ones of a kind counted at the end, and named where no count will do.
pub(crate) fn by_file(blocks: Vec<Block>, look: RenderOptions) -> String {
    let is_long = look.length == TextLength::Folded && blocks.len() > FEW;
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
    for Folded {
        kind: (one, many),
        users,
        names,
    } in &folded
    {
        let kind = if *users == 1 { one } else { many };
        let names = if names.is_empty() {
            String::new()
        } else {
            format!(": {}", names.join(", "))
        };
        text += &wrapped(&format!("{users} more {kind}{names}"), "… ", 4, look.width);
    }
    if !folded.is_empty() {
        text += "`--full` shows them.\n\n";
    }
    text
}

/// The first blocks of each kind, and what is left of it.
fn fold(blocks: Vec<Block>) -> (Vec<Block>, Vec<Folded>) {
    let mut kinds: Vec<Folded> = Vec::new();
    let mut seen: HashMap<(String, String), (usize, usize)> = HashMap::new();
    let mut kept = Vec::new();
    for block in blocks {
        let (at, number) = seen.entry(block.kind.clone()).or_insert((kinds.len(), 0));
        if kinds.len() == *at {
            kinds.push(Folded {
                kind: block.kind.clone(),
                ..Folded::default()
            });
        }
        *number += 1;
        if *number <= OF_A_KIND {
            kept.push(block);
        } else {
            kinds[*at].users += block.users;
            kinds[*at].names.extend(block.name);
        }
    }
    kinds.retain(|kind| kind.users > 0);
    (kept, kinds)
}
