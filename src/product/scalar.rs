//! One value of a product as the source wrote it, whatever its type.
//!
//! A value of another type than expected is kept as what it is: whoever uses it reads what can be read, and can show
//! the rest. Nothing here fails.

use std::{borrow::Cow, fmt};

use crate::ep::plain::trimmed;

/// A text, borrowed where the JSON holds no escapes.
pub type Text<'a> = Cow<'a, str>;

/// How a text begins that stands for a bare word or a number out of range. No source writes it.
pub(super) const BARE: &str = "\0bare:";
/// Characters shown of a value.
const SHOWN: usize = 80;
/// Bytes kept of a text. No column holds as much, so nothing that is cut here could have been a value.
const KEPT: usize = 64 * 1024;

/// A scalar, or what stands in its place.
#[derive(Debug, Clone, Default)]
pub enum Scalar<'a> {
    /// Not there, or null.
    #[default]
    Absent,
    /// A text.
    Text(Text<'a>),
    /// A whole number; the largest are beyond what an `f64` tells apart.
    Whole(i128),
    /// Any other number.
    Number(f64),
    /// True or false.
    Flag(bool),
    /// No JSON: a bare word such as `NaN`, or a number out of range.
    Bare(Text<'a>),
    /// An array.
    Array,
    /// An object.
    Object,
}

impl<'a> Scalar<'a> {
    /// A text without escapes.
    pub(super) fn borrowed(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(kept(text)))
    }

    /// A text that held escapes; the mark of a bare word holds one, so it never comes borrowed.
    pub(super) fn owned(mut text: String) -> Self {
        if text.len() > KEPT {
            text.truncate(kept(&text).len());
            text.shrink_to_fit();
        }
        match text.strip_prefix(BARE) {
            Some(word) => Self::Bare(word.to_owned().into()),
            None => Self::Text(text.into()),
        }
    }

    /// What people would read: a text, trimmed, or a whole number, `7.0` as `7`. `None` for a blank text and anything else.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(trimmed(text)).filter(|text| !text.is_empty()).map(Cow::Borrowed),
            Self::Whole(number) => Some(number.to_string().into()),
            Self::Number(_) => self.count().map(|number| number.to_string().into()),
            _ => None,
        }
    }

    /// Whether people would read anything: whether there is a [`text`](Self::text).
    pub(super) fn says_something(&self) -> bool {
        match self {
            Self::Text(_) => !self.is_absent(),
            Self::Whole(_) => true,
            Self::Number(_) => self.count().is_some(),
            _ => false,
        }
    }

    /// Whether it is not there, null, or a blank text.
    pub fn is_absent(&self) -> bool {
        match self {
            Self::Absent => true,
            // Mostly the first byte says that it is not blank.
            Self::Text(text) if text.as_bytes().first().is_some_and(u8::is_ascii_graphic) => false,
            Self::Text(text) => text.chars().all(char::is_whitespace),
            _ => false,
        }
    }

    /// Yes or no, where that is plain: a flag, or a text or number that is one of the usual words for it.
    pub fn yes(&self) -> Option<bool> {
        let says = |word: &str, words: [&str; 3]| words.iter().any(|known| word.eq_ignore_ascii_case(known));
        match self {
            Self::Flag(flag) => Some(*flag),
            Self::Whole(1) => Some(true),
            Self::Whole(0) => Some(false),
            Self::Text(text) | Self::Bare(text) if says(text.trim(), ["true", "y", "yes"]) => Some(true),
            Self::Text(text) | Self::Bare(text) if says(text.trim(), ["false", "n", "no"]) => Some(false),
            _ => None,
        }
    }

    /// A count: a whole number from 0, also as a float or a text of digits.
    pub fn count(&self) -> Option<u64> {
        match self {
            Self::Whole(number) => u64::try_from(*number).ok(),
            // below 2^53 a float is exact
            Self::Number(number) if number.fract() == 0.0 && (0.0..9e15).contains(number) => {
                Some(*number as u64)
            }
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }
}

/// Whether both say the same: `7`, `7.0` and `"7"` do.
impl PartialEq for Scalar<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Absent, Self::Absent) | (Self::Array, Self::Array) | (Self::Object, Self::Object) => true,
            (Self::Flag(one), Self::Flag(other)) => one == other,
            (Self::Number(one), Self::Number(other)) => one == other,
            (Self::Bare(one), Self::Bare(other)) => one == other,
            (
                Self::Text(_) | Self::Whole(_) | Self::Number(_),
                Self::Text(_) | Self::Whole(_) | Self::Number(_),
            ) => self.is_absent() == other.is_absent() && self.text() == other.text(),
            _ => false,
        }
    }
}

/// As it is shown to people, cut to a readable length: `79,900`, `true`, `an object`; nothing where it is absent.
impl fmt::Display for Scalar<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => Ok(()),
            Self::Text(text) | Self::Bare(text) => match text.char_indices().nth(SHOWN) {
                Some((end, _)) => write!(f, "{}…", &text[..end]),
                None => f.write_str(text),
            },
            Self::Whole(number) => number.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Flag(flag) => flag.fmt(f),
            Self::Array => f.write_str("an array"),
            Self::Object => f.write_str("an object"),
        }
    }
}

/// The beginning of a text that is kept.
pub(super) fn kept(text: &str) -> &str {
    if text.len() <= KEPT {
        return text;
    }
    &text[..text.floor_char_boundary(KEPT)]
}

#[cfg(test)]
mod tests {
    #[test]
    fn of_a_text_beyond_any_column_the_beginning_is_kept() {
        for json in [format!("\"{}\"", "책".repeat(100_000)), format!("\"\\n{}\"", "책".repeat(100_000))] {
            let text = match serde_json::from_str(&json).unwrap() {
                Scalar::Text(text) => text,
                other => panic!("{other:?}"),
            };
            assert!((KEPT - 3..=KEPT).contains(&text.len()), "{}", text.len());
        }
    }

    use super::*;

    #[test]
    fn a_value_of_another_type_is_read_as_far_as_it_can_be() {
        for (json, text, yes, count, shown) in [
            ("null", None, None, None, ""),
            (r#"" 책장 ""#, Some("책장"), None, None, " 책장 "),
            (r#"" ""#, None, None, None, " "),
            ("12", Some("12"), None, Some(12), "12"),
            ("12.0", Some("12"), None, Some(12), "12"),
            ("12.5", None, None, None, "12.5"),
            ("-1", Some("-1"), None, None, "-1"),
            (
                "18446744073709551615",
                Some("18446744073709551615"),
                None,
                Some(u64::MAX),
                "18446744073709551615",
            ),
            (r#""12""#, Some("12"), None, Some(12), "12"),
            ("true", None, Some(true), None, "true"),
            (r#""TRUE""#, Some("TRUE"), Some(true), None, "TRUE"),
            (r#""n""#, Some("n"), Some(false), None, "n"),
            ("0", Some("0"), Some(false), Some(0), "0"),
            ("1", Some("1"), Some(true), Some(1), "1"),
            ("2", Some("2"), None, Some(2), "2"),
            (r#"[1,{"a":2}]"#, None, None, None, "an array"),
            (r#"{"a":[1]}"#, None, None, None, "an object"),
        ] {
            let scalar: Scalar<'_> = serde_json::from_str(json).unwrap();
            assert_eq!(scalar.text().as_deref(), text, "{json}");
            assert_eq!(scalar.says_something(), text.is_some(), "{json}");
            assert_eq!((scalar.yes(), scalar.count()), (yes, count), "{json}");
            assert_eq!(scalar.to_string(), shown, "{json}");
        }
        let long: Scalar<'_> = Scalar::Text("가".repeat(100).into());
        assert_eq!(long.to_string().chars().count(), SHOWN + 1);
    }
}
