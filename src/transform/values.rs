//! Numbers of a row, and numbers that stand for something.
//!
//! It never knows which column comes after which.

use crate::{
    ep::{broken::Broken, columns::Column, rules::Violation},
    price::Offer,
    product::Member,
};

/// Writes a number, where there is one.
pub(super) fn number(number: Option<u64>) -> impl FnOnce(&mut String) {
    move |out| {
        if let Some(number) = number {
            write_number(number, out);
        }
    }
}

/// The digits of a number, which formatting would take ten times as long for.
fn write_number(number: u64, out: &mut String) {
    // As many as the largest one has.
    let (mut digits, mut begin, mut rest) = ([b'0'; 20], 20, number);
    loop {
        begin -= 1;
        digits[begin] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.push_str(std::str::from_utf8(&digits[begin..]).expect("digits are ASCII"));
}

/// The product's GTIN as its column takes it: twelve digits, as in America, are thirteen with a zero before them. One that
/// is none is left out: it is not worth losing the product.
pub(super) fn barcode(member: &Member<'_, '_>) -> String {
    let said = member.text(&member.map.gtin).unwrap_or_default();
    let digits: String = said.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let digits = if digits.len() == 12 { format!("0{digits}") } else { digits };
    if Column::Barcode.check(&digits).is_ok() { digits } else { String::new() }
}

/// The largest amount of ten digits; above it a price breaks its column's length.
pub(super) const MOST_PRICE: f64 = 9_999_999_999.0;

pub(super) fn whole_price(offer: &Offer) -> Result<u64, Broken> {
    let broken = |violation| Broken::of(Column::PricePc, violation, offer.price.to_string());
    if offer.price.fract() != 0.0 {
        return Err(broken(Violation::NotWhole));
    }
    if offer.price > MOST_PRICE {
        return Err(broken(Violation::TooLong));
    }
    // The filter kept it at 1 or more, and it is whole and below 2^53: exact.
    Ok(offer.price as u64)
}

/// How many people said what they think of it.
pub(super) fn review_count(member: &Member<'_, '_>) -> Option<u64> {
    let count = member.value(&member.map.rating_count).and_then(|count| count.count());
    count.filter(|count| *count as f64 <= MOST_PRICE)
}
