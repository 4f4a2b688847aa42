//! The client of the OneFile API: session, calls, paging, retries of what is safe to retry; it maps answers to the model
//! and knows nothing of plans. `onefile-api.md` is the contract.

mod call;
mod error;
mod fetch;
mod find;
mod json;
mod limiter;
mod outage;
mod probe;
mod session;
mod tries;
mod wait;
mod wire;
mod write;

pub(crate) use crate::client::call::{Call, RawAnswer};
pub use crate::client::call::{Client, Endpoint, Pace};
pub use crate::client::error::{ClientError, in_words};
pub use crate::client::fetch::{
    fetch, fetch_created, fetch_lists, lacking_any, look_closer, survey,
};
pub use crate::client::find::FullAccount;
pub(crate) use crate::client::probe::ProbeHeaders;
pub use crate::client::wait::{Wait, WaitReason, Waits};
pub use crate::client::write::{CreateFailure, Outgoing};
