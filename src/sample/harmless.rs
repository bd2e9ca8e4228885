//! Dirt that must not lose a product: markup and control characters in names, types that drift in unused fields.
//!
//! It never touches what decides whether a product is kept.

use serde_json::{Value, json};

use super::listing::Fields;

/// A private-use character that stands for an unpaired surrogate, which only an escape can spell.
pub(super) const LONE: char = '\u{e000}';

/// Soils the fields with one kind of harmless dirt.
pub(super) fn soil(fields: &mut Fields, kind: u8, turn: u64) {
    let name = fields.text("name").to_owned();
    let image = fields.text("mainImageUrl").to_owned();
    match kind {
        0 => fields.set("name", json!(format!("<b>{name}</b> &amp; &quot;친구&quot;&nbsp;<br/>&#44032;"))),
        1 => fields.set("name", json!(format!("{name}\t탭\r\n줄\u{0}널\u{7}벨\u{1b}[0m\u{85}\u{2028}끝"))),
        2 => fields.set("typeName", json!("의자 🪑👨‍👩‍👧‍👦 \u{200b}\u{feff}")),
        3 => fields.set("name", json!(format!("{name} {}", "아주 긴 이름 ".repeat(30)))),
        4 => fields.set("ratingCount", turned(&[json!("123"), json!("많음"), json!(4.5), json!([])], turn)),
        5 => fields.set("typeName", Value::Null),
        6 => fields.set("validDesignText", turned(&[json!(5), json!({"text": "화이트"}), json!(true)], turn)),
        7 => {
            fields.set("새 필드", json!({"version": 9, "itemNo": "00000000", "name": ["딴", "이름"]}));
            fields.set("", json!([null, {"": ""}]));
        }
        8 => fields.set("allProductImage", turned(&[Value::Null, json!("없음"), json!([null, 7])], turn)),
        9 => fields.set("quickFacts", deep(100 + turn % 200)),
        10 => fields.set("quickFacts", json!([format!("깨진 이모지 {LONE}")])),
        11 => fields.set("mainImageUrl", json!(image.replace("_s5.jpg", "_s3.jpg"))),
        12 => {
            fields.set("mainImageUrl", turned(&[Value::Null, json!("")], turn));
            fields.set(
                "allProductImage",
                json!([{"type": "MAIN_PRODUCT_IMAGE", "url": image, "altText": name}]),
            );
        }
        13 => {
            let id = fields.text("itemNo").to_owned();
            fields.set("pipUrl", json!(format!("https://shop.example/kr/ko/p/튼튼한-의자-{id}/")));
        }
        14 => {
            fields.set("colors", json!({"0": null}));
            fields.set("availability", json!("재고 있음"));
            fields.set("features", json!(3));
            fields.set("businessStructure", Value::Null);
            fields.set("optimizelyAttributes", json!([1, [2, [3]]]));
            fields.set_price("discount", json!([{"deeper": {"still": []}}]));
        }
        15 => fields.set("gprDescription", variants(turn)),
        16 => match turn % 2 {
            0 => fields.remove("onlineSellable"),
            _ => fields.set("onlineSellable", Value::Null),
        },
        _ => fields.set_price("previous", Value::Null),
    }
}

fn turned(values: &[Value], turn: u64) -> Value {
    values[(turn % values.len() as u64) as usize].clone()
}

/// Brackets inside each other.
fn deep(levels: u64) -> Value {
    (0..levels)
        .fold(json!("끝"), |inner, level| if level % 2 == 0 { json!([inner]) } else { json!({"a": inner}) })
}

/// Variants that are none.
fn variants(turn: u64) -> Value {
    let none = [
        Value::Null,
        json!({"numberOfVariants": 2, "variants": null}),
        json!({"numberOfVariants": "2", "variants": {}}),
        json!({"variants": [null, 7, "01234567", [], {}]}),
        json!("변형 없음"),
    ];
    turned(&none, turn)
}
