//! The options of every output: which values it may show, how wide it is, and whether a long plan is folded.

use crate::domain::redact::Reveal;

#[derive(Clone, Copy, Debug)]
pub struct RenderOptions {
    pub reveal: Reveal,
    /// In columns.
    pub width: usize,
    pub length: TextLength,
}

/// How much of a long plan is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextLength {
    /// If there are many operations of one kind, most are only counted.
    Folded,
    Full,
}

/// In columns; wider sentences are hard to read.
const WIDEST_PROSE: usize = 100;

impl RenderOptions {
    /// The width of sentences, in columns.
    pub(crate) fn prose(self) -> usize {
        self.width.min(WIDEST_PROSE)
    }
}
