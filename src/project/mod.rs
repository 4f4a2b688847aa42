//! A project on disk: its files, its settings (with flags and the environment), and the files that commands write.

pub mod atomic_write;
pub mod base;
pub mod check;
pub mod data_folder;
pub mod declared_places;
pub mod discover;
pub mod draft;
pub mod error;
pub mod extract;
pub mod file_memory;
pub mod files;
pub mod fix;
pub mod git_ignore;
pub mod intake;
pub mod journal_folder;
pub mod keyring;
pub mod known_names;
pub mod load;
pub mod output_folder;
pub mod paths;
pub mod rewrite;
pub mod seal;
pub mod settings;
pub mod unsaved_texts;
pub mod write_back;
