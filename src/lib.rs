//! `rosterctl`: the users of OneFile as code. Data goes one way:
//! text → manifest → roster → plan → approved plan → outcome.
//!
//! A module names only those above it in this list (`tests/it/layering.rs` holds the list and checks it).

pub mod apply;
pub mod client;
pub mod clock;
pub mod diagnostic;
pub mod field;
pub mod manifest;
pub mod model;
pub mod plan;
pub mod redact;
pub mod review;
pub mod sandbox;
pub mod schema;
pub mod source;
pub mod validate;
pub mod view;
