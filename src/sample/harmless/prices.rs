//! Prices in other words, and prices that are for some only.

use serde_json::{Value, json};

use super::{
    super::listing::{Fields, amount, grouped},
    Harmless,
};

pub(super) fn soil(fields: &mut Fields, kind: Harmless, turn: u64) {
    match kind {
        Harmless::Marks => {
            mark(fields, turn);
            regular(fields, turn);
        }
        Harmless::PriceAsText => {
            let won = fields.won();
            let texts = [
                json!(grouped(won)),
                json!(won),
                json!(format!("￦{}", grouped(won))),
                // what arithmetic on floats leaves
                json!((won as f64).next_up()),
                json!(format!("{won}원")),
                json!(format!("{won}.00")),
            ];
            fields.vary_price("numeral", texts, turn);
        }
        _ => fields.set_price("previous", Value::Null),
    }
}

/// A mark in any of the places in which a price is said to be for some only.
pub(in super::super) fn mark(fields: &mut Fields, turn: u64) {
    const FAMILY: &str = "FAMILY_PRICE";
    match turn % 7 {
        0 => {
            fields.set_price("tag", json!("NEW_PRODUCT"));
            fields.set_price("tags", json!(["NEW_PRODUCT", FAMILY]));
        }
        1 => fields.set("tag", json!(FAMILY)),
        2 => fields.set_price("tagWithText", json!({"tag": FAMILY, "text": "패밀리 회원가"})),
        3 => fields.set("badge", json!({"type": "IN_STORE_OFFER_ONLY", "text": "매장 전용"})),
        4 => fields.set_price("tag", json!(FAMILY)),
        5 => {
            fields.set_price("tags", json!(["DISCONTINUED_PRODUCT", "TIME_RESTRICTED_OFFER", FAMILY]));
            fields.set_price("tagWithText", json!({"tag": "DISCONTINUED_PRODUCT", "text": "단종 예정"}));
        }
        _ => {
            fields.set("tag", json!(FAMILY));
            fields.set_price("tag", json!(FAMILY));
            fields.set_price("tags", json!([FAMILY]));
        }
    }
    fields.set_price("validFrom", json!("2026-09-29T00:00:00"));
    fields.set_price("validTo", json!("2026-10-26T23:59:59"));
}

/// The regular price, in any of the ways in which it is told.
fn regular(fields: &mut Fields, turn: u64) {
    let won = fields.won() + 20_000;
    let ways = [
        amount(won),
        json!(won),
        json!(format!("￦{}", grouped(won))),
        json!({"prefix": "￦", "wholeNumber": won}),
        json!(won as f64),
        json!(format!("{}원", grouped(won))),
    ];
    fields.vary_price("previous", ways, turn);
}
