//! What `adopt` pairs and leaves open. No personal value is in either format.

pub(super) mod columns;
pub(super) mod csv;
pub(super) mod text;
