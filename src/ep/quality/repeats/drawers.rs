//! A set of hashes in four bytes each and little more: 41 bits of a hash, of which the first ten say in which drawer
//! it lies, with one more bit for whoever asks. Mostly others of its bits tell it from those of its drawer besides.

use crate::ep::quality::hashes::{Glance, Hashes};

/// 2 to the power of this many drawers, of 293 hashes each where there are 300,000.
const DRAWER_BITS: u32 = 10;
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

/// The set.
pub struct Drawers(Hashes<u32, 15>);

impl Drawers {
    /// An empty set.
    pub fn new() -> Self {
        Self(Hashes::new(DRAWER_BITS))
    }

    /// How many hashes it holds.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Looks at a hash before it is put in.
    pub fn glance(&self, hash: u64) -> Glance {
        self.0.glance(hash)
    }

    /// Puts a hash in.
    pub fn put(&mut self, glance: Glance) -> Put {
        let short = Short::of(glance.hash).0;
        if let Some(kept) = self.0.find(glance, |kept| kept & !MARK == short) {
            let put = if *kept & MARK == 0 { Put::Second } else { Put::Further };
            *kept |= MARK;
            return put;
        }
        self.0.add(glance, short);
        Put::New
    }

    /// Keeps only the hashes that `stays` says yes to.
    pub fn retain(&mut self, stays: impl Fn(Short) -> bool) {
        self.0.retain(|kept| stays(Short(kept & !MARK)));
    }

    /// Bytes that it takes.
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        self.0.bytes()
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
                prop_assert_eq!(drawers.put(drawers.glance(*hash)), expected);
                prop_assert_eq!(drawers.len(), plain.len());
            }
        }
    }

    #[test]
    fn blocks_that_were_given_up_are_used_again() {
        let mut drawers = Drawers::new();
        let spread = |i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (0..50_000).for_each(|i| assert_eq!(drawers.put(drawers.glance(spread(i))), Put::New));
        let bytes = drawers.bytes();
        drawers.retain(|_| false);
        assert_eq!(drawers.len(), 0);
        (0..50_000).for_each(|i| assert_eq!(drawers.put(drawers.glance(spread(i))), Put::New));
        assert_eq!(drawers.bytes(), bytes);
    }
}
