//! From one window of a department to the next, by their places or numbers, or from link to link, to the last one.
//!
//! It never takes a window for the last one that may be none: one that is empty, or repeats the one before it, too early is
//! asked for again.

use std::collections::HashSet;

use tokio::time::sleep;

use super::Walk;
use crate::fetch::{FetchError, document::DocumentRead, reading::Reading, seen::Seen};

impl Walk<'_> {
    /// Reads the first department to its end, and hands on what `before` did not hold.
    pub(super) async fn reading(
        &mut self,
        seen: &mut Seen,
        before: Option<&Seen>,
    ) -> Result<Reading, FetchError> {
        if before.is_some() {
            self.ahead.course().begin();
        }
        if self.ahead.paged.next.is_some() {
            return Box::pin(self.chain(seen, before)).await;
        }
        self.by_place(seen, before).await
    }

    /// From its first window to the empty one.
    async fn by_place(&mut self, seen: &mut Seen, before: Option<&Seen>) -> Result<Reading, FetchError> {
        let policy = self.ahead.fetcher.policy;
        let mut reading = Reading::default();
        let (mut start, mut odd, mut checksum) = (0, 0, None);
        // Of windows that have numbers: the largest so far, whether the last one was as large, and what stood behind it.
        let (numbered, mut largest, mut was_full) = (self.ahead.paged.windows.has_pages(), 0, false);
        let mut gap: Option<Option<FetchError>> = None;
        for _ in 0..policy.pages {
            let (read, gone) = self.window_at(start, seen, before, &mut reading).await?;
            let is_empty = read.elements() == 0;
            let is_repeated = read.items > 0 && checksum == Some(read.checksum);
            odd += 1;
            if (is_repeated || is_empty && reading.items < self.says(&reading)) && odd < policy.odd_tries {
                seen.forget_window();
                self.ahead.course().again(start);
                sleep(policy.wait(odd, None)).await;
                continue;
            }
            if is_repeated {
                return Err(self.endless(start, "it holds exactly the products of the page before it"));
            }
            if is_empty && was_full && gap.is_none() && self.says(&reading) == 0 {
                // Nobody knows whether that is the end: the page behind it says so.
                gap = Some(gone);
                odd = 0;
                self.ahead.took(start, start + self.ahead.size);
                start += self.ahead.size;
                continue;
            }
            if is_empty {
                self.ahead.course().again(start);
                reading.repeats = seen.close();
                return Ok(reading);
            }
            if let Some(Some(hole)) = gap.take() {
                return Err(hole);
            }
            largest = largest.max(read.elements());
            was_full = numbered && read.elements() == largest;
            (odd, checksum) = (0, Some(read.checksum).filter(|_| read.items > 0));
            seen.end_window();
            reading.items += read.items;
            let took = self.places_of(&read);
            reading.others.add(read.others);
            self.ahead.took(start, start + took);
            start += took;
        }
        Err(self.endless(start, &format!("{} pages were read and none was empty", policy.pages)))
    }

    /// The window from `start` on; an empty one, and how that was said, where there is none.
    async fn window_at(
        &mut self,
        start: u64,
        seen: &mut Seen,
        before: Option<&Seen>,
        reading: &mut Reading,
    ) -> Result<(DocumentRead, Option<FetchError>), FetchError> {
        let page = self.ahead.page_at(start);
        let may_be_none = self.ahead.paged.windows.has_pages() && start > 0;
        match self.window(page, seen, before, reading).await {
            // Some sources have no page behind the last one.
            Err(error) if may_be_none && error.is_not_there() => Ok((DocumentRead::default(), Some(error))),
            read => Ok((read?, None)),
        }
    }

    /// How many places further the window behind this one begins.
    fn places_of(&self, read: &DocumentRead) -> u64 {
        let size = self.ahead.size;
        if self.ahead.paged.windows.has_pages() {
            // The next number is the next window, however much of this one came.
            size
        } else if read.elements() > size {
            // Where more comes than was asked for, what is no product stands on top and takes no place.
            read.items.max(1)
        } else {
            read.elements()
        }
    }

    /// From link to link, to the window that names no next one.
    async fn chain(&mut self, seen: &mut Seen, before: Option<&Seen>) -> Result<Reading, FetchError> {
        let endless =
            |shown, found: &str| FetchError::endless(shown, found, "check the place of the next link");
        let mut reading = Reading::default();
        let mut page = self.ahead.page_at(0);
        let (mut met, mut checksum) = (HashSet::new(), None);
        for _ in 0..self.ahead.fetcher.policy.pages {
            let read = self.window(page, seen, before, &mut reading).await?;
            if read.items > 0 && checksum.replace(read.checksum) == Some(read.checksum) {
                let found = "a link leads to exactly the products of the page before it";
                return Err(endless(self.ahead.paged.windows.shown(), found));
            }
            seen.end_window();
            reading.items += read.items;
            reading.others.add(read.others);
            let Some(call) = read.next else {
                reading.repeats = seen.close();
                return Ok(reading);
            };
            if !met.insert(call.url.clone()) {
                return Err(endless(call.shown, "the links lead in a circle"));
            }
            page = self.ahead.page_of(call);
        }
        let found = format!("{} pages were read and each names a next one", self.ahead.fetcher.policy.pages);
        Err(endless(self.ahead.paged.windows.shown(), &found))
    }

    fn endless(&mut self, start: u64, found: &str) -> FetchError {
        let planned = self.ahead.course().planned.clone();
        let url = self.ahead.call(&planned, start).shown;
        let advice = "check that the source takes {start} and {end} as CATALOG_URL gives them";
        FetchError::endless(url, found, advice)
    }
}
