//! `rosterctl`: the users of OneFile as code. Data goes one way:
//! text → manifest → roster → plan → approved plan → outcome.
//!
//! A module names only those above it in this list (`tests/it/layering.rs` holds the list and checks it).

pub mod apply;
pub mod cli;
pub mod client;
pub mod clock;
pub mod commands;
pub mod diagnostic;
pub mod exit;
pub mod field;
pub mod files;
pub mod manifest;
pub mod model;
pub mod plan;
pub mod redact;
pub mod review;
pub mod sandbox;
pub mod schema;
pub mod settings;
pub mod source;
pub mod ui;
pub mod validate;
pub mod view;
