//! Taking on an organisation: a first project, its live accounts as manifests, who is whose account, what would stop a plan, and a
//! rehearsal with invented people. Rules over a snapshot; nothing is printed here.

pub mod adopt;
pub mod doctor;
pub mod export;
pub mod init;
pub mod rehearse;
