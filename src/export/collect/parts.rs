//! When what was written goes on its way.
//!
//! It never sends anything.

use bytes::Bytes;

use super::Collected;
use crate::feed_store::MIN_PART;

/// From so many ids on a build is large.
const LARGE: usize = 500_000;

impl Collected {
    /// Whether there is a part to be handed on, or no more may be written for now. Asked for after each part of a batch, it
    /// sums up what was written since, while that is at hand.
    pub(in crate::export) fn is_due(&mut self) -> bool {
        let has_part = [&mut self.feed, &mut self.excluded].map(|file| {
            file.sum_up();
            file.waiting() >= MIN_PART
        });
        has_part.contains(&true) || self.is_full()
    }

    /// What was written since, where it is enough for a part: of the feed, and of the excluded products.
    pub(in crate::export) fn parts(&mut self) -> [Option<Bytes>; 2] {
        [&mut self.feed, &mut self.excluded].map(|file| file.part(MIN_PART))
    }

    /// Whether no more may be written while a part is on its way, however slow the store is: what so many ids leave of the
    /// memory has no room for another whole part of either file.
    pub(in crate::export) fn is_full(&self) -> bool {
        self.is_large() && self.feed.waiting() + self.excluded.waiting() >= MIN_PART / 8
    }

    /// Gives the room of parts back once they were handed on, of both files.
    pub(in crate::export) fn keep_no_room(&self) {
        self.feed.keep_no_room();
    }

    /// Whether memory is dearer than time from now on.
    pub(in crate::export) fn is_large(&self) -> bool {
        self.index.len() >= LARGE
    }
}
