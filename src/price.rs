//! What every visitor pays for a product, and what it cost before.
//!
//! It never skips or breaks a product: that is for the filter and the rules. A price that only some visitors pay is never
//! taken for everybody's, whatever the source calls it and wherever it says so.

use crate::{
    preset::RESTRICTED_MARKS,
    product::{Amount, Marks, Member, Nested, SalesPrice, Scalar},
};

/// What is known of a product's price.
#[derive(Debug, Clone, PartialEq)]
pub enum Price {
    /// There is none.
    Missing,
    /// There is something that is no amount; as it is shown to people.
    Unreadable(String),
    /// It holds for some visitors only, and the source does not tell the others'; as it is shown to people.
    Restricted(String),
    /// What a feed may state.
    Offer(Offer),
}

/// A product's price as a feed may state it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Offer {
    /// What every visitor pays. May hold a fraction, which a rule refuses.
    pub price: f64,
    /// The list price, where it is above the price.
    pub normal: Option<u64>,
}

/// The words by which a mark says that a price is not everybody's: parts of it, in capitals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restrictions(Vec<String>);

impl Default for Restrictions {
    /// Those that hold without a preset.
    fn default() -> Self {
        Self::of(&RESTRICTED_MARKS)
    }
}

impl Restrictions {
    /// Restricting words, in any case, with anything or nothing between their parts.
    pub fn of<S: AsRef<str>>(words: &[S]) -> Self {
        Self(words.iter().map(|word| normal(word.as_ref())).filter(|word| !word.is_empty()).collect())
    }

    fn holds(&self, marks: &Option<Marks>) -> bool {
        marks.as_ref().is_some_and(|marks| {
            marks.any(|mark| {
                let mark = normal(mark);
                self.0.iter().any(|word| mark.contains(word.as_str()))
            })
        })
    }
}

fn normal(mark: &str) -> String {
    // Full-width letters stand as far from the plain ones as their blocks do.
    let plain = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    };
    mark.chars().map(plain).filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_uppercase()).collect()
}

/// Reads the price of a product.
pub fn of(member: &Member<'_, '_>, restrictions: &Restrictions) -> Price {
    let sales = match &member.product.sales_price {
        None => return Price::Missing,
        Some(Nested::Other(other)) if other.is_absent() => return Price::Missing,
        Some(Nested::Other(other)) => return Price::Unreadable(other.to_string()),
        Some(Nested::Here(sales)) => sales,
    };
    let price = match &sales.numeral {
        None => return Price::Missing,
        Some(numeral) if numeral.is_absent() => return Price::Missing,
        Some(numeral) => match amount(numeral) {
            Some(price) => price,
            None => return Price::Unreadable(numeral.to_string()),
        },
    };
    let previous = sales.previous.as_ref().and_then(before);
    if !is_restricted(member, sales, restrictions) {
        let normal = previous.filter(|previous| *previous as f64 > price);
        return Price::Offer(Offer { price, normal });
    }
    match previous.filter(|previous| *previous as f64 >= price) {
        Some(regular) => Price::Offer(Offer { price: regular as f64, normal: None }),
        None => Price::Restricted(sales.to_string()),
    }
}

/// The amount that the source calls its price, whoever pays it.
pub fn stated(member: &Member<'_, '_>) -> Option<f64> {
    member.price().and_then(|price| price.numeral.as_ref()).and_then(amount)
}

fn is_restricted(member: &Member<'_, '_>, sales: &SalesPrice<'_>, restrictions: &Restrictions) -> bool {
    let product = member.product;
    [&sales.tag, &sales.tags, &sales.tag_with_text, &sales.badge]
        .into_iter()
        .chain([&product.tag, &product.tags, &product.tag_with_text, &product.badge])
        .any(|marks| restrictions.holds(marks))
}

/// Fractions this small are left by arithmetic on floats.
const ROUNDING: f64 = 1e-6;
/// How a text may say that an amount is in won.
const SIGNS: [&str; 4] = ["￦", "₩", "KRW", "원"];
/// What parts groups of three digits where there can be no fraction.
const SEPARATORS: [char; 6] = [',', '.', ' ', '\u{a0}', '\u{202f}', '\''];

/// An amount as a number, or as a text of one: `79,900`, `￦79,900`.
fn amount(scalar: &Scalar<'_>) -> Option<f64> {
    let number = match scalar {
        // Beyond 2^53 no price is exact, and none is a price.
        Scalar::Whole(number) => *number as f64,
        Scalar::Number(number) => *number,
        Scalar::Text(text) => {
            let text = unsigned(text);
            let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
            let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            let (minus, whole) = whole.strip_prefix('-').map_or(("", whole), |whole| ("-", whole));
            // A point before three digits may part thousands: nobody can say whether `79.000` is 79 or 79,000.
            if !digits(fraction) || fraction.len() == 3 {
                return None;
            }
            format!("{minus}{}.{fraction}", grouped(whole, &[','])?).parse().ok()?
        }
        Scalar::Absent | Scalar::Flag(_) | Scalar::Bare(_) | Scalar::Array | Scalar::Object => return None,
    };
    let rounded = number.round();
    Some(if (number - rounded).abs() < ROUNDING { rounded } else { number })
}

/// The price before: a number, a text, or an object of parts as they are shown to people.
fn before(previous: &Nested<'_, Amount<'_>>) -> Option<u64> {
    let scalar = match previous {
        Nested::Here(parts) => {
            let there = |part: &&Scalar<'_>| !part.is_absent();
            [&parts.whole_number, &parts.numeral].into_iter().flatten().find(there)?
        }
        Nested::Other(scalar) => scalar,
    };
    match scalar {
        Scalar::Text(text) if grouped(unsigned(text), &SEPARATORS).is_some() => {
            grouped(unsigned(text), &SEPARATORS)?.parse().ok()
        }
        other => {
            let price = amount(other).filter(|price| price.fract() == 0.0 && (0.0..9e15).contains(price))?;
            // whole and below 2^53
            Some(price as u64)
        }
    }
}

/// The text without the sign of its currency.
fn unsigned(text: &str) -> &str {
    let text = text.trim();
    let ahead = SIGNS.iter().find_map(|sign| text.strip_prefix(sign));
    let text = ahead.unwrap_or(text).trim();
    SIGNS.iter().find_map(|sign| text.strip_suffix(sign)).unwrap_or(text).trim()
}

/// The digits of a text in which separators stand before groups of three only.
fn grouped(text: &str, separators: &[char]) -> Option<String> {
    let mut groups = text.split(separators);
    let first = groups.next()?;
    let digits = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    if first.is_empty() || !digits(first) {
        return None;
    }
    let mut whole = first.to_owned();
    for group in groups {
        if first.len() > 3 || group.len() != 3 || !digits(group) {
            return None;
        }
        whole.push_str(group);
    }
    Some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Price {
        let product = serde_json::from_str(json).unwrap();
        of(&Member::listed(&product), &Restrictions::default())
    }

    fn offer(price: f64, normal: Option<u64>) -> Price {
        Price::Offer(Offer { price, normal })
    }

    #[test]
    fn the_price_is_what_every_visitor_pays() {
        let unreadable = |value: &str| Price::Unreadable(value.to_owned());
        for (sales, expected) in [
            (r#"{"numeral": 79900.0}"#, offer(79900.0, None)),
            (r#"{"numeral": 79900, "previous": {"wholeNumber": "99,900"}}"#, offer(79900.0, Some(99900))),
            (r#"{"numeral": 79900, "previous": {"wholeNumber": "59,900"}}"#, offer(79900.0, None)),
            (r#"{"numeral": 79900, "previous": {"wholeNumber": "sale"}}"#, offer(79900.0, None)),
            (r#"{"numeral": 79900, "previous": {"wholeNumber": "99.900"}}"#, offer(79900.0, Some(99900))),
            (r#"{"numeral": 79900, "previous": 99900}"#, offer(79900.0, Some(99900))),
            (r#"{"numeral": 79900, "previous": "₩99,900"}"#, offer(79900.0, Some(99900))),
            (r#"{"numeral": "79,900"}"#, offer(79900.0, None)),
            (r#"{"numeral": " ￦1,079,900 "}"#, offer(1_079_900.0, None)),
            (r#"{"numeral": "79900원"}"#, offer(79900.0, None)),
            (r#"{"numeral": "79900.00"}"#, offer(79900.0, None)),
            (r#"{"numeral": "79900.5"}"#, offer(79900.5, None)),
            (r#"{"numeral": 79900.00000000001}"#, offer(79900.0, None)),
            (r#"{"numeral": 79900.01}"#, offer(79900.01, None)),
            (r#"{"numeral": -79900}"#, offer(-79900.0, None)),
            (r#"{"numeral": "79.000"}"#, unreadable("79.000")),
            (
                r#"{"numeral": 79900, "previous": {"wholeNumber": "", "numeral": 99900}}"#,
                offer(79900.0, Some(99900)),
            ),
            (r#"{"numeral": 79900, "previous": "99,900.00"}"#, offer(79900.0, Some(99900))),
            (r#"{"numeral": "7,99"}"#, unreadable("7,99")),
            (r#"{"numeral": "79.900,00"}"#, unreadable("79.900,00")),
            (r#"{"numeral": "1234,567"}"#, unreadable("1234,567")),
            (r#"{"numeral": "$79"}"#, unreadable("$79")),
            (r#"{"numeral": "무료"}"#, unreadable("무료")),
            (r#"{"numeral": true}"#, unreadable("true")),
            (r#"{"numeral": {"value": 1}}"#, unreadable("an object")),
            (r#""79,900""#, unreadable("79,900")),
            ("[]", unreadable("an array")),
            (r#"{"numeral": null}"#, Price::Missing),
            (r#"{"numeral": ""}"#, Price::Missing),
            ("{}", Price::Missing),
            ("null", Price::Missing),
        ] {
            assert_eq!(read(&format!(r#"{{"salesPrice": {sales}}}"#)), expected, "{sales}");
        }
        assert_eq!(read("{}"), Price::Missing);
    }

    #[test]
    fn a_price_that_some_pay_is_nobodys_wherever_its_mark_stands() {
        let marks = [
            (r#""tag": "FAMILY_PRICE""#, ""),
            (r#""tag": "NEW_PRODUCT", "tags": ["NEW_PRODUCT", "FAMILY_PRICE"]"#, ""),
            (r#""tagWithText": {"tag": "FAMILY_PRICE", "text": "회원가"}"#, ""),
            (r#""tags": {"main": {"tag": "family price"}}"#, ""),
            (r#""tag": "NONE", "badge": {"type": "IN_STORE_OFFER_ONLY"}"#, ""),
            (r#""tag": "NONE""#, r#", "tag": "FAMILY_PRICE""#),
            (
                r#""tag": "TIME_RESTRICTED_OFFER""#,
                r#", "badge": {"type": "IN_STORE_OFFER_ONLY", "text": "매장"}"#,
            ),
            (r#""tag": "NONE""#, r#", "badge": [{"type": "MEMBERS-ONLY"}]"#),
        ];
        let previous = [
            (r#", "previous": {"wholeNumber": "79,900"}"#, true),
            (r#", "previous": {"wholeNumber": 79900}"#, true),
            (r#", "previous": {"wholeNumber": "￦79,900"}"#, true),
            (r#", "previous": 59900.0"#, true),
            (r#", "previous": {"wholeNumber": "39,900"}"#, false),
            (r#", "previous": {"wholeNumber": "soon"}"#, false),
            (r#", "previous": null"#, false),
            ("", false),
        ];
        for (mark, beside) in marks {
            for (previous, readable) in previous {
                let json = format!(r#"{{"salesPrice": {{"numeral": 59900.0, {mark}{previous}}}{beside}}}"#);
                match (read(&json), readable) {
                    (Price::Offer(Offer { price, normal: None }), true) => {
                        assert!([79900.0, 59900.0].contains(&price), "{json}");
                        assert_eq!(price == 59900.0, previous.contains("59900"), "{json}");
                    }
                    (Price::Restricted(shown), false) => {
                        assert!(shown.starts_with("59900"), "{json}: {shown}")
                    }
                    (other, _) => panic!("{json}: {other:?}"),
                }
            }
        }
        let many =
            format!(r#"{{"salesPrice": {{"numeral": 1, "tags": [{}]}}}}"#, vec![r#""NEW""#; 40].join(","));
        assert!(matches!(read(&many), Price::Restricted(_)), "a mark may stand behind those that are read");
    }

    #[test]
    fn other_marks_leave_a_price_as_it_is() {
        for mark in ["NONE", "NEW_PRODUCT", "TOP_SELLER", "DISCONTINUED_PRODUCT", "TIME_RESTRICTED_OFFER", ""]
        {
            let json = format!(
                r#"{{"tag": "{mark}", "salesPrice": {{"numeral": 5, "tag": "{mark}", "tags": ["{mark}"],
                    "validFrom": "2026-11-01", "lowestPreviousSalesPrice": {{"wholeNumber": "4"}},
                    "previous": {{"wholeNumber": "7"}}}}}}"#
            );
            assert_eq!(read(&json), offer(5.0, Some(7)), "{mark}");
        }
    }
}
