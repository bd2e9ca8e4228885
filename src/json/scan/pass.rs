//! Past values of a JSON text that nobody asks for.
//!
//! They are checked as strictly as those that are kept.

use super::{OVER, Scan};

impl<'t> Scan<'t, '_> {
    /// The text of the value that begins here with this byte, in so many brackets, and where it ends.
    pub(crate) fn skip(&self, at: usize, byte: u8, depth: usize) -> Option<(&'t str, usize)> {
        let end = self.pass(at, byte, depth)?;
        Some((&self.text[at..end], end))
    }

    /// Past the value that begins here with this byte, in so many brackets.
    #[inline(always)]
    pub(crate) fn pass(&self, at: usize, byte: u8, depth: usize) -> Option<usize> {
        match byte {
            b'"' => Some(self.string(at)?.end + 1),
            b'{' | b'[' => self.pass_brackets(at, byte, depth),
            byte => self.pass_word(at, byte),
        }
    }

    /// Past a number or a word that begins with this byte.
    fn pass_word(&self, at: usize, byte: u8) -> Option<usize> {
        match byte {
            b'-' | b'0'..=b'9' => self.end_of_number(at),
            b't' => self.word(at, "true"),
            b'f' => self.word(at, "false"),
            b'n' => self.word(at, "null"),
            _ => None,
        }
    }

    /// Past the array or object that begins here with this byte, in so many brackets.
    fn pass_brackets(&self, mut at: usize, mut byte: u8, outside: usize) -> Option<usize> {
        // A bit for each bracket that is open, the innermost one last: set for an object.
        let (mut open, mut depth): (u128, _) = (0, outside);
        loop {
            let mut end = match byte {
                b'"' => self.string(at)?.end + 1,
                b'{' | b'[' => {
                    let (inside, first) = self.open(at, depth, byte + 2)?;
                    if first != OVER {
                        let is_object = byte == b'{';
                        (open, depth) = (open << 1 | u128::from(is_object), depth + 1);
                        (at, byte) = self.value_in(is_object, inside, first)?;
                        continue;
                    }
                    inside
                }
                _ => self.pass_word(at, byte)?,
            };
            loop {
                if depth == outside {
                    return Some(end);
                }
                let in_object = open & 1 == 1;
                let (next, first) = self.more(end, if in_object { b'}' } else { b']' })?;
                if first != OVER {
                    (at, byte) = self.value_in(in_object, next, first)?;
                    break;
                }
                (open, depth, end) = (open >> 1, depth - 1, next);
            }
        }
    }

    /// The value of the member, or the element, that begins here with this byte.
    #[inline(always)]
    fn value_in(&self, object: bool, at: usize, byte: u8) -> Option<(usize, u8)> {
        if !object {
            return Some((at, byte));
        }
        let (_, value, first) = self.any_key(at, byte, true)?;
        Some((value, first))
    }
}
