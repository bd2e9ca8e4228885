//! Every id that a build met, in a few bytes each: to find ids that come twice, whatever became of them, to compare the
//! build with the published one, and to know its prices.
//!
//! It never holds an id or a row itself, only their hashes, so it can count and recognise but not name anything.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
};

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

/// The ids met so far: 16 bytes each. With the shards and what is set aside to grow, 17.2 bytes a row were counted
/// at 110,000 rows and 16.6 at a million; between these two the resident memory of a process that held nothing else
/// grew by 20.1 bytes a row, the allocator's own overhead included.
///
/// Ids are told apart by 64-bit hashes with a random key, so nobody can make up ids that meet; among a million ids
/// the odds that any two do are below 1 in 30 million. The rows' sums have 32 bits: a row that changed is taken for
/// unchanged once in four thousand million. Prices above 4,294,967,295 count as that.
pub struct RowIndex {
    shards: Vec<Vec<Entry>>,
    key: RandomState,
    rows: u64,
    entries: usize,
    most: usize,
}

/// A shard's entries are in the order of `id` without its flags.
#[derive(Debug, Clone, Copy)]
struct Entry {
    id: u64,
    sum: RowSum,
    price: u32,
}

/// A sum over a row's bytes as they stand in the file, without the line end: CRC-32C, which never misses a change of
/// up to four bytes in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowSum(u32);

/// What became of an id so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
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

/// What is known of a row that was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The sum over the row.
    pub sum: RowSum,
    /// Its price.
    pub price: u32,
}

impl RowSum {
    /// Of a row as it was read.
    pub fn of_bytes(row: &[u8]) -> Self {
        Self(crc32c::crc32c(row))
    }

    /// Of a row that is about to be written: the same as of its bytes in the file.
    pub fn of_record(record: &csv::StringRecord) -> Self {
        let sum = record.iter().enumerate().fold(0, |sum, (i, field)| {
            let sum = if i > 0 { crc32c::crc32c_append(sum, b"\t") } else { sum };
            crc32c::crc32c_append(sum, field.as_bytes())
        });
        Self(sum)
    }
}

/// A price as the index holds it.
pub fn saturated(price: u64) -> u32 {
    u32::try_from(price).unwrap_or(u32::MAX)
}

impl Default for RowIndex {
    fn default() -> Self {
        Self::of_most(MOST)
    }
}

impl fmt::Debug for RowIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowIndex").field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl RowIndex {
    /// For so many ids at most.
    pub(super) fn of_most(most: usize) -> Self {
        let shards = vec![Vec::new(); 1 << SHARD_BITS];
        Self { shards, key: RandomState::new(), rows: 0, entries: 0, most }
    }

    /// Whether another id can be told apart from all others.
    pub fn has_room(&self) -> bool {
        self.entries < self.most
    }

    /// Whether a row with that id was kept.
    pub fn contains(&self, id: &[u8]) -> bool {
        self.seen(id) == Seen::Kept
    }

    /// What became of an id so far.
    pub fn seen(&self, id: &[u8]) -> Seen {
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
    pub fn insert(&mut self, id: &[u8], sum: RowSum, price: u64) -> bool {
        let entry = |id| Entry { id, sum, price: saturated(price) };
        let kept = self.put(id, entry, |there| {
            (there.id & (LEFT | EXPECTED) != 0).then(|| entry(there.id & !ALL_FLAGS))
        });
        self.rows += u64::from(kept);
        kept
    }

    /// Notes that an id was left out, and why; where it was before, for what reason it is from now on. A row stays one.
    pub fn leave(&mut self, id: &[u8], reason: u32) {
        let entry = |id| Entry { id, sum: RowSum(0), price: reason };
        self.put(
            id,
            |id| entry(id | LEFT),
            |there| (there.id & (LEFT | EXPECTED) != 0).then(|| entry(there.id | LEFT)),
        );
    }

    /// Notes an id that the published build has; `false` where it is a row already, or was noted before.
    pub fn expect(&mut self, id: &[u8]) -> bool {
        self.put(
            id,
            |id| Entry { id: id | EXPECTED, sum: RowSum(0), price: 0 },
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
        new: impl FnOnce(u64) -> Entry,
        over: impl FnOnce(Entry) -> Option<Entry>,
    ) -> bool {
        let (shard, id) = self.place(id);
        let shard = &mut self.shards[shard];
        match find(shard, id) {
            Ok(at) => match over(shard[at]) {
                Some(entry) => {
                    shard[at] = entry;
                    true
                }
                None => false,
            },
            Err(_) if self.entries >= self.most => false,
            Err(at) => {
                self.entries += 1;
                if shard.len() == shard.capacity() {
                    shard.reserve_exact(shard.len() / GROWTH + 1);
                }
                shard.insert(at, new(id));
                true
            }
        }
    }

    /// The row with that id, marked as met; `None` where there is none, or where it was met before.
    pub fn meet(&mut self, id: &[u8]) -> Option<Known> {
        let (shard, id) = self.place(id);
        let shard = &mut self.shards[shard];
        let at = find(shard, id).ok()?;
        let entry = &mut shard[at];
        if entry.id & ALL_FLAGS != 0 {
            return None;
        }
        entry.id |= MET;
        Some(Known { sum: entry.sum, price: entry.price })
    }

    /// Whether a row with that id is there and was not met.
    pub fn is_unmet(&self, id: &[u8]) -> bool {
        let (shard, id) = self.place(id);
        let shard = &self.shards[shard];
        find(shard, id).is_ok_and(|at| shard[at].id & ALL_FLAGS == 0)
    }

    /// How many rows were kept.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The rows' prices, in no order.
    pub fn prices(&self) -> impl Iterator<Item = u32> {
        self.shards
            .iter()
            .flatten()
            .filter(|entry| entry.id & (LEFT | EXPECTED) == 0)
            .map(|entry| entry.price)
    }

    /// The price in the middle, exactly; of an even number of rows the mean of the two in the middle, rounded down.
    /// `None` where there are no rows. It takes 512 KiB while it counts, however many rows there are.
    pub fn median_price(&self) -> Option<u64> {
        let last = self.rows.checked_sub(1)?;
        let [low, high] = [last / 2, self.rows / 2].map(|rank| self.price_at(rank));
        Some((u64::from(low) + u64::from(high)) / 2)
    }

    /// The price that `rank` prices stand before, once they are in order: its upper half first, then its lower one.
    fn price_at(&self, rank: u64) -> u32 {
        let (upper, before) = nth(self.prices().map(|price| price >> 16), rank);
        let same = self.prices().filter(|price| price >> 16 == upper);
        let (lower, _) = nth(same.map(|price| price & 0xFFFF), rank - before);
        upper << 16 | lower
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
        self.shards.capacity() * size_of::<Vec<Entry>>() + entries * size_of::<Entry>()
    }
}

fn find(shard: &[Entry], id: u64) -> Result<usize, usize> {
    shard.binary_search_by_key(&id, |entry| entry.id & !ALL_FLAGS)
}

/// The value that `rank` values stand before, and how many are really smaller. Values are below 65,536, and there
/// are more of them than `rank`.
fn nth(values: impl Iterator<Item = u32>, rank: u64) -> (u32, u64) {
    let mut counts = vec![0_u64; 1 << 16];
    values.for_each(|value| counts[value as usize] += 1);
    let mut before = 0;
    for (value, count) in (0..).zip(counts) {
        if before + count > rank {
            return (value, before);
        }
        before += count;
    }
    unreachable!("there are more values than the rank")
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn sum(n: u32) -> RowSum {
        RowSum::of_bytes(&n.to_le_bytes())
    }

    fn priced(prices: &[u64]) -> RowIndex {
        let mut index = RowIndex::default();
        prices.iter().enumerate().for_each(|(id, price)| {
            assert!(index.insert(id.to_string().as_bytes(), sum(0), *price));
        });
        index
    }

    #[test]
    fn the_sum_of_a_record_is_that_of_its_bytes_in_the_file() {
        let record: csv::StringRecord = ["1", "책장", "", "9900"].into_iter().collect();
        assert_eq!(RowSum::of_record(&record), RowSum::of_bytes("1\t책장\t\t9900".as_bytes()));
        assert_ne!(RowSum::of_record(&record), RowSum::of_bytes("1\t책장\t9900\t".as_bytes()));
    }

    #[test]
    fn the_median_is_exact() {
        for (prices, median) in [
            (&[][..], None),
            (&[7], Some(7)),
            (&[9, 3], Some(6)),
            (&[5, 1, 70_000], Some(5)),
            (&[65_535, 65_536, 65_536, 1], Some(65_535)),
            (&[99_900, 99_900, 12_900, 4_000_000], Some(99_900)),
            (&[u64::MAX, u64::MAX, 1], Some(u64::from(u32::MAX))),
        ] {
            assert_eq!(priced(prices).median_price(), median, "{prices:?}");
        }
    }

    #[test]
    fn it_takes_no_more_ids_than_it_has_room_for() {
        let mut index = RowIndex::of_most(2);
        assert!(index.has_room() && index.insert(b"a", sum(1), 1));
        index.leave(b"b", 7);
        assert!(!index.has_room() && !index.insert(b"c", sum(1), 1) && !index.expect(b"c"));
        index.leave(b"c", 7);
        assert_eq!((index.seen(b"c"), index.rows()), (Seen::Never, 1));
        assert!(index.insert(b"b", sum(1), 1), "what it knows may still become a row");
    }

    #[test]
    fn a_row_is_met_once() {
        let mut index = priced(&[100, u64::MAX]);
        assert!(index.is_unmet(b"0") && !index.is_unmet(b"2"));
        assert_eq!(index.meet(b"0"), Some(Known { sum: sum(0), price: 100 }));
        assert_eq!((index.meet(b"0"), index.meet(b"2")), (None, None));
        assert!(!index.is_unmet(b"0") && index.contains(b"0"));
        assert!(!index.insert(b"0", sum(1), 5), "met or not, it is there");
        assert_eq!(index.meet(b"1").map(|row| row.price), Some(u32::MAX));
    }

    #[test]
    fn an_id_is_one_thing_at_a_time_and_a_row_once_it_is_one() {
        let mut index = RowIndex::default();
        assert_eq!(index.seen(b"a"), Seen::Never);
        let mut spaced = RowIndex::default();
        assert!(spaced.insert(b"a b", sum(1), 1) && spaced.contains(b"ab") && spaced.contains(b" a b "));
        assert!(index.expect(b"a") && !index.expect(b"a"));
        assert_eq!((index.seen(b"a"), index.contains(b"a")), (Seen::Expected, false));
        index.leave(b"a", 7);
        assert_eq!(index.seen(b"a"), Seen::Left { reason: 7, expected: true });
        index.leave(b"b", 8);
        assert_eq!(index.seen(b"b"), Seen::Left { reason: 8, expected: false });
        assert!(index.expect(b"b") && !index.expect(b"b"), "left out, and expected all the same");
        index.leave(b"b", 9);
        assert_eq!(index.seen(b"b"), Seen::Left { reason: 9, expected: true });
        assert_eq!((index.meet(b"a"), index.is_unmet(b"a"), index.rows()), (None, false, 0));
        assert_eq!(index.median_price(), None, "what was left out has no price");
        assert!(index.insert(b"a", sum(1), 100) && !index.insert(b"a", sum(2), 200));
        index.leave(b"a", 9);
        assert_eq!((index.seen(b"a"), index.rows(), index.median_price()), (Seen::Kept, 1, Some(100)));
        assert!(index.is_unmet(b"a") && index.meet(b"a").is_some() && index.seen(b"a") == Seen::Kept);
    }

    #[test]
    fn a_row_takes_less_than_18_bytes_at_any_size_that_matters() {
        let empty = RowIndex::default().bytes();
        assert!(empty <= 128 * 1024, "{empty}");
        let mut index = RowIndex::default();
        let mut told = Vec::new();
        for n in 1..=1_000_000_u32 {
            index.insert(n.to_string().as_bytes(), sum(n), 1);
            if [110_000, 300_000, 1_000_000].contains(&n) {
                told.push((index.bytes() as f64) / f64::from(n));
            }
        }
        assert!(told.iter().all(|bytes| *bytes < 18.0), "{told:?}");
    }

    proptest! {
        #[test]
        fn it_does_what_a_map_does(
            steps in prop::collection::vec((0_u8..3, 0_u16..300, any::<u32>()), 0..800),
        ) {
            let (mut index, mut model) = (RowIndex::default(), HashMap::new());
            for (step, id, n) in steps {
                let text = format!("id-{id}");
                let id = text.as_bytes();
                match step {
                    0 => {
                        let free = !model.contains_key(&text);
                        prop_assert_eq!(index.insert(id, sum(n), n.into()), free);
                        model.entry(text.clone()).or_insert((n, false));
                    }
                    1 => {
                        let met = model.get_mut(&text).filter(|row| !row.1).map(|row| {
                            row.1 = true;
                            Known { sum: sum(row.0), price: row.0 }
                        });
                        prop_assert_eq!(index.meet(id), met);
                    }
                    _ => {
                        prop_assert_eq!(index.contains(id), model.contains_key(&text));
                        prop_assert_eq!(index.is_unmet(id), model.get(&text).is_some_and(|row| !row.1));
                    }
                }
            }
            let mut prices: Vec<u32> = model.values().map(|row| row.0).collect();
            prices.sort_unstable();
            let mut found: Vec<u32> = index.prices().collect();
            found.sort_unstable();
            prop_assert_eq!(&found, &prices);
            let middle = |at: usize| u64::from(prices[at]);
            let median = (!prices.is_empty())
                .then(|| (middle((prices.len() - 1) / 2) + middle(prices.len() / 2)) / 2);
            prop_assert_eq!((index.rows(), index.median_price()), (prices.len() as u64, median));
        }
    }
}
