//! The entries of an index in one table, in the order of their hashes, with a sketch beside each for as long as there is
//! room for them.
//!
//! It never moves to a larger place: what it grows by comes in pages, large enough to be given by the system, so that no
//! holes are left behind. Each entry stands where its hash points to, or as near behind that as those before it let it.

use super::Entry;
use crate::ep::sketch::Sketch;

/// Slots of a page: 128 KiB of entries, from where on the image's allocator asks the system.
const PAGE: usize = 1 << 13;
/// Slots behind the last one that a hash points to, for those whose place is taken; where they are not enough, another
/// page is added.
const BEHIND: usize = PAGE / 8;
/// Of so many slots one stays free, so that the next free one is near.
const ONE_FREE_OF: usize = 16;
/// A full table grows by this part of itself, and by so many pages at least where it has as many: each time everything in
/// it moves.
const GROWTH: usize = 32;
const GROWTH_PAGES: usize = 3;
/// Entries up to which each has its sketch. They are half as much again as an entry itself: a feed that is too large for
/// that gives up all of them, so that of every row one is known or of none.
const MOST_SKETCHES: usize = 150_000;

pub(super) struct Table {
    entries: Paged<Entry>,
    /// In the entries' slots; `None` once they were given up.
    sketches: Option<Paged<Sketch>>,
    /// Slots that hashes point to: all but some at the end.
    homes: usize,
    len: usize,
}

impl Table {
    pub(super) fn new() -> Self {
        let (mut entries, mut sketches) = (Paged::default(), Paged::default());
        entries.grow(1);
        sketches.grow(1);
        Self { homes: entries.slots() - BEHIND, entries, sketches: Some(sketches), len: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The slot of the entry with this hash, or the one where it belongs.
    pub(super) fn find(&self, hash: u64) -> Result<usize, usize> {
        let mut at = self.home(hash);
        while at < self.entries.slots() {
            let there = self.entries.get(at);
            if there.is_free() || there.hash() >= hash {
                return if there.is(hash) { Ok(at) } else { Err(at) };
            }
            at += 1;
        }
        Err(at)
    }

    /// The entry in a slot that `find` found, and its sketch.
    pub(super) fn at(&self, at: usize) -> (Entry, Option<Sketch>) {
        (self.entries.get(at), self.sketches.as_ref().map(|sketches| sketches.get(at)))
    }

    /// Puts another one of the same hash in its place.
    pub(super) fn set(&mut self, at: usize, entry: Entry, sketch: Sketch) {
        self.entries.replace(at, entry);
        if let Some(sketches) = &mut self.sketches {
            sketches.replace(at, sketch);
        }
    }

    /// Puts a new one in the slot where it belongs; those behind it move on by one, up to the next free slot.
    pub(super) fn insert(&mut self, mut at: usize, mut entry: Entry, mut sketch: Sketch) {
        if self.len == MOST_SKETCHES {
            self.sketches = None;
        }
        if self.len == self.homes - self.homes / ONE_FREE_OF {
            self.grow();
            at = self.find(entry.hash()).unwrap_or_else(|at| at);
        }
        self.len += 1;
        // Page by page: what is pushed out of one goes to the beginning of the next.
        while !entry.is_free() {
            if at == self.entries.slots() {
                self.add_pages(1);
            }
            let page = self.entries.page(at);
            let free = page.iter().position(|there| there.is_free());
            let moved = free.unwrap_or(page.len() - 1);
            entry = push_in(page, moved, entry);
            if let Some(sketches) = &mut self.sketches {
                sketch = push_in(sketches.page(at), moved, sketch);
            }
            at += moved + 1;
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Entry> {
        self.entries.pages.iter().flatten().copied().filter(|entry| !entry.is_free())
    }

    /// Where an entry stands if its place is free. A larger hash points to no earlier slot.
    fn home(&self, hash: u64) -> usize {
        ((u128::from(hash) * self.homes as u128) >> u64::BITS) as usize
    }

    fn add_pages(&mut self, pages: usize) {
        self.entries.grow(pages);
        self.sketches.iter_mut().for_each(|sketches| sketches.grow(pages));
    }

    /// All move behind everything else, and from there to where their hashes point now: none overtakes another, for
    /// there is room behind each for all that follow.
    fn grow(&mut self) {
        let old = self.entries.slots();
        let pages = old / PAGE;
        self.add_pages(if pages < GROWTH_PAGES { 1 } else { (pages / GROWTH).max(GROWTH_PAGES) });
        self.homes = self.entries.slots() - BEHIND;
        let end = self.iter().fold(0, |next, entry| self.home(entry.hash()).max(next) + 1);
        while self.entries.slots() < end {
            self.add_pages(1);
        }
        let mut first = self.entries.slots();
        for from in (0..old).rev() {
            if !self.entries.get(from).is_free() {
                first -= 1;
                self.shift(from, first);
            }
        }
        let mut next = 0;
        for from in first..self.entries.slots() {
            let at = self.home(self.entries.get(from).hash()).max(next);
            self.shift(from, at);
            next = at + 1;
        }
    }

    /// Moves what is in one slot to a free one, or leaves it where both are one.
    fn shift(&mut self, from: usize, to: usize) {
        let (entry, sketch) = self.at(from);
        self.set(from, Entry::default(), Sketch::default());
        self.set(to, entry, sketch.unwrap_or_default());
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        let sketches = self.sketches.as_ref().map_or(0, |sketches| sketches.slots() * size_of::<Sketch>());
        self.entries.slots() * size_of::<Entry>() + sketches
    }
}

/// Puts a value before others, of which the last of those that move gives way; gives that.
fn push_in<T: Copy>(slots: &mut [T], moved: usize, value: T) -> T {
    let last = slots[moved];
    slots.copy_within(..moved, 1);
    slots[0] = value;
    last
}

/// Slots that stay where they are while there come more of them.
struct Paged<T> {
    pages: Vec<Box<[T]>>,
}

impl<T> Default for Paged<T> {
    fn default() -> Self {
        Self { pages: Vec::new() }
    }
}

impl<T: Copy + Default> Paged<T> {
    fn grow(&mut self, pages: usize) {
        self.pages.extend((0..pages).map(|_| vec![T::default(); PAGE].into()));
    }

    fn slots(&self) -> usize {
        self.pages.len() * PAGE
    }

    fn get(&self, at: usize) -> T {
        self.pages[at / PAGE][at % PAGE]
    }

    /// What is left of a page from a slot on.
    fn page(&mut self, at: usize) -> &mut [T] {
        &mut self.pages[at / PAGE][at % PAGE..]
    }

    fn replace(&mut self, at: usize, value: T) -> T {
        std::mem::replace(&mut self.pages[at / PAGE][at % PAGE], value)
    }
}
