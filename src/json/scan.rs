//! Goes through a JSON text value by value, as strictly as a parser and without making anything of what it passes.
//!
//! Where it is not sure that a text is JSON it says so and stops: it is the quick way of those texts that are plain, and
//! never the judge of the others.

mod number;
mod pass;

use std::ops::Range;

use super::{Stops, escapes, stops};

/// Brackets that may be open at once; a parser takes more.
const DEEPEST: usize = 100;

/// What stands for the next byte where a bracket was closed: a blank, which is never looked at.
pub(crate) const OVER: u8 = b' ';

/// A text on the way. Each step takes the place where it begins and gives the one where it ends, so that the place stays in
/// a register; one that gives `None` is not sure, and nothing may be asked any more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scan<'t, 's> {
    text: &'t str,
    /// The same: to look at a byte costs less than to know that a character begins there.
    bytes: &'t [u8],
    stops: &'s [u64],
}

/// A string between its quotes, as it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quoted {
    pub(crate) from: usize,
    /// Where its closing quote stands.
    pub(crate) end: usize,
    /// Whether escapes stand in it; each of them is a sound one, though together they may be no text.
    pub(crate) has_escapes: bool,
}

impl<'t, 's> Scan<'t, 's> {
    /// Of this text; not sure where it is no UTF-8.
    pub(crate) fn new(text: &'t [u8], stops: &'s mut Stops) -> Option<Self> {
        let text = simdutf8::basic::from_utf8(text).ok()?;
        Some(Self { text, bytes: text.as_bytes(), stops: stops.mark(text.as_bytes()) })
    }

    /// All of it.
    pub(crate) fn bytes(&self) -> &'t [u8] {
        self.bytes
    }

    /// The byte that the next value, or what parts it from others, begins with, and its place; 0 at the end.
    #[inline(always)]
    pub(crate) fn peek(&self, at: usize) -> (usize, u8) {
        let byte = self.byte(at);
        if byte > b' ' { (at, byte) } else { self.behind_blanks(at) }
    }

    #[inline(never)]
    fn behind_blanks(&self, mut at: usize) -> (usize, u8) {
        loop {
            match self.byte(at) {
                b' ' | b'\t' | b'\r' | b'\n' => at += 1,
                byte => return (at, byte),
            }
        }
    }

    /// Whether nothing but white space is left.
    pub(crate) fn is_over(&self, at: usize) -> bool {
        self.behind_blanks(at).0 == self.bytes.len()
    }

    /// Into the array or object that begins here, of which `depth` are open around it: to its first element or key, if there
    /// is any, else behind it.
    #[inline(always)]
    pub(crate) fn open(&self, at: usize, depth: usize, close: u8) -> Option<(usize, u8)> {
        if depth >= DEEPEST {
            return None;
        }
        let (at, first) = self.peek(at + 1);
        Some(if first == close { (at + 1, OVER) } else { (at, first) })
    }

    /// Behind the comma, if another one follows, or behind the bracket that closes.
    #[inline(always)]
    pub(crate) fn parted(&self, at: usize, close: u8) -> Option<(usize, bool)> {
        let (at, byte) = self.peek(at);
        (byte == b',' || byte == close).then_some((at + 1, byte == b','))
    }

    /// To the next one, if another one follows; else behind the bracket that closes.
    #[inline(always)]
    pub(crate) fn more(&self, at: usize, close: u8) -> Option<(usize, u8)> {
        let (at, byte) = self.peek(at);
        match byte {
            b',' => Some(self.peek(at + 1)),
            byte => (byte == close).then_some((at + 1, OVER)),
        }
    }

    /// The key that begins here with this byte, and its value's place and first byte. One with escapes may be another than
    /// it looks like.
    #[inline(always)]
    pub(crate) fn key(&self, at: usize, byte: u8) -> Option<(Range<usize>, usize, u8)> {
        let (end, value, first) = self.any_key(at, byte, false)?;
        Some((at + 1..end, value, first))
    }

    /// The same whatever the key is: where it ends, and its value's place and first byte.
    #[inline(always)]
    fn any_key(&self, at: usize, byte: u8, may_have_escapes: bool) -> Option<(usize, usize, u8)> {
        if byte != b'"' {
            return None;
        }
        let end = stops::next(self.stops, at + 1)?;
        let [quote, colon, first, _] = self.window(end);
        if quote == b'"' && colon == b':' && first > b' ' {
            return Some((end, end + 2, first));
        }
        self.loose_key(end, may_have_escapes)
    }

    /// The same of a key with escapes or blanks, from the first stop in it on.
    #[inline(never)]
    fn loose_key(&self, stop: usize, may_have_escapes: bool) -> Option<(usize, usize, u8)> {
        let end = if may_have_escapes { self.end_of_escaped(stop)? } else { stop };
        if self.byte(end) != b'"' {
            return None;
        }
        let (colon, byte) = self.behind_blanks(end + 1);
        let (value, first) = self.behind_blanks(colon + 1);
        (byte == b':').then_some((end, value, first))
    }

    /// The bytes from here on; zeros where there are not so many.
    #[inline(always)]
    fn window(&self, at: usize) -> [u8; 4] {
        self.bytes.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default()
    }

    /// The string whose quote stands here.
    #[inline(always)]
    pub(crate) fn string(&self, at: usize) -> Option<Quoted> {
        let from = at + 1;
        let end = stops::next(self.stops, from)?;
        if self.byte(end) == b'"' {
            return Some(Quoted { from, end, has_escapes: false });
        }
        Some(Quoted { from, end: self.end_of_escaped(end)?, has_escapes: true })
    }

    /// The closing quote of a string with escapes, of which the first may stand here.
    #[inline(never)]
    fn end_of_escaped(&self, mut at: usize) -> Option<usize> {
        loop {
            match self.byte(at) {
                b'"' => return Some(at),
                b'\\' => at += escape(&self.bytes[at + 1..])?,
                _ => return None,
            }
            at = stops::next(self.stops, at)?;
        }
    }

    /// A string as it stands.
    #[inline(always)]
    pub(crate) fn raw(&self, quoted: Quoted) -> &'t str {
        &self.text[quoted.from..quoted.end]
    }

    /// What a string with escapes says; not sure where they are no text together.
    pub(crate) fn said(&self, quoted: Quoted) -> Option<String> {
        escapes::said(self.raw(quoted))
    }

    /// Past this word.
    #[inline(always)]
    pub(crate) fn word(&self, at: usize, word: &str) -> Option<usize> {
        let end = at + word.len();
        (self.bytes.get(at..end)? == word.as_bytes()).then_some(end)
    }

    #[inline(always)]
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
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
