//! What the journal records.

mod assignments;
pub(super) mod page;
pub(super) mod text;
