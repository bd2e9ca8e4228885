//! Texts that nobody thought of.

use proptest::prelude::*;

use super::tests::split_in;

fn json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[\\[\\]{}\",:\\\\]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// An element that may hold a product, the keys that matter perhaps written with escapes.
fn element() -> impl Strategy<Value = (serde_json::Value, bool)> {
    use serde_json::Value;
    let kind = prop_oneof![Just(Value::from("A")), Just(Value::from("B")), json()];
    let product =
        prop_oneof![json().prop_map(|inside| serde_json::json!({ "type": "B", "x": inside })), json()];
    let member = prop_oneof![
        ("(type|typ|types)", kind).boxed(),
        ("(product|produc\\t)", product).boxed(),
        (any::<String>(), json()).boxed(),
        ("x", json().prop_map(|inside| serde_json::json!([{ "type": "B", "product": { "a": inside } }])))
            .boxed(),
    ];
    let object =
        prop::collection::vec(member, 0..6).prop_map(|members| Value::Object(members.into_iter().collect()));
    (prop_oneof![9 => object, 1 => json()], any::<bool>())
}

/// What of an element is the product, by a parser.
fn held(element: &serde_json::Value) -> Option<&serde_json::Value> {
    let is_other = element.get("type").and_then(|kind| kind.as_str()).is_some_and(|kind| kind != "A");
    let inside = element.get("product").filter(|product| product.is_object());
    (!is_other).then_some(inside.unwrap_or(element))
}

proptest! {
    #[test]
    fn elements_are_taken_apart_as_a_json_parser_reads_them(
        elements in prop::collection::vec(element(), 1..6), step in 1usize..200, pretty in any::<bool>(),
    ) {
        let text = |(element, escaped): &(serde_json::Value, bool)| {
            let text = if pretty { serde_json::to_string_pretty(element) } else { serde_json::to_string(element) };
            let text = text.unwrap();
            if *escaped { text.replace("\"type\"", "\"t\\u0079pe\"").replace("\"product\"", "\"\\u0070roduct\"") } else { text }
        };
        let whole = format!("[{}]", elements.iter().map(text).collect::<Vec<_>>().join(","));
        let pieces: Vec<&[u8]> = whole.as_bytes().chunks(step).collect();
        let (items, _) = split_in(&pieces, "/*[type=A]/product", None).unwrap();
        let read: Vec<serde_json::Value> = items.iter().map(|item| serde_json::from_str(item).unwrap()).collect();
        let expected: Vec<serde_json::Value> = elements.iter().filter_map(|(element, _)| held(element)).cloned().collect();
        let again = |values: Vec<serde_json::Value>| serde_json::to_string(&values).unwrap();
        // A parser reads its own floats as others here and there.
        let expected: Vec<serde_json::Value> = serde_json::from_str(&again(expected)).unwrap();
        prop_assert_eq!(read, expected);
    }

    #[test]
    fn any_json_is_split_as_a_json_parser_reads_it(
        products in prop::collection::vec(json(), 0..6),
        before in json(),
        after in json(),
        step in 1usize..40,
        pretty in any::<bool>(),
    ) {
        let document = serde_json::json!({"a": before, "b": {"p": products, "q": after}});
        let text = if pretty { serde_json::to_vec_pretty(&document) } else { serde_json::to_vec(&document) };
        let text = text.unwrap();
        let pieces: Vec<&[u8]> = text.chunks(step).collect();
        let (items, _) = split_in(&pieces, "/b/p", None).unwrap();
        let read: Vec<serde_json::Value> = items.iter().map(|i| serde_json::from_str(i).unwrap()).collect();
        let expected: Vec<serde_json::Value> =
            products.iter().map(|p| serde_json::from_str(&p.to_string()).unwrap()).collect();
        prop_assert_eq!(read, expected);
    }

    #[test]
    fn any_bytes_are_split_or_refused_without_panic_the_same_in_pieces(
        text in "[\\[\\]{}\",:\\\\ 1tn\n\u{feff}a]{0,40}", pointer in "(/a|/0|/1|)", step in 1usize..8,
    ) {
        for items in [pointer.as_str(), "ndjson"] {
            let pieces: Vec<&[u8]> = text.as_bytes().chunks(step).collect();
            prop_assert_eq!(split_in(&pieces, items, None), split_in(&[text.as_bytes()], items, None));
        }
    }

    #[test]
    fn broken_json_and_plain_noise_never_panic_and_say_the_same_in_pieces(
        products in prop::collection::vec(json(), 0..4),
        at in any::<prop::sample::Index>(),
        noise in prop::collection::vec(any::<u8>(), 0..6),
        instead in 0usize..4,
        step in 1usize..40,
    ) {
        let mut text = serde_json::to_vec(&serde_json::json!({"n": products.len(), "p": products})).unwrap();
        let at = at.index(text.len());
        let end = (at + instead).min(text.len());
        text.splice(at..end, noise);
        for items in ["/p", "", "ndjson"] {
            let pieces: Vec<&[u8]> = text.chunks(step).collect();
            prop_assert_eq!(split_in(&pieces, items, Some("/n")), split_in(&[&text], items, Some("/n")));
        }
        // What a JSON parser reads is never refused as no JSON.
        if let Ok(read) = serde_json::from_slice::<serde_json::Value>(&text)
            && let Some(products) = read.get("p").and_then(|products| products.as_array())
            && text.windows(4).filter(|key| key == b"\"p\":").count() == 1
        {
            let (items, _) = split_in(&[&text], "/p", None).unwrap();
            prop_assert_eq!(items.len(), products.len());
        }
    }
}
