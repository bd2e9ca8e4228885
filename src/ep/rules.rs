//! What a value must look like, and which promise it breaks where it does not.
//!
//! It judges and never mends: the writer cleans before, the verifier only tells. It knows no columns: which is under
//! which rule is `ep::columns`' to say.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};
use url::Url;

use super::{plain, text::has_markup};

/// The form of a value that is not empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Free text without markup.
    Text,
    /// `[A-Za-z0-9_-]` and space.
    Id,
    /// `[0-9A-Za-z]`
    Alphanumeric,
    /// A whole amount of at least 1, digits only.
    Price,
    /// Digits only.
    Digits,
    /// Digits, and more of them after a point where there is one.
    Decimal,
    /// Exactly so many digits.
    ExactDigits(usize),
    /// A whole number within bounds, a minus sign allowed.
    Integer { least: i64, most: i64 },
    /// An absolute http(s) URL in ASCII.
    Link,
    /// Several of them, joined by `|`.
    Links { most: usize },
    /// One of a closed set.
    OneOf(&'static [&'static str]),
    /// GTIN of 8 or 13 digits with a valid check digit.
    Gtin,
    /// Tags without spaces, joined by `|`.
    Tags { most: usize },
    /// `name^price` joined by `|`.
    Options { most: usize },
    /// `yyyy-mm-dd hh:mm:ss`
    DateTime,
    /// Not judged.
    Anything,
}

/// A promise that a value breaks. The names stand in counts and excluded files: `price_pc: not_whole`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Display, EnumIter, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Violation {
    /// A required value is empty.
    Required,
    /// More characters than the column takes.
    TooLong,
    /// A control character, TAB and line breaks included.
    ControlCharacters,
    /// HTML.
    Markup,
    /// Characters that the column does not take.
    Characters,
    /// Not digits only.
    NotDigits,
    /// A fraction where a whole amount is asked.
    NotWhole,
    /// Zero where at least 1 is asked.
    Zero,
    /// A number out of bounds.
    Range,
    /// Priced in another currency than the feed's.
    Currency,
    /// Not an absolute http(s) URL.
    NotHttp,
    /// None of the values of a closed set.
    NotOneOf,
    /// The check digit is wrong.
    CheckDigit,
    /// More parts than allowed.
    TooMany,
    /// No `yyyy-mm-dd hh:mm:ss`.
    NotATime,
    /// The product is no JSON object.
    Unreadable,
    /// The product is not UTF-8.
    NotUtf8,
    /// The product has no id.
    NoId,
    /// The product has no name.
    NoName,
    /// The product's name holds nothing that can be shown.
    EmptyName,
    /// A price that is no amount.
    NotAnAmount,
    /// A key that stands twice, with two values.
    TwoValues,
}

impl Violation {
    /// The name, as in counts and files.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl Rule {
    /// Whether a value keeps it at a glance, and holds no control character, entity, unseen character or private host
    /// either; `false` only means that it is not sure.
    #[inline]
    pub fn is_plain(self, value: &str) -> bool {
        match self {
            Self::Text => plain::text(value),
            Self::Link => plain::address(value),
            Self::Links { most } => plain::addresses(value, most),
            Self::Price => plain::digits(value) && !value.starts_with('0'),
            Self::Digits => plain::digits(value),
            // Up to nine digits are no more than any number can hold.
            Self::Integer { least, most } => {
                let in_bounds = |n: i64| (least..=most).contains(&n);
                value.len() < 10 && plain::digits(value) && value.parse().is_ok_and(in_bounds)
            }
            Self::OneOf(values) => values.contains(&value),
            Self::Id => all(value, is_of_id).is_ok(),
            Self::Anything => plain::without_controls(value),
            _ => false,
        }
    }

    /// Judges one value.
    pub fn check(self, value: &str) -> Result<(), Violation> {
        use Violation::{Characters, Markup, NotDigits, NotOneOf, Range, TooMany};
        let parts_up_to = |most| unless(value.split('|').count() > most, TooMany);
        let plain = || unless(has_markup(value), Markup);
        match self {
            Self::Anything => Ok(()),
            Self::Text => plain(),
            Self::Id => all(value, is_of_id),
            Self::Alphanumeric => all(value, |b| b.is_ascii_alphanumeric()),
            Self::Price => {
                digits(value)?;
                unless(value.bytes().all(|b| b == b'0'), Violation::Zero)
            }
            Self::Digits => digits(value),
            Self::Decimal => {
                let (whole, rest) = value.split_once('.').unwrap_or((value, "0"));
                unless(whole.is_empty() || rest.is_empty(), NotDigits)?;
                digits(whole).and(digits(rest))
            }
            Self::ExactDigits(n) => digits(value).and(unless(value.len() != n, Range)),
            Self::Integer { least, most } => {
                digits(value.strip_prefix('-').unwrap_or(value))?;
                let n: i64 = value.parse().map_err(|_| NotDigits)?;
                unless(!(least..=most).contains(&n), Range)
            }
            Self::Link => link(value),
            Self::Links { most } => {
                parts_up_to(most)?;
                value.split('|').try_for_each(link)
            }
            Self::OneOf(values) => unless(!values.contains(&value), NotOneOf),
            Self::Gtin => gtin(value),
            Self::Tags { most } => {
                plain()?;
                parts_up_to(most)?;
                unless(value.contains(' '), Characters)
            }
            Self::Options { most } => {
                plain()?;
                parts_up_to(most)
            }
            Self::DateTime => {
                let read = jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", value);
                read.map(|_| ()).map_err(|_| Violation::NotATime)
            }
        }
    }
}

fn unless(broken: bool, violation: Violation) -> Result<(), Violation> {
    if broken { Err(violation) } else { Ok(()) }
}

fn all(value: &str, allowed: impl Fn(u8) -> bool) -> Result<(), Violation> {
    unless(!value.bytes().all(allowed), Violation::Characters)
}

fn is_of_id(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b' ')
}

fn digits(value: &str) -> Result<(), Violation> {
    unless(!plain::digits(value), Violation::NotDigits)
}

fn link(value: &str) -> Result<(), Violation> {
    if !value.is_ascii() || value.contains(' ') {
        return Err(Violation::Characters);
    }
    match Url::parse(value) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(()),
        _ => Err(Violation::NotHttp),
    }
}

fn gtin(value: &str) -> Result<(), Violation> {
    digits(value)?;
    unless(!matches!(value.len(), 8 | 13), Violation::Range)?;
    // Weights 3 and 1 in turn, starting with 3 left of the check digit; the sum is a multiple of ten.
    let sum: u32 = value
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, b)| u32::from(b - b'0') * if i % 2 == 1 { 3 } else { 1 })
        .sum();
    unless(!sum.is_multiple_of(10), Violation::CheckDigit)
}
