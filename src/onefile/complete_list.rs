//! Whether a list of accounts is complete: what its pages show of it.

/// Servers fill pages up to a number such as 50, 100 or 500.
const FULL_PAGES: usize = 50;

/// The rows of a search, page by page. A list that shifts while it is read shows an id twice, or a row after a page that was
/// shorter than the first.
pub(super) struct PagedRows<T> {
    pub(super) found: Vec<T>,
    /// Whether these are all the rows: the pages came up to an empty one, and nothing shifted.
    pub(super) whole: bool,
    seen: foldhash::HashSet<i64>,
    suspicious: bool,
    /// How many rows the first page has.
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
    /// Whether there was a second page, or may have been one before rows went: the first page is as long as full pages are.
    pub(super) fn is_paged(&self) -> bool {
        self.first
            .is_some_and(|first| self.seen.len() > first || first.is_multiple_of(FULL_PAGES))
    }

    /// Takes in a page; nothing of it is kept but what its rows are read as.
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
        // A server that answers every page with the same rows would never come to an end.
        if self.seen.len() == before {
            PageEnd::Last
        } else {
            PageEnd::More
        }
    }
}
