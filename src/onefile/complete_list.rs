//! Tells from the pages of a list whether the list is complete.

/// Servers fill pages up to a multiple of this, such as 50, 100 or 500.
const FULL_PAGES: usize = 50;

/// The rows of a search, page by page. There are two signs that the list changed while it was being read: an id appears
/// twice, or rows follow a page that was shorter than the first.
pub(super) struct PagedRows<T> {
    pub(super) found: Vec<T>,
    /// Whether these are all the rows: an empty page was reached, and nothing suggests that the list changed.
    pub(super) whole: bool,
    seen: foldhash::HashSet<i64>,
    suspicious: bool,
    /// The number of rows on the first page.
    pub(super) first: Option<usize>,
    short: bool,
}

#[derive(PartialEq, Eq)]
pub(super) enum PageEnd {
    More,
    Last,
}

impl<T> Default for PagedRows<T> {
    fn default() -> Self {
        Self {
            found: Vec::new(),
            whole: false,
            seen: foldhash::HashSet::default(),
            suspicious: false,
            first: None,
            short: false,
        }
    }
}

impl<T> PagedRows<T> {
    /// Whether there was a second page, or may have been one before rows went, because the first page has the length of a full
    /// page.
    pub(super) fn is_paged(&self) -> bool {
        self.first
            .is_some_and(|first| self.seen.len() > first || first.is_multiple_of(FULL_PAGES))
    }

    /// The rows of a list that isn't paged.
    pub(super) fn of_all(rows: Vec<(i64, Option<T>)>) -> Self {
        let mut all = Self::default();
        all.take(rows);
        all.whole = true;
        all
    }

    /// How many rows there are so far.
    pub(super) fn len(&self) -> usize {
        self.seen.len()
    }

    /// Adds the rows of a page, and says whether another page may follow.
    pub(super) fn take(&mut self, page: Vec<(i64, Option<T>)>) -> PageEnd {
        if page.is_empty() {
            self.whole = !self.suspicious;
            return PageEnd::Last;
        }
        let length = page.len();
        self.suspicious |= self.short;
        self.short |= length < *self.first.get_or_insert(length);
        let before = self.seen.len();
        for (id, row) in page {
            if self.seen.insert(id) {
                self.found.extend(row);
            }
        }
        self.suspicious |= self.seen.len() - before < length;
        // Otherwise a server that returns the same rows for every page would cause an endless loop.
        if self.seen.len() == before {
            PageEnd::Last
        } else {
            PageEnd::More
        }
    }
}
