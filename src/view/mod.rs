//! Values to text, through `redact`. Knows neither streams nor terminals: how wide, how coloured and how much may be
//! shown comes in.

mod adopt;
mod alike;
mod block;
mod change;
mod doctor;
mod events;
mod explain;
mod export;
mod findings;
mod held;
mod history;
mod look;
mod markdown;
mod outcome;
mod plan;
mod rehearse;
mod totals;
mod why;
mod words;

pub use crate::view::adopt::{ExtractNames, RowName, adopted, doubtful, drafted, evidence};
pub use crate::view::doctor::{contract, contract_json, diagnosis, diagnosis_json};
pub use crate::view::events::ApplyEvent;
pub use crate::view::explain::{everything, explanation, takes};
pub use crate::view::export::{exported, warned};
pub use crate::view::findings::{
    CheckedFindings, cell_words, findings_github, findings_json, summary,
};
pub use crate::view::history::{history, history_of};
pub use crate::view::look::{RenderOptions, TextLength};
pub use crate::view::markdown::markdown;
pub use crate::view::outcome::{
    london, nothing_reviewed_left, objections, outcome_totals, result_line, skipped, taken_up,
};
pub use crate::view::plan::plan;
pub use crate::view::rehearse::{Calls, Rehearsed, rehearsed};
pub use crate::view::totals::{allowing, emailing, policy_edits, totals_as};
pub use crate::view::why::explained;
pub use crate::view::words::{count, place, prose, shown};
