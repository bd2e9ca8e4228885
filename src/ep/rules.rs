//! What a value of a column must look like, and which promise it breaks where it does not.
//!
//! It judges and never mends: the writer cleans before, the verifier only tells.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use super::columns::{Breach, Column, Need};

/// The form of a value. Empty values are judged by the column's need alone.
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
    Integer {
        /// The smallest.
        least: i64,
        /// The largest.
        most: i64,
    },
    /// An absolute http(s) URL in ASCII.
    Link,
    /// Several of them, joined by `|`.
    Links {
        /// How many at most.
        most: usize,
    },
    /// One of a closed set.
    OneOf(&'static [&'static str]),
    /// GTIN of 8 or 13 digits with a valid check digit.
    Gtin,
    /// Tags without spaces, joined by `|`.
    Tags {
        /// How many at most.
        most: usize,
    },
    /// `name^price` joined by `|`.
    Options {
        /// How many at most.
        most: usize,
    },
    /// `yyyy-mm-dd hh:mm:ss`
    DateTime,
    /// Not judged.
    Anything,
}

/// A promise that a value breaks. The names stand in counts and excluded files: `price_pc: not_whole`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    pub const fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::TooLong => "too_long",
            Self::ControlCharacters => "control_characters",
            Self::Markup => "markup",
            Self::Characters => "characters",
            Self::NotDigits => "not_digits",
            Self::NotWhole => "not_whole",
            Self::Zero => "zero",
            Self::Range => "range",
            Self::Currency => "currency",
            Self::NotHttp => "not_http",
            Self::NotOneOf => "not_one_of",
            Self::CheckDigit => "check_digit",
            Self::TooMany => "too_many",
            Self::NotATime => "not_a_time",
            Self::Unreadable => "unreadable",
            Self::NotUtf8 => "not_utf8",
            Self::NoId => "no_id",
            Self::NoName => "no_name",
            Self::EmptyName => "empty_name",
            Self::NotAnAmount => "not_an_amount",
            Self::TwoValues => "two_values",
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Judges one value of one column.
pub fn check(column: &Column, value: &str) -> Result<(), Violation> {
    if value.is_empty() {
        return if column.need == Need::Required { Err(Violation::Required) } else { Ok(()) };
    }
    if value.chars().any(char::is_control) {
        return Err(Violation::ControlCharacters);
    }
    // A character has at least one byte, so a value with few enough bytes need not be counted.
    if value.len() > column.max && value.chars().count() > column.max {
        return Err(Violation::TooLong);
    }
    match column.rule {
        Rule::Anything => Ok(()),
        Rule::Text => unless(super::text::has_markup(value), Violation::Markup),
        Rule::Id => all(value, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b' ')),
        Rule::Alphanumeric => all(value, |b| b.is_ascii_alphanumeric()),
        Rule::Price => price(value),
        Rule::Digits => digits(value),
        Rule::Decimal => {
            let (whole, rest) = value.split_once('.').unwrap_or((value, "0"));
            unless(whole.is_empty() || rest.is_empty(), Violation::NotDigits)?;
            digits(whole).and(digits(rest))
        }
        Rule::ExactDigits(n) => digits(value).and(unless(value.len() != n, Violation::Range)),
        Rule::Integer { least, most } => integer(value, least, most),
        Rule::Link => link(value),
        Rule::Links { most } => {
            unless(value.split('|').count() > most, Violation::TooMany)?;
            value.split('|').try_for_each(link)
        }
        Rule::OneOf(values) => unless(!values.contains(&value), Violation::NotOneOf),
        Rule::Gtin => gtin(value),
        Rule::Tags { most } => {
            unless(super::text::has_markup(value), Violation::Markup)?;
            unless(value.split('|').count() > most, Violation::TooMany)?;
            unless(value.contains(' '), Violation::Characters)
        }
        Rule::Options { most } => {
            unless(super::text::has_markup(value), Violation::Markup)?;
            unless(value.split('|').count() > most, Violation::TooMany)
        }
        Rule::DateTime => date_time(value),
    }
}

/// What Naver does with a row whose value breaks that promise.
pub fn breach(column: &Column, violation: Violation) -> Breach {
    match violation {
        // The file's own rules, whatever the column.
        Violation::ControlCharacters | Violation::Markup => Breach::Refused,
        // Of more than it takes, the first ones are used.
        Violation::TooMany => Breach::Ignored,
        _ => column.breach,
    }
}

fn unless(broken: bool, violation: Violation) -> Result<(), Violation> {
    if broken { Err(violation) } else { Ok(()) }
}

fn all(value: &str, allowed: impl Fn(u8) -> bool) -> Result<(), Violation> {
    unless(!value.bytes().all(allowed), Violation::Characters)
}

fn digits(value: &str) -> Result<(), Violation> {
    unless(!value.bytes().all(|b| b.is_ascii_digit()), Violation::NotDigits)
}

fn price(value: &str) -> Result<(), Violation> {
    digits(value)?;
    unless(value.bytes().all(|b| b == b'0'), Violation::Zero)
}

fn integer(value: &str, least: i64, most: i64) -> Result<(), Violation> {
    digits(value.strip_prefix('-').unwrap_or(value))?;
    match value.parse::<i64>() {
        Ok(n) => unless(!(least..=most).contains(&n), Violation::Range),
        Err(_) => Err(Violation::NotDigits),
    }
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

fn date_time(value: &str) -> Result<(), Violation> {
    jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", value).map(|_| ()).map_err(|_| Violation::NotATime)
}

#[cfg(test)]
mod tests {
    use super::{super::columns::known, *};

    #[test]
    fn every_column_takes_and_refuses_what_the_guide_says() {
        use Violation::*;
        let long = "가".repeat(101);
        let link = format!("https://shop.example/{}", "a".repeat(240));
        let links = ["https://images.example/a.jpg"; 11].join("|");
        let cases: &[(&str, &str, Result<(), Violation>)] = &[
            ("id", "00263850", Ok(())),
            ("id", "s99 a_b-c", Ok(())),
            ("id", "", Err(Required)),
            ("id", "가", Err(Characters)),
            ("id", "a\tb", Err(ControlCharacters)),
            ("title", &long[..300], Ok(())),
            ("title", &long, Err(TooLong)),
            ("title", "5 < 6 cm", Ok(())),
            ("title", "<b>굵게</b>", Err(Markup)),
            ("price_pc", "79900", Ok(())),
            ("price_pc", "0", Err(Zero)),
            ("price_pc", "79,900", Err(NotDigits)),
            ("price_pc", "-1", Err(NotDigits)),
            ("price_pc", "12345678901", Err(TooLong)),
            ("normal_price", "", Ok(())),
            ("link", "https://shop.example/p/1", Ok(())),
            ("link", "/p/1", Err(NotHttp)),
            ("link", "ftp://shop.example/p", Err(NotHttp)),
            ("link", "https://shop.example/책장", Err(Characters)),
            ("link", &link, Err(TooLong)),
            ("add_image_link", &links, Err(TooMany)),
            ("add_image_link", &links[..links.len() - 29], Ok(())),
            ("category_name1", "", Err(Required)),
            ("naver_category", "50000001", Ok(())),
            ("naver_category", "5000", Err(Range)),
            ("condition", "신상품", Ok(())),
            ("condition", "new", Err(NotOneOf)),
            ("adult", "Y", Ok(())),
            ("adult", "N", Err(NotOneOf)),
            ("barcode", "4006381333931", Ok(())),
            ("barcode", "4006381333932", Err(CheckDigit)),
            ("barcode", "123", Err(Range)),
            ("search_tag", "책장|수납", Ok(())),
            ("search_tag", "책장 수납", Err(Characters)),
            ("search_tag", "<b>책장</b>", Err(Markup)),
            ("option_detail", "<i>흰색</i>^1000", Err(Markup)),
            ("group_id", "a-1", Err(Characters)),
            ("review_count", "12", Ok(())),
            ("review_count", "12.5", Err(NotDigits)),
            ("shipping", "-1", Ok(())),
            ("shipping", "0", Ok(())),
            ("shipping", "-2", Err(Range)),
            ("shipping", "1000001", Err(Range)),
            ("shipping", "free", Err(NotDigits)),
            ("shipping", "", Err(Required)),
            ("class", "D", Ok(())),
            ("update_time", "2026-10-06 08:00:00", Ok(())),
            ("update_time", "2026-10-06T08:00:00", Err(NotATime)),
            ("satisfylevel", "4.85", Ok(())),
            ("satisfylevel", "5", Ok(())),
            ("satisfylevel", "4.", Err(NotDigits)),
            ("satisfylevel", "별 5개", Err(NotDigits)),
            ("pre_match_code", &long, Err(TooLong)),
            ("benefit_price", "whatever <b>", Ok(())),
        ];
        for (name, value, expected) in cases {
            assert_eq!(check(known(name).unwrap(), value), *expected, "{name} {value:?}");
        }
    }
    #[test]
    fn a_row_is_refused_for_what_it_needs_and_what_no_value_may_hold() {
        use Breach::*;
        use Violation::*;
        for (name, violation, expected) in [
            ("price_pc", NotDigits, Refused),
            ("shipping", Range, Refused),
            ("image_link", NotHttp, Refused),
            ("search_tag", TooMany, Ignored),
            ("search_tag", Characters, Ignored),
            ("search_tag", Markup, Refused),
            ("condition", NotOneOf, Ignored),
            ("condition", ControlCharacters, Refused),
            ("order_made", NotOneOf, Ignored),
            ("adult", NotOneOf, Ignored),
            ("naver_product_id", TooLong, Ignored),
            ("add_image_link", TooMany, Ignored),
        ] {
            assert_eq!(breach(known(name).unwrap(), violation), expected, "{name} {violation}");
        }
    }
}
