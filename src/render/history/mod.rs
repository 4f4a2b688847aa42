//! What the journal records.

mod assignments;
pub(super) mod text;
