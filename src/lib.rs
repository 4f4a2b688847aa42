//! `rosterctl`: the users of OneFile as code. Data goes one way:
//! text → manifest → roster → plan → approved plan → outcome.
//!
//! The map. A module names only those above it (`tests/it/layering.rs` sees to that):
//!
//! | module | owns |
//! |---|---|
//! | `clock` | now and waiting |
//! | `source` | texts and the places in them |
//! | `suggest` | what was probably meant |
//! | `diagnostic` | a finding as data, and the table of codes |
//! | `field` | the table of fields, which everything below reads |
//! | `model` | roster, snapshot, policy: the plain values of both sides |
//! | `redact` | what of a value may be shown where |
//! | `schema` | the table of fields as JSON Schema |
//! | `manifest` | YAML and CSV to a tree with places, checked by that schema |
//! | `validate` | the other rules; the only maker of a roster |
//! | `plan` | match, resolve, compare, order, limit: pure |
//! | `review` | whether a plan may be applied, and the file of a reviewed one |
//! | `journal` | intents and outcomes on disk, and the lock |
//! | `client` | the API: session, paging, retries, wire names |
//! | `apply` | runs an approved plan, reports each operation |
//! | `export` | live accounts as manifests |
//! | `adopt` | which live account is whose, by a MIS extract |
//! | `rehearse` | roster and snapshot with invented people |
//! | `doctor` | what the accounts are like, and what would stop a plan |
//! | `init` | the files of a new project |
//! | `view` | plan, outcome, findings and explanations as text |
//! | `sandbox` | the emulated service, with wire types of its own |
//! | `files` | reading manifests, from disk and from a git revision |
//! | `ui` | streams, colour, progress, the prompt, how findings look |
//! | `settings` | flags, environment and `rosterctl.yaml`, folded once |
//! | `cli` | the command line |
//! | `exit` | exit codes |
//! | `commands` | one short script a command |

pub mod adopt;
pub mod apply;
pub mod cli;
pub mod client;
pub mod clock;
pub mod commands;
pub mod diagnostic;
pub mod doctor;
pub mod exit;
pub mod export;
pub mod field;
pub mod files;
pub mod init;
pub mod journal;
pub mod manifest;
pub mod model;
pub mod plan;
pub mod redact;
pub mod rehearse;
pub mod review;
pub mod sandbox;
pub mod schema;
pub mod settings;
pub mod source;
pub mod suggest;
pub mod ui;
pub mod validate;
pub mod view;
