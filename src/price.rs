//! What every visitor pays for a product, and what it cost before.
//!
//! It never skips or breaks a product: that is for the filter and the rules. A price that only some visitors pay is never
//! taken for everybody's, whatever the source calls it and wherever it says so.

use crate::product::{Member, Scalar};

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

/// Reads the price of a product.
pub fn of(member: &Member<'_, '_>) -> Price {
    let Some(stated) = member.value(&member.map.price) else {
        let instead = member.instead_of_price();
        return instead.map_or(Price::Missing, |other| Price::Unreadable(other.to_string()));
    };
    let Some(price) = in_whole_units(member, &stated) else {
        return Price::Unreadable(stated.to_string());
    };
    let regular = member.value(&member.map.regular_price).and_then(|regular| before(&regular));
    let regular = regular.and_then(|regular| Scalar::Number(in_units(member, regular as f64)?).count());
    if !member.is_marked(|mark| member.map.restricted.holds(mark)) {
        let normal = regular.filter(|regular| *regular as f64 > price);
        return Price::Offer(Offer { price, normal });
    }
    match regular.filter(|regular| *regular as f64 >= price) {
        Some(regular) => Price::Offer(Offer { price: regular as f64, normal: None }),
        None => Price::Restricted(member.shown_price()),
    }
}

/// The amount that the source calls its price, whoever pays it.
pub fn stated(member: &Member<'_, '_>) -> Option<f64> {
    in_whole_units(member, &*member.value(&member.map.price)?)
}

/// What a value says in whole units of the currency. A text with decimals is no count of a smaller unit, whatever the map
/// says: `12900.00` in hundredths would be sold for 129.
fn in_whole_units(member: &Member<'_, '_>, stated: &Scalar<'_>) -> Option<f64> {
    let has_decimals = matches!(stated, Scalar::Text(text) if text.contains('.'));
    if has_decimals && member.map.price_unit.places().is_some() {
        return None;
    }
    in_units(member, amount(stated)?)
}

/// An amount in whole units of the currency; `None` where the product does not say how many decimal places it holds.
fn in_units(member: &Member<'_, '_>, amount: f64) -> Option<f64> {
    let Some(places) = member.map.price_unit.places() else { return Some(amount) };
    let places = member.value(places)?.count().filter(|places| *places <= MOST_PLACES)?;
    let divided = amount / 10_f64.powi(places as i32);
    (amount.fract() == 0.0).then_some(divided)
}

/// Decimal places that an amount may hold; no currency has more.
const MOST_PLACES: u64 = 4;
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

/// The price before: a number, or a text as it is shown to people.
fn before(scalar: &Scalar<'_>) -> Option<u64> {
    if let Scalar::Text(text) = scalar
        && let Some(digits) = grouped(unsigned(text), &SEPARATORS)
    {
        return digits.parse().ok();
    }
    Scalar::Number(amount(scalar)?).count()
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
mod tests;
