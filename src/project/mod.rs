//! A project on disk: its files, and its settings with flags and environment folded in.

pub mod files;
pub mod settings;
