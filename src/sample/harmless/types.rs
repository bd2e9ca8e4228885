//! Values of other types than usual, in fields that may have them.

use serde_json::{Value, json};

use super::{
    super::{
        listing::Fields,
        raw::{CAPITAL_FALSE, DIGITS, HUGE, INFINITY, NAN},
    },
    Harmless,
};

pub(super) fn soil(fields: &mut Fields, kind: Harmless, turn: u64) {
    match kind {
        Harmless::RatingCount => {
            fields.vary("ratingCount", [json!("123"), json!("많음"), json!(4.5), json!([])], turn);
        }
        Harmless::NoType => fields.set("typeName", Value::Null),
        Harmless::DesignOfAnotherType => {
            let texts = [json!(5), json!({"text": "화이트"}), json!(true)];
            fields.vary("validDesignText", texts, turn);
        }
        Harmless::UnknownFields => {
            fields.set("새 필드", json!({"version": 9, "itemNo": "00000000", "name": ["딴", "이름"]}));
            fields.set("", json!([null, {"": ""}]));
        }
        Harmless::DeepBrackets => fields.set("quickFacts", deep(100 + turn % 200)),
        Harmless::NotANumber => match turn % 2 {
            0 => {
                fields.set("ratingValue", json!(NAN));
                fields.set("experimentalDiscountPercentage", json!(INFINITY));
            }
            _ => fields.set("ratingCount", json!(NAN)),
        },
        Harmless::HugeNumber => {
            fields.set("heroBackoffData", json!({"rank": DIGITS, "score": [HUGE]}));
            fields.set("ratingCount", json!(DIGITS));
        }
        Harmless::BareWord => fields.set("lastChance", json!(CAPITAL_FALSE)),
        Harmless::IdInOtherWords => match turn % 2 {
            0 => fields.set("itemNo", json!(format!(" {} ", fields.text("itemNo")))),
            _ => id_as_number(fields),
        },
        Harmless::UnusedDrift => {
            fields.set("colors", json!({"0": null}));
            fields.set("availability", json!("재고 있음"));
            fields.set("features", json!(3));
            fields.set("businessStructure", Value::Null);
            fields.set("optimizelyAttributes", json!([1, [2, [3]]]));
            fields.set_price("discount", json!([{"deeper": {"still": []}}]));
        }
        Harmless::NoVariants => fields.set("gprDescription", no_variants(turn)),
        Harmless::SellableInWords => {
            fields.vary("onlineSellable", [json!("true"), json!(1), json!("Y")], turn);
        }
        _ => match turn % 2 {
            0 => fields.remove("onlineSellable"),
            _ => fields.set("onlineSellable", Value::Null),
        },
    }
}

/// The id without quotes, and so without the zeros before it.
pub(in super::super) fn id_as_number(fields: &mut Fields) {
    let number: u64 = fields.text("itemNo").parse().expect("an item number is eight digits");
    fields.set("itemNo", json!(number));
}

/// Brackets inside each other.
fn deep(levels: u64) -> Value {
    (0..levels)
        .fold(json!("끝"), |inner, level| if level % 2 == 0 { json!([inner]) } else { json!({"a": inner}) })
}

/// Variants that are none.
fn no_variants(turn: u64) -> Value {
    let none = [
        Value::Null,
        json!({"numberOfVariants": 2, "variants": null}),
        json!({"numberOfVariants": "2", "variants": {}}),
        json!({"variants": [null, 7, "01234567", [], {}]}),
        json!("변형 없음"),
    ];
    let nth = (turn % none.len() as u64) as usize;
    none[nth].clone()
}
