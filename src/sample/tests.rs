use std::collections::{BTreeMap, BTreeSet};

use serde::de::IgnoredAny;

use super::*;
use crate::filter::SkipReason;

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
        for one in std::iter::once(product).chain(variants).filter(|p| p["salesPrice"].is_object()) {
            assert!(ids.insert(one["itemNo"].as_str().unwrap().to_owned()), "{one}");
            assert!((2..=5).contains(&one["categoryPath"].as_array().unwrap().len()), "{one}");
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
        [(SMALL, 2), (Sample { products: EMBEDDED, ..SMALL }, 1), (Sample { products: 10_000, ..SMALL }, 31)]
    {
        let (_, planted) = document(&sample);
        let skipped: u64 = planted.skipped.values().sum();
        let broken: u64 = planted.broken.values().sum();
        assert_eq!(planted.raw_items, sample.products as u64);
        assert_eq!(planted.fetched, planted.kept + skipped + broken + planted.duplicates);
        // Some variations of a missing price are something else in its place: rarer than the kinds themselves.
        let (rare, kinds): (Vec<_>, Vec<_>) =
            planted.broken.iter().partition(|(rule, _)| *rule == "price_pc: not_an_amount");
        assert!(kinds.len() == 11 && kinds.iter().all(|(_, n)| **n >= each / 2), "{planted:?}");
        assert_eq!(rare.len(), usize::from(sample.products > 3 * CYCLE as usize), "{planted:?}");
        let reasons: Vec<SkipReason> = planted.skipped.keys().copied().collect();
        use SkipReason::{NoImage, NoPrice, NotSellable, PriceTooLow, RestrictedPrice, SellableUnclear};
        assert_eq!(reasons, [NotSellable, SellableUnclear, RestrictedPrice, NoPrice, PriceTooLow, NoImage]);
        assert!(planted.duplicates >= 2 * each, "{planted:?}");
        assert!(broken * 20 < planted.kept, "the sample stays far from the gate's 10 %: {planted:?}");
    }
}

/// What can be told of a product without the exporter's rules.
fn outcome(text: &[u8]) -> &'static str {
    let mut stripped = text.to_vec();
    if let Some(at) = memchr::memmem::find(&stripped, b"\\ud83e") {
        stripped.splice(at..at + 6, *b"?");
    }
    let mut reader = serde_json::Deserializer::from_slice(&stripped);
    let fields: BTreeMap<String, Value> = match serde::Deserialize::deserialize(&mut reader) {
        Ok(fields) => fields,
        // too deep for a `Value`, not for a parser that skips what it does not use
        Err(e) if e.to_string().starts_with("recursion") => return "kept",
        Err(_) => return "unreadable",
    };
    let empty = |key: &str| fields.get(key).is_none_or(|v| v.as_str().is_none_or(str::is_empty));
    if empty("itemNo") {
        "no_id"
    } else if empty("name") {
        "no_name"
    } else if fields.get("onlineSellable") == Some(&Value::Bool(false)) {
        "not_sellable"
    } else if !fields.get("salesPrice").is_some_and(|p| p["numeral"].is_number()) {
        "no_price"
    } else {
        "kept"
    }
}

#[test]
fn planted_defects_are_what_they_say_and_harmless_dirt_is_harmless() {
    for index in 0..14 * CYCLE {
        let text = SMALL.product(index as usize);
        let Place::Dirty(dirt) = dirt::place(index) else {
            assert_eq!(outcome(&text), "kept");
            continue;
        };
        let expected = match dirt {
            Dirt::NotAnObject | Dirt::BrokenJson => "unreadable",
            Dirt::NoId => "no_id",
            Dirt::NoName => "no_name",
            Dirt::NotSellable | Dirt::SkippedTwin => "not_sellable",
            Dirt::NoPrice => "no_price",
            _ => "kept",
        };
        assert_eq!(outcome(&text), expected, "{dirt:?}: {}", String::from_utf8_lossy(&text));
        if dirt != Dirt::NotAnObject && dirt != Dirt::BrokenJson {
            serde_json::from_slice::<IgnoredAny>(&text).unwrap();
        }
    }
}

#[test]
fn a_product_is_about_as_large_as_a_real_one() {
    let sample = Sample { products: 5000, seed: 1, dirty: false };
    let size = document(&sample).0.len() / sample.products;
    assert!((1750..2050).contains(&size), "{size} bytes");
}
