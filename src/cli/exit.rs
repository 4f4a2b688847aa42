//! Exit codes, which scripts rely on.

use std::process::ExitCode;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, or no changes.
    Done = 0,
    Failed = 1,
    /// Changes or held users are pending; `plan --detailed-exitcode` only.
    Pending = 2,
    /// The manifests are invalid.
    Invalid = 3,
    /// A limit, or no consent.
    Refused = 4,
    /// Applied in part: something failed, is held or unclear.
    Partly = 5,
    /// The service can't be reached, or is down for maintenance.
    Unreachable = 6,
    Usage = 64,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
