//! Taking on an organisation. Starts a project, writes live accounts as manifests and matches accounts to a MIS extract. Finds
//! obstacles to a plan, and rehearses one with invented people. The rules work on a snapshot and print nothing.

pub mod accept;
pub mod adopt;
pub mod doctor;
pub mod export;
pub mod init;
pub mod listing;
pub mod reassign;
pub mod rehearse;
