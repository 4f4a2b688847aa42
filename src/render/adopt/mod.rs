//! What `adopt` pairs and leaves open.

pub(super) mod text;
