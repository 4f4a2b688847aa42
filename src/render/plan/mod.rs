//! A plan, in each of its formats.

mod archive_holds;
mod assignment_holds;
pub(super) mod csv;
mod entry_holds;
pub(super) mod explain_user;
pub(super) mod field_diff;
mod group_totals;
mod hold_question;
pub(super) mod holds;
pub(super) mod html;
pub(super) mod json;
pub(super) mod limits;
pub(super) mod markdown;
mod markdown_page;
pub(super) mod objections;
pub(super) mod removed;
mod shown_changes;
mod step;
mod still_named;
pub(super) mod text;
pub(super) mod totals;
