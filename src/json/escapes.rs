//! What a JSON string's escapes stand for.
//!
//! Sources that write a backslash before every slash, or every Korean letter as `\u…`, are common, so it makes one text
//! in one pass. Where an escape is none, or half of a character, it says nothing: that is for a parser to judge.

/// What a string says between its quotes.
pub(super) fn said(text: &str) -> Option<String> {
    let mut said = String::with_capacity(text.len());
    let mut rest = text;
    // Where everything is escaped, one stands right behind the other.
    let next =
        |rest: &str| if rest.starts_with('\\') { Some(0) } else { memchr::memchr(b'\\', rest.as_bytes()) };
    while let Some(at) = next(rest) {
        let (plain, escape) = (&rest[..at], &rest[at + 1..]);
        said.push_str(plain);
        let (character, length) = one(escape)?;
        said.push(character);
        rest = &escape[length..];
    }
    said.push_str(rest);
    Some(said)
}

/// The character of the escape whose backslash stands before this text, and how many of its bytes are the escape's.
fn one(text: &str) -> Option<(char, usize)> {
    let character = match text.bytes().next()? {
        byte @ (b'"' | b'\\' | b'/') => char::from(byte),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return of_units(&text[1..]),
        _ => return None,
    };
    Some((character, 1))
}

/// A character written as one or two units of UTF-16, of which the first one's digits stand here.
fn of_units(text: &str) -> Option<(char, usize)> {
    let first = unit(text)?;
    if let Some(character) = char::from_u32(first) {
        return Some((character, 5));
    }
    let second = unit(text.get(4..)?.strip_prefix("\\u")?)?;
    let is_pair = (0xd800..0xdc00).contains(&first) && (0xdc00..0xe000).contains(&second);
    let code = is_pair.then(|| 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))?;
    Some((char::from_u32(code)?, 11))
}

/// Four hexadecimal digits.
fn unit(text: &str) -> Option<u32> {
    let digits = text.as_bytes().first_chunk::<4>()?;
    digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::select};

    use super::*;

    /// Pieces of strings, sound ones and others.
    const PIECES: [&str; 20] = [
        "a", "책", "😀", "\\/", "\\\"", "\\\\", "\\b", "\\f", "\\n", "\\r", "\\t", "\\uAC00", "\\u0000",
        "\\ud83d", "\\uDE00", "\\u12", "\\u+123", "\\x", "u12", "0041",
    ];

    proptest! {
        #[test]
        fn a_text_is_what_a_parser_says_or_nothing(pieces in prop::collection::vec(select(&PIECES[..]), 0..12)) {
            let text = pieces.concat();
            let parsed: Option<String> = serde_json::from_str(&format!("\"{text}\"")).ok();
            prop_assert_eq!(said(&text), parsed, "{}", text);
        }
    }
}
