//! Every id that a build met, in a few bytes each: to find ids that come twice, whatever became of them, to compare the
//! build with the published one, and to know its prices.
//!
//! It never holds an id or a row itself, only their hashes, so it can count and recognise but not name anything.

mod seen;
mod table;

use std::hash::{BuildHasher, RandomState};

use super::{median::median, sum::RowSum};
use crate::ep::sketch::Sketch;
pub(super) use seen::{Hashed, Seen};
use table::Table;

/// Ids that are told apart at most: more than a million with all that is left out beside them, and no more than memory
/// has room for. Whoever comes then finds no room.
const MOST: usize = 1_100_000;
/// The bits of [`Entry::id`] that say what the entry is; a slot in which none is set is free.
const FLAGS: u64 = ROW | LEFT | ELSEWHERE;
/// It is a row.
const ROW: u64 = 1;
/// It is no row: the id was left out, for a reason that stands in [`Entry::price`].
const LEFT: u64 = 2;
/// Another file has it, too: a row was met there, or the published build has an id with which no row came yet.
const ELSEWHERE: u64 = 4;

/// The ids met so far: 16 bytes each, and 8 more for a sketch where there are not too many ([`Table`]), in a table of
/// which a sixteenth at least is free.
///
/// Ids are told apart by 61-bit hashes with a random key, so nobody can make up ids that meet; among a million ids
/// the odds that any two do are below 1 in four million. The rows' sums have 32 bits: a row that changed is taken for
/// unchanged once in four thousand million. Prices above 4,294,967,295 count as that.
pub(super) struct RowIndex {
    table: Table,
    key: RandomState,
    rows: u64,
    most: usize,
}

/// An id; all zero, it is none.
#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    /// Its hash, but for the last bits, which are the [`FLAGS`].
    id: u64,
    sum: u32,
    price: u32,
}

impl Entry {
    fn is_free(self) -> bool {
        self.id & FLAGS == 0
    }

    fn hash(self) -> u64 {
        self.id & !FLAGS
    }

    /// Whether it is the one with this hash.
    fn is(self, hash: u64) -> bool {
        !self.is_free() && self.hash() == hash
    }

    fn flags(self) -> u64 {
        self.id & FLAGS
    }
}

/// A price as the index holds it.
pub(super) fn saturated(price: u64) -> u32 {
    u32::try_from(price).unwrap_or(u32::MAX)
}

impl Default for RowIndex {
    fn default() -> Self {
        Self::of_most(MOST)
    }
}

impl RowIndex {
    /// For so many ids at most.
    pub(super) fn of_most(most: usize) -> Self {
        Self { table: Table::new(), key: RandomState::new(), rows: 0, most }
    }

    /// Ids that it met.
    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether another id can be told apart from all others.
    pub(super) fn has_room(&self) -> bool {
        self.len() < self.most
    }

    /// Whether a row with that id was kept.
    pub(super) fn contains(&self, id: &[u8]) -> bool {
        self.seen(id) == Seen::Kept
    }

    /// What became of an id so far.
    pub(super) fn seen(&self, id: &[u8]) -> Seen {
        self.seen_hashed(self.hashed(id))
    }

    /// The same of one that was hashed.
    pub(super) fn seen_hashed(&self, id: Hashed) -> Seen {
        match self.entry(id).map(|there| (there.flags(), there.price)) {
            None => Seen::Never,
            Some((ELSEWHERE, _)) => Seen::Expected,
            Some((flags, reason)) if flags & LEFT != 0 => {
                Seen::Left { reason, expected: flags & ELSEWHERE != 0 }
            }
            Some(_) => Seen::Kept,
        }
    }

    /// Keeps the row of an id as [`Self::insert_hashed`] does.
    #[cfg(test)]
    pub(super) fn insert(&mut self, id: &[u8], sum: RowSum, price: u64) -> bool {
        self.insert_hashed(self.hashed(id), sum, price)
    }

    /// Keeps a row; `false` where one with that id is there already, which stays as it is. An id that was expected or
    /// left out is a row from now on.
    pub(super) fn insert_hashed(&mut self, id: Hashed, sum: RowSum, price: u64) -> bool {
        let entry = |hash| Entry { id: hash | ROW, sum: sum.sum, price: saturated(price) };
        let kept = self.put(id, sum.sketch.unwrap_or_default(), entry, |there| {
            (there.flags() & ROW == 0).then(|| entry(there.hash()))
        });
        self.rows += u64::from(kept);
        kept
    }

    /// Notes that an id was left out, and why; where it was before, for what reason it is from now on. A row stays one.
    pub(super) fn leave(&mut self, id: &[u8], reason: u32) {
        let entry = |id| Entry { id: id | LEFT, sum: 0, price: reason };
        self.put(self.hashed(id), Sketch::default(), entry, |there| {
            (there.flags() & ROW == 0).then(|| entry(there.id))
        });
    }

    /// Notes an id that the published build has; `false` where it is a row already, or was noted before.
    pub(super) fn expect(&mut self, id: &[u8]) -> bool {
        self.put(
            self.hashed(id),
            Sketch::default(),
            |hash| Entry { id: hash | ELSEWHERE, sum: 0, price: 0 },
            |there| (there.flags() == LEFT).then_some(Entry { id: there.id | ELSEWHERE, ..there }),
        )
    }

    /// Puts a new entry in, where there is room, or what `over` makes of the one that is there; `false` where it makes
    /// nothing of it.
    fn put(
        &mut self,
        Hashed(hash): Hashed,
        sketch: Sketch,
        new: impl FnOnce(u64) -> Entry,
        over: impl FnOnce(Entry) -> Option<Entry>,
    ) -> bool {
        match self.table.find(hash) {
            Ok(at) => {
                let Some(entry) = over(self.table.at(at).0) else { return false };
                self.table.set(at, entry, sketch);
                true
            }
            Err(at) => {
                let has_room = self.has_room();
                if has_room {
                    self.table.insert(at, new(hash), sketch);
                }
                has_room
            }
        }
    }

    /// The sum and the price of the row with that id, which is marked as met; `None` where there is none, or where it was met before.
    pub(super) fn meet(&mut self, id: &[u8]) -> Option<(RowSum, u32)> {
        let at = self.table.find(self.hashed(id).0).ok()?;
        let (entry, sketch) = self.table.at(at);
        if entry.flags() != ROW {
            return None;
        }
        self.table.set(at, Entry { id: entry.id | ELSEWHERE, ..entry }, sketch.unwrap_or_default());
        Some((RowSum { sum: entry.sum, sketch }, entry.price))
    }

    /// Whether a row with that id is there and was not met.
    pub(super) fn is_unmet(&self, id: &[u8]) -> bool {
        self.entry(self.hashed(id)).is_some_and(|there| there.flags() == ROW)
    }

    /// How many rows were kept.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// The rows' prices, in no order.
    pub(super) fn prices(&self) -> impl Iterator<Item = u32> {
        self.table.iter().filter(|entry| entry.flags() & ROW != 0).map(|entry| entry.price)
    }

    /// The median of the rows' prices; `None` where there are no rows.
    pub(super) fn median_price(&self) -> Option<u64> {
        median(self.rows, || self.prices())
    }

    /// What is known of an id.
    fn entry(&self, id: Hashed) -> Option<Entry> {
        self.table.find(id.0).ok().map(|at| self.table.at(at).0)
    }

    /// The hash of an id as an entry holds it. Ids that differ by spaces are one id to a feed's readers.
    pub(super) fn hashed(&self, id: &[u8]) -> Hashed {
        let hash = match memchr::memchr(b' ', id) {
            None => self.key.hash_one(id),
            Some(_) => {
                let without: Vec<u8> = id.iter().copied().filter(|byte| *byte != b' ').collect();
                self.key.hash_one(without.as_slice())
            }
        };
        Hashed(hash & !FLAGS)
    }

    #[cfg(test)]
    fn bytes(&self) -> usize {
        self.table.bytes()
    }
}

#[cfg(test)]
mod tests;
