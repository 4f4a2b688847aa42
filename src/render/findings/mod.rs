//! What `validate` found.

pub(super) mod json;
