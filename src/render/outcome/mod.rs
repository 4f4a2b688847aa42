//! The results of an apply.

pub(super) mod json_lines;
pub(super) mod text;
