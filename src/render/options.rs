//! How a view is to look: what it may hold, how wide it is, and whether a long plan is shown whole.

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
    /// Operations of one kind are counted where there are many.
    Folded,
    Full,
}

/// Sentences that are wider than this are hard to read.
const WIDEST_PROSE: usize = 100;

impl RenderOptions {
    pub(crate) fn prose(self) -> usize {
        self.width.min(WIDEST_PROSE)
    }
}
