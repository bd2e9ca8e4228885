//! A price as the listing writes it: the marks of whom it is for, and the price before in any of its ways.

use serde_json::{Value, json};

use super::facts::{Facts, Mark, Price};

/// `salesPrice` of a product.
pub fn write(facts: &Facts) -> Value {
    let mut price = json!({
        "currencyCode": "KRW", "numeral": facts.asked as f64, "current": parts(facts.asked), "isRegularCurrency": true,
        "tag": (["NONE", "TOP_SELLER", "NEW_PRODUCT", "DISCONTINUED_PRODUCT"][facts.roll(53, 4) as usize]),
    });
    let drift = [
        json!(""),
        json!({}),
        json!({"prefix": "￦", "amount": "20,000"}),
        Value::Null,
        json!(20),
        json!([]),
    ];
    if facts.roll(59, 7) < 6 {
        price["discount"] = drift[facts.roll(59, 7) as usize].clone();
    }
    if facts.roll(61, 4) == 0 {
        price["tags"] = json!([price["tag"]]);
    }
    let higher = match facts.price {
        Price::Everybody { before } => before,
        Price::Restricted { regular, .. } => regular,
    };
    if let Some(higher) = higher {
        price["previous"] = shown(higher, facts.roll(67, 8));
        price["validFrom"] = "2026-09-29T00:00:00".into();
        price["validTo"] = "2026-10-26T23:59:59".into();
        price["lowestPreviousSalesPrice"] = parts(facts.asked);
    }
    match facts.price {
        Price::Everybody { before: Some(_) } => {
            price["tag"] = "TIME_RESTRICTED_OFFER".into();
            price["tags"] = json!(["TIME_RESTRICTED_OFFER", "NEW_LOWER_PRICE"]);
        }
        Price::Everybody { before: None } => {}
        Price::Restricted { mark, regular } => {
            let family = "FAMILY_PRICE";
            if matches!(mark, Mark::Tag | Mark::TagAndTags | Mark::Everywhere) {
                price["tag"] = family.into();
            }
            match mark {
                Mark::TagAndTags | Mark::Everywhere => price["tags"] = json!([family]),
                Mark::LastOfTags => {
                    price["tag"] = "NEW_PRODUCT".into();
                    price["tags"] = json!(["NEW_PRODUCT", "DISCONTINUED_PRODUCT", family]);
                }
                _ => {}
            }
            if matches!(mark, Mark::TagWithText | Mark::Everywhere) {
                price["tagWithText"] = json!({"tag": family, "text": "패밀리 회원가"});
            }
            if regular.is_none() {
                // neither a question nor what it cost at its lowest is a regular price
                price["lowestPreviousSalesPrice"] = parts(facts.asked + 5_000);
                match facts.roll(71, 3) {
                    0 => {}
                    1 => price["previous"] = Value::Null,
                    _ => price["previous"] = "문의".into(),
                }
            }
        }
    }
    price
}

/// A price in the parts that are shown.
fn parts(won: u64) -> Value {
    json!({"prefix": "￦", "wholeNumber": grouped(won), "separator": "", "decimals": "", "suffix": "", "hasTrailingCents": false})
}

/// A price in any of the ways in which an earlier one is told.
fn shown(won: u64, dice: u64) -> Value {
    match dice {
        0 => json!(won),
        1 => json!(won as f64),
        2 => format!("￦{}", grouped(won)).into(),
        3 => format!("₩ {}", grouped(won)).into(),
        4 => format!("{}원", grouped(won)).into(),
        5 => json!({"prefix": "￦", "wholeNumber": won}),
        _ => parts(won),
    }
}

fn grouped(won: u64) -> String {
    let digits = won.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
