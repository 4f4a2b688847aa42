//! What the journal records.

pub(super) mod text;
