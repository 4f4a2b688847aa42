//! The client of the OneFile API: session, rate limit, paging, and retries of what is safe to repeat (`retry::policy` is
//! the table). It maps answers to the model and knows nothing of plans. `docs/onefile-api.md` is the contract.

mod accounts;
mod accounts_to_read;
mod answer;
mod assignment_writes;
mod assignments;
mod bounds;
mod call;
mod client;
mod complete_list;
mod entries;
mod error;
mod fetch;
mod http;
mod network;
mod pace;
mod probe;
mod rate_limit;
mod read_assignments;
mod read_entries;
mod reading_progress;
mod readings;
mod retry;
mod row;
mod session;
mod whole_entry;
mod wire;
mod write;

pub use crate::onefile::accounts::FullAccount;
pub(crate) use crate::onefile::answer::RawAnswer;
pub use crate::onefile::assignment_writes::{AdditionalStaff, WriteFailure};
pub use crate::onefile::bounds::{AnswerBounds, PassedBound};
pub(crate) use crate::onefile::call::Call;
pub use crate::onefile::client::{Client, Endpoint};
pub use crate::onefile::error::{ClientError, in_words};
pub use crate::onefile::fetch::{
    MoreLists, ReadLists, fetch, fetch_beyond_lists, fetch_created, fetch_lists, fetch_part,
    fetch_planned_accounts, fetch_planned_lists, lacking_any, look_closer, survey,
};
pub use crate::onefile::network::{Network, NetworkProblem, NetworkSettingError, NetworkVariables};
pub use crate::onefile::pace::Pace;
pub(crate) use crate::onefile::probe::ProbeHeaders;
pub use crate::onefile::read_assignments::{fetch_all_standards, fetch_assignments};
pub use crate::onefile::reading_progress::ReadingProgress;
pub use crate::onefile::readings::{
    Distrust, Readings, ReadingsError, ReadingsTrust, Recall, RecallHoldings, Recalled,
};
pub(crate) use crate::onefile::retry::policy::SEARCH_AFTER_CREATE;
pub use crate::onefile::retry::wait_report::{Wait, WaitReason, Waits};
#[cfg(test)]
pub(crate) use crate::onefile::row::json;
pub(crate) use crate::onefile::row::{Json, JsonRow};
pub use crate::onefile::whole_entry::FullEntry;
pub(crate) use crate::onefile::wire::tells_archive;
pub use crate::onefile::write::{CreateFailure, Outgoing};
