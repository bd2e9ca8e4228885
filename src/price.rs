//! What every visitor pays for a product, and what it cost before.
//!
//! It never skips or breaks a product: that is for the filter and the rules.

use crate::product::SalesPrice;

/// A product's price as a feed may state it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Offer {
    /// What every visitor pays. May hold a fraction, which a rule refuses.
    pub price: f64,
    /// The list price, where it is above the price.
    pub normal: Option<u64>,
    /// It is a members' price, because the source does not tell everybody's.
    pub members_only: bool,
}

/// The tag of a price that only members of the shop's club pay.
const FAMILY_PRICE: &str = "FAMILY_PRICE";

impl Offer {
    /// Reads the price; `None` where there is none.
    pub fn of(sales: &SalesPrice<'_>) -> Option<Self> {
        let price = sales.numeral.0?;
        let previous = sales
            .previous
            .0
            .as_ref()
            .and_then(|amount| whole(amount.whole_number.text()?))
            .filter(|previous| *previous as f64 > price);
        let family = sales.tag.text() == Some(FAMILY_PRICE);
        Some(match (family, previous) {
            (true, Some(regular)) => Self { price: regular as f64, normal: None, members_only: false },
            (true, None) => Self { price, normal: None, members_only: true },
            (false, normal) => Self { price, normal, members_only: false },
        })
    }
}

/// `79,900` as a number: digits with separators between them.
fn whole(text: &str) -> Option<u64> {
    let digits: String =
        text.chars().filter(|c| !matches!(c, ',' | '.' | ' ' | '\u{a0}' | '\u{202f}')).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_price_is_what_every_visitor_pays() {
        let cases = [
            (r#"{"numeral": 79900.0}"#, Some((79900.0, None, false))),
            (
                r#"{"numeral": 79900, "previous": {"wholeNumber": "99,900"}}"#,
                Some((79900.0, Some(99900), false)),
            ),
            (r#"{"numeral": 79900, "previous": {"wholeNumber": "59,900"}}"#, Some((79900.0, None, false))),
            (r#"{"numeral": 79900, "previous": {"wholeNumber": "sale"}}"#, Some((79900.0, None, false))),
            (
                r#"{"numeral": 79900, "tag": "FAMILY_PRICE", "previous": {"wholeNumber": "99,900"}}"#,
                Some((99900.0, None, false)),
            ),
            (r#"{"numeral": 79900, "tag": "FAMILY_PRICE"}"#, Some((79900.0, None, true))),
            (r#"{"numeral": "79900"}"#, None),
            (r#"{"numeral": null}"#, None),
            ("{}", None),
        ];
        for (json, expected) in cases {
            let found = Offer::of(&serde_json::from_str(json).unwrap());
            assert_eq!(found.map(|o| (o.price, o.normal, o.members_only)), expected, "{json}");
        }
    }
}
