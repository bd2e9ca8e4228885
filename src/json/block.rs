//! What 64 bytes of a JSON text hold, a bit for each byte: found at once, with what the machine at hand has for it.
//!
//! It knows no strings: whether a byte stands in one is for whoever reads the text.

pub(super) use fearless_simd::{Level, Simd, dispatch};
use fearless_simd::{prelude::*, u8x64};

/// Bytes of a block.
pub(super) const BLOCK: usize = 64;
/// The last control character of those that JSON does not know within strings.
const LAST_CONTROL: u8 = 0x1f;
/// `[` and `]` differ from `{` and `}` by this bit.
const CURLY: u8 = 0x20;

/// A block of a text.
#[derive(Clone, Copy)]
pub(super) struct Block<S: Simd>(u8x64<S>);

impl<S: Simd> Block<S> {
    /// The first block of a text; what is missing of the last one is spaces.
    #[inline(always)]
    pub(super) fn first_of(simd: S, text: &[u8]) -> Self {
        let bytes = match text.first_chunk::<BLOCK>() {
            Some(whole) => u8x64::from_slice(simd, whole),
            None => {
                let mut rest = [b' '; BLOCK];
                rest[..text.len()].copy_from_slice(text);
                u8x64::from_slice(simd, &rest)
            }
        };
        Self(bytes)
    }

    /// All of it.
    #[inline(always)]
    pub(super) fn of(simd: S, bytes: &[u8; BLOCK]) -> Self {
        Self(u8x64::from_slice(simd, bytes))
    }

    /// Where this byte stands.
    #[inline(always)]
    pub(super) fn all(self, byte: u8) -> u64 {
        self.0.simd_eq(byte).to_bitmask()
    }

    /// Its quotes.
    #[inline(always)]
    pub(super) fn quotes(self) -> u64 {
        self.all(b'"')
    }

    /// Its backslashes.
    #[inline(always)]
    pub(super) fn backslashes(self) -> u64 {
        self.all(b'\\')
    }

    /// Its brackets, and NUL, which no JSON text holds.
    #[inline(always)]
    pub(super) fn brackets(self) -> u64 {
        let curly = self.0 | CURLY;
        (curly.simd_eq(b'{') | curly.simd_eq(b'}') | self.0.simd_eq(0)).to_bitmask()
    }

    /// At what a string may end or is no plain one: its quotes, backslashes and control characters.
    #[inline(always)]
    pub(super) fn stops(self) -> u64 {
        // Few machines compare bytes without a sign.
        let is_control = self.0.min(LAST_CONTROL).simd_eq(self.0);
        (self.0.simd_eq(b'"') | self.0.simd_eq(b'\\') | is_control).to_bitmask()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Quotes, backslashes, brackets and stops.
    fn found<S: Simd>(simd: S, text: &[u8]) -> [u64; 4] {
        let block = Block::first_of(simd, text);
        [block.quotes(), block.backslashes(), block.brackets(), block.stops()]
    }

    proptest! {
        #[test]
        fn every_byte_is_what_it_is_on_every_machine(
            text in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(&b"\"\\[]{}\0;"[..])], 0..100),
        ) {
            let all = |is_it: fn(u8) -> bool| {
                (0..).zip(text.iter().take(BLOCK)).map(|(bit, byte)| u64::from(is_it(*byte)) << bit).sum::<u64>()
            };
            let naive = [
                all(|byte| byte == b'"'),
                all(|byte| byte == b'\\'),
                all(|byte| matches!(byte, b'{' | b'}' | b'[' | b']' | 0)),
                all(|byte| matches!(byte, b'"' | b'\\' | ..b' ')),
            ];
            for level in [Level::new(), Level::baseline()] {
                prop_assert_eq!(dispatch!(level, simd => found(simd, &text)), naive);
            }
        }
    }
}
