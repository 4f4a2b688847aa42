//! Exit codes, which scripts rely on. The table here is what the help and `docs/reference/exit-codes.md` show.

use std::process::ExitCode;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    Done = 0,
    Failed = 1,
    Pending = 2,
    Invalid = 3,
    Refused = 4,
    Partly = 5,
    Unreachable = 6,
    Usage = 64,
}

impl Exit {
    pub const ALL: [Self; 8] = [
        Self::Done,
        Self::Failed,
        Self::Pending,
        Self::Invalid,
        Self::Refused,
        Self::Partly,
        Self::Unreachable,
        Self::Usage,
    ];

    pub fn code(self) -> u8 {
        self as u8
    }

    /// When a command ends with this code.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done, or no changes",
            Self::Failed => "something failed",
            Self::Pending => "changes or held users are pending (`plan --detailed-exitcode` only)",
            Self::Invalid => "the manifests, rosterctl.yaml or sandbox.yaml are invalid",
            Self::Refused => {
                "refused: a limit, a stale review, no consent, `--strict`, or another apply is running"
            }
            Self::Partly => {
                "done in part: something failed, is held or unconfirmed, or stays as declared (`accept`)"
            }
            Self::Unreachable => "the service can't be reached, or is down for maintenance",
            Self::Usage => "usage: a wrong command line, or no project, server or token",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
