//! `rosterctl`: the users of OneFile as code. Data goes one way:
//! text → manifest → roster → plan → approved plan → outcome.
//!
//! The map. A module names only those above it (`tests/it/layering.rs` checks that):
//!
//! | module | owns |
//! |---|---|
//! | `findings` | what is wrong with a text, and where: source texts, places, codes, suggestions |
//! | `domain` | the table of fields; roster, snapshot and policy as plain values; what may be shown where |
//! | `manifest` | YAML and CSV to a tree with places, the JSON Schema, and the rules; the only maker of a roster |
//! | `plan` | match, resolve, compare, order, limit: pure |
//! | `review` | whether a plan may be applied, and the file of a reviewed plan |
//! | `onefile` | the API: session, paging, retries, wire names |
//! | `apply` | runs an approved plan and reports each operation; its journal and locks; private files |
//! | `onboarding` | taking on an organisation: `init`, `export`, `adopt`, `doctor`, `rehearse` |
//! | `render` | plans, outcomes, findings and explanations as text, JSON and Markdown |
//! | `sandbox` | the emulated service, with wire types of its own |
//! | `project` | a project on disk: its files and settings |
//! | `cli` | the command line, one short script a command, the terminal, exit codes |

pub mod apply;
pub mod cli;
pub mod domain;
pub mod findings;
pub mod manifest;
pub mod onboarding;
pub mod onefile;
pub mod plan;
pub mod project;
pub mod render;
pub mod review;
pub mod sandbox;
