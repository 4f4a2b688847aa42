//! Values to text, through `redact`. Knows neither streams nor terminals: how wide, how coloured and how much may be
//! shown comes in.

mod adopt;
mod block;
mod doctor;
mod events;
mod explain;
mod explain_user;
mod export;
mod field_diff;
mod findings;
mod grouping;
mod history;
mod holds;
mod markdown;
mod options;
mod outcome;
mod plan;
mod rehearse;
mod summary;
mod text;

pub use crate::render::adopt::{ExtractNames, RowName, adopted, doubtful, drafted, evidence};
pub use crate::render::doctor::{contract, contract_json, diagnosis, diagnosis_json};
pub use crate::render::events::ApplyEvent;
pub use crate::render::explain::{everything, explanation, takes};
pub use crate::render::explain_user::explained;
pub use crate::render::export::{exported, warned};
pub use crate::render::findings::{
    CheckedFindings, cell_words, findings_github, findings_json, summary,
};
pub use crate::render::history::{history, history_of};
pub use crate::render::markdown::markdown;
pub use crate::render::options::{RenderOptions, TextLength};
pub use crate::render::outcome::{
    london, nothing_reviewed_left, objections, outcome_totals, result_line, skipped, taken_up,
};
pub use crate::render::plan::plan;
pub use crate::render::rehearse::{Calls, Rehearsed, rehearsed};
pub use crate::render::summary::{allowing, emailing, policy_edits, totals_as};
pub use crate::render::text::{count, place, prose, shown};
