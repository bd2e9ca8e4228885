//! The windows of one department: which one comes next, and which may be asked for ahead of their turn.
//!
//! It never decides from what was not received: what is asked for ahead and turns out to begin elsewhere than where the
//! window before it ended is dropped and asked for anew.

use std::collections::VecDeque;

use super::{departments::Planned, page::Page};

/// A department on its way.
pub(super) struct Course {
    pub planned: Planned,
    /// Its windows on their way, in their order.
    pub pages: VecDeque<Page>,
    /// Where the next one to be asked for begins, if all before it hold what is expected of them.
    plan: u64,
    /// Whether the one behind the last element is on its way: it should be empty.
    tail: bool,
    /// How many may be on their way at once.
    ahead: usize,
    /// Windows that were taken.
    taken: u64,
    /// Whether the last one held less than was asked for.
    short: bool,
    /// Whether each says where the next one is: none can be asked for ahead but the first.
    chained: bool,
}

impl Course {
    pub fn new(planned: Planned, ahead: usize, chained: bool) -> Self {
        Self { planned, pages: VecDeque::new(), plan: 0, tail: false, ahead, taken: 0, short: false, chained }
    }

    /// From the beginning.
    pub fn begin(&mut self) {
        self.turn_to(0);
        (self.taken, self.short) = (0, false);
    }

    /// Drops what is on its way: the next window begins at `start`.
    pub fn turn_to(&mut self, start: u64) {
        self.pages.clear();
        (self.plan, self.tail) = (start, false);
    }

    /// The window from `start` on is asked for once more, with none ahead of it.
    pub fn again(&mut self, start: u64) {
        self.turn_to(start);
        self.ahead = 1;
    }

    /// Drops the last window that is on its way, to be asked for later.
    pub fn give_up_last(&mut self) -> bool {
        let Some(page) = self.pages.pop_back() else { return false };
        (self.plan, self.tail) = (page.start, false);
        true
    }

    /// Where a further window begins that may be asked for now, of at most `limit` in all.
    pub fn wants(&self, limit: u64) -> Option<u64> {
        let within = self.taken + (self.pages.len() as u64) < limit;
        (within && !self.tail && self.pages.len() < self.ahead).then_some(self.plan)
    }

    /// A window from `start` on was asked for; `stride` elements are expected of it where there are so many.
    pub fn asked(&mut self, page: Page, stride: u64) {
        let start = page.start;
        self.pages.push_back(page);
        let left = self.planned.says.map(|says| says.saturating_sub(start));
        self.tail = self.chained || left == Some(0);
        self.plan = start + left.filter(|left| *left > 0).map_or(stride, |left| left.min(stride));
    }

    /// The next window, to be taken, if one that begins at `start` is on its way. Any other is dropped.
    pub fn next(&mut self, start: u64) -> Option<Page> {
        let next = self.pages.pop_front().filter(|page| page.start == start);
        match next {
            Some(_) => self.taken += 1,
            None => self.turn_to(start),
        }
        next
    }

    /// The next window was taken: it began at `start` and held all up to `end` of what was asked for. Gives how much the
    /// source gives at once, where that shows.
    pub fn took(&mut self, start: u64, asked: u64, end: u64, most: usize) -> Option<u64> {
        let expected = self.pages.front().map_or(self.plan, |next| next.start);
        let (foreseen, short) = (expected == end, end - start < asked);
        // A short window is the last one, unless the count says otherwise or it followed a short one itself.
        let more = !short || self.planned.says.map_or(self.short, |says| end < says);
        self.ahead = if foreseen && (more || self.planned.says.is_some()) { most } else { 1 };
        self.short = short;
        if !foreseen {
            self.turn_to(end);
        } else if self.pages.is_empty() {
            self.tail = false;
        }
        more.then_some(end - start)
    }
}
