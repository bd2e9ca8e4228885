//! Finds where a JSON value ends, without understanding it: brackets and strings only.
//!
//! It never checks more than that brackets match; what is between them is the product parser's business.

use memchr::memchr2;

/// Bytes that mean something outside a string: quotes, brackets, and NUL, which no JSON text holds.
const MARKS: [bool; 256] = {
    let mut marks = [false; 256];
    let list = b"\"{}[]\0";
    let mut i = 0;
    while i < list.len() {
        marks[list[i] as usize] = true;
        i += 1;
    }
    marks
};

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
    open: Brackets,
    mode: Mode,
    deepest: usize,
}

impl Skim {
    pub fn new() -> Self {
        Self { open: Brackets::default(), mode: Mode::Between, deepest: usize::MAX }
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
    ///
    /// Longer than other functions: it is the loop that every byte of a catalogue goes through, and each mode hands over to
    /// the next within it.
    pub fn run(&mut self, bytes: &[u8]) -> Result<Option<usize>, SkimError> {
        let mut i = 0;
        while i < bytes.len() {
            match self.mode {
                Mode::Between => {
                    let Some(skipped) = bytes[i..].iter().position(|&b| MARKS[usize::from(b)]) else {
                        return Ok(None);
                    };
                    i += skipped;
                    match bytes[i] {
                        b'"' => self.mode = Mode::Text,
                        b'{' | b'[' if self.open.depth >= self.deepest => {
                            return Err(SkimError::TooDeep(i));
                        }
                        open @ (b'{' | b'[') => self.open.push(open == b'{'),
                        close => {
                            let expected = self.open.pop().map(|object| if object { b'}' } else { b']' });
                            if expected != Some(close) {
                                return Err(SkimError::Unexpected(i, bytes[i]));
                            }
                            if self.open.depth == 0 {
                                return Ok(Some(i + 1));
                            }
                        }
                    }
                    i += 1;
                }
                Mode::Text => {
                    let Some(skipped) = memchr2(b'"', b'\\', &bytes[i..]) else {
                        return Ok(None);
                    };
                    i += skipped + 1;
                    if bytes[i - 1] == b'\\' {
                        self.mode = Mode::Escape;
                    } else {
                        self.mode = Mode::Between;
                        if self.open.depth == 0 {
                            return Ok(Some(i));
                        }
                    }
                }
                Mode::Escape => {
                    self.mode = Mode::Text;
                    i += 1;
                }
                Mode::Scalar => match bytes[i] {
                    b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n' => return Ok(Some(i)),
                    b if b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.') => i += 1,
                    _ => return Err(SkimError::Unexpected(i, bytes[i])),
                },
            }
        }
        Ok(None)
    }

    /// Whether the value may end where the input does: only a number or a word ends without a byte of its own.
    pub fn may_end(&self) -> bool {
        self.mode == Mode::Scalar
    }
}
