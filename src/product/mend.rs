//! Makes JSON of a text that is nearly JSON: for products that a strict parser refuses.
//!
//! A scalar that no parser takes is replaced: half of a surrogate pair by nothing, bytes that are no UTF-8 by U+FFFD,
//! control characters by a space, a bare word or a number out of range by a text that says so, so that whoever needs it
//! can show it. Where the structure itself is broken, the object around it says so under a key of its own, and only
//! who uses that object need care. It never guesses a value, and gives up only what would be longer than [`LONGEST`].

use memchr::memchr3;

use super::{object::DAMAGED, scalar::BARE};

/// Brackets inside each other that are followed. Whatever lies deeper is dropped as damage.
const DEEPEST: usize = 512;
/// The most bytes of a mended text. Real products have a few thousand.
pub const LONGEST: usize = 1024 * 1024;
/// Bytes of a string that are looked at at once.
const PIECE: usize = 64 * 1024;
/// Bytes kept of a bare word.
const WORD: usize = 64;

/// A text that a JSON parser takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mended {
    /// It; none where it would be too long.
    pub text: Vec<u8>,
    /// Whether the original held bytes that are no UTF-8.
    pub not_utf8: bool,
    /// Where another object begins behind it: a line end is missing between two products.
    pub next: Option<usize>,
}

/// Mends the text of one object.
pub fn mend(raw: &[u8]) -> Mended {
    let out = Vec::with_capacity(raw.len().min(LONGEST) + 64);
    let mut mender = Mender { raw, at: 0, out, open: Vec::new(), not_utf8: false, too_long: false };
    mender.value();
    while !mender.open.is_empty() {
        mender.step();
    }
    let next = mender.rest();
    mender.bound();
    let text = if mender.too_long { Vec::new() } else { mender.out };
    Mended { text, not_utf8: mender.not_utf8, next }
}

/// What may come next inside a bracket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// A key or element, or the end.
    First,
    /// A key or element.
    Another,
    /// A comma, or the end.
    Comma,
}

/// An open bracket.
struct Open {
    object: bool,
    next: Next,
    /// Something was written into it.
    filled: bool,
    damaged: bool,
}

struct Mender<'r> {
    raw: &'r [u8],
    at: usize,
    out: Vec<u8>,
    open: Vec<Open>,
    not_utf8: bool,
    too_long: bool,
}

impl Mender<'_> {
    /// Keeps nothing of what is too long; the rest is only passed over.
    fn bound(&mut self) {
        if self.out.len() > LONGEST {
            self.too_long = true;
            self.out.clear();
        }
    }

    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.raw.get(self.at) {
            self.at += 1;
        }
        self.raw.get(self.at).copied()
    }

    /// What stands behind the object: another one, or nothing; anything else may belong to it, and is damage.
    fn rest(&mut self) -> Option<usize> {
        while let Some(b',') = self.peek() {
            self.at += 1;
        }
        match self.peek() {
            Some(b'{') => Some(self.at),
            None => None,
            Some(_) => {
                if self.out.pop() == Some(b'}') {
                    say_damaged(&mut self.out);
                }
                None
            }
        }
    }

    fn innermost(&mut self) -> &mut Open {
        self.open.last_mut().expect("it is called inside a bracket")
    }

    fn damage(&mut self) {
        self.innermost().damaged = true;
    }

    /// One key with its value, one element, or one sign between them.
    fn step(&mut self) {
        self.bound();
        let Some(byte) = self.peek() else {
            self.damage();
            return self.close();
        };
        let Open { object, next, .. } = *self.innermost();
        match (byte, next) {
            (b'}' | b']', _) => {
                let matches = object == (byte == b'}');
                if !matches || next == Next::Another {
                    self.damage();
                }
                self.at += 1;
                self.close();
            }
            (b',', Next::Comma) => {
                self.at += 1;
                self.innermost().next = Next::Another;
            }
            (b',' | b':', _) => {
                self.at += 1;
                self.damage();
            }
            (_, next) => {
                if next == Next::Comma {
                    self.damage();
                }
                self.innermost().next = Next::Comma;
                if object { self.member(byte) } else { self.element() }
            }
        }
    }

    fn separate(&mut self) {
        if std::mem::replace(&mut self.innermost().filled, true) {
            self.out.push(b',');
        }
    }

    fn element(&mut self) {
        self.separate();
        self.value();
    }

    fn member(&mut self, byte: u8) {
        if byte != b'"' {
            // Whatever stands in a key's place is dropped.
            self.damage();
            return self.drop_value();
        }
        self.separate();
        self.string();
        self.out.push(b':');
        match self.peek() {
            Some(b':') => self.at += 1,
            _ => self.damage(),
        }
        match self.peek() {
            None | Some(b',' | b'}' | b']' | b':') => {
                self.damage();
                self.out.extend_from_slice(b"null");
            }
            Some(_) => self.value(),
        }
    }

    /// Writes a scalar, or opens a bracket.
    fn value(&mut self) {
        match self.peek() {
            Some(open @ (b'{' | b'[')) if self.open.len() < DEEPEST => {
                self.at += 1;
                self.out.push(open);
                self.open.push(Open {
                    object: open == b'{',
                    next: Next::First,
                    filled: false,
                    damaged: false,
                });
            }
            Some(b'{' | b'[') => {
                self.damage();
                self.drop_value();
                self.out.extend_from_slice(b"null");
            }
            Some(b'"') => self.string(),
            Some(_) => self.word(),
            None => self.out.extend_from_slice(b"null"),
        }
    }

    fn close(&mut self) {
        let Some(closed) = self.open.pop() else { return };
        if closed.damaged && closed.object {
            say_damaged(&mut self.out);
        } else {
            self.out.push(if closed.object { b'}' } else { b']' });
        }
        // An array has no place to say it.
        if closed.damaged
            && !closed.object
            && let Some(around) = self.open.last_mut()
        {
            around.damaged = true;
        }
    }

    /// Passes over a value of any kind without writing it.
    fn drop_value(&mut self) {
        let (length, mut depth) = (self.out.len(), 0_usize);
        loop {
            match self.peek() {
                None => break,
                Some(b'{' | b'[') => {
                    depth += 1;
                    self.at += 1;
                }
                Some(b'}' | b']') if depth == 0 => break,
                Some(b'}' | b']') => {
                    depth -= 1;
                    self.at += 1;
                }
                Some(b',' | b':') if depth > 0 => self.at += 1,
                Some(b',' | b':') => break,
                Some(b'"') => self.string(),
                Some(_) => self.word(),
            }
            self.out.truncate(length);
            if depth == 0 {
                break;
            }
        }
    }

    /// A word or number up to the next sign.
    fn word(&mut self) {
        let rest = &self.raw[self.at..];
        let ends = |b: &u8| {
            matches!(b, b',' | b':' | b'{' | b'}' | b'[' | b']' | b'"' | b' ' | b'\t' | b'\r' | b'\n')
        };
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        let word = &rest[..length];
        self.at += length;
        if serde_json::from_slice::<super::Scalar<'_>>(word).is_ok() {
            return self.out.extend_from_slice(word);
        }
        let (shown, sound) = utf8(&word[..word.len().min(WORD)]);
        self.not_utf8 |= !sound && word.len() <= WORD;
        let shown = serde_json::to_string(&format!("{BARE}{shown}")).expect("a text is JSON");
        self.out.extend_from_slice(shown.as_bytes());
    }

    /// A string, from its opening quote to its closing one.
    fn string(&mut self) {
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
                let pair = match unit {
                    0xd800..0xdc00 => unit_pair(self.raw, from),
                    _ => None,
                };
                let alone = !(0xd800..0xe000).contains(&unit);
                let end = if pair.is_some() { from + 12 } else { from + 6 };
                // Half a pair is half an emoji, and nothing without the other half.
                if alone || pair.is_some() {
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

/// Closes an object, which says that it is damaged.
fn say_damaged(out: &mut Vec<u8>) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    let key = serde_json::to_string(DAMAGED).expect("a text is JSON");
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b":true}");
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

/// The low half that follows the high one at `at`.
fn unit_pair(raw: &[u8], at: usize) -> Option<u16> {
    unit(raw, at + 6).filter(|low| (0xdc00..0xe000).contains(low))
}

#[cfg(test)]
mod tests;
