//! Follows the quotes of a table: one that is opened by accident ends at the next row that has one, and what stands between
//! would be one value.
//!
//! It never splits anything; that is for the reader.

use memchr::{memchr2, memchr3};

/// Where it stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum At {
    /// A value begins.
    #[default]
    Start,
    Plain,
    Quoted,
    /// Behind a quote that may end the value, or be the first half of two.
    Quote,
}

/// A table's quotes.
#[derive(Debug, Default)]
pub(crate) struct Quotes {
    at: At,
    /// Where the value in quotes begins in the text that was gone through last.
    began: usize,
    /// Whether the value in quotes goes over several lines.
    spans: bool,
}

impl Quotes {
    /// Goes through the next text. Gives where a value begins in it that goes over several lines and ends in a quote with
    /// more behind it, as no value does that somebody quoted on purpose; 0 where it began before.
    pub fn accident(&mut self, text: &[u8], delimiter: u8) -> Option<usize> {
        let mut i = 0;
        self.began = 0;
        while let Some(byte) = text.get(i) {
            let rest = &text[i..];
            match self.at {
                At::Start if *byte == b'"' => {
                    (self.at, self.spans, self.began) = (At::Quoted, false, i);
                    i += 1;
                }
                At::Start if *byte == delimiter || matches!(byte, b'\r' | b'\n') => i += 1,
                At::Start => self.at = At::Plain,
                At::Plain => {
                    let end = memchr3(delimiter, b'\r', b'\n', rest);
                    i += end.map_or(rest.len(), |end| end + 1);
                    if end.is_some() {
                        self.at = At::Start;
                    }
                }
                At::Quoted => {
                    let end = memchr2(b'"', b'\n', rest);
                    i += end.map_or(rest.len(), |end| end + 1);
                    match end.map(|end| rest[end]) {
                        Some(b'"') => self.at = At::Quote,
                        Some(_) => self.spans = true,
                        None => {}
                    }
                }
                At::Quote if *byte == b'"' => (self.at, i) = (At::Quoted, i + 1),
                At::Quote if *byte == delimiter || matches!(byte, b'\r' | b'\n') => self.at = At::Start,
                At::Quote if self.spans => return Some(self.began),
                At::Quote => self.at = At::Plain,
            }
        }
        None
    }

    /// Where a value begins that nothing closed so far.
    pub fn open(&self) -> Option<usize> {
        (self.at == At::Quoted).then_some(self.began)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_that_a_later_row_closes_is_an_accident() {
        for (text, expected) in [
            ("1,\"a\nb\",2\n", None),
            ("1,\"a \"\"b\"\"\nc\"\n2,\"\"\n", None),
            ("1,3\" pipe\n2,4\" pipe\n", None),
            ("1,\"a\" b,c\n2,d\n", None),
            ("1,\"a,5\n2,8\" pipe,9\n", Some(2)),
            ("1,\"a,5\r\n2,x\r\n3,8\" pipe,9\r\n", Some(2)),
        ] {
            let mut whole = Quotes::default();
            assert_eq!((whole.accident(text.as_bytes(), b','), whole.open()), (expected, None), "{text:?}");
            for at in 0..text.len() {
                let mut quotes = Quotes::default();
                let (first, second) = text.as_bytes().split_at(at);
                let found = quotes.accident(first, b',').or_else(|| quotes.accident(second, b','));
                assert_eq!(found.is_some(), expected.is_some(), "{text:?} cut at {at}");
            }
        }
    }
}
