//! The bytes of a JSON text at which a string may end or is no plain one.
//!
//! It knows no strings: which of these bytes stand in one is for whoever reads the text.

use super::block::{BLOCK, Block, Level, Simd, dispatch};

/// A text's marks: a bit for each quote, backslash and control character. Made for one text after the other, so that they
/// take room once.
#[derive(Debug)]
pub(crate) struct Stops {
    level: Level,
    words: Vec<u64>,
}

impl Default for Stops {
    fn default() -> Self {
        Self { level: Level::new(), words: Vec::new() }
    }
}

impl Stops {
    /// Marks this text, and no other any more; gives the marks, a bit for each byte.
    pub(super) fn mark(&mut self, text: &[u8]) -> &[u64] {
        self.words.clear();
        self.words.resize(text.len().div_ceil(BLOCK), 0);
        let words = &mut self.words[..];
        dispatch!(self.level, simd => mark(simd, text, words));
        &self.words
    }
}

/// The next mark from this byte on.
#[inline(always)]
pub(super) fn next(marks: &[u64], at: usize) -> Option<usize> {
    let mut word = at / BLOCK;
    let mut bits = marks.get(word)? & (u64::MAX << (at % BLOCK));
    while bits == 0 {
        word += 1;
        bits = *marks.get(word)?;
    }
    Some(word * BLOCK + bits.trailing_zeros() as usize)
}

/// Into as many words as the text has blocks. With a branch between a mask and its place, LLVM takes the mask apart bit by
/// bit and puts it together again, which takes ten times as long.
#[inline(always)]
fn mark<S: Simd>(simd: S, text: &[u8], words: &mut [u64]) {
    let (blocks, rest) = text.as_chunks();
    let (words, last) = words.split_at_mut(blocks.len());
    for (word, block) in words.iter_mut().zip(blocks) {
        *word = Block::of(simd, block).stops();
    }
    if let [last] = last {
        *last = Block::first_of(simd, rest).stops();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_mark_is_found_wherever_it_stands(
            text in prop::collection::vec(prop_oneof![9 => Just(b'a'), 1 => any::<u8>(), 1 => Just(b'"')], 0..300),
        ) {
            let mut stops = Stops::default();
            stops.mark(b"what came before is forgotten \"");
            let marks = stops.mark(&text);
            for from in 0..text.len() + 70 {
                let naive = (from..text.len()).find(|at| matches!(text[*at], b'"' | b'\\' | ..b' '));
                prop_assert_eq!(next(marks, from), naive, "from {}", from);
            }
        }
    }
}
