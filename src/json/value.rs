//! The parts of one value: an object's members, an array's elements, and what a scalar says.
//!
//! Whoever needs to know whether the whole is sound JSON asks a parser; this ends quietly where the text is odd.

use std::borrow::Cow;

use memchr::memchr2;

use super::Skim;

/// Keys named in a message where the one that was looked for is not among them.
pub(crate) const KEYS_NAMED: usize = 8;
/// Characters shown of such a key.
const KEY_CHARS: usize = 40;

/// The members of an object: each key as it stands between its quotes, and the text of its value. There are none in
/// anything else, and none behind something that is no JSON.
///
/// ```
/// let found: Vec<_> = auto_ep::json::members(br#"{"a": 1, "b": ["x", {}]}"#).collect();
/// assert_eq!(found, [(&b"a"[..], &b"1"[..]), (b"b", br#"["x", {}]"#)]);
/// ```
pub fn members(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut parts = Parts::new(text, b'{', b'}');
    std::iter::from_fn(move || {
        parts.next()?;
        let key = parts.value()?;
        parts.blank();
        (parts.text.get(parts.at) == Some(&b':')).then_some(())?;
        parts.at += 1;
        parts.blank();
        let value = parts.value()?;
        let key = key.strip_prefix(b"\"").and_then(|key| key.strip_suffix(b"\""))?;
        Some((key, value))
    })
}

/// The elements of an array. There are none in anything else, and none behind something that is no JSON.
pub fn elements(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut parts = Parts::new(text, b'[', b']');
    std::iter::from_fn(move || {
        parts.next()?;
        parts.value()
    })
}

/// Goes through a text from value to value.
struct Parts<'t> {
    text: &'t [u8],
    at: usize,
    open: u8,
    close: u8,
    began: bool,
    skim: Skim,
}

impl<'t> Parts<'t> {
    fn new(text: &'t [u8], open: u8, close: u8) -> Self {
        Self { text, at: 0, open, close, began: false, skim: Skim::new() }
    }

    fn blank(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
    }

    /// To the beginning of the next part; `None` where there is no further one.
    fn next(&mut self) -> Option<()> {
        self.blank();
        let expected = if self.began { b',' } else { self.open };
        if *self.text.get(self.at)? != expected {
            self.at = self.text.len();
            return None;
        }
        self.at += 1;
        self.blank();
        let first = !std::mem::replace(&mut self.began, true);
        let over = first && self.text.get(self.at) == Some(&self.close);
        (!over).then_some(())
    }

    /// The value that begins here.
    fn value(&mut self) -> Option<&'t [u8]> {
        let rest = &self.text[self.at..];
        let length = match rest.first()? {
            b'"' => end_of_string(rest, 1)?,
            first @ (b'{' | b'[') => {
                self.skim.start(*first, usize::MAX);
                self.skim.run(rest).ok().flatten()?
            }
            // NaN and its like are no JSON, but what stands beside them may still be read.
            _ => {
                let ends = |b: &u8| matches!(b, b',' | b']' | b'}' | b':' | b' ' | b'\t' | b'\r' | b'\n');
                rest.iter().position(ends).unwrap_or(rest.len())
            }
        };
        self.at += length;
        (length > 0).then(|| &rest[..length])
    }
}

/// One past the quote that ends the string whose first byte is at `at`. Most strings are too short to be looked at in blocks.
pub(super) fn end_of_string(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// What a scalar says: a string's text, a number or a word as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar<'t> {
    /// A string without its quotes and escapes.
    Text(Cow<'t, str>),
    /// A number, `true` or `false`, as it stands.
    Word(&'t str),
}

impl<'t> Scalar<'t> {
    /// Reads the text of one value; `None` for objects, arrays, `null` and what is no JSON.
    pub fn of(value: &'t [u8]) -> Option<Self> {
        match value.first()? {
            b'"' if value.len() >= 2 => Some(Self::Text(unescaped(&value[1..value.len() - 1]))),
            b'-' | b'0'..=b'9' | b't' | b'f' => std::str::from_utf8(value).ok().map(Self::Word),
            _ => None,
        }
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Word(word) => word,
        }
    }

    /// As a count: `7`, `7.0`, and the same within quotes, commas between groups of three or not.
    pub fn count(&self) -> Option<u64> {
        match self {
            Self::Word(word) => whole_number(word.as_bytes()),
            Self::Text(text) => {
                let text = text.trim();
                let (first, groups) = text.split_once(',').unwrap_or((text, ""));
                let grouped = groups.is_empty() || (1..=3).contains(&first.len());
                let whole = grouped && groups.split(',').all(|group| groups.is_empty() || group.len() == 3);
                let digits = text.bytes().all(|b| b.is_ascii_digit() || b == b',');
                (whole && digits).then(|| text.replace(',', "")).and_then(|digits| digits.parse().ok())
            }
        }
    }
}

/// A whole number from 0 on; `9812.0` is how some sources write a count.
pub fn whole_number(word: &[u8]) -> Option<u64> {
    let word = std::str::from_utf8(word).ok()?;
    let whole = |n: &f64| n.fract() == 0.0 && (0.0..1e15).contains(n);
    word.parse().ok().or_else(|| word.parse::<f64>().ok().filter(whole).map(|n| n as u64))
}

/// A string's content as it reads without escapes. One with broken escapes is left as it stands.
pub(crate) fn unescaped(raw: &[u8]) -> Cow<'_, str> {
    if raw.contains(&b'\\') {
        let quoted = [b"\"", raw, b"\""].concat();
        if let Ok(text) = serde_json::from_slice(&quoted) {
            return Cow::Owned(text);
        }
    }
    String::from_utf8_lossy(raw)
}

/// What kind of value begins with this byte.
pub(crate) fn kind(byte: u8) -> &'static str {
    match byte {
        b'{' => "an object",
        b'[' => "an array",
        b'"' => "a string",
        b't' | b'f' => "a boolean",
        b'n' => "null",
        _ => "a number",
    }
}

/// `there are "a", "b"`: the first few of the keys of an object.
pub(crate) fn listed<K: AsRef<str>>(keys: impl IntoIterator<Item = K>) -> String {
    let shown = |key: K| format!("{:?}", key.as_ref().chars().take(KEY_CHARS).collect::<String>());
    let keys: Vec<String> = keys.into_iter().take(KEYS_NAMED).map(shown).collect();
    if keys.is_empty() { "the object is empty".to_owned() } else { format!("there are {}", keys.join(", ")) }
}

/// The same where the keys are not to be told.
pub(crate) fn unlisted(keys: usize) -> String {
    match keys {
        0 => "the object is empty".to_owned(),
        1 => "its key is not named".to_owned(),
        _ => "its keys are not named".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_and_elements_are_what_stands_between_brackets() {
        let text = br#" { "a" : NaN , "b\"" : "}\"" , "c" : {"x":[1,{}]} , "d":-1.5e3 } "#;
        let found: Vec<_> = members(text).collect();
        assert_eq!(
            found,
            [
                (&b"a"[..], &b"NaN"[..]),
                (br#"b\""#, br#""}\"""#),
                (b"c", br#"{"x":[1,{}]}"#),
                (b"d", b"-1.5e3")
            ]
        );
        let found: Vec<_> = elements(b"[1, [2], \"3,\" ,null]").collect();
        assert_eq!(found, [&b"1"[..], b"[2]", b"\"3,\"", b"null"]);
        for empty in [&b""[..], b"{}", b"[ ]", b"7", b"[", b"{", b"{7:1}", b"{\"a\"}", b"{\"a\":", b"[,]"] {
            assert_eq!((members(empty).count(), elements(empty).count()), (0, 0), "{empty:?}");
        }
        assert_eq!(members(br#"{"a":1 "b":2}"#).count(), 1, "what comes before the oddness is read");
    }

    #[test]
    fn scalars_are_text_or_words_and_some_are_counts() {
        for (value, text, count) in [
            ("\"a\\u0041\"", Some("aA"), None),
            ("7", Some("7"), Some(7)),
            ("9812.0", Some("9812.0"), Some(9812)),
            ("-7", Some("-7"), None),
            ("1.5", Some("1.5"), None),
            ("1e400", Some("1e400"), None),
            ("\"1,050\"", Some("1,050"), Some(1050)),
            ("\" 12 \"", Some(" 12 "), Some(12)),
            ("\"1,05\"", Some("1,05"), None),
            ("\"1050,000\"", Some("1050,000"), None),
            ("\",050\"", Some(",050"), None),
            ("\"\"", Some(""), None),
            ("true", Some("true"), None),
            ("null", None, None),
            ("{}", None, None),
            ("[]", None, None),
            ("", None, None),
            ("\"", None, None),
        ] {
            let scalar = Scalar::of(value.as_bytes());
            assert_eq!(scalar.as_ref().map(Scalar::as_str), text, "{value}");
            assert_eq!(scalar.and_then(|scalar| scalar.count()), count, "{value}");
        }
    }
}
