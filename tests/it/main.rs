//! One integration binary: cases through the program and a sandbox, rules on snippets, properties of the planner.
//!
//! `cargo test` runs everything. For a quick check, leave out the tests that `slow.rs` lists, and try each property on
//! fewer cases:
//!
//! ```text
//! PROPTEST_CASES=50 cargo test -- --skip slow::
//! ```
#![expect(clippy::unwrap_used, reason = "a test fails by it")]
#![expect(
    clippy::format_collect,
    clippy::format_push_string,
    reason = "short texts"
)]

mod accept;
mod address_keys;
mod adopt;
mod apply;
mod assigned;
mod assigned_plans;
mod assignment_calls;
mod assignment_reading;
mod assignment_recipes;
mod assignments;
mod bounds;
mod broken;
mod canary;
mod cases;
mod change;
mod checkouts;
mod client;
mod college;
mod contract;
mod days;
mod doc_commands;
mod doc_files;
mod doc_links;
mod doc_pages;
mod doc_words;
mod doctor;
mod doctor_modified;
mod earlier_creates;
mod editor;
mod editor_client;
mod editor_random;
mod edits;
mod everyday;
mod example;
mod export;
mod export_assigned;
mod faults;
mod field_policy;
mod findings;
mod first_hour;
mod fixes;
mod folding;
mod generated;
mod git_words;
mod harness;
mod history;
mod hostile_git;
mod init;
mod journal_files;
mod journal_memory;
mod json_plan;
mod kept;
mod known;
mod layering;
mod leavers;
mod lookup;
mod markdown;
mod network;
mod night_history;
mod once;
mod oracle;
mod other_systems;
mod outputs;
mod pages;
mod picture;
mod places;
mod plan_page;
mod plan_table;
mod plan_totals;
mod planner;
mod privacy;
mod progress;
mod readability;
mod readings;
mod readings_calls;
mod readings_histories;
mod readings_units;
mod reassign;
mod reference_pages;
mod rehearse;
mod removals;
mod review;
mod review_assigned;
mod review_covers;
mod sandbox;
mod sandbox_assignments;
mod sandbox_modified;
mod sandbox_words;
mod sealed;
mod selection;
mod serve;
mod service;
mod setbacks;
mod silence;
mod slow;
mod spoilt;
mod spreadsheet;
mod staff;
mod suite;
mod tables;
mod terminal;
mod text;
mod unsure;
mod where_people_stand;
mod workbook_files;
mod workbooks;
