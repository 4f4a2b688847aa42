//! The client of the OneFile API: session, calls, paging, retries of what is safe to retry; it maps answers to the model
//! and knows nothing of plans. `onefile-api.md` is the contract.

mod accounts;
mod error;
mod fetch;
mod http;
mod outage;
mod probe;
mod rate_limit;
mod retry_budget;
mod row;
mod session;
mod wait_report;
mod wire;
mod write;

pub use crate::onefile::accounts::FullAccount;
pub use crate::onefile::error::{ClientError, in_words};
pub use crate::onefile::fetch::{
    fetch, fetch_created, fetch_lists, lacking_any, look_closer, survey,
};
pub(crate) use crate::onefile::http::{Call, RawAnswer};
pub use crate::onefile::http::{Client, Endpoint, Pace};
pub(crate) use crate::onefile::probe::ProbeHeaders;
pub use crate::onefile::wait_report::{Wait, WaitReason, Waits};
pub use crate::onefile::write::{CreateFailure, Outgoing};
