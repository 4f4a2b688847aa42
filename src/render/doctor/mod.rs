//! What `doctor` found.

pub(super) mod json;
pub(super) mod text;
