//! How two texts differ, piece by piece: lines, words, graphemes or characters. The only file that knows the crate `similar`.
//!
//! It asks for one algorithm over slices of text. `similar::TextDiff` compiles six of them for each kind of piece, and that took
//! a tenth of the build.

use similar::algorithms::{Capture, Compact, Replace, myers};
use similar::{ChangeTag, DiffOp};

/// The pieces of an old and a new text, and what of them differs.
pub(crate) struct TextDifference<'t> {
    old: Vec<&'t str>,
    new: Vec<&'t str>,
    ops: Vec<DiffOp>,
}

/// One piece of the old text, of the new one, or of both.
pub(crate) struct DifferencePiece<'t> {
    pub(crate) tag: ChangeTag,
    pub(crate) text: &'t str,
    /// Which piece of the old text it is, from 0. `None` if it is new.
    pub(crate) in_old: Option<usize>,
    /// Which piece of the new text it is, from 0. `None` if it is gone.
    pub(crate) in_new: Option<usize>,
}

impl<'t> TextDifference<'t> {
    pub(crate) fn of(old: Vec<&'t str>, new: Vec<&'t str>) -> Self {
        let (whole_old, whole_new) = (0..old.len(), 0..new.len());
        let mut found = Compact::new(Replace::new(Capture::new()), &old, &new);
        let Ok(()) = myers::diff(&mut found, &old, whole_old, &new, whole_new);
        let ops = found.into_inner().into_inner().into_ops();
        Self { old, new, ops }
    }

    /// Every piece, in the order of reading. A replaced piece comes before the one that replaces it.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = DifferencePiece<'t>> {
        self.ops.iter().flat_map(|op| self.pieces_of(op))
    }

    /// The changed pieces with up to `context` equal ones round them, in groups that lie apart.
    pub(crate) fn groups(&self, context: usize) -> Vec<Vec<DifferencePiece<'t>>> {
        let mut groups = Vec::new();
        for group in similar::group_diff_ops(self.ops.clone(), context) {
            groups.push(group.iter().flat_map(|op| self.pieces_of(op)).collect());
        }
        groups
    }

    /// How much of both texts is the same, from 0 to 1, counted in pieces.
    pub(crate) fn ratio(&self) -> f32 {
        similar::diff_ratio(&self.ops, self.old.len(), self.new.len())
    }

    fn pieces_of(&self, op: &DiffOp) -> impl Iterator<Item = DifferencePiece<'t>> {
        op.iter_changes(&self.old, &self.new)
            .map(|change| DifferencePiece {
                tag: change.tag(),
                text: change.value(),
                in_old: change.old_index(),
                in_new: change.new_index(),
            })
    }
}
