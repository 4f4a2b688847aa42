//! What `doctor` found.

pub(super) mod text;
