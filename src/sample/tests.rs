use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{dirt::CYCLE, harmless::Harmless, *};

const SMALL: Sample = Sample { products: 2 * CYCLE as usize, seed: 7, dirty: true };

fn document(sample: &Sample) -> (Vec<u8>, Planted) {
    let mut text = Vec::new();
    let planted = sample.write(&mut text).unwrap();
    (text, planted)
}

#[test]
fn the_same_sample_is_the_same_bytes_and_another_seed_is_not() {
    let (text, planted) = document(&SMALL);
    assert_eq!(document(&SMALL), (text.clone(), planted));
    assert_ne!(document(&Sample { seed: 8, ..SMALL }).0, text);
    assert_eq!(embedded(), embedded());
}

#[test]
fn products_are_the_documents_elements() {
    let (text, _) = document(&SMALL);
    let elements: Vec<Vec<u8>> = (0..SMALL.products).map(|i| SMALL.product(i)).collect();
    let joined = elements.join(&b','.to_owned());
    assert_eq!(text, [b"{\"moreProducts\":{\"productWindow\":[", &joined[..], b"]}}"].concat());
}

#[test]
fn a_clean_sample_is_valid_json_and_every_product_is_kept_under_an_id_of_its_own() {
    let sample = Sample { products: 2000, seed: 3, dirty: false };
    let (text, planted) = document(&sample);
    let root: Value = serde_json::from_slice(&text).unwrap();
    let products = root["moreProducts"]["productWindow"].as_array().unwrap();
    let mut ids = BTreeSet::new();
    let mut whole = 0;
    for product in products {
        let variants = product["gprDescription"]["variants"].as_array().unwrap();
        assert!((1..=7).contains(&product["categoryPath"].as_array().unwrap().len()), "{product}");
        assert!(variants.iter().all(|variant| variant.get("categoryPath").is_none()), "{product}");
        for one in std::iter::once(product).chain(variants).filter(|p| p["salesPrice"].is_object()) {
            assert!(ids.insert(one["itemNo"].as_str().unwrap().to_owned()), "{one}");
            assert!(one["pipUrl"].as_str().unwrap().len() < 120, "{one}");
            whole += 1;
        }
    }
    let restricted = planted.skipped[&SkipReason::RestrictedPrice];
    let expected = Planted {
        raw_items: 2000,
        fetched: whole + planted.duplicates,
        kept: whole - restricted,
        skipped: planted.skipped.clone(),
        duplicates: planted.duplicates,
        ..Planted::default()
    };
    assert_eq!(planted, expected);
    assert!(whole > 2000 && restricted > 10 && planted.duplicates > 10, "{planted:?}");
}

#[test]
fn every_kind_of_defect_is_planted_and_the_counts_add_up() {
    for (sample, each) in
        [(SMALL, 2), (Sample { products: EMBEDDED, ..SMALL }, 1), (Sample { products: 10_000, ..SMALL }, 25)]
    {
        let (_, planted) = document(&sample);
        let skipped: u64 = planted.skipped.values().sum();
        let broken: u64 = planted.broken.values().sum();
        assert_eq!(planted.raw_items, sample.products as u64);
        assert_eq!(planted.fetched, planted.kept + skipped + broken + planted.duplicates);
        // What it is depends on the variation for two kinds only.
        let (rare, kinds): (Vec<_>, Vec<_>) =
            planted.broken.iter().partition(|(rule, _)| **rule == "product: two_values".into());
        assert!(kinds.len() == 15 && kinds.iter().all(|(_, n)| **n >= each / 5), "{planted:?}");
        assert_eq!(rare.len(), usize::from(sample.products > 3 * CYCLE as usize), "{planted:?}");
        let reasons: Vec<SkipReason> = planted.skipped.keys().copied().collect();
        use SkipReason::{NoImage, NoPrice, NotSellable, PriceTooLow, RestrictedPrice, SellableUnclear};
        assert_eq!(reasons, [NotSellable, SellableUnclear, RestrictedPrice, NoPrice, PriceTooLow, NoImage]);
        assert!(planted.duplicates >= 20 * each && planted.others >= 2 * each, "{planted:?}");
        assert!(broken * 20 < planted.kept, "the sample stays far from the gate's 10 %: {planted:?}");
    }
}

/// What can be told of a product without the exporter's rules.
fn outcome(fields: &BTreeMap<String, Value>) -> &'static str {
    let there = |key: &str| {
        fields.get(key).is_some_and(|v| v.is_number() || v.as_str().is_some_and(|t| !t.is_empty()))
    };
    let price = fields.get("salesPrice").map_or(&Value::Null, |price| price.get("numeral").unwrap_or(price));
    let sellable = fields.get("onlineSellable").filter(|sellable| !sellable.is_null());
    if !there("itemNo") {
        "no_id"
    } else if !there("name") {
        "no_name"
    } else if sellable == Some(&json!(false)) {
        "not_sellable"
    } else if sellable.is_some_and(|s| ![json!(true), json!("true"), json!(1), json!("Y")].contains(s)) {
        "sellable_unclear"
    } else if price.is_null()
        || price == " "
        || fields.get("salesPrice").is_some_and(|p| p.is_object() && p.get("numeral").is_none())
    {
        "no_price"
    } else {
        "kept"
    }
}

/// Whether JSON has no way to say it, so that a strict parser takes nothing of the product.
fn is_raw(dirt: Dirt, turn: u64) -> bool {
    use Harmless::{BareWord, HugeNumber, NotANumber, OtherBytes, RawControl, Surrogates};
    match dirt {
        Dirt::BrokenJson
        | Dirt::Harmless(BareWord | HugeNumber | NotANumber | OtherBytes | RawControl | Surrogates) => true,
        Dirt::UnsoundParent => turn % 4 == 3,
        Dirt::SellableUnclear => turn % 7 == 5,
        Dirt::PriceUnreadable => [1, 3].contains(&(turn % 9)),
        _ => false,
    }
}

#[test]
fn planted_defects_are_what_they_say_and_harmless_dirt_is_harmless() {
    for index in 0..14 * CYCLE {
        let text = SMALL.product(index as usize);
        let shown = String::from_utf8_lossy(&text);
        let parsed = serde_json::from_slice::<BTreeMap<String, Value>>(&text);
        let Place::Dirty(dirt, turn) = dirt::place(index) else {
            assert_eq!(outcome(&parsed.unwrap()), "kept", "{shown}");
            continue;
        };
        if is_raw(dirt, turn) {
            assert!(parsed.is_err(), "{dirt:?}: {shown}");
            continue;
        }
        let parsed = match dirt {
            Dirt::Harmless(Harmless::Wrapped) => {
                serde_json::from_value(parsed.unwrap().remove("product").unwrap())
            }
            _ => parsed,
        };
        let expected = match dirt {
            Dirt::Content => {
                assert!(parsed.unwrap()["type"] != "PRODUCT", "{shown}");
                continue;
            }
            Dirt::NotAnObject => {
                assert!(parsed.is_err(), "{shown}");
                continue;
            }
            Dirt::NoId => "no_id",
            Dirt::NoName => "no_name",
            Dirt::NotSellable | Dirt::SkippedTwin => "not_sellable",
            Dirt::SellableUnclear => "sellable_unclear",
            Dirt::NoPrice => "no_price",
            Dirt::UnsoundParent => ["not_sellable", "no_price", "no_id"][turn as usize % 4],
            _ => "kept",
        };
        match parsed {
            // the second of two values is the one that a map keeps
            Ok(_) if dirt == Dirt::TwoValues => {}
            Ok(fields) => assert_eq!(outcome(&fields), expected, "{dirt:?}: {shown}"),
            // too deep for a `Value`, not for a parser that skips what it does not use
            Err(error) => assert!(error.to_string().starts_with("recursion"), "{dirt:?} {error}: {shown}"),
        }
    }
}

#[test]
fn the_compiled_in_catalogue_holds_each_kind_that_listings_were_seen_to_have() {
    let text = String::from_utf8_lossy(&embedded()).into_owned();
    for part in [
        "\"FAMILY_PRICE\"]",
        "\"tagWithText\":{\"tag\":\"FAMILY_PRICE\"",
        "IN_STORE_OFFER_ONLY",
        "\"wholeNumber\":\"문의\"",
        "\\ud83e",
        "\u{1}",
        ":NaN",
        "-Infinity",
        "99999999999999999999999999999999",
        "\u{fffd}",
        "\"onlineSellable\":\"false\"",
        "\"onlineSellable\":0",
        "\"onlineSellable\":\"N\"",
        "\"numeral\":\"무료\"",
        "\"mainImageUrl\":\"data:image",
        "\"mainImageUrl\":\"/kr/",
        "\"mainImageUrl\":\"//images.example",
        "\u{3164}",
        "\"name\":\"\u{200b}\u{feff}\"",
        "\"key\":\"products\"",
        "{\"type\":\"CONTENT\"",
        "{\"type\":\"PLANNER\"",
        "{\"type\":\"PRODUCT\"",
    ] {
        assert!(text.contains(part), "{part}");
    }
    let products: Vec<BTreeMap<String, Value>> = (0..EMBEDDED)
        .filter_map(|index| {
            serde_json::from_slice(&Sample { products: EMBEDDED, seed: 1, dirty: true }.product(index)).ok()
        })
        .collect();
    let elements: Vec<&Value> = products.iter().filter_map(|product| product.get("itemNo")).collect();
    let depth = |product: &BTreeMap<String, Value>| {
        let levels = product.get("categoryPath").and_then(Value::as_array).cloned().unwrap_or_default();
        levels.iter().filter(|level| level["key"] != "products").count()
    };
    assert_eq!(products.iter().map(depth).max(), Some(6));
    assert!(elements.iter().any(|id| elements.iter().filter(|other| *other == id).count() == 3));
    assert!(elements.iter().any(|id| id.is_number()));
    let mut places = BTreeSet::new();
    for (at, product) in products.iter().enumerate() {
        for variant in
            product.get("gprDescription").and_then(|g| g["variants"].as_array()).into_iter().flatten()
        {
            let alone = products.iter().position(|other| other.get("itemNo") == variant.get("itemNo"));
            places.insert(alone.map(|alone| alone.cmp(&at)));
        }
    }
    use std::cmp::Ordering::{Equal, Greater, Less};
    assert_eq!(places, BTreeSet::from([None, Some(Less), Some(Equal), Some(Greater)]));
}

#[test]
fn a_product_is_about_as_large_as_a_real_one() {
    let sample = Sample { products: 5000, seed: 1, dirty: false };
    let size = document(&sample).0.len() / sample.products;
    assert!((1750..2050).contains(&size), "{size} bytes");
}
