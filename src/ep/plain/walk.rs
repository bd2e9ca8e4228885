//! One walk over a text: a byte has signs by itself and lets the byte behind it have some, both by its two halves; those
//! that it has both ways count. A walk gives the signs of all bytes together.
//!
//! A byte's halves are looked up for many bytes at once, by what the machine at hand has for it. Which signs a text may
//! hold is for whoever asks.

use fearless_simd::{Level, Simd, dispatch, prelude::*, u8x32};

/// Bytes of a block.
const BLOCK: usize = 32;
/// Bytes that are looked at in one step where they are looked at one by one.
const STEP: usize = 8;
/// Shorter texts are not worth the way to whole blocks.
const LEAST: usize = BLOCK + 1;

/// Signs by a byte's halves: those that both of them have. Bytes of a sign fill whole lines and columns of the table of all
/// bytes, in which the upper half is the line.
pub(super) struct Halves {
    /// Twice, for a block has room for two of them.
    low: [u8; BLOCK],
    high: [u8; BLOCK],
}

/// All lines, or all columns.
pub(super) const ALL: u16 = u16::MAX;

/// A bit for each line, or column, from one to another.
pub(super) const fn to(first: u8, last: u8) -> u16 {
    (u16::MAX >> (15 - last)) & (u16::MAX << first)
}

/// The bit of one.
pub(super) const fn only(one: u8) -> u16 {
    to(one, one)
}

impl Halves {
    /// Of signs, each in these lines and columns.
    pub(super) const fn of(signs: &[(u8, u16, u16)]) -> Self {
        let (mut low, mut high) = ([0; BLOCK], [0; BLOCK]);
        let mut i = 0;
        while i < signs.len() {
            let (sign, lines, columns) = signs[i];
            let mut half = 0;
            while half < 16 {
                if lines >> half & 1 == 1 {
                    high[half] |= sign;
                    high[half + 16] |= sign;
                }
                if columns >> half & 1 == 1 {
                    low[half] |= sign;
                    low[half + 16] |= sign;
                }
                half += 1;
            }
            i += 1;
        }
        Self { low, high }
    }

    /// Of every byte.
    const fn table(&self) -> [u8; 256] {
        let (mut table, mut byte) = ([0; 256], 0);
        while byte < 256 {
            table[byte] = self.low[byte & 15] & self.high[byte >> 4];
            byte += 1;
        }
        table
    }

    /// Of the bytes of a block.
    #[inline(always)]
    fn of_block<S: Simd>(&self, simd: S, bytes: u8x32<S>) -> u8x32<S> {
        let low = u8x32::from_slice(simd, &self.low).swizzle_dyn_within_blocks(bytes & 0x0f);
        low & u8x32::from_slice(simd, &self.high).swizzle_dyn_within_blocks(bytes >> 4)
    }
}

/// The signs of each byte: its own, and those that it lets the byte behind it have.
pub(super) struct Signs {
    own: Halves,
    behind: Halves,
    /// The same byte by byte.
    tables: [[u8; 256]; 2],
}

impl Signs {
    pub(super) const fn of(own: Halves, behind: Halves) -> Self {
        let tables = [own.table(), behind.table()];
        Self { own, behind, tables }
    }

    /// The signs of all bytes together; the first one stands behind `before`.
    #[inline]
    pub(super) fn in_text(&self, bytes: &[u8], before: u8) -> u8 {
        if bytes.len() < LEAST {
            return self.one_by_one(bytes, before);
        }
        dispatch!(Level::new(), simd => self.in_blocks(simd, bytes, before))
    }

    #[inline(always)]
    fn one_by_one(&self, bytes: &[u8], before: u8) -> u8 {
        let (mut all, mut before) = (0, before);
        let [own, behind] = &self.tables;
        let mut see = |byte: u8| {
            all |= own[usize::from(byte)] & behind[usize::from(before)];
            before = byte;
        };
        let (steps, rest) = bytes.as_chunks::<STEP>();
        for step in steps {
            step.iter().for_each(|byte| see(*byte));
        }
        rest.iter().for_each(|byte| see(*byte));
        all
    }

    /// The signs of the block that begins there, behind the first byte.
    #[inline(always)]
    fn block_at<S: Simd>(&self, simd: S, bytes: &[u8], at: usize) -> u8x32<S> {
        let here = u8x32::from_slice(simd, &bytes[at..at + BLOCK]);
        let before = u8x32::from_slice(simd, &bytes[at - 1..at - 1 + BLOCK]);
        self.own.of_block(simd, here) & self.behind.of_block(simd, before)
    }

    /// The last block takes some bytes once more, so that none is left over.
    #[inline(always)]
    fn in_blocks<S: Simd>(&self, simd: S, bytes: &[u8], before: u8) -> u8 {
        let mut all = self.block_at(simd, bytes, bytes.len() - BLOCK);
        let mut at = 1;
        while at + BLOCK < bytes.len() {
            all |= self.block_at(simd, bytes, at);
            at += BLOCK;
        }
        self.one_by_one(&bytes[..1], before) | any_of(all.as_slice())
    }
}

/// The signs of all bytes of a block together.
#[inline(always)]
fn any_of(block: &[u8]) -> u8 {
    let (mut all, (words, _)) = (0, block.as_chunks());
    for word in words {
        all |= u64::from_le_bytes(*word);
    }
    all |= all >> 32;
    all |= all >> 16;
    (all | all >> 8) as u8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    static SIGNS: Signs = Signs::of(
        Halves::of(&[(1, only(2), to(0, 3)), (2, to(8, 11), ALL), (4, only(2), only(0)), (8, ALL, ALL)]),
        Halves::of(&[(1, ALL, ALL), (2, ALL, only(15)), (4, only(2), only(0)), (8, only(6), only(1))]),
    );

    proptest! {
        #[test]
        fn many_bytes_at_once_have_the_signs_that_they_have_one_by_one(
            bytes in prop::collection::vec(prop_oneof![Just(b'x'), any::<u8>(), prop::sample::select(&b" a\x8f"[..])], 33..200),
            before in any::<u8>(),
        ) {
            let naive = SIGNS.one_by_one(&bytes, before);
            for level in [Level::new(), Level::baseline()] {
                prop_assert_eq!(dispatch!(level, simd => SIGNS.in_blocks(simd, &bytes, before)), naive);
            }
        }
    }

    #[test]
    fn one_byte_among_many_is_seen_wherever_it_stands() {
        for length in 0..140 {
            for at in 0..length {
                let mut bytes = vec![b'x'; length];
                bytes[at] = b'#';
                assert_eq!(SIGNS.in_text(&bytes, b'x'), 1, "{at} of {length}");
            }
        }
    }
}
