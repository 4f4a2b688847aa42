//! How large an answer may be. A server with a fault, or something that only looks like OneFile, must not fill the memory
//! of this machine or keep a run going for ever.
//!
//! | bound | value | why |
//! |---|---|---|
//! | bytes of an answer, unpacked | 256 MiB | 300,000 rows in one answer, if the server ignores paging, with 850 bytes each |
//! | rows of a list | 500,000 | a list of 300,000 users, and its rows may move while it is read |
//! | pages of a list | 6,000 | 300,000 users at 50 rows, the smallest page that servers are known to give |
//! | values of a row | 10,000 | a whole user has about 50 |
//! | levels of lists and objects in a row | 32 | rows are flat; nested values are only compared |
//! | time of an answer | 60 s | `retry::policy::CALL_TIMEOUT` |

/// The bounds of an answer. `docs/onefile-api.md` has the same numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerBounds {
    /// Bytes after unpacking.
    pub bytes: usize,
    /// Rows of a list, over all its pages.
    pub rows: usize,
    /// Pages of a list.
    pub pages: usize,
    /// Values of a row, nested ones too.
    pub values: usize,
    /// Lists and objects inside each other in a row.
    pub depth: usize,
}

impl Default for AnswerBounds {
    fn default() -> Self {
        Self {
            bytes: 256 * 1024 * 1024,
            rows: 500_000,
            pages: 6_000,
            values: 10_000,
            depth: 32,
        }
    }
}

/// A bound that an answer passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PassedBound {
    #[error("the answer is larger than {} MiB", _0 / (1024 * 1024))]
    Bytes(usize),
    #[error("the list has more than {0} rows")]
    Rows(usize),
    #[error("the list has more than {0} pages")]
    Pages(usize),
    #[error("a row has more than {0} values")]
    Values(usize),
    #[error("a row has more than {0} levels")]
    Depth(usize),
}
