//! Makes a product's fields wrong, in as many variations as there are ways to it.
//!
//! What concerns other products is done by the caller.

use serde_json::{Value, json};

use super::{dirt::Dirt, harmless, listing::Fields, raw};

/// Makes the product's fields dirty. It is long because it is a table.
pub(super) fn soil(fields: &mut Fields, dirt: Dirt, turn: u64) {
    let id = fields.text("itemNo").to_owned();
    match dirt {
        Dirt::NoId => fields.spoil("itemNo", &[json!(""), Value::Null, json!([id])], turn),
        Dirt::NoName => fields.spoil("name", &[json!(""), Value::Null], turn),
        Dirt::EmptyName => {
            let names = ["\u{200b}\u{feff}", "<b></b>&nbsp;", "\u{2060}\u{200e} \u{202a}"];
            fields.vary("name", names, turn);
        }
        Dirt::IdCharacters => {
            let ids = [format!("{id}.1"), format!("{id}é"), format!("{id}/2"), format!("품번{id}")];
            fields.vary("itemNo", ids, turn);
        }
        Dirt::IdTooLong => fields.set("itemNo", json!(format!("{id}{}", "x".repeat(43)))),
        Dirt::TwoValues => two_values(fields, &id, turn),
        Dirt::PriceNotWhole => {
            fields.vary_price("numeral", [json!(79_900.5), json!(1_234.01), json!("79900.5")], turn);
        }
        Dirt::PriceTooLong => {
            let prices = [json!(12_345_678_901_u64), json!(1e11), json!("99,999,999,999")];
            fields.vary_price("numeral", prices, turn);
        }
        Dirt::PriceUnreadable => price_unreadable(fields, turn),
        Dirt::LinkNotHttp => {
            let links = [
                json!("ftp://shop.example/p/1"),
                json!(format!("/kr/ko/p/{id}/")),
                Value::Null,
                json!("javascript:alert(1)"),
            ];
            fields.spoil("pipUrl", &links, turn);
        }
        Dirt::BrokenTwin => fields.remove("pipUrl"),
        Dirt::LinkTooLong => {
            fields.set("pipUrl", json!(format!("https://shop.example/kr/ko/p/{}-{id}/", "long".repeat(75))));
        }
        Dirt::ImageNotHttp => {
            fields.set(
                "allProductImage",
                json!([{"url": "images/1_s5.jpg"}, {"url": "data:image/png;base64,AAAA"}]),
            );
            fields.set("contextualImageUrl", json!("없음"));
            let images = ["ftp://images.example/1_s5.jpg", "/images/1_s5.jpg", "data:image/png;base64,AAAA"];
            fields.vary("mainImageUrl", images, turn);
        }
        Dirt::NoCategory => fields.spoil("categoryPath", &[json!([]), Value::Null], turn),
        Dirt::NotSellable => {
            fields.set("onlineSellable", json!(false));
            fields.vary("name", harmless::DESTROYED, turn);
            harmless::id_as_number(fields);
        }
        Dirt::SkippedTwin => fields.set("onlineSellable", json!(false)),
        Dirt::SellableUnclear => {
            let words = [
                json!("false"),
                json!(0),
                json!("N"),
                json!("SOON"),
                json!({"status": "AVAILABLE"}),
                json!(raw::CUT_TRUE),
                json!(2),
            ];
            fields.vary("onlineSellable", words, turn);
        }
        Dirt::Restricted => {
            harmless::mark(fields, turn);
            match turn % 4 {
                0 => {}
                1 => fields.set_price("previous", Value::Null),
                2 => fields.set_price("previous", json!({"prefix": "￦", "wholeNumber": "문의"})),
                _ => fields.set_price("previous", json!(100)),
            }
            fields.set_price("lowestPreviousSalesPrice", json!({"prefix": "￦", "wholeNumber": "989,000"}));
        }
        Dirt::NoPrice => no_price(fields, turn),
        Dirt::PriceTooLow => {
            fields.vary_price("numeral", [json!(0.0), json!("0"), json!(-5000.0)], turn);
        }
        Dirt::NoImage => {
            fields.set("contextualImageUrl", Value::Null);
            fields.spoil("mainImageUrl", &[Value::Null, json!("")], turn);
            fields.spoil("allProductImage", &[json!([]), Value::Null], turn / 3);
        }
        Dirt::Harmless(kind) => harmless::soil(fields, kind, turn),
        Dirt::UnsoundParent => match turn % 4 {
            0 => fields.set("onlineSellable", json!(false)),
            1 => no_price(fields, turn),
            2 => fields.remove("itemNo"),
            _ => {}
        },
        Dirt::NotAnObject
        | Dirt::Content
        | Dirt::BrokenJson
        | Dirt::Duplicate
        | Dirt::Again
        | Dirt::RepeatedVariant
        | Dirt::VariantWithoutPrice => {}
    }
}

fn no_price(fields: &mut Fields, turn: u64) {
    match turn % 5 {
        0 => fields.set("salesPrice", Value::Null),
        1 => fields.remove("salesPrice"),
        2 => fields.set_price("numeral", Value::Null),
        3 => fields.remove_price("numeral"),
        _ => fields.set_price("numeral", json!(" ")),
    }
}

fn price_unreadable(fields: &mut Fields, turn: u64) {
    let numeral = match turn % 9 {
        0 => json!("무료"),
        1 => json!(raw::NAN),
        2 => json!("7,99"),
        3 => json!(raw::HUGE),
        4 => json!("1.299.000,00"),
        5 => json!({"value": 79_900}),
        6 => json!(true),
        7 => return fields.set("salesPrice", json!("79,900")),
        _ => return fields.set("salesPrice", json!([79_900])),
    };
    fields.set_price("numeral", numeral);
}

/// The key once more, behind all others, with another value.
fn two_values(fields: &mut Fields, id: &str, turn: u64) {
    let price = fields.get("salesPrice").cloned().unwrap_or_default();
    let with = |key: &str, value: Value| {
        let mut price = price.clone();
        price[key] = value;
        price
    };
    match turn % 5 {
        0 => fields.again("salesPrice", with("numeral", json!(990.0))),
        1 => fields.again("itemNo", json!(format!("{id}9"))),
        2 => fields.again("salesPrice", with("currencyCode", json!("SEK"))),
        3 => fields.again("tag", json!("FAMILY_PRICE")),
        _ => fields.again("onlineSellable", json!(false)),
    }
}
