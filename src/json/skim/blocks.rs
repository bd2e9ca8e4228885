//! The way through a value's brackets in blocks.
//!
//! It never looks at a byte outside the masks of its block but at brackets, and at what may be keys.

use super::{Mode, Skim, SkimError};
use crate::json::{
    block::{BLOCK, Block, Simd},
    names::{Ended, Ends, NAMES},
};

/// Goes on through a value of which brackets are open, from here on: where it ends, or `None` if it goes on. It is long
/// because it is one loop, whose places and masks stay in registers from block to block.
#[inline(always)]
pub(super) fn blocks<S: Simd>(
    simd: S,
    skim: &mut Skim,
    bytes: &[u8],
    from: usize,
) -> Result<Option<usize>, SkimError> {
    let (mut at, mut mode) = (from, skim.mode);
    let shapes = skim.names.shapes();
    // What stands before these bytes is not known any more, but for the bracket that the value begins with.
    let mut before = if from == 0 { u64::MAX } else { 0 };
    while at < bytes.len() {
        let block = Block::first_of(simd, &bytes[at..]);
        let marks @ [quotes, backslashes, brackets] = [block.quotes(), block.backslashes(), block.brackets()];
        // A closure of an array's `map` is a function of its own, which is not compiled for this processor.
        let names: Ends = [shapes[0].ends(block, quotes, before), shapes[1].ends(block, quotes, before)];
        before = quotes;
        let (ends, is_escaped) = if backslashes == 0 && mode != Mode::Escape {
            (quotes, false)
        } else {
            skim.has_ascii_escapes |= has_ascii_escapes(bytes, at, backslashes);
            let (escaped, next) = escaped(backslashes, mode == Mode::Escape);
            let rest = bytes.len() - at;
            // An escape at the end goes on in the next bytes, not in what fills the block up.
            (quotes & !escaped, if rest < BLOCK { escaped >> rest & 1 == 1 } else { next })
        };
        let inside = between_quotes(ends) ^ if mode == Mode::Between { 0 } else { u64::MAX };
        if backslashes & !inside != 0 {
            (skim.mode, skim.met) = (mode, [true; NAMES]);
            if let Some(end) = skim.by_quotes(bytes, at, marks)? {
                return Ok(Some(end));
            }
            (mode, at) = (skim.mode, at + BLOCK);
            continue;
        }
        let mut left = brackets & !inside;
        if names != [0; NAMES] {
            skim.meet(bytes, at, names, left);
        }
        while left != 0 {
            let place = at + left.trailing_zeros() as usize;
            if skim.bracket(bytes, place)? {
                return Ok(Some(place + 1));
            }
            left &= left - 1;
        }
        let is_open = inside >> (BLOCK - 1) == 1;
        mode = if !is_open {
            Mode::Between
        } else if is_escaped {
            Mode::Escape
        } else {
            Mode::Text
        };
        at += BLOCK;
    }
    skim.mode = mode;
    Ok(None)
}

impl Skim {
    /// Looks at what may be keys in the block that begins at `at`, in which these brackets stand.
    #[inline(never)]
    fn meet(&mut self, bytes: &[u8], at: usize, ends: Ends, brackets: u64) {
        for (nth, mut ends) in ends.into_iter().enumerate() {
            while ends != 0 && !self.met[nth] {
                let bit = ends.trailing_zeros();
                self.met[nth] = match self.names.ended(nth, bytes, at + bit as usize) {
                    Ended::Other => false,
                    Ended::Unknown => true,
                    Ended::Key => self.depth_at(bytes, at, brackets & !(u64::MAX << bit)) == Some(1),
                };
                ends &= ends - 1;
            }
        }
    }

    /// How many brackets are open behind these, of the block that begins at `at`.
    fn depth_at(&self, bytes: &[u8], at: usize, mut brackets: u64) -> Option<usize> {
        let mut depth = self.open.depth();
        while brackets != 0 {
            let opens = matches!(bytes[at + brackets.trailing_zeros() as usize], b'{' | b'[');
            depth = if opens { depth + 1 } else { depth.checked_sub(1)? };
            brackets &= brackets - 1;
        }
        Some(depth)
    }

    /// Goes on through the block that begins at `at`, quotes by quotes: where a backslash stands outside a string, it
    /// escapes nothing.
    #[inline(never)]
    fn by_quotes(
        &mut self,
        bytes: &[u8],
        at: usize,
        [quotes, backslashes, brackets]: [u64; 3],
    ) -> Result<Option<usize>, SkimError> {
        // An escape at the end goes on in the next bytes, not in what fills the block up.
        let length = (bytes.len() - at).min(BLOCK) as u32;
        let mut from = 0;
        while from < length {
            let marks = match self.mode {
                Mode::Text => quotes | backslashes,
                Mode::Escape => 1 << from,
                Mode::Between | Mode::Scalar => quotes | brackets,
            };
            let bit = (marks & (u64::MAX << from)).trailing_zeros();
            if bit == u64::BITS {
                break;
            }
            from = bit + 1;
            let (place, is_quote) = (at + bit as usize, quotes >> bit & 1 == 1);
            self.mode = match self.mode {
                Mode::Escape => Mode::Text,
                Mode::Text if !is_quote => Mode::Escape,
                Mode::Text => Mode::Between,
                _ if is_quote => Mode::Text,
                _ => match self.bracket(bytes, place)? {
                    false => Mode::Between,
                    true => return Ok(Some(place + 1)),
                },
            };
        }
        Ok(None)
    }
}

/// Whether one of these backslashes may begin such an escape; one that is cut off may.
#[inline(never)]
fn has_ascii_escapes(bytes: &[u8], at: usize, mut backslashes: u64) -> bool {
    let mut has = false;
    while backslashes != 0 {
        let escape = &bytes[at + backslashes.trailing_zeros() as usize..];
        has |= match escape.first_chunk() {
            Some([_, b'u', b'0', b'0', digit]) => (b'2'..=b'7').contains(digit),
            Some(_) => false,
            None => true,
        };
        backslashes &= backslashes - 1;
    }
    has
}

/// The bits from each first quote of a pair to before its second one: each bit is set where the number of quotes up to it
/// is odd.
#[inline(always)]
fn between_quotes(quotes: u64) -> u64 {
    [1, 2, 4, 8, 16, 32].into_iter().fold(quotes, |bits, by| bits ^ bits << by)
}

/// What stands behind a backslash that is not escaped itself; and whether what stands behind the block does. The first one
/// may be from before the block.
#[inline(always)]
fn escaped(backslashes: u64, first: bool) -> (u64, bool) {
    const EVEN: u64 = 0x5555_5555_5555_5555;
    let first = u64::from(first);
    let backslashes = backslashes & !first;
    let behind = backslashes << 1 | first;
    // A run of backslashes that begins at an odd place is carried to its end, and so escapes the even ones.
    let (carried, runs_on) = (backslashes & !EVEN & !behind).overflowing_add(backslashes);
    ((EVEN ^ carried << 1) & behind, runs_on)
}
