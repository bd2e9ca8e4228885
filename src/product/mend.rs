//! Makes JSON of a text that is nearly JSON: for products that a strict parser refuses.
//!
//! A scalar that no parser takes is replaced: half of a surrogate pair by nothing, bytes that are no UTF-8 by U+FFFD,
//! control characters by a space, a bare word or a number out of range by a text that says so, so that whoever needs it
//! can show it. Where the structure itself is broken, the object around it says so under a key of its own, and only
//! who uses that object need care. It never guesses a value, and gives up only what would be longer than [`LONGEST`].

mod scalar;

use super::DAMAGED;

/// Brackets inside each other that are followed. Whatever lies deeper is dropped as damage.
const DEEPEST: usize = 512;
/// The most bytes of a mended text. Real products have a few thousand.
pub const LONGEST: usize = 1024 * 1024;

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
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// A key or element, or the end.
    #[default]
    First,
    /// A key or element.
    Another,
    /// A comma, or the end.
    Comma,
}

/// An open bracket.
#[derive(Default)]
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
            Some(b'{') => return Some(self.at),
            Some(_) if self.out.pop() == Some(b'}') => say_damaged(&mut self.out),
            _ => {}
        }
        None
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
                if object {
                    self.member(byte);
                } else {
                    self.separate();
                    self.value();
                }
            }
        }
    }

    fn separate(&mut self) {
        if std::mem::replace(&mut self.innermost().filled, true) {
            self.out.push(b',');
        }
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
                self.open.push(Open { object: open == b'{', ..Open::default() });
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
        match self.open.pop() {
            Some(Open { object: true, damaged: true, .. }) => say_damaged(&mut self.out),
            Some(Open { object: true, .. }) => self.out.push(b'}'),
            Some(Open { damaged, .. }) => {
                self.out.push(b']');
                // An array has no place to say it.
                if let Some(around) = self.open.last_mut() {
                    around.damaged |= damaged;
                }
            }
            None => {}
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
                Some(b'}' | b']' | b',' | b':') if depth == 0 => break,
                Some(b'}' | b']') => {
                    depth -= 1;
                    self.at += 1;
                }
                Some(b',' | b':') => self.at += 1,
                Some(b'"') => self.string(),
                Some(_) => self.word(),
            }
            self.out.truncate(length);
            if depth == 0 {
                break;
            }
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

#[cfg(test)]
mod tests;
