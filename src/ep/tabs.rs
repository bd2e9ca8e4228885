//! Where the TABs of a row stand: found for many bytes at once, with what the machine at hand has for it.
//!
//! It knows nothing of what stands between them.

use fearless_simd::{Level, Simd, dispatch, prelude::*, u8x64};

/// Bytes of a block.
const BLOCK: usize = 64;

/// What parts one row after the other, so that it takes room once.
#[derive(Debug)]
pub struct Tabs {
    level: Level,
    /// A bit for each TAB.
    words: Vec<u64>,
    /// Whether the row holds a quotation mark.
    pub has_quote: bool,
}

impl Default for Tabs {
    fn default() -> Self {
        Self { level: Level::new(), words: Vec::new(), has_quote: false }
    }
}

impl Tabs {
    /// Looks for those of this row, and of no other any more.
    pub fn find(&mut self, row: &[u8]) {
        self.words.clear();
        self.words.resize(row.len().div_ceil(BLOCK), 0);
        let words = &mut self.words[..];
        self.has_quote = dispatch!(self.level, simd => find(simd, row, words)) != 0;
    }

    /// Hands their places on, from the first to the last.
    pub fn each(&self, mut take: impl FnMut(usize)) {
        for (at, word) in self.words.iter().enumerate() {
            let mut word = *word;
            while word != 0 {
                take(at * BLOCK + word.trailing_zeros() as usize);
                word &= word - 1;
            }
        }
    }
}

/// Into as many words as the row has blocks; gives a bit for each place of a block at which a quotation mark stands in any.
#[inline(always)]
fn find<S: Simd>(simd: S, row: &[u8], words: &mut [u64]) -> u64 {
    let (blocks, rest) = row.as_chunks::<BLOCK>();
    let (words, last) = words.split_at_mut(blocks.len());
    let mut quotes = 0;
    for (word, block) in words.iter_mut().zip(blocks) {
        let block = u8x64::from_slice(simd, block);
        *word = block.simd_eq(b'\t').to_bitmask();
        quotes |= block.simd_eq(b'"').to_bitmask();
    }
    if let [last] = last {
        let mut bytes = [0; BLOCK];
        bytes[..rest.len()].copy_from_slice(rest);
        let block = u8x64::from_slice(simd, &bytes);
        *last = block.simd_eq(b'\t').to_bitmask();
        quotes |= block.simd_eq(b'"').to_bitmask();
    }
    quotes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn they_are_where_a_plain_search_finds_them_on_every_machine(
            rows in prop::collection::vec("(a|책|\t|\"|[a-z]{9}){0,60}", 1..4),
        ) {
            for level in [Level::new(), Level::baseline()] {
                let mut tabs = Tabs { level, ..Tabs::default() };
                for row in &rows {
                    tabs.find(row.as_bytes());
                    let mut found = Vec::new();
                    tabs.each(|at| found.push(at));
                    prop_assert_eq!(found, row.match_indices('\t').map(|(at, _)| at).collect::<Vec<_>>());
                    prop_assert_eq!(tabs.has_quote, row.contains('"'));
                }
            }
        }
    }
}
