//! Finds where a JSON value ends, without understanding it: brackets and strings only.
//!
//! It never checks more than that brackets match; what is between them is the product parser's business.

mod blocks;
mod brackets;

use memchr::memchr2;

use super::{
    block::{Level, dispatch},
    names::{NAMES, Names},
};
use blocks::blocks;
use brackets::Brackets;

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

/// Follows one value from its first byte to its last, over as many chunks as it takes.
#[derive(Debug)]
pub(crate) struct Skim {
    level: Level,
    open: Brackets,
    mode: Mode,
    deepest: usize,
    names: Names,
    met: [bool; NAMES],
    has_ascii_escapes: bool,
}

impl Skim {
    pub fn new() -> Self {
        Self {
            level: Level::new(),
            open: Brackets::default(),
            mode: Mode::Between,
            deepest: usize::MAX,
            names: Names::default(),
            met: [false; NAMES],
            has_ascii_escapes: false,
        }
    }

    /// The same, which looks out for these keys.
    pub fn watching(names: [Option<&str>; NAMES]) -> Self {
        Self { names: Names::of(names), ..Self::new() }
    }

    /// Prepares for a value that begins with `first`, which `run` gets to see too. False where no value begins
    /// like that. `deepest` is how many brackets may be open at once.
    pub fn start(&mut self, first: u8, deepest: usize) -> bool {
        self.open.clear();
        (self.deepest, self.met, self.has_ascii_escapes) = (deepest, [false; NAMES], false);
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
            _ if self.open.depth() > 0 => self.brackets(bytes, 0),
            Mode::Text | Mode::Escape => Ok(self.text(bytes, 0)),
            Mode::Between => match bytes.first() {
                None => Ok(None),
                Some(b'"') => Ok(self.text(bytes, 1)),
                Some(_) => self.bracket(bytes, 0).and_then(|_| self.brackets(bytes, 1)),
            },
        }
    }

    /// Which of the keys that are looked out for, as they are written without escapes, may stand in the object that was run
    /// through, and in no bracket but its own.
    pub fn met(&self) -> [bool; NAMES] {
        self.met
    }

    /// Whether an escape may stand in the object or array that was run through that is a letter, a digit or a sign of ASCII:
    /// `\\u0061`, but not `\\u00e5`.
    pub fn has_ascii_escapes(&self) -> bool {
        self.has_ascii_escapes
    }

    /// Whether the value may end where the input does: only a number or a word ends without a byte of its own.
    pub fn may_end(&self) -> bool {
        self.mode == Mode::Scalar
    }

    /// Goes on through a value that is a string, from `at` on.
    fn text(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        if bytes.is_empty() {
            return None;
        }
        let mut at = if self.mode == Mode::Escape { 1 } else { at };
        self.mode = Mode::Text;
        while let Some(stop) = memchr2(b'"', b'\\', bytes.get(at..)?) {
            at += stop + 1;
            if bytes[at - 1] == b'"' {
                return Some(at);
            }
            if at == bytes.len() {
                self.mode = Mode::Escape;
            }
            at += 1;
        }
        None
    }

    /// Goes on through a value of which brackets are open, from `at` on.
    fn brackets(&mut self, bytes: &[u8], at: usize) -> Result<Option<usize>, SkimError> {
        dispatch!(self.level, simd => blocks(simd, self, bytes, at))
    }

    /// The bracket that stands here; true where it ends the value.
    #[inline(always)]
    fn bracket(&mut self, bytes: &[u8], place: usize) -> Result<bool, SkimError> {
        let byte = bytes[place];
        let opens = matches!(byte, b'{' | b'[');
        let around = self.open.depth() - usize::from(!opens);
        if !opens {
            let expected = if self.open.pop() { b'}' } else { b']' };
            return if byte == expected { Ok(around == 0) } else { Err(SkimError::Unexpected(place, byte)) };
        }
        if around >= self.deepest {
            return Err(SkimError::TooDeep(place));
        }
        self.open.push(byte == b'{');
        Ok(false)
    }
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
