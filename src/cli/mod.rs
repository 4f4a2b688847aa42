//! The program: command line, one script a command, the terminal, exit codes.

pub mod args;
pub mod commands;
pub mod exit;
pub mod terminal;

mod all_accounts;
mod connection;
mod context;
mod error;
mod other_checkouts;
mod pipeline;
mod signal;
