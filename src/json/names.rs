//! Keys that are looked out for on the way through a text.
//!
//! It knows no strings: what stands between two quotes may as well be a text's end and the next one's beginning.

use super::block::{BLOCK, Block, Simd};

/// Keys that are looked out for at once.
pub(crate) const NAMES: usize = 2;

/// The keys.
#[derive(Debug, Clone, Default)]
pub(super) struct Names([Option<Name>; NAMES]);

#[derive(Debug, Clone)]
struct Name {
    /// It with its quotes.
    quoted: Vec<u8>,
    shape: Shape,
}

/// What most of what is another key shows at a look: how far the quotes are apart, and the first byte behind the first one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    apart: u32,
    first: u8,
}

/// What no key shows.
const NEVER: Shape = Shape { apart: 1, first: 0 };

/// What a closing quote ends.
pub(super) enum Ended {
    /// The key.
    Key,
    /// Perhaps the key: it began in bytes before, so that nobody can tell any more.
    Unknown,
    /// Something else.
    Other,
}

/// Where the closing quotes of such keys may stand in a block.
pub(super) type Ends = [u64; NAMES];

impl Names {
    /// Of these; a key that is longer than what stands between two quotes of one block is not looked out for.
    pub(super) fn of(names: [Option<&str>; NAMES]) -> Self {
        Self(names.map(|name| {
            let quoted = format!("\"{}\"", name.filter(|name| fits(name))?).into_bytes();
            let shape = Shape { apart: quoted.len() as u32 - 1, first: quoted[1] };
            Some(Name { quoted, shape })
        }))
    }

    /// What shows them at a look.
    pub(super) fn shapes(&self) -> [Shape; NAMES] {
        self.0.each_ref().map(|name| name.as_ref().map_or(NEVER, |name| name.shape))
    }

    /// Whether it is this one of them whose closing quote stands here.
    pub(super) fn ended(&self, nth: usize, bytes: &[u8], end: usize) -> Ended {
        let Some(name) = &self.0[nth] else { return Ended::Other };
        match end.checked_sub(name.shape.apart as usize) {
            None => Ended::Unknown,
            Some(begin) if bytes[begin..].starts_with(&name.quoted) => Ended::Key,
            Some(_) => Ended::Other,
        }
    }
}

/// Whether a key can be looked out for.
pub(crate) fn fits(name: &str) -> bool {
    name.len() + 1 < BLOCK
}

impl Shape {
    /// Where keys of this shape may end in a block with these quotes, `before` those of the block before. All of a block's
    /// bytes are compared before anything is decided: with a branch between, LLVM takes the masks apart bit by bit.
    #[inline(always)]
    pub(super) fn ends<S: Simd>(self, block: Block<S>, quotes: u64, before: u64) -> u64 {
        // Of the block before only the quotes are known.
        let to_end = self.apart - 1;
        let firsts = block.all(self.first) << to_end | !(u64::MAX << to_end);
        quotes & firsts & (quotes << self.apart | before.wrapping_shr(BLOCK as u32 - self.apart))
    }
}
