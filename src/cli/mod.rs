//! The program: the command line, one module for each command, the terminal and the exit codes.

pub mod args;
pub mod commands;
pub mod exit;
pub mod terminal;

mod all_accounts;
mod connection;
mod context;
mod error;
mod known_users;
mod lsp;
mod other_checkouts;
mod pipeline;
mod readings;
mod run_starter;
mod selection;
mod signal;
