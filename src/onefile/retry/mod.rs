//! Retries. `policy` is the table: which failure, what to do, how often, how long. The other files carry it out.

pub(super) mod budget;
pub(super) mod outage;
pub(crate) mod policy;
pub(super) mod wait_report;
