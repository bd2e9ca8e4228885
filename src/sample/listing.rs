//! One clean product in the shape of a retailer's listing: what is used, and plenty that is not.
//!
//! It never makes a defect; that is `dirt`'s work.

use serde_json::{Value, json};

use super::{
    rng::Rng,
    words::{COLORS, KINDS, Kind, Name, name},
};

/// A JSON object whose fields keep their order.
#[derive(Debug, Clone)]
pub(super) struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    /// Sets the field, a new one at the end.
    pub fn set(&mut self, key: &'static str, value: Value) {
        match self.0.iter_mut().find(|(k, _)| *k == key) {
            Some(field) => field.1 = value,
            None => self.0.push((key, value)),
        }
    }

    /// Sets the field to any of the values, by turns.
    pub fn vary<const N: usize>(&mut self, key: &'static str, values: [impl Into<Value>; N], turn: u64) {
        self.set(key, turned(values, turn));
    }

    /// The field with one of these values, or missing, by turns.
    pub fn spoil(&mut self, key: &'static str, values: &[Value], turn: u64) {
        match values.get((turn % (values.len() as u64 + 1)) as usize) {
            Some(value) => self.set(key, value.clone()),
            None => self.remove(key),
        }
    }

    /// Appends the field, though its key may be there already.
    pub fn again(&mut self, key: &'static str, value: Value) {
        self.0.push((key, value));
    }

    /// The field's first value.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(k, _)| *k == key).map(|(_, value)| value)
    }

    /// Drops the field.
    pub fn remove(&mut self, key: &str) {
        self.0.retain(|(k, _)| *k != key);
    }

    /// The field as text, empty where it is none.
    pub fn text(&self, key: &str) -> &str {
        self.get(key).and_then(Value::as_str).unwrap_or("")
    }

    /// The price of a clean product, in won.
    pub fn won(&self) -> u64 {
        // a clean price is whole and below 2^53
        self.get("salesPrice").and_then(|price| price["numeral"].as_f64()).unwrap_or(0.0) as u64
    }

    /// Sets a part of the field `salesPrice`.
    pub fn set_price(&mut self, key: &str, value: Value) {
        for (_, price) in self.0.iter_mut().filter(|(k, _)| *k == "salesPrice") {
            price[key] = value.clone();
        }
    }

    /// Sets a part of the field `salesPrice` to any of the values, by turns.
    pub fn vary_price<const N: usize>(&mut self, key: &str, values: [Value; N], turn: u64) {
        self.set_price(key, turned(values, turn));
    }

    /// Drops a part of the field `salesPrice`.
    pub fn remove_price(&mut self, key: &str) {
        for (_, price) in self.0.iter_mut().filter(|(k, _)| *k == "salesPrice") {
            if let Some(parts) = price.as_object_mut() {
                parts.remove(key);
            }
        }
    }

    /// Appends the JSON text.
    pub fn write(&self, out: &mut Vec<u8>) {
        for (i, (key, value)) in self.0.iter().enumerate() {
            out.extend_from_slice(if i == 0 { b"{\"" } else { b",\"" });
            out.extend_from_slice(key.as_bytes());
            out.extend_from_slice(b"\":");
            serde_json::to_writer(&mut *out, value).expect("writing into memory does not fail");
        }
        out.push(b'}');
    }

    /// The same as one value.
    pub fn into_value(self) -> Value {
        self.0.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()
    }
}

fn turned<const N: usize>(values: [impl Into<Value>; N], turn: u64) -> Value {
    let nth = values.into_iter().nth((turn % N as u64) as usize);
    nth.expect("the remainder is below the length").into()
}

/// A price as people in Korea read it.
pub(super) fn grouped(won: u64) -> String {
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

/// One price object of the listing.
pub(super) fn amount(won: u64) -> Value {
    json!({"prefix": "￦", "wholeNumber": grouped(won), "separator": "", "decimals": "", "suffix": ""})
}

/// A clean product with the given number, which decides everything about it.
pub(super) fn product(rng: &mut Rng, id: &str) -> Fields {
    let (name, kind) = (name(rng), rng.pick(&KINDS));
    let color = *rng.pick(&COLORS);
    let won = (5 + rng.below(800)) * if rng.once_in(3) { 1000 } else { 100 } + 900;
    let image = |part: &str| {
        format!("https://images.example/kr/ko/images/products/{}-{}-{part}", name.slug, kind.slug)
    };
    let main = image(&format!("{}__{id}_s5.jpg", color.1));
    let alt = format!("{} {}, {}", name.latin, kind.name, color.0);
    let pictures: Vec<Value> = (0..rng.below(3))
        .map(|n| {
            let url = if n == 0 { main.clone() } else { image(&format!("{}__{id}_ph{n}_s5.jpg", color.1)) };
            let type_ = if n == 0 { "MAIN_PRODUCT_IMAGE" } else { "CONTEXT_PRODUCT_IMAGE" };
            json!({"type": type_, "url": url, "altText": alt})
        })
        .collect();
    let combination = rng.once_in(9);
    let mut fields = Fields(vec![
        ("itemType", json!(if combination { "SPR" } else { "ART" })),
        ("itemNo", json!(id)),
        ("id", json!(if combination { format!("s{id}") } else { id.to_owned() })),
        ("itemNoGlobal", json!(id)),
        ("name", json!(format!("{} {}", name.latin, name.hangul))),
        ("typeName", json!(kind.name)),
        ("validDesignText", json!(color.0)),
        ("itemMeasureReferenceText", json!(measure(rng))),
        ("mainImageUrl", json!(main)),
        ("contextualImageUrl", json!(image(&format!("{}__{id}_ph1_s5.jpg", color.1)))),
        ("pipUrl", json!(format!("https://shop.example/kr/ko/p/{}-{}-{id}/", name.slug, kind.slug))),
        ("salesPrice", price(rng, won)),
        ("tag", json!("NONE")),
        ("onlineSellable", json!(true)),
        ("lastChance", json!(false)),
        ("categoryPath", path(rng, kind)),
        ("allProductImage", Value::Array(pictures)),
        ("gprDescription", json!({"numberOfVariants": 0, "variants": []})),
    ]);
    if !rng.once_in(5) {
        fields.set("ratingValue", json!((30 + rng.below(21)) as f64 / 10.0));
        fields.set("ratingCount", json!(rng.below(900)));
    }
    unused(&mut fields, rng, &name, kind, color);
    fields
}

fn measure(rng: &mut Rng) -> String {
    let mut side = |least: u64, span: u64| least + rng.below(span);
    format!("{}x{}x{} cm", side(20, 180), side(20, 60), side(30, 190))
}

fn price(rng: &mut Rng, won: u64) -> Value {
    let discount = match rng.below(4) {
        0 => json!({"percentage": null, "amount": {"value": 0, "currency": "KRW"}}),
        1 => Value::Null,
        _ => json!(""),
    };
    json!({"currencyCode": "KRW", "numeral": won as f64, "current": amount(won), "tag": "NONE",
           "isBreathTaking": false, "discount": discount})
}

/// What comes below a department's third level, in a path that is that long.
const DEEPER: [(&str, &str); 3] = [("시리즈", "series"), ("색상별", "colour"), ("신상품", "new")];

/// One to six levels, the department first; once in six times behind the level of all products.
fn path(rng: &mut Rng, kind: &Kind) -> Value {
    let mut levels = Vec::new();
    if rng.once_in(6) {
        levels.push(("제품", "products"));
    }
    let depth = 1 + rng.below(6) as usize;
    levels.extend(kind.path.iter().chain(&DEEPER).take(depth));
    levels.into_iter().map(|(name, key)| json!({"name": name, "key": key})).collect()
}

/// Fields that nobody uses, and whose types drift.
fn unused(fields: &mut Fields, rng: &mut Rng, name: &Name, kind: &Kind, color: (&str, &str, &str)) {
    fields.set(
        "businessStructure",
        json!({"homeFurnishingBusinessName": kind.path[0].0, "homeFurnishingBusinessNo": "02",
               "productRangeAreaName": kind.path[1].0, "productRangeAreaNo": "021",
               "productAreaName": kind.path[2].0, "productAreaNo": "0212"}),
    );
    let color = json!({"name": color.0, "id": color.1, "hex": color.2});
    fields.set("colors", if rng.once_in(20) { color } else { json!([color]) });
    let fact = format!("{} 시리즈는 \"넉넉한 수납\"과 튼튼한 소재가 특징입니다.", name.hangul);
    let facts = if rng.once_in(3) { json!(["간편한 조립", {"text": fact}]) } else { json!([fact]) };
    fields.set("quickFacts", facts);
    fields.set("features", json!([]));
    let store = rng.below(5);
    fields.set(
        "availability",
        json!([{"store": format!("매장 {store}"), "status": "LOW_IN_STOCK", "prefix": "재고:"}]),
    );
    let hero = if rng.once_in(2) { Value::Null } else { json!({"rank": rng.below(100), "ranges": [[]]}) };
    fields.set("heroBackoffData", hero);
    fields.set("optimizelyAttributes", json!({"itemNo": fields.text("itemNo"), "cohort": rng.below(8)}));
    fields.set("metadata", json!("\\u00e5 \\/ \\\\"));
}
