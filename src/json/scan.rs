//! Goes through a JSON text value by value, as strictly as a parser and without making anything of what it passes.
//!
//! Where it is not sure that a text is JSON it says so and stops: it is the quick way of those texts that are plain, and
//! never the judge of the others.

mod number;

use std::ops::Range;

use super::{Stops, escapes};

/// Brackets that may be open at once; a parser takes more.
const DEEPEST: usize = 100;

/// A text on the way. Each step that gives `None` is not sure, and nothing may be asked any more.
#[derive(Debug)]
pub(crate) struct Scan<'t, 's> {
    text: &'t str,
    /// The same: to look at a byte costs less than to know that a character begins there.
    bytes: &'t [u8],
    stops: &'s Stops,
    at: usize,
    depth: usize,
}

/// A string without its quotes, as it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quoted<'t> {
    pub(crate) text: &'t str,
    /// Whether escapes stand in it; each of them is a sound one, though together they may be no text.
    pub(crate) has_escapes: bool,
}

impl Quoted<'_> {
    /// What it says; not sure where its escapes are no text together.
    pub(crate) fn said(&self) -> Option<String> {
        escapes::said(self.text)
    }
}

impl<'t, 's> Scan<'t, 's> {
    /// Of this text; not sure where it is no UTF-8.
    pub(crate) fn new(text: &'t [u8], stops: &'s mut Stops) -> Option<Self> {
        let text = simdutf8::basic::from_utf8(text).ok()?;
        stops.mark(text.as_bytes());
        Some(Self { text, bytes: text.as_bytes(), stops, at: 0, depth: 0 })
    }

    /// The byte that the next value, or what parts it from others, begins with; 0 at the end.
    #[inline]
    pub(crate) fn peek(&mut self) -> u8 {
        loop {
            match self.byte() {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                byte => return byte,
            }
        }
    }

    /// Whether nothing but white space is left.
    pub(crate) fn is_over(&mut self) -> bool {
        self.peek() == 0 && self.at == self.text.len()
    }

    /// The first member of the object, or element of the array, that begins here, if there is any.
    #[inline]
    pub(crate) fn open(&mut self, close: u8) -> Option<bool> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        self.at += 1;
        let is_empty = self.peek() == close;
        if is_empty {
            self.close();
        }
        Some(!is_empty)
    }

    /// Whether another one follows, before the bracket that closes.
    #[inline]
    pub(crate) fn more(&mut self, close: u8) -> Option<bool> {
        match self.peek() {
            b',' => {
                self.at += 1;
                Some(true)
            }
            byte if byte == close => {
                self.close();
                Some(false)
            }
            _ => None,
        }
    }

    fn close(&mut self) {
        self.at += 1;
        self.depth -= 1;
    }

    /// The key of the next member, up to its value. One with escapes may be another than it looks like.
    #[inline]
    pub(crate) fn key(&mut self) -> Option<&'t [u8]> {
        if self.peek() != b'"' {
            return None;
        }
        let (key, has_escapes) = self.quoted()?;
        if has_escapes || self.peek() != b':' {
            return None;
        }
        self.at += 1;
        Some(&self.bytes[key])
    }

    /// The string whose quote stands here.
    #[inline]
    pub(crate) fn string(&mut self) -> Option<Quoted<'t>> {
        let (inside, has_escapes) = self.quoted()?;
        Some(Quoted { text: &self.text[inside], has_escapes })
    }

    /// Past the string whose quote stands here; gives what stands between its quotes, and whether escapes do.
    #[inline]
    fn quoted(&mut self) -> Option<(Range<usize>, bool)> {
        let from = self.at + 1;
        let end = self.stops.next(from)?;
        if self.bytes[end] == b'"' {
            self.at = end + 1;
            return Some((from..end, false));
        }
        self.escaped(from, end)
    }

    /// The same with escapes, of which the first may stand at `at`.
    fn escaped(&mut self, from: usize, mut at: usize) -> Option<(Range<usize>, bool)> {
        loop {
            match self.bytes[at] {
                b'"' => {
                    self.at = at + 1;
                    return Some((from..at, true));
                }
                b'\\' => at += escape(&self.bytes[at + 1..])?,
                _ => return None,
            }
            at = self.stops.next(at)?;
        }
    }

    /// Past this word.
    #[inline]
    pub(crate) fn word(&mut self, word: &str) -> Option<()> {
        self.bytes[self.at..].starts_with(word.as_bytes()).then(|| self.at += word.len())
    }

    /// Past the next value, whatever it is; gives its text.
    pub(crate) fn skip(&mut self) -> Option<&'t str> {
        self.peek();
        let from = self.at;
        self.pass()?;
        Some(&self.text[from..self.at])
    }

    /// Past the next value, whatever it is.
    #[inline]
    pub(crate) fn pass(&mut self) -> Option<()> {
        match self.peek() {
            b'"' => self.quoted().map(drop),
            byte => self.pass_other(byte),
        }
    }

    /// Past a value that is no string and begins with this byte.
    fn pass_other(&mut self, byte: u8) -> Option<()> {
        match byte {
            b'{' | b'[' => self.pass_brackets(),
            b'-' | b'0'..=b'9' => self.number().map(drop),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => None,
        }
    }

    /// Past the array or object that begins here.
    fn pass_brackets(&mut self) -> Option<()> {
        let outside = self.depth;
        // A bit for each bracket that is open, the innermost one last: set for an object.
        let mut open: u128 = 0;
        loop {
            let byte = self.peek();
            let inside = match byte {
                b'"' => self.quoted().map(|_| false)?,
                b'{' | b'[' => {
                    let more = self.open(byte + 2)?;
                    open = if more { open << 1 | u128::from(byte == b'{') } else { open };
                    more
                }
                _ => self.pass_other(byte).map(|()| false)?,
            };
            let mut more = inside;
            while !more {
                if self.depth == outside {
                    return Some(());
                }
                more = self.more(if open & 1 == 1 { b'}' } else { b']' })?;
                if !more {
                    open >>= 1;
                }
            }
            if open & 1 == 1 {
                self.any_key()?;
            }
        }
    }

    /// Past the key of the next member, whatever it is.
    #[inline]
    fn any_key(&mut self) -> Option<()> {
        if self.peek() != b'"' {
            return None;
        }
        self.quoted()?;
        if self.peek() != b':' {
            return None;
        }
        self.at += 1;
        Some(())
    }

    #[inline]
    fn byte(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }
}

/// How long the escape is whose backslash stands before these bytes.
fn escape(after: &[u8]) -> Option<usize> {
    match after.first()? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(2),
        b'u' => after.get(1..5)?.iter().all(u8::is_ascii_hexdigit).then_some(6),
        _ => None,
    }
}
