//! Finds where a JSON value ends, without understanding it: brackets and strings only.
//!
//! It never checks more than that brackets match; what is between them is the product parser's business.

use super::block::{BLOCK, Block, Level, Simd, dispatch};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Between,
    Text,
    Escape,
    Scalar,
}

/// Why a value cannot be skimmed, with its place in the chunk.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SkimError {
    /// A byte that cannot stand there.
    Unexpected(usize, u8),
    /// More brackets inside each other than allowed.
    TooDeep(usize),
}

/// Brackets that are open, a bit each: true for an object. However deep a text goes, they take an eighth of it.
#[derive(Debug, Default)]
struct Brackets {
    bits: Vec<u64>,
    depth: usize,
}

impl Brackets {
    fn clear(&mut self) {
        self.bits.clear();
        self.depth = 0;
    }

    fn push(&mut self, object: bool) {
        let (word, bit) = (self.depth / 64, self.depth % 64);
        if word == self.bits.len() {
            self.bits.push(0);
        }
        self.bits[word] = self.bits[word] & !(1 << bit) | u64::from(object) << bit;
        self.depth += 1;
    }

    fn pop(&mut self) -> Option<bool> {
        self.depth = self.depth.checked_sub(1)?;
        Some(self.bits[self.depth / 64] >> (self.depth % 64) & 1 == 1)
    }
}

/// Follows one value from its first byte to its last, over as many chunks as it takes.
#[derive(Debug)]
pub(crate) struct Skim {
    level: Level,
    open: Brackets,
    mode: Mode,
    deepest: usize,
}

impl Skim {
    pub fn new() -> Self {
        Self { level: Level::new(), open: Brackets::default(), mode: Mode::Between, deepest: usize::MAX }
    }

    /// Prepares for a value that begins with `first`, which `run` gets to see too. False where no value begins
    /// like that. `deepest` is how many brackets may be open at once.
    pub fn start(&mut self, first: u8, deepest: usize) -> bool {
        self.open.clear();
        self.deepest = deepest;
        self.mode = match first {
            b'{' | b'[' | b'"' => Mode::Between,
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => Mode::Scalar,
            _ => return false,
        };
        true
    }

    /// Goes on through `bytes`: where the value ends (one past its last byte), or `None` if it goes on.
    pub fn run(&mut self, bytes: &[u8]) -> Result<Option<usize>, SkimError> {
        match self.mode {
            Mode::Scalar => scalar(bytes),
            _ => dispatch!(self.level, simd => blocks(simd, self, bytes)),
        }
    }

    /// Whether it stands between the members or elements of the value itself.
    pub fn is_in_outermost(&self) -> bool {
        self.mode == Mode::Between && self.open.depth == 1
    }

    /// Goes on through the block that begins at `at`: quotes by quotes, as far as there are escapes or nothing is open yet.
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
                Mode::Text if self.open.depth == 0 => return Ok(Some(place + 1)),
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

    /// The bracket that stands here; true where it ends the value.
    #[inline]
    fn bracket(&mut self, bytes: &[u8], place: usize) -> Result<bool, SkimError> {
        match bytes[place] {
            b'{' | b'[' if self.open.depth >= self.deepest => Err(SkimError::TooDeep(place)),
            open @ (b'{' | b'[') => {
                self.open.push(open == b'{');
                Ok(false)
            }
            close => {
                let expected = self.open.pop().map(|object| if object { b'}' } else { b']' });
                if expected != Some(close) {
                    return Err(SkimError::Unexpected(place, close));
                }
                Ok(self.open.depth == 0)
            }
        }
    }

    /// Whether the value may end where the input does: only a number or a word ends without a byte of its own.
    pub fn may_end(&self) -> bool {
        self.mode == Mode::Scalar
    }
}

#[inline(always)]
fn blocks<S: Simd>(simd: S, skim: &mut Skim, bytes: &[u8]) -> Result<Option<usize>, SkimError> {
    let mut at = 0;
    while at < bytes.len() {
        let block = Block::first_of(simd, &bytes[at..]);
        let marks @ [quotes, backslashes, brackets] = [block.quotes(), block.backslashes(), block.brackets()];
        let is_plain = backslashes == 0 && skim.open.depth > 0 && skim.mode != Mode::Escape;
        if !is_plain {
            if let Some(end) = skim.by_quotes(bytes, at, marks)? {
                return Ok(Some(end));
            }
            at += BLOCK;
            continue;
        }
        let began_inside = if skim.mode == Mode::Text { u64::MAX } else { 0 };
        let inside = between_quotes(quotes) ^ began_inside;
        let mut left = brackets & !inside;
        while left != 0 {
            let place = at + left.trailing_zeros() as usize;
            if skim.bracket(bytes, place)? {
                return Ok(Some(place + 1));
            }
            left &= left - 1;
        }
        skim.mode = if inside >> (BLOCK - 1) == 1 { Mode::Text } else { Mode::Between };
        at += BLOCK;
    }
    Ok(None)
}

/// The bits from each first quote of a pair to before its second one: each bit is set where the number of quotes up to it
/// is odd.
#[inline(always)]
fn between_quotes(quotes: u64) -> u64 {
    [1, 2, 4, 8, 16, 32].into_iter().fold(quotes, |bits, by| bits ^ bits << by)
}

fn scalar(bytes: &[u8]) -> Result<Option<usize>, SkimError> {
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n' => return Ok(Some(at)),
            b if b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.') => {}
            b => return Err(SkimError::Unexpected(at, *b)),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
