//! Every kind of defect that a catalogue can have, and dirt that must not lose a product.
//!
//! One product never has two defects, so that what becomes of it is known beforehand.

use serde_json::{Value, json};

use super::{listing::Fields, planted::Fate};
use crate::filter::SkipReason;

/// What is wrong with a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dirt {
    NotAnObject,
    BrokenJson,
    NoId,
    NoName,
    IdCharacters,
    IdTooLong,
    PriceNotWhole,
    PriceTooLong,
    LinkNotHttp,
    LinkTooLong,
    ImageNotHttp,
    NoCategory,
    NotSellable,
    NoPrice,
    PriceTooLow,
    NoImage,
    /// The product before it once more, from another category.
    Duplicate,
    /// A whole variant is the product before it once more.
    RepeatedVariant,
    /// It has the id of the product after it, and is not sellable.
    SkippedTwin,
    /// It has the id of the product after it, and no link.
    BrokenTwin,
    /// Nothing that matters; the number says what.
    Harmless(u8),
}

/// The kinds of harmless dirt.
const HARMLESS: u8 = 18;
/// Products after which the defects begin again, each in another variation.
pub(super) const CYCLE: u64 = 320;
/// Every seventh product is a dirty one, so that those beside it are clean.
const STEP: u64 = 7;

const DEFECTS: [Dirt; 20] = [
    Dirt::NotSellable,
    Dirt::NotAnObject,
    Dirt::NoPrice,
    Dirt::BrokenJson,
    Dirt::NoImage,
    Dirt::NoId,
    Dirt::Duplicate,
    Dirt::NoName,
    Dirt::PriceTooLow,
    Dirt::IdCharacters,
    Dirt::RepeatedVariant,
    Dirt::IdTooLong,
    Dirt::SkippedTwin,
    Dirt::PriceNotWhole,
    Dirt::BrokenTwin,
    Dirt::PriceTooLong,
    Dirt::LinkNotHttp,
    Dirt::LinkTooLong,
    Dirt::ImageNotHttp,
    Dirt::NoCategory,
];

/// What a place in a dirty catalogue is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Dirty(Dirt),
    /// Beside a dirty one: clean and without variants or a family price.
    Plain,
    /// Clean, with everything that a catalogue has.
    Free,
}

/// What the product at `index` is.
pub(super) fn place(index: u64) -> Place {
    let slot = index % CYCLE;
    let kind = slot / STEP;
    let harmless = kind.wrapping_sub(DEFECTS.len() as u64);
    let dirt = usize::try_from(kind).ok().and_then(|k| DEFECTS.get(k)).copied();
    let dirt = dirt.or_else(|| u8::try_from(harmless).ok().filter(|h| *h < HARMLESS).map(Dirt::Harmless));
    match (slot % STEP, dirt) {
        (3, Some(dirt)) => Place::Dirty(dirt),
        (2 | 4, Some(_)) => Place::Plain,
        _ => Place::Free,
    }
}

/// What becomes of a product with this defect in this variation.
pub(super) fn fate(dirt: Dirt, turn: u64) -> Fate {
    match dirt {
        Dirt::BrokenJson => match turn % 6 {
            // A bare word in a flag's place, and bytes or escapes that are none, are bad values, not broken JSON.
            0 => Fate::Skipped(SkipReason::SellableUnclear),
            2 | 3 | 5 => Fate::Kept,
            _ => Fate::Broken("product: unreadable"),
        },
        Dirt::NotAnObject => Fate::Broken("product: unreadable"),
        Dirt::NoId => Fate::Broken("product: no_id"),
        Dirt::NoName => Fate::Broken("product: no_name"),
        Dirt::IdCharacters => Fate::Broken("id: characters"),
        Dirt::IdTooLong => Fate::Broken("id: too_long"),
        Dirt::PriceNotWhole => Fate::Broken("price_pc: not_whole"),
        Dirt::PriceTooLong => Fate::Broken("price_pc: too_long"),
        Dirt::LinkNotHttp => Fate::Broken("link: not_http"),
        Dirt::LinkTooLong => Fate::Broken("link: too_long"),
        Dirt::ImageNotHttp => Fate::Broken("image_link: not_http"),
        Dirt::NoCategory => Fate::Broken("category_name1: required"),
        Dirt::NotSellable => Fate::Skipped(SkipReason::NotSellable),
        Dirt::NoPrice => match turn % 7 {
            4 | 6 => Fate::Broken("price_pc: not_an_amount"),
            _ => Fate::Skipped(SkipReason::NoPrice),
        },
        Dirt::PriceTooLow => Fate::Skipped(SkipReason::PriceTooLow),
        Dirt::NoImage => Fate::Skipped(SkipReason::NoImage),
        // The id is kept when the product after it comes.
        Dirt::Duplicate | Dirt::SkippedTwin | Dirt::BrokenTwin => Fate::Duplicate,
        Dirt::RepeatedVariant | Dirt::Harmless(_) => Fate::Kept,
    }
}

/// The field missing, null, or with one of these values, by turns.
fn spoil(fields: &mut Fields, key: &'static str, values: &[Value], turn: u64) {
    match usize::try_from(turn % (values.len() as u64 + 1)).ok().and_then(|n| values.get(n)) {
        Some(value) => fields.set(key, value.clone()),
        None => fields.remove(key),
    }
}

/// Any of the values, by turns; the list is not empty.
fn turned(values: &[Value], turn: u64) -> Value {
    values[(turn % values.len() as u64) as usize].clone()
}

/// Makes the product's fields dirty. What concerns other products is done by the caller.
pub(super) fn soil(fields: &mut Fields, dirt: Dirt, turn: u64) {
    let id = fields.text("itemNo").to_owned();
    let none = [Value::Null, json!("")];
    match dirt {
        Dirt::NoId => spoil(fields, "itemNo", &[json!(""), Value::Null, json!([id])], turn),
        Dirt::NoName => spoil(fields, "name", &[json!(""), Value::Null], turn),
        Dirt::IdCharacters => {
            let ids = [format!("{id}.1"), format!("{id}é"), format!("{id}/2"), format!("품번{id}")];
            fields.set("itemNo", turned(&ids.map(Value::String), turn));
        }
        Dirt::IdTooLong => fields.set("itemNo", json!(format!("{id}{}", "x".repeat(43)))),
        Dirt::PriceNotWhole => {
            fields.set_price("numeral", turned(&[json!(79_900.5), json!(1_234.01), json!(1e9 + 0.25)], turn));
        }
        Dirt::PriceTooLong => {
            fields.set_price(
                "numeral",
                turned(&[json!(12_345_678_901_u64), json!(1e11), json!(99_999_999_999.0)], turn),
            );
        }
        Dirt::LinkNotHttp => {
            let links = [
                json!("ftp://shop.example/p/1"),
                json!(format!("/kr/ko/p/{id}/")),
                Value::Null,
                json!("javascript:alert(1)"),
            ];
            spoil(fields, "pipUrl", &links, turn);
        }
        Dirt::BrokenTwin => fields.remove("pipUrl"),
        Dirt::LinkTooLong => {
            fields.set("pipUrl", json!(format!("https://shop.example/kr/ko/p/{}-{id}/", "long".repeat(75))));
        }
        Dirt::ImageNotHttp => {
            fields.set("allProductImage", json!([]));
            fields.set("contextualImageUrl", json!("없음"));
            let images = [
                json!("ftp://images.example/1_s5.jpg"),
                json!("/images/1_s5.jpg"),
                json!("data:image/png;base64,AAAA"),
            ];
            fields.set("mainImageUrl", turned(&images, turn));
        }
        Dirt::NoCategory => spoil(fields, "categoryPath", &[json!([]), Value::Null], turn),
        Dirt::NotSellable | Dirt::SkippedTwin => fields.set("onlineSellable", json!(false)),
        Dirt::NoPrice => no_price(fields, turn),
        Dirt::PriceTooLow => {
            fields.set_price("numeral", turned(&[json!(0.0), json!(0), json!(-5000.0)], turn))
        }
        Dirt::NoImage => {
            fields.set("contextualImageUrl", Value::Null);
            spoil(fields, "mainImageUrl", &none, turn);
            spoil(fields, "allProductImage", &[json!([]), Value::Null], turn / 3);
        }
        Dirt::Harmless(kind) => super::harmless::soil(fields, kind, turn),
        Dirt::NotAnObject | Dirt::BrokenJson | Dirt::Duplicate | Dirt::RepeatedVariant => {}
    }
}

fn no_price(fields: &mut Fields, turn: u64) {
    match turn % 7 {
        0 => fields.set("salesPrice", Value::Null),
        1 => fields.remove("salesPrice"),
        2 => fields.set_price("numeral", Value::Null),
        3 => fields.remove_price("numeral"),
        4 => fields.set("salesPrice", json!("79,900")),
        5 => fields.set_price("numeral", json!(" ")),
        _ => fields.set("salesPrice", json!([])),
    }
}

/// Makes a product's text one that no JSON parser takes, though its brackets and quotes match.
pub(super) fn unreadable(text: &[u8], dirt: Dirt, turn: u64) -> Vec<u8> {
    if dirt == Dirt::NotAnObject {
        let texts: [&[u8]; 6] = [b"42", b"null", b"\"01234567\"", b"[]", b"true", b"-1.5e3"];
        return texts[(turn % 6) as usize].to_vec();
    }
    let (from, to): (&[u8], &[u8]) = match turn % 6 {
        0 => (b"\"onlineSellable\":true", b"\"onlineSellable\":tru"),
        1 => (b"\"itemNo\":", b"\"itemNo\" "),
        2 => (b"\"name\":\"", b"\"name\":\"\xff\xfe"),
        3 => (b"\"name\":\"", b"\"name\":\"\\x41"),
        4 => (b",\"tag\":", b",,\"tag\":"),
        _ => (b"\"lastChance\":false", b"\"lastChance\":False"),
    };
    let at = memchr::memmem::find(text, from).unwrap_or(0);
    [&text[..at], to, &text[at + from.len()..]].concat()
}
