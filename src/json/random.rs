//! Texts that nobody thought of.

use proptest::prelude::*;
use serde_json::Value;

use super::{Path, elements, members, unescaped};

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[\\[\\]{}\",:\\\\*]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[ab\\\\\"/~]{0,2}", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Every pointer into a value, and what stands there.
fn places(value: &Value, at: String, all: &mut Vec<(String, Value)>) {
    all.push((at.clone(), value.clone()));
    match value {
        Value::Array(elements) => {
            elements.iter().enumerate().for_each(|(n, element)| places(element, format!("{at}/{n}"), all));
        }
        Value::Object(members) => members.iter().for_each(|(key, member)| {
            let key = key.replace('~', "~0").replace('/', "~1");
            places(member, format!("{at}/{key}"), all);
        }),
        _ => {}
    }
}

fn parsed(text: &[u8]) -> Value {
    serde_json::from_slice(text).unwrap()
}

proptest! {
    #[test]
    fn every_place_is_found_as_a_json_parser_finds_it(value in json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_vec_pretty(&value) } else { serde_json::to_vec(&value) };
        let text = text.unwrap();
        let mut all = Vec::new();
        places(&parsed(&text), String::new(), &mut all);
        for (at, there) in all {
            let found = Path::parse(&at).unwrap().all(&text).unwrap();
            prop_assert_eq!(found.len(), 1, "{}", at);
            prop_assert_eq!(parsed(found[0]), there, "{}", at);
        }
        let texts: Vec<Value> = Path::parse("/*").unwrap().all(&text).unwrap_or_default().into_iter().map(parsed).collect();
        prop_assert_eq!(texts, parsed(&text).as_array().cloned().unwrap_or_default());
    }

    #[test]
    fn no_bytes_make_it_panic_and_what_it_finds_stands_in_them(
        text in prop_oneof![
            "[\\[\\]{}\",:\\\\ 1tn\n\u{feff}a*]{0,40}".prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>(), 0..40),
        ],
        path in "(/(a|0|1|\\*|\\*\\[a=1\\])){0,4}",
    ) {
        let inside = |found: &[u8]| {
            let range = text.as_ptr_range();
            found.is_empty() || range.contains(&found.as_ptr()) && found.as_ptr_range().end <= range.end
        };
        for (key, value) in members(&text) {
            prop_assert!(inside(key) && inside(value) && !value.is_empty());
            let _ = unescaped(key);
        }
        prop_assert!(elements(&text).all(inside));
        if let Ok(found) = Path::parse(&path).unwrap().all(&text) {
            prop_assert!(found.into_iter().all(inside));
        }
    }
}
