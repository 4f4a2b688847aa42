//! How far a client has come with reading accounts, so that the command line can show it.

use std::sync::atomic::{AtomicUsize, Ordering};

/// What a client has read so far. Numbers only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadingProgress {
    /// Pages of lists.
    pub pages: usize,
    /// Accounts that were read one by one.
    pub looked: usize,
    /// Accounts that are to be read one by one, as far as is known.
    pub wanted: usize,
}

/// The counting side of [`ReadingProgress`].
#[derive(Debug, Default)]
pub(crate) struct ReadingCounter {
    pages: AtomicUsize,
    looked: AtomicUsize,
    wanted: AtomicUsize,
}

impl ReadingCounter {
    pub(crate) fn add_page(&self) {
        self.pages.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn want(&self, accounts: usize) {
        self.wanted.fetch_add(accounts, Ordering::Relaxed);
    }

    pub(crate) fn add_look(&self) {
        self.looked.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn so_far(&self) -> ReadingProgress {
        ReadingProgress {
            pages: self.pages.load(Ordering::Relaxed),
            looked: self.looked.load(Ordering::Relaxed),
            wanted: self.wanted.load(Ordering::Relaxed),
        }
    }
}

impl ReadingProgress {
    /// What was read since an earlier time.
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        Self {
            pages: self.pages - before.pages,
            looked: self.looked - before.looked,
            wanted: self.wanted - before.wanted,
        }
    }
}
