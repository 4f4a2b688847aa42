//! Exit codes, which scripts rely on.

use std::process::ExitCode;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, or nothing to change.
    Done = 0,
    Failed = 1,
    /// Changes or held users are pending; only from `plan --detailed-exitcode`.
    Pending = 2,
    /// The manifests are invalid.
    Invalid = 3,
    /// For example a limit was exceeded, or consent is missing.
    Refused = 4,
    /// Applied in part: something failed, is held or is unconfirmed.
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
