//! Scalars that no parser takes: strings with halves of surrogate pairs, other bytes or control characters, bare words,
//! numbers out of range.
//!
//! It never looks at the brackets around them.

use memchr::memchr3;

use super::Mender;
use crate::product::scalar::{BARE, Scalar};

/// Bytes of a string that are looked at at once.
const PIECE: usize = 64 * 1024;
/// Bytes kept of a bare word.
const WORD: usize = 64;

impl Mender<'_> {
    /// A word or number up to the next sign.
    pub(super) fn word(&mut self) {
        let rest = &self.raw[self.at..];
        let ends = |b: &u8| {
            matches!(b, b',' | b':' | b'{' | b'}' | b'[' | b']' | b'"' | b' ' | b'\t' | b'\r' | b'\n')
        };
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        let word = &rest[..length];
        self.at += length;
        if serde_json::from_slice::<Scalar<'_>>(word).is_ok() {
            return self.out.extend_from_slice(word);
        }
        let (shown, sound) = utf8(&word[..word.len().min(WORD)]);
        self.not_utf8 |= !sound && word.len() <= WORD;
        let shown = serde_json::to_string(&format!("{BARE}{shown}")).expect("a text is JSON");
        self.out.extend_from_slice(shown.as_bytes());
    }

    /// A string, from its opening quote to its closing one.
    pub(super) fn string(&mut self) {
        self.out.push(b'"');
        self.at += 1;
        let mut from = self.at;
        loop {
            let rest = &self.raw[from..];
            // Control characters are rare: a piece is looked at for them once its end is known.
            let end = memchr3(b'"', b'\\', b'\n', rest).unwrap_or(rest.len());
            self.plain(from, from + end);
            from += end;
            match self.raw.get(from) {
                Some(b'"') => {
                    from += 1;
                    break;
                }
                Some(b'\\') => from = self.escape(from),
                Some(_) => {
                    self.out.push(b' ');
                    from += 1;
                }
                None => {
                    if !self.open.is_empty() {
                        self.damage();
                    }
                    break;
                }
            }
        }
        self.at = from;
        self.out.push(b'"');
    }

    /// The bytes of a string between two special ones.
    fn plain(&mut self, mut from: usize, to: usize) {
        while from < to {
            let mut end = to.min(from + PIECE);
            // Between two characters: none has more than three bytes behind its first one.
            for _ in 0..3 {
                if end < to && self.raw[end] & 0xc0 == 0x80 {
                    end -= 1;
                }
            }
            let (text, sound) = utf8(&self.raw[from..end]);
            self.not_utf8 |= !sound;
            self.out.extend(text.bytes().map(|byte| if byte < b' ' { b' ' } else { byte }));
            self.bound();
            from = end;
        }
    }

    /// An escape at `from`; gives where it ends.
    fn escape(&mut self, from: usize) -> usize {
        match self.raw.get(from + 1) {
            Some(b'u') => {
                let Some(unit) = unit(self.raw, from) else {
                    self.out.push(b'u');
                    return from + 2;
                };
                let is_low = |unit: u16| (0xdc00..0xe000).contains(&unit);
                // Half a pair is half an emoji, and nothing without the other half.
                let (is_whole, end) = match unit {
                    0xd800..0xdc00 if self::unit(self.raw, from + 6).is_some_and(is_low) => (true, from + 12),
                    0xd800..0xe000 => (false, from + 6),
                    _ => (true, from + 6),
                };
                if is_whole {
                    self.out.extend_from_slice(&self.raw[from..end]);
                }
                end
            }
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.out.extend_from_slice(&self.raw[from..from + 2]);
                from + 2
            }
            // The backslash alone is wrong.
            _ => from + 1,
        }
    }
}

/// The text of bytes, with a mark for each run of those that are none, and whether there were none of these.
fn utf8(bytes: &[u8]) -> (String, bool) {
    let mut text = String::with_capacity(bytes.len());
    let mut sound = true;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            sound = false;
            if !text.ends_with('\u{fffd}') {
                text.push('\u{fffd}');
            }
        }
    }
    (text, sound)
}

/// The code unit of the escape `\uXXXX` at `at`.
fn unit(raw: &[u8], at: usize) -> Option<u16> {
    let [b'\\', b'u', digits @ ..] = raw.get(at..at + 6)? else { return None };
    digits.iter().try_fold(0, |unit, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(unit << 4 | u16::try_from(digit).ok()?)
    })
}
