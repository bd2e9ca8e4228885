//! Every id that a build met, in a few bytes each: to find ids that come twice, whatever became of them, to compare the
//! build with the published one, and to know its prices.
//!
//! It never holds an id or a row itself, only their hashes, so it can count and recognise but not name anything.

mod sketches;

use std::hash::{BuildHasher, RandomState};

use super::{median::median, sum::RowSum};
use crate::ep::sketch::Sketch;
use sketches::Sketches;

/// The first bits of an id's hash choose its shard. 4096 shards keep one small enough to insert into (4 kB at a
/// million rows) and cost 96 KiB where there is nothing in them.
const SHARD_BITS: u32 = 12;
/// A shard that is full grows by this part of itself: doubling would leave half of the memory unused at worst.
const GROWTH: usize = 16;
/// Ids that are told apart at most: more than a million with all that is left out beside them, and no more than memory
/// has room for. Whoever comes then finds no room.
const MOST: usize = 1_100_000;
/// The bits of [`Entry::id`] that say what the entry is. The shard's number stands for the first bits of the hash, so as
/// many may be shifted out of it.
const FLAGS: u32 = 3;
/// The row was met in another file.
const MET: u64 = 1;
/// It is no row: the id was left out, for a reason that stands in [`Entry::price`].
const LEFT: u64 = 2;
/// The published build has the id, and no row with it came yet.
const EXPECTED: u64 = 4;
const ALL_FLAGS: u64 = (1 << FLAGS) - 1;

/// The ids met so far: 16 bytes each, and 8 more for a sketch where there are not too many ([`Sketches`]). With the shards and what is set aside
/// to grow, 17.2 bytes a row were counted without sketches at 110,000 rows and 16.6 at a million; between these two the
/// resident memory of a process that held nothing else grew by 20.1 bytes a row, the allocator's own overhead included.
///
/// Ids are told apart by 64-bit hashes with a random key, so nobody can make up ids that meet; among a million ids
/// the odds that any two do are below 1 in 30 million. The rows' sums have 32 bits: a row that changed is taken for
/// unchanged once in four thousand million. Prices above 4,294,967,295 count as that.
pub(super) struct RowIndex {
    shards: Vec<Vec<Entry>>,
    sketches: Sketches,
    key: RandomState,
    rows: u64,
    entries: usize,
    most: usize,
}

/// A shard's entries are in the order of `id` without its flags.
#[derive(Debug, Clone, Copy)]
struct Entry {
    id: u64,
    sum: u32,
    price: u32,
}

/// What became of an id so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// It did not come yet.
    Never,
    /// It did not come yet, but the published build has it.
    Expected,
    /// A row with it was kept.
    Kept,
    /// It was left out.
    Left {
        /// What [`RowIndex::leave`] was given.
        reason: u32,
        /// Whether the published build has it.
        expected: bool,
    },
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
        let shards = vec![Vec::new(); 1 << SHARD_BITS];
        Self { shards, sketches: Sketches::new(), key: RandomState::new(), rows: 0, entries: 0, most }
    }

    /// Whether another id can be told apart from all others.
    pub(super) fn has_room(&self) -> bool {
        self.entries < self.most
    }

    /// Whether a row with that id was kept.
    pub(super) fn contains(&self, id: &[u8]) -> bool {
        self.seen(id) == Seen::Kept
    }

    /// What became of an id so far.
    pub(super) fn seen(&self, id: &[u8]) -> Seen {
        let (shard, id) = self.place(id);
        let shard = &self.shards[shard];
        match find(shard, id).map(|at| (shard[at].id & ALL_FLAGS, shard[at].price)) {
            Err(_) => Seen::Never,
            Ok((flags, reason)) if flags & LEFT != 0 => {
                Seen::Left { reason, expected: flags & EXPECTED != 0 }
            }
            Ok((flags, _)) if flags & EXPECTED != 0 => Seen::Expected,
            Ok(_) => Seen::Kept,
        }
    }

    /// Keeps a row; `false` where one with that id is there already, which stays as it is. An id that was expected or
    /// left out is a row from now on.
    pub(super) fn insert(&mut self, id: &[u8], sum: RowSum, price: u64) -> bool {
        let entry = |id| Entry { id, sum: sum.sum, price: saturated(price) };
        let kept = self.put(id, sum.sketch.unwrap_or_default(), entry, |there| {
            (there.id & (LEFT | EXPECTED) != 0).then(|| entry(there.id & !ALL_FLAGS))
        });
        self.rows += u64::from(kept);
        kept
    }

    /// Notes that an id was left out, and why; where it was before, for what reason it is from now on. A row stays one.
    pub(super) fn leave(&mut self, id: &[u8], reason: u32) {
        let entry = |id| Entry { id, sum: 0, price: reason };
        self.put(
            id,
            Sketch::default(),
            |id| entry(id | LEFT),
            |there| (there.id & (LEFT | EXPECTED) != 0).then(|| entry(there.id | LEFT)),
        );
    }

    /// Notes an id that the published build has; `false` where it is a row already, or was noted before.
    pub(super) fn expect(&mut self, id: &[u8]) -> bool {
        self.put(
            id,
            Sketch::default(),
            |id| Entry { id: id | EXPECTED, sum: 0, price: 0 },
            |there| {
                let only_left = there.id & (LEFT | EXPECTED) == LEFT;
                only_left.then_some(Entry { id: there.id | EXPECTED, ..there })
            },
        )
    }

    /// Puts a new entry in, where there is room, or what `over` makes of the one that is there; `false` where it makes
    /// nothing of it.
    fn put(
        &mut self,
        id: &[u8],
        sketch: Sketch,
        new: impl FnOnce(u64) -> Entry,
        over: impl FnOnce(Entry) -> Option<Entry>,
    ) -> bool {
        let (number, id) = self.place(id);
        let shard = &mut self.shards[number];
        match find(shard, id) {
            Ok(at) => {
                let Some(entry) = over(shard[at]) else { return false };
                shard[at] = entry;
                self.sketches.set(number, at, sketch);
                true
            }
            Err(_) if self.entries >= self.most => false,
            Err(at) => {
                self.entries += 1;
                if shard.len() == shard.capacity() {
                    shard.reserve_exact(shard.len() / GROWTH + 1);
                }
                shard.insert(at, new(id));
                self.sketches.insert(number, at, sketch);
                true
            }
        }
    }

    /// The sum and the price of the row with that id, which is marked as met; `None` where there is none, or where it was met before.
    pub(super) fn meet(&mut self, id: &[u8]) -> Option<(RowSum, u32)> {
        let (number, id) = self.place(id);
        let shard = &mut self.shards[number];
        let at = find(shard, id).ok()?;
        let entry = &mut shard[at];
        if entry.id & ALL_FLAGS != 0 {
            return None;
        }
        entry.id |= MET;
        Some((RowSum { sum: entry.sum, sketch: self.sketches.get(number, at) }, entry.price))
    }

    /// Whether a row with that id is there and was not met.
    pub(super) fn is_unmet(&self, id: &[u8]) -> bool {
        let (shard, id) = self.place(id);
        let shard = &self.shards[shard];
        find(shard, id).is_ok_and(|at| shard[at].id & ALL_FLAGS == 0)
    }

    /// How many rows were kept.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// The rows' prices, in no order.
    pub(super) fn prices(&self) -> impl Iterator<Item = u32> {
        self.shards
            .iter()
            .flatten()
            .filter(|entry| entry.id & (LEFT | EXPECTED) == 0)
            .map(|entry| entry.price)
    }

    /// The median of the rows' prices; `None` where there are no rows.
    pub(super) fn median_price(&self) -> Option<u64> {
        median(self.rows, || self.prices())
    }

    /// The shard of an id, and its hash as an entry holds it. Ids that differ by spaces are one id to a feed's readers.
    fn place(&self, id: &[u8]) -> (usize, u64) {
        let hash = match memchr::memchr(b' ', id) {
            None => self.key.hash_one(id),
            Some(_) => {
                let without: Vec<u8> = id.iter().copied().filter(|byte| *byte != b' ').collect();
                self.key.hash_one(without.as_slice())
            }
        };
        ((hash >> (u64::BITS - SHARD_BITS)) as usize, hash << FLAGS)
    }

    #[cfg(test)]
    fn bytes(&self) -> usize {
        let entries: usize = self.shards.iter().map(Vec::capacity).sum();
        self.shards.capacity() * size_of::<Vec<Entry>>()
            + entries * size_of::<Entry>()
            + self.sketches.bytes()
    }
}

fn find(shard: &[Entry], id: u64) -> Result<usize, usize> {
    shard.binary_search_by_key(&id, |entry| entry.id & !ALL_FLAGS)
}

#[cfg(test)]
mod tests;
