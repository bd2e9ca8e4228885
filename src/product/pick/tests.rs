use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};

use super::*;
use crate::{
    map::{FieldMap, Fields},
    preset::first,
    product::read,
    sample::Sample,
};

/// A map that asks for whatever a map can ask for: elements by number and by condition, lists in lists, values of maps,
/// several things at one place.
fn odd_map() -> FieldMap {
    let fields: Fields = serde_json::from_value(json!({
        "id": ["/a", "/b/0"], "name": "/b/*/a", "title": ["/b", "/a"], "price": "/c/a", "link": "/c/b/*",
        "images": ["/d/*/*", "/d/*[a=1]/b"], "categories": {"names": ["/c/*/a"], "keys": "/c/*/b"},
        "marks": ["/c", "/d/a"], "variants": "/d"
    }))
    .unwrap();
    FieldMap::try_from(fields).unwrap()
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        select(vec![
            json!(null),
            json!(true),
            json!(1),
            json!(0),
            json!(-0.0),
            json!(-7),
            json!(u64::MAX),
            json!(1e300)
        ]),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[가a\"\\\\\n/\u{7f} ]{0,4}".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-e]", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// What a product may come as: its text, and what one slip of a byte makes of it.
fn slipped(mut text: Vec<u8>, slips: &[(prop::sample::Index, u8, u8)]) -> Vec<u8> {
    for (at, kind, byte) in slips {
        let at = at.index(text.len().max(1)).min(text.len());
        match kind {
            0 if at < text.len() => text[at] = *byte,
            1 if at < text.len() => drop(text.remove(at)),
            2 => text.insert(at, *byte),
            // What stands behind stands there twice.
            3 => text.extend_from_within(at..),
            _ => {}
        }
    }
    text
}

fn slips() -> impl Strategy<Value = Vec<(prop::sample::Index, u8, u8)>> {
    let byte = prop_oneof![select(&b"\"\\{}[]:,0-.eEu \n\0\x1ftfn9"[..]), any::<u8>()];
    prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8, byte), 0..3)
}

/// Whether it is sure; then it must say what the parser says.
fn is_sure(map: &FieldMap, text: &[u8], used: &mut Product<'_>, stops: &mut Stops) -> bool {
    let mut picked = std::mem::take(used).emptied();
    let sure = product(map.plan(), text, stops, &mut picked).is_some();
    if sure {
        let parsed = read::product(map.plan(), text);
        // Not only what counts as the same: a number is none within quotes.
        let [picked, parsed] = [Some(&picked), parsed.as_ref().ok()].map(|product| format!("{product:?}"));
        assert_eq!(picked, parsed, "{}", String::from_utf8_lossy(text));
    }
    *used = picked.emptied();
    sure
}

#[test]
fn of_plain_products_it_is_sure() {
    let (map, sample) = (first().map().unwrap(), Sample { products: 50, seed: 3, dirty: false });
    let (mut used, mut stops) = (Product::default(), Stops::default());
    for index in 0..sample.products {
        assert!(is_sure(&map, &sample.product(index), &mut used, &mut stops), "{index}");
    }
    for text in [
        r#"{"itemNo":"1","name":"\ub178\ubc14\/\"x\"","salesPrice":{"numeral":1e3,"tag":["NONE"]},"x":[1,{"y":[]}]}"#,
        " {\n \"itemNo\" : 7 ,\t\"categoryPath\" : [ { \"name\" : \"\u{1f600}\" } ] }\r\n",
        "{}",
    ] {
        assert!(is_sure(&map, text.as_bytes(), &mut used, &mut stops), "{text}");
    }
}

#[test]
fn what_is_doubtful_is_left_to_the_parser() {
    let map = first().map().unwrap();
    let deep = format!(r#"{{"x":{}{}}}"#, "[".repeat(120), "]".repeat(120));
    for text in [
        r#"{"itemNo":"1","itemNo":"1"}"#,
        r#"{"item\u004eo":"1"}"#,
        r#"{"a":1}x"#,
        r#"{"a":01}"#,
        r#"{"a":1.}"#,
        r#"{"a":"\x"}"#,
        r#"{"a":"\u12g4"}"#,
        "{\"a\":\"\n\"}",
        r#"{"a":tru}"#,
        r#"{"a":1,}"#,
        r#"{"a" 1}"#,
        r#"{"a":}"#,
        "[]",
        "",
        "{",
        r#"{"a":["#,
        r#"{"a":[1}"#,
        r#"{"name":"\ud800"}"#,
        r#"{"ratingCount":1e999}"#,
        &deep,
    ] {
        assert!(!is_sure(&map, text.as_bytes(), &mut Product::default(), &mut Stops::default()), "{text}");
    }
    assert!(!is_sure(&map, b"{\"a\":\"\xff\"}", &mut Product::default(), &mut Stops::default()));
    // What stands in a list's place is read, whatever it is; what stands in it is not.
    for (text, sure) in [
        (r#"{"b":{"a":1e000000000000309,"d":null}}"#, false),
        (r#"{"b":{"a":"\ud800"}}"#, false),
        (r#"{"b":{"a":"\u00e5","c":-7,"d":true,"e":[1e999]}}"#, true),
    ] {
        let is_sure = is_sure(&odd_map(), text.as_bytes(), &mut Product::default(), &mut Stops::default());
        assert_eq!(is_sure, sure, "{text}");
    }
}

proptest! {
    #[test]
    fn what_it_is_sure_of_is_what_the_parser_says(value in value(), pretty in any::<bool>(), slips in slips()) {
        let text = if pretty { serde_json::to_vec_pretty(&value) } else { serde_json::to_vec(&value) };
        is_sure(&odd_map(), &slipped(text.unwrap(), &slips), &mut Product::default(), &mut Stops::default());
    }

    #[test]
    fn a_shops_products_are_what_the_parser_says(index in 0..400_usize, dirty in any::<bool>(), slips in slips()) {
        let text = Sample { products: 400, seed: 5, dirty }.product(index);
        let map = first().map().unwrap();
        is_sure(&map, &slipped(text, &slips), &mut Product::default(), &mut Stops::default());
    }

    #[test]
    fn what_came_before_changes_nothing(
        products in prop::collection::vec((value(), any::<bool>(), slips()), 1..6),
        other in any::<bool>(),
    ) {
        let (maps, mut stops, mut used) = ([odd_map(), first().map().unwrap()], Stops::default(), Product::default());
        for (nth, (value, pretty, slips)) in products.iter().enumerate() {
            let text = if *pretty { serde_json::to_vec_pretty(value) } else { serde_json::to_vec(value) };
            let text = slipped(text.unwrap(), slips);
            let map = &maps[usize::from(other && nth % 2 == 1)];
            let fresh = is_sure(map, &text, &mut Product::default(), &mut Stops::default());
            // The same once more, as it is expected by then.
            for _ in 0..2 {
                prop_assert_eq!(is_sure(map, &text, &mut used, &mut stops), fresh);
            }
        }
    }

    #[test]
    fn a_shops_products_in_a_row_are_what_the_parser_says(
        rows in prop::collection::vec((0..400_usize, any::<bool>(), slips()), 1..8),
    ) {
        let (map, mut stops, mut used) = (first().map().unwrap(), Stops::default(), Product::default());
        for (index, dirty, slips) in rows {
            let text = Sample { products: 400, seed: 5, dirty }.product(index);
            is_sure(&map, &slipped(text, &slips), &mut used, &mut stops);
        }
    }
}
