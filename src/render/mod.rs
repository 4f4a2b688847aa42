//! Values as text for people and machines: a folder for each thing that is shown, with a file for each format. Values go
//! through `domain::redact`. The width, the colours and the classes of data to show come in as arguments.
//!
//! To add a format of a plan, add a file to `plan/`.

mod adopt;
mod block;
mod difference;
mod doctor;
mod edits;
mod explain;
mod explain_entries;
mod export;
mod find;
mod findings;
mod grouping;
mod history;
mod hold_meanings;
mod html;
mod json_schema;
mod listing;
mod markdown;
mod options;
mod outcome;
mod plan;
mod readings;
mod rehearse;
mod seal;
mod selection;
mod terms;
mod told_apart;
mod words;
mod wrap;

pub use crate::render::adopt::columns::FoundColumns;
pub use crate::render::adopt::csv::doubtful;
pub use crate::render::adopt::text::{ExtractNames, RowName, adopted, drafted, evidence};
pub use crate::render::doctor::json::{contract_json, diagnosis_json};
pub use crate::render::doctor::text::{contract, diagnosis};
pub use crate::render::edits::{
    FieldLeft, TextOf, fields_changed, fields_left, file_difference, held_left, perhaps_of,
    places_left,
};
pub use crate::render::explain::{everything, explanation, hold_reasons, takes};
pub use crate::render::export::{example_replaced, exported, warned};
pub use crate::render::find::{FoundLength, found};
pub use crate::render::findings::CheckedFindings;
pub use crate::render::findings::github::findings_github;
pub use crate::render::findings::json::findings_json;
pub use crate::render::findings::sarif::findings_sarif;
pub use crate::render::findings::short::findings_short;
pub use crate::render::findings::text::{cell_words, summary};
pub use crate::render::history::page::history_page;
pub use crate::render::history::text::{history, history_of, history_of_run};
pub use crate::render::listing::{listing, listing_csv};
pub use crate::render::options::{RenderOptions, TextLength};
pub use crate::render::outcome::json_lines::{ApplyEvent, events_schema};
pub use crate::render::outcome::text::{OutcomeReport, outcome_totals, result_line, taken_up};
pub use crate::render::plan::csv::{AllGroups, plan_csv};
pub use crate::render::plan::explain_user::explained;
pub use crate::render::plan::html::{PlanPage, plan_page};
pub use crate::render::plan::json::{plan_json, plan_schema};
pub use crate::render::plan::limits::{
    field_edits, limit_flag, policy_edits, recipient_edits, unseen_at_base,
};
pub use crate::render::plan::markdown::{PlanComment, markdown};
pub use crate::render::plan::objections::{nothing_reviewed_left, objections, skipped};
pub use crate::render::plan::removed::removal_count;
pub use crate::render::plan::text::plan;
pub use crate::render::plan::totals::{
    accounts_not_showing, operation_counts, side_effects, totals_as,
};
pub use crate::render::readings::{distrust, readings_not_kept, readings_passed_over};
pub use crate::render::rehearse::{Calls, Rehearsed, rehearsed};
pub use crate::render::seal::{
    joining_sealed, opened, rotated, sealed, sealed_checked, unread_columns,
};
pub use crate::render::selection::{idle_selector, selection_flags};
pub use crate::render::terms::{TERMS, Term};
pub use crate::render::words::{count, london, place, shown};
pub(crate) use crate::render::words::{key_to_type, key_words};
pub use crate::render::wrap::prose;
