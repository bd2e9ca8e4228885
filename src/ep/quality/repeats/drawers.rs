//! A set of hashes in four bytes each and little more: 42 bits of a hash, of which the first eleven say in which drawer
//! it lies, with one more bit for whoever asks.
//!
//! Nothing is ever moved to grow: a drawer is a chain of blocks, and blocks are made in pages, so no allocator keeps
//! what was too small before.

/// 2 to the power of this many drawers, of 146 hashes each where there are 300,000.
const DRAWER_BITS: u32 = 11;
/// Hashes of a block, which with the number of the next one fills a cache line.
const BLOCK: usize = 15;
/// Blocks of a page: 16 KiB.
const PAGE: usize = 256;
/// No block.
const NONE: u32 = u32::MAX;
/// No hash.
const EMPTY: u32 = 0;
/// Set where a hash was seen more than once.
const MARK: u32 = 1 << 31;

/// What is kept of a hash besides its drawer: 31 bits, of which one is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Short(u32);

impl Short {
    /// Of a hash.
    pub fn of(hash: u64) -> Self {
        let short = hash as u32 & !MARK;
        Self(if short == EMPTY { 1 << 30 } else { short })
    }

    /// How many of its low bits are unset, 30 at most.
    pub fn unset_bits(self) -> u32 {
        self.0.trailing_zeros()
    }
}

/// What became of a hash that was put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It was not there before.
    New,
    /// It was there once.
    Second,
    /// It was there more than once.
    Further,
}

#[derive(Clone, Copy)]
struct Block {
    hashes: [u32; BLOCK],
    next: u32,
}

impl Block {
    /// Looks at all of them at once, which takes no longer than at two or three.
    fn holds(&self, short: u32) -> bool {
        self.hashes.iter().fold(false, |found, kept| found | (kept & !MARK == short))
    }
}

const FRESH: Block = Block { hashes: [EMPTY; BLOCK], next: NONE };

/// The set.
pub struct Drawers {
    /// The first block of each drawer; only that one may have room.
    first: Vec<u32>,
    pages: Vec<Box<[Block]>>,
    /// Blocks in use or in `free`.
    made: u32,
    /// The first of the blocks that are used no longer.
    free: u32,
    kept: usize,
}

impl Drawers {
    /// An empty set.
    pub fn new() -> Self {
        Self { first: vec![NONE; 1 << DRAWER_BITS], pages: Vec::new(), made: 0, free: NONE, kept: 0 }
    }

    /// How many hashes it holds.
    pub fn len(&self) -> usize {
        self.kept
    }

    /// Puts a hash in.
    pub fn put(&mut self, hash: u64) -> Put {
        let (drawer, short) = ((hash >> (64 - DRAWER_BITS)) as usize, Short::of(hash).0);
        let mut at = self.first[drawer];
        while at != NONE {
            let block = self.block(at);
            if block.holds(short)
                && let Some(kept) = block.hashes.iter_mut().find(|kept| **kept & !MARK == short)
            {
                let put = if *kept & MARK == 0 { Put::Second } else { Put::Further };
                *kept |= MARK;
                return put;
            }
            at = block.next;
        }
        self.add(drawer, short);
        self.kept += 1;
        Put::New
    }

    /// Keeps only the hashes that `stays` says yes to.
    pub fn retain(&mut self, stays: impl Fn(Short) -> bool) {
        self.kept = 0;
        let mut stay = Vec::new();
        for drawer in 0..self.first.len() {
            let mut at = std::mem::replace(&mut self.first[drawer], NONE);
            while at != NONE {
                let free = self.free;
                let block = self.block(at);
                let hashes = block.hashes.into_iter().filter(|hash| *hash != EMPTY);
                stay.extend(hashes.filter(|hash| stays(Short(*hash & !MARK))));
                let next = block.next;
                *block = Block { next: free, ..FRESH };
                self.free = at;
                at = next;
            }
            self.kept += stay.len();
            stay.drain(..).for_each(|hash| self.add(drawer, hash));
        }
    }

    /// Bytes that it takes.
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        self.first.len() * size_of::<u32>() + self.pages.len() * PAGE * size_of::<Block>()
    }

    fn add(&mut self, drawer: usize, hash: u32) {
        let first = self.first[drawer];
        if first != NONE
            && let Some(room) = self.block(first).hashes.iter_mut().find(|kept| **kept == EMPTY)
        {
            *room = hash;
            return;
        }
        let fresh = self.fresh();
        let block = self.block(fresh);
        *block = Block { next: first, ..FRESH };
        block.hashes[0] = hash;
        self.first[drawer] = fresh;
    }

    /// The number of a block that nobody uses.
    fn fresh(&mut self) -> u32 {
        if self.free != NONE {
            let fresh = self.free;
            self.free = self.block(fresh).next;
            return fresh;
        }
        if self.made as usize == self.pages.len() * PAGE {
            self.pages.push(vec![FRESH; PAGE].into_boxed_slice());
        }
        self.made += 1;
        self.made - 1
    }

    fn block(&mut self, number: u32) -> &mut Block {
        &mut self.pages[number as usize / PAGE][number as usize % PAGE]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_holds_what_a_plain_map_holds(
            hashes in prop::collection::vec((0u64..3, 0u64..50).prop_map(|(high, low)| high << 60 | low), 0..300),
            retained_at in 0usize..300,
        ) {
            let (mut drawers, mut plain) = (Drawers::new(), BTreeMap::new());
            for (i, hash) in hashes.iter().enumerate() {
                if i == retained_at {
                    drawers.retain(|short| short.unset_bits() > 0);
                    plain.retain(|hash: &u64, _| Short::of(*hash).unset_bits() > 0);
                }
                let times = plain.entry(*hash).or_insert(0);
                let expected = [Put::New, Put::Second, Put::Further][*times];
                *times = (*times + 1).min(2);
                prop_assert_eq!(drawers.put(*hash), expected);
                prop_assert_eq!(drawers.len(), plain.len());
            }
        }
    }

    #[test]
    fn blocks_that_were_given_up_are_used_again() {
        let mut drawers = Drawers::new();
        let spread = |i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (0..50_000).for_each(|i| assert_eq!(drawers.put(spread(i)), Put::New));
        let bytes = drawers.bytes();
        drawers.retain(|_| false);
        assert_eq!(drawers.len(), 0);
        (0..50_000).for_each(|i| assert_eq!(drawers.put(spread(i)), Put::New));
        assert_eq!(drawers.bytes(), bytes);
    }
}
