//! A product as the listing writes it: marks in many places, types that drift, nulls, fields that nobody knows.

use serde_json::{Map, Value, json};

use super::{
    facts::{Facts, Mark, Price},
    order::mix,
    price,
    shop::Shop,
};

/// Latin, Hangul, letters for addresses.
const NAMES: [(&str, &str, &str); 12] = [
    ("NOVAR", "노바르", "novar"),
    ("TRELDUN", "트렐둔", "treldun"),
    ("ÖRVINGE", "외르빙에", "orvinge"),
    ("GROVIK", "그로비크", "grovik"),
    ("KVESTÅ", "크베스토", "kvesta"),
    ("SNURVA", "스누르바", "snurva"),
    ("HÄLMEN", "헬멘", "halmen"),
    ("PELVIK", "펠비크", "pelvik"),
    ("RUNDSJÖ", "룬드셰", "rundsjo"),
    ("TOLMARE", "톨마레", "tolmare"),
    ("VESKNÄS", "베스크네스", "vesknas"),
    ("YNGRID", "윙리드", "yngrid"),
];
const TYPES: [&str; 10] =
    ["책장", "서랍장", "수납함", "머그", "쿠션커버", "러그", "침대프레임", "조명", "화분", "사무용 의자"];
const DESIGNS: [&str; 6] =
    ["화이트", "블랙브라운", "자작나무 무늬목", "다크그레이", "멀티컬러", "참나무/라탄"];
const LEVELS: [&str; 8] =
    ["선반/수납", "가구 세트", "시리즈", "벽 수납", "소형", "아동용", "야외용", "액세서리/부속품"];

/// A product that stands in a department, with its variants inside.
pub fn element(shop: &Shop, number: u64) -> Value {
    let facts = shop.facts(number);
    let mut fields = common(shop, &facts);
    let mut path: Vec<Value> =
        path(shop, &facts).into_iter().map(|(name, key)| json!({"name": name, "key": key})).collect();
    if facts.products_first {
        path.insert(0, json!({"name": "제품", "key": "products"}));
    }
    fields.insert("categoryPath".to_owned(), path.into());
    let variants: Vec<Value> = shop.variants(number).into_iter().map(|v| variant(shop, v)).collect();
    if !variants.is_empty() {
        let group = json!({"numberOfVariants": variants.len(), "variants": variants});
        fields.insert("gprDescription".to_owned(), group);
    } else if facts.roll(13, 3) != 0 {
        let none = [Value::Null, json!({"numberOfVariants": 0, "variants": []})];
        fields.insert("gprDescription".to_owned(), none[facts.roll(2, 2) as usize].clone());
    }
    fields.into()
}

/// A product as it stands among another one's variants: without a category path, with fields of its own.
fn variant(shop: &Shop, number: u64) -> Value {
    let facts = shop.facts(number);
    let mut fields = common(shop, &facts);
    fields.insert("imageUrl".to_owned(), image(&facts, 0).into());
    fields.insert("imageAlt".to_owned(), "".into());
    if number >= shop.products && facts.roll(9, 4) == 0 {
        fields["salesPrice"].as_object_mut().unwrap().remove("currencyCode");
    }
    fields.into()
}

/// The levels of a product's path, the department first: names and keys.
pub fn path(shop: &Shop, facts: &Facts) -> Vec<(String, String)> {
    let department = &shop.departments[facts.department];
    let mut path = vec![(department.korean.clone(), department.id.clone())];
    let mut dice = mix(facts.department as u64 ^ facts.roll(50, 3) << 8);
    for level in 1..facts.levels {
        let name = LEVELS[(dice % 8) as usize];
        path.push((format!("{name} {level}"), format!("{}", 10_000 + dice % 60_000)));
        dice = mix(dice);
    }
    path
}

/// `책장`; one in forty has none, and one in eight of the variants that stand nowhere else.
pub fn type_name(shop: &Shop, facts: &Facts) -> Option<String> {
    let none = if facts.number < shop.products { 40 } else { 8 };
    (facts.roll(31, none) != 0).then(|| TYPES[facts.roll(37, 10) as usize].to_owned())
}

/// The address of one of its images, the main one first.
pub fn image(facts: &Facts, nth: u64) -> String {
    let slug = NAMES[facts.roll(3, 12) as usize].2;
    format!("https://images.shop.example/kr/ko/images/products/{slug}__{}_pe{nth}_s5.jpg", facts.id)
}

fn common(shop: &Shop, facts: &Facts) -> Map<String, Value> {
    let name = NAMES[facts.roll(3, 12) as usize];
    let combination = facts.roll(19, 9) == 4;
    let (wide, deep, high) = (20 + facts.number % 181, 15 + facts.number / 181 % 60, 30 + facts.roll(5, 211));
    let mut fields = json!({
        "itemNo": facts.id,
        "itemNoGlobal": if facts.roll(15, 5) == 0 { format!("{:08}", facts.roll(21, 100_000_000)) } else { facts.id.clone() },
        "id": if combination { format!("s{}", facts.id) } else { facts.id.clone() },
        "itemType": if combination { "SPR" } else { "ART" },
        "name": format!("{} {}", name.0, name.1),
        "typeName": type_name(shop, facts),
        "itemMeasureReferenceText": format!("{wide}x{deep}x{high} cm"),
        "salesPrice": price::write(facts),
        "pipUrl": format!("https://www.shop.example/kr/ko/p/{}-{}-{}/", name.2, if combination { "set" } else { "item" },
            if combination { format!("s{}", facts.id) } else { facts.id.clone() }),
        "mainImageUrl": image(facts, 0),
        "mainImageAlt": format!("{} 사진", name.0),
        "lastChance": facts.roll(141, 41) == 0,
        "homeDelivery": ([Value::Null, json!("AVAILABLE"), json!({"status": []})][facts.roll(3, 3) as usize]),
        "businessStructure": {"homeFurnishingBusinessName": "Storage", "homeFurnishingBusinessNo": "01",
            "productRangeAreaName": "Shelving", "productRangeAreaNo": "0112", "productAreaName": "Cases"},
        "colors": [{"name": "화이트", "id": "10156", "hex": "ffffff"}],
        "quickFacts": [{"label": "재활용"}], "features": [], "availability": [{"store": "373", "prob": "HIGH"}],
        "optimizelyAttributes": {"PRODUCT_TYPE": "standard"}, "experimentalRank": null,
    });
    let map = fields.as_object_mut().unwrap();
    match facts.roll(11, 5) {
        0 => {}
        1 => _ = map.insert("validDesignText".to_owned(), Value::Null),
        _ => _ = map.insert("validDesignText".to_owned(), DESIGNS[facts.roll(13, 6) as usize].into()),
    }
    match facts.roll(17, 25) {
        0 if facts.sellable => {}
        1 if facts.sellable => _ = map.insert("onlineSellable".to_owned(), Value::Null),
        _ => _ = map.insert("onlineSellable".to_owned(), facts.sellable.into()),
    }
    let images = [0, 1, 2].map(|n| json!({"type": "PRODUCT_IMAGE", "url": image(facts, n), "altText": null}));
    match facts.roll(19, 12) {
        0 => {}
        1 => _ = map.insert("allProductImage".to_owned(), Value::Null),
        2 => {
            map.insert("allProductImage".to_owned(), images.to_vec().into());
            map.insert("mainImageUrl".to_owned(), Value::Null);
        }
        _ => _ = map.insert("allProductImage".to_owned(), images.to_vec().into()),
    }
    if facts.roll(23, 3) == 0 {
        map.insert("contextualImageUrl".to_owned(), image(facts, 9).into());
    }
    if facts.roll(29, 3) != 0 {
        map.insert("ratingValue".to_owned(), json!(facts.roll(40, 40) as f64 / 10.0 + 1.0));
        map.insert("ratingCount".to_owned(), facts.roll(47, 3_000).into());
    }
    if let Price::Restricted { mark, .. } = facts.price {
        match mark {
            Mark::OwnTag => _ = map.insert("tag".to_owned(), "FAMILY_PRICE".into()),
            Mark::Everywhere => {
                map.insert("tag".to_owned(), "FAMILY_PRICE".into());
                map.insert("badge".to_owned(), json!({"type": "IN_STORE_OFFER_ONLY", "text": "매장 전용"}));
            }
            Mark::Badge => {
                map.insert("badge".to_owned(), json!({"type": "IN_STORE_OFFER_ONLY", "text": "매장 전용"}));
            }
            _ => {}
        }
    } else if facts.roll(17, 7) == 0 {
        map.insert("tag".to_owned(), "NEW_PRODUCT".into());
        map.insert("badge".to_owned(), json!({"type": "NEW_PRODUCT", "text": "새로운 제품"}));
    }
    fields.as_object().unwrap().clone()
}
